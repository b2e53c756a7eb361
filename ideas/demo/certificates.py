"""The certificates of the demo: handed over at a ceremony, a few still waiting, one withdrawn and issued again."""

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from ideas.models import Campaign, CampaignPapers, Certificate, User
from ideas.services.certificates import issue_anew, issue_certificates, note_handover, withdraw_certificate

WORDING = "{name}：\n您提出的金点子《{title}》，在“{campaign}”征集活动中被评为{tier}。\n特发此证，谢谢您为集美出力。"
WORDING_EN = (
    "{name}\nThe idea “{title}”, sent in to “{campaign}”, has been chosen as {tier}.\n"
    "With the thanks of all who live in Jimei."
)
STILL_WAITING = 4  # nobody has come for these yet


def honour_winners(campaign: Campaign, *, managers: tuple[User, User], at: datetime) -> None:
    """Issue them a week after the release and hand them over two weeks later, in public."""
    words = {"certificate": WORDING, "certificate_en": WORDING_EN}
    CampaignPapers.objects.update_or_create(campaign=campaign, defaults=words)
    first, second = managers
    ceremony = at + timedelta(days=14)
    issue_certificates(campaign=campaign, manager=first, at=at)
    rows = list(Certificate.objects.filter(winner__campaign=campaign).order_by("pk"))
    for place, row in enumerate(rows[:-STILL_WAITING]):
        note_handover(
            certificate=row,
            manager=second,
            at=ceremony,
            expected_version=row.version,
            handed_on=localdate(ceremony),
            handed_by=second.name,
            to="家属代领" if place % 9 == 4 else "本人",
        )
    for row in rows[-1:]:
        withdrawn = withdraw_certificate(
            certificate=row, manager=first, at=ceremony, expected_version=row.version, reason="纸面污损，收回作废。"
        )
        issue_anew(certificate=withdrawn, manager=first, at=ceremony, expected_version=withdrawn.version)
