"""The office's side of referrals: sending one, its page and its acts, its sheet."""

from datetime import date, datetime

import pytest
from django.urls import reverse

from ideas.choices import AnswerKind, ReferralState
from ideas.models import CalendarYear, Idea, Referral
from ideas.queries.invariants import violations
from ideas.services import answers, milestones, referrals
from ideas.services.screening import accept_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
PLAN = {
    "adoption": "adopted",
    "public": "四月底前装好。",
    "internal": "预算已批",
    "finish_on": date(2026, 4, 30),
}


@pytest.fixture(autouse=True)
def monday(client, moderator):
    client.force_login(moderator)
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def idea(campaign, moderator):
    idea = factories.make_idea(campaign)
    accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    return idea


@pytest.fixture
def referral(idea, unit, moderator):
    return factories.referred([idea], unit, moderator)


def send(client, ideas, to, **given):
    data = {"acknowledge": 1, "answer": 3, "finish": 7, "instruction": "请现场核查。", "unit": to.pk, **given}
    seen = {f"seen-{idea.pk}": Idea.objects.get(pk=idea.pk).version for idea in ideas}
    return client.post(reverse("admin:ideas_referral_send"), {"idea": [idea.pk for idea in ideas], **seen, **data})


def press(client, referral, act, **data):
    seen = {"seen": Referral.objects.get(pk=referral.pk).version}
    return client.post(reverse("admin:ideas_referral_act", args=[referral.pk, act]), {**seen, **data})


def page(client, referral):
    return client.get(reverse("admin:ideas_referral_change", args=[referral.pk])).content.decode()


def approved(referral, unit, kind=AnswerKind.PLAN, words=PLAN):
    officer = factories.officer_of(unit)
    answers.save_draft(referral=referral, officer=officer, at=MONDAY, kind=kind, words=words, seen="")
    answers.hand_in(referral=referral, officer=officer, at=MONDAY)
    answers.approve(referral=referral, head=factories.head_of(unit), at=MONDAY)


def test_an_ideas_page_leads_to_its_referral_and_the_form_of_a_new_one(client, idea, unit):
    text = client.get(reverse("admin:ideas_idea_change", args=[idea.pk])).content.decode()
    assert f"{reverse('admin:ideas_referral_send')}?idea={idea.pk}" in text
    assert send(client, [idea], unit).url == reverse("admin:ideas_referral_change", args=[Referral.objects.get().pk])
    text = client.get(reverse("admin:ideas_idea_change", args=[idea.pk])).content.decode()
    assert (Referral.objects.get().shown_number in text, reverse("admin:ideas_referral_send") in text) == (True, False)


def test_a_waiting_idea_offers_no_referral(client, campaign):
    waiting = factories.make_idea(campaign)
    text = client.get(reverse("admin:ideas_idea_change", args=[waiting.pk])).content.decode()
    assert reverse("admin:ideas_referral_send") not in text


@pytest.mark.parametrize("given", [{"instruction": ""}, {"unit": ""}, {"answer": 9}, {"acknowledge": 0}])
def test_a_form_with_a_fault_comes_back_with_its_words(client, idea, unit, given):
    answer = send(client, [idea], unit, **{"instruction": "请加装路灯。", **given})
    assert (answer.status_code, Referral.objects.count()) == (422, 0)
    assert "请加装路灯。" in answer.content.decode() or not given.get("instruction", "x")


def test_a_refusal_stands_in_the_form(client, referral, idea):
    answer = send(client, [idea], factories.make_unit("交警大队"))
    assert (answer.status_code, "已交城管局办理" in answer.content.decode()) == (422, True)


def test_the_page_shows_what_waits_and_releases_it(client, referral, unit):
    approved(referral, unit)
    text = page(client, referral)
    assert ("待主办方处理" in text, "预算已批" in text) == (True, True)
    assert "单位填写2026-04-30，目前为2026-03-31" in text  # both days, before one of them counts
    assert press(client, referral, "release", public="四月底前亮灯。").status_code == 422
    press(client, referral, "release", public="四月底前亮灯。", finish_by="2026-04-29")
    assert (referral.answers.get().public, Referral.objects.get().finish_by) == ("四月底前亮灯。", date(2026, 4, 29))


