"""Certificates on paper: one sheet each, whatever their words, and nothing runs over or under anything."""

import shutil
import subprocess

import pytest
from django.urls import reverse
from django.utils import timezone

from ideas.choices import Phase
from ideas.models import CampaignPapers, Idea, Shortlist
from ideas.services.certificates import issue_certificates
from tests.browser import scenes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("managers"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("pdfinfo"), reason="no pdfinfo is installed"),
]
# By sheet: whether its words end above what stands below them, and inside its frame.
FAULTS = """() => [...document.querySelectorAll(".certificate")].map(sheet => {
  const box = sheet.getBoundingClientRect(), of = name => sheet.querySelector(name).getBoundingClientRect();
  const words = of(".words"), close = of(".close"), signed = of(".signed"), figure = of("figure");
  return [words.bottom > close.top && "words over the foot", words.right > box.right - 40 && "words too wide",
    close.bottom > box.bottom - 40 && "foot over the frame", figure.right > signed.left && "code over the signature",
  ].filter(Boolean);
}).flat()"""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_stands_on_one_sheet_also_with_the_longest_words(new_page, managers, moderator, language):
    names = {"organiser": "主办单位" * 12, "organiser_en": "Office of the district " * 4, "title": "金点子征集" * 8}
    campaign = scenes.campaign(Phase.REVIEWING, places=3, **names)
    scenes.rated(campaign, moderator)
    shortlist = scenes.signed(scenes.proposed(campaign, managers[0]), *managers)
    scenes.released(shortlist, managers[0])
    Idea.objects.update(published_title="题" * 60)
    campaign = Shortlist.objects.get(pk=shortlist.pk).campaign
    issue_certificates(campaign=campaign, manager=managers[0], at=timezone.now())
    page = new_page(language=language)
    scenes.log_in(page, managers[0])
    usual = {"certificate": "", "certificate_en": ""}
    longest = {
        "certificate": "{name}：\n{title}{campaign}" + "字" * 280,
        "certificate_en": "{name}\n{title} " + "words " * 96,
    }
    for words in (usual, longest):
        CampaignPapers.objects.update_or_create(campaign=campaign, defaults=words)
        scenes.visit(page, reverse("admin:ideas_campaign_certificates_print", args=[campaign.pk]))
        page.emulate_media(media="print")
        assert page.evaluate(FAULTS) == []
        printed = subprocess.run(
            ["pdfinfo", "-"], input=page.pdf(prefer_css_page_size=True), capture_output=True, check=True
        )
        facts = dict(line.split(":", 1) for line in printed.stdout.decode().splitlines() if ":" in line)
        assert (facts["Pages"].strip(), facts["Page size"].strip()) == ("3", "841.92 x 594.96 pts (A4)")
