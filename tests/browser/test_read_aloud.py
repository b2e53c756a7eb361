"""In elder mode the browser reads the page aloud. Its speech is recorded, not heard: there may be no voice here."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import scenes, states

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("read_aloud"), pytest.mark.django_db(transaction=True)]

BUTTON = "main .read-aloud"
RECORD = """(ends => {
    window.spoken = []
    window.cancelled = 0
    SpeechSynthesis.prototype.speak = function (utterance) {
        window.spoken.push([utterance.lang, utterance.text])
        if (ends) setTimeout(() => utterance.dispatchEvent(new Event("end")))
    }
    SpeechSynthesis.prototype.cancel = () => { window.cancelled += 1 }
})"""


@pytest.fixture
def story(moderator, managers, monkeypatch, settings):
    return states.Story(moderator, managers, monkeypatch, settings)


@pytest.fixture
def reader(new_page):
    """A function that opens a page in elder mode whose speech is recorded; it ends at once, or never."""

    def open_page(ends: bool = True, **wishes) -> Page:
        page = new_page(360, elder=True, **wishes)
        page.add_init_script(f"{RECORD}({str(ends).lower()})")
        return page

    return open_page


def read(page: Page) -> list[list[str]]:
    """All that is said until the button offers to start again: [language, words]."""
    words = page.inner_text(BUTTON)
    page.click(BUTTON)
    expect(page.locator(BUTTON)).to_have_text(words)
    return page.evaluate("window.spoken")


def said(page: Page) -> str:
    return "\n".join(words for _lang, words in read(page))


def test_the_page_is_read_from_its_heading_to_its_end(reader, story):
    page = reader()
    scenes.visit(page, "/accessibility/")
    shown = [page.inner_text("main h1"), page.locator("main li").first.inner_text()]
    spoken = [words for _lang, words in read(page)]
    assert [spoken.index(words) for words in shown] == [0, spoken.index(shown[1])]
    assert page.inner_text("main .wrap").replace("\n", "")[-6:] in spoken[-1]


def test_the_buttons_own_words_are_not_read(reader):
    page = reader()
    scenes.visit(page, "/track/")
    words = page.inner_text(BUTTON)
    assert words not in said(page)


def test_a_field_is_read_after_its_label_and_hint(reader, story):
    page = reader()
    scenes.visit(page, story.form)
    page.fill("[name=title]", "建议增设路灯")
    spoken = said(page)
    places = [spoken.index(page.inner_text(part)) for part in ("label[for=id_title]",)]
    assert places[0] < spoken.index("建议增设路灯")


def test_a_chosen_option_is_said_to_be_chosen(reader, story):
    page = reader(language="en")
    scenes.visit(page, story.form)
    before = said(page).count("chosen")
    page.check("[name=topic] >> nth=0")
    assert said(page).count("chosen") - 2 * before == 1


def test_each_fragment_is_read_in_its_language(reader, story):
    page = reader(language="en")
    scenes.visit(page, f"/campaigns/{story.published.slug}/winners/")
    title = page.locator(".winners h2").first.inner_text()
    languages = {words: lang for lang, words in read(page)}
    assert (languages[title], languages[page.inner_text("h1")]) == ("zh-CN", "en")


def test_no_piece_is_too_long_for_the_browser(reader, story):
    page = reader()
    scenes.visit(page, f"/campaigns/{story.open.slug}/")
    lengths = [len(words) for _lang, words in read(page)]
    assert (max(lengths) <= 60, len(lengths) > 20) == (True, True)


def test_the_button_stops_the_reading(reader):
    page = reader(ends=False)
    scenes.visit(page, "/accessibility/")
    start = page.inner_text(BUTTON)
    page.click(BUTTON)
    assert page.inner_text(BUTTON) != start
    before = page.evaluate("window.cancelled")
    page.click(BUTTON)
    assert (page.inner_text(BUTTON), page.evaluate("[window.cancelled, window.spoken.length]")) == (
        start,
        [before + 1, 1],
    )


def test_leaving_the_page_stops_the_reading(reader):
    page = reader(ends=False)
    scenes.visit(page, "/accessibility/")
    page.click(BUTTON)
    before = page.evaluate("window.cancelled")
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("window.cancelled") == before + 1


def test_a_browser_without_speech_has_no_button(new_page):
    page = new_page(360, elder=True)
    page.add_init_script("Object.defineProperty(window, 'speechSynthesis', {value: undefined})")
    scenes.visit(page, "/accessibility/")
    assert page.locator(BUTTON).count() == 0


def test_outside_elder_mode_no_page_loads_it(new_page):
    page = new_page(360)
    scenes.visit(page, "/accessibility/")
    assert (page.locator("script").count(), page.locator(BUTTON).count()) == (0, 0)
