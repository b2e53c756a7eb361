"""The index of ideas alike: written with each idea, counted and compared by the worker; and a moderator's verdict."""

from collections.abc import Iterable
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
from ideas.services.transactions import in_one_transaction

BATCH = 1000
STEP = 200  # ideas in one transaction, where others wait beside it
SAMPLE = 50_000  # ideas that are counted; more would not make common terms better known
RARER_THAN = 10_000  # a term held by fewer than one idea in so many is not kept, and not one that a single idea holds
PAIRS_KEPT = 5  # of one idea


def index_idea(*, idea: Idea) -> None:
    """Call it in the transaction in which an idea comes in or its words change, published ones too."""
    index_ideas(Idea.objects.filter(pk=idea.pk))


@transaction.atomic(savepoint=False)
def index_ideas(ideas: Iterable[Idea], *, compare: bool = True, are_new: bool = False) -> None:
    """The same for many new or changed ideas. `compare`: their words are other ones, to be compared with the others."""
    rows = list(ideas)
    originals = {idea.pk: original_text(idea) for idea in rows}
    _write(OriginalTerms, originals, {key: {"folded": folded(text)} for key, text in originals.items()})
    published = {idea.pk: published_text(idea) for idea in rows}
    _write(PublishedTerms, {key: text for key, text in published.items() if text})
    hidden = [key for key, text in published.items() if text is None]
    if hidden and not are_new:
        PublishedTerms.objects.filter(pk__in=hidden).delete()
    if compare:
        PendingComparison.objects.bulk_create([PendingComparison(idea=idea) for idea in rows], ignore_conflicts=True)


def _write(table: Any, texts: dict[int, Text], more: dict[int, dict[str, str]] | None = None) -> None:
    columns = {key: {"terms": " ".join(terms_of(text)), "fold": FOLD} for key, text in texts.items()}
    rows = {key: {**held, **(more or {}).get(key, {})} for key, held in columns.items()}
    table.objects.bulk_create(
        [table(idea_id=key, **held) for key, held in rows.items()],
        update_conflicts=True,
        unique_fields=["idea"],
        update_fields=["terms", "fold", *(["folded"] if more is not None else [])],
    )


def refold(*, at: datetime, most: int = 2000) -> int:
    """Write anew what an earlier fold of characters wrote, some at a time, so that after an upgrade no search finds
    less for long; returns how many ideas. Their words are the same, so they are not compared again."""
    old = Q(fold=None) | Q(fold__lt=FOLD) | Q(fold__gt=FOLD)
    keys = [*OriginalTerms.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:most]]
    keys = keys or [*PublishedTerms.objects.filter(old).order_by("pk").values_list("pk", flat=True)[:most]]
    for start in range(0, len(keys), STEP):
        index_ideas(Idea.objects.filter(pk__in=keys[start : start + STEP]), compare=False)
    if keys and len(keys) < most:
        count_terms(at=at, always=True)
    return len(keys)


def reindex(*, at: datetime) -> int:
    """Write the whole index anew and count its terms; returns the number of ideas."""
    ideas, done = Idea.objects.order_by("pk").iterator(BATCH), 0
    while chunk := list(islice(ideas, BATCH)):
        index_ideas(chunk)
        done += len(chunk)
    count_terms(at=at, always=True)
    return done


@in_one_transaction
def count_terms(*, at: datetime, always: bool = False) -> bool:
    """Count how common the terms are, if ideas have become a tenth more since the last time; True if it was done."""
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


def compare_new(*, most: int = 500) -> int:
    """Compare what came in with the other ideas of its campaign and keep the likely pairs; returns how many ideas."""
    waiting = list(
        Idea.objects.filter(pk__in=PendingComparison.objects.order_by("pk").values("pk")[:most]).order_by("pk")
    )
    return for_each(waiting, _compare, what="comparing idea")


@in_one_transaction
def _compare(idea: Idea) -> bool:
    """Pairs that somebody judged stay as they are."""
    PendingComparison.objects.filter(pk=idea.pk).delete()
    found = scores(idea, Idea.objects.filter(campaign=idea.campaign_id).of_its_kind(idea), most=PAIRS_KEPT)
    likely = {key: score for key, score in found.items() if score >= LIKELY}
    DuplicateLink.objects.filter(other=idea, verdict="").delete()
    others = Idea.objects.only("pk", "received_at").in_bulk(list(likely))
    DuplicateLink.objects.bulk_create(
        [DuplicateLink(score=likely[key], **_in_order(idea, other)) for key, other in others.items()],
        ignore_conflicts=True,
    )
    return True


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
