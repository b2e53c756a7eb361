"""What stamps cover, and whether it is still there."""

import heapq
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Model, Q

from ideas.choices import OfficeAct
from ideas.models import AuditStamp, IdeaEvent, OfficeEvent, Rating, ReferralEvent, SealedRecord
from ideas.models.sealed import is_vouched
from ideas.rules import stamps
from ideas.rules.stamps import Span

PURPOSE = "stamp"
# table -> (its rows, the column that holds the portal's word for a row). Of ratings only that each is there on its
# assignment: the words for their marks stand beside them and change with them.
GROWING: dict[str, tuple[type[Model], str]] = {
    "events": (IdeaEvent, "digest"),
    "office": (OfficeEvent, "seal"),
    "records": (SealedRecord, "seal"),
    "ratings": (Rating, "assignment_id"),
    "referrals": (ReferralEvent, "seal"),
}
LATE = timedelta(days=1)  # longer than any transaction lasts: a lower number that is kept after a higher one
MOST_GAPS = 300  # numbers that a database gave and took back; a query names so many of them at most
BATCH = 5000


def fresh_rows(table: str, at: datetime) -> tuple[list[Span], int, str]:
    """The rows that no stamp covers yet, how many, and their hash."""
    model, mark = GROWING[table]
    rows = model._default_manager.filter(_not_covered(table, at)).order_by("pk").values_list("pk", mark)
    found: list[int] = []

    def passing() -> Iterator[tuple[int, str]]:
        for number, digest in rows.iterator(BATCH):
            found.append(number)
            yield number, digest

    count, digest = stamps.hash_of(passing())
    return stamps.spans_of(found), count, digest


def _not_covered(table: str, at: datetime) -> Q:
    """Behind the last covered row, or in a gap that a transaction under way may have left."""
    before = _spans(table, Q(at__lte=at - LATE))
    known = _spans(table, Q(at__gt=at - LATE))
    settled = max((last for _first, last in before), default=0)
    last = max((end for _first, end in known), default=settled)
    found = Q(pk__gt=last)
    for first, end in stamps.gaps([span for span in known if span[0] > settled], settled)[-MOST_GAPS:]:
        found |= Q(pk__range=(first, end))
    return found


def _spans(table: str, which: Q) -> list[Span]:
    covers = AuditStamp.objects.filter(which).order_by("number").values_list("covers", flat=True)
    return [span for row in covers.iterator(BATCH) if table in row for span in stamps.read(row[table]["rows"])]


def broken_stamps() -> Iterator[str]:
    """Stamps that were altered or removed, and rows that were removed, altered or slipped in since their stamp."""
    number, previous = 0, ""
    for number, stamp in enumerate(AuditStamp.objects.order_by("number").iterator(BATCH), start=1):
        name = f"stamp {number} ({stamp.at:%Y-%m-%d %H:%M} UTC)"
        if stamp.number != number or stamp.previous != previous:
            yield f"{name}: it does not follow the one before; stamps are missing"
            return
        if not is_vouched(stamp.digest, PURPOSE, stamp.facts(), stamp.at):
            yield f"{name}: altered, or not made by this portal"
        previous = stamp.digest
        for table, cover in stamp.covers.items():
            yield from _changed(name, table, cover)
    yield from _slipped_in()


def _changed(name: str, table: str, cover: dict[str, Any]) -> Iterator[str]:
    count, digest = stamps.hash_of(_rows(table, stamps.read(cover["rows"])))
    if count != cover["count"]:
        yield f"{name}: of {cover['count']} rows of {table} {cover['count'] - count} are gone"
    elif digest != cover["hash"]:
        yield f"{name}: rows of {table} were altered"


def _rows(table: str, spans: Sequence[Span]) -> Iterator[tuple[int, str]]:
    """What is there, and what was there until somebody took it away whose act stands in the office's log."""
    model, mark = GROWING[table]
    taken = _taken_away() if table == "ratings" else {}
    for first, last in spans:
        rows = model._default_manager.filter(pk__range=(first, last)).order_by("pk").values_list("pk", mark)
        gone = sorted((pk, assignment) for pk, assignment in taken.items() if first <= pk <= last)
        yield from heapq.merge(rows.iterator(BATCH), gone)


def _taken_away() -> dict[int, int]:
    """Ratings typed in from paper by mistake: their keys, and of which assignment."""
    details = OfficeEvent.objects.filter(act=OfficeAct.PAPER_AWAY).values_list("detail", flat=True)
    return {detail["rating"]: detail["seat"] for detail in details if "rating" in detail}


def _slipped_in() -> Iterator[str]:
    for table, (model, _mark) in GROWING.items():
        spans = _spans(table, Q())
        last = max((end for _first, end in spans), default=0)
        covered = sum(end - first + 1 for first, end in spans)
        there = model._default_manager.filter(pk__lte=last).count()
        waiting = model._default_manager.filter(_not_covered(table, _last_at()), pk__lte=last).count() if last else 0
        if there > covered + waiting:
            yield f"{there - covered - waiting} rows of {table} were slipped in behind the stamps"


def _last_at() -> datetime:
    return AuditStamp.objects.order_by("-number").values_list("at", flat=True)[0]


def heads() -> dict[str, Any] | None:
    """Number and digest of the last stamp, and how many rows all stamps cover: what is noted outside the database."""
    last = AuditStamp.objects.order_by("number").last()
    if last is None:
        return None
    totals = {table: sum(end - first + 1 for first, end in _spans(table, Q())) for table in GROWING}
    return {"at": last.at.isoformat(), "number": last.number, "digest": last.digest, **totals}


def differing_heads(path: Path) -> Iterator[str]:
    """Heads noted in a file (one JSON object a line) that are not those of the database."""
    for line in path.read_text(encoding="utf-8").splitlines():
        noted = json.loads(line)
        stamp = AuditStamp.objects.filter(number=noted["number"]).first()
        if stamp is None:
            yield f"stamp {noted['number']}, noted on {noted['at']}, is gone"
        elif stamp.digest != noted["digest"]:
            yield f"stamp {noted['number']} is not the one that was noted on {noted['at']}"
