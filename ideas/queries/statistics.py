"""A campaign's figures for everybody: how many ideas came in, when, from where, about what, and what became of them.

Nothing of restricted ideas is in them, nothing that would tell of the list before its release, and no figure of fewer
than five people (rules/statistics.py).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Coalesce, NullIf, TruncDate
from django.utils.translation import get_language, gettext_lazy, override

from ideas.choices import Adoption, AnswerKind, AnswerState, Source, Status, Verdict
from ideas.models import Campaign, DuplicateLink, Idea, Rating, Referral, ReferralAnswer, ReferralIdea, Unit
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import shown_ideas
from ideas.queries.board import Tally
from ideas.queries.duplicates import published_text, term_counts
from ideas.queries.referrals import told
from ideas.rules.duplicates import LIKELY, similarity
from ideas.rules.statistics import LEAST, Cell, nested, shown
from ideas.rules.workflow import VALID

KEPT = 60  # seconds: every idea of a campaign is counted
PAIRS, ISSUES = 1000, 10
TAKEN = [Adoption.ADOPTED, Adoption.PARTLY, Adoption.UNDER_WAY, Adoption.PLANNED]
# One person is one telephone number, or one address; who gave neither, or is erased, counts once for each idea.
PERSON = Coalesce(
    NullIf("resident__phone_hash", Value("")),
    NullIf("resident__email_hash", Value("")),
    Cast("pk", CharField()),
    output_field=CharField(),
)
STEPS = {
    "received": gettext_lazy("received"),
    "valid": gettext_lazy("valid"),
    "rated": gettext_lazy("rated by the panel"),
    "chosen": gettext_lazy("golden ideas"),
    "adopted": gettext_lazy("adopted by a unit"),
    "done": gettext_lazy("carried out"),
}
UNKNOWN = gettext_lazy("Several or unknown")


@dataclass(frozen=True)
class Line:
    """What is counted, in Chinese and English, and how often; None where that is hidden. `key` stays when names
    change."""

    key: str
    names: tuple[str, str]
    count: int | None

    @property
    def label(self) -> str:
        return self.names[get_language() == "en"]


@dataclass(frozen=True)
class UnitLine(Line):
    """`count` answers of a unit, and the working days of the middle one."""

    days: int | None


@dataclass(frozen=True)
class Statistics:
    """A campaign at the moment `at`. A table that can show nothing is empty; `issues` are (key of the idea whose title
    names it, ideas)."""

    at: datetime
    steps: list[Line]
    days: list[tuple[date, int | None]]
    topics: list[Line]
    streets: list[Line]
    sources: list[Line]
    units: list[UnitLine]
    issues: list[tuple[int, int]]

    @property
    def received(self) -> int | None:
        return self.steps[0].count if self.steps else None


def statistics_of(campaign: Campaign, at: datetime) -> Statistics:
    """The campaign's figures, at most a minute old, with their moment. Eleven queries at most, however many ideas."""
    hidden = campaign.ideas.restricted().count()  # so that a restriction shows at once
    key = f"statistics:{campaign.pk}:{hidden}:{campaign.is_released}:{campaign.show_ideas}"
    found = cache.get(key)
    if found is None or found.at > at:
        found = _count(campaign, at)
        cache.set(key, found, KEPT)
    return found


def titled(campaign: Campaign, figures: Statistics, at: datetime) -> list[tuple[Idea, int]]:
    """The issues with the ideas that name them, as everybody may read them now."""
    ideas = shown_ideas(at).filter(campaign=campaign).in_bulk([key for key, _size in figures.issues])
    return [(ideas[key], size) for key, size in figures.issues if key in ideas]


def _count(campaign: Campaign, at: datetime) -> Statistics:
    ideas = campaign.ideas.unrestricted().order_by()
    steps = _steps(campaign, ideas, at)
    if not steps[0].count:
        return Statistics(at, [], [], [], [], [], [], [])
    topics = {topic.pk: (topic.slug, (topic.name, topic.name_en or topic.name)) for topic in campaign.topics.all()}
    sources = {source.value: (source.value, _both(source.label)) for source in Source}
    return Statistics(
        at=at,
        steps=steps,
        days=_days(ideas),
        topics=_lines(_cells(ideas, "topic"), topics),
        streets=_lines(_cells(ideas, "area__street"), {}),
        sources=_lines(_cells(ideas, "source"), sources),
        units=_units(campaign),
        issues=_issues(campaign, at),
    )


def _both(words: Any) -> tuple[str, str]:
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            found.append(str(words))
    return found[0], found[1]


def _steps(campaign: Campaign, ideas: IdeaQuerySet, at: datetime) -> list[Line]:
    """What is rated is told after the rating, who won after the release."""
    given = told(Referral.objects.unrestricted().filter(campaign=campaign))
    plans = ReferralAnswer.objects.filter(
        referral=OuterRef("referral"), kind=AnswerKind.PLAN, state=AnswerState.RELEASED, adoption__in=TAKEN
    )
    is_done = Q(done_at__isnull=False, closing__isnull=False)
    places = ReferralIdea.objects.standing().filter(referral__in=given.values("pk"))
    rated = Rating.objects.unrestricted().counting().filter(assignment__panellist__campaign=campaign)
    is_valid = Q(status__in=VALID)
    which = {
        "received": Q(),
        "valid": is_valid,
        "rated": is_valid & Q(pk__in=rated.values("assignment__idea")),
        "chosen": Q(status=Status.AWARDED),
        "adopted": is_valid & Q(pk__in=places.filter(is_done | Q(Exists(plans))).values("idea")),
        "done": is_valid & Q(pk__in=places.filter(is_done).values("idea")),
    }
    sums: dict[str, Any] = {}
    for name, condition in which.items():
        sums[name] = Count("pk", filter=condition) if condition else Count("pk")
        sums[f"{name}_people"] = Count(PERSON, filter=condition or None, distinct=True)
    row = ideas.aggregate(**sums)
    cells = {name: Cell(row[name], row[f"{name}_people"]) for name in which}
    is_rated = campaign.is_released or (campaign.rating_until is not None and campaign.rating_until <= at)
    ours = ["received", "valid", *["rated"] * is_rated, *["chosen"] * campaign.is_released]
    theirs = ["adopted", "done"] if cells["adopted"].count else []
    counts = [*nested([cells[name] for name in ours]), *nested([cells[name] for name in theirs])]
    return [Line(name, _both(STEPS[name]), count) for name, count in zip((*ours, *theirs), counts, strict=True)]


