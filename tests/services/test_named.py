"""Restricted ideas at a unit: a keeper names people, who act on one from the sending to its end, and nobody else."""

from datetime import date, datetime, timedelta

import pytest

from ideas.choices import AnswerKind, Channel, ReferralAct, ReferralState, Role, SupervisionStep
from ideas.errors import NotPermitted, Refusal, Stale, WrongRole
from ideas.models import Message, Referral, User
from ideas.queries.invariants import violations
from ideas.queries.referrals import days_taken, office_referrals, reached_referrals, told_referrals, unit_referrals
from ideas.queries.tracking import way_at_units
from ideas.queries.units import only_one_with
from ideas.services import answers, closing, milestones, questions, referrals, tracking
from ideas.services.named import name_people, send_to_named
from ideas.services.reopening import reopen
from ideas.services.restricted import lift_restriction, restrict_idea
from ideas.services.screening import transfer_idea, undo_decision
from ideas.services.supervision import issue_order, supervise
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
AT = clock.DURING  # a Friday
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
THURSDAY = MONDAY + timedelta(days=3)
SOON = timedelta(minutes=1)
PLAN = {"adoption": "adopted", "public": "四月底前查清。", "internal": "", "finish_on": date(2026, 4, 30)}
DONE = {"adoption": "", "public": "已查清。", "internal": "", "finish_on": None}


@pytest.fixture(autouse=True)
def sound(db):
    """Whatever happens, all that must be true is."""
    yield
    assert list(violations()) == []


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


@pytest.fixture
def head(unit):
    return factories.head_of(unit)


@pytest.fixture
def colleagues(officer, head, unit):
    """Another officer and another head of the same unit."""
    return [factories.make_user(role, unit=unit) for role in (Role.OFFICER, Role.HEAD)]


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign, title="举报一处违建")


@pytest.fixture
def referral(idea, unit, keeper, officer, head, colleagues):
    """Of a restricted idea, for one officer and one head."""
    return factories.referred_to_named(idea, unit, keeper, [officer, head])


def row(one):
    return type(one).objects.get(pk=one.pk)


def acts(referral):
    return [event.act for event in referral.events.all()]


def see(referral, people):
    """Whether it stands on each person's desk, the unit's or the office's own page."""
    desks = [(unit_referrals(person), reached_referrals(person)) for person in people]
    return [any(rows.filter(pk=referral.pk).exists() for rows in desk) for desk in desks]


def test_it_is_seen_by_whom_it_names_and_by_keepers_only(
    referral, officer, head, colleagues, moderator, keeper, manager
):
    other = factories.make_unit("别的局")
    assert see(referral, [officer, head, keeper]) == [True] * 3
    auditor = factories.make_user(Role.AUDITOR)
    assert see(referral, [*colleagues, factories.officer_of(other), moderator, manager, auditor]) == [False] * 6
    assert not office_referrals(keeper).exists()  # and it stands on no list of the office


def test_a_named_officer_and_head_and_a_keeper_lead_it_to_its_end(referral, officer, head, keeper):
    about = {"referral": referral, "at": MONDAY}
    referrals.acknowledge(**about, officer=officer)
    answers.save_draft(**about, officer=officer, kind=AnswerKind.PLAN, words=PLAN)
    answers.hand_in(**about, officer=officer)
    answers.approve(**about, head=head)
    answers.release_answer(**about, staff=keeper, public=PLAN["public"])
    answers.save_draft(**about, officer=officer, kind=AnswerKind.DONE, words=DONE)
    answers.hand_in(**about, officer=officer)
    answers.approve(**about, head=head)
    factories.released(referral, keeper, MONDAY)
    closing.close(**about, staff=keeper, reason="已转有关部门。")
    assert row(referral).state == ReferralState.CLOSED
    assert not Message.objects.filter(template="answered").exists()  # its resident is told nothing
    assert see(referral, [officer, head]) == [True, True]


def test_nobody_else_of_the_unit_acts_on_it(referral, officer, colleagues):
    other_officer, other_head = colleagues
    about = {"referral": referral, "at": MONDAY}
    for refused in (
        lambda: referrals.acknowledge(**about, officer=other_officer),
        lambda: referrals.ask_return(**about, officer=other_officer, reason="不属本单位"),
        lambda: questions.ask(**about, officer=other_officer, words="在哪里？"),
        lambda: answers.save_draft(**about, officer=other_officer, kind=AnswerKind.PLAN, words=PLAN),
        lambda: milestones.plan_milestone(**about, officer=other_officer, planned_on=date(2026, 4, 1), words="查"),
    ):
        with pytest.raises(NotPermitted):
            refused()
    answers.save_draft(**about, officer=officer, kind=AnswerKind.PLAN, words=PLAN)
    answers.hand_in(**about, officer=officer)
    with pytest.raises(NotPermitted):
        answers.approve(**about, head=other_head)


