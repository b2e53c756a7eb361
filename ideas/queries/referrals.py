"""Referrals as a unit and the office see them, and who acts for a unit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Case, DateField, Exists, F, OuterRef, Prefetch, Q, QuerySet, When
from django.utils.timezone import localdate

from ideas.choices import AnswerState, QuestionState, ReferralAct, ReferralState
from ideas.models import (
    Idea,
    Milestone,
    Referral,
    ReferralAnswer,
    ReferralEvent,
    ReferralIdea,
    Supervision,
    Unit,
    UnitQuestion,
    User,
)
from ideas.models.referrals import ReferralQuerySet
from ideas.queries.access import AnyUser, was_told_before_the_choice
from ideas.queries.panel import AnonymisedIdea, blind_texts
from ideas.queries.workdays import calendar_of
from ideas.rules.milestones import RELEASE
from ideas.rules.referrals import ANSWERS_OFFICE, BACK, NAMING, OPEN, SAYS_TO_UNIT, SETS_DAY, WAITS_FOR_NAMES
from ideas.rules.workdays import Pause, workdays_taken

# The day that runs in a state, as Referral.due_on gives it.
DUE_COLUMNS = {
    ReferralState.SENT: "acknowledge_by",
    ReferralState.ACKNOWLEDGED: "answer_by",
    ReferralState.PLANNED: "finish_by",
}


def people_with(permission: str) -> QuerySet[User]:
    """All active users who have a permission of this app, by a role or by themselves."""
    asked = Permission.objects.filter(content_type__app_label="ideas", codename=permission)
    return User.objects.filter(
        Q(groups__permissions__in=asked) | Q(user_permissions__in=asked), is_active=True
    ).distinct()


def officers_of(unit: Unit) -> QuerySet[User]:
    return people_with("work_referral").filter(unit=unit)


def can_act(unit: Unit) -> bool:
    """Whether a unit takes referrals, and somebody can work at them."""
    return unit.is_active and (unit.by_letter or officers_of(unit).exists())


def works_for(user: AnyUser, referral: Referral) -> bool:
    """Whether somebody acts for the unit that leads a referral: one of its own, or the office for one that it writes
    letters to; of a restricted idea's only who is named, or the keepers."""
    if referral.unit.by_letter and user.has_perm("ideas.refer_idea"):
        return reached_referrals(user).filter(pk=referral.pk).exists()
    is_own = isinstance(user, User) and user.unit_id == referral.unit_id and user.has_perm("ideas.work_referral")
    return is_own and unit_referrals(user).filter(pk=referral.pk).exists()


def reads_all_of(user: AnyUser, referral: Referral) -> bool:
    """Whether somebody reads also what is not released: the office and the unit that leads it, none that only helps."""
    return works_for(user, referral) or reached_referrals(user).filter(pk=referral.pk).exists()


def adds_photos_to(user: AnyUser, referral: Referral) -> bool:
    """Whether somebody may add photos of its places: whoever acts for the unit, and the office, which looks on site."""
    is_office = user.has_perm("ideas.refer_idea") and reached_referrals(user).filter(pk=referral.pk).exists()
    return is_office or works_for(user, referral)


def approves_for(user: AnyUser, referral: Referral) -> bool:
    """Whether somebody may approve what leaves the unit."""
    if not works_for(user, referral):
        return False
    is_whole_unit = referral.unit.one_person or referral.unit.by_letter
    return is_whole_unit or user.has_perm("ideas.approve_referral")


def unit_referrals(user: AnyUser) -> ReferralQuerySet:
    """What an officer's desk shows: those of the own unit, also where it only helps; nothing of any other, and of
    restricted ideas only those that name this officer."""
    if not isinstance(user, User) or user.unit is None or not user.has_perm("ideas.work_referral"):
        return Referral.objects.none()
    return Referral.objects.of_unit(user.unit).for_person(user)


def office_referrals(user: AnyUser) -> ReferralQuerySet:
    """What the office's lists, boards, sheets and counts are made of: nothing of restricted ideas."""
    return Referral.objects.unrestricted() if _is_office(user) else Referral.objects.none()


def reached_referrals(user: AnyUser) -> ReferralQuerySet:
    """What the office reaches by a referral's own pages, or by its idea's: keepers also those of restricted ideas."""
    sees_all = _is_office(user) and user.has_perm("ideas.see_restricted")
    return Referral.objects.all() if sees_all else office_referrals(user)


def _is_office(user: AnyUser) -> bool:
    return user.has_perm("ideas.refer_idea") or user.has_perm("ideas.view_referral")


def better_unit(referral: Referral) -> Unit | None:
    """The unit that a return names as the right one, while the office decides on it."""
    if referral.state != ReferralState.RETURNED:
        return None
    asked = referral.events.filter(act=ReferralAct.ASK_RETURN).last()
    return Unit.objects.filter(name=asked.detail.get("better"), is_active=True).first() if asked else None


