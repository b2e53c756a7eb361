"""What supervision looks at: what runs now with its day, who is told, and the office's orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, DateField, F, QuerySet, When

from ideas.choices import ReferralState, Runs, SupervisionStep
from ideas.models import Referral, Supervision, SupervisionOrder, Unit, User
from ideas.models.referrals import ReferralQuerySet
from ideas.queries.access import AnyUser
from ideas.queries.referrals import DUE_COLUMNS, people_with, unit_referrals
from ideas.queries.restricted import keepers
from ideas.rules.referrals import WITH_UNIT
from ideas.rules.supervision import RUNS


@dataclass(frozen=True)
class Running:
    """A day by which a unit is to do something: the one of a referral's state, or that of an order."""

    referral: Referral
    order: SupervisionOrder | None
    due_on: date

    @property
    def runs(self) -> Runs:
        return Runs.ORDER if self.order else RUNS[ReferralState(self.referral.state)]

    def key(self, step: str) -> tuple[int, int | None, str, date, str]:
        return (self.referral.pk, self.order.pk if self.order else None, self.runs, self.due_on, step)


def running(rows: ReferralQuerySet, *, until: date) -> list[Running]:
    """Whatever runs and is due by a day, of these referrals; two queries."""
    day = Case(*(When(state=state, then=F(column)) for state, column in DUE_COLUMNS.items()), output_field=DateField())
    due = rows.filter(state__in=WITH_UNIT).annotate(due_day=day).filter(due_day__lte=until)
    orders = SupervisionOrder.objects.running().filter(due_on__lte=until, referral__in=rows)
    states = [Running(row, None, row.due_on) for row in due.select_related("unit", "campaign").order_by("pk")]
    about = orders.select_related("referral__unit", "referral__campaign", "campaign").order_by("pk")
    return states + [Running(order.referral, order, order.due_on) for order in about]


def taken(items: Iterable[Running]) -> set[tuple[int, int | None, str, date, str]]:
    """The keys (Running.key) of the steps that were taken about these referrals while they were with their units."""
    referrals = {item.referral.pk: item.referral for item in items}
    rows = Supervision.objects.filter(referral__in=list(referrals), unit=F("referral__unit"))
    return set(rows.values_list("referral_id", "order_id", "runs", "due_on", "step"))


def to_be_told(unit: Unit, step: str, restricted: Referral | None = None) -> QuerySet[User]:
    """The people of a step; a unit without log-in is supervised by the office alone. The named leader is told by
    the settings and is no user. Of a `restricted` idea's referral only those are told whom it names, and the keepers,
    also in the leader's place."""
    office, own = people_with("refer_idea"), people_with("work_referral").filter(unit=unit)
    if restricted:
        office, own = office.filter(pk__in=keepers().values("pk")), own.filter(pk__in=restricted.named.values("pk"))
    heads = own.filter(pk__in=people_with("approve_referral").values("pk"))
    if unit.by_letter or step in (SupervisionStep.OFFICE, SupervisionStep.LEADER):
        return office
    if step == SupervisionStep.HEAD:
        return heads if heads.exists() else own
    officers = own.exclude(pk__in=heads)
    return officers if officers.exists() else own


def running_order(referral: Referral) -> SupervisionOrder | None:
    """What the unit has to see on the page of a referral."""
    return SupervisionOrder.objects.running().filter(referral=referral).select_related("campaign").last()


def orders_of(referral: Referral) -> Sequence[SupervisionOrder]:
    """All that the office has issued about a referral, the newest first."""
    return list(referral.orders.select_related("campaign", "issued_by", "unit").order_by("-pk"))


def steps_of(referral: Referral) -> Sequence[Supervision]:
    """All that was taken about a referral, in its order."""
    return list(referral.supervision.select_related("unit", "order__campaign").order_by("pk"))


def unit_orders(user: AnyUser) -> QuerySet[SupervisionOrder]:
    """The orders that run at somebody's own unit, the earliest day first; not where it only helps."""
    rows = SupervisionOrder.objects.running().filter(referral__in=unit_referrals(user), unit=F("referral__unit"))
    unit = user.unit if isinstance(user, User) else None
    return rows.filter(unit=unit).select_related("campaign", "referral__campaign").order_by("due_on", "pk")