def test_what_a_release_brings_with_it_is_said_before(client, referral, unit, moderator):
    officer = factories.officer_of(unit)
    referrals.acknowledge(referral=referral, officer=officer, at=MONDAY)
    about = {"referral": referral, "officer": officer, "at": MONDAY}
    milestones.plan_milestone(**about, planned_on=date(2026, 9, 1), words="远期节点")
    milestones.approve_milestones(referral=referral, head=factories.head_of(unit), at=MONDAY)
    assert "一并公开" not in page(client, referral)
    approved(referral, unit, words={**PLAN, "adoption": "not_adopted"})
    text = page(client, referral).split("待主办方处理")[1].split("办理节点</h2>")[0]
    assert ("远期节点" in text, "晚于整件事项的办结期限" in text, "发布后该交办单即办结" in text) == (True,) * 3


def test_a_return_is_decided_on_the_page(client, referral, unit):
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=MONDAY, reason="属交警。")
    assert "属交警。" in page(client, referral)
    other = factories.make_unit("交警大队")
    press(client, referral, "reassign", unit=other.pk, words="请办理。")
    assert Referral.objects.get().unit == other


def test_days_are_changed_with_a_reason(client, referral):
    days = {"acknowledge_by": "2026-03-24", "answer_by": "2026-03-27", "finish_by": "2026-04-30"}
    assert press(client, referral, "change-due", **days, reason="").status_code == 422
    press(client, referral, "change-due", **days, reason="等待采购。")
    assert Referral.objects.get().due.finish.isoformat() == "2026-04-30"
    wrong = press(client, referral, "change-due", **{**days, "answer_by": "2026-03-01"}, reason="改期。")
    assert (wrong.status_code, "先签收，再答复" in wrong.content.decode()) == (409, True)
    (form,) = [act["form"] for act in wrong.context["acts"] if act["act"] == "change-due"]
    assert [*form.errors] == ["__all__"]  # of no single field
    over = press(client, referral, "change-due", **{**days, "acknowledge_by": "2026-03-01"}, reason="改期。")
    (form,) = [act["form"] for act in over.context["acts"] if act["act"] == "change-due"]
    assert (over.status_code, [*form.errors]) == (409, ["acknowledge_by"])


def test_what_is_done_is_closed_or_goes_back(client, referral, unit):
    approved(referral, unit, AnswerKind.DONE, {"adoption": "", "public": "已装好。", "internal": "", "finish_on": None})
    press(client, referral, "not-yet", finish_by="2026-04-10", words="只亮一盏。")
    assert Referral.objects.get().state == ReferralState.PLANNED
    approved(referral, unit, AnswerKind.DONE, {"adoption": "", "public": "全亮了。", "internal": "", "finish_on": None})
    press(client, referral, "release", public="全亮了。")
    press(client, referral, "close", looked_on="2026-03-23", looked_by="周某", found="灯亮。", reason="夜间照片不清。")
    assert (Referral.objects.get().state, list(violations())) == (ReferralState.CLOSED, [])


def test_a_referral_is_closed_once_residents_read_what_was_done(client, referral, unit):
    close = reverse("admin:ideas_referral_act", args=[referral.pk, "close"])
    approved(referral, unit, AnswerKind.DONE, {"adoption": "", "public": "已装好。", "internal": "", "finish_on": None})
    assert close not in page(client, referral)
    press(client, referral, "release", public="已装好。")
    assert close in page(client, referral)


def test_the_unit_that_a_return_names_is_shown_and_chosen(client, referral, unit):
    better = factories.make_unit("交警大队")
    officer = factories.officer_of(unit)
    referrals.ask_return(referral=referral, officer=officer, at=MONDAY, reason="不属本单位。", better=better)
    text = page(client, referral)
    assert "该单位认为应由以下单位办理： 交警大队" in " ".join(text.split())
    assert f'<option value="{better.pk}" selected>' in text


