"""The list that the scores give, under quotas and pairs: proposed, dropped, numbered. Nobody outside hears of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Status
from ideas.errors import Refusal, Stale
from ideas.models import Campaign, Idea, IncompatiblePair, Shortlist, ShortlistEntry, User
from ideas.queries.access import require
from ideas.queries.paper import waiting_in
from ideas.queries.ratings import ranking_of
from ideas.queries.shortlist import (
    arranged,
    candidates_of,
    proposal_for,
)
from ideas.rules import ratings
from ideas.rules import shortlist as rules
from ideas.rules.ratings import Score
from ideas.rules.visible import required
from ideas.services.campaigns import vouch_campaign
from ideas.services.doubts import require_decided_marks
from ideas.services.mergers import look_after_mergers
from ideas.services.record import keep_list
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas, move_idea


@in_one_transaction
def propose_shortlist(
    *, campaign: Campaign, at: datetime, manager: User | None = None, expected_version: str | None = None
) -> Shortlist:
    """Fill the campaign's places from the scores. An unsealed earlier proposal is replaced, exchanges and all, if it is
    the one that the page showed (`Shortlist.page_version`, "" for none): nobody drops a list without having seen it.

    `manager` is None on the command line only.
    """
    if manager is not None:
        require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    _require_over(campaign, at)
    earlier = Shortlist.objects.filter(campaign=campaign).first()
    if earlier and earlier.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if expected_version is not None and expected_version != (earlier.page_version if earlier else ""):
        raise Stale(_("The list has changed since you opened it. Nothing was changed; please look again."))
    _require_tiers(campaign)
    ranking = ranking_of(campaign)
    if len(ranking) < campaign.places:
        raise Refusal(
            ngettext(
                "Only %(rated)s idea is rated; the campaign has %(places)s places.",
                "Only %(rated)s ideas are rated; the campaign has %(places)s places.",
                len(ranking),
            )
            % {"rated": len(ranking), "places": campaign.places}
        )
    require_decided_marks(campaign)
    proposal = proposal_for(campaign, ranking)
    if proposal.shortfalls or proposal.cut is None:
        raise Refusal(_impossible(campaign, proposal.shortfalls))
    if earlier:
        _drop(earlier, manager, at)
    candidates = candidates_of(campaign)
    ideas = {idea.pk: idea for idea in candidates}
    shortlist = Shortlist.objects.create(
        campaign=campaign,
        places=campaign.places,
        method=ratings.VERSIONS[campaign.score_method],
        cut=proposal.cut,
        candidates=[idea.receipt for idea in candidates],
        proposed=[ideas[score.idea].receipt for score in proposal.chosen],
        tied=[ideas[score.idea].receipt for score in proposal.tied],
        moves=[_move_facts(move, ideas) for move in proposal.moves],
        proposed_at=at,
        proposed_by=manager,
    )
    hold_ideas(score.idea for score in proposal.chosen)
    for rank, score in enumerate(proposal.chosen, start=1):
        move_idea(idea=ideas[score.idea], action=Action.SHORTLIST, actor=manager, at=at)
        ShortlistEntry.objects.create(
            shortlist=shortlist, idea=ideas[score.idea], rank=rank, score=score.score, reviews=score.reviews
        )
    number_entries(shortlist, ranking)
    keep_list(shortlist)
    return shortlist


def _move_facts(move: rules.Move, ideas: Mapping[int, Idea]) -> dict[str, Any]:
    """What a rule did to an idea, by receipt numbers."""
    other = ideas[move.other].receipt if move.rule == "incompatible" else move.other
    return {"idea": ideas[move.idea].receipt, "is_on": move.is_on, "rule": move.rule, "other": other}


def _require_tiers(campaign: Campaign) -> None:
    tiers = sum(campaign.tiers.values_list("places", flat=True))
    if tiers and tiers != campaign.places:
        raise Refusal(
            _("The award tiers have %(tiers)s places together; the campaign has %(places)s.")
            % {"tiers": tiers, "places": campaign.places}
        )


def _impossible(campaign: Campaign, shortfalls: Sequence[rules.Shortfall]) -> str:
    """Why no list keeps all the rules, in words."""
    names = {topic.slug: str(topic) for topic in campaign.topics.all()}
    words = {
        "at_least": gettext("“%(name)s” needs at least %(wanted)s ideas and has %(there)s rated ones."),
        "at_most": gettext("“%(name)s” has at least %(wanted)s and at most %(there)s places."),
        "places": gettext("The quotas need at least %(wanted)s places; there are %(there)s."),
        "together": gettext("Quotas and incompatible pairs leave no way to fill all %(wanted)s places."),
    }
    return " ".join(
        words[one.rule] % {"name": names.get(one.name, one.name), "wanted": one.wanted, "there": one.there}
        for one in shortfalls
    )


@in_one_transaction
def withdraw_list(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int) -> None:
    """Drop an unsealed list, exchanges and all, so that the panel can go on, e.g. with a second review."""
    require(manager, "ideas.propose_shortlist")
    row = shortlist.locked(expected_version)
    if row.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    _drop(row, manager, at)
    look_after_mergers(at=at)


def _require_over(campaign: Campaign, at: datetime) -> None:
    """The list closes the panel's work, so nothing may be going on any more."""
    if at < campaign.closes_at:
        raise Refusal(_("Collecting is not over yet. If it is to end earlier, change its date first."))
    if campaign.rating_until and at < campaign.rating_until:
        raise Refusal(_("Rating is not over yet. If it is to end earlier, change its date first."))
    waiting = campaign.ideas.filter(status=Status.RECEIVED).unrestricted().count()
    if waiting:
        raise Refusal(ngettext("%d idea is awaiting screening.", "%d ideas are awaiting screening.", waiting) % waiting)
    unconfirmed = waiting_in(campaign).count()
    if unconfirmed:
        raise Refusal(
            ngettext(
                "The marks of %d line typed in from paper wait for a second person. Confirm or mend them first.",
                "The marks of %d lines typed in from paper wait for a second person. Confirm or mend them first.",
                unconfirmed,
            )
            % unconfirmed
        )


