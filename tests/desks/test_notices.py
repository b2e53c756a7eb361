"""The desk of the public notice: it begins with a press; objections are typed in, decided, erased."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from ideas.choices import OfficeAct, Role
from ideas.models import Notice, Objection, OfficeEvent, Shortlist
from ideas.services import notices as services
from ideas.services.proposal import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL
LAST_DAY = "2026-05-01"


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.noticed_campaign(people.moderator)
    return factories.seal(campaign, (people.manager, people.second)).pk


@pytest.fixture
def sealed(told, db):
    return Shortlist.objects.select_related("campaign").get(pk=told)


@pytest.fixture
def notice(sealed, manager):
    return factories.put_on_notice(sealed, manager)


@pytest.fixture
def objection(notice, sealed):
    return factories.objection(sealed.campaign, idea=sealed.entries.get(rank=1).idea)


@pytest.fixture
def judge(db):
    return factories.make_user(Role.MANAGER)


@pytest.fixture(autouse=True)
def now():
    with clock.at(AT):
        yield


def page_of(client, user, name, *keys):
    client.force_login(user)
    return client.get(reverse(f"admin:ideas_{name}", args=keys)).content.decode()


def press(client, user, desk, key, **data):
    client.force_login(user)
    return client.post(reverse(f"admin:ideas_{desk}", args=[key]), data)


def test_the_list_says_until_when_it_would_be_on_notice(client, sealed, manager):
    page = page_of(client, manager, "shortlist_change", sealed.pk)
    assert ("开始公示" in page, LAST_DAY in page, "须先公示" in page) == (True, True, False)


def test_one_press_puts_the_list_on_notice(client, sealed, manager):
    press(client, manager, "shortlist_notice", sealed.pk, version=sealed.version, last_day=LAST_DAY)
    assert Notice.objects.get().started_by == manager
    page = page_of(client, manager, "shortlist_change", sealed.pk)
    assert ("开始公示</button>" in page, "公示至" in page, "暂不能公布" in page) == (False, True, True)


def test_a_page_of_another_version_begins_nothing(client, sealed, manager):
    press(client, manager, "shortlist_notice", sealed.pk, version=sealed.version - 1, last_day=LAST_DAY)
    press(client, manager, "shortlist_notice", sealed.pk, version="", last_day="")
    assert not Notice.objects.exists()


def test_an_auditor_begins_nothing(client, sealed, auditor):
    assert (
        press(client, auditor, "shortlist_notice", sealed.pk, version=sealed.version, last_day=LAST_DAY).status_code
        == 403
    )
    assert "开始公示</button>" not in page_of(client, auditor, "shortlist_change", sealed.pk)


def test_without_a_notice_the_page_of_a_list_says_nothing_of_one(client, moderator, managers):
    shortlist = factories.seal(factories.noticed_campaign(moderator, days=0), managers)
    page = page_of(client, managers[0], "shortlist_change", shortlist.pk)
    assert ("公示" in page, "提请公布" in page) == (False, True)


def test_the_release_is_offered_only_after_the_notice(client, notice, sealed, manager):
    during = page_of(client, manager, "shortlist_change", sealed.pk)
    with clock.at(notice.ends_at):
        after = page_of(client, manager, "shortlist_change", sealed.pk)
    assert ("预览后提请公布" in during, "预览后提请公布" in after) == (False, True)


def entered(**overrides):
    person = {"name": "陈一", "phone": "13800138000", "email": "", "words": "评委名单没有公开。", "consent": "on"}
    came = {"source": "phone", "received_on": "2026-04-25", "about": "list", "ground": "unfair"}
    return {"form_key": str(uuid4()), **came, **person, **overrides}


def test_a_moderator_types_in_what_came_by_telephone(client, notice, moderator):
    answer = press(client, moderator, "objection_enter", notice.pk, **entered())
    objection = Objection.objects.get()
    assert answer.url == reverse("admin:ideas_objection_change", args=[objection.pk])
    assert (objection.entered_by, objection.source, objection.given["phone"]) == (moderator, "phone", "+8613800138000")


def test_what_is_missing_comes_back_with_the_words(client, notice, moderator):
    answer = press(client, moderator, "objection_enter", notice.pk, **entered(received_on=LAST_DAY))
    assert (answer.status_code, "评委名单没有公开" in answer.content.decode()) == (422, True)
    answer = press(client, moderator, "objection_enter", notice.pk, **entered(phone=""))
    assert (answer.status_code, Objection.objects.count()) == (422, 0)


def test_an_auditor_types_in_nothing(client, notice, auditor):
    assert press(client, auditor, "objection_enter", notice.pk, **entered()).status_code == 403


def test_nothing_is_typed_in_where_the_list_was_opened(client, notice, moderator):
    notice.stopped_at = AT
    notice.keep()
    assert press(client, moderator, "objection_enter", notice.pk, **entered()).status_code == 404


def lasting(page):
    return re.sub(r'(csrfmiddlewaretoken|nonce|once)"? value="[^"]*"', "", page)


def hidden(page, name):
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]


def test_the_page_says_who_would_move_up(client, objection, sealed, judge):
    page = page_of(client, judge, "objection_change", objection.pk)
    assert (sealed.candidates[3] in page, hidden(page, "moves_up")) == (True, sealed.candidates[3])


def test_whoever_does_not_know_the_list_is_not_told_who_would_move_up(client, objection, sealed, moderator):
    page = page_of(client, moderator, "objection_change", objection.pk)
    assert ("我早就提过" in page, any(receipt in page for receipt in sealed.candidates[3:])) == (True, False)


def test_whoever_does_not_know_the_list_is_not_told_what_left_it(client, objection, sealed, moderator, manager):
    """The next list is a secret until it is on notice, too."""
    first = lasting(page_of(client, moderator, "objection_change", objection.pk))
    sealed.entries.filter(rank=1).delete()
    assert lasting(page_of(client, moderator, "objection_change", objection.pk)) == first
    assert "它已不在名单上" in page_of(client, manager, "objection_change", objection.pk)


def test_an_auditor_reads_neither_person_nor_words(client, objection, auditor):
    page = page_of(client, auditor, "objection_change", objection.pk)
    assert (objection.number in page, "我早就提过" in page, "林" in page) == (True, False, False)


def test_a_contact_is_masked(client, objection, manager):
    page = page_of(client, manager, "objection_change", objection.pk)
    assert ("林小满" in page, "12012345678" in page, "objector@example.com" in page) == (False, False, False)


def test_somebody_who_did_not_sign_decides(client, objection, judge):
    page = page_of(client, judge, "objection_change", objection.pk)
    given = {name: hidden(page, name) for name in ("version", "moves_up")}
    press(client, judge, "objection_decide", objection.pk, outcome="upheld", reason="属实。", **given)
    objection.refresh_from_db()
    assert (objection.state, objection.decided_by) == ("upheld", judge)
    assert "属实。" in page_of(client, judge, "objection_change", objection.pk)


def test_a_decision_without_a_reason_or_from_an_old_page_comes_back(client, objection, sealed, judge):
    missing = press(client, judge, "objection_decide", objection.pk, outcome="upheld", reason="", version=1)
    old = press(client, judge, "objection_decide", objection.pk, outcome="rejected", reason="不属实。", version=1)
    objection.refresh_from_db()
    assert (missing.status_code, old.status_code, objection.state) == (422, 409, "open")
    assert "不属实。" in old.content.decode()


def test_who_signed_is_told_that_somebody_else_decides(client, objection, manager):
    page = page_of(client, manager, "objection_change", objection.pk)
    assert ("须由他人决定" in page, 'name="outcome"' in page) == (True, False)


def test_a_moderator_decides_and_erases_nothing(client, objection, moderator):
    answers = [press(client, moderator, f"objection_{act}", objection.pk) for act in ("decide", "erase")]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_contact_is_shown_for_a_purpose(client, objection, manager):
    asked = press(client, manager, "objection_contact", objection.pk, purpose="")
    shown = press(client, manager, "objection_contact", objection.pk, purpose="question", words="")
    assert (asked.status_code, shown.status_code, "林小满" in shown.content.decode()) == (422, 200, True)
    assert "no-store" in shown["Cache-Control"]
    assert OfficeEvent.objects.filter(act=OfficeAct.SHOW_CONTACT).count() == 1


def test_a_person_is_erased_after_the_decision(client, objection, sealed, judge):
    press(client, judge, "objection_erase", objection.pk)
    objection.refresh_from_db()
    assert objection.given["name"] == "林小满"
    row = Shortlist.objects.get(pk=sealed.pk)
    services.decide_objection(
        objection=objection, staff=judge, at=AT, outcome="rejected", reason="不属实。", expected_version=row.version
    )
    press(client, judge, "objection_erase", objection.pk)
    objection.refresh_from_db()
    assert (objection.given, objection.reason) == ({}, "不属实。")
    assert "已删除" in page_of(client, judge, "objection_change", objection.pk)


def test_an_objection_to_a_restricted_idea_is_nobodys_but_the_keepers(client, objection, manager):
    objection.idea.campaign.ideas.filter(pk=objection.idea_id).update(restricted=True)
    client.force_login(manager)
    assert client.get(reverse("admin:ideas_objection_change", args=[objection.pk])).status_code == 404
    assert objection.number not in page_of(client, manager, "objection_changelist")


def test_what_waits_stands_on_the_first_page(client, objection, judge, moderator):
    client.force_login(judge)
    page = client.get(reverse("admin:index")).content.decode()
    assert ("件异议待决定" in page, "件异议待决定" in page_of(client, moderator, "objection_changelist")) == (
        True,
        False,
    )


def test_the_log_says_in_words_what_was_done(client, objection, judge, sealed):
    row = Shortlist.objects.get(pk=sealed.pk)
    services.decide_objection(
        objection=objection, staff=judge, at=AT, outcome="rejected", reason="不属实。", expected_version=row.version
    )
    page = page_of(client, judge, "officeevent_changelist")
    assert (f"异议: {objection.number} · 决定: 不成立" in page, "拟入选名单开始公示" in page) == (True, True)


def test_a_list_that_is_proposed_has_its_notice_fixed(client, moderator, manager):
    campaign = factories.noticed_campaign(moderator)
    before = page_of(client, manager, "campaign_change", campaign.pk)
    propose_shortlist(campaign=campaign, manager=manager, at=AT)
    after = page_of(client, manager, "campaign_change", campaign.pk)
    assert ['name="notice_term-0-days"' in page for page in (before, after)] == [True, False]
