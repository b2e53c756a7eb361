"""Each invariant holds on a campaign that was led to its end, and notices when it is broken."""

from datetime import date, datetime
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from django.db import connection
from django.db.models import F

from ideas.choices import Action, AnswerKind, ContactPurpose, MessageState, OfficeAct, Role, Source, Status
from ideas.models import (
    Assignment,
    Campaign,
    Conflict,
    ContactRelease,
    Draft,
    Exchange,
    Idea,
    IdeaEvent,
    Mark,
    MarkDecision,
    Message,
    Milestone,
    Panellist,
    Photo,
    Rating,
    Recusal,
    Referral,
    ReferralAnswer,
    ReferralEvent,
    ReferralIdea,
    Resident,
    ResidentStatement,
    ResidentVerdict,
    SealedRecord,
    Shortlist,
    ShortlistEntry,
    Supervision,
    UnitQuestion,
    Unsealing,
    UnsentInput,
    User,
    append_only,
)
from ideas.queries.invariants import INVARIANTS, violations
from ideas.services import drafts, tracking
from ideas.services.answers import approve, hand_in, release_answer, save_draft
from ideas.services.contact_releases import release_contact
from ideas.services.imports import Row, import_rows
from ideas.services.intake import Entry, receive_idea
from ideas.services.office import log_act
from ideas.services.questions import ask, pass_on
from ideas.services.restricted import restrict_idea
from ideas.services.screening import accept_idea, merge_idea, undo_decision
from ideas.services.supervision import supervise
from ideas.services.workflow import move_idea
from tests import clock, factories
from tests.queries.test_notice_invariants import NOTICED
from tests.queries.test_tampering import TAMPERING, UNSEALED

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.released_campaign(people.moderator, (people.manager, people.second))
    open_campaign = factories.make_campaign()
    lead = factories.make_idea(open_campaign)
    merge_idea(
        idea=factories.make_idea(open_campaign, at=clock.DURING + clock.BLINK),
        into=lead,
        moderator=people.moderator,
        at=clock.LATER,
    )
    draft = factories.make_draft(open_campaign, key=UUID("6f2c1d1e-0000-4000-8000-000000000001"))
    drafts.send_draft(key=draft.form_key, campaign=open_campaign, at=clock.DURING)
    erased = factories.make_idea(open_campaign, at=clock.CLOSES - clock.BLINK)
    tracking.erase_person(idea=erased, at=clock.LATER, expected_version=1)
    unit = factories.make_unit("城管局")
    referral = factories.referred([factories.make_idea(open_campaign)], unit, people.moderator)
    words = {"adoption": "adopted", "public": "五月底前装好。", "internal": "", "finish_on": date(2026, 5, 31)}
    about = {"referral": referral, "at": clock.LATER}
    save_draft(**about, officer=factories.officer_of(unit), kind=AnswerKind.PLAN, words=words)
    hand_in(**about, officer=factories.officer_of(unit))
    approve(**about, head=factories.head_of(unit))
    release_answer(**about, staff=people.moderator, public=words["public"])
    supervise(at=datetime(2026, 6, 1, 9, tzinfo=clock.SHANGHAI))
    ask(**about, officer=factories.officer_of(unit), words="哪盏灯不亮？", idea=referral.ideas.get())
    pass_on(**about, staff=people.moderator, words="请问是哪盏灯？")
    until = date(2026, 5, 4)
    release_contact(
        **about, idea=referral.ideas.get(), staff=people.moderator, purpose=ContactPurpose.PLACE, until=until
    )
    return campaign.pk


@pytest.fixture
def story(told, db):
    """A released campaign, with a merged idea, a draft that was sent, and an idea whose person was erased."""
    return Campaign.objects.get(pk=told)


def winner():
    return Idea.objects.filter(status=Status.AWARDED).earliest("id")


def erased():
    return Idea.objects.get(events__action=Action.ERASE)


def open_idea():
    return Idea.objects.filter(status=Status.RECEIVED).earliest("id")


def restrict_and_open():
    restrict_idea(idea=open_idea(), staff=factories.make_keeper(), at=clock.LATER, reason="线索")
    Idea.objects.update(restricted=False)


def give_out(act, detail):
    log_act(act=act, at=clock.LATER, actor=factories.make_user(Role.MANAGER), detail=detail)