def _cells(ideas: IdeaQuerySet, field: Any) -> dict[Any, Cell]:
    rows = ideas.values_list(field).annotate(n=Count("pk"), people=Count(PERSON, distinct=True))
    return {key: Cell(count, people) for key, count, people in rows}


def _lines(cells: Mapping[Any, Cell], names: Mapping[Any, tuple[str, tuple[str, str]]]) -> list[Line]:
    """The groups in the order of their names, or of their own, with an unknown one last; those of nobody left out."""
    order = [key for key in names if key in cells] or sorted(key for key in cells if key)
    order += [key for key in cells if key not in order]
    counts = shown([cells[key] for key in order])
    if counts is None:
        return []
    named = [names.get(key) or (str(key or ""), (str(key), str(key)) if key else _both(UNKNOWN)) for key in order]
    return [Line(key, both, count) for (key, both), count in zip(named, counts, strict=True)]


def _days(ideas: IdeaQuerySet) -> list[tuple[date, int | None]]:
    """Every day from the first idea to the last one."""
    cells = _cells(ideas.annotate(day=TruncDate("received_at")), "day")
    first, last = min(cells), max(cells)
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    counts = shown([cells.get(day, Cell(0, 0)) for day in days])
    return list(zip(days, counts, strict=True)) if counts else []


def _units(campaign: Campaign) -> list[UnitLine]:
    """The units whose answers took fewest days first; those of few answers have no figure and come last."""
    given = told(Referral.objects.unrestricted().filter(campaign=campaign, answer_days__isnull=False)).order_by()
    tallies: dict[int, Tally] = defaultdict(Tally)
    for unit, days, number in given.values_list("unit", "answer_days").annotate(n=Count("pk", distinct=True)):
        tallies[unit].days[days or 0] += number
    numbers = {unit: sum(tally.days.values()) for unit, tally in tallies.items()}
    units = Unit.objects.in_bulk(list(tallies))
    counts = shown([Cell(number, number) for number in numbers.values()])
    lines = [
        UnitLine(str(unit), (units[unit].name, units[unit].name_en or units[unit].name), count, _median(tally, count))
        for (unit, tally), count in zip(tallies.items(), counts or (), strict=False)
    ]
    return sorted(lines, key=lambda line: (line.count is None, line.days, line.names))


def _median(tally: Tally, count: int | None) -> int | None:
    return None if count is None else tally.median


def _issues(campaign: Campaign, at: datetime) -> list[tuple[int, int]]:
    """What most people raised, of the texts that everybody may read: ideas alike by these texts, with all that were
    merged into them. Pairs are taken from what the worker found, and kept only if their published texts are alike."""
    public = shown_ideas(at).filter(campaign=campaign).order_by()
    own = public.values("pk")
    links = DuplicateLink.objects.exclude(verdict=Verdict.DIFFERENT).filter(idea__in=own, other__in=own)
    pairs = list(links.order_by("-score").values_list("idea_id", "other_id")[:PAIRS])
    merged = campaign.ideas.unrestricted().filter(merged_into__in=own).order_by()
    people: dict[int, Counter[str]] = defaultdict(Counter)
    for key, person in merged.values_list("merged_into", PERSON):
        people[key or 0][person] += 1
    keys = {*people, *(key for pair in pairs for key in pair)}
    rows = {row.pk: row for row in public.filter(pk__in=keys).annotate(person=PERSON)}
    for key, row in rows.items():
        people[key][row.person] += 1
    groups = _groups(_alike(pairs, rows), rows)
    sizes = [(min(group), sum((people[key] for key in group), Counter())) for group in groups]
    found = [(key, sum(who.values())) for key, who in sizes if len(who) >= LEAST]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:ISSUES]


def _alike(pairs: Sequence[tuple[int, int]], rows: Mapping[int, Idea]) -> list[tuple[int, int]]:
    others: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs:
        others[one].append(other)
    counts, texts = term_counts(), {key: published_text(row) for key, row in rows.items()}
    found = []
    for one, keys in others.items():
        text, beside = texts.get(one), {key: texts[key] for key in keys if texts.get(key)}
        scores: Any = similarity(text, beside, counts) if text and beside else []  # type: ignore[arg-type]
        found += [(one, key) for key, score in scores if score >= LIKELY]
    return found


def _groups(pairs: Iterable[tuple[int, int]], keys: Iterable[int]) -> list[set[int]]:
    """Whatever hangs together by pairs; each other one alone."""
    of = {key: {key} for key in keys}
    for one, other in pairs:
        if of[one] is not of[other]:
            of[one] |= of[other]
            of |= dict.fromkeys(of[other], of[one])
    return [group for key, group in of.items() if key == min(group)]
