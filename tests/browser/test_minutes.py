"""The minutes of a list on paper: where their pages break, and what stands on them."""

import shutil
import subprocess

import pytest
from django.urls import reverse

from ideas.choices import Edition, Phase
from ideas.queries.record import latest_record
from tests.browser import scenes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("managers"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext is installed"),
]
SIGNED = ("评审组组长", "经办人", "审核人", "审定人", "监督员", "日期")
# One row more to a list, until the end of a page has gone through all lines of the signatures; a list of thirty and
# one of sixty.
LENGTHS = [*range(14, 34), 60]
LENGTHEN = """n => {
  const body = document.querySelector(".minutes tbody");
  while (body.rows.length < n) body.append(body.rows[0].cloneNode(true));
}"""


def printed(page, folder):
    """The words of each page of paper, without gaps."""
    file = folder / "minutes.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    return ["".join(sheet.split()) for sheet in text.split("\f")[:-1]]


def test_the_signatures_stay_on_one_page_with_the_fingerprint(new_page, managers, moderator, tmp_path):
    campaign = scenes.rated(scenes.campaign(Phase.REVIEWING), moderator)[0].idea.campaign
    shortlist = scenes.signed(scenes.proposed(campaign, managers[0]), *managers)
    page = new_page()
    scenes.log_in(page, managers[0])
    scenes.visit(page, reverse("admin:ideas_shortlist_minutes", args=[shortlist.pk]))
    digest = latest_record(campaign, Edition.ARCHIVE).digest
    for length in LENGTHS:
        page.evaluate(LENGTHEN, length)
        sheets = printed(page, tmp_path)
        assert [all(word in sheet for word in (*SIGNED, digest)) for sheet in sheets].count(True) == 1, length
        assert [length for sheet in sheets if "/admin/" in sheet] == []