def without_triggers(act):
    append_only.lift(connection)
    act()
    append_only.install(connection)


def tamper(**fields):
    without_triggers(lambda: IdeaEvent.objects.filter(idea=winner(), number=2).update(**fields))


def delete_event(number):
    without_triggers(lambda: IdeaEvent.objects.filter(idea=winner(), number=number).delete())


def swap_events():
    a, b = (IdeaEvent.objects.get(idea=winner(), number=number) for number in (2, 3))
    fields = ("action", "before", "after", "at", "actor_id", "reason", "detail", "digest", "previous")
    kept = {field: getattr(a, field) for field in fields}

    def act():
        IdeaEvent.objects.filter(pk=a.pk).update(**{field: getattr(b, field) for field in fields})
        IdeaEvent.objects.filter(pk=b.pk).update(**kept)

    without_triggers(act)


def insert_event():
    last = IdeaEvent.objects.filter(idea=open_idea()).latest("number")
    last.pk, last.number, last.previous = None, last.number + 1, last.digest
    last.save(force_insert=True)


def graft_event():
    """An event of one idea moved to another, numbers fitting."""
    event = IdeaEvent.objects.get(idea=winner(), number=2)
    without_triggers(lambda: IdeaEvent.objects.filter(pk=event.pk).update(idea=open_idea()))


def leave_photo():
    Photo.objects.create(idea=erased(), added_at=clock.DURING, width=1, height=1, size=1)


def leave_unsent_input():
    UnsentInput.objects.create(idea=erased(), act="naming", words={"name": "林"}, expires_at=clock.DURING)


def leave_message():
    kept = {"payload": {"address": "resident@example.com"}, "state": MessageState.QUEUED}
    Message.objects.filter(idea=erased()).update(**kept)


def exchange_by_one():
    """As from before the database refused it: without the second one."""
    shortlist = Shortlist.objects.get()
    first, second = shortlist.campaign.ideas.all()[:2]
    given = {"removed": first, "added": second, "proposed_by": shortlist.first_seal_by, "proposed_at": clock.LATER}
    Exchange.objects.create(shortlist=shortlist, state="made", minutes_on=clock.LATER.date(), **given)


def open_by_one():
    shortlist = Shortlist.objects.get()
    given = {"number": 1, "reason": "x", "asked_by": shortlist.first_seal_by, "asked_at": clock.LATER}
    Unsealing.objects.create(campaign=shortlist.campaign, **given)
    Shortlist.objects.update(released_at=None)
    Shortlist.objects.update(sealed_at=None)


def release_slip():
    factories.add_photo(open_idea(), is_slip=True, shown_at=clock.LATER)


def release_covered():
    photo = factories.add_photo(open_idea(), shown_at=clock.LATER)
    factories.add_photo(open_idea(), copy_of=photo)


def stray_copy():
    factories.add_photo(open_idea(), copy_of=factories.add_photo(winner()))


def give_away():
    """As the admin's forms once did: a desk with its ratings gets another user."""
    member = Rating.objects.earliest("id").assignment.panellist
    Panellist.objects.filter(pk=member.pk).update(user=factories.make_user(Role.PANELLIST))


def seat_moderator():
    Panellist.objects.create(campaign=open_idea().campaign, user=factories.make_user(Role.MODERATOR))


def in_conflict():
    """A conflict that was noted before the list was proposed, which nobody decided of."""
    rating = Rating.objects.filter(assignment__idea=winner()).earliest("id")
    noted = {"reason": "亲属", "at": clock.RATING}
    Conflict.objects.create(panellist=rating.assignment.panellist, idea=winner(), **noted)


def leave_out_afterwards():
    rating = Rating.objects.filter(assignment__idea=winner()).earliest("id")
    decided = {"counts": False, "reason": "x", "at": clock.LATER, "by": factories.make_user(Role.MANAGER)}
    MarkDecision.objects.create(rating=rating, **decided)


def referral():
    return Referral.objects.get()


def change_referral_event(**fields):
    without_triggers(lambda: ReferralEvent.objects.filter(number=2).update(**fields))


def refer_twice():
    other = Referral.objects.get()
    other.pk, other.number = None, 2
    other.save(force_insert=True)
    ReferralIdea.objects.create(referral=other, idea=referral_idea())


