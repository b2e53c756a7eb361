"""Every page in Chinese, English and large letters: it fits narrow screens and is soundly made. And pictures of all."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from ideas.choices import DeclineReason, Phase
from ideas.demo.campaigns import make_campaign
from ideas.demo.texts import texts_of
from ideas.models import Campaign, Shortlist
from ideas.services.campaigns import refresh_figures
from ideas.services.screening import decline_idea, return_idea
from tests import factories
from tests.browser import measures, scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages"), pytest.mark.django_db(transaction=True)]

WIDE, PHONE, SMALL = 1366, 360, 320
# The longest words that the form takes, some of which no browser can break by itself.
LONGEST = {
    "title": "建议把侨英路、乐海路和杏林湾路交叉口的人行横道、信号灯、护栏和公交站一并重新规划，方便学生老人过街",
    "place": f"https://example.com/{'map' * 20}?at=24.57,118.09",
    "problem": f"见照片：https://example.com/{'photo' * 30}\n\n" + "早晚高峰车多人多，" * 30,
    "proposal": "一、重新规划。\n二、增设护栏。\n" + "请" * 200,
    "net_name": "W" * 20,
}


@dataclass(frozen=True)
class Look:
    """How a reader has set the portal, and what the pages must then say of their language."""

    name: str
    language: str
    elder: bool
    lang: str


LOOKS = [
    Look("zh", "zh-hans", False, "zh-Hans"),
    Look("en", "en", False, "en"),
    Look("elder", "zh-hans", True, "zh-Hans"),
]


# Without pictures plain Chinese is left to test_states.py: the longest words break English and large letters first.
@pytest.fixture(params=LOOKS if os.environ.get("SCREENSHOTS") else LOOKS[1:], ids=lambda look: look.name)
def look(request) -> Look:
    return request.param


@pytest.fixture
def page(new_page, look) -> Page:
    return new_page(WIDE, look.language, look.elder, meant=(403, 404, 409, 410, 422, 429))


def faults(page: Page, lang: str, narrow: tuple[int, ...] = (PHONE, SMALL), contrast: bool = False) -> list[str]:
    """What is wrong with the page as it stands; at the `narrow` widths nothing may have to be pushed sideways."""
    found = measures.axe(page, "rule", ["color-contrast"]) if contrast else []
    if page.get_attribute("html", "lang").casefold() != lang.casefold():
        found.append(f"the language is {page.get_attribute('html', 'lang')}")
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} headings of the first order")
    if page.locator("link[rel=icon]").count() != 1:
        found.append("no icon, so that the browser asks for /favicon.ico")
    for width in narrow:
        page.set_viewport_size({"width": width, "height": 800})
        if too_wide := page.evaluate(TOO_WIDE):
            found.append(f"wider than {width}: {too_wide}")
        found += page.evaluate(OVERLAPPING)
    return found


TOO_WIDE = """() => {
    const limit = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= limit) return null
    const reaching = [...document.querySelectorAll("body *")].filter(part => part.getBoundingClientRect().right > limit)
    return reaching.map(part => `${part.localName}.${part.className}`).join(" ")
}"""

# Links and buttons of the head that cover each other.
OVERLAPPING = """() => {
    const shown = [...document.querySelectorAll(".site-head a, .site-head button")].filter(part => part.offsetWidth)
    const boxes = shown.map(part => [part.textContent.trim(), part.getBoundingClientRect()])
    const covers = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1
    return boxes.flatMap(([name, box], place) => boxes.slice(place + 1)
        .filter(([, other]) => covers(box, other)).map(([other]) => `in the head: ${name} lies upon ${other}`))
}"""


def walk(steps: Iterator[str], page: Page, look: Look, shot, **limits: Any) -> dict[str, list[str]]:
    """Take pictures of every page that `steps` leads to; gives the pages at fault."""
    found = {}
    for name in steps:
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 800})
            shot(page, f"{name}-{look.name}-{width}")
        found[name] = faults(page, look.lang, **limits)
        page.set_viewport_size({"width": WIDE, "height": 800})
    return {name: wrong for name, wrong in found.items() if wrong}


def texts(kind: str, count: int) -> list[dict[str, str]]:
    """Answers for some ideas of the demo, and the longest possible ones."""
    names = ("title", "topic", "area", "place", "problem", "proposal")
    written = [{name: getattr(text, name) for name in names} for text in texts_of(kind)[: count - 1]]
    return [LONGEST | {"topic": written[0]["topic"]}, *written]


def campaign(kind: str, slug: str, phase: Phase, **overrides: int) -> Campaign:
    """A campaign with the demo's announcement, which is as long as a real one, in both languages."""
    plain = {"rounds": 1, "comment_below": None}
    return make_campaign(kind, slug=slug, at=timezone.now(), **{**scenes.dates(phase), **plain, **overrides})


