"""Each step of supervision is taken once, told to whom it concerns, and only while a day of the unit's runs."""

from datetime import date, datetime, timedelta

import pytest

from ideas.choices import AnswerKind, ReferralAct, Role, SupervisionStep
from ideas.errors import Refusal, Stale, WrongRole
from ideas.models import Message, Referral, Supervision, SupervisionOrder, User
from ideas.queries.invariants import violations
from ideas.rules.referrals import Due
from ideas.services import answers, referrals
from ideas.services.restricted import restrict_idea
from ideas.services.supervision import issue_order, supervise
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING  # a Friday; what is sent then is to be acknowledged by the Monday
STEPS = [step.value for step in SupervisionStep]


def morning(day, month=3):
    return datetime(2026, month, day, 9, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def leaders(settings):
    settings.IDEAS_LEADERS = ["leader@example.com"]


@pytest.fixture
def unit(db):
    unit = factories.make_unit("城管局")
    User.objects.filter(pk=factories.officer_of(unit).pk).update(email="officer@example.com")
    User.objects.filter(pk=factories.head_of(unit).pk).update(email="head@example.com")
    return unit


@pytest.fixture
def referral(campaign, unit, moderator):
    User.objects.filter(pk=moderator.pk).update(email="office@example.com")
    return factories.referred([factories.make_idea(campaign)], unit, moderator)


def taken(referral):
    return list(referral.supervision.order_by("pk").values_list("step", flat=True))


def mails():
    rows = Message.objects.filter(template="supervision").order_by("pk")
    return [(row.payload["address"], row.payload["variables"]) for row in rows]


def run(*days, month=3):
    for day in days:
        supervise(at=morning(day, month))


def test_step_after_step_is_taken_once_on_its_day(referral):
    found = []
    for day in (20, 21, 23, 24, 25, 26, 27, 30, 31):
        run(day, day)
        found.append(len(taken(referral)))
    assert (found, taken(referral)) == ([1, 1, 2, 3, 4, 5, 5, 6, 6], STEPS)
    assert list(violations()) == []


def test_each_step_is_told_to_its_own_people(referral):
    run(20, 23, 24, 25, 26, 30)
    assert [address for address, _variables in mails()] == [
        "officer@example.com",
        "officer@example.com",
        "officer@example.com",
        "head@example.com",
        "office@example.com",
        "leader@example.com",
    ]


def test_what_was_missed_is_told_in_one_message_to_each(referral):
    """The worker stood still for two weeks."""
    run(3, month=4)
    assert taken(referral) == STEPS[1:]
    assert sorted(address for address, _variables in mails()) == [
        "head@example.com",
        "leader@example.com",
        "office@example.com",
        "officer@example.com",
    ]


def test_a_message_names_numbers_and_days_and_nothing_of_an_idea(referral):
    run(24)
    _address, variables = mails()[0]
    assert variables == {
        "unit": "城管局",
        "count": "1",
        "lines": "JM26-J001 签收 2026-03-23 已超期1天",
        "numbers": "JM26-J001",
        "link": "http://127.0.0.1:8000/unit/",
    }


def test_a_person_is_told_once_of_all_that_is_due(campaign, referral, unit, moderator):
    for _ in range(4):
        factories.referred([factories.make_idea(campaign)], unit, moderator)
    run(20)
    [(address, variables)] = mails()
    assert (address, variables["count"], variables["lines"].count("\n")) == ("officer@example.com", "5", 4)
    assert variables["numbers"] == "JM26-J001、JM26-J002、JM26-J003等"


def test_nothing_of_another_unit_stands_in_a_message(campaign, referral, moderator):
    other = factories.make_unit("交警大队")
    User.objects.filter(unit=other).update(email="other@example.com")
    factories.referred([factories.make_idea(campaign)], other, moderator)
    run(20)
    lines = dict(mails())
    assert lines["officer@example.com"]["lines"].startswith("JM26-J001")
    assert [name in str(lines["other@example.com"]) for name in ("J001", "城管局")] == [False, False]


def test_who_has_no_e_mail_is_told_by_sms(referral, unit, settings):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    User.objects.filter(unit=unit).update(email="", phone="13900000000")
    run(20)
    [message] = Message.objects.filter(template="supervision")
    assert (message.medium, message.payload["address"]) == ("sms", "+8613900000000")


def test_a_step_that_reaches_nobody_is_taken_and_says_so(referral, unit):
    User.objects.filter(unit=unit).update(email="")
    run(20, 20)
    assert (mails(), list(Supervision.objects.values_list("step", "told"))) == ([], [("remind", 0)])


def test_a_unit_without_log_in_is_the_offices_to_remind(campaign, moderator, referral):
    letters = factories.make_unit(by_letter=True)
    factories.referred([factories.make_idea(campaign)], letters, moderator)
    run(20)
    told = {variables["unit"]: (address, variables["link"]) for address, variables in mails()}
    assert told[letters.name] == ("office@example.com", "http://127.0.0.1:8000/admin/ideas/referral/")


def test_nobody_is_told_before_the_office_opens(referral):
    supervise(at=morning(20) - timedelta(hours=2))
    assert taken(referral) == []


def test_another_day_is_a_new_round(referral, unit, moderator):
    run(20, 23)
    due = Due(date(2026, 3, 25), date(2026, 3, 25), date(2026, 3, 31))
    referrals.change_due(referral=referral, due=due, staff=moderator, at=morning(23), reason="材料未到。")
    run(23, 24, 25)
    assert taken(referral) == ["remind", "notice", "remind", "notice"]


def test_the_next_step_of_the_unit_has_a_round_of_its_own(referral, unit):
    run(20)
    referrals.acknowledge(referral=referral, officer=factories.officer_of(unit), at=AT)
    run(23, 24)
    assert list(Supervision.objects.order_by("pk").values_list("runs", "step")) == [
        ("acknowledge", "remind"),
        ("answer", "remind"),
    ]


def test_nothing_is_taken_while_the_office_decides_on_a_return(referral, unit, moderator):
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=AT, reason="不属本单位。")
    run(24)
    assert taken(referral) == []
    referrals.keep(referral=referral, staff=moderator, at=morning(24), words="请办理。")
    run(24, 25)  # two working days later than the day before it
    assert taken(referral) == ["remind"]
    assert list(violations()) == []


