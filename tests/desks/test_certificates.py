"""The managers' register of certificates, one certificate, and the sheets that are printed."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from ideas.choices import Naming
from ideas.models import Campaign, CampaignPapers, Certificate, Idea
from ideas.queries.tracking import story_of
from ideas.services import tracking
from ideas.services.certificates import issue_certificates
from ideas.services.proposal import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db
QUERIES = 12


@pytest.fixture(autouse=True)
def later():
    with clock.at(clock.LATER):
        yield


@pytest.fixture(scope="module")
def told(people):
    return factories.certified_campaign(people.moderator, (people.manager, people.second)).pk


@pytest.fixture
def campaign(told, db):
    return Campaign.objects.get(pk=told)


@pytest.fixture
def issued(campaign, manager):
    issue_certificates(campaign=campaign, manager=manager, at=clock.LATER)
    return Certificate.objects.order_by("pk")


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


def address(name, campaign, *rest):
    return reverse(f"admin:ideas_campaign_{name}", args=[campaign.pk, *rest])


def sheets(client, campaign, **query):
    return client.get(address("certificates_print", campaign), query)


def post(client, campaign, row, act, **given):
    return client.post(address("certificate", campaign, row.pk), {"act": act, "seen": row.version, **given})


def test_one_button_issues_all_that_are_missing(desk, campaign):
    before = desk.get(address("certificates", campaign)).content.decode()
    assert "制发4份荣誉证书" in before
    after = desk.post(address("issue", campaign), follow=True).content.decode()
    rows = Certificate.objects.all()
    assert (rows.count(), address("issue", campaign) in after) == (4, False)
    assert [row.code for row in rows if row.shown_code not in after] == []


def test_before_the_release_there_is_nothing_to_issue(desk, moderator, manager):
    campaign = factories.rated_campaign(moderator)
    propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    assert "结果公布后才能制发" in desk.get(address("certificates", campaign)).content.decode()
    desk.post(address("issue", campaign))
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("who", ["moderator", "auditor", "keeper"])
def test_it_is_the_managers_alone(client, request, campaign, issued, who):
    client.force_login(request.getfixturevalue(who))
    row = issued[0]
    pages = [("certificates",), ("certificates_print",), ("certificate", row.pk)]
    answers = [client.get(address(name, campaign, *rest)).status_code for name, *rest in pages]
    answers += [client.post(address("issue", campaign)).status_code, post(client, campaign, row, "anew").status_code]
    assert answers == [403] * 5


def test_list_and_campaign_lead_there_once_the_winners_are_released(desk, campaign, moderator, manager):
    waiting = factories.rated_campaign(moderator)
    propose_shortlist(campaign=waiting, manager=manager, at=clock.RATING_UNTIL)
    for row, is_there in ((campaign, True), (waiting, False)):
        pages = [
            reverse("admin:ideas_campaign_change", args=[row.pk]),
            reverse("admin:ideas_shortlist_change", args=[row.shortlist.pk]),
        ]
        assert [address("certificates", row) in desk.get(page).content.decode() for page in pages] == [is_there] * 2


def test_there_is_one_sheet_for_each_with_name_title_and_code(desk, campaign, issued):
    shown = sheets(desk, campaign).content.decode()
    assert shown.count('<section class="certificate') == 4
    for row in issued:
        assert [part for part in (row.winner.published_title, row.shown_code) if part not in shown] == []
    assert ("海边的风：" in shown, "山上的云：" in shown, "林小满" in shown) == (True, True, False)


def test_one_is_printed_alone(desk, campaign, issued):
    shown = sheets(desk, campaign, one=issued[1].pk).content.decode()
    assert [row.shown_code in shown for row in issued] == [False, True, False, False]


def test_a_name_taken_back_stands_on_no_new_print(desk, campaign, issued):
    row = issued.get(idea__status="merged")
    given = {"naming": Naming.NET_NAME, "name": "", "net_name": "山上的云", "may_publish": False}
    version = story_of(Idea.objects.get(pk=row.idea_id), clock.LATER).version
    tracking.change_naming(idea=row.idea, at=clock.LATER, expected_version=version, **given)
    shown = sheets(desk, campaign, one=row.pk).content.decode()
    assert ("山上的云" in shown, f"编号{row.idea.receipt}的建议人：" in shown) == (False, True)


def test_a_withdrawn_one_is_not_printed(desk, campaign, issued):
    post(desk, campaign, issued[0], "withdraw", reason="填错了")
    assert [row.shown_code in sheets(desk, campaign).content.decode() for row in issued] == [False, True, True, True]


def test_the_campaigns_own_wording_is_taken(desk, campaign, issued):
    CampaignPapers.objects.create(campaign=campaign, certificate="尊敬的{name}\n《{title}》获{tier}，{day}。")
    shown = sheets(desk, campaign, one=issued[0].pk).content.decode()
    title = issued[0].winner.published_title
    assert f"尊敬的海边的风</p>\n    <p>《{title}》获优秀金点子，2026年4月25日。" in shown


def test_an_english_reader_prints_english_unless_only_chinese_was_written(desk, campaign, issued):
    desk.cookies["language"] = "en"
    assert 'class="certificate" lang="en"' in sheets(desk, campaign, one=issued[0].pk).content.decode()
    CampaignPapers.objects.create(campaign=campaign, certificate="{name}：\n获{tier}，{day}。")
    shown = sheets(desk, campaign, one=issued[0].pk).content.decode()
    assert [
        words for words in ('class="certificate" lang="zh-Hans"', "获优秀金点子，2026年4月25日。") if words not in shown
    ] == []


def test_a_placeholder_that_does_not_exist_is_refused_by_name(campaign):
    errors = CampaignPapers(campaign=campaign, certificate="{nmae}：")
    with pytest.raises(Exception, match="nmae"):
        errors.full_clean()


def test_the_register_says_who_received_it_when_from_whom(desk, campaign, issued):
    row, today = issued[0], localdate(clock.LATER).isoformat()
    given = {"handed_on": today, "to": "老林的儿子", "handed_by": "周主任"}
    assert post(desk, campaign, row, "give", **given).status_code == 302
    shown = desk.get(address("certificates", campaign)).content.decode()
    assert [words for words in (today, "老林的儿子", "周主任") if words not in shown] == []


def test_what_is_wrong_is_said_at_its_field_and_the_words_stay(desk, campaign, issued):
    answer = post(desk, campaign, issued[0], "give", handed_on="2030-01-01", to="老林的儿子", handed_by="周主任")
    assert (answer.status_code, list(answer.context["give_form"].errors)) == (422, ["handed_on"])
    assert "老林的儿子" in answer.content.decode()


def test_an_outdated_page_is_refused_and_can_be_sent_again(desk, campaign, issued):
    row = issued[0]
    Certificate.objects.filter(pk=row.pk).update(version=2)
    answer = post(desk, campaign, row, "withdraw", reason="填错了")
    assert (answer.status_code, Certificate.objects.get(pk=row.pk).is_standing) == (422, True)
    assert answer.context["withdraw_form"].data["seen"] == "2"


def test_another_one_is_issued_by_its_button(desk, campaign, issued):
    row = issued[0]
    post(desk, campaign, row, "withdraw", reason="填错了")
    row.refresh_from_db()
    assert post(desk, campaign, row, "anew").status_code == 302
    assert [one.is_standing for one in Certificate.objects.filter(idea=row.idea)] == [False, True]


@pytest.mark.parametrize("name", ["certificates", "certificates_print"])
def test_many_rows_cost_no_more_queries(desk, campaign, issued, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        desk.get(address(name, campaign))