def handed_over(referral: Referral, events: Iterable[ReferralEvent]) -> ReferralEvent | None:
    """Of its events how it came to the unit that has it, where another one had it before: with words to this unit."""
    return next((row for row in events if row.act == ReferralAct.REASSIGN and row.at == referral.sent_at), None)


def office_words(events: Iterable[ReferralEvent]) -> ReferralEvent | None:
    """Of its events, in their order, what the office has said to the unit last and the unit has not answered yet."""
    said = None
    for row in events:
        if row.act in SAYS_TO_UNIT:
            said = row
        elif row.act in ANSWERS_OFFICE:
            said = None
    return said


def was_dealt_with(idea: Idea, *, since: datetime) -> bool:
    """Whether a unit has closed it, or an answer about it was released, since a moment."""
    places = ReferralIdea.objects.standing().filter(idea=idea, referral__sent_at__gte=since)
    answers = ReferralAnswer.objects.filter(referral=OuterRef("referral"), state=AnswerState.RELEASED)
    return places.filter(Q(closing__isnull=False) | Exists(answers)).exists()


def waiting_for_office(name: str) -> Q:
    """Of referrals those that wait for the office: its word to a question, its decision on a return, the release of an
    answer or of a milestone, its look at what is reported done."""
    return {
        "question": Q(pk__in=UnitQuestion.objects.filter(state=QuestionState.OFFICE).values("referral")),
        "return": Q(state=ReferralState.RETURNED),
        "release": Q(pk__in=ReferralAnswer.objects.filter(state=AnswerState.APPROVED).values("referral")),
        "milestone": Q(state__in=OPEN, pk__in=Milestone.objects.filter(state__in=RELEASE).values("referral")),
        "done": Q(state=ReferralState.DONE),
    }[name]


def due_first(rows: ReferralQuerySet) -> ReferralQuerySet:
    """Those that are open: the unit's turn before the office's, the earliest day first."""
    day = Case(*(When(state=state, then=F(column)) for state, column in DUE_COLUMNS.items()), output_field=DateField())
    return _with_rows(rows.open().annotate(due_day=day)).order_by(F("due_day").asc(nulls_last=True), "id")


def ended_first(rows: ReferralQuerySet) -> ReferralQuerySet:
    """Those that have ended, the newest first."""
    return _with_rows(rows.exclude(state__in=OPEN)).order_by("-closed_at", "-id")


def _with_rows(rows: ReferralQuerySet) -> ReferralQuerySet:
    places = Prefetch("places", ReferralIdea.objects.select_related("idea__area"))
    again = ReferralEvent.objects.filter(referral=OuterRef("pk"), act=ReferralAct.REOPEN)
    own = ReferralAnswer.objects.filter(referral=OuterRef("pk"), unit=OuterRef("unit"))
    return (
        rows.select_related("campaign", "unit")
        .prefetch_related(places)
        .annotate(
            was_taken_up=Exists(again),
            is_handed_in=Exists(own.filter(state=AnswerState.HANDED_IN)),
            was_passed_back=Exists(own.filter(state=AnswerState.DRAFT).exclude(passed_back="")),
        )
    )


@dataclass(frozen=True)
class Line:
    """A referral as a list shows it: its ideas as a unit reads them, and how its day stands."""

    referral: Referral
    titles: list[str]
    place: str
    due_on: date | None
    days_left: int  # calendar days; negative where it is over
    step: Supervision | None  # the last one about this day


def standing_places(referral: Referral, *related: str) -> list[ReferralIdea]:
    """What a referral is about, in its order: what was taken off is not shown, unless nothing else is left of one that
    was recalled with it."""
    rows = list(referral.places.select_related(*related) if related else referral.places.all())
    return [row for row in rows if row.taken_off_at is None] or rows


def lines_of(referrals: Sequence[Referral], *, today: date) -> list[Line]:
    ideas = {row.pk: [place.idea for place in standing_places(row)] for row in referrals}
    texts = blind_texts([idea for rows in ideas.values() for idea in rows])
    steps = Supervision.objects.latest_of(referrals)
    return [_line(row, ideas[row.pk], texts, steps.get(row.pk), today) for row in referrals]


def line_of(referral: Referral, *, today: date) -> Line:
    ideas = [row.idea for row in standing_places(referral, "idea__area")]
    step = Supervision.objects.latest_of([referral]).get(referral.pk)
    return _line(referral, ideas, blind_texts(ideas), step, today)


def _line(
    row: Referral, ideas: list[Idea], texts: Mapping[int, AnonymisedIdea], step: Supervision | None, today: date
) -> Line:
    places = [f"{idea.area or ''} {texts[idea.pk].place}".strip() for idea in ideas]
    due = row.due_on
    titles = [texts[idea.pk].title for idea in ideas]
    return Line(row, titles, next(filter(None, places), ""), due, (due - today).days if due else 0, step)


def places_for_unit(referral: Referral) -> list[tuple[ReferralIdea, AnonymisedIdea]]:
    """The places of a referral with their ideas' texts, in which the proposer's names and contacts are covered."""
    places = standing_places(referral, "idea__area", "idea__topic", "closing__actor")
    texts = blind_texts([place.idea for place in places])
    return [(place, texts[place.idea_id]) for place in places]


