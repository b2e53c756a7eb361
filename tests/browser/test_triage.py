"""A moderator screens by keyboard alone, and without script."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from ideas.choices import Status
from ideas.models import Idea
from ideas.services.replies import starter_replies
from tests import factories
from tests.browser import measures, scenes
from tests.browser.test_states import LOOKS, axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("triage"), pytest.mark.django_db(transaction=True)]

COUNT = 30


@pytest.fixture
def campaign(db):
    starter_replies()
    return scenes.campaign()


@pytest.fixture
def waiting(campaign) -> list[Idea]:
    return [sent.idea for sent in scenes.received(campaign, COUNT)]


def opened(new_page, moderator, campaign, **given) -> Page:
    page = new_page(**given)
    scenes.log_in(page, moderator)
    scenes.visit(page, f"/admin/ideas/idea/triage/{campaign.slug}/")
    return page


def press(page: Page, *keys: str) -> None:
    """The keys of one decision; the next idea is there when the page has come."""
    *first, last = keys
    for key in first:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(last)


def statuses(ideas):
    rows = Idea.objects.in_bulk([idea.pk for idea in ideas])
    return [rows[idea.pk].status for idea in ideas]


def test_thirty_ideas_are_screened_by_keyboard_alone(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign)
    keys = [("1",), ("2", "1"), ("3", "1"), ("5", "1"), ("1",)]
    after = [Status.ACCEPTED, Status.RETURNED, Status.DECLINED, Status.TRANSFERRED, Status.ACCEPTED]
    for number, idea in enumerate(waiting):
        expect(page.locator("h1")).to_have_text(idea.title)
        press(page, *keys[number % len(keys)])
    assert statuses(waiting) == [after[number % len(after)] for number in range(COUNT)]
    expect(page.locator(".triage-empty")).to_be_visible()


@pytest.mark.parametrize("typed", [False, True], ids=["by its key", "by another number"])
def test_an_idea_is_merged_into_the_one_alike_or_into_a_typed_number(new_page, moderator, campaign, typed):
    words = {"problem": "乐天路中央公园路段晚上没有路灯。", "proposal": "请在乐天路增设六盏路灯。"}
    other = scenes.accepted(campaign, moderator, texts=[{"title": "别的事"}])[0].idea
    first = scenes.received(campaign, texts=[words])[0].idea
    scenes.accept_idea(idea=first, moderator=moderator, at=first.received_at)
    late = factories.receive(campaign, first.received_at + timedelta(hours=1), **words).idea
    page = opened(new_page, moderator, campaign)
    expect(page.locator("h1")).to_have_text(late.title)
    if typed:
        page.keyboard.press("4")
        page.fill("#triage-into", other.receipt)
        with page.expect_navigation():
            page.press("#triage-into", "Enter")
    else:
        press(page, "4", "1")
    assert Idea.objects.get(pk=late.pk).merged_into == (other if typed else first)


def test_undo_is_one_key(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign)
    press(page, "1")
    press(page, "u")
    expect(page.locator("h1")).to_have_text(waiting[0].title)
    assert statuses(waiting[:1]) == [Status.RECEIVED]


def test_keys_pressed_while_writing_decide_nothing(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign)
    page.keyboard.press("n")
    page.keyboard.type("1 号楼 12345 u s")
    assert set(statuses(waiting)) == {Status.RECEIVED}
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator(".history")).to_contain_text("1 号楼 12345 u s")


def test_a_double_press_decides_one_idea(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign)
    with page.expect_navigation():
        page.evaluate(
            """() => ["1", "1"].forEach(
                key => document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}))
            )"""
        )
    assert statuses(waiting).count(Status.ACCEPTED) == 1


def test_without_script_every_decision_is_a_button(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign, script=False)
    scenes.press(page, "button.act-accept")
    page.locator("summary", has_text="不通过").click()
    scenes.press(page, "details[open] button.reply >> nth=0")
    assert statuses(waiting[:2]) == [Status.ACCEPTED, Status.DECLINED]


@pytest.mark.parametrize("width", [1366, 768])
def test_the_desk_keeps_within_its_width_and_passes_axe(new_page, moderator, campaign, waiting, shot, width):
    page = opened(new_page, moderator, campaign, width=width)
    page.keyboard.press("3")
    shot(page, f"triage-{width}")
    assert page.evaluate(measures.TOO_WIDE) == []
    assert axe_faults(page, LOOKS["zh-hans"][0]) == []


def test_a_half_written_note_is_not_lost_by_a_decision(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign)
    page.keyboard.press("n")
    page.keyboard.type("与第3期重复，先问城管。")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    note = page.locator("#triage-note")
    expect(page.locator("#unsent")).to_contain_text("还没有提交")
    expect(note).to_be_focused()
    expect(note).to_have_value("与第3期重复，先问城管。")
    assert statuses(waiting[:1]) == [Status.RECEIVED]
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    press(page, "1")
    assert statuses(waiting[:1]) == [Status.ACCEPTED]
    assert waiting[0].events.filter(action="note").count() == 1


def test_an_emptied_note_holds_nothing_up(new_page, moderator, campaign, waiting):
    page = opened(new_page, moderator, campaign)
    page.keyboard.press("n")
    page.keyboard.type("写了一半")
    page.locator("#triage-note").fill("")
    page.keyboard.press("Escape")
    press(page, "1")
    assert statuses(waiting[:1]) == [Status.ACCEPTED]
