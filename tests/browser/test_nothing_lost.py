"""Nothing is ever lost: what goes wrong on a resident's way, fault by fault and step by step, with script and without.

After each fault the resident does the natural next thing; then the words and the uploaded photos are still there.
"""

import os
import re
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from bench import start
from ideas.choices import Role
from ideas.models import Campaign, Draft, Idea, Photo
from ideas.services import drafts
from ideas.services.intake import hash_code
from ideas.services.screening import return_idea
from tests import factories
from tests.browser import scenes
from tests.databases import copy_file

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("nothing_lost"), pytest.mark.django_db(transaction=True)]

TITLE = "建议在侨英路校门口增设路灯"
PROBLEM = "晚上接孩子时校门口很黑，看不清台阶。"
PROPOSAL = "在侧门加两盏太阳能路灯。"
WORDS = {"title": TITLE, "problem": PROBLEM, "proposal": PROPOSAL, "place": "侧门公交站旁"}
CHOICES = {"topic": "road", "area": factories.AREA["code"]}
PERSON = {"name": "林小满", "phone": "0592-606 0000", "naming": "net_name", "net_name": "海边的风"}
CONSENTS = {"age_14": "on", "consent": "on"}
ANSWERS = {**WORDS, **CHOICES, **PERSON, **CONSENTS}
MEANT = (403, 409, 410, 413, 500, 503, "net::ERR_INTERNET_DISCONNECTED")
PATIENCE = 10  # seconds
CHECK, SEND, SAVE = "main .acts button.button", "main .acts button.button", "button[name=save]"


@dataclass
class Scene:
    """A resident's browser at some step of the way."""

    page: Page
    campaign: Any  # or what has a slug
    script: bool
    words: dict[str, str] = field(default_factory=lambda: dict(WORDS))
    photos: int = 0
    form: str = ""  # its address

    def __post_init__(self) -> None:
        self.form = self.form or f"/campaigns/{self.campaign.slug}/submit/"

    def open(self) -> None:
        scenes.visit(self.page, self.form)

    def fill(self, **answers: str) -> None:
        scenes.fill_in(self.page.locator("#idea-form"), answers)

    def add_photo(self, colour: str = "teal", size: int = 640) -> None:
        """Choose a photo; with script it goes up at once."""
        choose(self.page, photo(colour, size))
        self.photos += 1
        if self.script:
            expect(self.page.locator("#photos-kept img")).to_have_count(self.photos)
            # The browser asks for the picture only then: whoever loses the cookies before has a gap on the page.
            expect(self.page.locator("#photos-kept img").last).to_have_js_property("complete", True)

    def press(self, selector: str) -> None:
        scenes.press(self.page, selector)

    def check(self) -> None:
        self.press(CHECK)
        self.page.wait_for_url("**/check/**")

    def send(self) -> str:
        self.press(SEND)
        self.page.wait_for_url("**/done/**")
        return self.page.inner_text("#receipt")

    def go_on(self) -> None:
        """Open the form again and press "go on with it", where the page offers that."""
        self.open()
        link = self.page.locator(".notice a[href*='change=']")
        if link.count():
            self.press(".notice a[href*='change=']")


