"""What became of the demo's ideas at the units: each referral goes a written course, act by act, through the services.

The written ones stand in `*_handled.toml`: unit, course and words of an idea by its title; below them words by topic
for as many others as are wanted.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from django.utils.timezone import localdate

from ideas.choices import (
    Adoption,
    AnswerKind,
    MessageState,
    MilestoneState,
    PhotoStage,
    ReferralAct,
    Role,
    Satisfaction,
)
from ideas.demo.campaigns import SHANGHAI, TOPICS
from ideas.demo.people import UNITS
from ideas.demo.pictures import picture_of
from ideas.models import Campaign, Idea, Message, Referral, ReferralRule, ResidentVerdict, Unit, User
from ideas.queries.tracking import story_of
from ideas.queries.verdicts import place_to_judge
from ideas.queries.workdays import calendar_of
from ideas.rules.verdicts import Said
from ideas.rules.workdays import Calendar, due_day, workday_before
from ideas.services import answers, closing, milestones, photos, questions, referral_photos, referrals, verdicts
from ideas.services.supervision import supervise

HERE = Path(__file__).parent
YEAR = timedelta(days=366)
AFTER, AGAIN = "-after", "-again"  # the same scene once the work is done, and once what was left is
INSTRUCTIONS = (
    "请实地查看，三个工作日内答复能否办理、怎样办、何时办完；能马上改的先改。",
    "请与所在街道、社区一起到现场看一遍，答复办理办法和完成日期。",
    "请研究所提办法，采纳的写明步骤和日期，不采纳的写明理由。",
)
# topic -> the unit whose affair it is
AFFAIRS = {
    "road": "traffic",
    "order": "order",
    "night": "works",
    "school": "schools",
    "fraud": "fraud",
    "gangs": "order",
    "publicity": "culture",
    "fire": "fire",
    "neighbours": "wardens",
    "parking": "traffic",
    "around-schools": "schools",
    "green": "green",
    "old-estates": "welfare",
    "barrier-free": "works",
}
LOOKED = "与答复一致。"
NO_PHOTO = "不涉及现场施工，未拍办后照片。"
NOT_YET = "现场查看，还有一处没有做完，请补做。"

# course -> (working days after the sending, what is done then), as a list to read
_ANSWER = "0 send, 1 acknowledge, 3 plan, 4 release"
_END = "40 report, 41 release, 43 close, 46 judge"
COURSES = {
    "on time": f"{_ANSWER}, {_END}",
    "partly": f"{_ANSWER}, {_END}",
    "not adopted": _ANSWER,
    "milestones": f"{_ANSWER}, 16 step, 29 step, 39 step, {_END}",
    "late": "0 send, 2 acknowledge, 5 plan, 6 release, 51 report, 52 release, 54 close, 57 judge",
    "reopened": f"{_ANSWER}, {_END}, 50 report, 51 release, 53 close, 56 judge",
    "sent back": f"{_ANSWER}, 36 report, 38 not_yet, {_END}",
    "returned": f"0 send, 1 ask_return, 3 reassign, 4 acknowledge, 6 plan, 7 release, {_END}",
    "kept": f"0 send, 1 acknowledge, 2 ask_return, 4 keep, 6 plan, 7 release, {_END}",
    # Of a campaign that is going on: how far they have come.
    "sent": "0 send",
    "acknowledged": "0 send, 1 acknowledge",
    "unanswered": "0 send, 1 acknowledge",
    "asked": "0 send, 1 acknowledge, 1 ask, 2 pass_on",
    "returned now": "0 send, 1 ask_return",
    "answered": "0 send, 1 acknowledge, 2 plan",
    "planned": "0 send, 1 acknowledge, 2 plan, 3 release",
    "overdue": "0 send, 1 acknowledge, 2 plan, 2 release",
    "done": "0 send, 0 acknowledge, 1 plan, 2 release, 4 report",
    "quick": "0 send, 0 acknowledge, 1 plan, 1 release, 3 report, 3 release, 4 close",
    "quick reopened": "0 send, 0 acknowledge, 1 plan, 1 release, 3 report, 3 release, 4 close, 5 judge",
}
FINISH = {
    "overdue": 4,
    "done": 5,
    "quick": 5,
    "quick reopened": 5,
    "planned": 30,
}  # working days that a plan gives itself; others:
USUALLY = 45
JUST_SENT = {"sent": 0, "acknowledged": 1, "asked": 3}  # on their way so few working days that nothing is late


@dataclass(frozen=True)
class Course:
    """What is written of an idea: which unit gets it, what happens, and in what words."""

    idea: Idea
    unit: str
    course: str
    plan: str = ""
    done: str = ""
    reason: str = ""
    better: str = ""
    keep: str = ""
    photo: str = ""
    ask: str = ""
    milestones: Sequence[str] = ()
    unsolved: str = ""
    again: str = ""


@dataclass
class _Case:
    """A referral on its course; the methods that COURSES names do one step each."""

    written: Course
    office: User
    units: Mapping[str, Unit]
    people: Mapping[Role, Mapping[int | None, User]]  # officers and heads, by the key of their unit
    calendar: Calendar
    instruction: str
    satisfaction: Satisfaction
    referral: Referral = field(init=False)

    def _given(self, at: datetime) -> dict[str, Any]:
        self.referral.refresh_from_db()
        return {"referral": self.referral, "at": at}

    @property
    def _officer(self) -> User:
        """The office writes to a unit without log-in, and types in what it says."""
        return self.people[Role.OFFICER].get(self.referral.unit_id, self.office)

    @property
    def _head(self) -> User:
        return self.people[Role.HEAD].get(self.referral.unit_id, self.office)

    def send(self, at: datetime) -> None:
        self.referral = referrals.send_referral(
            ideas=[self.written.idea],
            unit=self.units[self.written.unit],
            staff=self.office,
            at=at,
            instruction=self.instruction,
        )
        if self.written.photo:
            self._show(self.written.photo, PhotoStage.BEFORE, at)

    def acknowledge(self, at: datetime) -> None:
        referrals.acknowledge(**self._given(at), officer=self._officer)

    def ask(self, at: datetime) -> None:
        questions.ask(**self._given(at), officer=self._officer, words=self.written.ask, idea=self.written.idea)

    def pass_on(self, at: datetime) -> None:
        questions.pass_on(**self._given(at), staff=self.office, words=self.written.ask)

    def ask_return(self, at: datetime) -> None:
        better = self.units[self.written.better] if self.written.better else None
        referrals.ask_return(**self._given(at), officer=self._officer, reason=self.written.reason, better=better)

    def reassign(self, at: datetime) -> None:
        unit = self.units[self.written.better]
        referrals.reassign(**self._given(at), unit=unit, staff=self.office, words=self.instruction)

    def keep(self, at: datetime) -> None:
        referrals.keep(**self._given(at), staff=self.office, words=self.written.keep)

    def plan(self, at: datetime) -> None:
        adoption = next(each for each, word in ADOPTED.items() if self.written.plan.startswith(word))
        days = FINISH.get(self.written.course, USUALLY)
        sent_on, steps = localdate(self.referral.sent_at), self.written.milestones
        finish_on = due_day(sent_on, days, self.calendar)
        for place, words in enumerate(steps, start=1):
            planned_on = due_day(sent_on, days * place // len(steps), self.calendar)
            milestones.plan_milestone(**self._given(at), officer=self._officer, planned_on=planned_on, words=words)
        self._answer(AnswerKind.PLAN, at, public=self.written.plan, adoption=adoption, finish_on=finish_on)

    def step(self, at: datetime) -> None:
        """The next milestone is done."""
        row = self.referral.milestones.filter(state=MilestoneState.RELEASED).order_by("planned_on").first()
        if row is None:
            return
        milestones.report_milestone(milestone=row, officer=self._officer, at=at, done_on=localdate(at))
        milestones.approve_milestones(**self._given(at + timedelta(hours=1)), head=self._head)
        milestones.release_milestones(**self._given(at + timedelta(hours=2)), staff=self.office)

    def report(self, at: datetime) -> None:
        is_again = self.referral.events.filter(act=ReferralAct.REOPEN).exists()
        if self.written.photo:
            self._show(self.written.photo + (AGAIN if is_again else AFTER), PhotoStage.AFTER, at)
        self._answer(AnswerKind.DONE, at, public=self.written.again if is_again else self.written.done)

    def _answer(self, kind: AnswerKind, at: datetime, **words: Any) -> None:
        if words.get("adoption") == Adoption.NOT_ADOPTED:
            words["finish_on"] = None
        answers.save_draft(**self._given(at), officer=self._officer, kind=kind, words=words)
        answers.hand_in(**self._given(at), officer=self._officer)
        if not self.referral.unit.by_letter:
            answers.approve(**self._given(at + timedelta(minutes=20)), head=self._head)

    def release(self, at: datetime) -> None:
        answer = self.referral.answers.latest("id")
        answers.release_answer(**self._given(at), staff=self.office, public=answer.public)

    def not_yet(self, at: datetime) -> None:
        finish_by = due_day(localdate(at), 3, self.calendar)
        closing.not_yet(**self._given(at), staff=self.office, finish_by=finish_by, words=NOT_YET)

    def close(self, at: datetime) -> None:
        look: dict[str, Any] = {"looked_on": localdate(at), "looked_by": "社区网格员", "found": LOOKED}
        reason = "" if self.written.photo else NO_PHOTO
        closing.close(**self._given(at), staff=self.office, **look, reason=reason)

    def judge(self, at: datetime) -> None:
        """The resident says whether it is solved; one who writes what is not is content the second time."""
        idea = self.written.idea
        is_solved = not self.written.unsolved or ResidentVerdict.objects.filter(idea=idea).exists()
        words = "" if is_solved else self.written.unsolved
        how = self.satisfaction if is_solved else Satisfaction.NOT
        place, story = place_to_judge(idea, at), story_of(idea, at)
        if place is not None and place.closing_id is not None:
            said = Said(how, is_solved, words)
            verdicts.give_verdict(idea=idea, closing=place.closing_id, said=said, at=at, expected_version=story.version)

    def _show(self, scene: str, stage: PhotoStage, at: datetime) -> None:
        """The unit's photo, covered where it must be and released."""
        picture, covers = picture_of(scene)
        place = self.referral.places.get()
        given: dict[str, Any] = {"editor": self.office, "at": at}
        for photo in referral_photos.add_photos(
            place=place, stage=stage, pictures=[picture], person=self._officer, at=at
        ):
            copy = photos.cover_photo(photo=photo, covers=covers, **given) if covers else None
            photos.release_photo(photo=copy or photo, shown=True, **given)