@pytest.mark.parametrize(
    "whom",
    [
        lambda unit, officer, head: [],
        lambda unit, officer, head: [officer],  # and nobody who approves
        lambda unit, officer, head: [officer, head, factories.officer_of(factories.make_unit())],
        lambda unit, officer, head: [factories.make_user(Role.CLERK, unit=unit)],
    ],
)
def test_people_who_cannot_bring_it_to_an_end_are_refused(idea, unit, keeper, officer, head, whom):
    with pytest.raises(Refusal):
        factories.referred_to_named(idea, unit, keeper, whom(unit, officer, head))
    assert not Referral.objects.exists()


def test_a_unit_that_is_written_to_gets_no_restricted_idea(idea, keeper):
    with pytest.raises(Refusal):
        factories.referred_to_named(idea, factories.make_unit(by_letter=True), keeper, [])
    assert not Referral.objects.exists()


def test_restricted_ideas_go_alone_and_by_a_keeper(campaign, idea, unit, keeper, moderator, officer, head):
    plain = factories.accepted(campaign, moderator)[0]
    idea = factories.accepted(campaign, moderator)[0]
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="线索")
    given = {"unit": unit, "people": [officer, head], "at": AT, "instruction": "请核查。"}
    for ideas in ([row(idea), plain], [plain]):
        with pytest.raises(referrals.NotReferred):
            send_to_named(ideas=ideas, staff=keeper, **given)
    with pytest.raises(referrals.NotReferred):
        factories.referred([row(idea)], unit, keeper)
    with pytest.raises(WrongRole):
        send_to_named(ideas=[row(idea)], staff=moderator, **given)
    assert not Referral.objects.exists()


@pytest.fixture
def ordinary(idea, unit, other, moderator, officer, head, colleagues):
    """Of an idea that is not restricted yet; another unit helps."""
    return factories.referred([idea], unit, moderator, helping=[other])


@pytest.fixture
def other(db):
    return factories.make_unit("别的局")


def restrict(idea, moderator, at=MONDAY):
    restrict_idea(idea=row(idea), staff=moderator, at=at, reason="线索")


def test_what_becomes_restricted_goes_on_for_those_who_are_named(
    ordinary, idea, other, officer, head, colleagues, moderator, keeper
):
    everybody = [officer, head, *colleagues, factories.officer_of(other), moderator, keeper]
    assert see(ordinary, everybody) == [True] * 7
    restrict(idea, moderator)
    assert see(ordinary, everybody) == [False] * 6 + [True]
    with pytest.raises(NotPermitted):
        referrals.acknowledge(referral=ordinary, officer=officer, at=MONDAY)
    name_people(referral=ordinary, people=[officer, head], staff=keeper, at=MONDAY + SOON)
    assert see(ordinary, everybody) == [True, True, *[False] * 4, True]
    lift_restriction(idea=row(idea), staff=keeper, at=THURSDAY, reason="误判")
    assert see(ordinary, everybody) == [True] * 7
    assert acts(ordinary)[1:] == [ReferralAct.HIDE, ReferralAct.NAME, ReferralAct.SHOW]
    assert not ordinary.named.exists()


@pytest.mark.parametrize("end", ["named", "lifted"])
def test_days_that_ran_while_nobody_was_named_are_given_back(ordinary, idea, officer, head, moderator, keeper, end):
    before = row(ordinary).due
    restrict(idea, moderator)
    if end == "named":
        name_people(referral=ordinary, people=[officer, head], staff=keeper, at=THURSDAY)
    else:
        lift_restriction(idea=row(idea), staff=keeper, at=THURSDAY, reason="误判")
    # Monday to Thursday, both included
    assert (before.acknowledge, row(ordinary).due.acknowledge) == (date(2026, 3, 23), date(2026, 3, 27))
    assert days_taken(row(ordinary), THURSDAY + timedelta(days=1)) == 1


