"""What a resident is shown of an own idea: what happened, who has it now, what can be done. In the glossary's words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ideas.choices import Action, AnswerKind, AnswerState, Phase, PublicStatus, QuestionState, ReferralAct
from ideas.models import (
    Campaign,
    Idea,
    IdeaEvent,
    Photo,
    Referral,
    ReferralEvent,
    ReferralIdea,
    Shortlist,
    Unit,
    UnitQuestion,
)
from ideas.queries.milestones import Share, public_milestones
from ideas.queries.questions import asked_of_resident
from ideas.queries.referrals import places_of, told_referrals
from ideas.queries.trail import appealed_decision, erased_at, lasting
from ideas.queries.verdicts import place_to_judge
from ideas.rules.milestones import AHEAD, is_late
from ideas.rules.referrals import BEFORE_ANSWER, TAKES_PHOTOS, WITH_UNIT
from ideas.rules.tracking import Act, possible_acts
from ideas.rules.workflow import RESULTS, TOLD

BLINK = timedelta(microseconds=1)
FOLLOWS = (ReferralAct.CLOSE_PLACE, ReferralAct.CLOSE, ReferralAct.REOPEN)


@dataclass(frozen=True)
class Step:
    """One line: when, what, and words; `is_quoted` says that somebody wrote them, in whatever language."""

    at: datetime
    title: str
    words: str = ""
    is_quoted: bool = False
    on: date | None = None  # the day that is told in place of the moment
    photos: Sequence[Photo] = ()
    follows: bool = False  # from what else happened at its moment, and stands after it


class ToCome(NamedTuple):
    """A step that a unit has not done yet, and the last day on which it is in time; its own words where it has some."""

    on: date
    title: str
    words: str = ""
    is_late: bool = False
    unit: Unit | None = None


@dataclass(frozen=True)
class Story:
    """An idea as its resident sees it at a moment.

    `version` counts the events that are told, and the questions of units. A page carries it, so that an act on an
    outdated page can be refused. It is not Idea.event_count: that one grows when an idea is put on the list.
    """

    steps: list[Step]
    version: int
    acts: frozenset[Act]
    now_with: str
    question: str
    due_at: datetime | None  # until when the question can be answered
    erased_at: datetime | None
    to_judge: ReferralIdea | None  # the closed place on which a verdict is asked for
    must_call: bool  # a valid idea can be withdrawn by telephone only, since the choice of winners has begun
    questions: list[UnitQuestion]  # that units asked its resident

    @property
    def unit_question(self) -> UnitQuestion | None:
        """The one that waits for an answer."""
        return next((row for row in reversed(self.questions) if row.is_with_resident), None)


def story_of(idea: Idea, at: datetime) -> Story:
    """Everything but the texts, in four queries, and two more where it is closed at a unit; what concerns the list
    shows only as its released result."""
    events = list(idea.events.select_related("statement").order_by("number"))
    told = _told(events)
    steps = [_step(event) for event in told]
    campaign, status = idea.campaign, idea.public_status
    if campaign.released_at and status in RESULTS:
        steps.append(Step(campaign.released_at, str(status.label)))
    choosing, questions = choosing_has_begun(campaign, at), asked_of_resident(idea)
    acts = possible_acts(
        idea.status,
        done=[event.action for event in events],
        collecting=campaign.phase(at) == Phase.COLLECTING,
        choosing=choosing,
        released=campaign.is_released,
        asked=any(row.is_with_resident for row in questions),
        judging=(to_judge := place_to_judge(idea, at)) is not None,
    )
    return Story(
        steps=steps,
        version=len(told) + len(questions),
        acts=acts,
        now_with=_now_with(status, events),
        question=next((event.reason for event in reversed(told) if event.action == Action.RETURN), ""),
        due_at=idea.due_at if status == PublicStatus.RETURNED else None,
        erased_at=erased_at(events),
        to_judge=to_judge,
        must_call=status == PublicStatus.UNDER_REVIEW and choosing,
        questions=questions,
    )


def whole_way(idea: Idea, story: Story, *, today: date) -> tuple[list[Step], list[ToCome]]:
    """The steps of a story with what became of the idea at the units, in their order, and what is still to come."""
    done, to_come = way_at_units(idea, today=today)
    asked = chain.from_iterable(map(_question_steps, story.questions))
    if (waits := story.unit_question) and waits.due_at:
        to_come = [ToCome(localdate(waits.due_at - BLINK), _("You answer the question")), *to_come]
    verdicts = _own_verdicts(idea) if done else ()
    steps = [*story.steps, *done, *asked, *verdicts]
    return sorted(steps, key=_in_order), to_come


def _own_verdicts(idea: Idea) -> Iterator[Step]:
    for row in idea.verdicts.all():
        given = {
            "satisfaction": row.get_satisfaction_display(),
            "solved": pgettext("verdict", "solved") if row.is_solved else pgettext("verdict", "not solved"),
        }
        heard = _("You said on the telephone: %(satisfaction)s, %(solved)s")
        own = _("Your verdict: %(satisfaction)s, %(solved)s")
        yield Step(row.given_at, (heard if row.entered_by_id else own) % given, row.words, is_quoted=bool(row.words))


def at_work(to_come: Iterable[ToCome]) -> list[Unit]:
    """The units that have something to do next."""
    return list(dict.fromkeys(row.unit for row in to_come if row.unit))


def way_at_units(idea: Idea, *, today: date) -> tuple[list[Step], list[ToCome]]:
    """What became of an idea at the units, as everybody may read it who may read of the idea; and what is to come."""
    rows = told_referrals(idea).select_related("unit")
    found = ("events__unit", "answers__unit", "answers__places", public_milestones())
    referrals = list(rows.prefetch_related(*found))
    if not referrals:
        return [], []
    places = places_of(idea)
    steps = chain.from_iterable(_unit_steps(row, places[row.pk]) for row in referrals)
    milestones = chain.from_iterable(_milestones_done(row, places[row.pk], idea) for row in referrals)
    to_come = [each for row in referrals for each in _to_come(row, places[row.pk], today)]
    return sorted([*steps, *milestones], key=_in_order), sorted(to_come, key=lambda step: step.on)


def _in_order(step: Step) -> tuple[datetime, bool]:
    return step.at, step.follows


def share_of(steps: Iterable[Step], to_come: Iterable[ToCome]) -> Share:
    """Of the milestones on a way: those that are done are told by a day, and those to come by words of their own."""
    done = sum(step.on is not None for step in steps)
    return Share(done, done + sum(bool(step.words) for step in to_come))


def choosing_has_begun(campaign: Campaign, at: datetime) -> bool:
    """Whether the winners are being chosen: rating is over, or there is a list, or the winners are released."""
    listed = Shortlist.objects.filter(campaign=campaign).exists()
    rated = campaign.rating_until is not None and campaign.rating_until <= at
    return listed or rated or campaign.is_released


def _told(events: Iterable[IdeaEvent]) -> list[IdeaEvent]:
    """What the resident may read of the trail."""
    return [event for event in lasting(events) if event.action in TOLD]


def _step(event: IdeaEvent) -> Step:
    words = event.words_said
    plain = {
        Action.MERGE: _("An earlier idea says the same. It leads, and you are kept as its co-proposer."),
        Action.WITHDRAW: _("If it was not your wish, please call us.") if event.actor_id else None,
        Action.UNMERGE: _("The earlier idea does not lead yours any more. Yours is looked at for itself again."),
    }.get(Action(event.action))
    title = {
        Action.SUBMIT: _("We received your idea"),
        Action.ACCEPT: _("Accepted as valid; it goes to the panel"),
        Action.RETURN: _("We ask for more information"),
        Action.ANSWER: _("Your answer was received"),
        Action.DECLINE: _("Not accepted: %(detail)s"),
        Action.MERGE: _("Merged with an earlier idea"),
        Action.TRANSFER: _("Belongs to another channel: %(detail)s"),
        Action.WITHDRAW: _("Withdrawn by the office on your word") if event.actor_id else _("Withdrawn by you"),
        Action.AMEND: _("You changed the text"),
        Action.APPEAL: _("You asked for a review"),
        Action.UNMERGE: _("No longer merged"),
        Action.NAME: _("You changed how to be named"),
        Action.NEW_CODE: _("A new query code was sent to you"),
        Action.ERASE: _("Your personal data were erased"),
        Action.LAPSE: _("Not answered in time, so not accepted"),
    }[Action(event.action)]
    detail = "".join(str(word) for word in event.detail_words)
    return Step(event.at, title % {"detail": detail}, plain or words, is_quoted=not plain and bool(words))


def _unit_steps(referral: Referral, place: ReferralIdea) -> Iterator[Step]:
    """What became of a place with the units; of their answers the released ones."""
    for event in _of_place(referral, place):
        given = {"unit": event.unit}
        title = {
            ReferralAct.SEND: _("Given to a unit: %(unit)s"),
            ReferralAct.REASSIGN: _("Given to another unit: %(unit)s"),
            ReferralAct.ACKNOWLEDGE: _("%(unit)s has acknowledged it"),
            ReferralAct.CLOSE_PLACE: _("Closed by the office"),
            ReferralAct.CLOSE: _("Closed by the office"),
            ReferralAct.REOPEN: _("Taken up again: %(unit)s"),
        }.get(ReferralAct(event.act))
        if title:
            yield Step(event.at, title % given, follows=event.act in FOLLOWS)
    for answer in referral.answers.all():
        is_about = not answer.places.all() or place in answer.places.all()
        is_told = answer.state == AnswerState.RELEASED and is_about
        if is_told and answer.released_at and _was_there(place, answer.released_at):
            said = {"unit": answer.unit, "adoption": answer.get_adoption_display()}
            is_done = answer.kind == AnswerKind.DONE
            said_so = _("%(unit)s reports it done") if is_done else _("%(unit)s answers: %(adoption)s")
            yield Step(answer.released_at, said_so % said, answer.public, is_quoted=True)


def _question_steps(question: UnitQuestion) -> Iterator[Step]:
    """What a unit wanted to know of the resident, and how that ended: for the resident's own eyes."""
    given = {"unit": question.unit}
    if question.passed_at:
        yield Step(question.passed_at, _("%(unit)s has a question") % given, question.passed_words, is_quoted=True)
    title = {
        QuestionState.REPLIED: _("You answered the question of %(unit)s"),
        QuestionState.SETTLED: _("The question of %(unit)s needs no answer any more"),
        QuestionState.DROPPED: _("The question of %(unit)s needs no answer any more"),
        QuestionState.LAPSED: _("The question was not answered; %(unit)s goes on without"),
    }.get(QuestionState(question.state))
    if title and question.ended_at:
        yield Step(question.ended_at, title % given, question.reply, is_quoted=bool(question.reply))


