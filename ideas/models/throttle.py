"""Counting what must not happen too often, in the database: exact with any number of processes."""

from django.db import models


class RateLimitCounter(models.Model):
    """How often something happened since its window of time began. `key` is a keyed hash, so no address stands here."""

    scope = models.CharField(max_length=30)
    key = models.CharField(max_length=100)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="tally_once_per_key")]