def test_nothing_that_named_people_write_reaches_the_residents_of_the_other_ideas(campaign, unit, moderator, keeper):
    kept, hidden = (factories.make_idea(campaign) for _ in range(2))
    both = factories.referred([kept, hidden], unit, moderator)
    restrict(hidden, moderator)
    name_people(referral=both, people=[factories.officer_of(unit), factories.head_of(unit)], staff=keeper, at=MONDAY)
    factories.reported(row(both), MONDAY, words="线索已核实。")
    factories.released(row(both), keeper, MONDAY)
    assert (list(told_referrals(row(kept))), Message.objects.filter(template="answered").exists()) == ([], False)


def test_days_are_given_back_once_and_go_on_while_somebody_is_named(ordinary, idea, officer, head, moderator, keeper):
    restrict(idea, moderator)
    name_people(referral=ordinary, people=[officer, head], staff=keeper, at=MONDAY)
    due = row(ordinary).due
    name_people(referral=ordinary, people=[officer, head], staff=keeper, at=THURSDAY)
    lift_restriction(idea=row(idea), staff=keeper, at=THURSDAY, reason="误判")
    assert row(ordinary).due == due
    assert days_taken(row(ordinary), THURSDAY) == 4  # it was named within the day


def test_a_return_under_way_gives_its_days_back_by_itself(ordinary, idea, officer, head, moderator, keeper):
    referrals.ask_return(referral=ordinary, officer=officer, at=MONDAY, reason="不属本单位")
    restrict(idea, moderator, MONDAY + SOON)
    name_people(referral=ordinary, people=[officer, head], staff=keeper, at=MONDAY + 2 * SOON)
    due = row(ordinary).due  # named at once
    referrals.keep(referral=ordinary, staff=keeper, at=THURSDAY, words="属贵单位。")
    assert (due.acknowledge, row(ordinary).due.acknowledge) == (date(2026, 3, 23), date(2026, 3, 27))


def test_another_unit_waits_until_its_own_people_are_named(referral, other, officer, keeper):
    referrals.ask_return(referral=referral, officer=officer, at=MONDAY, reason="不属本单位")
    referrals.reassign(referral=referral, unit=other, staff=keeper, at=MONDAY, words="请核查。")
    people = [factories.officer_of(other), factories.head_of(other)]
    assert see(referral, [officer, *people]) == [False] * 3
    name_people(referral=referral, people=people, staff=keeper, at=THURSDAY)
    assert see(referral, [officer, *people]) == [False, True, True]
    assert row(referral).due.acknowledge == date(2026, 3, 30)  # the working day after the naming, and the day of it


def test_other_people_take_the_place_of_those_before(referral, officer, head, colleagues, keeper):
    name_people(referral=referral, people=colleagues, staff=keeper, at=MONDAY)
    assert see(referral, [officer, head, *colleagues]) == [False, False, True, True]
    assert referral.events.last().words == "、".join(str(person) for person in colleagues)


def test_naming_is_a_keepers_on_what_the_page_showed(referral, ordinary_too, officer, head, keeper, moderator):
    given = {"people": [officer, head], "at": MONDAY}
    with pytest.raises(WrongRole):
        name_people(referral=referral, staff=moderator, **given)
    with pytest.raises(Stale):
        name_people(referral=referral, staff=keeper, expected_version=1, **given)
    with pytest.raises(Refusal):
        name_people(referral=ordinary_too, staff=keeper, **given)


@pytest.fixture
def ordinary_too(campaign, unit, moderator):
    return factories.referred([factories.make_idea(campaign)], unit, moderator)


def test_the_last_of_the_named_people_who_can_act_stays(referral, unit, officer, head, colleagues):
    assert only_one_with(officer, unit) == []  # the head works at it as well
    assert only_one_with(head, unit) == ["approve_referral"]
    assert only_one_with(colleagues[1], unit) == []


def test_what_has_ended_names_nobody_anew(ordinary, idea, officer, head, moderator, keeper):
    restrict(idea, moderator)
    referrals.recall(referral=ordinary, staff=keeper, at=MONDAY + SOON, reason="先核实。")
    with pytest.raises(Refusal):
        name_people(referral=ordinary, people=[officer, head], staff=keeper, at=THURSDAY)
    lift_restriction(idea=row(idea), staff=keeper, at=THURSDAY, reason="误判")
    assert (row(ordinary).state, see(ordinary, [officer])) == (ReferralState.RECALLED, [True])


