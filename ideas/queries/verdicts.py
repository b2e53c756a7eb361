"""Residents' verdicts: who may give one, how unit and office read them, how many there are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from ideas.choices import Adoption, ReferralAct, ReferralState, Satisfaction
from ideas.models import Idea, Referral, ReferralEvent, ReferralIdea, Resident, ResidentVerdict
from ideas.queries.panel import anonymised_words
from ideas.queries.referrals import can_act, open_referrals_of, places_of, told_referrals
from ideas.rules.verdicts import is_asked, last_day
from ideas.rules.workflow import UNDECIDED, VALID


def told_on(place: ReferralIdea) -> date:
    """When its residents could know that a place is closed: what was held back while the winners were chosen, by their
    release. It is the same for all, so that it tells nothing of who was held back."""
    closing, released = place.closing, place.referral.campaign.released_at
    at = closing.at if closing else place.referral.sent_at
    return localdate(max(at, released) if released else at)


def place_to_judge(idea: Idea, at: datetime) -> ReferralIdea | None:
    """The place of an idea (or of the one that leads it) on whose last closing its resident may say something now and
    has not; the latest, where there are several. What is being screened is with no unit: nothing is asked for it."""
    if idea.status in UNDECIDED:
        return None
    closed = [place for place in places_of(idea).values() if place.closing_id]
    if not closed:
        return None
    known = set(told_referrals(idea).values_list("pk", flat=True))
    given = set(idea.verdicts.values_list("closing_id", flat=True))
    asked = [
        place
        for place in closed
        if place.referral_id in known
        and place.closing_id not in given
        and was_done(place)
        and is_asked(told_on(place), localdate(at))
    ]
    return max(asked, key=lambda place: place.closing_id or 0, default=None)


def was_done(place: ReferralIdea) -> bool:
    """Whether a closed place was closed as done: whether it is solved is not asked about what was not adopted."""
    return place.closing is not None and place.closing.detail.get("adoption") != Adoption.NOT_ADOPTED


def until_when(place: ReferralIdea) -> date:
    return last_day(told_on(place))


def ideas_to_ask(referral: Referral, at: datetime) -> list[tuple[Idea, ReferralIdea]]:
    """Whose residents the office may call, with the place that they would speak of: the ideas of closed places, and
    those merged into them, of which nothing was said since. Who is erased is not called."""
    places = {row.idea_id: row for row in referral.places.select_related("idea", "closing", "referral__campaign")}
    closed = [row for row in places.values() if row.closing_id and was_done(row)]
    asked = [row for row in closed if is_asked(told_on(row), localdate(at))]
    if not asked or not told_referrals(asked[0].idea).filter(pk=referral.pk).exists():
        return []
    about = [row.idea_id for row in asked]
    ideas = Idea.objects.unrestricted().filter(Q(pk__in=about) | Q(merged_into__in=about))
    there = ideas.filter(Exists(Resident.objects.filter(idea=OuterRef("pk")))).by_receipt()
    given = set(ResidentVerdict.objects.filter(closing__referral=referral).values_list("idea_id", "closing_id"))
    of_place = [(idea, places.get(idea.pk) or places[idea.merged_into_id or 0]) for idea in there]
    return [(idea, row) for idea, row in of_place if row in asked and (idea.pk, row.closing_id) not in given]


def verdicts_on(referral: Referral) -> list[ResidentVerdict]:
    """All of them as the office reads them, in their order."""
    rows = ResidentVerdict.objects.filter(closing__referral=referral).select_related("idea", "entered_by", "closing")
    return list(rows.order_by("id"))


def verdicts_for_unit(referral: Referral) -> list[ResidentVerdict]:
    """Those on what the unit that has it now has done, with contacts and the resident's own name covered. The rows are
    for reading: they are never saved."""
    rows = [row for row in verdicts_on(referral) if row.closing.unit_id == referral.unit_id]
    for row, words in zip(rows, anonymised_words([(row.idea_id, row.words) for row in rows]), strict=True):
        row.words = words
    return rows


def went_back(place: ReferralIdea) -> bool:
    """Whether a verdict has led to its being taken up again before."""
    return reopenings_of(place).filter(verdict__isnull=False).exists()


def reopenings_of(place: ReferralIdea) -> QuerySet[ReferralEvent]:
    receipt = place.idea.receipt
    return ReferralEvent.objects.filter(referral=place.referral_id, act=ReferralAct.REOPEN, detail__place=receipt)


def is_free(place: ReferralIdea) -> bool:
    """Whether a place can be taken up again: its referral is not recalled, its idea stands, no other unit has it by
    now, and its own can act."""
    idea, referral = place.idea, place.referral
    others = [row for _receipt, row in open_referrals_of([idea]) if row.pk != referral.pk]
    stands = idea.status in VALID and not idea.restricted and referral.state != ReferralState.RECALLED
    return stands and not others and can_act(referral.unit)


def verdict_figures(by: Sequence[str] = ("closing__unit",)) -> QuerySet[ResidentVerdict, dict[str, Any]]:
    """How many verdicts there are, in one query, grouped by paths from a verdict (`closing__unit`,
    `closing__referral__campaign`): {…, "given", "satisfied", "mostly", "not_satisfied", "solved", "went_back"}.

    What was said of a closing counts as long as it stands; what was taken up again is only in `went_back`. Nothing of
    restricted ideas is in it.
    """
    stands = Q(closing__places__isnull=False)

    def count(more: Q) -> Count:
        return Count("pk", filter=stands & more, distinct=True)

    rows = ResidentVerdict.objects.filter(closing__referral__in=Referral.objects.unrestricted())
    return (
        rows.order_by()
        .values(*by)
        .annotate(
            given=count(Q()),
            satisfied=count(Q(satisfaction=Satisfaction.SATISFIED)),
            mostly=count(Q(satisfaction=Satisfaction.MOSTLY)),
            not_satisfied=count(Q(satisfaction=Satisfaction.NOT)),
            solved=count(Q(is_solved=True)),
            went_back=Count("reopening", distinct=True),
        )
        .order_by(*(F(path).asc(nulls_last=True) for path in by))
    )
