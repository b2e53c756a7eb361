"""What stands behind the pages, told from now: the live server runs by the real clock. And how visitors get to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

from ideas.choices import Phase, Role
from ideas.models import Assignment, Campaign, Idea, Shortlist, User
from ideas.services.intake import Sent
from ideas.services.panel import assign_first_round
from ideas.services.proposal import propose_shortlist
from ideas.services.screening import accept_idea
from ideas.services.sealing import publish_originals, seal_shortlist
from tests import factories

PASSWORD = "sea-and-bridge-2022"


def midnight(days: int) -> datetime:
    """Today's first moment, some days later or (negative) earlier."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


def dates(phase: Phase) -> dict[str, datetime]:
    """The moments of a campaign that is in a phase now. While collecting the panel may rate, when reviewing it has."""
    announced, opens, closes, rating_from, rating_until = {
        Phase.UPCOMING: (-1, 3, 20, 21, 30),
        Phase.COLLECTING: (-11, -10, 10, -5, 15),
        Phase.REVIEWING: (-41, -40, -10, -9, -1),
    }[phase]
    return {
        "announced_at": midnight(announced),
        "opens_at": midnight(opens),
        "closes_at": midnight(closes),
        "rating_from": midnight(rating_from),
        "rating_until": midnight(rating_until),
    }


def campaign(phase: Phase = Phase.COLLECTING, **overrides: Any) -> Campaign:
    return factories.make_campaign(**{**dates(phase), **overrides})


def received(campaign: Campaign, count: int = 1, texts: Sequence[dict[str, str]] = ()) -> list[Sent]:
    """Ideas that wait to be screened, in the order of receipt, with invented answers or those of `texts`."""
    start = campaign.opens_at + timedelta(hours=10)
    answers = [*texts, *({} for _ in range(count - len(texts)))]
    return [factories.receive(campaign, start + timedelta(hours=7 * n), **given) for n, given in enumerate(answers)]


def accepted(campaign: Campaign, moderator: User, count: int = 1, texts: Sequence[dict[str, str]] = ()) -> list[Sent]:
    sent = received(campaign, count, texts)
    for one in sent:
        accept_idea(idea=one.idea, moderator=moderator, at=one.idea.received_at + timedelta(hours=5))
    return sent


def shown(campaign: Campaign, moderator: User, texts: Sequence[dict[str, str]]) -> None:
    """Accepted ideas with published texts, which the campaign shows."""
    for one in accepted(campaign, moderator, texts=texts):
        factories.publish(one.idea, moderator)


def seated(campaign: Campaign) -> list[Assignment]:
    """The accepted ideas lie on the desks of a panel of three."""
    factories.make_panel(campaign)
    assign_first_round(campaign=campaign, per_idea=campaign.reviews_per_idea, seed=1, at=timezone.now())
    return list(Assignment.objects.filter(panellist__campaign=campaign).order_by("id"))


def rated(campaign: Campaign, moderator: User, count: int = 5, texts: Sequence[dict[str, str]] = ()) -> list[Sent]:
    """Accepted ideas with all their marks, the first one best, the last one worst."""
    sent = accepted(campaign, moderator, count, texts)
    marks = {one.idea.pk: 9 - place for place, one in enumerate(sent)}
    for assignment in seated(campaign):
        factories.rate(assignment, marks[assignment.idea_id], at=campaign.rating_from + timedelta(hours=1))
    return sent


def proposed(campaign: Campaign, manager: User) -> Shortlist:
    return propose_shortlist(campaign=campaign, manager=manager, at=timezone.now())


def signed(shortlist: Shortlist, *managers: User) -> Shortlist:
    """The list with a signature of each manager; two seal it."""
    for manager in managers:
        shortlist = seal_shortlist(
            shortlist=shortlist, manager=manager, at=timezone.now(), expected_version=shortlist.version
        )
    return shortlist


def released(shortlist: Shortlist, manager: User) -> None:
    """The winners of a sealed list are public, with their original texts where no other is written."""
    act = {"shortlist": shortlist, "manager": manager, "at": timezone.now(), "expected_version": shortlist.version}
    publish_originals(**act)
    factories.release_list(shortlist, (manager, factories.make_user(Role.MANAGER)), at=timezone.now())


def visit(page: Page, address: str, status: int = 200) -> None:
    answer = page.goto(address)
    assert (address, answer and answer.status) == (address, status)


def press(page: Page, selector: str) -> None:
    """Press the first such button or link, and wait until the page that it leads to is there."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def press_in_vain(page: Page, selector: str) -> None:
    """Press such a button where no answer can come, and wait until the browser says so on a page of its own."""
    with pytest.raises(PlaywrightError, match="net::ERR_"):
        press(page, selector)
    expect_error_page(page)


def expect_error_page(page: Page) -> None:
    """Playwright reports a failure before the browser's page about it stands.

    Who goes back in between leaves the page that was typed in for the one before it, which no visitor can do.
    """
    expect(page).to_have_url("chrome-error://chromewebdata/")


def press_act(page: Page, act: str) -> None:
    """Press the button that posts to an address with this end, e.g. "seal"."""
    press(page, f"form[action$='/{act}/'] button")


def address(row: Idea | Shortlist) -> str:
    """Of the row's page in the admin."""
    return f"/admin/ideas/{row._meta.model_name}/{row.pk}/change/"


def status(idea: Idea) -> str:
    return Idea.objects.get(pk=idea.pk).status


def log_in(page: Page, user: User, to: str = "") -> None:
    """Log in by the form; it leads to `to`, or to the person's own desk."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    visit(page, f"/login/?next={to}" if to else "/login/")
    fill_in(page.locator("main form"), {"username": user.username, "password": PASSWORD})
    press(page, "main form button")
    assert "/login/" not in page.url


def fill_in(form: Locator, answers: Mapping[str, str]) -> None:
    """Fill a form's fields in by name: text is typed, a choice is made by its value, a box is ticked."""
    kinds = form.evaluate("form => Object.fromEntries([...form.elements].map(field => [field.name, field.type]))")
    for name, answer in answers.items():
        field = form.locator(f"[name='{name}']")
        match kinds[name]:
            case "radio":
                form.locator(f"[name='{name}'][value='{answer}']").check()
            case "checkbox":
                field.check()
            case "select-one":
                field.select_option(answer)
            case _:
                field.fill(answer)


def track(page: Page, receipt: str, code: str) -> None:
    """Look an idea up by its number and code."""
    visit(page, "/track/")
    fill_in(page.locator("main form"), {"receipt": receipt, "code": code})
    press(page, "main form button")
