"""Taking in the rows of a file: in short steps, in few statements, through the same pure functions as a single idea."""

import base64
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from ideas.choices import UNKNOWN_AREA, OfficeAct, Source
from ideas.models import Area, Campaign, Idea, IdeaEvent, ImportFile, Message, Resident, Topic, UsedKey, User
from ideas.queries.access import require
from ideas.rules import receipts
from ideas.services.duplicates import index_ideas
from ideas.services.entry import received_moment
from ideas.services.intake import Entry, chosen, new_idea, new_resident
from ideas.services.messages import new_messages
from ideas.services.office import log_act
from ideas.services.once import answer_of, claim_key, finish_key, key_of
from ideas.services.transactions import in_one_transaction, let_others_write

CHUNK = 100  # rows of one transaction: nobody who writes at the same time waits longer
FILE_LIFE = timedelta(hours=1)
Made = tuple[Idea, IdeaEvent, Resident, str]


@dataclass(frozen=True)
class Row:
    """One checked row: what the form would have given, and the day that counts."""

    answers: dict[str, Any]
    source: Source
    slip_on: date


def import_rows(
    *,
    campaign: Campaign,
    rows: Sequence[Row],
    manager: User | None,
    at: datetime,
    tell: bool = False,
    form: str = "",
    turn: int = 1,
) -> int:
    """Take in every row, or none if one is refused; returns how many."""
    steps = rows_going_in(campaign=campaign, rows=rows, manager=manager, at=at, tell=tell, form=form, turn=turn)
    for _done in steps:
        pass
    return len(rows)


def rows_going_in(
    *,
    campaign: Campaign,
    rows: Sequence[Row],
    manager: User | None,
    at: datetime,
    tell: bool = False,
    form: str = "",
    turn: int = 1,
) -> Iterator[int]:
    """Take in every row, or none if one is refused; returns how many are in: at the beginning, and after each step.

    In steps of a hundred rows, each a transaction, so that residents who write at the same time wait for one step
    and not for the file. How far it came is written with each step under the import's own key: whoever begins the same
    import (`form`: see `form_of()`) again goes on where it stopped, also beside the first, and a finished one takes in
    nothing, unless it is asked for its next `turn`, which all who ask for it at once share.
    `manager` is None on the command line only. `tell`: send a receipt to each address given.
    """
    key = key_of("import", form or uuid4())
    begun, done = _begin(key, turn, campaign=campaign, rows=rows, manager=manager, at=at, tell=tell)
    moments = _moments(campaign, rows, begun)
    yield done
    while done < len(rows):
        step = rows[done : done + CHUNK]
        done = _step(key, done, step, campaign=campaign, manager=manager, at=begun, moments=moments, tell=tell)
        yield done
        if done < len(rows):
            let_others_write()


def form_of(content: bytes, campaign: Campaign) -> str:
    """Under which name a file is taken in: the same whoever chooses it, in which browser, whatever is said of it."""
    return f"{sha256(content).hexdigest()} {campaign.slug}"


@dataclass(frozen=True)
class Begun:
    """How far an import is: rows that are in, rows of the file, which time they go in, when that was begun."""

    done: int
    rows: int
    turn: int
    at: datetime

    @property
    def is_in(self) -> bool:
        return self.done == self.rows


def has_begun(form: str) -> Begun | None:
    """How far the import under this name is, or None; known for two days, as every form that acts once."""
    answer = answer_of(key_of("import", form))
    return _begun(answer) if answer else None


def _begun(answer: dict[str, Any]) -> Begun:
    return Begun(answer["done"], answer["rows"], answer.get("turn", 1), datetime.fromisoformat(answer["at"]))


def _answer(begun: Begun) -> dict[str, Any]:
    return asdict(begun) | {"at": begun.at.isoformat()}


@in_one_transaction
def _begin(
    key: str, turn: int, *, campaign: Campaign, rows: Sequence[Row], manager: User | None, at: datetime, tell: bool
) -> tuple[datetime, int]:
    """The moment of the import and how many rows are in; where it begins it is logged, and every day asked for."""
    if manager:
        require(manager, "ideas.import_idea")
    claim_key(key=key, at=at)
    used = UsedKey.objects.select_for_update().get(key=key)
    begun = _begun(used.answer) if used.answer else None
    if begun and not (begun.is_in and turn == begun.turn + 1):
        return begun.at, begun.done
    _moments(campaign, rows, at)
    _choices(campaign, rows)
    log_act(act=OfficeAct.IMPORT, at=at, actor=manager, campaign=campaign, detail={"rows": len(rows), "told": tell})
    used.at, used.answer = at, _answer(Begun(0, len(rows), begun.turn + 1 if begun else 1, at))
    used.save(update_fields=["at", "answer"])
    return at, 0


def _moments(campaign: Campaign, rows: Sequence[Row], at: datetime) -> dict[date, datetime]:
    return {day: received_moment(campaign, slip_on=day, at=at) for day in {row.slip_on for row in rows}}


