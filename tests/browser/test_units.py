"""An idea at a unit in a browser: an officer's telephone, the head's, the office's desk, the resident's telephone."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Locator, Page, expect

from ideas.choices import ReferralState
from ideas.models import Photo, Referral
from ideas.services.intake import Sent
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("staff"), pytest.mark.django_db(transaction=True)]
PHONE = 360


@pytest.fixture
def sent(db, moderator) -> Sent:
    return scenes.accepted(scenes.campaign(), moderator)[0]


@pytest.fixture
def referral(sent, moderator) -> Referral:
    unit = factories.make_unit("建设与市政单位")
    return factories.referred([sent.idea], unit, moderator, at=scenes.midnight(0))


def hand_in(page: Page, kind: str, words: str, colour: str, **typed: str) -> None:
    """Fill in the answer with a photo and hand it in."""
    form = page.locator("#unit-form")
    scenes.fill_in(form, {"kind": kind, "public": words, **typed})
    photo = factories.photo_file(colour=colour)
    files = [{"name": "after.jpg", "mimeType": "image/jpeg", "buffer": photo.read()}]
    form.locator("[name=photos]").set_input_files(files)
    scenes.press(page, "#unit-form button.button:not(.second)")


def form_of(page: Page, act: str) -> Locator:
    """The form of an act on the office's page; opened where it is folded."""
    form = page.locator(f"form[action$='/act/{act}/']")
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").click()
    return form


def press_act(page: Page, act: str, **typed: str) -> None:
    scenes.fill_in(form_of(page, act), typed)
    scenes.press(page, f"form[action$='/act/{act}/'] button")


def test_a_unit_answers_and_reports_and_the_resident_says_that_it_is_not_solved(new_page, moderator, sent, referral):
    officer, head, office = new_page(PHONE), new_page(PHONE), new_page()
    desk, sheet = f"/unit/{referral.pk}/", f"/admin/ideas/referral/{referral.pk}/change/"
    scenes.log_in(officer, factories.officer_of(referral.unit), "/unit/")
    scenes.log_in(head, factories.head_of(referral.unit), desk)
    scenes.log_in(office, moderator, sheet)

    scenes.press(officer, "main table a")
    scenes.press(officer, "form[action$='/acknowledge/'] button")
    tomorrow = (localdate() + timedelta(days=1)).isoformat()
    hand_in(officer, "plan", "明天装好两盏路灯。", "grey", adoption="adopted", finish_on=tomorrow)
    scenes.visit(head, desk)
    scenes.press(head, "form[action$='/approve/'] button")
    scenes.visit(office, sheet)
    press_act(office, "release", public="明天装好两盏路灯。")

    scenes.visit(officer, desk)
    hand_in(officer, "done", "两盏路灯已亮。", "gold", stage="after")
    scenes.visit(head, desk)
    scenes.press(head, "form[action$='/approve/'] button")
    scenes.visit(office, sheet)
    press_act(office, "release", public="两盏路灯已亮。")
    looked = {"looked_on": localdate().isoformat(), "looked_by": "周某", "found": "两盏路灯已亮。"}
    press_act(office, "close", **looked)
    assert (Referral.objects.get().state, Photo.objects.count()) == (ReferralState.CLOSED, 2)
    expect(office.locator("main, #content").first).to_contain_text("已办结")

    resident = new_page(PHONE)
    scenes.track(resident, sent.idea.receipt, sent.code)
    scenes.press(resident, "main a[href^='/track/verdict/']")
    verdict = {"is_solved": "no", "satisfaction": "not", "words": "南段还有八十米没有灯。"}
    scenes.fill_in(resident.locator("main form"), verdict)
    scenes.press(resident, "main form button")
    assert Referral.objects.get().state == ReferralState.PLANNED
    scenes.visit(head, desk)
    expect(head.locator("main")).to_contain_text("南段还有八十米没有灯。")


def test_board_and_figures_are_printed_whole_without_their_forms(new_page, moderator, referral):
    page = new_page(718)  # what an upright A4 sheet holds between the usual margins
    scenes.log_in(page, moderator, "/admin/")
    for address in ("board", "figures"):
        scenes.visit(page, f"/admin/ideas/referral/{address}/")
        page.emulate_media(media="print")
        assert page.evaluate("document.querySelector('.figures').getBoundingClientRect().right") <= 718
        expect(page.locator(".board form")).to_be_hidden()
        page.emulate_media(media="screen")
