"""Managers lead a campaign from its panel to its winners."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from ideas.choices import Phase
from ideas.models import Idea, Shortlist
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("managers"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rated(moderator) -> list:
    """Five rated ideas (with their query codes) of a campaign with three places, the best one first."""
    return scenes.rated(scenes.campaign(Phase.REVIEWING), moderator)


@pytest.fixture
def campaign(rated):
    return rated[0].idea.campaign


@pytest.fixture
def proposed(campaign, manager) -> Shortlist:
    return scenes.proposed(campaign, manager)


@pytest.fixture
def sealed(proposed, managers) -> Shortlist:
    return scenes.signed(proposed, *managers)


@pytest.fixture
def chair(new_page, manager) -> Page:
    """The first manager, logged in."""
    page = new_page(meant=(422,))
    scenes.log_in(page, manager)
    return page


def listed(page: Page) -> list[str]:
    """The receipt numbers on the list, in the order of rank."""
    return page.locator("#content table").first.locator(".listed .quiet").all_inner_texts()


def receipts(rated: list, *places: int) -> list[str]:
    return [rated[place].idea.receipt for place in places]


def exchange(page: Page, out_and_in: list[str], reason: str) -> None:
    page.locator("details:has(form[action$='/exchange/']) summary").click()
    given = {**dict(zip(("out", "put_in"), out_and_in, strict=True)), "reason": reason, "category": "same_problem"}
    given |= {"minutes_number": "〔2026〕3号", "minutes_on": f"{timezone.localdate()}"}
    scenes.fill_in(page.locator("form[action$='/exchange/']"), given)
    scenes.press_act(page, "exchange")


def test_the_list_is_proposed_from_the_campaign_page(chair, campaign, rated):
    scenes.visit(chair, f"/admin/ideas/campaign/{campaign.pk}/change/")
    scenes.press_act(chair, "propose")
    chair.wait_for_url("**/admin/ideas/shortlist/**")
    assert listed(chair) == receipts(rated, 0, 1, 2)


def test_the_panel_is_filled_at_its_desk(chair, moderator):
    campaign = scenes.campaign()
    scenes.accepted(campaign, moderator, 3)
    factories.make_panel(campaign)
    scenes.visit(chair, f"/admin/ideas/campaign/{campaign.pk}/panel/")
    press = chair.locator("button[name=act][value=first]")
    chair.locator("details", has=press).locator("summary").click()
    press.click()
    expect(chair.locator(".messagelist li")).to_have_count(1)
    assert [member.assignments.count() for member in campaign.panellists.all()] == [2, 2, 2]


def test_an_exchange_with_a_reason_and_a_second_person_changes_the_list(chair, new_page, proposed, rated, managers):
    scenes.visit(chair, scenes.address(proposed))
    exchange(chair, receipts(rated, 0, 4), "评审会决定。")
    expect(chair.locator(".messagelist .success")).to_be_visible()
    assert listed(chair) == receipts(rated, 0, 1, 2)
    second = new_page()
    scenes.log_in(second, managers[1], scenes.address(proposed))
    scenes.press_act(second, "consent")
    scenes.visit(chair, scenes.address(proposed))
    assert listed(chair) == receipts(rated, 1, 2, 4)
    expect(chair.locator("#content")).to_contain_text("评审会决定。")


def test_an_exchange_without_a_reason_changes_nothing(chair, proposed, rated):
    scenes.visit(chair, scenes.address(proposed))
    exchange(chair, receipts(rated, 0, 4), "")
    expect(chair.locator(".field-error")).to_be_visible()
    expect(chair.locator("[name=put_in]")).to_have_value(rated[4].idea.receipt)
    assert listed(chair) == receipts(rated, 0, 1, 2)


def test_who_has_signed_cannot_sign_again(chair, proposed, manager):
    scenes.visit(chair, scenes.address(proposed))
    scenes.press_act(chair, "seal")
    expect(chair.locator(".messagelist .success")).to_be_visible()
    expect(chair.locator("form[action$='/seal/']")).to_have_count(0)
    assert Shortlist.objects.get().first_seal_by == manager


def test_the_other_manager_signs_second_and_seals(new_page, proposed, managers):
    scenes.signed(proposed, managers[0])
    page = new_page()
    scenes.log_in(page, managers[1], scenes.address(proposed))
    scenes.press_act(page, "seal")
    expect(page.locator("a.act[href$='/preview/']")).to_be_visible()
    expect(page.locator("form[action$='/exchange/']")).to_have_count(0)
    assert Shortlist.objects.get().sealed_by == managers[1]


def test_a_list_is_not_released_before_it_is_sealed(chair, proposed, manager):
    scenes.signed(proposed, manager)
    scenes.visit(chair, scenes.address(proposed))
    expect(chair.locator("h1")).to_be_visible()
    expect(chair.locator("a.act[href$='/preview/']")).to_have_count(0)


def test_missing_published_texts_block_the_release(chair, sealed, rated):
    scenes.visit(chair, reverse("admin:ideas_shortlist_preview", args=[sealed.pk]))
    scenes.press(chair, ".notice button")
    expect(chair.locator(".messagelist .error")).to_contain_text(rated[0].idea.receipt)
    assert Shortlist.objects.get().released_at is None


def test_the_originals_are_taken_where_no_text_is_written(chair, sealed, rated):
    scenes.visit(chair, scenes.address(sealed))
    scenes.press_act(chair, "texts")
    expect(chair.locator("form[action$='/texts/']")).to_have_count(0)
    idea = Idea.objects.get(pk=rated[0].idea.pk)
    assert (idea.published_title, idea.published_text) == (idea.title, f"{idea.problem}\n\n{idea.proposal}")


def test_the_preview_shows_the_winners_page(chair, sealed, rated):
    scenes.visit(chair, scenes.address(sealed))
    scenes.press_act(chair, "texts")
    scenes.press(chair, "a[href$='/preview/']")
    expect(chair.locator(".winners h2")).to_have_text([one.idea.title for one in rated[:3]])


def test_the_preview_is_for_staff_only(new_page, sealed):
    stranger = new_page()
    scenes.visit(stranger, f"/admin/ideas/shortlist/{sealed.pk}/preview/")
    assert "/login/" in stranger.url


def test_before_the_release_there_is_no_winners_page(new_page, campaign, sealed):
    stranger = new_page(meant=(404,))
    scenes.visit(stranger, f"/campaigns/{campaign.slug}/winners/", 404)


def test_before_the_release_a_listed_idea_is_under_review(new_page, rated, sealed):
    resident = new_page()
    scenes.track(resident, rated[0].idea.receipt, rated[0].code)
    expect(resident.locator(".tag")).to_have_text("评审中")
    assert "拟入选" not in resident.content()


def test_after_the_release_everybody_reads_the_winners(chair, new_page, campaign, sealed, rated, managers, settings):
    settings.IDEAS_RELEASE_HOLD_SECONDS = 0
    scenes.visit(chair, scenes.address(sealed))
    scenes.press_act(chair, "texts")
    second = new_page()
    scenes.log_in(second, managers[1], reverse("admin:ideas_shortlist_change", args=[sealed.pk]))
    for page in (chair, second):
        scenes.visit(page, reverse("admin:ideas_shortlist_preview", args=[sealed.pk]))
        scenes.press(page, ".notice button")
        expect(page.locator(".messagelist .success")).to_be_visible()
    stranger = new_page()
    scenes.visit(stranger, f"/campaigns/{campaign.slug}/")
    scenes.press(stranger, "main a.button")
    expect(stranger.locator(".winners h2")).to_have_text([one.idea.title for one in rated[:3]])


@pytest.mark.parametrize(("place", "word"), [(0, "优秀金点子"), (4, "未入选")], ids=["first", "last"])
def test_after_the_release_residents_read_their_result(new_page, sealed, rated, manager, place, word):
    scenes.released(sealed, manager)
    resident = new_page()
    scenes.track(resident, rated[place].idea.receipt, rated[place].code)
    expect(resident.locator(".tag")).to_have_text(word)


def test_an_auditor_reads_the_list_and_has_no_buttons(new_page, auditor, proposed):
    page = new_page()
    scenes.log_in(page, auditor, scenes.address(proposed))
    expect(page.locator("#content tbody tr").first).to_be_visible()
    assert page.locator("#content form, #content button, #content input").count() == 0


def test_a_campaigns_form_cuts_nothing_off_on_a_narrow_screen(chair, campaign):
    scenes.visit(chair, reverse("admin:ideas_campaign_change", args=[campaign.pk]))
    chair.set_viewport_size({"width": 800, "height": 800})
    fields = [field.bounding_box() for field in chair.locator(".aligned textarea, .aligned .vTextField").all()]
    assert max(box["x"] + box["width"] for box in fields if box) <= 800
    name, tools = chair.locator("#content > h2").bounding_box(), chair.locator(".object-tools").bounding_box()
    assert name
    assert tools
    assert name["y"] + name["height"] <= tools["y"]