def _choices(campaign: Campaign, rows: Sequence[Row]) -> tuple[dict[str, Topic], dict[str, Area | None]]:
    """The topics and communities of the rows by what stands in the rows; refused if one is gone."""
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    areas: dict[str, Area | None] = {area.code: area for area in Area.objects.all()} | dict.fromkeys(("", UNKNOWN_AREA))
    for row in rows:
        if row.answers["topic"] not in topics or row.answers["area"] not in areas:
            chosen(campaign, row.answers)  # refuses, and says what is gone
    return topics, areas


def _step(
    key: str,
    start: int,
    rows: Sequence[Row],
    *,
    campaign: Campaign,
    manager: User | None,
    at: datetime,
    moments: dict[date, datetime],
    tell: bool,
) -> int:
    """Take in some rows, unless they are in already; returns how many of all rows are in then."""
    topics, areas = _choices(campaign, rows)
    numbers, made = _free_receipts(campaign, at), []
    for row in rows:
        code, received_at = receipts.new_code(secrets.choice), moments[row.slip_on]
        idea, event = new_idea(
            campaign, row.answers, received_at, receipt=next(numbers), code=code, source=row.source,
            topic=topics[row.answers["topic"]], area=areas[row.answers["area"]],
            entry=Entry(by=manager, at=at, slip_on=row.slip_on),
        )  # fmt: skip
        made.append((idea, event, new_resident(idea, row.answers, received_at), code))
    return _write_step(key, start, made, at=at, tell=tell)


@transaction.atomic
def _write_step(key: str, start: int, made: list[Made], *, at: datetime, tell: bool) -> int:
    """What took time to make is made before: as long as this lasts nobody else writes on SQLite."""
    used = UsedKey.objects.select_for_update().get(key=key)
    begun = _begun(used.answer or {})
    if begun.at != at:
        return begun.rows  # all of this turn are in, and the next has begun
    if begun.done != start:
        return begun.done
    _save(made, at=at, tell=tell)
    finish_key(key=key, answer=_answer(replace(begun, done=start + len(made))))
    return start + len(made)


@dataclass(frozen=True)
class KeptFile:
    """A file between looking through and taking in: sealed, its manager's own, for an hour."""

    campaign: Campaign
    manager: User
    content: bytes
    columns: Mapping[int, str] = field(default_factory=dict)  # what was said of unknown ones, place -> field
    day: date | None = None  # for rows without one
    key: UUID | None = None
    # As the page last showed it.
    looked_through: Mapping[int, str] | None = None
    of_campaign: Campaign | None = None

    @property
    def form(self) -> str:
        return form_of(self.content, self.campaign)


@in_one_transaction
def keep_file(*, file: KeptFile, day: date | None, at: datetime) -> KeptFile:
    """Keep a file that was looked through; looked through again, it keeps its key."""
    require(file.manager, "ideas.import_idea")
    key = file.key or uuid4()
    payload = {
        "file": base64.b64encode(file.content).decode(),
        "columns": {str(place): name for place, name in file.columns.items()},
        "day": str(day) if day else "",
    }
    kept = {"campaign": file.campaign, "payload": payload, "expires_at": at + FILE_LIFE}
    ImportFile.objects.update_or_create(key=key, manager=file.manager, defaults=kept)
    return replace(file, key=key, day=day)


def kept_file(*, key: UUID | None, manager: Any, at: datetime) -> KeptFile | None:
    """The file that this manager looked through under this key, or None."""
    own = ImportFile.objects.select_related("campaign").filter(manager=manager.pk)
    row = own.filter(key=key, expires_at__gt=at).first() if key else None
    if row is None:
        return None
    held = row.payload
    return KeptFile(
        campaign=row.campaign,
        manager=manager,
        content=base64.b64decode(held["file"]),
        columns={int(place): name for place, name in held["columns"].items()},
        day=date.fromisoformat(held["day"]) if held["day"] else None,
        key=key,
    )


def _save(made: list[Made], *, at: datetime, tell: bool) -> None:
    Idea.objects.bulk_create([idea for idea, *_ in made])
    IdeaEvent.objects.bulk_create([event for _, event, *_ in made])
    Resident.objects.bulk_create([resident for *_, resident, _ in made])
    index_ideas([idea for idea, *_ in made], are_new=True)
    if tell:
        Message.objects.bulk_create(
            message
            for *_, resident, code in made
            for message in new_messages(
                resident, template="receipt", at=at, variables={"code": receipts.show_code(code)}
            )
        )


def _free_receipts(campaign: Campaign, at: datetime) -> Iterator[str]:
    """Receipt numbers that nobody has, and none twice; looked up many at a time."""
    year, given = timezone.localdate(at).year, set[str]()
    while True:
        drawn = {receipts.new_receipt(campaign.prefix, year, secrets.choice) for _ in range(500)} - given
        taken = set(Idea.objects.filter(receipt__in=drawn).values_list("receipt", flat=True))
        given |= drawn
        yield from drawn - taken