@pytest.fixture
def listed(moderator, manager) -> Shortlist:
    """A proposed list of a campaign under review, with an idea that was declined."""
    row = campaign("safer", "reviewed", Phase.REVIEWING, places=4)
    scenes.rated(row, moderator, texts=texts("safer", 6))
    [late] = scenes.received(row)
    decline_idea(
        idea=late.idea,
        moderator=moderator,
        at=timezone.now(),
        declined_as=DeclineReason.UNCLEAR,
        reason="没有写明地点。",
    )
    refresh_figures(campaign=row, at=timezone.now())
    return scenes.proposed(row, manager)


# --- Public pages --------------------------------------------------------------------------------------------------


def test_the_public_pages_fit(page, look, shot, listed, managers, moderator):
    campaign("liveable", "soon", Phase.UPCOMING)
    row = campaign("liveable", "open", Phase.COLLECTING)
    campaign("liveable", "closed", Phase.REVIEWING)
    scenes.shown(row, moderator, texts("liveable", 22))
    scenes.released(scenes.signed(listed, *managers), managers[0])
    assert walk(public_pages(page, row), page, look, shot) == {}


def public_pages(page: Page, row: Campaign) -> Iterator[str]:
    """Lead to one page after the other, and name it."""
    form = f"/campaigns/{row.slug}/submit/"
    addresses = {
        "home": "/", "soon": "/campaigns/soon/", "open": "/campaigns/open/", "closed": "/campaigns/closed/",
        "published": "/campaigns/reviewed/", "form": form, "done-elsewhere": f"{form}done/", "track": "/track/",
        "winners": "/campaigns/reviewed/winners/", "ideas": "/campaigns/open/ideas/",
        "ideas-of-a-topic": "/campaigns/open/ideas/?topic=parking", "ideas-none": "/campaigns/closed/ideas/",
        "privacy": "/privacy/", "accessibility": "/accessibility/",
        "login": "/login/",
    }  # fmt: skip
    for name, address in addresses.items():
        scenes.visit(page, address)
        yield name
    refused = {
        "404": ("/nowhere/", 404),
        "403": ("/campaigns/soon/submit/", 403),
        "410": ("/campaigns/closed/submit/", 410),
    }
    for name, (address, status) in refused.items():
        scenes.visit(page, address, status)
        yield name
    scenes.visit(page, addresses["winners"])
    scenes.press(page, ".winners a")
    yield "winner"
    scenes.visit(page, addresses["ideas"])
    scenes.press(page, ".acts a[href*=after]")
    yield "ideas-earlier"
    scenes.press(page, f".rows a:has-text('{LONGEST['title']}')")
    yield "idea"
    scenes.visit(page, form)
    yield similar(page, form)
    for name in ("login", "track", "form"):
        scenes.visit(page, addresses[name])
        scenes.press(page, "main form button")
        page.wait_for_selector(".error-summary")
        yield f"{name}-errors"
    yield from sending(page, form)


