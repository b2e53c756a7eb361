"""A long import without a script: the page that grows, closed half-way, and gone on with from another browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from ideas.desks import imports
from ideas.models import Campaign, Idea
from ideas.queries.invariants import violations
from ideas.services import imports as services
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("managers"), pytest.mark.django_db(transaction=True)]
ROWS = 200
COVERED = """() => {
    const far = document.querySelector(".importing progress"), { left, top } = far.getBoundingClientRect();
    return document.elementFromPoint(left + 9, top + 9).closest("section") !== far.closest("section");
}"""


def look_through(page: Page, campaign: Campaign) -> None:
    day = f"{campaign.opens_at:%Y-%m-%d}"
    rows = "".join(f"\n路灯{n},{campaign.topics.all()[0].name},第{n}处很黑。,{day}" for n in range(ROWS))
    table = {"name": "table.csv", "mimeType": "text/csv", "buffer": f"标题,类别,问题,收到日期{rows}".encode()}
    page.set_input_files("[name=file]", table)
    page.locator(".act-accept").click(no_wait_after=True)
    expect(page.locator("[name=take]")).to_be_visible()
    assert page.evaluate(COVERED)  # how far it was gives way to what was found


def test_a_closed_page_costs_no_row_and_doubles_none(new_page, managers, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 10)
    monkeypatch.setattr(imports, "AT_ONCE", 3)
    monkeypatch.setattr(imports, "EVERY_SECONDS", 0)
    campaign = scenes.campaign()
    page = new_page(script=False)
    scenes.log_in(page, managers[0], "/admin/ideas/idea/import/")
    look_through(page, campaign)
    page.locator("[name=take]").click(no_wait_after=True)
    expect(page.locator(".importing li").last).to_contain_text(re.compile(f"共{ROWS}行，已录入[1-9]"))
    expect(page.locator(".importing progress").last).to_be_visible()
    page.close()
    page = new_page(script=False)
    scenes.log_in(page, managers[1], "/admin/ideas/idea/import/")
    look_through(page, campaign)
    expect(page.locator(".alert").nth(1)).to_contain_text("随后中断了")
    scenes.press(page, "[name=take]")
    expect(page.locator(".importing").last).to_contain_text(f"已录入{ROWS}条金点子")
    assert page.evaluate(COVERED)
    assert Idea.objects.values("title").distinct().count() == Idea.objects.count() == ROWS
    assert list(violations()) == []
