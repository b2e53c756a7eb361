"""The board of units: how many referrals of each unit are open, due, late, answered, and exactly those behind a number.

A number and its list are one condition (`COUNTED`). Recalled referrals count nowhere, restricted ones are on no board.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ideas.choices import ReferralState, Satisfaction
from ideas.models import Campaign, ReferralIdea, ResidentVerdict, Topic, Unit
from ideas.models.referrals import ReferralQuerySet
from ideas.queries.access import AnyUser
from ideas.queries.referrals import DUE_COLUMNS, office_referrals
from ideas.queries.workdays import unknown_years_of
from ideas.rules.referrals import OPEN

SOON = timedelta(days=1)


def _runs(compare: Callable[[str], dict[str, Any]]) -> Q:
    """Of those with their units, the day that runs compares so."""
    found = Q()
    for state, column in DUE_COLUMNS.items():
        found |= Q(state=state, **compare(column))
    return found


def _overdue(today: date) -> Q:
    return _runs(lambda column: {f"{column}__lt": today})


def _answer_overdue(today: date) -> Q:
    return Q(answered_at=None, answer_by__lt=today, state__in=(ReferralState.SENT, ReferralState.ACKNOWLEDGED))


def _late(today: date) -> Q:
    return _overdue(today) | Q(answer_in_time=False) | Q(done_in_time=False)


def _said(**said: Any) -> Q:
    """Those of which some resident has said so."""
    return Q(pk__in=ResidentVerdict.objects.filter(**said).values("closing__referral"))


# What is counted, by the name that its list bears in the address; each is given the office's own date.
COUNTED: dict[str, Callable[[date], Q]] = {
    "all": lambda _today: Q(),
    "open": lambda _today: Q(state__in=OPEN),
    "due": lambda today: _runs(lambda column: {f"{column}__range": (today, today + SOON)}),
    "overdue": _overdue,
    "returned": lambda _today: Q(state=ReferralState.RETURNED),
    "answered": lambda _today: Q(answered_at__isnull=False),
    "unanswered": _answer_overdue,
    "in_time": lambda today: Q(answered_at__isnull=False) & ~_late(today),
    "late": _late,
    "judged": lambda _today: _said(),
    "solved": lambda _today: _said() & ~_said(is_solved=False),
    "satisfied": lambda _today: _said() & ~_said(satisfaction=Satisfaction.NOT),
}


def counted(rows: ReferralQuerySet, name: str, today: date) -> ReferralQuerySet:
    """Exactly those of the referrals that a number of the board counts."""
    return rows.exclude(state=ReferralState.RECALLED).filter(COUNTED[name](today))


@dataclass
class Tally:
    """What is counted of one unit, or topic, or street, or of all; `days` is how many answers took so many working
    days."""

    counts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        self.counts.update({name: row[f"n_{name}"] for name in COUNTED})
        if row["answer_days"] is not None:
            self.days[row["answer_days"]] += row["n_all"]

    def __getitem__(self, name: str) -> int:
        if name not in COUNTED:
            raise KeyError(name)
        return self.counts[name]

    @property
    def median(self) -> int | None:
        """The working days of the middle answer (the lower one of two)."""
        left = (sum(self.days.values()) + 1) // 2
        for days in sorted(self.days):
            left -= self.days[days]
            if left <= 0:
                return days
        return None

    @property
    def response(self) -> float | None:
        """响应率: answered, of those that are answered or whose day to answer is over."""
        return _share(self["answered"], self["answered"] + self["unanswered"])

    @property
    def solved_share(self) -> float | None:
        """解决率: nobody said that it is not solved, of those that residents judged."""
        return _share(self["solved"], self["judged"])

    @property
    def satisfied_share(self) -> float | None:
        """满意率: nobody said that they are not satisfied, of those that residents judged."""
        return _share(self["satisfied"], self["judged"])

    @property
    def punctuality(self) -> float | None:
        """按期率: every step in time, of those that are answered or late."""
        return _share(self["in_time"], self["in_time"] + self["late"])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Row:
    """One line: what it is of, and its figures."""

    key: Any
    label: str
    language: str  # of the label
    tally: Tally


@dataclass(frozen=True)
class Board:
    """Whatever was counted at a moment; `unknown_years` are those whose working days were assumed."""

    at: datetime
    rows: Sequence[Row]
    total: Tally
    unknown_years: Sequence[int]


_LEAD = ReferralIdea.objects.standing().filter(referral=OuterRef("pk")).order_by("pk")  # the place that was named first
# What a referral belongs to; one about several places counts once, where its leading one does.
GROUPS: dict[str, Any] = {
    "unit": F("unit"),
    "topic": Subquery(_LEAD.values("idea__topic__name")[:1]),
    "street": Subquery(_LEAD.values("idea__area__street")[:1]),
}


def tallies(rows: ReferralQuerySet, by: str, today: date) -> tuple[dict[Any, Tally], date | None]:
    """{value of one of GROUPS: its figures}, and the first day that anything was sent; one query, however many rows."""
    sums: dict[str, Any] = {f"n_{name}": Count("pk", filter=made(today)) for name, made in COUNTED.items()}
    sums["n_all"] = Count("pk")
    live = rows.exclude(state=ReferralState.RECALLED).order_by()
    found: dict[Any, Tally] = {}
    firsts = []
    for row in live.annotate(group=GROUPS[by]).values("answer_days", "group").annotate(first=Min("sent_at"), **sums):
        found.setdefault(row["group"], Tally()).add(row)
        firsts.append(localdate(row["first"]))
    return found, min(firsts, default=None)


def _names(by: str, found: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """What is counted in the reader's words where it has an English name, and the language of each."""
    if by == "unit":
        return {pk: unit.text("name") for pk, unit in Unit.objects.in_bulk(list(found)).items()}
    return {row.name: row.text("name") for row in Topic.objects.order_by("id")} if by == "topic" else {}


def _label(key: Any, names: Mapping[Any, tuple[str, str]]) -> tuple[str, str]:
    if key is None or key == "":
        return str(_("Several or unknown")), get_language() or ""
    return names.get(key, (str(key), "zh-hans"))


def board(user: AnyUser, at: datetime, campaign: Campaign | None = None, by: str = "unit") -> Board:
    """Every unit (or topic, or street) that has a referral, the one with most overdue first. Three queries at most."""
    today = localdate(at)
    rows = office_referrals(user)
    rows = rows.filter(campaign=campaign) if campaign else rows
    found, first = tallies(rows, by, today)
    names = _names(by, found)
    lines = [Row(key, *_label(key, names), tally) for key, tally in found.items()]
    total = Tally()
    for line in lines:
        total.counts.update(line.tally.counts)
        total.days.update(line.tally.days)
    lines.sort(key=lambda line: (-line.tally["overdue"], -line.tally["open"], line.label))
    return Board(at, lines, total, unknown_years_of(first, today) if first else [])