def ideas_for_unit(referral: Referral) -> list[tuple[Idea, AnonymisedIdea]]:
    """The same by idea."""
    return [(place.idea, text) for place, text in places_for_unit(referral)]


def named_places(places: Sequence[ReferralIdea]) -> dict[ReferralIdea, str]:
    """Each place in a few words, as unit and office may read them: its number, and where it is or what it is about."""
    texts = blind_texts([row.idea for row in places])

    def words(idea: Idea) -> str:
        where = f"{idea.area or ''} {texts[idea.pk].place}".strip()
        return f"{idea.receipt} {where or texts[idea.pk].title}"

    return {row: words(row.idea) for row in places}


def told_referrals(idea: Idea) -> ReferralQuerySet:
    """What a resident may know of: of the own idea, or the one that leads it, in the order of sending.

    What the office refers while the winners are chosen may tell who is chosen: it is told after the release, as with
    texts (access.public_ideas). Of a referral that a restricted idea belongs to nothing is told: what named people
    write in it is about that one, too.
    """
    known = Referral.objects.unrestricted().filter(ideas__in=[idea.pk, *filter(None, [idea.merged_into_id])])
    return told(known).distinct().order_by("id")


def told(referrals: ReferralQuerySet) -> ReferralQuerySet:
    """Those that were sent before the winners began to be chosen, or of a campaign that is released."""
    first = ReferralEvent.objects.filter(number=1, referral=OuterRef("pk"))
    return referrals.filter(was_told_before_the_choice(first, "referral__campaign"))


def places_of(idea: Idea) -> dict[int, ReferralIdea]:
    """By referral, the place that an idea is, or else the one that leads it; one that stands before one taken off."""
    rows = ReferralIdea.objects.filter(idea__in=[idea.pk, *filter(None, [idea.merged_into_id])])
    rows = rows.select_related("idea", "closing", "referral__campaign", "referral__unit")
    best_last = sorted(rows, key=lambda row: (row.taken_off_at is None, row.idea_id == idea.pk))
    return {row.referral_id: row for row in best_last}


def with_idea(rows: ReferralQuerySet, idea: Idea) -> Any:
    """Those that are or were about an idea; `is_about` says whether it was not taken off."""
    own = ReferralIdea.objects.filter(referral=OuterRef("pk"), idea=idea)
    return rows.filter(Exists(own)).annotate(is_about=Exists(own.standing()))


def open_referrals_of(ideas: Iterable[Idea]) -> Iterator[tuple[str, Referral]]:
    """(receipt number, referral) of those of the ideas that are with a unit now."""
    rows = ReferralIdea.objects.standing().filter(idea__in=list(ideas), referral__state__in=OPEN).order_by("idea_id")
    for row in rows.select_related("idea", "referral__unit", "referral__campaign"):
        yield row.idea.receipt, row.referral


def open_places(referral: Referral) -> list[ReferralIdea]:
    """Those that are not closed yet, the leading one first."""
    return list(referral.places.standing().filter(closing=None).select_related("idea__area"))


def days_taken(referral: Referral, at: datetime) -> int:
    """Working days from the sending to the unit until a moment, without those on which the office decided on a return
    or a resident was asked, or nobody of the unit was named who could act."""
    start, end = localdate(referral.sent_at), localdate(at)
    pauses, since, waits_since = [], start, None
    for event in referral.events.filter(at__gte=referral.sent_at).order_by("number"):
        if event.act in WAITS_FOR_NAMES:
            waits_since = localdate(event.at)
        elif event.act in NAMING and waits_since:
            pauses.append(Pause(waits_since, localdate(event.at)))
            waits_since = None
        if event.after in BACK and event.before not in BACK:
            since = localdate(event.at)
        elif event.before in BACK and event.after not in BACK:
            pauses.append(Pause(since, localdate(event.at)))
    return workdays_taken(start, end, pauses, calendar_of(start, end))


def answer_in_hand(referral: Referral) -> ReferralAnswer | None:
    """What the unit is writing or its head is reading."""
    return referral.answers.filter(state__in=(AnswerState.DRAFT, AnswerState.HANDED_IN)).last()


def released_answers(referral: Referral) -> QuerySet[ReferralAnswer]:
    """What everybody may read who may read of the referral, in the order of release."""
    return referral.answers.filter(state=AnswerState.RELEASED).order_by("released_at", "id")


def answer_to_release(referral: Referral) -> ReferralAnswer | None:
    """What has left the unit and waits for the office."""
    return referral.answers.filter(state=AnswerState.APPROVED).last()


def day_on_release(referral: Referral, answer: ReferralAnswer) -> date:
    """By when it is to be done once an answer is released: the day that the unit gives in it, or the one that the
    office has set since that had left the unit; as before where the answer gives none."""
    has_set = referral.events.filter(act__in=SETS_DAY, at__gt=answer.approved_at).exists()
    return answer.finish_on if answer.finish_on and not has_set else referral.finish_by
