"""A resident with a telephone: form, check, receipt, and finding the idea again."""

import re

import pytest
from playwright.sync_api import Page, expect

from ideas.models import Area, Idea
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("resident"), pytest.mark.django_db(transaction=True)]

PHONE = 360  # pixels wide
TITLE = "建议在侨英路校门口增设路灯"
PROBLEM = "晚上接孩子时校门口很黑，看不清台阶。"
PROPOSAL = "在侧门加两盏太阳能路灯。"
ANSWERS = {
    "title": TITLE, "topic": "road", "problem": PROBLEM, "proposal": PROPOSAL, "area": factories.AREA["code"],
    "place": "侧门公交站旁", "name": "林小满", "phone": "0592-606 0000", "email": "resident@example.com",
    "naming": "net_name", "net_name": "海边的风", "publish_consent": "on", "age_14": "on", "consent": "on",
}  # fmt: skip
CHECKED = [
    TITLE, "道路", PROBLEM, PROPOSAL, "岑东社区", "侧门公交站旁", "0592 606 0000", "resident@example.com",
    "网名", "林小满", "海边的风", "是", "是", "是",
]  # fmt: skip


@pytest.fixture
def campaign(db):
    """Open for ideas today."""
    return scenes.campaign()


@pytest.fixture
def form(campaign):
    return f"/campaigns/{campaign.slug}/submit/"


@pytest.fixture
def phone(new_page) -> Page:
    return new_page(PHONE)


def fill_in(page: Page, form: str, **changes: str) -> None:
    """Fill the form in by mouse and send it to be checked; a changed answer may be empty."""
    scenes.visit(page, form)
    scenes.fill_in(page.locator("main form"), {**ANSWERS, **changes})
    scenes.press(page, "main form button")


def checked(page: Page) -> list[str]:
    """The answers that the check page shows."""
    page.wait_for_url("**/check/**")
    return page.locator(".facts dd.text").all_inner_texts()


def send(page: Page) -> tuple[str, str]:
    """Send the checked answers; gives receipt number and query code."""
    page.wait_for_url("**/check/**")
    scenes.press(page, "main form button")
    return receipt_on(page)


def receipt_on(page: Page) -> tuple[str, str]:
    page.wait_for_url("**/done/**")
    return page.inner_text("#receipt"), page.inner_text("#query-code")


def values(page: Page) -> dict[str, str]:
    """What the resident put into the form, as it stands there now."""
    held = page.evaluate("Object.fromEntries(new FormData(document.querySelector('main form')))")
    return {name: value for name, value in held.items() if name in ANSWERS}


def test_the_form_is_filled_in_by_keyboard_alone(phone, form):
    scenes.visit(phone, form)
    key, write = phone.keyboard.press, phone.keyboard.insert_text  # an input method inserts whole words
    keys = ["Tab", "Enter", "Tab", "Tab", TITLE, "Tab", "Space", "Tab", PROBLEM, "Tab", PROPOSAL]
    keys += ["Tab", "ArrowDown", "ArrowDown", "Tab", "侧门公交站旁", "Tab"]
    keys += ["Tab", "０５９２－６０６００００", "Tab", "resident@example.com", "Tab", "ArrowUp"]
    keys += ["Tab", "林小满", "Tab", "海边的风"]
    keys += ["Tab", "Space", "Tab", "Space", "Tab", "Space", "Tab", "Tab", "Enter"]
    for word in keys:
        (key if word in ("Tab", "Enter", "Space", "ArrowDown", "ArrowUp") else write)(word)
    assert checked(phone) == CHECKED


def test_the_check_page_shows_what_was_filled_in_by_mouse(phone, form):
    fill_in(phone, form)
    assert checked(phone) == CHECKED


def test_each_change_link_stands_in_the_row_that_it_changes(phone, form):
    fill_in(phone, form)
    phone.wait_for_url("**/check/**")
    gaps = phone.evaluate(
        """[...document.querySelectorAll(".facts > div")].map(row =>
            row.getBoundingClientRect().bottom - row.querySelector(".change a").getBoundingClientRect().bottom)"""
    )
    assert min(gaps) >= 0


