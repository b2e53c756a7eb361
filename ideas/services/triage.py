"""Handing the waiting ideas to moderators, one at a time and never one idea to two of them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q

from ideas import conf
from ideas.choices import Status
from ideas.models import Claim, Idea, IdeaEvent, User
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import require, screened_ideas
from ideas.services.screening import decision_blocker

# Orders of the queue, each served by an index.
OLDEST, SUSPICIOUS = "oldest", "suspicious"
ORDERS = {OLDEST: ("received_at", "id"), SUSPICIOUS: ("-suspicion_count", "received_at", "id")}
AT_ONCE = 3  # candidates that are read at once
MOST_TRIED = 60  # ideas that this moderator may not decide, before we give up


def waiting_ideas(campaign_id: int, moderator: User) -> IdeaQuerySet:
    return screened_ideas(moderator).filter(campaign=campaign_id, status=Status.RECEIVED)


def opened(ideas: IdeaQuerySet) -> IdeaQuerySet:
    """Ideas with all that the desk shows of one, its events in their order."""
    events = IdeaEvent.objects.select_related("actor", "statement").order_by("number")
    rows = ideas.select_related("campaign", "topic", "area", "unit", "resident", "entered_by")
    return rows.prefetch_related(Prefetch("events", events))


def claim_next(
    *, campaign_id: int, moderator: User, at: datetime, order: str = OLDEST, skipped: Collection[int] = ()
) -> Idea | None:
    """The next waiting idea for this moderator, claimed and `opened`; None if nothing is left for them.

    The one they have open comes first. Ideas that others have open, that were skipped or that this moderator may not
    decide (own ones, reviews of own decisions) are passed over.
    """
    require(moderator, "ideas.screen_idea")
    free = opened(waiting_ideas(campaign_id, moderator)).exclude(pk__in=skipped)
    # The claim first, by itself: joined to all the rest, a database without statistics reads the whole queue for it.
    held = Claim.objects.live(at).filter(moderator=moderator).values_list("idea_id", flat=True)
    open_now = free.filter(pk__in=list(held)).first()
    if open_now and claim(idea=open_now, moderator=moderator, at=at):
        return open_now
    others = Claim.objects.live(at).exclude(moderator=moderator).values("idea")
    candidates = free.exclude(pk__in=others).order_by(*ORDERS[order])
    for start in range(0, MOST_TRIED, AT_ONCE):
        for idea in candidates[start : start + AT_ONCE]:
            if decision_blocker(moderator, idea, list(idea.events.all())) is None and claim(
                idea=idea, moderator=moderator, at=at
            ):
                return idea
    return None


def claim(*, idea: Idea, moderator: User, at: datetime) -> bool:
    """Have an idea open for a while; False if somebody else has, or has decided it since it was read.

    The database decides between parallel ones.
    """
    until = at + timedelta(seconds=conf.claim_seconds())
    Claim.objects.bulk_create([Claim(idea=idea, moderator=moderator, until=until)], ignore_conflicts=True)
    own = Claim.objects.filter(idea=idea, moderator=moderator, until=until)
    found = own.values_list("idea__event_count", flat=True).first()
    if found is None:
        lapsed = Claim.objects.filter(idea=idea).filter(Q(until__lte=at) | Q(moderator=moderator))
        lapsed.update(moderator=moderator, until=until)
        found = own.values_list("idea__event_count", flat=True).first()
    return found == idea.event_count


def release_claims(*, moderator: User) -> None:
    """Give back what the moderator has open."""
    Claim.objects.filter(moderator=moderator).delete()


def drop_lapsed_claims(*, at: datetime) -> int:
    return Claim.objects.filter(until__lte=at).delete()[0]
