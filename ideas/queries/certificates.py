"""Who is honoured with a certificate, what one says on paper, and what everybody may know of one by its code.

Names are read anew each time, as consented for publication: nothing here outlives a consent that was taken back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext, gettext_lazy, override, pgettext

from ideas import conf
from ideas.models import Campaign, CampaignPapers, Certificate, Idea, Resident
from ideas.models.certificates import CertificateQuerySet
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import AnyUser, public_winners, visible_to
from ideas.rules.certificates import Wording, size_of, worded
from ideas.rules.receipts import read_code

# What stands on a certificate as long as a campaign has no wording of its own.
USUAL_WORDING = gettext_lazy(
    "{name}\nThe idea “{title}”, sent in to “{campaign}”, has been chosen as {tier}.\n"
    "With our thanks and congratulations."
)


def honoured(campaign: Campaign) -> IdeaQuerySet:
    """The released winners whose person is known, and the ideas that were merged into one; nobody before release."""
    winners = _public(campaign).values("pk")
    persons = Resident.objects.filter(idea=OuterRef("pk"))
    among = Q(pk__in=winners) | Q(merged_into__in=winners)
    return Idea.objects.unrestricted().filter(among, Exists(persons)).order_by("pk")


def _public(campaign: Campaign) -> IdeaQuerySet:
    """The released winners that everybody can read."""
    return Idea.objects.unrestricted().filter(pk__in=public_winners(campaign).order_by().values("pk"))


def without_certificate(campaign: Campaign) -> IdeaQuerySet:
    """Those of them for whom none was ever issued: one that was withdrawn does not come back by itself."""
    return honoured(campaign).filter(~Exists(Certificate.objects.filter(idea=OuterRef("pk"))))


def certificates_of(user: AnyUser, campaign: Campaign) -> CertificateQuerySet:
    """The register of a campaign, by place, the winner before its co-proposers, an older certificate before a newer."""
    rows = Certificate.objects.filter(winner__campaign=campaign).select_related(
        "idea__resident", "winner__campaign", "winner__shortlist_entry__tier", "issued_by", "noted_by", "withdrawn_by"
    )
    shown = visible_to(user, rows, "idea__restricted", "winner__restricted")
    return shown.order_by("winner__shortlist_entry__rank", "winner", "idea__received_at", "idea", "pk")


def public_name_of(certificate: Certificate) -> str:
    """The name as consented for publication, or ""."""
    resident = getattr(certificate.idea, "resident", None)
    return resident.public_name if resident else ""


@dataclass(frozen=True)
class Sheet:
    """A certificate as it is printed; `language` is that of its wording."""

    certificate: Certificate
    language: str
    wording: Wording
    heading: str
    check: str
    organiser: str
    day: str

    @property
    def address(self) -> str:
        return address_of(self.certificate)

    @property
    def html_language(self) -> str:
        return "en" if self.language == "en" else "zh-Hans"

    @property
    def size(self) -> str:
        """How small its letters must be for all of it to stand on one sheet."""
        return size_of(self.wording)


def address_of(certificate: Certificate) -> str:
    """Where everybody can check it; the staff's own process may not know this address."""
    return f"{conf.site_url()}/certificates/{certificate.shown_code}/"


def sheets(certificates: Iterable[Certificate], campaign: Campaign) -> list[Sheet]:
    text, language = _wording(campaign)
    with override(language):
        return [_sheet(row, campaign, text, language) for row in certificates]


def _wording(campaign: Campaign) -> tuple[str, str]:
    """The campaign's own words, or the usual ones, with their language."""
    papers = CampaignPapers.objects.filter(campaign=campaign).first()
    if papers and (own := papers.text("certificate"))[0]:
        return own
    return str(USUAL_WORDING), "en" if get_language() == "en" else "zh-hans"


def _sheet(row: Certificate, campaign: Campaign, text: str, language: str) -> Sheet:
    day, organiser = _in_words(localdate(campaign.released_at)), campaign.text("organiser")[0]
    facts = {
        "name": public_name_of(row) or gettext("The proposer of %(receipt)s") % {"receipt": row.idea.receipt},
        "title": row.winner.published_title,
        "tier": tier_of(row.winner) or gettext("a golden idea"),
        "campaign": campaign.name,
        "organiser": organiser,
        "day": day,
    }
    heading, check = gettext("Certificate of honour"), gettext("Scan to check that it is real")
    return Sheet(row, language, worded(text, facts), heading, check, organiser, day)


def _in_words(day: date) -> str:
    return date_format(day, pgettext("a day in words", "j F Y"))


def tier_of(winner: Idea) -> str:
    entry = getattr(winner, "shortlist_entry", None)
    return str(entry.tier) if entry and entry.tier else ""


@dataclass(frozen=True)
class Checked:
    """What everybody may know of a certificate. Of one that was withdrawn, or whose idea is not public any more, that
    alone."""

    certificate: Certificate
    campaign: Campaign
    is_shown: bool
    name: str = ""
    tier: str = ""

    @property
    def is_real(self) -> bool:
        return self.certificate.is_standing

    @property
    def winner(self) -> Idea:
        return self.certificate.winner


def checked(typed: str) -> Checked | None:
    """The certificate of a code as somebody typed or scanned it; None for every code that is not one of ours."""
    rows: QuerySet[Certificate] = Certificate.objects.select_related(
        "idea__resident", "winner__campaign", "winner__shortlist_entry__tier"
    )
    row = rows.filter(code=read_code(typed)).first()
    if row is None:
        return None
    campaign = row.winner.campaign
    is_public = not row.idea.restricted and _public(campaign).filter(pk=row.winner_id).exists()
    if not (row.is_standing and is_public):
        return Checked(row, campaign, is_shown=False)
    return Checked(row, campaign, is_shown=True, name=public_name_of(row), tier=tier_of(row.winner))
