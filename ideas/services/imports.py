"""Taking in the rows of a file: all or none, in few statements, through the same pure functions as a single idea."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ideas.choices import UNKNOWN_AREA, OfficeAct, Source
from ideas.models import Area, Campaign, Idea, IdeaEvent, Message, Resident, User
from ideas.queries.access import require
from ideas.rules import receipts
from ideas.services.duplicates import index_ideas
from ideas.services.entry import received_moment
from ideas.services.messages import new_messages
from ideas.services.office import log_act
from ideas.services.once import claim_key, finish_key, key_of
from ideas.services.residents import Entry, chosen, new_idea, new_resident

CHUNK = 2000
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True)
class Row:
    """One checked row: what the form would have given, and the day that counts."""

    answers: dict[str, Any]
    source: Source
    slip_on: date


def no_progress(rows: Iterable[Any], total: int) -> Iterable[Any]:
    return rows


@transaction.atomic
def import_rows(
    *,
    campaign: Campaign,
    rows: Sequence[Row],
    manager: User | None,
    at: datetime,
    tell: bool = False,
    progress: Progress = no_progress,
    form: str = "",
) -> int:
    """Take in every row or, if one is refused, none; gives how many. `tell`: send a receipt to each address given.

    `form` is the one-time key of the page: pressed again, it gives the first one's number and takes in nothing.
    `manager` is None on the command line only.
    """
    if manager:
        require(manager, "ideas.import_idea")
    key = key_of("import", form)
    if form and (first := claim_key(key=key, at=at)):
        return (first.answer or {}).get("rows", 0)
    log_act(act=OfficeAct.IMPORT, at=at, actor=manager, campaign=campaign, detail={"rows": len(rows), "told": tell})
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    areas: dict[str, Area | None] = {area.code: area for area in Area.objects.all()} | dict.fromkeys(("", UNKNOWN_AREA))
    for row in rows:
        if row.answers["topic"] not in topics or row.answers["area"] not in areas:
            chosen(campaign, row.answers)  # refuses, and says what is gone
    moments = {day: received_moment(campaign, slip_on=day, at=at) for day in {row.slip_on for row in rows}}
    numbers = _free_receipts(campaign, at)
    for chunk in _chunks(progress(rows, len(rows))):
        made = []
        for row in chunk:
            code, received_at = receipts.new_code(secrets.choice), moments[row.slip_on]
            idea, event = new_idea(
                campaign, row.answers, received_at, receipt=next(numbers), code=code, source=row.source,
                topic=topics[row.answers["topic"]], area=areas[row.answers["area"]],
                entry=Entry(by=manager, at=at, slip_on=row.slip_on),
            )  # fmt: skip
            made.append((idea, event, new_resident(idea, row.answers, received_at), code))
        _save(made, at=at, tell=tell)
    if form:
        finish_key(key=key, answer={"rows": len(rows)})
    return len(rows)


def _save(made: list[tuple[Idea, IdeaEvent, Resident, str]], *, at: datetime, tell: bool) -> None:
    Idea.objects.bulk_create([idea for idea, *_ in made])
    IdeaEvent.objects.bulk_create([event for _, event, *_ in made])
    Resident.objects.bulk_create([resident for *_, resident, _ in made])
    index_ideas([idea for idea, *_ in made])
    if tell:
        Message.objects.bulk_create(
            message
            for *_, resident, code in made
            for message in new_messages(
                resident, template="receipt", at=at, variables={"code": receipts.show_code(code)}
            )
        )


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _free_receipts(campaign: Campaign, at: datetime) -> Iterator[str]:
    """Receipt numbers that nobody has, and none twice; looked up many at a time."""
    year, given = timezone.localdate(at).year, set[str]()
    while True:
        drawn = {receipts.new_receipt(campaign.prefix, year, secrets.choice) for _ in range(500)} - given
        taken = set(Idea.objects.filter(receipt__in=drawn).values_list("receipt", flat=True))
        given |= drawn
        yield from drawn - taken
