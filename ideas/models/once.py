"""Forms of staff that were sent once, so that a second press of the same button does not do the act again."""

from django.db import models


class UsedKey(models.Model):
    """A posted form under a keyed hash; `answer` is what the first post led to, None while that is under way.

    Written by services.once. It holds an address or a count, never what was typed.
    """

    key = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(db_index=True)
    answer = models.JSONField(null=True)

    class Meta:
        default_permissions = ()