@pytest.fixture
def two(campaign, unit, moderator):
    """One problem at two places, both reported done."""
    ideas = [factories.make_idea(campaign, place=place) for place in ("公园北门", "公园南门")]
    referral = factories.referred(ideas, unit, moderator)
    factories.reported(referral, MONDAY)
    answers.release_answer(referral=referral, staff=moderator, at=MONDAY, public="已办妥。")
    return referral


def test_each_place_is_closed_by_itself_and_shows_its_look(client, two):
    first = two.places.first()
    assert "公园南门" in page(client, two).partition('name="place"')[2]
    press(
        client,
        two,
        "close",
        place=first.pk,
        looked_on="2026-03-23",
        looked_by="周某",
        found="北门灯亮。",
        reason="不便拍照。",
    )
    assert ("北门灯亮。" in page(client, two), Referral.objects.get().state) == (True, ReferralState.DONE)
    press(client, two, "close", reason="南门照片清楚。")  # only one is left: nothing to choose
    assert ("南门照片清楚。" in page(client, two), Referral.objects.get().state) == (True, ReferralState.CLOSED)


def test_a_closing_that_lacks_something_says_so_at_its_fields_with_its_words(client, two):
    answer = press(client, two, "close", looked_on="2026-03-23", looked_by="周某", found="北门灯亮。")
    text = answer.content.decode()
    assert (answer.status_code, "北门灯亮。" in text, "请选择地点。" in text) == (409, True, True)
    answer = press(
        client,
        two,
        "close",
        place=two.places.first().pk,
        looked_on="2026-03-23",
        found="北门灯亮。",
        reason="不便拍照。",
    )
    text = answer.content.decode()
    assert ("北门灯亮。" in text, "请写明由谁到现场核查。" in text, text.count('class="field-error"')) == (
        True,
        True,
        1,
    )


def test_of_two_places_one_goes_back(client, two):
    press(client, two, "not-yet", places=[two.places.last().pk], finish_by="2026-04-10", words="南门未亮。")
    assert [bool(place.done_at) for place in two.places.all()] == [True, False]


def test_a_place_of_another_referral_is_no_choice(client, two, referral):
    answer = press(client, two, "close", place=referral.places.get().pk, reason="照片清楚。")
    assert (answer.status_code, "照片清楚。" in answer.content.decode()) == (422, True)


NOT_SOLVED = {"is_solved": "no", "satisfaction": "not", "words": "夜里还是不亮。"}


def test_a_verdict_heard_by_telephone_is_typed_in_and_shown(client, idea, referral, moderator):
    assert "录入电话回访结果" not in page(client, referral)
    factories.reported(referral, MONDAY)
    factories.closed(referral, moderator, MONDAY)
    assert idea.receipt in page(client, referral).partition("录入电话回访结果")[2]
    answer = press(client, referral, "verdict", idea=idea.pk, heard_on="2026-03-24", **NOT_SOLVED)
    text = answer.content.decode()
    assert (answer.status_code, "不早于办结日" in text, NOT_SOLVED["words"] in text) == (409, True, True)
    press(client, referral, "verdict", idea=idea.pk, heard_on="2026-03-23", **NOT_SOLVED)
    text = page(client, referral)
    assert ("夜里还是不亮。" in text, "2026-03-23电话回访" in text, "重新办理" in text) == (True, True, True)
    assert Referral.objects.get().state == ReferralState.PLANNED


def test_who_was_not_called_about_it_is_no_choice(client, referral, moderator, two):
    factories.reported(referral, MONDAY)
    factories.closed(referral, moderator, MONDAY)
    other = two.places.first().idea
    answer = press(client, referral, "verdict", idea=other.pk, heard_on="2026-03-23", **NOT_SOLVED)
    assert (answer.status_code, NOT_SOLVED["words"] in answer.content.decode()) == (422, True)