def _milestones_done(referral: Any, place: ReferralIdea, idea: Idea) -> Iterator[Step]:
    """With the photos of the reader's own place only."""
    own = {idea.pk, idea.merged_into_id}
    for row in referral.told_milestones:
        if row.done_released_at and _was_there(place, row.done_released_at):
            photos = [photo for photo in row.shown_photos if photo.place.idea_id in own]
            title = _("%(unit)s: %(milestone)s is done") % {"unit": row.unit, "milestone": row.words}
            yield Step(row.done_released_at, title, row.done_words, is_quoted=True, on=row.done_on, photos=photos)


def _milestones_ahead(referral: Any, today: date) -> Iterator[ToCome]:
    if referral.state in TAKES_PHOTOS:
        for row in referral.told_milestones:
            if row.state in AHEAD:
                title = _("%(unit)s has planned") % {"unit": row.unit}
                yield ToCome(row.planned_on, title, row.words, is_late(row.planned_on, None, today), referral.unit)


def _of_place(referral: Referral, place: ReferralIdea) -> Iterator[ReferralEvent]:
    """The events that concern one place, as long as it stood: not those of others, and not the end of others after
    its own."""
    is_closed = False
    for event in referral.events.all():
        if not _was_there(place, event.at):
            return
        if event.about and place.idea.receipt not in event.about:
            continue
        ends = event.act in (ReferralAct.CLOSE, ReferralAct.CLOSE_PLACE)
        if not (ends and is_closed):
            yield event
        is_closed = ends or (is_closed and event.act != ReferralAct.REOPEN)


