"""A unit asks; the office answers, or the resident does; meanwhile the unit's days stand still."""

import io
import json
import zipfile
from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, connections

from ideas.choices import QuestionState, ReferralState, Role
from ideas.errors import NotPermitted, Refusal, Stale, WrongRole
from ideas.exports.tracking import own_data
from ideas.models import Idea, Message, Referral, UnitQuestion
from ideas.queries.invariants import violations
from ideas.queries.questions import questions_for_office, questions_for_unit
from ideas.queries.referrals import days_taken
from ideas.queries.tracking import story_of, whole_way
from ideas.services import questions as services
from ideas.services.messages import render
from ideas.services.referrals import acknowledge, ask_return, change_due, keep, reassign, recall
from ideas.services.restricted import restrict_idea
from ideas.services.tracking import answer_unit, erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)  # a Monday
DAY = timedelta(days=1)
QUESTION, PASSED, ANSWER = "哪盏灯不亮？", "请问您说的是哪一盏路灯？", "北门左手第二盏，找林小满，电话12012345678。"


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


@pytest.fixture
def referral(idea, unit, moderator):
    return factories.referred([idea], unit, moderator)


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


def ask(referral, officer, idea=None, at=AT):
    return services.ask(referral=referral, officer=officer, at=at, words=QUESTION, idea=idea)


def pass_on(referral, staff, at=AT):
    return services.pass_on(referral=referral, staff=staff, at=at, words=PASSED)


def asked(referral, officer, staff, idea, at=AT):
    """A question that waits for the resident."""
    ask(referral, officer, idea, at)
    return pass_on(referral, staff, at)


def answer(idea, at, words=ANSWER):
    answer_unit(idea=idea, answer=words, at=at, expected_version=story_of(fresh(idea), at).version)


def fresh(idea):
    return Idea.objects.select_related("campaign").get(pk=idea.pk)


def state(referral):
    return Referral.objects.get(pk=referral.pk).state


def due(referral):
    row = Referral.objects.get(pk=referral.pk).due
    return [day.isoformat()[5:] for day in (row.acknowledge, row.answer, row.finish)]


def told(idea):
    return list(Message.objects.filter(idea=idea, template="unit_asks").order_by("medium"))


def test_a_question_goes_by_the_office_to_the_resident_and_the_answer_to_the_unit(referral, officer, moderator, idea):
    ask(referral, officer, idea)
    assert (state(referral), told(idea)) == (ReferralState.ACKNOWLEDGED, [])
    pass_on(referral, moderator)
    assert (state(referral), Referral.objects.get().due_on) == (ReferralState.ASKED, None)
    answer(idea, AT + DAY)
    assert state(referral) == ReferralState.ACKNOWLEDGED
    assert [row.reply for row in questions_for_office(referral)] == [ANSWER]
    assert list(violations()) == []


