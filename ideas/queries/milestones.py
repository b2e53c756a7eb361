"""Milestones as desks and readers see them: with their photos, whether they are late, and the share that is done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Min, Prefetch
from django.utils.timezone import localdate, make_aware

from ideas.choices import MilestoneState
from ideas.models import Milestone, Photo, Referral
from ideas.queries.access import AnyUser
from ideas.queries.referrals import reached_referrals, unit_referrals
from ideas.rules.milestones import AHEAD, APPROVE, RELEASE, is_late, percentage


@dataclass(frozen=True)
class MilestoneLine:
    row: Milestone
    is_late: bool


def milestones_of(referral: Referral, *, today: date, is_own: bool = True) -> list[MilestoneLine]:
    """All that stand, as unit and office see them; for a unit that only helps (`is_own` false) what is released."""
    rows = list(referral.milestones.standing() if is_own else referral.milestones.public())
    for row in rows:
        if not is_own and row.done_released_at is None:
            row.state, row.done_on, row.done_words = MilestoneState.RELEASED, None, ""
    return [MilestoneLine(row, is_late(row.planned_on, row.done_on, today)) for row in rows]


def milestone_of(user: AnyUser, referral: int, key: int) -> Milestone | None:
    """One of a referral that this officer, or the office, has on the desk."""
    mine = unit_referrals(user) | reached_referrals(user)
    found = Milestone.objects.standing().filter(referral__in=mine, referral=referral, pk=key)
    return found.select_related("referral").first()


def wait_for_head(referral: Referral) -> bool:
    return referral.milestones.filter(state__in=APPROVE).exists()


def wait_for_office(referral: Referral) -> bool:
    return referral.milestones.filter(state__in=RELEASE).exists()


def public_milestones() -> Prefetch:
    """Of referrals that a reader is told of: their public milestones with the released photos, as `told_milestones`."""
    photos = Prefetch("photos", Photo.objects.released().select_related("place"), to_attr="shown_photos")
    rows = Milestone.objects.public().select_related("unit").prefetch_related(photos)
    return Prefetch("milestones", rows, to_attr="told_milestones")


@dataclass(frozen=True)
class Share:
    done: int
    planned: int

    @property
    def percentage(self) -> int | None:
        return percentage(self.done, self.planned)


def next_late(at: datetime) -> datetime | None:
    """When the next public milestone will be late, if nobody reports it done."""
    days = Milestone.objects.filter(state__in=AHEAD, planned_on__gte=localdate(at)).aggregate(first=Min("planned_on"))
    return make_aware(datetime.combine(days["first"] + timedelta(days=1), time.min)) if days["first"] else None