def _drop(shortlist: Shortlist, manager: User | None, at: datetime) -> None:
    hold_ideas(shortlist.entries.values_list("idea_id", flat=True))
    for entry in shortlist.entries.select_related("idea"):
        move_idea(idea=entry.idea, action=Action.UNLIST, actor=manager, at=at)
    shortlist.delete()


@in_one_transaction
def note_pair(
    *,
    campaign: Campaign,
    one: Idea,
    other: Idea,
    reason: str,
    manager: User,
    at: datetime,
    expected_version: int | None = None,
) -> IncompatiblePair:
    """Say that two ideas solve one problem, so that only one of them may be listed.

    `expected_version` is the list's: a pair is a change of the list, and whoever signs must have seen it.
    """
    require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    require_unsealed(campaign)
    if one.pk == other.pk or {one.campaign_id, other.campaign_id} != {campaign.pk}:
        raise Refusal(_("Name two different ideas of this campaign."))
    reason = required(reason, _("Say which problem both solve; it is kept with the record."))
    first, second = sorted((one, other), key=lambda idea: idea.pk)
    if IncompatiblePair.objects.filter(first=first, second=second).exists():
        raise Refusal(_("This pair is noted already."))
    _count_change(campaign, expected_version)
    pair = IncompatiblePair.objects.create(
        campaign=campaign, first=first, second=second, reason=reason, by=manager, at=at
    )
    vouch_campaign(campaign=campaign)
    return pair


@in_one_transaction
def drop_pair(*, pair: IncompatiblePair, manager: User, expected_version: int | None = None) -> None:
    """Two ideas turned out to go together."""
    require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=pair.campaign_id)
    require_unsealed(campaign)
    _count_change(campaign, expected_version)
    pair.delete()
    vouch_campaign(campaign=campaign)


def _count_change(campaign: Campaign, expected_version: int | None) -> None:
    """The campaign's list, if there is one, is one version on; refused if it is not the one that the page showed."""
    row = Shortlist.objects.filter(campaign=campaign).first()
    if row:
        keep_list(row.locked(row.version if expected_version is None else expected_version))


def require_unsealed(campaign: Campaign) -> None:
    if Shortlist.objects.filter(campaign=campaign, sealed_at__isnull=False).exists():
        raise Refusal(_("The shortlist is sealed."))


def number_entries(shortlist: Shortlist, ranking: Sequence[Score]) -> None:
    """Write the ranks, tiers and figures that the scores and the exchanges made so far give."""
    tiers = list(shortlist.campaign.tiers.all())
    placed = {one.idea: one for one in arranged(shortlist, ranking, shortlist.exchanges.made(), tiers)}
    scores = {score.idea: score for score in ranking}
    entries = list(shortlist.entries.all())
    if placed.keys() != {entry.idea_id for entry in entries}:
        raise Refusal(_("The list no longer follows from its proposal and its exchanges. Propose it anew."))
    for entry in entries:
        at = placed[entry.idea_id]
        entry.rank, entry.tier = at.rank, None if at.tier is None else tiers[at.tier]
        entry.score, entry.reviews = scores[entry.idea_id].score, scores[entry.idea_id].reviews
    ShortlistEntry.objects.bulk_update(entries, ["rank", "tier", "score", "reviews"])
