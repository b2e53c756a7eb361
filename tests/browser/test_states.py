"""Every public page in every state and every look: axe finds nothing (WCAG 2.2 A and AA; 7:1 in elder mode),
targets, letters and lines are as large as promised, and nothing has to be pushed sideways."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from ideas import urls
from tests.browser import measures, states

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Look:
    """How a reader has set the letters, on which screen axe looks (320 by 256: 400 % zoom of 1280 by 1024), and what is
    promised then: targets and letters in pixels, lines as a multiple of the letters. Colours depend on whether letters
    are large, not on language or screen: `dark` says which look answers for those at night."""

    name: str
    letters_class: str
    screen: tuple[int, int]
    target: int
    letters: float
    lines: float
    dark: bool = False


# A walk takes minutes, and letters are a class of the page: each language walks once, with the cookie of large letters,
# whose pages hold all that the others hold and the button that reads aloud besides; a test below says so.
LOOKS = {
    "zh-hans": [
        Look("zh-wide", "", (1366, 800), 44, 13.5, 1.25, dark=True),
        Look("zh-elder", "elder", (360, 800), 60, 22, 1.5, dark=True),
        Look("zh-max-400", "elder max", (320, 256), 60, 30, 1.5),
    ],
    "en": [
        Look("en-narrow", "", (320, 800), 44, 13.5, 1.25),
        Look("en-max-wide", "elder max", (1366, 800), 60, 30, 1.5),
    ],
}


@pytest.fixture
def story(moderator, managers, monkeypatch, settings):
    return states.Story(moderator, managers, monkeypatch, settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    "language", [pytest.param(code, marks=pytest.mark.xdist_group(f"states-{code}")) for code in LOOKS]
)
def test_every_state_is_accessible_and_large_enough(new_page, story, language):
    page = new_page(1366, language, "on", meant=states.MEANT)
    found = []
    for name in states.walk(page, story):
        for look in LOOKS[language]:
            page.set_viewport_size({"width": look.screen[0], "height": look.screen[1]})
            page.evaluate("letters => { document.documentElement.className = letters }", look.letters_class)
            wrong = (*axe_faults(page, look), *size_faults(page, look))
            found += [f"{name}, {look.name}: {words}" for words in wrong]
        page.set_viewport_size({"width": 1366, "height": 800})
    assert found == []


@pytest.mark.parametrize("address", ["/", "/campaigns/open/submit/", "/track/", "/privacy/"])
def test_letters_are_a_class_and_buttons_in_the_head(client, story, address):
    """Whatever else large letters changed would escape the walk."""
    assert story.open
    pages = {}
    for letters in ("", "on", "max"):
        client.cookies["elder"] = letters
        html = client.get(address).content.decode()
        read_aloud = (
            r'<script id="[^"]*" type="application/json">[^<]*</script>\s*<script src="[^"]*read-aloud[^>]*></script>'
        )
        html = re.sub(rf'<html [^>]*>|{read_aloud}|value="[^"]*"', "", html)
        pages[letters] = re.sub(r'\s*<button class="plain-button" name="elder"[^>]*>[^<]*</button>', "", html)
    assert pages[""].split() == pages["on"].split() == pages["max"].split()


def axe_faults(page: Page, look: Look) -> list[str]:
    """All rules as the page stands; in dark colours only those about contrast, since nothing else changes."""
    elder = bool(look.letters_class)
    light = measures.axe(page, "tag", TAGS, enhanced=elder)
    if not look.dark:
        return light
    page.emulate_media(color_scheme="dark")
    contrast = "color-contrast-enhanced" if elder else "color-contrast"
    dark = measures.axe(page, "rule", [contrast])
    page.emulate_media(color_scheme="light")
    return light + [f"dark: {fault}" for fault in dark]


def size_faults(page: Page, look: Look) -> list[str]:
    found = []
    for width in (360, 320, 800, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        wrong = page.evaluate(measures.TOO_WIDE) + page.evaluate(measures.CUT_OFF)
        wrong += page.evaluate(measures.FLOATING_FOOT)
        if width != 320:
            wrong += page.evaluate(measures.TOO_SMALL, look.target)
            wrong += page.evaluate(measures.TOO_FINE, [look.letters, look.lines])
        found += [f"at {width}: {words}" for words in wrong]
    return found


def test_every_public_address_is_among_the_pages():
    addresses = {pattern.name for pattern in urls.public + urls.everywhere}
    assert addresses - {state.url for state in states.PAGES} == states.NO_PAGE
