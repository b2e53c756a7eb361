"""Traps for machines that people never notice: a field nobody sees, and a signed moment when the form was opened."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing

from ideas import conf
from ideas.choices import Suspicion

SALT = "form opened"
TRAP = "website"  # the name of the field that people do not see
STAMP = "opened"


def stamp(at: datetime) -> str:
    """The signed moment that a form carries along."""
    return signing.dumps(at.timestamp(), salt=SALT)


def carried(posted: Any, *, since: datetime) -> str:
    """The stamp that came with a form, for its next page: it was opened then. Without a good one, `since`."""
    return posted[STAMP] if _opened(posted.get(STAMP, "")) < since.timestamp() else stamp(since)


def suspicions(posted: Any, *, at: datetime) -> list[Suspicion]:
    """Why a form that comes back looks like a machine's."""
    found = []
    if posted.get(TRAP, "").strip():
        found.append(Suspicion.HONEYPOT)
    if _opened(posted.get(STAMP, "")) + timedelta(seconds=conf.suspect_seconds()).total_seconds() > at.timestamp():
        found.append(Suspicion.FAST)
    return found


def _opened(text: str) -> float:
    """When the form was opened; the end of time for a stamp that is missing or not ours."""
    try:
        return float(signing.loads(text, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return float("inf")
