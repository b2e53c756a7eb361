"""A real Chromium against the live server. Whatever it complains about fails the test that opened the page."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

# Playwright's sync API keeps an event loop in the test's thread; Django would refuse to use the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# The headless shell opens a page in half the time: it is Chromium without the browser's own windows.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 20_000  # milliseconds; a busy machine is no fault of the portal
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"no browser found: none of {', '.join(NAMES)} is installed"
        if os.environ.get("IDEAS_BROWSER") == "required":
            pytest.fail(f"{reason}, and IDEAS_BROWSER says it is required", pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Complaints(list[str]):
    """What went wrong unseen: errors in the console, violations of the CSP, requests to other hosts."""

    def __init__(self, home: str) -> None:
        super().__init__()
        self.home = home

    def hear(self, message: ConsoleMessage, meant: tuple[int | str, ...]) -> None:
        """Keep an error, unless it says that a page (not a file it needs) has a status that the test means to get."""
        if message.type != "error" and "Content Security Policy" not in message.text:
            return
        is_meant = any(
            (status if isinstance(status, str) else f"responded with a status of {status} ") in message.text
            for status in meant
        )
        if not is_meant or "/static/" in message.location["url"]:
            self.append(f"{message.text} ({message.location['url']})")

    def watch(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.append(f"asked another host: {request.url}")


@pytest.fixture
def new_page(browser, live_server) -> Iterator[Callable[..., Page]]:
    """A function that opens a page of a new visitor, who brings no cookies but those of a wished language and letters.

    `elder` may be "max", its step larger still. `meant` are statuses like 404, or words of a message, that the test
    provokes. After the test nobody may have heard a complaint.
    """
    complaints = Complaints(live_server.url)
    contexts = []

    def open_page(
        width: int = 1366,
        language: str = "zh-hans",
        elder: bool | str = False,
        script: bool = True,
        meant: tuple = (),
        height: int = 800,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, java_script_enabled=script
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda message: complaints.hear(message, meant))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", complaints.watch)
        wishes = {
            settings.LANGUAGE_COOKIE_NAME: language,
            settings.ELDER_COOKIE_NAME: "on" if elder is True else elder or "off",
        }
        chosen = {name: value for name, value in wishes.items() if value not in (settings.LANGUAGE_CODE, "off")}
        context.add_cookies([{"name": name, "value": chosen[name], "url": live_server.url} for name in chosen])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Save a picture of the whole page in the folder that SCREENSHOTS names; without it, do nothing."""
    folder = os.environ.get("SCREENSHOTS")

    def save(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return save