ADOPTED = {
    Adoption.ADOPTED: "采纳",
    Adoption.PARTLY: "部分采纳",
    Adoption.NOT_ADOPTED: "未采纳",
}


def written_courses(kind: str, ideas: Mapping[str, Idea]) -> list[Course]:
    """The written ones of a demo campaign ("safer" or "liveable"); `ideas` by title."""
    return [Course(ideas[row.pop("title")], **row) for row in _file(kind)["referral"]]


def make_rules() -> None:
    """By which the form that refers an idea suggests a unit; those of the office stay."""
    if ReferralRule.objects.exists():
        return
    units = {key: Unit.objects.get(name=name) for key, name, _english in UNITS}
    names = {slug: name for rows in TOPICS.values() for slug, name, *_more in rows}
    rules = [ReferralRule(topic=names[slug], unit=units[key]) for slug, key in AFFAIRS.items()]
    lamps = ReferralRule(words="路灯 灯杆", unit=units["works"], position=10)
    ReferralRule.objects.bulk_create([lamps, *rules])


def invented_courses(kind: str, ideas: Sequence[Idea], dice: Random) -> list[Course]:
    """For other ideas the words of their topic, most of them on time."""
    words, courses = _file(kind)["words"], []
    for idea in ideas:
        row = words[idea.topic.slug]
        which = dice.randrange(len(row["plan"]))
        course = dice.choices(["on time", "late", "sent back"], weights=[7, 2, 1])[0]
        courses.append(Course(idea, AFFAIRS[idea.topic.slug], course, row["plan"][which], row["done"][which]))
    return courses