def photo(colour: str = "teal", size: int = 640, name: str = "photo.jpg") -> dict:
    content = factories.photo_file(size=(size, size * 3 // 4), colour=colour).read()
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def noise(megabytes: float, name: str = "large.jpg") -> dict:
    """A file of a wished size; whether it is a photo does not matter."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": b"\xff\xd8" + b"\x01" * int(megabytes * 1024 * 1024)}


def choose(page: Page, *files: dict) -> None:
    page.set_input_files("#id_photos", list(files))


# --- The steps of the way ---
def half(scene: Scene) -> None:
    """Some words are typed; nothing was pressed."""
    scene.words = {"title": TITLE, "problem": PROBLEM}
    scene.open()
    scene.fill(**scene.words)


def with_photos(scene: Scene) -> None:
    """All is filled in and a photo is uploaded: by the script, or by "save and go on later"."""
    scene.open()
    scene.fill(**ANSWERS)
    scene.add_photo()
    if not scene.script:
        scene.press(SAVE)


def checking(scene: Scene) -> None:
    with_photos(scene)
    scene.check()


def sent(scene: Scene) -> None:
    checking(scene)
    scene.send()


def with_error(scene: Scene) -> None:
    """The form came back with an error in it."""
    scene.words = {**WORDS, "title": ""}
    scene.open()
    scene.fill(**{**ANSWERS, "title": ""})
    scene.add_photo()
    scene.press(CHECK)
    expect(scene.page.locator(".error-summary")).to_be_visible()


def amending(scene: Scene) -> None:
    """An own idea is opened by number and code, and its text half changed."""
    made = factories.receive(scene.campaign)
    scenes.track(scene.page, made.idea.receipt, made.code)
    scene.words = {"problem": "改到一半的问题。", "proposal": "改到一半的建议。"}
    scene.form = "/track/amend/"
    scene.open()
    scenes.fill_in(scene.page.locator("#act-form"), scene.words)


def answering(scene: Scene) -> None:
    """The office has asked; the answer is half written."""
    made = factories.receive(scene.campaign)
    moderator = factories.make_user(Role.MODERATOR)
    return_idea(idea=made.idea, moderator=moderator, at=timezone.now(), question="请写明是哪个路口。")
    scenes.track(scene.page, made.idea.receipt, made.code)
    scene.words = {"answer": "写到一半的答复。"}
    scene.form = "/track/answer/"
    scene.open()
    scenes.fill_in(scene.page.locator("#act-form"), scene.words)


STEPS = {
    "error": with_error, "half": half, "photos": with_photos, "check": checking, "sent": sent,
    "amend": amending, "answer": answering,
}  # fmt: skip


# --- What is there ---
def shown(page: Page) -> str:
    """All that stands on a page, in its fields as well."""
    return page.evaluate(
        """document.querySelector("main").innerText +
           [...document.querySelectorAll("main input, main textarea")].map(field => field.value).join("\\n")"""
    )


def lost(scene: Scene) -> list[str]:
    """What is not there (any more): words, and photos that can be seen."""
    text = shown(scene.page)
    missing = [word for word in scene.words.values() if word not in text]
    pictures = scene.page.evaluate(
        "[...document.querySelectorAll('.photos img')].filter(img => img.complete && img.naturalWidth).length"
    )
    return missing + [f"photos: {pictures}"] * (pictures != scene.photos)


def assert_nothing_lost(scene: Scene) -> None:
    scene.page.wait_for_load_state()
    until = time.monotonic() + PATIENCE
    while lost(scene) and time.monotonic() < until:  # the script may still be asking
        scene.page.wait_for_timeout(100)
    assert lost(scene) == []


def assert_sent_whole(scene: Scene) -> None:
    """The idea is in, once, with all its words and photos."""
    idea = Idea.objects.get()
    assert {name: getattr(idea, name) for name in scene.words} == scene.words
    assert (idea.photos.count(), Photo.objects.count()) == (scene.photos, scene.photos)


# --- The faults ---
def reload(scene: Scene) -> None:
    scene.page.reload()


def back_and_forward(scene: Scene) -> None:
    scene.page.go_back()
    scene.page.go_forward()


def leave_and_come_back(scene: Scene) -> None:
    scenes.visit(scene.page, "/privacy/")
    scene.page.go_back()


def close_the_tab(scene: Scene) -> None:
    """And open the form again in the same browser."""
    tab = scene.page.context.new_page()
    scene.page.close()
    scene.page = tab
    scene.go_on()


def lose_the_cookies(scene: Scene) -> None:
    """While the page stands open; its button leads to "we could not accept this form"."""
    scene.page.context.clear_cookies()
    scene.press(CHECK)
    expect(scene.page.locator("h1")).to_have_text(re.compile("未能提交"))


def meet_the_deadline(scene: Scene) -> None:
    close(scene.campaign)
    scene.press(CHECK)


def lose_the_line(scene: Scene) -> None:
    """While sending; then back."""
    scene.page.context.set_offline(True)
    scenes.press_in_vain(scene.page, CHECK)
    scene.page.context.set_offline(False)
    scene.page.go_back()


def have_larger_letters(scene: Scene) -> None:
    scene.press("header button[name=elder]")


def stay_too_long(scene: Scene) -> None:
    """The half hour ends; the idea is opened again by number and code on the page that says so."""
    code = "AAAA2222"
    salt = "salt"
    Idea.objects.update(code_hash=hash_code(code, salt))  # as after a new code: the session is of no use any more
    scene.press(CHECK)
    scenes.fill_in(scene.page.locator("#kept-form"), {"receipt": Idea.objects.get().receipt, "code": code})
    scene.press(CHECK)


def come_back_after_an_error(scene: Scene) -> None:
    scene.page.fill("[name=title]", "")
    scene.press(CHECK)
    expect(scene.page.locator(".error-summary")).to_be_visible()
    tab = scene.page.context.new_page()
    scene.page.close()
    scene.page = tab
    scene.open()


def close(campaign: Campaign) -> None:
    campaign.closes_at = timezone.now() - timedelta(seconds=1)
    campaign.rating_from = campaign.rating_until = None
    campaign.save()


def reload_too_late(scene: Scene) -> None:
    close(scene.campaign)
    scene.page.reload()


def come_back_too_late(scene: Scene) -> None:
    close(scene.campaign)
    tab = scene.page.context.new_page()
    scene.page.close()
    scene.page = tab
    scenes.visit(tab, scene.form, 410)


def larger_letters_too_late(scene: Scene) -> None:
    meet_the_deadline(scene)
    scene.press("header button[name=elder]")


@dataclass(frozen=True)
class Case:
    fault: Callable[[Scene], None]
    step: str
    script: bool

    def __str__(self) -> str:
        return f"{self.fault.__name__}-{self.step}-{'script' if self.script else 'plain'}"


def cases(fault: Callable[[Scene], None], *steps: str, script: tuple[bool, ...] = (True, False)) -> list[Case]:
    return [Case(fault, step, on) for step in steps for on in script]


TABLE = [
    *cases(reload, "half", script=(True,)),
    *cases(reload, "photos", "check"),
    *cases(back_and_forward, "check"),
    *cases(leave_and_come_back, "half", "photos", "check"),
    *cases(close_the_tab, "half", script=(True,)),
    *cases(close_the_tab, "photos", "check"),
    *cases(leave_and_come_back, "error"),
    *cases(leave_and_come_back, "amend", "answer", script=(False,)),
    *cases(lose_the_line, "amend", "answer", script=(False,)),
    *cases(have_larger_letters, "amend", "answer", script=(False,)),
    *cases(stay_too_long, "amend", "answer", script=(False,)),
    *cases(come_back_after_an_error, "amend", script=(False,)),
    *cases(meet_the_deadline, "half", "photos", "check"),
    *cases(reload_too_late, "half", script=(True,)),
    *cases(reload_too_late, "photos"),
    *cases(come_back_too_late, "half", script=(True,)),
    *cases(come_back_too_late, "photos"),
    *cases(larger_letters_too_late, "half", "photos", "check"),
]


@pytest.fixture
def campaign(db):
    return scenes.campaign()


@pytest.fixture
def scene(new_page, campaign):
    """A function that brings a new resident to a step."""

    def start(step: str, script: bool = True, **options) -> Scene:
        made = Scene(new_page(360, script=script, meant=MEANT, **options), campaign, script)
        STEPS[step](made)
        return made

    return start


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_nothing_is_lost(scene, case):
    there = scene(case.step, case.script)
    case.fault(there)
    assert_nothing_lost(there)


# --- 1 to 3: wrong answers, wrong files ---
WRONG = {
    "no-photo": {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x" * 100},
    "damaged": {"name": "damaged.jpg", "mimeType": "image/jpeg", "buffer": photo()["buffer"][:400]},
    "oversize": noise(1.1, "large.jpg"),
}
both = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


@both
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_costs_neither_words_nor_the_photo_before_it(scene, settings, wrong, script):
    settings.IDEAS_PHOTO_MEGABYTES = 1
    there = scene("photos", script)
    there.fill(**CONSENTS)
    choose(there.page, WRONG[wrong])
    if not script:
        there.press(CHECK)
    expect(there.page.locator("main")).to_contain_text(WRONG[wrong]["name"])
    assert_nothing_lost(there)
    there.check()
    there.send()
    assert_sent_whole(there)


@both
def test_too_many_photos_are_named_and_the_others_kept(scene, settings, script):
    settings.IDEAS_PHOTOS = 2
    there = scene("photos", script)
    colours = ("red", "blue", "green")
    choose(there.page, *(photo(colour, name=f"{colour}.jpg") for colour in colours))
    if not script:
        there.press(CHECK)
    expect(there.page.locator("main")).to_contain_text("green.jpg")
    there.photos = 2
    assert_nothing_lost(there)


# --- 4: back and forward ---
@both
def test_back_from_the_check_page_and_on_again_sends_one_photo_once(scene, script):
    there = Scene(scene("half", script).page, Campaign.objects.get(), script)
    there.open()
    there.fill(**ANSWERS)
    there.add_photo()
    there.check()
    there.page.go_back()
    there.page.wait_for_timeout(300)
    there.check()
    assert_nothing_lost(there)
    there.send()
    assert_sent_whole(there)


def test_back_from_the_receipt_leads_to_the_receipt(scene):
    there = scene("sent", script=False)
    receipt = there.page.inner_text("#receipt")
    there.page.go_back()
    assert there.page.inner_text("#receipt") == receipt
    there.page.go_forward()
    assert there.page.inner_text("#receipt") == receipt


# --- 5: two tabs ---
OTHER = {"title": "建议在河边加装护栏", "problem": "河边步道没有护栏，孩子容易落水。", "proposal": "加装一米高的护栏。"}


def two_tabs(scene, script: bool) -> tuple[Scene, Scene]:
    """Filled in by turns, each with its own words."""
    first = scene("half", script)
    second = Scene(first.page.context.new_page(), first.campaign, script, words={**OTHER, "place": "河边"})
    second.open()
    second.page.wait_for_timeout(400)
    second.fill(**{**ANSWERS, **second.words})
    first.words = dict(WORDS)
    first.fill(**ANSWERS)
    second.add_photo("blue")
    first.add_photo("red")
    return first, second


@both
def test_two_tabs_filled_in_by_turns_become_two_ideas(scene, script):
    first, second = two_tabs(scene, script)
    for tab in (first, second):
        tab.check()
    for tab in (first, second):
        assert_nothing_lost(tab)
        tab.send()
    found = {idea.title: (idea.problem, idea.photos.count()) for idea in Idea.objects.all()}
    assert found == {TITLE: (PROBLEM, 1), OTHER["title"]: (OTHER["problem"], 1)}


@both
def test_the_forms_of_two_tabs_are_both_offered_when_the_form_is_opened_again(scene, script):
    first, second = two_tabs(scene, script)
    for tab in (first, second):
        tab.check()
    second.open()
    for title in (TITLE, OTHER["title"]):
        expect(second.page.locator(".notice", has_text=title).locator("a[href*='change=']")).to_be_visible()


def test_each_of_two_tabs_finds_its_own_words_after_a_reload(scene):
    tabs = two_tabs(scene, script=True)
    for tab in tabs:
        tab.page.reload()
        assert_nothing_lost(tab)


@both
def test_one_form_changed_in_two_tabs_is_kept_twice_with_its_photo(scene, script):
    first = scene("check", script)
    second = Scene(
        first.page.context.new_page(), first.campaign, script, words={**WORDS, "title": OTHER["title"]}, photos=1
    )
    for tab in (first, second):
        scenes.visit(tab.page, f"{tab.form}?change")
        tab.page.wait_for_timeout(400)
    first.words["problem"] = "第一个标签页里改的。"
    second.fill(title=second.words["title"])
    second.press(CHECK)
    first.fill(problem=first.words["problem"])
    first.press(CHECK)
    expect(first.page.locator(".notice.warn[role=alert]")).to_be_visible()
    assert_nothing_lost(first)
    first.press(".notice.warn a")
    first.words = second.words
    assert_nothing_lost(first)


@both
def test_a_change_after_going_back_is_a_change_of_the_same_form(scene, script):
    there = scene("check", script)
    there.page.go_back()
    there.words["problem"] = "回来以后改的。"
    there.fill(problem=there.words["problem"])
    there.check()
    assert_nothing_lost(there)
    assert Draft.objects.count() == 1


# --- 6: the cookies end ---
def test_without_cookies_a_post_shows_the_words_to_copy(scene):
    there = scene("half", script=False)
    lose_the_cookies(there)
    assert_nothing_lost(there)


@pytest.mark.parametrize("step", ["half", "photos", "check"])
def test_after_the_cookies_ended_the_script_brings_everything_back(scene, step):
    there = scene(step)
    lose_the_cookies(there)
    there.go_on()
    assert_nothing_lost(there)


@pytest.mark.parametrize("step", ["photos", "check"])
def test_after_the_cookies_ended_the_page_leads_back_to_what_is_kept(scene, step):
    there = scene(step, script=False)
    lose_the_cookies(there)
    there.press("main a[href*='/resume/']")
    assert_nothing_lost(there)


def test_the_private_link_brings_everything_to_another_browser(scene, new_page):
    there = scene("photos", script=False)
    link = there.page.get_attribute("#private-link", "href")
    there.page = new_page(360)
    scenes.visit(there.page, re.sub("^https?://[^/]+", "", link))
    assert_nothing_lost(there)


def test_after_the_cookies_ended_the_page_leads_back_to_a_photo_that_the_script_sent(scene):
    """Nothing but the photo is at the server; the words are shown."""
    there = scene("photos")
    lose_the_cookies(there)
    assert [word for word in there.words.values() if word not in shown(there.page)] == []
    there.press("main a[href*='/resume/']")
    assert_nothing_lost(there)


# --- 7: the server is killed and started again ---
class Portal:
    """A portal as in life, with data of its own, that can be killed like a machine that loses power."""

    def __init__(self, folder: Path) -> None:
        self.env = start.environment(folder)
        copy_file(folder / "portal.sqlite3")
        start.prepare(self.env)
        self.campaign = SimpleNamespace(slug=start.seed(self.env, "--ideas=1", "--stage=collecting"))
        self.port = start.free_port()
        self.start()

    def start(self) -> None:
        self.running = start.launch("portal.wsgi", self.env, self.port)

    def kill(self) -> None:
        if self.running.poll() is not None:
            return
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        while self._answers():  # its workers die a moment later
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((start.HOST, self.port)) == 0


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    made = Portal(tmp_path_factory.mktemp("portal"))
    yield made
    made.kill()


@pytest.mark.xdist_group("killed")  # one portal for both
@both
def test_a_server_that_is_killed_between_the_steps_loses_nothing(portal, browser, script):
    context = browser.new_context(base_url=f"http://{start.HOST}:{portal.port}", java_script_enabled=script)
    there = Scene(context.new_page(), portal.campaign, script)
    there.open()
    topic = there.page.get_attribute("[name=topic]", "value")
    there.fill(**{**ANSWERS, "area": "350211001005", "topic": topic, "phone": f"0592-606 000{int(script)}"})
    there.add_photo()
    if not script:
        there.press(SAVE)
    portal.kill()
    scenes.press_in_vain(there.page, CHECK)
    portal.start()
    there.page.go_back()
    there.check()
    assert_nothing_lost(there)
    portal.kill()
    portal.start()
    send_or_try_again(there)
    scenes.track(there.page, there.page.inner_text("#receipt"), there.page.inner_text("#query-code"))
    expect(there.page.locator("h1")).to_have_text(TITLE)
    context.close()


def send_or_try_again(there: Scene) -> None:
    """The browser may post over the line that the killed server left; then a resident goes back and presses again."""
    try:
        there.send()
    except PlaywrightError as error:
        if "net::ERR_" not in str(error):
            raise
        scenes.expect_error_page(there.page)
        there.page.go_back()
        there.send()


# --- 8: 500 and 503 ---
def broken(error: Exception) -> Callable[..., None]:
    def fail(**_about: object) -> None:
        raise error

    return fail


ERRORS = {"500": RuntimeError("broken on purpose"), "503": OperationalError("no database, on purpose")}


@both
@pytest.mark.parametrize("status", ERRORS)
def test_when_the_post_of_the_form_fails_the_page_shows_the_words_and_back_leads_to_the_form(
    scene, monkeypatch, status, script
):
    there = scene("half", script)
    with monkeypatch.context() as fault:
        fault.setattr(drafts, "keep_draft", broken(ERRORS[status]))
        there.press(CHECK)
        assert_nothing_lost(there)
    there.page.go_back()
    assert_nothing_lost(there)


@both
def test_after_a_failed_post_the_form_goes_on_with_words_and_photos(scene, monkeypatch, script):
    there = scene("photos", script)
    with monkeypatch.context() as fault:
        fault.setattr(drafts, "keep_draft", broken(ERRORS["500"]))
        there.press(CHECK)
    there.go_on()
    assert_nothing_lost(there)


@both
@pytest.mark.parametrize("status", ERRORS)
def test_when_sending_fails_back_leads_to_the_check_page_and_the_idea_goes(scene, monkeypatch, status, script):
    there = scene("check", script)
    with monkeypatch.context() as fault:
        fault.setattr(drafts, "send_draft", broken(ERRORS[status]))
        there.press(SEND)
    there.page.go_back()
    assert_nothing_lost(there)
    there.send()
    assert_sent_whole(there)


# --- 10: no network ---
def test_offline_the_form_stays_and_goes_when_the_network_is_back(scene):
    there = scene("photos")
    there.page.context.set_offline(True)
    there.page.click(CHECK)
    expect(there.page.locator("#form-says.bad")).to_be_in_viewport()
    assert_nothing_lost(there)
    there.page.context.set_offline(False)
    there.check()
    there.send()
    assert_sent_whole(there)


def test_a_photo_that_fails_offline_can_be_chosen_again(scene):
    there = scene("half")
    there.page.context.set_offline(True)
    choose(there.page, photo())
    expect(there.page.locator("#form-says.bad")).to_be_visible()
    assert_nothing_lost(there)
    there.page.context.set_offline(False)
    there.add_photo()
    assert_nothing_lost(there)


def test_offline_the_check_page_is_not_lost(scene):
    there = scene("check")
    there.page.context.set_offline(True)
    scenes.press_in_vain(there.page, SEND)
    there.page.context.set_offline(False)
    there.page.go_back()  # to the form: the failed post took the place of the check page
    assert_nothing_lost(there)
    there.check()
    there.send()
    assert_sent_whole(there)


def test_a_photo_that_hangs_can_be_left_out_and_the_pressed_button_goes_on(scene):
    there = scene("half")
    there.fill(**ANSWERS)
    there.words = dict(WORDS)
    there.page.clock.install()
    there.page.route("**/submit/photos/", lambda route: None)  # no answer, ever
    choose(there.page, photo())
    there.page.click(CHECK)
    there.page.clock.run_for(21_000)
    there.page.click("#form-says button")
    there.page.wait_for_url("**/check/**")
    assert_nothing_lost(there)


# --- 11: a proxy says 413 ---
def test_a_photo_too_large_for_the_proxy_costs_nothing_else(scene):
    there = scene("photos")
    there.page.route("**/submit/photos/", lambda route: route.fulfill(status=413, body="too large"))
    choose(there.page, photo("red"))
    expect(there.page.locator("#form-says.bad")).to_be_visible()
    there.check()
    there.send()
    assert_sent_whole(there)


def test_without_script_back_from_the_413_of_a_proxy_leads_to_the_filled_form(scene):
    there = scene("half", script=False)
    choose(there.page, photo())
    there.page.route("**/submit/?keep", lambda route: route.fulfill(status=413, body="too large"), times=1)
    there.press(CHECK)
    there.page.go_back()
    assert_nothing_lost(there)


# --- 13: another language, other letters ---
@both
@pytest.mark.parametrize("button", ["language", "elder"])
def test_language_and_letters_change_half_way_and_keep_words_and_photos(scene, button, script):
    there = Scene(scene("half", script).page, Campaign.objects.get(), script)
    there.fill(**ANSWERS)
    choose(there.page, photo())
    there.photos = 1
    there.press(f"header button[name={button}]")
    assert_nothing_lost(there)


# --- 14: double clicks ---
def double_click(page: Page, selector: str) -> None:
    """Two clicks as fast as a finger is; the page that they lead to is there afterwards.

    The second click may cancel the answer to the first: what counts is the new document, whichever it answers.
    """
    page.evaluate("document.documentElement.dataset.before = ''")
    page.dblclick(selector, no_wait_after=True)
    expect(page.locator("html:not([data-before])")).to_be_attached()
    page.wait_for_timeout(500)
    page.wait_for_load_state()


@both
def test_a_double_click_on_check_and_on_send_makes_one_idea(scene, script):
    there = Scene(scene("half", script).page, Campaign.objects.get(), script)
    there.fill(**ANSWERS)
    there.add_photo()
    double_click(there.page, CHECK)
    expect(there.page).to_have_url(re.compile("/check/"))
    double_click(there.page, SEND)
    expect(there.page).to_have_url(re.compile("/done/"))
    assert_sent_whole(there)


@both
@pytest.mark.parametrize("button", [SAVE, "header button[name=language]"], ids=["save", "language"])
def test_a_double_click_on_a_button_that_stays_keeps_one_form(scene, button, script):
    there = Scene(scene("half", script).page, Campaign.objects.get(), script)
    there.fill(**ANSWERS)
    there.add_photo()
    double_click(there.page, button)
    assert_nothing_lost(there)
    assert (Draft.objects.count(), Photo.objects.count()) == (1, 1)


# --- What the form's script does ---
def stored(page: Page, store: str) -> str:
    return page.evaluate(f"JSON.stringify(Object.assign({{}}, {store}))")


def test_a_count_says_what_is_too_long_and_never_blocks(scene):
    there = scene("photos")
    there.words["title"] = "路" * 61
    there.fill(title=there.words["title"])
    expect(there.page.locator(".count.over")).to_contain_text("61")
    there.press(CHECK)
    expect(there.page.locator(".error-summary a[href$=id_title]")).to_be_visible()
    assert_nothing_lost(there)


def test_the_count_counts_characters_and_not_code_units(scene):
    there = scene("half")
    there.fill(title="路灯💡")
    expect(there.page.locator(".count").first).to_contain_text("3")


def test_who_somebody_is_stays_in_the_tab(scene):
    there = scene("photos")
    there.fill(email="resident@example.com")
    contact = ("林小满", PERSON["phone"], "resident@example.com", "海边的风")
    assert [word for word in contact if word in stored(there.page, "localStorage")] == []
    assert [word for word in contact if word not in stored(there.page, "sessionStorage")] == []


def test_the_tab_brings_back_who_somebody_is_and_another_tab_does_not(scene):
    there = scene("photos")
    there.page.reload()
    expect(there.page.locator("#id_name")).to_have_value("林小满")
    close_the_tab(there)
    assert_nothing_lost(there)
    assert there.page.input_value("#id_name") == ""


def test_the_copy_in_the_browser_goes_once_the_idea_was_sent(scene):
    there = scene("sent")
    there.open()
    there.page.wait_for_timeout(300)
    assert (there.page.input_value("#id_title"), TITLE in stored(there.page, "localStorage")) == ("", False)
    assert "林小满" not in stored(there.page, "sessionStorage")


def test_a_copy_of_what_was_posted_lives_no_longer_than_the_receipt(scene):
    there = scene("check")
    there.page.evaluate(
        """Object.keys(localStorage).forEach(name => {
            const forms = JSON.parse(localStorage[name])
            Object.values(forms).forEach(form => { form.at -= 25 * 3600 * 1000 })
            localStorage[name] = JSON.stringify(forms)
        })"""
    )
    there.page.context.clear_cookies()
    there.open()
    there.page.wait_for_timeout(300)
    assert there.page.input_value("#id_title") == ""


def test_forgetting_the_receipt_forgets_what_the_browser_kept(scene):
    there = scene("sent")
    there.press("main form.no-print button")
    there.open()
    there.page.wait_for_timeout(300)
    assert (there.page.input_value("#id_title"), TITLE in stored(there.page, "localStorage")) == ("", False)


def test_after_forgetting_the_receipt_going_back_shows_nobody(scene):
    there = scene("half")
    there.fill(**ANSWERS)
    there.check()
    there.send()
    there.press("main form.no-print button")
    shown = set()
    for _back in range(6):
        there.page.go_back()
        there.page.wait_for_timeout(600)
        fields = there.page.locator("#idea-form input, #idea-form textarea")
        shown |= {words for words in fields.evaluate_all("fields => fields.map(field => field.value)") if words}
        assert there.page.locator("#idea-form").count() == 0 or there.page.locator("#idea-form").is_visible()
    assert not shown & {*WORDS.values(), PERSON["name"], PERSON["phone"], PERSON["net_name"]}


def test_without_script_the_page_says_to_close_the_window(scene):
    there = scene("sent", script=False)
    there.press("main form.no-print button")
    assert "关闭" in there.page.inner_text("main .notice.warn")


def test_what_came_back_can_be_emptied(scene):
    there = scene("half")
    there.page.reload()
    there.press("#form-says button")
    there.page.wait_for_timeout(300)
    assert there.page.input_value("#id_title") == ""


def test_words_typed_after_saving_are_newer_than_the_saved_ones(scene):
    there = scene("photos")
    there.press(SAVE)
    there.words["problem"] = "后来补充的一句话。"
    there.fill(problem=there.words["problem"])
    close_the_tab(there)
    assert_nothing_lost(there)


def test_words_typed_elsewhere_by_the_private_link_are_a_form_of_their_own(scene, new_page):
    there = scene("photos")
    there.press(SAVE)
    link = re.sub("^https?://[^/]+", "", there.page.get_attribute("#private-link", "href"))
    there.words["problem"] = "先在这台手机上改的。"
    there.fill(problem=there.words["problem"])
    other = Scene(new_page(1366), there.campaign, script=True, photos=1)
    scenes.visit(other.page, link)
    other.words["problem"] = "后来在电脑上改的。"
    other.fill(problem=other.words["problem"])
    other.press(SAVE)
    there.go_on()
    there.page.wait_for_timeout(300)
    assert_nothing_lost(there)
    assert_nothing_lost(other)
    assert (Draft.objects.count(), Photo.objects.count()) == (2, 2)


def slow_line(page: Page, kilobytes: int) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    speed = {"latency": 50, "downloadThroughput": 1024 * 1024, "uploadThroughput": kilobytes * 1024}
    session.send("Network.emulateNetworkConditions", {"offline": False, **speed})


def test_an_upload_shows_how_far_it_is_and_a_button_pressed_meanwhile_waits_for_it(scene):
    there = scene("half")
    there.fill(**ANSWERS)
    there.words = dict(WORDS)
    slow_line(there.page, 100)
    large = {**photo(), "buffer": photo()["buffer"].ljust(250 * 1024, b"\0")}
    there.page.locator("#id_photos").scroll_into_view_if_needed()
    choose(there.page, large)
    expect(there.page.locator("#form-says progress")).to_be_in_viewport()
    there.photos = 1
    there.check()
    assert_nothing_lost(there)


def test_a_wrong_photo_is_read_about_before_the_form_goes_on(scene):
    there = scene("half")
    there.fill(**ANSWERS)
    slow_line(there.page, 100)
    choose(there.page, {**WRONG["no-photo"], "buffer": b"x" * 100_000})
    there.page.click(CHECK, no_wait_after=True)
    expect(there.page.locator("#photos-kept .field-error")).to_contain_text("notes.txt")
    assert Idea.objects.count() == 0
    assert there.page.url.endswith("/submit/")


def test_photos_chosen_one_after_the_other_all_go_up(scene):
    there = scene("half")
    slow_line(there.page, 100)
    for colour in ("red", "blue", "green"):
        choose(there.page, photo(colour))
    expect(there.page.locator("#photos-kept img")).to_have_count(3)


@both
def test_a_photo_can_be_taken_out_and_the_words_stay(scene, script):
    there = scene("photos", script)
    there.page.click("button[name=drop_photo]")  # without script the form comes back, with it the page stays
    expect(there.page.locator("#photos-kept img")).to_have_count(0)
    there.photos = 0
    assert_nothing_lost(there)
    assert Photo.objects.count() == 0


def test_a_photo_after_the_deadline_says_that_the_campaign_is_over(scene):
    there = scene("photos")
    there.campaign.closes_at = timezone.now() - timedelta(seconds=1)
    there.campaign.rating_from = there.campaign.rating_until = None
    there.campaign.save()
    choose(there.page, photo("red"))
    expect(there.page.locator("#form-says.bad")).to_be_visible()
    assert_nothing_lost(there)


# --- The whole way by keyboard alone, without script ---
def test_the_whole_way_with_a_photo_by_keyboard_alone(scene):
    there = Scene(scene("half", script=False).page, Campaign.objects.get(), False)
    there.open()
    key, write = there.page.keyboard.press, there.page.keyboard.insert_text
    for name, keys in (("title", TITLE), ("topic", "Space"), ("problem", PROBLEM), ("proposal", PROPOSAL)):
        tab_to(there.page, f"[name={name}]")
        (key if keys == "Space" else write)(keys)
    tab_to(there.page, "[name=area]")
    key("ArrowDown")
    key("ArrowDown")
    tab_to(there.page, "[name=place]")
    write(WORDS["place"])
    tab_to(there.page, "[name=photos]")
    choose(there.page, photo())  # the browser's own dialogue; reaching the field is what is ours
    there.photos = 1
    for name, words in (("phone", "0592-606 0000"), ("name", "林小满")):
        tab_to(there.page, f"[name={name}]")
        write(words)
    for name in ("age_14", "consent"):
        tab_to(there.page, f"[name={name}]")
        key("Space")
    for step in ("check", "done"):
        tab_to_and_press(there.page, CHECK)
        there.page.wait_for_url(f"**/{step}/")
    assert_sent_whole(there)
    receipt, code = there.page.inner_text("#receipt"), there.page.inner_text("#query-code")
    tab_to_and_press(there.page, "main a[href*='receipt=']")
    there.page.wait_for_url("**/track/**")
    tab_to(there.page, "#id_code")
    write(code)
    key("Enter")
    expect(there.page.locator("h1")).to_have_text(TITLE)
    assert receipt in there.page.content()
    tab_to_and_press(there.page, "a[href*='/track/amend/']")
    there.page.wait_for_url("**/amend/**")
    tab_to(there.page, "#id_place")
    write("（南侧）")
    tab_to_and_press(there.page, CHECK)
    expect(there.page.locator(".notice.good")).to_be_visible()
    tab_to_and_press(there.page, "a[href*='/track/withdraw/']")
    there.page.wait_for_url("**/withdraw/**")
    tab_to_and_press(there.page, CHECK)
    expect(there.page.locator(".tag")).to_have_text("已撤回")


def tab_to_and_press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    """Go there by the tab key alone, as somebody does who looks where the focus is."""
    for _stop in range(60):
        if page.evaluate("selector => document.activeElement === document.querySelector(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} by keyboard")


# --- What a newcomer lost ---
def test_words_typed_after_an_error_are_there_after_a_reload(scene):
    there = scene("error")
    there.page.fill("#id_problem", "改过之后的问题描述。")
    there.page.reload()
    expect(there.page.locator("#id_problem")).to_have_value("改过之后的问题描述。")


def test_of_several_files_every_fault_is_told(scene):
    there = scene("half")
    choose(there.page, WRONG["no-photo"], photo(), WRONG["damaged"], photo("orange"))
    expect(there.page.locator("#photos-kept img")).to_have_count(2)
    faults = " ".join(there.page.locator("#photos-kept .field-error").all_inner_texts())
    assert ("notes.txt" in faults, "damaged.jpg" in faults) == (True, True)


def test_a_form_that_is_offered_is_not_filled_in_behind_it(scene):
    """A saved form holds more than the browser keeps: who wrote it. A fresh form beside it stays fresh."""
    there = scene("photos")
    there.press(SAVE)
    other = there.page.context.new_page()
    there.page.close()
    scenes.visit(other, there.form)
    other.wait_for_timeout(600)
    assert (other.input_value("#id_title"), other.locator(".notice a[href*='change=']").count()) == ("", 1)


def test_the_message_of_being_offline_goes_when_the_network_is_back(scene):
    there = scene("half")
    there.page.context.set_offline(True)
    there.page.click(CHECK)
    expect(there.page.locator("#form-says.bad")).to_be_visible()
    there.page.context.set_offline(False)
    expect(there.page.locator("#form-says")).to_have_count(0)