def day_before():
    """Of a referral that is not answered yet."""
    other = Referral.objects.get()
    other.pk, other.number, other.state, other.finish_by = None, 2, "acknowledged", date(2026, 1, 1)
    other.save(force_insert=True)
    ReferralIdea.objects.create(referral=other, idea=referral_idea())


def milestone(**fields):
    row = Referral.objects.get()
    Milestone.objects.create(referral=row, unit=row.unit, planned_on=date(2026, 5, 1), words="装灯", **fields)


def photo_of_place(**fields):
    factories.add_photo(None, place=ReferralIdea.objects.earliest("id"), stage="after", **fields)


def supervise_twice():
    """The constraint would not let it happen."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX supervision_step_once")
    step = Supervision.objects.earliest("pk")
    step.pk = None
    step.save(force_insert=True)


def name_somebody(by_event=True):
    """Somebody who can do nothing, for the referral of a restricted idea, or without the event of it."""
    if by_event:
        without_triggers(lambda: ReferralEvent.objects.filter(number=2).update(act="name", detail={"named": [1]}))
        Idea.objects.filter(pk=referral_idea().pk).update(restricted=True)
    referral().named.set(User.objects.filter(groups__name=Role.MANAGER.value)[:1])


def referral_idea():
    return ReferralIdea.objects.earliest("id").idea


def event_of(act, **fields):
    last = ReferralEvent.objects.latest("id")
    given = {"referral": referral(), "unit": referral().unit, "at": clock.LATER, "after": "planned", "seal": "x"}
    return ReferralEvent.objects.create(**given, number=last.number + 1, act=act, **fields)


def close_event():
    return event_of("close")


def judge(closing, **fields):
    said = {"satisfaction": "not", "is_solved": False, "given_at": clock.LATER}
    ResidentVerdict.objects.create(idea=referral_idea(), closing=closing, **said, **fields)


def send_back_twice():
    for _ in range(2):
        judge(close_event(), reopening=event_of("reopen", detail={"place": referral_idea().receipt}))


BACK_ONCE = "a resident sends a place back once"
PRIVATE = "what must stay private is not released"
ERASED = "an erased idea holds nothing of its person"
SHORTLIST = "the listed ideas are those with the status"
CHAIN = "every audit chain is whole"
OWNED = "every open referral has ideas days and somebody who can act"
TOLD = "every referral is what its events say"
SUPERVISED = "nobody is supervised while no day of theirs runs"
GIVEN = "a released contact has a purpose an end and a unit that has the referral"
NAMED = "a referral names those of its last naming as long as an idea is restricted"
ABLE = "a restricted ideas referral is for somebody who can act or waits"
WAITS = "a referral waits for a resident as long as one is asked"
BREAKS = {
    "a step of supervision is taken twice": (supervise_twice, "no step of supervision is taken twice"),
    "a unit is supervised while the office has the referral": (
        lambda: Supervision.objects.update(version=9),
        SUPERVISED,
    ),
    "a unit is supervised for what it has done": (lambda: Supervision.objects.update(runs="acknowledge"), SUPERVISED),
    "the officers of a unit leave": (lambda: User.objects.exclude(unit=None).update(is_active=False), OWNED),
    "a referral loses its ideas": (lambda: ReferralIdea.objects.all().delete(), OWNED),
    "a day comes before the one before it": (day_before, OWNED),
    "an idea is with two units": (refer_twice, "an idea is with one unit at a time"),
    "a unit works at a withdrawn idea": (
        lambda: Idea.objects.filter(pk=referral_idea().pk).update(status=Status.WITHDRAWN),
        "no unit works at an idea that stands no more",
    ),
    "an open referral is about nothing any more": (
        lambda: ReferralIdea.objects.update(taken_off_at=clock.LATER),
        OWNED,
    ),
    "a referral's state is written past its events": (lambda: Referral.objects.update(state="closed"), TOLD),
    "an event of a referral is edited": (lambda: change_referral_event(words="别的话"), TOLD),
    "an event of a referral is deleted": (
        lambda: without_triggers(lambda: ReferralEvent.objects.filter(number=3).delete()),
        TOLD,
    ),
    "a place is closed past its events": (
        lambda: ReferralIdea.objects.update(closing=ReferralEvent.objects.latest("id")),
        "a referral is closed with its last place",
    ),
    "a verdict is on what is no closing": (lambda: judge(ReferralEvent.objects.earliest("id")), BACK_ONCE),
    "a verdict led to what is no taking up": (
        lambda: judge(close_event(), reopening=ReferralEvent.objects.earliest("id")),
        BACK_ONCE,
    ),
    "two verdicts sent one place back": (send_back_twice, BACK_ONCE),
    "an answer is public that nobody released": (
        lambda: ReferralAnswer.objects.update(released_by=None),
        "no answer is public that head and office have not let go",
    ),
    "an answer bears a release that was not": (
        lambda: ReferralAnswer.objects.update(state="approved"),
        "no answer is public that head and office have not let go",
    ),
    "a milestone is public that nobody released": (
        lambda: milestone(state="released", released_at=clock.LATER),
        "no milestone is public that head and office have not let go",
    ),
    "a milestone bears no moment of its release": (
        lambda: milestone(state="done"),
        "no milestone is public that head and office have not let go",
    ),
    "a photo of a place is public that nobody released": (
        lambda: photo_of_place(shown_at=clock.LATER),
        "no photo of a place is public that the office has not released",
    ),
    "a resident is asked without a last day": (lambda: UnitQuestion.objects.update(due_at=None), WAITS),
    "somebody is slipped in among the named": (lambda: name_somebody(by_event=False), NAMED),
    "of the named people nobody can act": (name_somebody, ABLE),
    "a resident is asked who is not there": (lambda: Resident.objects.filter(idea=referral_idea()).delete(), WAITS),
    "a referral waits for a resident whom nobody asks": (lambda: UnitQuestion.objects.update(state="replied"), WAITS),
    "a contact is given to a unit that does not have the referral": (
        lambda: ContactRelease.objects.update(unit=factories.make_unit()),
        GIVEN,
    ),
    "a contact is given for ever": (lambda: ContactRelease.objects.update(until=date(2030, 1, 1)), GIVEN),
    "a contact is given for nothing": (lambda: ContactRelease.objects.update(purpose=""), GIVEN),
    "a contact outlives its referral": (lambda: Referral.objects.update(state="recalled"), GIVEN),
    "a question outlives its referral": (lambda: Referral.objects.update(state="recalled"), WAITS),
    "a trigger is dropped": (lambda: append_only.lift(connection), "the audit trail is guarded by triggers"),
    "an event is edited": (lambda: tamper(reason="另一个理由"), CHAIN),
    "an event's actor is edited": (lambda: tamper(actor=None), CHAIN),
    "an event's moment is edited": (lambda: tamper(at=clock.LATER), CHAIN),
    "an event is deleted": (lambda: delete_event(2), CHAIN),
    "two events are swapped": (swap_events, CHAIN),
    "an event is inserted": (insert_event, CHAIN),
    "an event is moved to another idea": (graft_event, CHAIN),
    "the last event is cut off": (lambda: delete_event(winner().event_count), CHAIN),
    "the receipt moment is changed": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(received_at=clock.OPENS),
        "every idea was submitted once and first",
    ),
    "a status is written past move_idea": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(status=Status.ACCEPTED),
        "the status is what the last event says",
    ),
    "an event jumps the rulebook": (
        lambda: tamper(before=Status.DECLINED, action=Action.ACCEPT),
        "every event follows the rulebook",
    ),
    "a resident is lost": (
        lambda: Resident.objects.filter(idea=open_idea()).delete(),
        "every idea has a resident and a receipt message",
    ),
    "a desk is given to somebody else": (give_away, "ratings stay with who gave them"),
    "a rating does not say who gave it": (
        lambda: Rating.objects.filter(pk=Rating.objects.earliest("id").pk).update(given_by=None),
        "ratings stay with who gave them",
    ),
    "a moderator sits on a panel": (seat_moderator, "nobody who sees names sits on a panel"),
    "a mark in conflict is not decided of": (in_conflict, "a list rests on decided marks"),
    "a mark of the record is left out afterwards": (leave_out_afterwards, "a list rests on decided marks"),
    "an erased idea keeps its resident": (
        lambda: Resident.objects.filter(idea=open_idea()).update(idea=erased()),
        ERASED,
    ),
    "an erased idea keeps words of a verdict": (
        lambda: ResidentVerdict.objects.create(
            idea=erased(), closing=close_event(), is_solved=True, words="我是林小满。", given_at=clock.LATER
        ),
        ERASED,
    ),
    "an erased idea keeps a statement": (
        lambda: ResidentStatement.objects.create(event=erased().events.first(), text="我是林小满。"),
        ERASED,
    ),
    "an erased idea keeps a draft": (lambda: Draft.objects.update(idea=erased()), ERASED),
    "an erased idea keeps an answer to a unit": (
        lambda: UnitQuestion.objects.update(idea=erased(), reply="第二盏"),
        ERASED,
    ),
    "an erased idea keeps unsent input": (leave_unsent_input, ERASED),
    "an erased idea keeps a photo": (leave_photo, ERASED),
    "an erased idea keeps a message": (leave_message, ERASED),
    "a receipt message is lost": (
        lambda: Message.objects.filter(idea=open_idea()).delete(),
        "every idea has a resident and a receipt message",
    ),
    "a suspicion is not counted": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(suspicions=["fast"]),
        "suspicions are counted",
    ),
    "a question is never due": (
        lambda: move_idea(idea=open_idea(), action=Action.RETURN, at=clock.DURING),
        "a returned idea has a day by which to answer",
    ),
    "a receipt number is mistyped": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(receipt="JM26-22222223"),
        "every receipt number is well formed",
    ),
    "a leader comes later": (
        lambda: Idea.objects.exclude(merged_into=None).update(received_at=clock.OPENS),
        "merged ideas have an earlier leader",
    ),
    "a leader was declined long ago": (
        lambda: Idea.objects.filter(merged__isnull=False).update(status=Status.DECLINED),
        "every merged idea leads to one that stands",
    ),
    "a leader was restricted and what it leads was not": (
        lambda: Idea.objects.filter(merged__isnull=False).update(restricted=True),
        "every merged idea leads to one that stands",
    ),
    "an idea is restricted and nobody decided so": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(restricted=True),
        "who sees an idea is what was last decided",
    ),
    "a restricted idea is open and nobody lifted it": (
        restrict_and_open,
        "who sees an idea is what was last decided",
    ),
    "a contact was looked for and nobody said why": (
        lambda: give_out(OfficeAct.SEARCH_CONTACT, {"found": 1}),
        "contacts are given for a purpose",
    ),
    "a file with contacts left for another purpose that nobody wrote down": (
        lambda: give_out(OfficeAct.EXPORT, {"purpose": "other", "persons": 280}),
        "contacts are given for a purpose",
    ),
    "a merged idea has no leader": (
        lambda: Idea.objects.update(merged_into=None),
        "merged ideas have an earlier leader",
    ),
    "a topic of another campaign": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(topic=winner().topic),
        "topics belong to the campaign",
    ),
    "a pick is lost": (
        lambda: Shortlist.objects.get().entries.first().delete(),
        "every list has exactly its places",
    ),
    "a pick's idea is exchanged past the service": (
        lambda: (
            Shortlist.objects.get().entries.filter(rank=1).update(idea=Idea.objects.filter(status="accepted").first())
        ),
        SHORTLIST,
    ),
    "a rank is changed after sealing": (
        lambda: ShortlistEntry.objects.filter(rank=1).update(score=9.5),
        "a sealed list is its record",
    ),
    "a record is changed": (
        lambda: without_triggers(lambda: SealedRecord.objects.filter(edition="public").update(text="{}")),
        "a sealed list is its record",
    ),
    "a record is lost": (
        lambda: without_triggers(lambda: SealedRecord.objects.all().delete()),
        "a sealed list is its record",
    ),
    "an exchange is made by one": (
        exchange_by_one,
        "exchanges and openings are by two people",
    ),
    "a list is opened by one": (
        open_by_one,
        "exchanges and openings are by two people",
    ),
    "a list is sealed by one": (
        lambda: Shortlist.objects.update(first_seal_by=None),
        "lists are sealed by two people before release",
    ),
    "winners are released by one": (
        lambda: Shortlist.objects.update(release_confirmed_by=None),
        "winners appear after two people and a hold",
    ),
    "winners are released before the hold is over": (
        lambda: Shortlist.objects.update(release_at=clock.LATER),
        "winners appear after two people and a hold",
    ),
    "a campaign is released without its list": (
        lambda: Campaign.objects.filter(released_at=None).update(released_at=clock.LATER),
        "lists are sealed by two people before release",
    ),
    "a winner has no text": (
        lambda: Idea.objects.filter(pk=winner().pk).update(published_text=""),
        "every winner has a published text",
    ),
    "the photo of a slip is released": (release_slip, PRIVATE),
    "a covered photo is released": (release_covered, PRIVATE),
    "a covered copy of another idea's photo": (
        stray_copy,
        "covered copies and their photos belong to one idea",
    ),
    "a mark is lost": (
        lambda: Mark.objects.first().delete(),
        "ratings are complete and by the campaigns own panel",
    ),
    "an idea on a foreign desk": (
        lambda: Assignment.objects.filter(pk=Assignment.objects.first().pk).update(idea=open_idea()),
        "ratings are complete and by the campaigns own panel",
    ),
    "a rating after standing aside": (
        lambda: Recusal.objects.create(assignment=Assignment.objects.first(), reason="x", at=clock.LATER),
        "nobody rated an idea they stood aside from",
    ),
    "a sent message keeps its address": (
        lambda: Message.objects.filter(idea=open_idea()).update(state=MessageState.SENT),
        "ended messages hold no personal data",
    ),
    "a draft names another form's idea": (
        lambda: Idea.objects.filter(form_hash__isnull=False).update(form_hash=None),
        "a draft became the idea of its form",
    ),
    "an idea's version runs ahead": (
        lambda: Idea.objects.filter(pk=winner().pk).update(version=99),
        "the version of an idea counts its acts without those of the list",
    ),
    "a form key in the clear": (
        lambda: Idea.objects.filter(form_hash__isnull=False).update(form_hash=uuid4()),
        "form keys are kept as keyed hashes only",
    ),
    "a draft under its own key": (
        lambda: Draft.objects.update(form_hash=Draft.objects.get().form_key),
        "form keys are kept as keyed hashes only",
    ),
    "an original changes behind the index": (
        lambda: Idea.objects.filter(pk=open_idea().pk).update(problem="另一段话。"),
        "the index of ideas alike holds every text",
    ),
    "a published text stays in the index": (
        lambda: Idea.objects.filter(pk=winner().pk).update(published_title="另一个标题"),
        "the index of ideas alike holds every text",
    ),
}


def test_all_invariants_hold_at_the_end_of_the_story(story):
    assert list(violations()) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", BREAKS)
def test_a_broken_invariant_is_noticed(story, case):
    act, name = BREAKS[case]
    act()
    assert name in {invariant for invariant, _ in violations()}


def test_every_invariant_has_a_test_that_breaks_it():
    broken = {name for _, name in BREAKS.values()} | {name for _, name in (TAMPERING | UNSEALED | NOTICED).values()}
    assert broken | {"nothing new is under a retired key"} == set(INVARIANTS)


def test_the_draft_of_the_story_was_sent(story):
    assert Draft.objects.filter(idea__form_hash=F("form_hash")).count() == 1


def taken_in(campaign, manager, at, *, tell):
    rows = [Row(factories.answers(), Source.PAPER, date(2026, 3, 18))]
    import_rows(campaign=campaign, rows=rows, manager=manager, at=at, tell=tell)


def typed_in(campaign, at=clock.DURING):
    entry = Entry(by=factories.make_user(Role.CLERK), at=at, slip_on=date(2026, 3, 18))
    given = {
        "answers": factories.answers(),
        "source": Source.PAPER,
        "form_hash": uuid5(NAMESPACE_OID, "a form"),
        "entry": entry,
    }
    return receive_idea(campaign=campaign, at=at, **given).idea


def test_an_undone_decision_follows_the_rulebook(campaign, moderator):
    idea = factories.make_idea(campaign)
    accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    undo_decision(idea=idea, moderator=moderator, at=clock.DURING)
    assert list(violations()) == []


def test_only_an_import_that_told_nobody_owes_no_receipt_message(campaign, manager):
    """What a clerk types in and an import that tells the residents owe one like a form from the web."""
    taken_in(campaign, manager, clock.DURING, tell=False)
    taken_in(campaign, manager, clock.DURING + clock.BLINK, tell=True)
    slip = typed_in(campaign)
    assert list(violations()) == []
    told = Idea.objects.get(entered_at=clock.DURING + clock.BLINK)
    Message.objects.filter(idea__campaign=campaign).delete()
    lines = {line for name, line in violations() if name == "every idea has a resident and a receipt message"}
    assert lines == {f"{idea.receipt}: no receipt was queued" for idea in (told, slip)}
