"""What staff had typed when their session was over: sealed, for a day, for the one who typed it."""

from django.db import models

from ideas.models.people import User
from ideas.models.sealed import SealedJSONField


class KeptPost(models.Model):
    """A form of staff that could not be taken because nobody was logged in any more, or its token was gone.

    `path` is where it was sent, `page` where it stood; `payload` is {"typed": {name: [values]}}, without passwords and
    files. Written by services.kept; sending the form, or a day, takes it away.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="kept_posts")
    path = models.CharField(max_length=500)
    page = models.CharField(max_length=500)
    payload = SealedJSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