def test_another_unit_is_reminded_of_the_same_day(campaign, referral, unit, moderator):
    run(20)
    other = factories.make_unit("交警大队")
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=AT, reason="不属本单位。")
    referrals.reassign(referral=referral, unit=other, staff=moderator, at=AT, words="请办理。")
    run(20)
    assert list(Supervision.objects.order_by("pk").values_list("unit__name", "step")) == [
        ("城管局", "remind"),
        ("交警大队", "remind"),
    ]


def test_nothing_is_taken_of_what_is_restricted_or_over(referral, campaign, unit, moderator):
    other = factories.referred([factories.make_idea(campaign)], unit, moderator)
    referrals.recall(referral=other, staff=moderator, at=AT, reason="发错单位。")
    restrict_idea(idea=referral.places.get().idea, staff=moderator, at=AT, reason="线索")
    Message.objects.all().delete()
    run(20, 23)
    assert (taken(referral), taken(other), mails()) == ([], [], [])


def order(referral, moderator, day=24, **more):
    given = {"words": "请于周二前到现场。", "due_on": date(2026, 3, day), "at": AT, **more}
    return issue_order(referral=referral, staff=moderator, **given)


def test_an_order_is_supervised_like_any_other_day(referral, moderator):
    found = order(referral, moderator)
    assert (str(found), referral.events.last().act) == ("JM26-D001", ReferralAct.SUPERVISE)
    run(23, 24, 25)
    assert list(found.steps.order_by("pk").values_list("step", flat=True)) == ["remind", "notice", "officer"]
    assert "JM26-D001 督办单 2026-03-24 已超期1天" in mails()[-1][1]["lines"]


def test_an_order_ends_with_what_the_unit_answers(referral, unit, moderator):
    order(referral, moderator)
    words = {"public": "已修好。", "adoption": "", "finish_on": None, "internal": ""}
    about = {"referral": referral, "at": AT}
    officer = factories.officer_of(unit)
    referrals.acknowledge(**about, officer=officer)
    assert SupervisionOrder.objects.running().count() == 1
    answers.save_draft(**about, officer=officer, kind=AnswerKind.DONE, words=words)
    answers.hand_in(**about, officer=officer)
    answers.approve(**about, head=factories.head_of(unit))
    assert SupervisionOrder.objects.running().count() == 0


def test_a_later_order_replaces_the_one_before(referral, moderator):
    order(referral, moderator)
    second = order(referral, moderator, day=27)
    run(24, 25)
    assert list(SupervisionOrder.objects.running()) == [second]
    assert Supervision.objects.exclude(order=None).count() == 0


@pytest.mark.parametrize(
    ("given", "refusal", "words"),
    [
        ({"words": " "}, Refusal, "请写明单位要做什么。"),
        ({"day": 19}, Refusal, "2026-03-19已过。"),
        ({"expected_version": 7}, Stale, "交办单"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(referral, moderator, given, refusal, words):
    with pytest.raises(refusal) as refused:
        order(referral, moderator, **given)
    assert (words[:4] in str(refused.value), SupervisionOrder.objects.exists()) == (True, False)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.AUDITOR])
def test_only_the_office_issues_an_order(referral, role):
    with pytest.raises(WrongRole):
        order(referral, factories.make_user(role))


def test_no_order_is_issued_while_it_is_not_the_units_turn(referral, unit, moderator):
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=AT, reason="不属本单位。")
    with pytest.raises(Refusal):
        order(referral, moderator)
    assert Referral.objects.get().version == 2
