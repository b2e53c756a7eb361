"""Staff log in; moderators and auditors at their desks."""

import pytest
from playwright.sync_api import Page, expect

from ideas.choices import Channel, DeclineReason, Role, Status
from ideas.models import Idea
from ideas.services.screening import return_idea
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff"), pytest.mark.django_db(transaction=True)]

QUEUE = "/admin/ideas/idea/"
SECRETS = {"name": "林小满", "net_name": "海边的风", "phone": "+8612012345678", "email": "resident@example.com"}


# --- Log-in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "desk"), [(Role.MODERATOR, "/admin/"), (Role.MANAGER, "/admin/"), (Role.PANELLIST, "/panel/")]
)
def test_the_log_in_leads_to_the_own_desk(new_page, role, desk):
    page = new_page()
    scenes.log_in(page, factories.make_user(role))
    expect(page).to_have_url(desk)


def test_a_wrong_password_opens_no_desk(new_page, moderator):
    page = new_page()
    scenes.visit(page, "/login/")
    scenes.fill_in(page.locator("main form"), {"username": moderator.username, "password": "wrong"})
    scenes.press(page, "main form button")
    expect(page.locator(".error-summary")).to_be_focused()
    scenes.visit(page, "/admin/")
    assert "/login/" in page.url


def test_after_logging_out_the_desk_is_shut(new_page):
    page = new_page()
    scenes.log_in(page, factories.make_user(Role.PANELLIST))
    scenes.press_act(page, "logout")
    page.wait_for_url("**/login/")
    scenes.visit(page, "/panel/")
    assert "/login/" in page.url


# --- Moderators ----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(db) -> list[Idea]:
    """Two ideas in the queue, in the order of receipt."""
    return [sent.idea for sent in scenes.received(scenes.campaign(), 2)]


@pytest.fixture
def desk(new_page, moderator, waiting) -> Page:
    """The moderator looks at the first waiting idea."""
    page = new_page(meant=(409, 422))
    scenes.log_in(page, moderator, scenes.address(waiting[0]))
    return page


def decide(page: Page, action: str, **typed: str) -> None:
    """Open one of the decisions beside the idea, fill it in and press its button."""
    name = f"form[action$='/decide/{action}/']:not(.alike form)"
    form = page.locator(name)
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").click()
    scenes.fill_in(form, {f"{action}-{field}": text for field, text in typed.items()})
    scenes.press(page, f"{name} button")


def test_the_queue_opens_the_idea(new_page, moderator, waiting):
    page = new_page()
    scenes.log_in(page, moderator, QUEUE)
    scenes.press(page, f"text={waiting[1].receipt}")
    expect(page.locator("h1")).to_have_text(waiting[1].title)


def test_after_accepting_the_next_idea_is_there(desk, waiting):
    decide(desk, "accept")
    expect(desk.locator("h1")).to_have_text(waiting[1].title)
    assert scenes.status(waiting[0]) == Status.ACCEPTED


def test_after_the_last_idea_the_queue_is_there(desk):
    decide(desk, "accept")
    decide(desk, "accept")
    expect(desk).to_have_url(QUEUE)


def test_a_question_returns_the_idea_and_reaches_the_resident(desk, new_page, campaign_sent):
    scenes.visit(desk, scenes.address(campaign_sent.idea))
    decide(desk, "return", question="路灯在哪一侧？")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    resident = new_page()
    scenes.track(resident, campaign_sent.idea.receipt, campaign_sent.code)
    expect(resident.locator(".said")).to_have_text("路灯在哪一侧？")


@pytest.fixture
def campaign_sent(db):
    """An idea whose query code we know."""
    return scenes.received(scenes.campaign())[0]


def test_an_answer_brings_a_returned_idea_back(desk, waiting, moderator):
    return_idea(idea=waiting[0], moderator=moderator, at=waiting[0].received_at, question="在哪一侧？")
    scenes.visit(desk, scenes.address(waiting[0]))
    decide(desk, "answer", answer="在东侧。")
    expect(desk.locator("h1")).to_have_text(waiting[0].title)  # first in the queue again
    assert scenes.status(waiting[0]) == Status.RECEIVED


