"""The index of ideas alike: written with each idea, counted and compared by the worker; and a moderator's verdict."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from ideas.choices import Verdict
from ideas.errors import Refusal, Stale
from ideas.models import DuplicateLink, Idea, OriginalTerms, PendingComparison, PublishedTerms, TermCount, User
from ideas.queries.access import require
from ideas.queries.duplicates import FRESH, original_text, published_text, scores
from ideas.rules.characters import FOLD
from ideas.rules.duplicates import LIKELY, Text, folded, terms_of
from ideas.services.health import for_each
from ideas.services.transactions import in_one_transaction, let_others_write

STEP = 200  # ideas in one transaction, where others wait beside it
COMPARED_AT_ONCE = 25  # ideas whose pairs are written in one transaction
SAMPLE = 50_000  # ideas that are counted; more would not make common terms better known
RARER_THAN = 10_000  # a term held by fewer than one idea in so many is not kept, and not one that a single idea holds
PAIRS_KEPT = 5  # of one idea


def index_idea(*, idea: Idea) -> None:
    """Call it in the transaction in which an idea comes in or its words change, published ones too."""
    index_ideas(Idea.objects.filter(pk=idea.pk))


def index_ideas(ideas: Iterable[Idea], *, compare: bool = True, are_new: bool = False) -> None:
    """The same for many new or changed ideas. `compare`: their words are other ones, to be compared with the others."""
    _write(_index_rows(ideas), compare=compare, are_new=are_new)


@dataclass(frozen=True)
class IndexRows:
    """What the index holds of some ideas, made and not yet written."""

    originals: list[OriginalTerms]
    published: list[PublishedTerms]
    unpublished: list[int]  # keys of ideas without a text for everybody


def _index_rows(ideas: Iterable[Idea]) -> IndexRows:
    made = IndexRows([], [], [])
    for idea in ideas:
        original, published = original_text(idea), published_text(idea)
        made.originals.append(OriginalTerms(idea_id=idea.pk, folded=folded(original), **_columns(original)))
        if published:
            made.published.append(PublishedTerms(idea_id=idea.pk, **_columns(published)))
        else:
            made.unpublished.append(idea.pk)
    return made


def _columns(text: Text) -> dict[str, Any]:
    return {"terms": " ".join(terms_of(text)), "fold": FOLD}


@transaction.atomic(savepoint=False)
def _write(made: IndexRows, *, compare: bool, are_new: bool = False) -> None:
    for table, rows, more in ((OriginalTerms, made.originals, ["folded"]), (PublishedTerms, made.published, [])):
        manager: Any = table._default_manager
        columns = {"unique_fields": ["idea"], "update_fields": ["terms", "fold", *more]}
        manager.bulk_create(rows, update_conflicts=True, **columns)
    if made.unpublished and not are_new:
        PublishedTerms.objects.filter(pk__in=made.unpublished).delete()
    if compare:
        waiting = [PendingComparison(idea_id=row.idea_id) for row in made.originals]
        PendingComparison.objects.bulk_create(waiting, ignore_conflicts=True)


def refold(*, at: datetime, most: int = 2000) -> int:
    """Write anew what an earlier fold of characters wrote, some at a time, so that after an upgrade no search finds
    less for long; returns how many ideas. Their words are the same, so they are not compared again."""
    old = Q(fold=None) | Q(fold__lt=FOLD) | Q(fold__gt=FOLD)
    keys = [*OriginalTerms.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:most]]
    keys = keys or [*PublishedTerms.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:most]]
    for start in range(0, len(keys), STEP):
        _write_anew(Idea.objects.filter(pk__in=keys[start : start + STEP]).select_related("area"), compare=False)
    if keys and len(keys) < most:
        count_terms(at=at, always=True)
    return len(keys)


def reindex(*, at: datetime) -> int:
    """Write the whole index anew and count its terms; returns the number of ideas."""
    ideas, done = Idea.objects.order_by("pk").select_related("area").iterator(STEP), 0
    while chunk := list(islice(ideas, STEP)):
        _write_anew(chunk, compare=True)
        done += len(chunk)
    count_terms(at=at, always=True)
    return done


def _write_anew(ideas: Iterable[Idea], *, compare: bool) -> None:
    """The index of ideas beside which others work: what takes time is done before the transaction, and who changes
    words meanwhile has written the index already."""
    rows = list(ideas)
    _write_unchanged(rows, _index_rows(rows), compare)
    let_others_write()


@in_one_transaction
def _write_unchanged(rows: list[Idea], made: IndexRows, compare: bool) -> None:
    same = _held_unchanged(rows)
    _write(
        IndexRows(
            [row for row in made.originals if row.idea_id in same],
            [row for row in made.published if row.idea_id in same],
            [key for key in made.unpublished if key in same],
        ),
        compare=compare,
    )


def _held_unchanged(rows: Iterable[Idea]) -> set[int]:
    """Lock the ideas; the keys of those to which nothing has happened since they were read."""
    read = {idea.pk: idea.version for idea in rows}
    held = Idea.objects.select_for_update().filter(pk__in=read).order_by("pk")
    return {idea.pk for idea in held.only("version") if idea.version == read[idea.pk]}


def count_terms(*, at: datetime, always: bool = False) -> bool:
    """Count how common the terms are, if ideas have become a tenth more since the last time; True if it was done.

    Counting takes seconds where there are many: only writing the counts is a transaction.
    """
    table = OriginalTerms._meta.db_table
    last = OriginalTerms.objects.aggregate(last=Max("pk"))["last"] or 0
    known = TermCount.objects.filter(table=table).first()
    if not always and known:
        since = OriginalTerms.objects.filter(pk__gt=known.last).count()
        if since <= known.size * 0.1 + 5:
            return False
    size, counts = (_counted_by_sqlite if connection.vendor == "sqlite" else _counted_by_postgresql)(table)
    TermCount.objects.update_or_create(
        table=table, defaults={"size": size, "last": last, "counts": counts, "counted_at": at}
    )
    cache.delete(FRESH)
    return True


def _counted_by_sqlite(table: str) -> tuple[int, dict[str, int]]:
    """The index has a list of its terms with exact counts."""
    size = OriginalTerms.objects.count()
    with connection.cursor() as cursor:
        least = max(2, size // RARER_THAN)
        cursor.execute(f"SELECT term, doc FROM {table}_vocabulary WHERE doc >= %s", [least])  # noqa: S608
        return size, dict(cursor.fetchall())


def _counted_by_postgresql(table: str) -> tuple[int, dict[str, int]]:
    """From a sample, scaled up, where there are many."""
    size = OriginalTerms.objects.count()
    share = min(1.0, SAMPLE / size) if size else 1.0
    sample = f"TABLESAMPLE SYSTEM ({100 * share:.4f})" if share < 1 else ""
    least = max(2, int(size * share) // RARER_THAN)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT term, count(*) FROM (SELECT words FROM {table} {sample}) AS s, unnest(s.words) AS term "  # noqa: S608
            "GROUP BY 1 HAVING count(*) >= %s",
            [least],
        )
        return size, {term: round(held / share) for term, held in cursor.fetchall()}


def compare_new(*, most: int = 100) -> int:
    """Compare what came in with the other ideas of its campaign and keep the likely pairs; returns how many ideas.

    Comparing takes time and reads only; what was found is written some ideas at a time, so that nobody who writes
    beside it waits. An idea that changed meanwhile is compared again.
    """
    waiting = PendingComparison.objects.order_by("pk").values("pk")[:most]
    ideas, done, found = Idea.objects.filter(pk__in=waiting).order_by("pk"), 0, list[Compared]()
    try:
        for_each(ideas, lambda idea: found.append(Compared(idea, _likely(idea))), what="comparing idea")
    finally:
        for start in range(0, len(found), COMPARED_AT_ONCE):
            done += _keep_pairs(found[start : start + COMPARED_AT_ONCE])
            let_others_write()
    return done


@dataclass(frozen=True)
class Compared:
    """An idea with the keys of those that it is likely the same as, and how alike they are."""

    idea: Idea
    likely: dict[int, float]


def _likely(idea: Idea) -> dict[int, float]:
    others = Idea.objects.filter(campaign=idea.campaign_id).of_its_kind(idea)
    return {key: score for key, score in scores(idea, others, most=PAIRS_KEPT).items() if score >= LIKELY}


@in_one_transaction
def _keep_pairs(found: Sequence[Compared]) -> int:
    """Pairs that somebody judged stay as they are. Returns how many ideas are compared now."""
    same = _held_unchanged(each.idea for each in found)
    compared = [each for each in found if each.idea.pk in same]
    keys = [each.idea.pk for each in compared]
    PendingComparison.objects.filter(pk__in=keys).delete()
    DuplicateLink.objects.filter(other__in=keys, verdict="").delete()
    others = Idea.objects.only("pk", "received_at").in_bulk({key for each in compared for key in each.likely})
    pairs = [
        DuplicateLink(score=score, **_in_order(each.idea, others[key]))
        for each in compared
        for key, score in each.likely.items()
        if key in others
    ]
    DuplicateLink.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(compared)


def _in_order(one: Idea, other: Idea) -> dict[str, Any]:
    first, second = sorted((one, other), key=lambda idea: (idea.received_at, idea.pk))
    return {"idea": first, "other": second}


@in_one_transaction
def judge_pair(
    *,
    one: Idea,
    other: Idea,
    verdict: Verdict,
    moderator: User,
    at: datetime,
    expected_version: tuple[int, int] | None = None,
) -> None:
    """Say of two ideas that they are the same or not; not the same ones are not shown beside each other again.

    `expected_version` are the versions of both that the page showed.
    """
    require(moderator, "ideas.screen_idea")
    if one.pk == other.pk or one.campaign_id != other.campaign_id:
        raise Refusal(_("Choose two different ideas of one campaign."))
    if one.restricted or other.restricted:
        require(moderator, "ideas.see_restricted")
    locked = Idea.objects.select_for_update().filter(pk__in=[one.pk, other.pk]).order_by("pk")
    current = {idea.pk: idea.version for idea in locked}
    if expected_version is not None and (current[one.pk], current[other.pk]) != expected_version:
        raise Stale(_("One of the two has changed since you opened this page. Nothing was done; please look again."))
    said = {"verdict": Verdict(verdict), "by": moderator, "at": at}
    DuplicateLink.objects.update_or_create(defaults=said, **_in_order(one, other))