def test_the_change_links_stand_in_one_column(new_page, form):
    wide = new_page()
    fill_in(wide, form)
    wide.wait_for_url("**/check/**")
    places = wide.evaluate("[...document.querySelectorAll('.change a')].map(a => a.getBoundingClientRect().right)")
    assert max(places) - min(places) < 1


def test_checking_sends_nothing(phone, form):
    fill_in(phone, form)
    phone.wait_for_url("**/check/**")
    assert Idea.objects.count() == 0


def test_the_change_link_leads_to_its_field_and_keeps_every_answer(phone, form):
    fill_in(phone, form)
    scenes.press(phone, ".change a[href$='#id_problem']")
    expect(phone.locator("#id_problem")).to_be_focused()
    scenes.press(phone, "main form button")
    assert checked(phone) == CHECKED


def test_a_changed_answer_is_the_one_that_is_sent(phone, form):
    fill_in(phone, form)
    scenes.press(phone, ".change a[href$='#id_title']")
    phone.fill("#id_title", "建议在侨英路校门口增设斑马线")
    scenes.press(phone, "main form button")
    send(phone)
    assert Idea.objects.get().title == "建议在侨英路校门口增设斑马线"


def test_the_receipt_shows_number_and_code(phone, form):
    fill_in(phone, form)
    receipt, code = send(phone)
    assert receipt == Idea.objects.get().receipt
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", code)


def test_number_and_code_open_the_idea(phone, form):
    fill_in(phone, form)
    scenes.track(phone, *send(phone))
    expect(phone.locator("h1")).to_have_text(TITLE)
    expect(phone.locator(".tag")).to_have_text("待审核")


def test_a_wrong_code_opens_nothing(phone, form):
    fill_in(phone, form)
    receipt, _code = send(phone)
    scenes.track(phone, receipt, "0000-0000")
    expect(phone.locator(".error-summary")).to_be_focused()
    assert TITLE not in phone.content()


def test_leaving_the_tracked_idea_closes_it(phone, form):
    fill_in(phone, form)
    scenes.track(phone, *send(phone))
    scenes.press(phone, "button[name=close]")
    scenes.visit(phone, "/track/")
    expect(phone.locator("#id_receipt")).to_be_visible()


def test_the_receipt_is_not_shown_to_another_visitor(phone, form, new_page):
    fill_in(phone, form)
    receipt, code = send(phone)
    stranger = new_page(PHONE)
    scenes.visit(stranger, phone.url)
    assert [word for word in (receipt, code, TITLE) if word in stranger.content()] == []


def test_the_error_page_keeps_every_typed_value(phone, form):
    fill_in(phone, form, title="", email="这不是邮箱")
    expect(phone.locator(".error-summary li")).to_have_count(2)
    assert values(phone) == {**ANSWERS, "title": "", "email": "这不是邮箱"}


def test_the_error_summary_has_the_focus(phone, form):
    fill_in(phone, form, title="")
    expect(phone.locator(".error-summary")).to_be_focused()


def test_the_title_of_the_error_page_says_so_first(phone, form):
    scenes.visit(phone, form)
    plain = phone.title()
    scenes.press(phone, "main form button")
    expect(phone).to_have_title(re.compile(f".+{plain}"))


def test_each_error_leads_to_its_field(phone, form):
    scenes.visit(phone, form)
    scenes.press(phone, "main form button")
    reached = []
    for link in phone.locator(".error-summary a").all():
        link.press("Enter")
        in_a_field = phone.evaluate("Boolean(document.activeElement.name)")
        if not in_a_field:  # a group of choices: the next stop is its first choice
            phone.keyboard.press("Tab")
        reached.append(phone.evaluate("document.activeElement.name"))
    assert reached == ["title", "topic", "problem", "proposal", "area", "phone", "age_14", "consent"]


def test_an_error_is_read_out_with_its_field(phone, form):
    fill_in(phone, form, title="")
    described = phone.get_attribute("#id_title", "aria-describedby").split()
    assert [phone.locator(f"#{name}").count() for name in described] == [1] * len(described)
    assert "id_title_error" in described


def test_the_back_button_leads_to_the_same_receipt(phone, form):
    fill_in(phone, form)
    first = send(phone)
    phone.go_back()
    assert receipt_on(phone) == first


