"""Deciding whether marks count whose giver had become somebody who may not rate the idea."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import Bar, OfficeAct
from ideas.errors import Refusal, Stale
from ideas.models import Campaign, MarkDecision, User
from ideas.queries.access import require
from ideas.queries.doubts import Doubt, doubts_of, open_doubts
from ideas.rules.visible import required
from ideas.services.office import log_act
from ideas.services.transactions import in_one_transaction


def require_decided_marks(campaign: Campaign, *, but: Collection[Bar] = ()) -> None:
    """Refuse while there are marks that may not count and nobody has decided of; `but` are grounds that may wait."""
    waiting = {doubt.rating.assignment.idea.receipt for doubt in open_doubts(campaign) if doubt.bars - set(but)}
    if waiting:
        raise Refusal(
            _("Marks of these ideas may not count; decide on the page “Standing” whether they do: %(ideas)s")
            % {"ideas": " ".join(sorted(waiting))}
        )


@in_one_transaction
def decide_marks(
    *,
    campaign: Campaign,
    ratings: Collection[int],
    expected_bars: Collection[Bar],
    counts: bool,
    reason: str,
    manager: User,
    at: datetime,
    expected_versions: Mapping[int, str] | None = None,
) -> None:
    """Count some marks all the same, or leave them out, with a reason; the office's log keeps each.

    `expected_bars` is what the page said stands against them, `expected_versions` when each was decided last
    (`Doubt.version`). Leaving out changes scores, so the list must not stand yet; an unsealed one is withdrawn first.
    """
    require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    _require_open(campaign, counts=counts)
    reason = required(reason, _("Say why; the office keeps it with the record."))
    there = {doubt.rating.pk: doubt for doubt in doubts_of(campaign)}
    if not ratings or any(pk not in there or there[pk].bars != set(expected_bars) for pk in ratings):
        raise Stale(_("Something has changed about these marks meanwhile. Look at them again."))
    if expected_versions is not None and any(expected_versions.get(pk) != there[pk].version for pk in ratings):
        raise Stale(_("These marks were decided since you opened this page. Look at them again."))
    for pk in sorted(ratings):
        _decide(there[pk], counts, reason, manager, at)


def _require_open(campaign: Campaign, *, counts: bool) -> None:
    shortlist = getattr(campaign, "shortlist", None)
    if shortlist and shortlist.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if shortlist and not counts:
        raise Refusal(_("The shortlist has been proposed from these marks. Withdraw it first, then leave them out."))


def _decide(doubt: Doubt, counts: bool, reason: str, manager: User, at: datetime) -> None:
    grounds = sorted(bar.value for bar in doubt.bars)
    given = {"grounds": grounds, "counts": counts, "reason": reason, "at": at, "by": manager}
    before = doubt.decision.counts if doubt.decision else None
    MarkDecision.objects.update_or_create(rating=doubt.rating, defaults=given)
    assignment = doubt.rating.assignment
    log_act(
        act=OfficeAct.MARK_DECISION,
        at=at,
        actor=manager,
        campaign=assignment.panellist.campaign,
        idea=assignment.idea,
        purpose=reason,
        detail={"panellist": assignment.panellist_id, "grounds": grounds, "counts": counts, "before": before},
    )
