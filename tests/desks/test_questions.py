"""A unit's question on its way over three pages: the unit's, the office's, the resident's; nothing typed is lost."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import QuestionState, ReferralState
from ideas.models import Idea, Referral, UnitQuestion
from ideas.services import questions
from ideas.services.referrals import recall
from ideas.services.tracking import answer_unit, erase_person
from tests import clock, factories
from tests.views.tracked import opened, seen

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
QUESTION, PASSED, ANSWER = "哪盏灯不亮？", "请问您说的是哪一盏路灯？", "北门左手第二盏，找林小满。"


@pytest.fixture(autouse=True)
def monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign, title="林小满请求加装路灯")


@pytest.fixture
def referral(idea, unit, moderator):
    return factories.referred([idea], unit, moderator)


@pytest.fixture
def at_unit(client, unit):
    client.force_login(factories.officer_of(unit))
    return client


@pytest.fixture
def asked(referral, unit, idea):
    return questions.ask(referral=referral, officer=factories.officer_of(unit), at=MONDAY, words=QUESTION, idea=idea)


def version(referral):
    return Referral.objects.get(pk=referral.pk).version


def state(referral):
    return Referral.objects.get(pk=referral.pk).state


def ask(client, referral, **data):
    return client.post(reverse("unit-act", args=[referral.pk, "ask"]), {"seen": version(referral), **data})


def unit_page(client, referral):
    return client.get(reverse("unit-referral", args=[referral.pk])).content.decode()


def office_page(client, referral):
    return client.get(reverse("admin:ideas_referral_change", args=[referral.pk])).content.decode()


def decide(client, referral, act, **data):
    address = reverse("admin:ideas_referral_act", args=[referral.pk, act])
    return client.post(address, {"seen": version(referral), **data})


def reply(client, idea, **data):
    given = {"answer": ANSWER, "seen": seen(idea, MONDAY), "idea": idea.receipt, **data}
    return client.post(reverse("track-reply"), given)


def test_an_officer_asks_and_reads_the_answer_without_the_person(at_unit, referral, idea, moderator):
    assert ("林小满" in unit_page(at_unit, referral), "提问" in unit_page(at_unit, referral)) == (False, True)
    ask(at_unit, referral, words=QUESTION, idea=idea.pk)
    questions.pass_on(referral=referral, staff=moderator, at=MONDAY, words=PASSED)
    text = unit_page(at_unit, referral)
    assert (PASSED in text, "在建议人处" in text, 'name="words"' in text) == (True, True, False)
    at_unit.logout()
    reply(opened(at_unit, idea, MONDAY), idea)
    at_unit.force_login(factories.officer_of(referral.unit))
    text = unit_page(at_unit, referral)
    assert ("北门左手第二盏，找●●。" in text, "林小满" in text) == (True, False)


def test_an_officer_asks_what_only_the_office_knows(at_unit, referral):
    ask(at_unit, referral, words="经费由谁承担？", idea="")
    assert UnitQuestion.objects.get().idea is None


def test_an_empty_question_and_another_ideas_resident_are_refused_at_their_fields(at_unit, referral, campaign):
    answer = ask(at_unit, referral, words="", idea="")
    assert (answer.status_code, 'class="field-error"' in answer.content.decode()) == (422, True)
    answer = ask(at_unit, referral, words=QUESTION, idea=factories.make_idea(campaign).pk)
    assert (answer.status_code, QUESTION in answer.content.decode()) == (422, True)
    assert not UnitQuestion.objects.exists()


def test_a_question_that_is_refused_keeps_its_words(at_unit, referral, moderator):
    outdated = version(referral)
    recall(referral=referral, staff=moderator, at=MONDAY, reason="发错单位。")
    answer = ask(at_unit, referral, words=QUESTION, idea="", seen=outdated)
    assert (answer.status_code, QUESTION in answer.content.decode()) == (409, True)


def test_a_question_is_asked_about_one_of_several_places(client, unit, campaign, moderator):
    ideas = [factories.make_idea(campaign, title=title) for title in ("东门缺灯", "西门缺灯")]
    referral = factories.referred(ideas, unit, moderator)
    client.force_login(factories.officer_of(unit))
    assert all(idea.title in unit_page(client, referral) for idea in ideas)
    ask(client, referral, words=QUESTION, idea=ideas[1].pk)
    assert UnitQuestion.objects.get().idea == ideas[1]


def test_the_office_edits_and_passes_on(client, moderator, referral, asked):
    client.force_login(moderator)
    assert f">\n{QUESTION}</textarea>" in office_page(client, referral)
    decide(client, referral, "pass-on", words=PASSED)
    assert (state(referral), PASSED in office_page(client, referral)) == (ReferralState.ASKED, True)
    assert reverse("admin:ideas_referral_act", args=[referral.pk, "pass-on"]) not in office_page(client, referral)


def test_the_office_answers_itself(client, moderator, referral, asked):
    client.force_login(moderator)
    assert decide(client, referral, "settle", words="").status_code == 422
    decide(client, referral, "settle", words="第二盏。")
    assert UnitQuestion.objects.get().state == QuestionState.SETTLED
    client.force_login(factories.officer_of(referral.unit))
    assert "第二盏。" in unit_page(client, referral)


def test_the_office_is_told_when_nobody_can_be_asked(client, moderator, referral, asked, idea):
    erase_person(idea=idea, at=MONDAY, expected_version=seen(idea, MONDAY))
    client.force_login(moderator)
    text = office_page(client, referral)
    assert ("无法询问建议人" in text, "/act/pass-on/" in text, "/act/settle/" in text) == (True, False, True)


def test_for_a_unit_that_is_written_to_the_office_types_in_its_question(client, moderator, campaign):
    idea = factories.make_idea(campaign)
    referral = factories.referred([idea], factories.make_unit(by_letter=True), moderator)
    client.force_login(moderator)
    decide(client, referral, "ask", words=QUESTION, idea=idea.pk)
    decide(client, referral, "pass-on", words=PASSED)
    assert state(referral) == ReferralState.ASKED


def test_the_first_page_says_that_questions_wait(client, moderator, referral):
    client.force_login(moderator)
    assert "单位提问等待处理" not in client.get(reverse("admin:index")).content.decode()
    questions.ask(referral=referral, officer=factories.officer_of(referral.unit), at=MONDAY, words=QUESTION)
    assert "单位提问等待处理" in client.get(reverse("admin:index")).content.decode()
    listed = client.get(reverse("admin:ideas_referral_changelist") + "?waits=question")
    assert referral.shown_number in listed.content.decode()


# --- The resident ----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(asked, referral, moderator):
    return questions.pass_on(referral=referral, staff=moderator, at=MONDAY, words=PASSED)


@pytest.fixture
def resident(client, idea, waiting):
    return opened(client, idea, MONDAY)


def test_the_resident_reads_the_question_and_answers_it(resident, idea, referral):
    text = resident.get(reverse("track")).content.decode()
    assert (PASSED in text, "2026-03-30 24:00" in text, QUESTION in text) == (True, True, False)
    assert PASSED in resident.get(reverse("track-reply")).content.decode()
    assert reply(resident, idea).url == reverse("track")
    text = resident.get(reverse("track")).content.decode()
    assert (ANSWER in text, reverse("track-reply") in text) == (True, False)
    assert (state(referral), Idea.objects.get(pk=idea.pk).status) == (ReferralState.ACKNOWLEDGED, "accepted")


def test_an_empty_answer_is_refused_at_its_field(resident, idea, referral):
    assert "请填写回答" in reply(resident, idea, answer=" ").content.decode()
    assert state(referral) == ReferralState.ASKED


def test_a_long_answer_is_bounded_and_comes_back(resident, idea):
    words = "灯" * 2001
    assert words in reply(resident, idea, answer=words).content.decode()
    assert UnitQuestion.objects.get().reply == ""


def test_an_answer_that_comes_too_late_comes_back_to_be_copied(resident, idea, referral, moderator):
    questions.settle(referral=referral, staff=moderator, at=MONDAY, words="第二盏。")
    answer = reply(resident, idea)
    assert (answer.status_code, ANSWER in answer.content.decode()) == (409, True)


def test_after_half_an_hour_the_answer_goes_on_with_number_and_code(resident, idea):
    with clock.at(MONDAY + timedelta(hours=1)):
        answer = reply(resident, idea)
    assert (answer.status_code, ANSWER in answer.content.decode()) == (403, True)


def test_what_was_typed_is_there_again(resident, idea):
    reply(resident, idea, answer="灯" * 2001)
    assert "灯" * 2001 in resident.get(reverse("track-reply")).content.decode()


def test_nobody_else_reads_the_question(client, waiting, campaign):
    other = factories.make_idea(campaign)
    opened(client, other, MONDAY)
    assert PASSED not in client.get(reverse("track")).content.decode()
    assert reply(client, other).status_code == 409


def test_pages_ask_no_more_queries_for_more_questions(client, referral, moderator, idea):
    officer = factories.officer_of(referral.unit)
    counts = []
    for questions_so_far in (1, 5):
        while referral.questions.count() < questions_so_far:
            questions.ask(referral=referral, officer=officer, at=MONDAY, words=QUESTION, idea=idea)
            questions.pass_on(referral=referral, staff=moderator, at=MONDAY, words=PASSED)
            answer_unit(idea=idea, answer=ANSWER, at=MONDAY, expected_version=seen(idea, MONDAY))
        for person, page in ((officer, unit_page), (moderator, office_page)):
            client.force_login(person)
            with CaptureQueriesContext(connection) as queries:
                page(client, referral)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
