"""How the machinery is: signs of life of the worker, and which keys the data were made with."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one loop of the worker, or how often in a row one of its duties has failed."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()


class KeyMark(models.Model):
    """By what a key of IDEAS_KEYS is known again: a hash under itself that tells nothing about it."""

    name = models.CharField(max_length=100, primary_key=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
