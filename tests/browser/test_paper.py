"""A panel on paper: one manager types a sheet in, the other one compares it with the signed one and confirms."""

import pytest
from playwright.sync_api import expect

from ideas.models import Rating
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("managers"), pytest.mark.django_db(transaction=True)]


def test_one_types_a_sheet_in_and_another_one_confirms_it(new_page, moderator, managers):
    campaign = scenes.campaign()
    scenes.accepted(campaign, moderator, 3)
    member = scenes.seated(campaign)[0].panellist
    assignments = list(member.assignments.order_by("id"))
    sheet = f"/admin/ideas/campaign/{campaign.pk}/paper/{member.pk}/"
    page = new_page(meant=(422,))
    scenes.log_in(page, managers[0], sheet)
    for assignment, marks in zip(assignments, (("8", "7", "6", "5"), ("9", "12", "9", "9")), strict=False):
        boxes = page.locator(f"#line-{assignment.pk} input[type=text]")
        for place, mark in enumerate(marks):
            boxes.nth(place).fill(mark)
    scenes.press(page, ".form-acts .act-accept")
    bad = page.locator(f"#line-{assignments[1].pk} .bad-cell input")
    expect(bad).to_have_value("12")
    page.locator(".error-summary li a").click()
    expect(bad).to_be_focused()
    bad.fill("9")
    scenes.press(page, ".form-acts .act-accept")
    expect(page.locator(".error-summary")).to_have_count(0)
    second = new_page()
    scenes.log_in(second, managers[1], f"{sheet}compare/")
    assert second.locator("td.figure").all_inner_texts() == ["8", "7", "6", "5", "9", "9", "9", "9"]
    second.check("[name=compared]")
    scenes.press(second, "button[value=all]")
    assert Rating.objects.counting().filter(entered_by=managers[0], confirmed_by=managers[1]).count() == 2
