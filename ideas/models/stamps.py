"""Stamps over everything that only grows: a chain of their own, so that a removed row shows, and a removed idea."""

from typing import Any

from django.db import models


class AuditStamp(models.Model):
    """What came since the stamp before: for each table which rows, how many, and the hash of their digests.

    Written by services.stamps only, by the worker: nobody who submits, decides or rates waits for it. Append-only.
    """

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField()
    covers = models.JSONField()  # {table: {"rows": "1-9,11", "count": 10, "hash": …}}
    previous = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        ordering = ("number",)

    def facts(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": int(self.at.timestamp() * 1_000_000),
            "covers": self.covers,
            "previous": self.previous,
        }