def similar(page: Page, form: str) -> str:
    """The fragment as it stands in a page: put there as the form's script will."""
    page.evaluate(SHOW_SIMILAR, [f"{form}similar/", {name: LONGEST[name] for name in ("title", "problem", "proposal")}])
    page.wait_for_selector(".similar .rows li")
    return "similar"


SHOW_SIMILAR = """async ([address, answers]) => {
    const body = new URLSearchParams(answers)
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value)
    const answer = await fetch(address, { method: "POST", body })
    document.querySelector("main form").insertAdjacentHTML("beforebegin", await answer.text())
}"""


def sending(page: Page, form: str) -> Iterator[str]:
    scenes.visit(page, form)
    answers = {**factories.form_data(), **LONGEST, "topic": "green", "area": "350211001005"}
    scenes.fill_in(page.locator("main form"), answers)
    scenes.press(page, "main form button")
    page.wait_for_url("**/check/**")
    yield "check"
    scenes.press(page, "main form button")
    page.wait_for_url("**/done/**")
    yield "done"
    receipt, code = page.inner_text("#receipt"), page.inner_text("#query-code")
    scenes.track(page, receipt, "0000-0000")
    page.wait_for_selector(".error-summary")
    yield "track-wrong"
    scenes.track(page, receipt, code)
    page.wait_for_selector(".steps")
    yield "track-found"


# --- Following an own idea -----------------------------------------------------------------------------------------


def test_the_tracking_pages_fit(page, look, shot, moderator):
    row = campaign("liveable", "open", Phase.COLLECTING)
    waiting, asked, declined = scenes.received(row, 3, texts("liveable", 3))
    asked_at = asked.idea.received_at + timedelta(hours=5)
    question = "您说的是路口的哪一侧？请写明公交站或灯杆号。"
    return_idea(idea=asked.idea, moderator=moderator, at=asked_at, question=question)
    reason = {"declined_as": DeclineReason.OUTSIDE_AREA, "reason": "该路口属于同安区，请向同安区反映。"}
    decline_idea(idea=declined.idea, moderator=moderator, at=asked_at, **reason)
    assert walk(tracking_pages(page, waiting, asked, declined), page, look, shot) == {}


def open_instead(page: Page, sent) -> None:
    """Leave the idea that is open and look another one up."""
    scenes.visit(page, "/track/")
    scenes.press(page, "button[name=close]")
    scenes.track(page, sent.idea.receipt, sent.code)


def tracking_pages(page: Page, waiting, asked, declined) -> Iterator[str]:
    scenes.track(page, waiting.idea.receipt, waiting.code)
    for act in ("amend", "naming", "withdraw", "erase"):
        scenes.visit(page, f"/track/{act}/")
        yield f"track-{act}"
    scenes.visit(page, "/track/amend/")
    page.fill("[name=title]", "")
    scenes.press(page, "#act-form .button")
    page.wait_for_selector(".error-summary")
    yield "track-amend-errors"
    page.fill("[name=title]", "建议在侨英路口增设斑马线和信号灯")
    scenes.press(page, "#act-form .button")
    page.wait_for_selector(".notice.good")
    page.click("details summary")
    yield "track-amended"
    open_instead(page, asked)
    yield "track-asked"
    scenes.press(page, ".notice .button")
    yield "track-answer"
    page.fill("[name=answer]", "公交站一侧，靠近学校北门，灯杆号0592-17。")
    page.context.clear_cookies(name="session")
    scenes.press(page, "#act-form .button")
    page.wait_for_selector("[name=code]")
    yield "track-kept"
    scenes.track(page, asked.idea.receipt, asked.code)
    scenes.visit(page, "/track/answer/")
    page.fill("[name=answer]", "公交站一侧，靠近学校北门，灯杆号0592-17。")
    scenes.press(page, "#act-form .button")
    page.wait_for_selector(".notice.good")
    yield "track-answered"
    open_instead(page, declined)
    yield "track-declined"
    scenes.press(page, "a[href*='/track/review/']")
    yield "track-review"
    scenes.visit(page, f"/track/lost/?receipt={waiting.idea.receipt}")
    yield "track-lost"
    page.fill("[name=contact]", "resident@example.com")
    scenes.press(page, "main form .button")
    page.wait_for_url("**/lost/?sent")
    yield "track-lost-sent"
    scenes.visit(page, "/track/")
    scenes.press(page, "button[name=close]")
    for _ in range(11):
        scenes.track(page, waiting.idea.receipt, "0000-0000")
    assert page.locator("[name=code]").count() == 0
    yield "track-limit"


