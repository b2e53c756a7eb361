"""Whether the machinery does its work: signs of life of the worker, duties that fail, keys that are not ours."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models.functions import Cast

from ideas.choices import Medium
from ideas.models import Draft, Heartbeat, KeyMark, Message, Resident
from ideas.models.sealed import keyring
from ideas.rules.privacy import CannotOpen, Keyring

LOOPS = ("duties", *(str(medium) for medium in Medium))  # of the worker
FAILURES = 3  # of a duty in a row, until it is named


def silent_loops(at: datetime, *, most: timedelta) -> list[str]:
    """The loops of the worker that have given no sign of life for so long, or never."""
    alive = Heartbeat.objects.filter(name__in=LOOPS, at__gt=at - most).values_list("name", flat=True)
    return [name for name in LOOPS if name not in set(alive)]


def failing_duties() -> list[str]:
    """The worker's duties that have failed several times in a row; its log says how."""
    return list(Heartbeat.objects.filter(failures__gte=FAILURES).order_by("name").values_list("name", flat=True))


def given_up() -> int:
    """How many messages were given up and neither sent again nor closed."""
    return Message.objects.given_up().count()


def strange_keys() -> list[str]:
    """The names in IDEAS_KEYS under which another key hides than the one that the data were made with."""
    own, known = keyring().fingerprints(), dict(KeyMark.objects.values_list("name", "fingerprint"))
    strange = {name for name, fingerprint in own.items() if known.get(name, fingerprint) != fingerprint}
    return sorted(strange | _unable(keyring(), own.keys() - known.keys()))


def unmarked_keys() -> dict[str, str]:
    """name -> fingerprint of the keys that the database does not know yet."""
    own, known = keyring().fingerprints(), set(KeyMark.objects.values_list("name", flat=True))
    return {name: fingerprint for name, fingerprint in own.items() if name not in known}


def _unable(ring: Keyring, names: Iterable[str]) -> set[str]:
    """Which of these keys do not open what was sealed under their name: tried on the first and the last rows."""
    wanted, found = set(names), set()
    for model, column in ((Resident, "contact"), (Draft, "payload")) if wanted else ():
        context = f"{model._meta.db_table}.{column}"
        every: Any = model._default_manager
        rows = every.annotate(raw=Cast(column, models.TextField())).exclude(raw="")
        ends = [rows.order_by(order).values_list("raw", flat=True).first() for order in ("pk", "-pk")]
        for sealed in filter(None, ends):
            name = sealed.split(":")[1]
            try:
                ring.open(sealed, context)
            except CannotOpen:
                found.add(name)
    return found & wanted