def test_going_back_to_the_form_and_sending_again_gives_the_same_receipt(phone, form):
    fill_in(phone, form)
    first = send(phone)
    for _step in range(2):
        phone.go_back()
        phone.wait_for_load_state()
    assert values(phone) == ANSWERS
    scenes.press(phone, "main form button")
    phone.wait_for_url(re.compile("/(check|done)/$"))
    again = first if phone.url.endswith("/done/") else send(phone)
    assert again == first


def test_sending_the_same_page_again_gives_the_same_receipt(phone, form):
    fill_in(phone, form)
    phone.wait_for_url("**/check/**")
    again = phone.context.new_page()
    scenes.visit(again, phone.url)
    assert send(again) == send(phone)
    assert Idea.objects.count() == 1


def test_reloading_the_receipt_sends_nothing_again(phone, form):
    fill_in(phone, form)
    first = send(phone)
    phone.reload()
    assert receipt_on(phone) == first
    assert Idea.objects.count() == 1


def test_everything_works_without_script(new_page, form):
    plain = new_page(PHONE, script=False)
    fill_in(plain, form)
    scenes.track(plain, *send(plain))
    expect(plain.locator("h1")).to_have_text(TITLE)


def test_an_idea_may_concern_several_places(phone, form):
    fill_in(phone, form)
    scenes.press(phone, ".change a[href$='#id_area']")
    phone.select_option("#id_area", "unknown")
    scenes.press(phone, "main form button")
    send(phone)
    assert Area.objects.filter(ideas__isnull=False).count() == 0


def test_the_language_button_changes_the_page_in_place(phone):
    scenes.visit(phone, "/track/?from=leaflet")
    scenes.press(phone, "button[name=language]")
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone).to_have_url(re.compile(r"/track/\?from=leaflet$"))


def test_the_chosen_language_stays_on_other_pages(phone, form):
    scenes.visit(phone, "/")
    scenes.press(phone, "button[name=language]")
    scenes.visit(phone, form)
    expect(phone.locator("h1")).to_have_text("Submit an idea")


def test_the_language_button_leads_back_to_chinese(new_page):
    english = new_page(PHONE, language="en")
    scenes.visit(english, "/")
    scenes.press(english, "button[name=language]")
    scenes.visit(english, "/privacy/")
    expect(english.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_large_letters_stay_on_other_pages(phone, form):
    scenes.visit(phone, "/")
    standard = letter_size(phone)
    scenes.press(phone, "button[name=elder]")
    scenes.visit(phone, form)
    assert letter_size(phone) >= 1.25 * standard


def test_the_same_button_leads_back_to_standard_letters(new_page):
    elder = new_page(PHONE, elder=True)
    scenes.visit(elder, "/")
    large = letter_size(elder)
    scenes.press(elder, "button[name=elder]")
    scenes.visit(elder, "/privacy/")
    assert letter_size(elder) < large


def letter_size(page: Page) -> float:
    """The size of running text in pixels."""
    return page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")


def test_language_and_letters_do_not_undo_each_other(phone):
    scenes.visit(phone, "/")
    scenes.press(phone, "button[name=elder]")
    scenes.press(phone, "button[name=language]")
    expect(phone.locator("html.elder")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("button", ["elder", "language"])
def test_choosing_letters_or_language_keeps_a_half_filled_form(phone, campaign, button):
    scenes.visit(phone, f"/campaigns/{campaign.slug}/submit/")
    phone.fill("[name=problem]", PROBLEM)
    phone.check("[name=topic][value=road]")
    scenes.press(phone, f"header button[name={button}]")
    assert phone.input_value("[name=problem]") == PROBLEM
    assert phone.is_checked("[name=topic][value=road]")


def test_enter_in_a_field_sends_the_form_and_changes_no_letters(phone, campaign):
    scenes.visit(phone, f"/campaigns/{campaign.slug}/submit/")
    with phone.expect_navigation():
        phone.press("[name=title]", "Enter")
    expect(phone.locator(".error-summary")).to_be_visible()
    assert phone.locator("html.elder").count() == 0


def test_a_step_larger_still_keeps_a_half_filled_form(new_page, form):
    page = new_page(360, elder=True)
    scenes.visit(page, form)
    page.fill("[name=problem]", "晚上很黑。")
    scenes.press(page, "header button[value=max]")
    assert page.input_value("[name=problem]") == "晚上很黑。"
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