def test_the_unit_reads_the_answer_without_whoever_wrote_it(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    answer(idea, AT + DAY)
    assert [row.reply for row in questions_for_unit(referral)] == ["北门左手第二盏，找●●，电话●●。"]
    assert ANSWER not in json.dumps(list(referral.events.values("words", "detail")), ensure_ascii=False)


def test_the_resident_is_told_once_in_the_offices_words_and_by_when(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    with pytest.raises(Refusal):
        pass_on(referral, moderator)
    texts = [render(message).body for message in told(idea)]
    assert len(texts) == len({message.medium for message in told(idea)}) > 0
    assert all(PASSED in text and "城管局" in text and "2026-03-30" in text for text in texts)
    assert not any(QUESTION in text for text in texts)


def test_the_days_of_the_pause_are_given_back(referral, officer, moderator, idea):
    assert due(referral) == ["03-23", "03-25", "03-31"]
    asked(referral, officer, moderator, idea)
    answer(idea, AT + 2 * DAY)  # Monday to Wednesday are three working days
    assert due(referral) == ["03-26", "03-30", "04-03"]


def test_a_day_of_two_pauses_is_given_back_once(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea, AT)
    answer(idea, AT + DAY)
    assert due(referral) == ["03-25", "03-27", "04-02"]  # Monday and Tuesday
    ask_return(referral=referral, officer=officer, at=AT + DAY + timedelta(hours=5), reason="不属本单位。")
    keep(referral=referral, staff=moderator, at=AT + 2 * DAY, words="请办理。")
    assert due(referral) == ["03-26", "03-30", "04-03"]  # and Wednesday


def test_some_hours_of_one_day_give_no_day_back(referral, officer, moderator, idea):
    before = due(referral)
    asked(referral, officer, moderator, idea, AT)
    answer(idea, AT + timedelta(hours=1))
    assert (due(referral), days_taken(Referral.objects.get(), AT + DAY)) == (before, 2)


def test_waiting_for_the_office_gives_no_day_back(referral, officer, moderator, idea):
    ask(referral, officer, idea)
    services.settle(referral=referral, staff=moderator, at=AT + 3 * DAY, words="北门左手第二盏。")
    assert (due(referral), state(referral)) == (["03-23", "03-25", "03-31"], ReferralState.ACKNOWLEDGED)


def test_nobody_answers_and_the_unit_goes_on(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    over = datetime(2026, 3, 31, tzinfo=clock.SHANGHAI)  # seven days after the day of asking
    assert services.let_questions_lapse(at=over - clock.BLINK) == 0
    assert services.let_questions_lapse(at=over) == 1
    assert services.let_questions_lapse(at=over) == 0
    assert (state(referral), UnitQuestion.objects.get().state) == (ReferralState.ACKNOWLEDGED, QuestionState.LAPSED)
    assert due(referral) == ["04-01", "04-03", "04-09"]  # seven working days later, in a calendar without holidays
    with pytest.raises(Refusal):
        answer(idea, over)


def test_an_answer_after_the_last_day_counts_as_long_as_nobody_has_gone_on(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    answer(idea, datetime(2026, 4, 1, tzinfo=clock.SHANGHAI))
    assert services.let_questions_lapse(at=datetime(2026, 4, 2, tzinfo=clock.SHANGHAI)) == 0


def test_a_question_is_about_one_place_and_its_resident(campaign, unit, officer, moderator):
    ideas = [factories.make_idea(campaign), factories.make_idea(campaign)]
    referral = factories.referred(ideas, unit, moderator)
    asked(referral, officer, moderator, ideas[1])
    assert [len(story_of(fresh(idea), AT).questions) for idea in ideas] == [0, 1]
    assert [bool(told(idea)) for idea in ideas] == [False, True]
    with pytest.raises(Refusal):
        answer(ideas[0], AT)
    with pytest.raises(Refusal):
        ask(factories.referred([factories.make_idea(campaign)], unit, moderator), officer, ideas[0])


def test_one_question_at_a_time(referral, officer, moderator, idea):
    ask(referral, officer)
    with pytest.raises(Refusal):
        ask(referral, officer, idea)


def test_what_concerns_no_resident_the_office_answers(referral, officer, moderator):
    ask(referral, officer)
    with pytest.raises(Refusal):
        pass_on(referral, moderator)
    services.settle(referral=referral, staff=moderator, at=AT, words="经费由街道承担。")
    assert UnitQuestion.objects.get().note == "经费由街道承担。"


def test_the_office_ends_a_question_that_the_resident_answered_by_telephone(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    services.settle(referral=referral, staff=moderator, at=AT + DAY, words="来电说是北门左手第二盏。")
    assert (state(referral), due(referral)) == (ReferralState.ACKNOWLEDGED, ["03-25", "03-27", "04-02"])
    assert story_of(fresh(idea), AT + DAY).unit_question is None


@pytest.mark.parametrize("person", ["other", "helping"])
def test_only_the_unit_that_leads_asks(campaign, unit, moderator, person):
    helper = factories.make_unit()
    referral = factories.referred(
        [factories.make_idea(campaign)], unit, moderator, helping=[helper] if person == "helping" else []
    )
    with pytest.raises(NotPermitted):
        ask(referral, factories.officer_of(helper))


@pytest.mark.parametrize("act", ["pass_on", "settle"])
def test_only_the_office_decides_about_a_question(referral, officer, idea, act):
    ask(referral, officer, idea)
    for person in (officer, factories.make_user(Role.PANELLIST)):
        with pytest.raises(WrongRole):
            getattr(services, act)(referral=referral, staff=person, at=AT, words="x")


def test_an_outdated_page_does_nothing(referral, officer, moderator, idea):
    ask(referral, officer, idea)
    for act in (services.pass_on, services.settle):
        with pytest.raises(Stale):
            act(referral=referral, staff=moderator, at=AT, words=PASSED, expected_version=1)
    version = story_of(fresh(idea), AT).version
    pass_on(referral, moderator)
    with pytest.raises(Stale):
        answer_unit(idea=idea, answer=ANSWER, at=AT, expected_version=version)


@pytest.mark.parametrize("contact", [{"phone": "", "email": ""}, {"phone": "+865926060000", "email": ""}])
def test_whoever_gave_no_address_cannot_be_asked(campaign, unit, officer, moderator, contact):
    idea = factories.make_idea(campaign, **contact)
    referral = factories.referred([idea], unit, moderator)
    ask(referral, officer, idea)
    with pytest.raises(Refusal, match=r"(?i)address|地址"):
        pass_on(referral, moderator)
    assert (state(referral), told(idea)) == (ReferralState.ACKNOWLEDGED, [])


def test_whoever_was_erased_cannot_be_asked(referral, officer, moderator, idea):
    ask(referral, officer, idea)
    erase(idea, AT)
    with pytest.raises(Refusal, match=r"erased|删除"):
        pass_on(referral, moderator)


def erase(idea, at):
    erase_person(idea=idea, at=at, expected_version=story_of(fresh(idea), at).version)


def test_with_the_person_the_answer_goes_and_the_unit_goes_on(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    answer(idea, AT)
    ask(referral, officer, idea, AT + DAY)
    pass_on(referral, moderator, AT + DAY)
    erase(idea, AT + DAY)
    assert list(UnitQuestion.objects.order_by("id").values_list("state", "reply")) == [("replied", ""), ("lapsed", "")]
    assert (state(referral), list(violations())) == (ReferralState.ACKNOWLEDGED, [])


def test_the_own_data_hold_question_and_answer(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    answer(idea, AT)
    data = zipfile.ZipFile(io.BytesIO(own_data(fresh(idea), AT))).read("data.json").decode()
    assert (PASSED in data, "12012345678。" in data, QUESTION in data) == (True, True, False)


def test_the_way_shows_the_question_to_its_resident_only(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    steps, to_come = whole_way(fresh(idea), story_of(fresh(idea), AT), today=AT.date())
    assert steps[-1].words == PASSED
    assert to_come[0].on == date(2026, 3, 30)


@pytest.mark.parametrize("act", ["recall", "reassign"])
def test_what_ends_with_the_unit_ends_the_question(referral, officer, moderator, idea, act):
    ask(referral, officer, idea)
    if act == "recall":
        pass_on(referral, moderator)
        recall(referral=referral, staff=moderator, at=AT, reason="发错单位。")
    else:
        ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
        reassign(referral=referral, unit=factories.make_unit(), staff=moderator, at=AT + DAY, words="请办理。")
    assert UnitQuestion.objects.get().state == QuestionState.DROPPED
    assert (story_of(fresh(idea), AT).unit_question, list(violations())) == (None, [])
    referral.refresh_from_db()
    assert act == "recall" or questions_for_unit(referral) == []


def test_while_the_resident_is_asked_the_unit_has_nothing_to_do(referral, officer, moderator, idea):
    acknowledge(referral=referral, officer=officer, at=AT)
    asked(referral, officer, moderator, idea)
    with pytest.raises(Refusal):
        ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    with pytest.raises(Refusal):
        change_due(referral=referral, due=referral.due, staff=moderator, at=AT, reason="顺延。")


def test_a_restriction_since_changes_nothing_for_the_resident(referral, officer, moderator, idea):
    asked(referral, officer, moderator, idea)
    before = story_of(fresh(idea), AT)
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="线索")
    assert story_of(fresh(idea), AT) == before
    answer(idea, AT)
    assert state(referral) == ReferralState.ACKNOWLEDGED


def test_what_is_referred_while_the_winners_are_chosen_asks_no_resident(moderator, unit, officer):
    """A question would tell that it is referred, and so who is listed."""
    campaign = factories.rated_campaign(moderator, 3)
    idea = campaign.ideas.first()
    referral = factories.referred([idea], unit, moderator, at=clock.LATER)
    ask(referral, officer, idea, clock.LATER)
    with pytest.raises(Refusal, match=r"released|公布"):
        pass_on(referral, moderator, clock.LATER)
    assert story_of(fresh(idea), clock.LATER).questions == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite ignores select_for_update")
def test_two_workers_and_a_late_answer_end_a_question_once(campaign, moderator):
    unit = factories.make_unit()
    idea = factories.make_idea(campaign)
    referral = factories.referred([idea], unit, moderator)
    asked(referral, factories.officer_of(unit), moderator, idea)
    over, version = datetime(2026, 3, 31, tzinfo=clock.SHANGHAI), story_of(fresh(idea), AT).version

    def late():
        try:
            answer_unit(idea=idea, answer=ANSWER, at=over, expected_version=version)
        except Refusal:
            pass
        finally:
            connections.close_all()

    def lapse():
        try:
            services.let_questions_lapse(at=over)
        finally:
            connections.close_all()

    threads = [Thread(target=act) for act in (late, lapse, lapse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = [event.act for event in referral.events.filter(act__in=("reply", "lapse"))]
    assert (len(ends), state(referral), list(violations())) == (1, ReferralState.ACKNOWLEDGED, [])