# --- The panel's pages ---------------------------------------------------------------------------------------------


def test_the_panel_pages_fit(page, look, shot, moderator):
    row = campaign("liveable", "open", Phase.COLLECTING, reviews_per_idea=3)
    scenes.accepted(row, moderator, texts=texts("liveable", 4))
    assignment = scenes.seated(row)[0]
    assert walk(panel_pages(page, assignment.panellist), page, look, shot) == {}


def panel_pages(page: Page, panellist) -> Iterator[str]:
    scenes.log_in(page, panellist.user, "/panel/")
    yield "panel"
    scenes.press(page, "main tbody tr:has-text('侨英路') a")
    yield "rate"
    scenes.press(page, "main form button.button")
    page.wait_for_selector(".error-summary")
    yield "rate-errors"
    assignment = panellist.assignments.get(idea__title=LONGEST["title"])
    factories.rate(assignment, 8, at=timezone.now())
    scenes.visit(page, f"/panel/{assignment.pk}/")
    yield "rate-again"
    scenes.visit(page, "/panel/")
    yield "panel-begun"


# --- The desks in the admin ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: look.name, indirect=True)  # no large letters there
def test_the_desks_are_sound(page, look, shot, listed, managers):
    scenes.received(campaign("liveable", "open", Phase.COLLECTING), texts=texts("liveable", 5))
    assert walk(desk_pages(page, listed, managers), page, look, shot, narrow=(), contrast=True) == {}


def desk_pages(page: Page, shortlist: Shortlist, managers) -> Iterator[str]:
    scenes.log_in(page, managers[0], "/admin/")
    yield "desk"
    ideas, own = "/admin/ideas/idea/", f"/admin/ideas/campaign/{shortlist.campaign_id}"
    member = shortlist.campaign.panellists.first()
    addresses = {
        "desk-panel-acts": f"{own}/panel/", "desk-standing": f"{own}/standing/", "desk-paper": f"{own}/paper/",
        "desk-paper-sheet": f"{own}/paper/{member.pk}/", "desk-paper-print": f"{own}/paper/{member.pk}/print/?texts",
        "desk-queue": ideas, "desk-all": f"{ideas}?status=all", "desk-campaigns": "/admin/ideas/campaign/",
        "desk-campaign": f"/admin/ideas/campaign/{shortlist.campaign_id}/change/",
        "desk-shortlist": f"/admin/ideas/shortlist/{shortlist.pk}/change/",
        "desk-preview": f"/admin/ideas/shortlist/{shortlist.pk}/preview/",
        "desk-assignments": "/admin/ideas/assignment/", "desk-messages": "/admin/ideas/message/",
        "desk-panel": "/admin/ideas/panellist/", "desk-users": "/admin/ideas/user/",
    }  # fmt: skip
    for name, address in addresses.items():
        scenes.visit(page, address)
        yield name
    scenes.visit(page, ideas)
    scenes.press(page, "#result_list tbody th a")
    page.wait_for_selector(".history")
    yield "desk-idea"
    page.click("details:has([name=decline-reason]) summary")
    scenes.press(page, "form[action$='/decide/decline/'] button")
    page.wait_for_selector("details[open] .field-error")
    yield "desk-idea-errors"
    scenes.visit(page, scenes.address(scenes.signed(shortlist, *managers)))
    page.wait_for_selector("a.act[href$='/preview/']")
    yield "desk-sealed"
