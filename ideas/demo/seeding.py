"""Filling a campaign with invented data, in bulk, through the same pure functions as the real thing.

What is made is as of the past: every message counts as sent, so that a fresh demo mails nobody. The same seed gives the
same texts, receipts, decisions and marks; only ciphertexts and keyed hashes differ, as they must.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ideas import conf
from ideas.choices import Action, MessageState, Source, Status
from ideas.demo.handling import hand_out, invented_courses
from ideas.demo.people import invent_resident
from ideas.demo.texts import Text
from ideas.models import Area, Assignment, Campaign, Idea, IdeaEvent, Mark, Message, Panellist, Rating, Resident, User
from ideas.models.sealed import vouch
from ideas.queries.shortlist import shown_digest
from ideas.rules import receipts
from ideas.services.campaigns import refresh_figures
from ideas.services.duplicates import count_terms, index_ideas
from ideas.services.entry import received_moment
from ideas.services.intake import hash_code, new_resident
from ideas.services.messages import new_messages
from ideas.services.panel import assign_first_round, assign_second_round
from ideas.services.proposal import propose_shortlist
from ideas.services.publishing import edit_published
from ideas.services.release import ask_release, confirm_release, release_winners
from ideas.services.screening import answer_due
from ideas.services.sealing import seal_shortlist
from ideas.services.workflow import next_event

STAGES = ("collecting", "screening", "rating", "shortlist", "published", "followed")
CHUNK = 2000
REFERRED = 90  # ideas, winners first, where a campaign is followed to the units
PUBLISHED = 0.8  # of the accepted ideas have a published text, where the campaign shows its ideas
# outcome of a text -> (act, message template)
ACTS: dict[str, tuple[Action, str]] = {
    Status.ACCEPTED: (Action.ACCEPT, "accepted"),
    Status.RETURNED: (Action.RETURN, "returned"),
    Status.DECLINED: (Action.DECLINE, "declined"),
    Status.MERGED: (Action.MERGE, "merged"),
    Status.TRANSFERRED: (Action.TRANSFER, "transferred"),
    Status.WITHDRAWN: (Action.WITHDRAW, ""),
}
COMMENTS = (
    "可行，先选两处试点。",
    "位置说得清楚，办起来不难。",
    "想法好，经费要再算。",
    "与在办项目可以合并推进。",
    "受益的人多。",
)
DOUBTS = ("现有条件下办不成。", "位置没写清，难以核实。", "受益面窄，放一放。", "已有类似做法，新意不多。")
HALF, FEW = 0.5, 0.04  # of a round's ratings that are left undone
SOURCES = {Source.WEB: 82, Source.PAPER: 12, Source.PHONE: 6}  # of a hundred ideas
LATE_BY = timedelta(days=2)
NO_PHOTO = "演示数据，没有意见单照片"
EARLY = "边征集边评审（演示）"
Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]


def no_progress(rows: Iterable[Any], label: str, total: int) -> Iterable[Any]:
    return rows


@dataclass(frozen=True)
class Cast:
    """Who acts in the story."""

    moderator: User
    managers: tuple[User, User]
    panel: list[User]
    clerk: User


@dataclass
class SeedPlan:
    """A campaign being filled: how far, until when, by whom; and what later steps must know of each idea.

    Winners are released at the end, unless the story goes on after `released_at`.
    """

    campaign: Campaign
    stage: str
    until: datetime
    seed: int
    cast: Cast
    progress: Progress = no_progress
    released_at: datetime | None = None
    quality: dict[int, int] = field(default_factory=dict)  # by the idea's primary key
    published: dict[int, str] = field(default_factory=dict)
    leads: dict[str, Idea] = field(default_factory=dict)  # by the key of the text
    has_late_slip: bool = False

    def dice(self, purpose: str) -> Random:
        """One stream of chance per purpose, so that a longer story begins like a shorter one."""
        return Random(f"{self.seed} {purpose}")  # noqa: S311


def seed_campaign(plan: SeedPlan, texts: Iterable[Text], count: int) -> None:
    """Take `count` texts, in order of receipt, as far as the story's stage: all or nothing."""
    with transaction.atomic():
        _receive(plan, texts, count)
        if plan.stage in STAGES[2:]:
            _rate(plan)
        if plan.stage in STAGES[3:]:
            _choose(plan)
        if plan.stage in STAGES[5:]:
            _follow(plan)
        refresh_figures(campaign=plan.campaign, at=plan.until)
        count_terms(at=plan.until, always=True)


