"""What belongs to a whole campaign: its counted figures, whether it can be announced, and changes while under way."""

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ideas.choices import OfficeAct
from ideas.models import Campaign, User
from ideas.models.sealed import vouch
from ideas.queries.access import require
from ideas.queries.campaigns import Changes, plan_of, vouched_campaign
from ideas.rules.campaigns import faults_of
from ideas.rules.visible import required
from ideas.rules.workflow import funnel
from ideas.services.office import log_act
from ideas.services.transactions import in_one_transaction

FAULTS = {
    "no_topics": _("There are no topics: residents could not send anything."),
    "weights": _("The weights of the criteria must make 100 %% together; they make %(there)s %%."),
    "tiers": _("The award tiers have %(tiers)s places together; the campaign has %(places)s."),
    "one_review": _("One review per idea is too few: the list is sealed only if every idea on it has two."),
    "announced_late": _("The campaign would be announced after collecting has ended."),
    "rating_early": _("Rating would begin before collecting does."),
    "rating_short": _("Rating must end after the last idea can come in, late entry included."),
    "results_early": _("Results cannot be expected before rating ends."),
    "unknown_topic": _("A quota names the topic “%(name)s”, which this campaign does not have."),
    "unknown_street": _("A quota names the street “%(name)s”, where no community is known."),
    "quotas_over": _("The quotas need at least %(wanted)s places; there are %(places)s."),
    "quotas_under": _("The topics' quotas allow %(there)s places at most; there are %(places)s to fill."),
}


def why_not_announced(campaign: Campaign) -> list[str]:
    """What a later stage would refuse if the campaign went ahead as it stands, in words."""
    faults = faults_of(plan_of(campaign))
    return [str(FAULTS[name]) % figures if figures else str(FAULTS[name]) for name, figures in faults]


@in_one_transaction
def note_change(*, campaign: Campaign, manager: User, at: datetime, reason: str, changes: Changes) -> None:
    """Keep why a campaign was changed that residents know already, with the values before and after."""
    require(manager, "ideas.change_campaign")
    reason = required(reason, _("Say why; the office keeps it with the record."))
    act, detail = OfficeAct.CAMPAIGN_CHANGED, {"changes": changes}
    log_act(act=act, at=at, actor=manager, campaign=campaign, purpose=reason, detail=detail)


@in_one_transaction
def vouch_campaign(*, campaign: Campaign) -> None:
    """Whoever writes a campaign, its parts or its pairs ends with this, in the same transaction."""
    row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    campaign.seal = vouch("campaign", vouched_campaign(row))
    Campaign.objects.filter(pk=row.pk).update(seal=campaign.seal)
    _mark_namesakes()


def _mark_namesakes() -> None:
    """Say of each whether another has the same theme, in one of the languages.

    Only rows that are to change are written, and locked: nearly always none.
    """
    same = Q(title=OuterRef("title")) | (Q(title_en=OuterRef("title_en")) & ~Q(title_en=""))
    others = Exists(Campaign.objects.exclude(pk=OuterRef("pk")).filter(same))
    wrong = Campaign.objects.annotate(is_namesake=others).exclude(has_namesake=F("is_namesake"))
    for pk, is_namesake in wrong.order_by("pk").values_list("pk", "is_namesake"):
        Campaign.objects.filter(pk=pk).update(has_namesake=is_namesake)


def refresh_figures(*, campaign: Campaign, at: datetime) -> None:
    """Count the campaign's ideas once and keep the figures with their moment; public pages read only those."""
    rows = campaign.ideas.unrestricted().order_by().values_list("status").annotate(Count("id"))
    campaign.figures = funnel(dict(rows), at=at, released=campaign.is_released)
    campaign.save(update_fields=["figures"])