def _was_there(place: ReferralIdea, at: datetime) -> bool:
    return place.taken_off_at is None or at <= place.taken_off_at


def _to_come(referral: Referral, place: ReferralIdea, today: date) -> Iterator[ToCome]:
    if place.done_at or place.closing_id or place.taken_off_at:
        return
    yield from _milestones_ahead(referral, today)
    if referral.state in BEFORE_ANSWER:
        yield ToCome(referral.answer_by, _("%(unit)s answers") % {"unit": referral.unit}, unit=referral.unit)
    if referral.state in WITH_UNIT:
        yield ToCome(referral.finish_by, _("To be done"), unit=referral.unit)


def _now_with(status: PublicStatus, events: list[IdeaEvent]) -> str:
    """Who has the idea. The same for every valid idea before the release, whatever the panel and the office do."""
    if status == PublicStatus.RECEIVED and appealed_decision(events):
        return _("another moderator, who looks at the decision again")
    if status == PublicStatus.RETURNED and erased_at(events):  # nobody can answer any more
        status = PublicStatus.RECEIVED
    return {
        PublicStatus.RECEIVED: _("the moderators, who read it next"),
        PublicStatus.RETURNED: _("you: please answer our question"),
        PublicStatus.UNDER_REVIEW: _("the panel and the office"),
        PublicStatus.MERGED: _("whoever has the earlier idea that leads"),
        PublicStatus.TRANSFERRED: _("the other channel; nobody here"),
        PublicStatus.WINNER: _("the office, which sees to it that it is carried out"),
    }.get(status) or _("nobody any more")
