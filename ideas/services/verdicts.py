"""A resident says whether a place that the office closed is in order; what is not solved goes back to the unit once."""

from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import Satisfaction
from ideas.errors import Lacking, Refusal, Stale
from ideas.models import Idea, Referral, ReferralIdea, ResidentVerdict, User
from ideas.queries.access import require
from ideas.queries.tracking import story_of
from ideas.queries.verdicts import ideas_to_ask, is_free, place_to_judge, told_on, went_back
from ideas.rules.tracking import Act
from ideas.rules.verdicts import Said, goes_back, lacks_words
from ideas.rules.visible import as_read
from ideas.services.referrals import held
from ideas.services.reopening import new_day, take_up_again
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas


@in_one_transaction
def give_verdict(*, idea: Idea, closing: int, said: Said, at: datetime, expected_version: int) -> None:
    """The resident's own, on the closing that the page showed (its key). The same said again is the same verdict."""
    said = _complete(said)
    locked = _hold(idea)
    if _is_there(locked, closing, said):
        return
    story = story_of(locked, at)
    if Act.VERDICT not in story.acts:
        raise Refusal(_("This is not possible any more. Nothing was changed."))
    place = place_to_judge(locked, at)
    if place is None or place.closing_id != closing or story.version != expected_version:
        raise Stale(
            _("Something has happened to your idea since you opened this page. Nothing was changed; please look again.")
        )
    _keep(place, locked, said, at=at)


@in_one_transaction
def note_verdict(
    *,
    referral: Referral,
    idea: Idea,
    staff: User,
    at: datetime,
    said: Said,
    heard_on: date,
    expected_version: int | None = None,
) -> None:
    """What the office heard on the telephone 回访, marked as such with who typed it in."""
    require(staff, "ideas.refer_idea")
    said = _complete(said)
    locked = _hold(idea)
    row = held(referral, expected_version)
    place = next((place for one, place in ideas_to_ask(row, at) if one == locked), None)
    if place is None:
        raise Refusal(_("There is nothing to ask about this idea, or it has been said already."))
    if not told_on(place) <= heard_on <= localdate(at):
        fields = {"heard_on": _("Give the day of the call: not before it was closed, not after today.")}
        raise Lacking(_("Not kept yet: something is missing."), fields)
    _keep(place, locked, said, at=at, staff=staff, heard_on=heard_on)


def _complete(said: Said) -> Said:
    if lacks_words(is_solved=said.is_solved, words=as_read(said.words)):
        raise Lacking(_("Not kept yet: something is missing."), {"words": _("Write what is not solved.")})
    return Said(Satisfaction(said.satisfaction), said.is_solved, as_read(said.words))


def _hold(idea: Idea) -> Idea:
    """The idea and the one that leads it, locked: none of them is given to another unit meanwhile."""
    hold_ideas({idea.pk, *filter(None, [idea.merged_into_id])})
    return Idea.objects.select_related("campaign", "merged_into").get(pk=idea.pk)


def _is_there(idea: Idea, closing: int, said: Said) -> bool:
    return ResidentVerdict.objects.filter(
        idea=idea, closing=closing, satisfaction=said.satisfaction, is_solved=said.is_solved, words=said.words
    ).exists()


def _keep(place: ReferralIdea, idea: Idea, said: Said, *, at: datetime, staff: User | None = None, **call: Any) -> None:
    referral = held(place.referral)
    own = referral.places.select_related("idea").get(pk=place.pk)
    own.referral = referral
    if own.closing_id is None or own.closing_id != place.closing_id:
        raise Stale(_("It was taken up again meanwhile. Nothing was changed; please look again."))
    verdict = ResidentVerdict(
        idea=idea,
        closing_id=own.closing_id,
        satisfaction=said.satisfaction,
        is_solved=said.is_solved,
        words=said.words,
        given_at=at,
        entered_by=staff,
        **call,
    )
    was_done = own.done_at is not None
    if goes_back(is_solved=said.is_solved, was_done=was_done, went_back=went_back(own), is_free=is_free(own)):
        verdict.reopening = take_up_again(referral, own, actor=staff, at=at, finish_by=new_day(at))
    verdict.save(force_insert=True)
