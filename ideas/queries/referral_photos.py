"""Photos that units see and add: who may see which, what is shown beside what, what closing a referral asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ideas import conf
from ideas.choices import MilestoneState, PhotoStage, Status
from ideas.models import Idea, Milestone, Photo, Referral, ReferralIdea
from ideas.models.ideas import IdeaQuerySet
from ideas.models.photos import PhotoQuerySet
from ideas.queries import access
from ideas.queries.referrals import reached_referrals, reads_all_of, told_referrals, unit_referrals


def photo(key: UUID, *, user: access.AnyUser, opened: Iterable[access.TrackingGrant], at: datetime) -> Photo | None:
    """A photo that the officers of a unit may see; and one of a place for the office, or released, for everybody who
    may read the way of its idea. Nobody else learns that it is there."""
    row = Photo.objects.select_related("place__idea", "place__referral__unit", "milestone").filter(key=key).first()
    if row is None:
        return None
    if row.place is None:
        return row if _of_idea_for_unit(row, user) else None
    if reads_all_of(user, row.place.referral):
        return row
    is_hidden = row.milestone is not None and row.milestone.state != MilestoneState.DONE
    if not row.shown_at or is_hidden:
        return None
    helps = unit_referrals(user).filter(pk=row.place.referral_id)
    return row if helps.exists() or _is_told(row.place, opened, at) else None


def _of_idea_for_unit(row: Photo, user: access.AnyUser) -> bool:
    """What was taken off is not shown, unless nothing else is left (queries.referrals.standing_places)."""
    left = ReferralIdea.objects.standing().filter(referral=OuterRef("referral"))
    shown = ReferralIdea.objects.filter(Q(taken_off_at=None) | ~Exists(left), referral__in=unit_referrals(user))
    return Photo.objects.covered_where_covered().filter(pk=row.pk, idea__in=shown.values("idea")).exists()


def _is_told(place: ReferralIdea, opened: Iterable[access.TrackingGrant], at: datetime) -> bool:
    """Whether the way of its idea is public, or one of the ideas that this browser has opened by number and code."""
    public = ideas_with_public_way(at).filter(pk=place.idea_id)
    own = filter(None, map(access.tracked_idea, opened))
    return any(_told_places(idea).filter(pk=place.pk).exists() for idea in (*public, *own))


def ideas_with_public_way(at: datetime) -> IdeaQuerySet:
    """Ideas of which everybody reads what became of them at the units: released winners, and where the campaign says
    so the others that it shows."""
    is_winner = Q(status=Status.AWARDED, campaign__released_at__isnull=False)
    return access.shown_ideas(at).filter(is_winner | Q(campaign__referral_days__show_way=True))


def _told_places(idea: Idea) -> QuerySet[ReferralIdea]:
    """The places of an idea, or of the one that leads it, that whoever reads its way knows of."""
    ideas = [idea.pk, *filter(None, [idea.merged_into_id])]
    return ReferralIdea.objects.filter(idea__in=ideas, referral__in=told_referrals(idea))


@dataclass(frozen=True)
class Beside:
    """A place before and after."""

    before: list[Photo]
    after: list[Photo]


BESIDE = (PhotoStage.BEFORE, PhotoStage.AFTER)


def before_and_after(idea: Idea) -> list[Beside]:
    """The released photos that stand with the way of an idea, by place, in the order of sending."""
    released = Photo.objects.released().filter(place__in=_told_places(idea), stage__in=BESIDE)
    photos = list(released.order_by("place_id", "id"))
    return [
        Beside(*([one for one in photos if (one.place_id, one.stage) == (place, stage)] for stage in BESIDE))
        for place in dict.fromkeys(one.place_id for one in photos)
    ]


def idea_photos_for_unit(ideas: Sequence[Idea]) -> dict[int, list[Photo]]:
    """What came with these ideas, by idea, as a unit sees it: a covered copy where there is one, and no slips."""
    found: dict[int, list[Photo]] = {idea.pk: [] for idea in ideas}
    for row in Photo.objects.covered_where_covered().filter(idea__in=found).order_by("id"):
        found[row.idea_id or 0].append(row)
    return found


def photos_of_places(referral: Referral, *, released: bool = False) -> PhotoQuerySet:
    """All of a referral's own photos, as unit and office see them, or only those that are released."""
    rows = Photo.objects.released() if released else Photo.objects.all()
    rows = rows.filter(place__referral=referral).select_related("place__idea__campaign", "added_by")
    return rows.prefetch_related("copies").order_by("place_id", "-stage", "id")


def photo_of_unit(referral: Referral) -> PhotoQuerySet:
    """Those that its unit or the office on site added, and may take out again."""
    return Photo.objects.sent().filter(place__referral=referral).select_related("place__referral")


def photo_of_office(user: access.AnyUser, referral: int) -> PhotoQuerySet:
    """Those of a referral, by its key, and their covered copies, for the office's buttons."""
    rows = Photo.objects.filter(place__referral=referral, place__referral__in=reached_referrals(user))
    return rows.select_related("place__referral", "place__idea")


def room_for(place: ReferralIdea, stage: PhotoStage, milestone: Milestone | None = None) -> int:
    """How many photos more a place takes."""
    found = Photo.objects.sent().filter(place=place, stage=stage, milestone=milestone)
    return conf.photos_per_idea() - found.count()


def after_photos(place: ReferralIdea) -> PhotoQuerySet:
    """The photos that show a place after the work, released or not."""
    return Photo.objects.sent().filter(place=place, stage=PhotoStage.AFTER)
