"""One idea leaves the list for another, or two change their tiers: proposed by one, made by a second person."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, ExchangeCategory, ExchangeState
from ideas.errors import NotPermitted, Refusal, lacking
from ideas.models import Campaign, Exchange, Idea, Shortlist, User
from ideas.queries.access import require
from ideas.queries.shortlist import (
    ranking_for,
    rivals_of,
    why_lapsed,
)
from ideas.rules.visible import required
from ideas.services.proposal import number_entries
from ideas.services.record import keep_list
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas, move_idea


@in_one_transaction
def propose_exchange(
    *,
    shortlist: Shortlist,
    removed: Idea,
    added: Idea,
    category: str,
    reason: str,
    minutes_number: str,
    minutes_on: date | None,
    manager: User,
    at: datetime,
    expected_version: int,
) -> Exchange:
    """Ask that `added` takes the place of `removed`; if both are listed, that `added` goes up a tier, `removed` down.

    Nothing changes before a second person consents. It rests on a meeting 集体研究: its minutes are named.
    """
    require(manager, "ideas.propose_shortlist")
    missing = _("An exchange needs a reason and the minutes of the meeting; they are kept with the record.")
    reason, minutes_number = required(reason, missing), required(minutes_number, missing)
    if minutes_on is None:
        raise Refusal(missing)
    row = shortlist.locked(expected_version)
    _require_meeting(row.campaign, minutes_on, at)
    if row.exchanges.waiting().filter(removed=removed, added=added).exists():
        raise Refusal(_("This exchange is proposed already and waits for a second person."))
    is_tier = row.entries.filter(idea=added).exists()
    exchange = Exchange(
        shortlist=row,
        is_tier=is_tier,
        removed=removed,
        added=added,
        category=ExchangeCategory(category),
        reason=reason,
        minutes_number=minutes_number,
        minutes_on=minutes_on,
        proposed_by=manager,
        proposed_at=at,
    )
    _require_possible(row, exchange)
    exchange.save()
    keep_list(row)
    return exchange


def _require_meeting(campaign: Campaign, day: date, at: datetime) -> None:
    """A meeting about a list took place: not before there was a campaign, and not later than now."""
    first, today = timezone.localdate(campaign.opens_at), timezone.localdate(at)
    if not first <= day <= today:
        words = _("The meeting was on a day between the beginning of the campaign (%(first)s) and today (%(today)s).")
        raise lacking("minutes_on", words % {"first": first, "today": today})


def _require_possible(row: Shortlist, exchange: Exchange) -> None:
    """Refuse what the list as it stands does not allow; asked when proposed, and again when consented to."""
    exchange.added = Idea.objects.get(pk=exchange.added_id)
    removed, added = exchange.removed, exchange.added
    if row.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if why := why_lapsed(exchange, {entry.idea_id: entry for entry in row.entries.filter(idea__in=(removed, added))}):
        raise Refusal(why)
    if exchange.is_tier:
        return
    if added.campaign_id != row.campaign_id:
        raise Refusal(_("%(receipt)s is not an accepted idea of this campaign.") % {"receipt": added.receipt})
    if not any(score.idea == added.pk for score in ranking_for(row)):
        raise Refusal(_("%(receipt)s has not been rated by anybody.") % {"receipt": added.receipt})
    rivals = rivals_of(row, added, leaving=removed)
    if rivals:
        raise Refusal(
            _("%(receipt)s solves the same problem as %(rivals)s; only one of them may be listed.")
            % {"receipt": added.receipt, "rivals": " ".join(rivals)}
        )


@in_one_transaction
def consent_exchange(*, exchange: Exchange, manager: User, at: datetime, expected_version: int) -> Exchange:
    """Make an exchange that somebody else proposed. The number of places cannot change.

    Ranks and tiers are given anew, and a first seal falls: it was given to another list.
    """
    require(manager, "ideas.propose_shortlist")
    row = exchange.shortlist.locked(expected_version)
    asked = _waiting(row, exchange)
    if asked.proposed_by_id == manager.pk:
        raise NotPermitted(_("You have proposed it. Somebody else must consent."))
    _require_possible(row, asked)
    if not asked.is_tier:
        hold_ideas([asked.removed_id, asked.added_id])
        move_idea(idea=asked.removed, action=Action.UNLIST, actor=manager, at=at)
        move_idea(idea=asked.added, action=Action.SHORTLIST, actor=manager, at=at)
        row.entries.filter(idea=asked.removed).update(idea=asked.added)
    asked.state, asked.decided_by, asked.decided_at = ExchangeState.MADE, manager, at
    asked.save()
    number_entries(row, ranking_for(row))
    row.first_seal_at = row.first_seal_by = None
    keep_list(row)
    return asked


@in_one_transaction
def refuse_exchange(*, exchange: Exchange, manager: User, at: datetime, expected_version: int) -> Exchange:
    """Turn down an exchange that somebody else proposed, or take one's own back."""
    require(manager, "ideas.propose_shortlist")
    row = exchange.shortlist.locked(expected_version)
    asked = _waiting(row, exchange)
    is_own = asked.proposed_by_id == manager.pk
    asked.state = ExchangeState.TAKEN_BACK if is_own else ExchangeState.REFUSED
    asked.decided_by, asked.decided_at = manager, at
    asked.save()
    keep_list(row)
    return asked


def _waiting(row: Shortlist, exchange: Exchange) -> Exchange:
    asked = row.exchanges.waiting().select_related("removed", "added").filter(pk=exchange.pk).first()
    if asked is None:
        raise Refusal(_("This exchange has been decided already."))
    return asked