def _chunks(rows: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


def _receive(plan: SeedPlan, texts: Iterable[Text], count: int) -> None:
    """Ideas with resident, messages, and the events up to the moderator's decision."""
    campaign, dice, prepared, slips = plan.campaign, plan.dice("ideas"), plan.dice("published"), plan.dice("office")
    draw = _fresh_receipts(campaign, dice)
    areas = {area.code: area for area in Area.objects.all()}
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    step = (min(campaign.closes_at, plan.until) - campaign.opens_at) / (count + 1)
    for chunk in _chunks(plan.progress(enumerate(texts), "ideas", count)):
        made = []
        for number, text in chunk:
            idea = Idea(
                campaign=campaign,
                receipt=next(draw),
                code_hash=hash_code(receipts.new_code(dice.choice), f"{dice.getrandbits(64):016x}"),
                source=Source.WEB,
                received_at=campaign.opens_at + step * (number + dice.random()),
                topic=topics[text.topic],
                area=areas.get(text.area),
                place=text.place,
                title=text.title,
                problem=text.problem,
                proposal=text.proposal,
            )
            source = slips.choices(list(SOURCES), weights=list(SOURCES.values()))[0]
            if source != Source.WEB:
                _type_in(plan, idea, source, waits=text.outcome == Status.RECEIVED)
            life = _life(plan, idea, text, number, dice)
            if campaign.show_ideas and idea.status == Status.ACCEPTED and prepared.random() < PUBLISHED:
                _publish(plan, idea, text, life)
            made.append((idea, text, life))
        _save(plan, made)


def _type_in(plan: SeedPlan, idea: Idea, source: Source, *, waits: bool) -> None:
    """By the clerk, on the slip's own day; of the waiting ones one is back-dated, for the filter and the auditor.

    No other is, since the end of the slip's day would count, and who leads a merger must not depend on the hour at
    which the demo is made.
    """
    day = timezone.localdate(idea.received_at)
    idea.source, idea.slip_on, idea.entered_by, idea.entered_at = source, day, plan.cast.clerk, idea.received_at
    if waits and source == Source.PAPER and not plan.has_late_slip and idea.received_at + LATE_BY <= plan.until:
        plan.has_late_slip = True
        idea.entered_at = idea.received_at + LATE_BY
        idea.received_at = received_moment(plan.campaign, slip_on=day, at=idea.entered_at)


@dataclass
class _Life:
    """What goes with an idea: its person, its events, its messages, and the idea that it was merged into."""

    resident: Resident
    events: list[IdeaEvent]
    messages: list[Message]
    lead: Idea | None = None


def _life(plan: SeedPlan, idea: Idea, text: Text, number: int, dice: Random) -> _Life:
    at, told_at = idea.received_at, idea.entered_at or idea.received_at
    resident = new_resident(idea, invent_resident(number, dice), at)
    submitted = next_event(idea, action=Action.SUBMIT, at=at, actor=idea.entered_by)
    life = _Life(resident, [submitted], _sent(resident, "receipt", told_at))
    if idea.source == Source.PAPER:
        life.events.append(next_event(idea, action=Action.NOTE, at=told_at, actor=idea.entered_by, reason=NO_PHOTO))
    if text.key:
        plan.leads[text.key] = idea
    decided_at = min(at + timedelta(hours=dice.uniform(2, 60)), plan.until)
    is_decided = text.outcome in ACTS and {"collecting": 0, "screening": 0.6}.get(plan.stage, 1) > dice.random()
    if not is_decided:
        return life
    action, template = ACTS[text.outcome]
    life.lead = plan.leads[text.into] if action == Action.MERGE else None
    detail = {"declined_as": text.declined_as, "channel": text.channel, "into": life.lead and life.lead.receipt}
    actor = None if action == Action.WITHDRAW else plan.cast.moderator
    given = {name: value for name, value in detail.items() if value}
    life.events.append(next_event(idea, action=action, at=decided_at, actor=actor, reason=text.reason, detail=given))
    if template:
        life.messages += _sent(resident, template, decided_at)
    if action == Action.RETURN:
        _wait_for_answer(plan, idea, life, decided_at)
    return life


def _wait_for_answer(plan: SeedPlan, idea: Idea, life: _Life, asked_at: datetime) -> None:
    """Nobody answers in the demo: once the time is over the idea lapses."""
    idea.due_at = answer_due(plan.campaign, asked_at)
    if idea.due_at <= plan.until:
        life.events.append(next_event(idea, action=Action.LAPSE, at=idea.due_at))
        life.messages += _sent(life.resident, "lapsed", idea.due_at)


def _publish(plan: SeedPlan, idea: Idea, text: Text, life: _Life) -> None:
    """The moderator writes the published text right after accepting the idea."""
    idea.published_title, idea.published_text = idea.title, _published_text(text.published, idea)
    at, moderator = life.events[-1].at, plan.cast.moderator
    life.events.append(next_event(idea, action=Action.EDIT_PUBLISHED, at=at, actor=moderator))


def _published_text(written: str, idea: Idea) -> str:
    return written or f"{idea.problem}\n\n{idea.proposal}"


def _sent(resident: Resident, template: str, at: datetime) -> list[Message]:
    """Messages as they look once they have gone out."""
    messages = new_messages(resident, template=template, at=at)
    for message in messages:
        message.state, message.sent_at, message.payload, message.tries = MessageState.SENT, at, {}, 1
    return messages


def _fresh_receipts(campaign: Campaign, dice: Random) -> Iterator[str]:
    """Receipt numbers from the dice, none twice, none that another campaign has."""
    taken = set(Idea.objects.filter(receipt__startswith=campaign.prefix).values_list("receipt", flat=True))
    while True:
        receipt = receipts.new_receipt(campaign.prefix, campaign.opens_at.year, dice.choice)
        if receipt not in taken:
            taken.add(receipt)
            yield receipt


def _save(plan: SeedPlan, made: list[tuple[Idea, Text, _Life]]) -> None:
    Idea.objects.bulk_create([idea for idea, _, _ in made])
    merged = []
    for idea, text, life in made:
        plan.quality[idea.pk] = text.quality
        if text.published:
            plan.published[idea.pk] = text.published
        if life.lead:
            idea.merged_into = life.lead
            merged.append(idea)
    Idea.objects.bulk_update(merged, ["merged_into"])
    index_ideas(idea for idea, _, _ in made)
    Resident.objects.bulk_create([life.resident for _, _, life in made])
    IdeaEvent.objects.bulk_create([event for _, _, life in made for event in life.events])
    Message.objects.bulk_create([message for _, _, life in made for message in life.messages])


@dataclass(frozen=True)
class _Style:
    """How a panellist marks: stricter or milder, wider or narrower, more or less sure."""

    severity: float
    spread: float
    noise: float

    def points(self, quality: int, dice: Random) -> int:
        truth = 1.3 * (quality - 5.5) / 2
        return max(1, min(10, round(5.8 + self.severity + self.spread * truth + dice.gauss(0, self.noise))))


def _rate(plan: SeedPlan) -> None:
    """Fill the panel's desks and rate, round by round: all but the last one, and that too once the list is near."""
    campaign, dice = plan.campaign, plan.dice("ratings")
    Panellist.objects.bulk_create([Panellist(campaign=campaign, user=user) for user in plan.cast.panel])
    styles = {
        pk: _Style(dice.gauss(0, 0.9), dice.uniform(0.7, 1.3), dice.uniform(0.8, 1.6))
        for pk in campaign.panellists.order_by("id").values_list("id", flat=True)
    }
    for round in range(1, campaign.rounds + 1):
        in_progress = plan.stage == "rating" and round == campaign.rounds
        _rate_round(plan, round, styles, HALF if in_progress else FEW, dice)


def _rate_round(plan: SeedPlan, round: int, styles: dict[int, "_Style"], undone: float, dice: Random) -> None:
    """Seat the panel for a round and rate what it was given; some of it is left undone."""
    campaign = plan.campaign
    begins = campaign.rating_from or plan.until
    ends = min(campaign.rating_until or plan.until, plan.until)
    length = (ends - begins) / campaign.rounds
    begins += (round - 1) * length
    assign = assign_first_round if round == 1 else assign_second_round
    assign(campaign=campaign, per_idea=campaign.reviews_per_idea, seed=plan.seed, at=begins, reason=EARLY)
    criteria = list(campaign.criteria.values_list("id", flat=True))
    assignments = (
        Assignment.objects.filter(panellist__campaign=campaign, round=round).select_related("panellist").order_by("id")
    )
    for chunk in _chunks(plan.progress(assignments.iterator(CHUNK), "ratings", assignments.count())):
        rated = [assignment for assignment in chunk if dice.random() >= undone]
        marked = [
            (
                assignment,
                [styles[assignment.panellist_id].points(plan.quality[assignment.idea_id], dice) for _ in criteria],
            )
            for assignment in rated
        ]
        ratings = [
            _rating(assignment, _comment(campaign, points, dice), begins + length * dice.random())
            for assignment, points in marked
        ]
        for rating, (_assignment, points) in zip(ratings, marked, strict=True):
            rating.seal = vouch("rating", rating.sealed_facts(dict(zip(criteria, points, strict=True))))
        Rating.objects.bulk_create(ratings)
        _insert_marks(
            (rating.pk, criterion, mark)
            for rating, (_assignment, points) in zip(ratings, marked, strict=True)
            for criterion, mark in zip(criteria, points, strict=True)
        )


def _comment(campaign: Campaign, points: list[int], dice: Random) -> str:
    """Now and then a word; always one where the campaign asks why a mark is low."""
    if campaign.comment_below and min(points) < campaign.comment_below:
        return dice.choice(DOUBTS)
    return dice.choice(COMMENTS) if dice.random() < 0.08 else ""


def _rating(assignment: Assignment, comment: str, at: datetime) -> Rating:
    return Rating(assignment=assignment, comment=comment, rated_at=at, given_by_id=assignment.panellist.user_id)


def _insert_marks(rows: Iterable[tuple[int, int, int]]) -> None:
    """Plain INSERTs: a million marks as objects would take as long as everything else together."""
    statement = f"INSERT INTO {Mark._meta.db_table} (rating_id, criterion_id, points) VALUES (%s, %s, %s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(rows))


def _choose(plan: SeedPlan) -> None:
    """Propose the list and, at the last stage, write the published texts, seal by two, release."""
    first, second = plan.cast.managers
    at = [(plan.released_at or plan.until) - timedelta(hours=hours) for hours in (4, 3, 2, 1, 0)]
    shortlist = propose_shortlist(campaign=plan.campaign, manager=first, at=at[0])
    if plan.stage not in STAGES[4:]:
        return
    for entry in shortlist.entries.select_related("idea"):
        idea = entry.idea
        text = _published_text(plan.published.get(idea.pk, ""), idea)
        edit_published(idea=idea, editor=plan.cast.moderator, at=at[1], title=idea.title, text=text)
    shortlist = seal_shortlist(shortlist=shortlist, manager=first, at=at[2], expected_version=shortlist.version)
    shortlist = seal_shortlist(shortlist=shortlist, manager=second, at=at[3], expected_version=shortlist.version)
    asked_at = at[4] - timedelta(seconds=conf.release_hold_seconds())
    for release, manager in ((ask_release, first), (confirm_release, second)):
        shortlist = release(
            shortlist=shortlist,
            manager=manager,
            at=asked_at,
            expected_version=shortlist.version,
            expected_preview=shown_digest(shortlist),
        )
    release_winners(shortlist=shortlist, at=at[4])
    plan.campaign.refresh_from_db()
    queued = Message.objects.filter(idea__campaign=plan.campaign, state=MessageState.QUEUED)
    queued.update(state=MessageState.SENT, sent_at=plan.until, payload={}, tries=1)


def _follow(plan: SeedPlan) -> None:
    """Winners and others at the units, with the words of their topics."""
    dice = plan.dice("units")
    rows = plan.campaign.ideas.valid().unrestricted().select_related("topic").by_receipt()
    ideas = sorted(rows, key=lambda idea: idea.status != Status.AWARDED)[:REFERRED]
    courses = invented_courses("safer", ideas, dice)
    hand_out(plan.campaign, courses, office=plan.cast.managers[0], until=plan.until, dice=dice)
