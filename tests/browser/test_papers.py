"""Poster and slip on paper: one sheet each, and nothing runs over its frame."""

import shutil
import subprocess

import pytest

from ideas.demo.campaigns import TOPICS, make_campaign
from ideas.models import Campaign, CampaignPapers
from tests.browser import scenes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("managers"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("pdfinfo"), reason="no pdfinfo is installed"),
]
SIZES = {"a4": "594.96 x 841.92 pts (A4)", "a3": "841.92 x 1191.12 pts (A3)"}
# What of a poster stands outside its inner frame, or over something else of it.
FAULTS = """() => {
  const poster = document.querySelector(".poster"), em = parseFloat(getComputedStyle(poster).fontSize);
  const box = poster.getBoundingClientRect(), parts = [...poster.children].map(part => part.getBoundingClientRect());
  const isWide = one => one.clientWidth && one.scrollWidth > one.clientWidth + 1;
  const wide = [...poster.querySelectorAll("*")].filter(isWide);
  const over = parts.at(-1).bottom - (box.bottom - 2.5 * em);
  return [over > 0 && `${over} over the frame`, wide.length && "too wide",
    ...parts.slice(1).map((part, place) => part.top < parts[place].bottom - 1 && "over each other"),
  ].filter(Boolean);
}"""


@pytest.fixture
def campaign(settings):
    """The one of nine topics, with words as long as fields take them."""
    settings.IDEAS_PHONE, settings.IDEAS_PHONE_HOURS = "0592-606 0000", "周一至周五 9:00—12:00，14:30—17:30"
    row = make_campaign("safer", slug="safer", at=scenes.midnight(0), **scenes.dates("collecting"))
    assert row.topics.count() == len(TOPICS["safer"]) == 9
    CampaignPapers.objects.update(drop_off="服务大厅" * 20, drop_off_en="The hall of public services " * 6)
    return row


def facts(page):
    printed = subprocess.run(
        ["pdfinfo", "-"], input=page.pdf(prefer_css_page_size=True), capture_output=True, check=True
    ).stdout.decode()
    found = dict(line.split(":", 1) for line in printed.splitlines() if ":" in line)
    return found["Pages"].strip(), found["Page size"].strip()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_fills_one_sheet(new_page, campaign, language):
    page = new_page(language=language)
    for size, paper in SIZES.items():
        scenes.visit(page, f"/campaigns/safer/poster/?size={size}")
        page.emulate_media(media="print")
        assert (page.evaluate(FAULTS), *facts(page)) == ([], "1", paper)
    scenes.visit(page, "/campaigns/safer/slip/")
    assert facts(page) == ("1", SIZES["a4"])


def test_a_long_theme_still_fits(new_page, campaign):
    Campaign.objects.update(title="我有金点子" * 8, summary="说" * 100)
    page = new_page()
    scenes.visit(page, "/campaigns/safer/poster/")
    page.emulate_media(media="print")
    assert (page.evaluate(FAULTS), *facts(page)) == ([], "1", SIZES["a4"])
