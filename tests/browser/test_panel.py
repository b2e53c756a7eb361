"""Panellists at their desks."""

import pytest
from playwright.sync_api import Page, expect

from ideas.models import Mark, Panellist, Recusal
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("panel"), pytest.mark.django_db(transaction=True)]

SECRETS = {"name": "林小满", "net_name": "海边的风", "phone": "+8612012345678", "email": "resident@example.com"}

ASIDE = "details:has(form[action$='/recuse/']) summary"


@pytest.fixture
def panellist(moderator) -> Panellist:
    """One of three panellists; three ideas with two reviews each lie on their desks, two on each."""
    campaign = scenes.campaign()
    scenes.accepted(campaign, moderator, 3)
    return scenes.seated(campaign)[0].panellist


@pytest.fixture
def assignments(panellist):
    return list(panellist.assignments.order_by("id"))


@pytest.fixture
def juror(new_page, panellist) -> Page:
    """The panellist with a telephone, at the desk."""
    page = new_page(360, language="en")
    scenes.log_in(page, panellist.user)
    return page


def give(page: Page, *points: int) -> None:
    """Give points for the criteria from the first on, and save."""
    for group, value in zip(page.locator("fieldset").all(), points, strict=False):
        group.get_by_role("radio", name=str(value), exact=True).check()
    scenes.press(page, "main form button.button")


def test_a_panellist_gives_points_for_all_four_criteria(juror, assignments):
    scenes.press(juror, f"text={assignments[0].idea.title}")
    give(juror, 9, 1, 10, 4)
    expect(juror.locator(".notice.good")).to_contain_text(assignments[0].idea.receipt)
    marks = Mark.objects.filter(rating__assignment=assignments[0]).order_by("criterion__position")
    assert [mark.points for mark in marks] == [9, 1, 10, 4]


def test_saving_leads_to_the_next_idea_and_counts(juror, assignments):
    expect(juror.locator(".figures-face")).to_have_text("0 of 2 rated")
    scenes.press(juror, f"text={assignments[0].idea.title}")
    give(juror, 9, 8, 7, 6)
    expect(juror.locator("h1")).to_have_text(assignments[1].idea.title)
    expect(juror.locator(".figures-face")).to_have_text("1 of 2 rated")


def test_the_last_rating_leads_back_to_the_desk(juror, assignments):
    for assignment in assignments:
        scenes.visit(juror, f"/panel/{assignment.pk}/")
        give(juror, 5, 5, 5, 5)
    expect(juror).to_have_url("/panel/")
    expect(juror.locator(".figures-face")).to_have_text("2 of 2 rated")


def test_a_missing_mark_is_asked_for_and_the_others_are_kept(juror, assignments):
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    give(juror, 9, 8, 7)
    expect(juror.locator(".error-summary li")).to_have_count(1)
    kept = juror.evaluate("[...document.querySelectorAll('.scale input:checked')].map(field => field.value)")
    assert kept == ["9", "8", "7"]


def test_a_rating_can_be_changed(juror, assignments):
    for points in ((9, 8, 7, 6), (1, 2, 3, 4)):
        scenes.visit(juror, f"/panel/{assignments[0].pk}/")
        give(juror, *points)
        juror.wait_for_url(f"**/panel/{assignments[1].pk}/")
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    kept = juror.evaluate("[...document.querySelectorAll('.scale input:checked')].map(field => field.value)")
    assert kept == ["1", "2", "3", "4"]


def test_points_are_given_by_keyboard(juror, assignments):
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    first = juror.locator("fieldset").first.get_by_role("radio")
    first.first.focus()
    juror.keyboard.press("Space")
    juror.keyboard.press("ArrowRight")
    expect(first.nth(1)).to_be_checked()


def test_standing_aside_takes_the_idea_off_the_desk(juror, assignments):
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    juror.click(ASIDE)
    juror.fill("form[action$='/recuse/'] [name=reason]", "认识建议人。")
    scenes.press_act(juror, "recuse")
    expect(juror.locator("h1")).to_have_text(assignments[1].idea.title)
    scenes.visit(juror, "/panel/")
    assert assignments[0].idea.title not in juror.content()
    assert Recusal.objects.get().reason == "认识建议人。"


def test_standing_aside_needs_a_reason(juror, assignments):
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    juror.click(ASIDE)
    scenes.press_act(juror, "recuse")
    expect(juror.locator("details[open] .field-error")).to_be_visible()
    assert Recusal.objects.count() == 0


def test_a_panellist_sees_neither_name_nor_contact(juror, assignments):
    kept = factories.resident_of(assignments[0].idea).contact
    assert kept == SECRETS
    pages = [juror.content()]
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    pages.append(juror.content())
    give(juror, 9)
    expect(juror.locator(".error-summary")).to_be_visible()
    pages.append(juror.content())
    words = [*SECRETS.values(), "12012345678", "120****5678", "林*"]
    assert [word for word in words if any(word in page for page in pages)] == []


def test_the_idea_of_another_panellist_is_not_there(new_page, panellist, assignments):
    other = panellist.campaign.panellists.exclude(pk=panellist.pk).first()
    assignment = other.assignments.exclude(idea__in=[assignment.idea for assignment in assignments]).first()
    page = new_page(meant=(404,))
    scenes.log_in(page, panellist.user)
    scenes.visit(page, f"/panel/{assignment.pk}/", 404)


KEYS = ("9", "8", "0", "6", "Enter")


def test_an_idea_is_rated_by_five_keys(juror, assignments):
    scenes.visit(juror, f"/panel/{assignments[0].pk}/")
    for assignment, following in zip(assignments, [f"panel/{assignments[1].pk}/", "panel/"], strict=True):
        for key in KEYS:
            juror.keyboard.press(key)
        juror.wait_for_url(f"**/{following}")
        marks = Mark.objects.filter(rating__assignment=assignment).order_by("criterion__position")
        assert [mark.points for mark in marks] == [9, 8, 10, 6]


def test_an_idea_is_rated_without_script(new_page, panellist, assignments):
    page = new_page(360, script=False)
    scenes.log_in(page, panellist.user)
    scenes.visit(page, f"/panel/{assignments[0].pk}/")
    give(page, 9, 8, 7, 6)
    expect(page.locator("h1")).to_have_text(assignments[1].idea.title)
    assert Mark.objects.filter(rating__assignment=assignments[0]).count() == 4


def test_the_rating_desk_fits_a_telephone(new_page, panellist, assignments, shot):
    page = new_page(360)
    scenes.log_in(page, panellist.user)
    scenes.visit(page, f"/panel/{assignments[0].pk}/")
    shot(page, "panel-rate-360")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_wide_screen_the_marks_are_given_beside_the_idea(juror, assignments):
    scenes.press(juror, f"text={assignments[0].idea.title}")
    juror.set_viewport_size({"width": 1366, "height": 768})
    idea, pad = juror.locator(".idea-text").bounding_box(), juror.locator("#rating").bounding_box()
    assert idea
    assert pad
    assert (idea["x"] + idea["width"] < pad["x"], abs(idea["y"] - pad["y"]) < 300) == (True, True)