def test_what_was_closed_is_taken_up_again_with_a_reason(client, two, moderator):
    assert "重新办理" not in page(client, two)
    first, second = two.places.all()
    for place in (first, second):
        factories.closed(two, moderator, MONDAY, place)
    answer = press(client, two, "reopen", finish_by="2026-04-10", words="回访不属实。")
    assert (answer.status_code, "请选择地点。" in answer.content.decode()) == (409, True)
    press(client, two, "reopen", place=second.pk, finish_by="2026-04-10", words="回访不属实。")
    assert Referral.objects.get().state == ReferralState.PLANNED


def test_an_outdated_page_is_refused_with_its_words(client, referral, unit):
    referrals.acknowledge(referral=referral, officer=factories.officer_of(unit), at=MONDAY)
    answer = press(client, referral, "recall", seen=1, reason="发错单位。")
    assert (answer.status_code, "发错单位。" in answer.content.decode()) == (409, True)


def test_the_reply_to_a_letter_is_typed_in(client, campaign, moderator):
    bureau = factories.make_unit("市公交集团", by_letter=True)
    referral = factories.referred([factories.make_idea(campaign)], bureau, moderator)
    given = {
        "kind": "plan",
        "adoption": "adopted",
        "public": "五月调整线路。",
        "finish_on": "2026-05-01",
        "internal": "",
    }
    press(client, referral, "reply", **given)
    assert (Referral.objects.get().state, referral.answers.get().public) == ("planned", "五月调整线路。")


def test_a_unit_with_a_desk_types_its_replies_itself(client, referral):
    assert "录入复函" not in page(client, referral)


def test_the_sheet_bears_number_days_instruction_and_no_person(client, campaign, unit, moderator):
    idea = factories.make_idea(campaign, name="林小满", problem="请找林小满核实。")
    referral = factories.referred([idea], unit, moderator, instruction="请加装路灯。")
    text = client.get(reverse("admin:ideas_referral_sheet", args=[referral.pk])).content.decode()
    shown = [referral.shown_number, "2026-03-31", "请加装路灯。", "回执"]
    assert ([words in text for words in shown], "林小满" in text) == ([True] * 4, False)


def test_the_list_is_narrowed_by_state_and_unit(client, referral, unit):
    where = reverse("admin:ideas_referral_changelist")
    assert referral.shown_number in client.get(f"{where}?unit__id__exact={unit.pk}").content.decode()
    assert referral.shown_number not in client.get(f"{where}?state__exact=closed").content.decode()


def test_a_year_without_a_calendar_is_named(client, referral, idea):
    words = "2026的工作日历尚未填写"
    where = f"{reverse('admin:ideas_referral_send')}?idea={idea.pk}"
    assert (words in page(client, referral), words in client.get(where).content.decode()) == (True, True)
    CalendarYear.objects.create(number=2026, source="国务院办公厅通知")
    assert (words in page(client, referral), words in client.get(where).content.decode()) == (False, False)


def test_what_is_not_reported_done_is_not_offered_to_be_closed(client, referral, unit):
    approved(referral, unit)
    assert "确认办结" not in page(client, referral)


def test_chosen_ideas_of_the_queue_become_one_referral(client, campaign, idea, unit, moderator):
    other = factories.make_idea(campaign)
    accept_idea(idea=other, moderator=moderator, at=clock.DURING)
    ticked = {"action": "refer_many", "_selected_action": [idea.pk, other.pk]}
    queue = f"{reverse('admin:ideas_idea_changelist')}?status=accepted"
    form = client.post(queue, ticked, follow=True)
    assert ([row.pk for row in form.context["ideas"]], form.context["back"]) == ([idea.pk, other.pk], queue)
    assert (idea.receipt in form.content.decode(), other.receipt in form.content.decode()) == (True, True)


def test_an_idea_that_changed_since_the_page_was_shown_is_not_sent(client, idea, unit):
    answer = send(client, [idea], unit, **{f"seen-{idea.pk}": idea.version - 1})
    assert (answer.status_code, Referral.objects.count()) == (422, 0)
    assert f"{idea.receipt}在您打开本页后有了变化" in answer.content.decode()