def test_declining_without_a_reason_shows_an_error_and_keeps_the_page(desk, waiting):
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR)
    expect(desk.locator("details[open] .field-error")).to_be_visible()
    expect(desk.locator("h1")).to_have_text(waiting[0].title)
    expect(desk.locator("[name=decline-declined_as]")).to_have_value(DeclineReason.UNCLEAR)
    assert scenes.status(waiting[0]) == Status.RECEIVED


def test_declining_with_a_reason_works(desk, waiting):
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR)
    decide(desk, "decline", reason="没有写明地点。")
    expect(desk.locator("h1")).to_have_text(waiting[1].title)
    assert scenes.status(waiting[0]) == Status.DECLINED


def test_a_duplicate_is_merged_by_the_receipt_number_of_the_earlier_one(desk, waiting):
    scenes.visit(desk, scenes.address(waiting[1]))
    decide(desk, "merge", into=waiting[0].receipt.lower().replace("-", " "))
    scenes.visit(desk, scenes.address(waiting[1]))
    expect(desk.locator(".sheet a")).to_have_text(f"{waiting[0].receipt} {waiting[0].title}")
    assert scenes.status(waiting[1]) == Status.MERGED


def test_an_earlier_idea_is_not_merged_into_a_later_one(desk, waiting):
    decide(desk, "merge", into=waiting[1].receipt)
    expect(desk.locator(".messagelist .error")).to_contain_text(waiting[1].receipt)
    assert scenes.status(waiting[0]) == Status.RECEIVED


def test_an_idea_is_passed_to_another_channel(desk, waiting):
    decide(desk, "transfer", channel=Channel.HOTLINE, reason="属于个人诉求。")
    expect(desk.locator("h1")).to_have_text(waiting[1].title)
    assert scenes.status(waiting[0]) == Status.TRANSFERRED


def test_the_history_tells_what_was_done_by_whom(desk, waiting, moderator):
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR, reason="没有写明地点。")
    scenes.visit(desk, scenes.address(waiting[0]))
    rows = desk.locator(".history tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(moderator.name)
    expect(rows.nth(1)).to_contain_text("没有写明地点。")


def test_a_decision_on_an_outdated_page_is_refused(desk, waiting, moderator):
    return_idea(idea=waiting[0], moderator=moderator, at=waiting[0].received_at, question="在哪一侧？")
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR, reason="没有写明地点。")
    expect(desk.locator(".messagelist .error")).to_be_visible()
    expect(desk.locator("[name=decline-reason]")).to_have_value("没有写明地点。")
    assert scenes.status(waiting[0]) == Status.RETURNED


def test_the_published_text_is_saved_beside_the_original(desk, waiting):
    scenes.visit(desk, f"/admin/ideas/idea/{waiting[0].pk}/publish/")
    desk.fill("#id_published-title", "增设路灯")
    desk.fill("#id_published-text", "在路口加灯。")
    scenes.press_act(desk, "published")
    expect(desk.locator("#id_published-text")).to_have_value("在路口加灯。")
    idea = Idea.objects.get(pk=waiting[0].pk)
    assert (idea.published_title, idea.published_text, idea.title) == ("增设路灯", "在路口加灯。", waiting[0].title)


def test_a_moderator_sees_the_contact_only_masked(desk):
    expect(desk.locator(".sheet")).to_contain_text("120****5678")
    assert [word for word in SECRETS.values() if word in desk.content()] == []


# --- Auditors ------------------------------------------------------------------------------------------------------


def test_an_auditor_reads_an_idea_and_has_no_buttons(new_page, auditor, waiting):
    page = new_page()
    scenes.log_in(page, auditor, scenes.address(waiting[0]))
    expect(page.locator(".history tbody tr")).to_have_count(1)
    assert page.locator("#content form, #content button, #content input").count() == 0
