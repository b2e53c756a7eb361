"""Which ideas look like another one: candidates from the database's index, compared by text, place and time.

What is read does not grow with the number of ideas: the index gives the sixty that share most with the text, the best
sixteen of those are compared in full.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q

from ideas.choices import PublicStatus, Status, Verdict
from ideas.models import Campaign, DuplicateLink, Idea, OriginalTerms, PublishedTerms, TermCount, Topic
from ideas.models.ideas import ORIGINAL_TEXTS, IdeaQuerySet
from ideas.queries.access import shown_ideas
from ideas.queries.mergers import Part, parts_of, present, versions
from ideas.rules.duplicates import LIKELY, Counts, Text, index_queries, similarity
from ideas.rules.workflow import MAY_LEAD, VALID

Row = TypeVar("Row")
FROM_INDEX, COMPARED, SPARE = 60, 16, 4
# For many texts at once: only the best one is asked for; the weightiest terms have it among the index's first answers.
ASKED_OF_MANY, COMPARED_OF_MANY, TEXTS_AT_ONCE = 12, 4, 200
ENOUGH = 8  # characters; of less nothing can be said
AS_RECEIVED = (*ORIGINAL_TEXTS, "area__code", "received_at")
# What is shown of an idea beside another one; to name every column costs more than to look the idea up.
BESIDE = (
    *("campaign", "receipt", "status", "received_at", "restricted", *ORIGINAL_TEXTS),
    *("area__code", "area__name", "area__street"),
)
AS_PUBLISHED = ("published_title", "published_text", "place", "area__code", "received_at")


@dataclass(frozen=True)
class Similar:
    """An idea that looks like another one. `may_lead`: it came earlier and the other can be merged into it."""

    idea: Idea
    score: float
    may_lead: bool

    @property
    def likely(self) -> bool:
        return self.score >= LIKELY


@dataclass(frozen=True)
class Shown:
    """What the public may know of an idea, and no more: there is nothing else in it to leak."""

    receipt: str
    title: str
    text: str
    area: str
    place: str
    topic: Topic
    campaign: Campaign
    status: PublicStatus


def original_text(idea: Idea) -> Text:
    """`area` costs a query if it is not there yet."""
    area = idea.area.code if idea.area else ""
    return Text(idea.title, f"{idea.problem}\n{idea.proposal}", idea.place, area, idea.received_at)


def published_text(idea: Idea) -> Text | None:
    """None where there is nothing to be read by everybody."""
    if not idea.is_ready_to_publish:
        return None
    return Text(idea.published_title, idea.published_text, idea.place)


def similar_to(idea: Idea, ideas: IdeaQuerySet, *, most: int = 3) -> list[Similar]:
    """Up to `most` of `ideas` (access.screened_ideas of the asker, or fewer) that look like this one, best first.

    Pairs of which a moderator said that they are not the same are left out. At most three queries, however many.
    """
    others = ideas.exclude(pk=idea.pk).exclude(_told_apart(idea)).select_related("area").only(*BESIDE)
    query, counts = original_text(idea), term_counts()
    rows = _best(_from_index(query, OriginalTerms, counts), others.in_bulk)
    found = similarity(query, {key: original_text(row) for key, row in rows.items()}, counts)
    return [Similar(rows[key], score, _may_lead(rows[key], idea)) for key, score in found[:most]]


def scores(idea: Idea, ideas: IdeaQuerySet, *, most: int) -> dict[int, float]:
    """The same as keys with their likeness, best first."""
    return dict(_alike(original_text(idea), OriginalTerms, lambda: ideas.exclude(pk=idea.pk))[:most])


def nearest(texts: Iterable[Text], ideas: IdeaQuerySet) -> Iterator[tuple[int, float] | None]:
    """The most alike of `ideas` for each of many texts, as its key and likeness; None where none is likely the same.

    One question to the index for each text, one read for two hundred. Fewer terms are asked for and fewer answers are
    compared in full than on the desk: of 500 rows against 5,000 ideas it named the desk's first one for 498.
    """
    counts, may_see, source = term_counts(), set(ideas.order_by().values_list("pk", flat=True)), iter(texts)
    while some := list(islice(source, TEXTS_AT_ONCE)):
        found = [
            [key for key in _from_index(text, OriginalTerms, counts, ASKED_OF_MANY) if key in may_see][
                :COMPARED_OF_MANY
            ]
            for text in some
        ]
        rows = _read(ideas, AS_RECEIVED, {key for keys in found for key in keys})
        for text, keys in zip(some, found, strict=True):
            best = similarity(text, {key: rows[key] for key in keys if key in rows}, counts)[:1]
            yield best[0] if best and best[0][1] >= LIKELY else None


def similar_shown(answers: Mapping[str, Any], *, at: datetime, most: int = 3) -> list[Shown]:
    """Up to `most` publicly shown ideas that look like what somebody answered so far, most alike first.

    `answers` are a draft's or a form's: title, problem, proposal, place, area (a code); any may be missing. Only
    published texts are looked at, over all campaigns that the public can see.
    """
    query = typed_text(answers)
    if len("".join((query.title + query.body).split())) < ENOUGH:
        return []
    found = [key for key, score in _alike(query, PublishedTerms, lambda: shown_ideas(at))[:most] if score >= LIKELY]
    rows = shown_ideas(at).in_bulk(found) if found else {}
    return [_shown(rows[key]) for key in found if key in rows]


def _alike(query: Text, table: Any, ideas: Callable[[], IdeaQuerySet]) -> list[tuple[int, float]]:
    counts = term_counts()
    columns = AS_RECEIVED if table is OriginalTerms else AS_PUBLISHED

    def read(keys: list[int]) -> dict[int, Text]:
        return _read(ideas(), columns, keys)  # made only where the index names some

    return similarity(query, _best(_from_index(query, table, counts), read), counts)


def _read(ideas: IdeaQuerySet, columns: Sequence[str], keys: Collection[int]) -> dict[int, Text]:
    rows = ideas.filter(pk__in=keys).order_by().values_list("pk", *columns)
    return {key: _text(rest) for key, *rest in rows}


def _from_index(query: Text, table: Any, counts: Counts, most: int | None = None) -> list[int]:
    return [key for key, _value in table.objects.matching(index_queries(query, counts)[:most], FROM_INDEX)]


def _best(keys: list[int], read: Callable[[list[int]], dict[int, Row]]) -> dict[int, Row]:
    """The first rows of the index that the asker may see. Mostly those are the first ones; only where many are not,
    the rest of what the index gave is read too."""
    found: dict[int, Row] = {}
    for some in (keys[: COMPARED + SPARE], keys[COMPARED + SPARE :]):
        if some and len(found) < COMPARED:
            rows = read(some)
            found |= {key: rows[key] for key in some if key in rows}
    return dict(list(found.items())[:COMPARED])


def _text(row: list[Any]) -> Text:
    """Straight from the columns: objects would take longer than the comparison."""
    title, *bodies, place, area, at = row
    return Text(title, "\n".join(bodies), place, area or "", at)


def _told_apart(idea: Idea) -> Exists:
    of_both = Q(idea=OuterRef("pk"), other=idea.pk) | Q(idea=idea.pk, other=OuterRef("pk"))
    return Exists(DuplicateLink.objects.filter(of_both, verdict=Verdict.DIFFERENT))


def _may_lead(leader: Idea, idea: Idea) -> bool:
    is_earlier = (leader.received_at, leader.pk) < (idea.received_at, idea.pk)
    fits = leader.campaign_id == idea.campaign_id and leader.restricted == idea.restricted
    return is_earlier and fits and leader.status in MAY_LEAD


_kept: dict[str, tuple[datetime, Counts]] = {}
FRESH, FRESH_SECONDS = "term-counts-fresh", 10


def term_counts() -> Counts:
    """How common terms are, as last counted. Kept in the process until somebody counts anew, which is noticed within
    ten seconds: some ten thousand terms, however many ideas."""
    table = OriginalTerms._meta.db_table
    if table in _kept and cache.get(FRESH):
        return _kept[table][1]
    counted_at = TermCount.objects.filter(table=table).values_list("counted_at", flat=True).first()
    if counted_at is None:
        return Counts()
    if table not in _kept or _kept[table][0] != counted_at:
        row = TermCount.objects.get(table=table)
        _kept[table] = row.counted_at, Counts(row.size, row.counts)
    cache.set(FRESH, True, FRESH_SECONDS)
    return _kept[table][1]


def typed_text(answers: Mapping[str, Any], at: datetime | None = None) -> Text:
    """What a form holds, as it is compared."""
    title, problem, proposal, place, area = (str(answers.get(name) or "") for name in (*ORIGINAL_TEXTS, "area"))
    return Text(title, f"{problem}\n{proposal}", place, area if area.isdigit() else "", at)


def _shown(idea: Idea) -> Shown:
    return Shown(
        receipt=idea.receipt,
        title=idea.published_title,
        text=idea.published_text,
        area=str(idea.area or ""),
        place=idea.place,
        topic=idea.topic,
        campaign=idea.campaign,
        status=idea.public_status,
    )


@dataclass(frozen=True)
class Cluster:
    """Ideas that look like one issue, in the order of receipt: the first one would lead."""

    ideas: list[Idea]
    part: Part

    @property
    def leader(self) -> Idea:
        return self.ideas[0]

    @property
    def has_accepted(self) -> bool:
        """Whether one of them can be referred to a unit already."""
        return any(idea.status in VALID for idea in self.ideas)

    @property
    def versions(self) -> str:
        return versions(self.ideas)


def alike_in(campaign: Campaign, ideas: IdeaQuerySet) -> list[Part]:
    """The groups of ideas alike with at least one waiting, largest first: from the pairs that the worker found.

    `ideas` are those that the asker may see. A group is whatever hangs together by pairs that nobody has told apart.
    Two queries, joined here: no database that was asked for both at once began with the few rows.
    """
    rows = ideas.filter(campaign=campaign, status__in=MAY_LEAD).by_receipt().values_list("pk", "status")
    status = dict(rows)  # in the order of receipt
    place = {key: number for number, key in enumerate(status)}
    found = DuplicateLink.objects.exclude(verdict=Verdict.DIFFERENT).filter(other__campaign=campaign)
    pairs = [
        (one, other, score)
        for one, other, score in found.values_list("idea_id", "other_id", "score")
        if one in status and status.get(other) == Status.RECEIVED
    ]
    groups = sorted(_hanging_together(pairs), key=lambda group: (-len(group[0]), -group[1]))
    return [part for keys, _score in groups for part in parts_of(sorted(keys, key=place.__getitem__))]


def clusters_of(parts: Sequence[Part], ideas: IdeaQuerySet) -> list[Cluster]:
    """The ideas of some parts; one query. What the asker may not see any more since the parts were made is left out,
    and so is a part that has lost its leader or all others."""
    rows = ideas.select_related("area").in_bulk([key for part in parts for key in part.keys])
    there = ((part, present(part, rows)) for part in parts)
    return [Cluster(found, part) for part, found in there if found]


def _hanging_together(pairs: list[tuple[int, int, float]]) -> list[tuple[list[int], float]]:
    """Connected components of the pairs, each with the best score in it."""
    of: dict[int, int] = {}

    def root(key: int) -> int:
        while of.setdefault(key, key) != key:
            of[key] = of[of[key]]
            key = of[key]
        return key

    for one, other, _score in pairs:
        of[root(other)] = root(one)
    members: dict[int, list[int]] = {}
    for key in list(of):
        members.setdefault(root(key), []).append(key)
    best: dict[int, float] = {}
    for one, _other, score in pairs:
        best[root(one)] = max(score, best.get(root(one), 0))
    return [(keys, best[top]) for top, keys in members.items()]
