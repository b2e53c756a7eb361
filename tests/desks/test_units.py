"""A unit's desk: its referrals, due first; what can be pressed on the page of one; nothing of anybody else."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from ideas.choices import ReferralState, Role, Satisfaction
from ideas.models import Milestone, Referral, ReferralAnswer, ReferralIdea
from ideas.queries.referrals import answer_in_hand
from ideas.rules.verdicts import Said
from ideas.services import answers, milestones, referrals
from ideas.services.closing import not_yet
from ideas.services.verdicts import note_verdict
from tests import clock, factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
GIVEN = {
    "kind": "plan",
    "adoption": "adopted",
    "public": "四月底前装好两盏路灯。",
    "finish_on": "2026-04-30",
    "internal": "",
}


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    idea = factories.make_idea(
        campaign, title="公园北门缺一盏路灯", name="林小满", problem="请找林小满核实，电话12012345678。"
    )
    return factories.referred([idea], unit, moderator, instruction="请现场核查后答复。")


@pytest.fixture
def officer(client, unit):
    client.force_login(factories.officer_of(unit))


@pytest.fixture(autouse=True)
def monday():
    with clock.at(MONDAY):
        yield


def page(client, referral):
    return client.get(reverse("unit-referral", args=[referral.pk])).content.decode()


def press(client, referral, act, **data):
    seen = {"seen": Referral.objects.get(pk=referral.pk).version}
    return client.post(reverse("unit-act", args=[referral.pk, act]), {**seen, **data})


def state(referral):
    return Referral.objects.get(pk=referral.pk).state


def test_the_desk_lists_what_is_due_first(client, officer, campaign, unit, moderator, referral):
    hurried = factories.referred([factories.make_idea(campaign)], unit, moderator, at=clock.DURING - timedelta(days=3))
    text = client.get(reverse("unit")).content.decode()
    assert text.index(hurried.shown_number) < text.index(referral.shown_number)
    assert ("超期" in text, "今天到期" in text) == (True, True)


def test_what_is_over_stands_on_a_page_of_its_own(client, officer, referral, moderator):
    referrals.recall(referral=referral, staff=moderator, at=MONDAY, reason="发错单位。")
    assert referral.shown_number not in client.get(reverse("unit")).content.decode()
    assert referral.shown_number in client.get(reverse("unit") + "?ended").content.decode()


def test_an_officer_reads_the_idea_without_whoever_proposed_it(client, officer, referral):
    text = page(client, referral)
    assert ("公园北门缺一盏路灯" in text, "林小满" in text, "12012345678" in text) == (True, False, False)


def test_another_units_referral_is_not_there(client, campaign, moderator, referral):
    client.force_login(factories.officer_of(factories.make_unit()))
    assert referral.shown_number not in client.get(reverse("unit")).content.decode()
    assert client.get(reverse("unit-referral", args=[referral.pk])).status_code == 404
    assert press(client, referral, "acknowledge").status_code == 404


def test_a_helping_unit_reads_and_presses_nothing(client, campaign, unit, moderator):
    helper = factories.make_unit()
    referral = factories.referred([factories.make_idea(campaign)], unit, moderator, helping=[helper])
    client.force_login(factories.officer_of(helper))
    assert "签收" not in page(client, referral).replace("签收期限", "").replace("待签收", "")
    assert press(client, referral, "acknowledge").status_code == 409


def test_whoever_is_of_no_unit_is_told(client):
    client.force_login(factories.make_user(Role.OFFICER))
    assert "您还不属于任何单位" in client.get(reverse("unit")).content.decode()


def test_one_press_acknowledges(client, officer, referral):
    assert press(client, referral, "acknowledge").url == reverse("unit-referral", args=[referral.pk])
    assert state(referral) == ReferralState.ACKNOWLEDGED


def test_a_return_without_a_reason_comes_back_with_its_words(client, officer, referral):
    answer = press(client, referral, "return", reason="", unit="")
    assert (answer.status_code, state(referral)) == (422, ReferralState.SENT)
    press(client, referral, "return", reason="属交警职责。", unit="")
    assert state(referral) == ReferralState.RETURNED


def test_an_answer_is_saved_unfinished_and_is_there_again(client, officer, referral):
    press(client, referral, "save", **{**GIVEN, "adoption": "", "finish_on": "", "draft": ""})
    assert GIVEN["public"] in page(client, referral)


def test_what_lacks_when_it_is_handed_in_is_said_at_its_field_and_nothing_is_lost(client, officer, referral):
    answer = press(client, referral, "hand-in", **{**GIVEN, "finish_on": "2026-03-01", "draft": ""})
    text = answer.content.decode()
    assert (answer.status_code, "请填写预计办结日期" in text, GIVEN["public"] in text) == (409, True, True)
    assert ("已存为草稿" in text, text.count('class="field-error"')) == (True, 1)
    again = press(client, referral, "hand-in", **{**GIVEN, "draft": drafted(text)})
    assert (again.status_code, state(referral)) == (302, ReferralState.ACKNOWLEDGED)


def drafted(text):
    return text.partition('name="draft" value="')[2].partition('"')[0]


def test_the_second_of_two_officers_keeps_the_words_and_is_told(client, officer, referral, unit):
    colleague = factories.make_user(Role.OFFICER, unit=unit)
    words = {**GIVEN, "finish_on": None}
    answers.save_draft(referral=referral, officer=colleague, at=MONDAY, kind="plan", words=words, seen="")
    answer = press(client, referral, "save", **{**GIVEN, "public": "我写的另一份答复。", "draft": ""})
    assert (answer.status_code, "我写的另一份答复。" in answer.content.decode()) == (409, True)
    assert ReferralAnswer.objects.get().public == GIVEN["public"]


def test_the_head_approves_or_passes_back(client, unit, referral):
    client.force_login(factories.officer_of(unit))
    press(client, referral, "hand-in", **{**GIVEN, "draft": ""})
    assert "同意报出" not in page(client, referral)
    client.force_login(factories.head_of(unit))
    assert "同意报出" in page(client, referral)
    press(client, referral, "pass-back", words="请写明地点。")
    assert "请写明地点。" in page(client, referral)
    press(client, referral, "hand-in", **{**GIVEN, "draft": drafted(page(client, referral))})
    assert state(referral) == ReferralState.PLANNED  # the head's own word needs nobody else's


def test_a_unit_reports_the_places_that_are_done(client, unit, campaign, moderator):
    ideas = [factories.make_idea(campaign, place=place) for place in ("公园北门", "公园南门")]
    referral = factories.referred(ideas, unit, moderator)
    client.force_login(factories.head_of(unit))
    assert "公园南门" in page(client, referral).partition('name="places"')[2]
    done = {"kind": "done", "public": "北门已装好。", "internal": "", "draft": ""}
    press(client, referral, "hand-in", **done, places=[referral.places.first().pk])
    assert [bool(place.done_at) for place in referral.places.all()] == [True, False]
    assert "已报办结" in page(client, referral)


def test_a_unit_that_has_one_place_chooses_none(client, officer, referral):
    assert 'name="places"' not in page(client, referral)


def test_what_a_resident_sends_back_stands_on_the_desk_without_the_person(client, officer, referral, moderator):
    idea = referral.places.get().idea
    factories.reported(referral, MONDAY)
    factories.closed(referral, moderator, MONDAY)
    said = Said(Satisfaction.NOT, False, "夜里还是不亮，找林小满，电话12012345678。")
    call = {"referral": Referral.objects.get(), "idea": idea, "staff": moderator, "heard_on": MONDAY.date()}
    note_verdict(**call, said=said, at=MONDAY)
    assert "重新办理" in client.get(reverse("unit")).content.decode()
    text = page(client, referral)
    assert ("夜里还是不亮" in text, "林小满" in text, "12012345678" in text) == (True, False, False)


def test_the_next_unit_reads_nothing_of_what_the_one_before_said(client, unit, referral, moderator):
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=MONDAY, reason="本单位正在撤并。")
    other, later = factories.make_unit("交警大队"), MONDAY + timedelta(minutes=5)
    referrals.reassign(referral=referral, unit=other, staff=moderator, at=later, words="请贵单位办理。")
    client.force_login(factories.officer_of(other))
    text = page(client, referral)
    assert ("请贵单位办理。" in text, "本单位正在撤并。" in text) == (True, False)
    client.force_login(factories.officer_of(unit))
    assert client.get(reverse("unit-referral", args=[referral.pk])).status_code == 404


def test_an_unknown_act_is_no_address(client, officer, referral):
    assert press(client, referral, "explode").status_code == 404


@pytest.mark.slow
def test_the_desk_asks_as_much_at_ten_rows_as_at_a_thousand(
    client, officer, unit, referral, campaign, django_assert_max_num_queries
):
    idea = referral.places.get().idea
    for number in (10, 1000):
        last = Referral.objects.latest("number").number
        copies = [Referral(**fields(referral), number=last + 1 + n) for n in range(number - last)]
        made = Referral.objects.bulk_create(copies)
        ReferralIdea.objects.bulk_create(ReferralIdea(referral=row, idea=idea) for row in made)
        with django_assert_max_num_queries(12):
            assert client.get(reverse("unit")).status_code == 200


def fields(referral):
    names = ("campaign", "unit", "instruction", "sent_at", "acknowledge_by", "answer_by", "finish_by")
    return {name: getattr(referral, name) for name in names}


def test_what_a_colleague_has_written_is_shown_before_it_is_replaced(client, officer, referral):
    press(client, referral, "save", **GIVEN, draft="")
    answer = press(client, referral, "save", **{**GIVEN, "public": "另一种说法。"}, draft="")
    text = answer.content.decode()
    assert (answer.status_code, GIVEN["public"] in text, "另一种说法。" in text) == (409, True, True)


def test_what_was_handed_in_can_still_be_read_by_the_officer(client, officer, referral):
    press(client, referral, "hand-in", **GIVEN, draft="")
    assert (GIVEN["public"] in page(client, referral), "待分管领导审签" in page(client, referral)) == (True, True)
    answers.approve(referral=referral, head=factories.head_of(referral.unit), at=MONDAY)
    assert GIVEN["public"] in page(client, referral)


def test_the_list_says_what_waits_for_the_head_and_what_the_head_has_passed_back(client, officer, referral):
    press(client, referral, "hand-in", **GIVEN, draft="")
    assert "待分管领导审签" in client.get(reverse("unit")).content.decode()
    answers.pass_back(referral=referral, person=factories.head_of(referral.unit), at=MONDAY, words="写明日期。")
    assert "分管领导已退回" in client.get(reverse("unit")).content.decode()


def test_a_helping_unit_reads_no_word_that_is_not_released(client, campaign, unit, moderator):
    helper = factories.make_unit()
    referral = factories.referred([factories.make_idea(campaign)], unit, moderator, helping=[helper])
    seen = []
    for act in ("save", "hand-in", "approve"):
        client.force_login(factories.head_of(unit) if act == "approve" else factories.officer_of(unit))
        words = {} if act == "approve" else {**GIVEN, "draft": answers.name_of(answer_in_hand(referral))}
        assert press(client, referral, act, **words).status_code == 302
        client.force_login(factories.officer_of(helper))
        refused = press(client, referral, "save", **{**GIVEN, "public": "别的话。"}, draft="")
        seen += [page(client, referral), refused.content.decode()]
    assert [GIVEN["public"] in text for text in seen] == [False] * 6


def test_a_helping_unit_sees_no_photo_and_no_milestone_that_is_not_released(client, campaign, unit, moderator):
    helping = factories.make_unit("街道办", one_person=True)
    idea = factories.make_idea(campaign)
    referral = factories.referred([idea], unit, moderator, helping=[helping])
    officer = factories.officer_of(unit)
    referrals.acknowledge(referral=referral, officer=officer, at=MONDAY)
    milestones.plan_milestone(
        referral=referral, officer=officer, at=MONDAY, planned_on=MONDAY.date(), words="灯杆基础完工"
    )
    photo = factories.photo_of_place(referral.places.get(), officer, at=MONDAY)
    for person, sees in ((officer, True), (factories.officer_of(helping), False)):
        client.force_login(person)
        for address in ("unit-referral", "unit-milestones"):
            assert ("灯杆基础" in client.get(reverse(address, args=[referral.pk])).content.decode()) == sees
        assert (str(photo.key) in page(client, referral)) == sees
        assert client.get(reverse("photo", args=[photo.key])).status_code == (200 if sees else 404)
    milestones.approve_milestones(referral=referral, head=factories.head_of(unit), at=MONDAY)
    milestones.release_milestones(referral=referral, staff=moderator, at=MONDAY)
    row = Milestone.objects.get()
    milestones.report_milestone(milestone=row, officer=officer, at=MONDAY, done_on=MONDAY.date(), words="提前完工")
    assert ("灯杆基础" in page(client, referral), "提前完工" in page(client, referral)) == (True, False)


def test_who_helps_and_what_was_said_with_a_new_unit_stand_on_the_page(client, campaign, unit, moderator):
    helping, other = factories.make_unit("街道办"), factories.make_unit("交警大队", name_en="Traffic police")
    referral = factories.referred([factories.make_idea(campaign)], unit, moderator, helping=[helping])
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=MONDAY, reason="不属本单位。")
    later = MONDAY + timedelta(hours=1)
    referrals.reassign(referral=referral, unit=other, staff=moderator, at=later, words="请贵队接办。")
    client.force_login(factories.officer_of(other))
    text = page(client, referral)
    assert ("街道办" in text, text.count("请贵队接办。")) == (True, 2)  # with the instruction, and in the history
    assert "城管局 → 交警大队" in text
    client.force_login(moderator)
    for address in ("admin:ideas_referral_change", "admin:ideas_referral_sheet"):
        assert "请贵队接办。" in client.get(reverse(address, args=[referral.pk])).content.decode()
    client.cookies["language"] = "en"
    text = client.get(reverse("admin:ideas_referral_change", args=[referral.pk])).content.decode()
    assert ("Traffic police" in text, "街道办" in text) == (True, True)


def test_what_the_office_said_last_stands_above_until_the_unit_answers(client, officer, referral, moderator, unit):
    factories.reported(referral, MONDAY)
    later = MONDAY + timedelta(hours=1)
    about = {"referral": referral, "staff": moderator, "at": later, "finish_by": MONDAY.date()}
    not_yet(**about, words="还差一半。")
    head = page(client, referral).split("交办要求")[0]
    assert ("还差一半。" in head, "主办方认为未办完" in head) == (True, True)
    factories.reported(Referral.objects.get(), later)
    assert "还差一半。" not in page(client, referral).split("交办要求")[0]


def test_internal_words_stay_between_the_unit_that_wrote_them_and_the_office(client, campaign, unit, moderator):
    helper, later = factories.make_unit(), factories.make_unit()
    referral = factories.referred([factories.make_idea(campaign)], unit, moderator, helping=[helper])
    client.force_login(factories.officer_of(unit))
    press(client, referral, "hand-in", **{**GIVEN, "internal": "经费从机动款出。"}, draft="")
    answers.approve(referral=referral, head=factories.head_of(unit), at=MONDAY)
    answers.release_answer(referral=referral, staff=moderator, at=MONDAY, public=GIVEN["public"])
    seen = [page(client, referral)]
    client.force_login(factories.officer_of(helper))
    seen.append(page(client, referral))
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=MONDAY, reason="不属本单位。")
    referrals.reassign(referral=referral, unit=later, staff=moderator, at=MONDAY, words="请接办。")
    client.force_login(factories.officer_of(later))
    seen.append(page(client, referral))
    assert [("经费从机动款出。" in text, GIVEN["public"] in text) for text in seen] == [
        (True, True), (False, True), (False, True),
    ]  # fmt: skip