def test_a_transfer_that_is_undone_while_nobody_is_named_gives_each_day_back_once(
    ordinary, idea, officer, head, moderator, keeper
):
    restrict(idea, moderator)
    given = {"channel": Channel.DISCIPLINE, "reason": "已转交。"}
    transfer_idea(idea=row(idea), moderator=keeper, at=MONDAY + timedelta(days=1), **given)
    undo_decision(idea=row(idea), moderator=keeper, at=MONDAY + timedelta(days=1, minutes=1))
    name_people(referral=ordinary, people=[officer, head], staff=keeper, at=THURSDAY)
    assert row(ordinary).due.acknowledge == date(2026, 3, 27)


def mails():
    rows = Message.objects.filter(template="supervision").order_by("pk")
    return {row.payload["address"]: row.payload["variables"] for row in rows}


@pytest.fixture
def addresses(officer, head, colleagues, moderator, keeper, settings):
    settings.IDEAS_LEADERS = ["leader@example.com"]
    named = {"officer": officer, "head": head, "office": moderator, "keeper": keeper}
    others = {"other-officer": colleagues[0], "other-head": colleagues[1]}
    for name, person in (named | others).items():
        User.objects.filter(pk=person.pk).update(email=f"{name}@example.com")


def test_reminders_go_to_named_people_and_keepers_with_no_more_than_the_number(referral, addresses, idea):
    for day in range(23, 28):
        supervise(at=datetime(2026, 3, day, 9, tzinfo=clock.SHANGHAI))
    supervise(at=datetime(2026, 4, 20, 9, tzinfo=clock.SHANGHAI))
    told = mails()
    assert set(told) == {f"{name}@example.com" for name in ("officer", "head", "keeper")}
    assert SupervisionStep.LEADER in referral.supervision.values_list("step", flat=True)
    assert all(referral.shown_number in one["lines"] for one in told.values())
    assert not any(idea.title in str(one) for one in told.values())


def test_other_referrals_of_the_unit_are_told_to_all_as_before(referral, ordinary_too, addresses):
    for day in range(23, 28):
        supervise(at=datetime(2026, 3, day, 9, tzinfo=clock.SHANGHAI))
    about = {name.split("@")[0]: told["lines"] for name, told in mails().items()}
    of_it = {name for name, lines in about.items() if referral.shown_number in lines}
    of_other = {name for name, lines in about.items() if ordinary_too.shown_number in lines}
    assert (of_it, "other-officer" in of_other, "office" in of_other) == ({"officer", "head", "keeper"}, True, True)


def test_nobody_is_reminded_while_nobody_is_named(ordinary, idea, moderator, keeper, addresses):
    issue_order(referral=ordinary, staff=moderator, at=AT, words="请抓紧。", due_on=date(2026, 3, 23))
    restrict(idea, moderator, AT + SOON)
    for day in range(23, 28):
        supervise(at=datetime(2026, 3, day, 9, tzinfo=clock.SHANGHAI))
    assert mails() == {}


def test_what_is_taken_up_again_is_told_to_the_named_head_alone(campaign, unit, moderator, officer, head, keeper):
    ideas = [factories.make_idea(campaign), factories.make_idea(campaign)]
    both = factories.referred(ideas, unit, moderator)
    place = both.places.get(idea=ideas[0])
    factories.reported(both, AT + SOON, [place])
    factories.closed(both, moderator, AT + SOON)
    restrict(ideas[1], moderator)
    name_people(referral=both, people=[officer, head], staff=keeper, at=MONDAY)
    another = factories.make_user(Role.HEAD, unit=unit)
    for person in (head, another):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.com")
    reopen(referral=both, staff=keeper, at=MONDAY, finish_by=date(2026, 4, 1), words="又发现一处。")
    told = Message.objects.filter(template="reopened")
    assert [message.payload["address"] for message in told] == [f"{head.username}@example.com"]


def test_the_resident_of_a_restricted_idea_is_not_asked_and_reads_nothing_of_a_unit(referral, idea, officer):
    question = questions.ask(referral=referral, officer=officer, at=MONDAY, words="在哪里？", idea=row(idea))
    assert questions.why_not_asked(question) == str(questions.UNTOLD_RESTRICTED)
    assert way_at_units(row(idea), today=MONDAY.date()) == ([], [])


def test_erasing_its_person_leaves_it_with_the_named_people(referral, idea, officer):
    tracking.erase_person(idea=row(idea), at=MONDAY, expected_version=2)
    assert see(referral, [officer]) == [True]