def _file(kind: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{kind}_handled.toml").read_text(encoding="utf-8"))


def hand_out(campaign: Campaign, courses: Sequence[Course], *, office: User, until: datetime, dice: Random) -> None:
    """Let them take their courses up to a moment, in the order of time, as for many units at once; each morning the
    worker looks what is due."""
    calendar = calendar_of(localdate(campaign.opens_at), localdate(until) + YEAR)
    units = {key: Unit.objects.get(name=name) for key, name, _english in UNITS}
    people = {
        role: {user.unit_id: user for user in User.objects.filter(groups__name=role, is_active=True)}
        for role in (Role.OFFICER, Role.HEAD)
    }
    instructions = cycle(INSTRUCTIONS)
    acts: list[tuple[datetime, Callable[[datetime], object]]] = []
    for course in courses:
        case = _Case(course, office, units, people, calendar, next(instructions), _some(dice))
        acts += [(at, getattr(case, step)) for at, step in _moments(case, until, dice)]
    acts += [(morning, lambda at: supervise(at=at)) for morning in _mornings(campaign.opens_at, until)]
    for at, act in sorted(acts, key=lambda each: each[0]):  # those of one moment in the order of the course
        if at <= until:
            act(at)
    queued = Message.objects.filter(idea__campaign=campaign, state=MessageState.QUEUED)
    queued.update(state=MessageState.SENT, sent_at=until, payload={}, tries=1)


def _some(dice: Random) -> Satisfaction:
    return dice.choices([Satisfaction.SATISFIED, Satisfaction.MOSTLY, Satisfaction.NOT], weights=[6, 3, 1])[0]


def _mornings(begins: datetime, until: datetime) -> Iterator[datetime]:
    for number in range((until - begins).days + 1):
        yield datetime.combine(localdate(begins) + timedelta(days=number), time(8, 30), tzinfo=SHANGHAI)


def _moments(case: _Case, until: datetime, dice: Random) -> Iterator[tuple[datetime, str]]:
    """When each step is done: in office hours, those of one day after another."""
    course, calendar = case.written.course, case.calendar
    accepted = localdate(case.written.idea.received_at) + timedelta(days=3)
    start = due_day(accepted, 1, calendar)
    if course in JUST_SENT:
        start = localdate(until)
        for _day in range(JUST_SENT[course] + 1):
            start = workday_before(start, calendar)
    hour = datetime.combine(start, time(9, dice.randrange(60)), tzinfo=SHANGHAI)
    for place, (days, step) in enumerate(each.split() for each in COURSES[course].split(", ")):
        day = due_day(start, int(days), calendar) if int(days) else start
        yield hour.replace(year=day.year, month=day.month, day=day.day) + timedelta(minutes=45 * place), step
