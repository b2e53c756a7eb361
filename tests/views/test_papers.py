"""The poster and the slip: what is on them, how long they are there, where they are linked from."""

import re

import pytest
from django.urls import reverse

from ideas.choices import OfficeAct
from ideas.models import CampaignPapers, OfficeEvent
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db
PLACE, PLACE_EN = "服务大厅3号窗口", "Counter 3 of the hall"
BOTH = ("poster", "slip")
QUERIES = 4


@pytest.fixture
def campaign(db):
    row = factories.make_campaign(organiser_en="The office")
    CampaignPapers.objects.create(campaign=row, drop_off=PLACE, drop_off_en=PLACE_EN)
    return row


@pytest.fixture(autouse=True)
def office(settings):
    settings.IDEAS_PHONE = "0592-606 0000"
    settings.IDEAS_SITE_URL = "https://example.org"


def page(client, name, campaign, at=clock.DURING, **query):
    with clock.at(at):
        return client.get(reverse(name, args=[campaign.slug]), query)


def main(answer):
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_the_poster_says_what_until_when_and_how(client, campaign):
    shown = re.sub(r"<[^>]+>", "", main(page(client, "poster", campaign)))
    told = (campaign.title, campaign.summary, campaign.organiser, "0592-606 0000", PLACE, "道路", "夜间")
    address = f"https://example.org/campaigns/{campaign.slug}/submit/"
    assert [words for words in (*told, "2026年4月9日 24:00", address) if words not in shown] == []


def test_the_poster_is_there_from_the_announcement_on(client, campaign):
    before = page(client, "poster", campaign, at=clock.ANNOUNCED - clock.BLINK)
    after = [page(client, "poster", campaign, at=at) for at in (clock.ANNOUNCED, clock.DURING, clock.LATER)]
    assert [before.status_code, *(answer.status_code for answer in after)] == [404, 200, 200, 200]


def test_it_is_set_for_a3_when_asked_for(client, campaign):
    sheets = [
        page(client, "poster", campaign, **query).content.decode() for query in ({}, {"size": "a3"}, {"size": "x"})
    ]
    assert ["poster-a3" in sheet for sheet in sheets] == [False, True, False]


def test_english_readers_get_the_place_in_english(client, campaign):
    client.cookies["language"] = "en"
    shown = [main(page(client, name, campaign)) for name in BOTH]
    assert [(PLACE_EN in each, PLACE in each) for each in shown] == [(True, False)] * 2


def test_poster_and_slip_bear_the_same_code(client, campaign):
    codes = [re.findall(r'<svg role="img".*?</svg>', main(page(client, name, campaign)), re.S) for name in BOTH]
    assert (len(codes[0]), codes[0] == codes[1]) == (1, True)


def test_the_slip_says_where_to_hand_it_in_and_has_room_for_the_office(client, campaign):
    shown = main(page(client, "slip", campaign))
    assert [words for words in (PLACE, "办公室填写", "收件日期", "经办人", "建议编号") if words not in shown] == []


def test_without_a_place_none_is_named(client):
    campaign = factories.make_campaign()
    assert "交纸质单" not in main(page(client, "poster", campaign))
    assert "请填写后交给社区或办公室" in main(page(client, "slip", campaign))


def test_announcement_and_form_lead_to_both_while_ideas_are_taken(client, campaign):
    links = [reverse(name, args=[campaign.slug]) for name in BOTH]
    for name, at, shown in (
        ("campaign", clock.ANNOUNCED, [True, False]),
        ("campaign", clock.DURING, [True, True]),
        ("submit", clock.DURING, [True, True]),
        ("campaign", clock.LATER, [False, False]),
    ):
        body = main(page(client, name, campaign, at=at))
        assert [link in body for link in links] == shown, (name, at)


def test_the_managers_page_leads_to_both(client, campaign, manager):
    client.force_login(manager)
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    links = [f"https://example.org/campaigns/{campaign.slug}/{name}/" for name in BOTH]
    for at, shown in ((clock.ANNOUNCED - clock.BLINK, [False, False]), (clock.DURING, [True, True])):
        with clock.at(at):
            body = client.get(address).content.decode()
        assert [f'href="{link}"' in body for link in links] == shown


def test_an_announced_place_is_changed_with_a_reason(client, campaign, manager):
    client.force_login(manager)
    with clock.at(clock.DURING):
        address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
        given = {**filled(client, address), "papers-0-drop_off": "另一个窗口"}
        preview = client.post(address, given)
        assert (preview.status_code, CampaignPapers.objects.get().drop_off) == (200, PLACE)
        given |= {"previewed": preview.context["adminform"].form.data["previewed"], "reason": "窗口搬了"}
        assert client.post(address, given).status_code == 302
    event = OfficeEvent.objects.get(act=OfficeAct.CAMPAIGN_CHANGED)
    papers = CampaignPapers.objects.get()
    assert event.detail["changes"] == {f"papers.{papers.pk}.drop_off": [PLACE, "另一个窗口"]}
    assert "另一个窗口" in client.get(reverse("admin:ideas_officeevent_changelist")).content.decode()


@pytest.mark.parametrize("name", ["poster", "slip"])
def test_they_cost_few_queries(client, campaign, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        page(client, name, campaign)
