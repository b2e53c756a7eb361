"""From scores to a sealed list: propose, exchange, seal by two. Before the release nobody outside hears of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Bar, ExchangeCategory, ExchangeState, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Campaign, Exchange, Idea, IncompatiblePair, Shortlist, ShortlistEntry, User
from ideas.queries.access import require
from ideas.queries.advice import first_draft
from ideas.queries.paper import waiting_in
from ideas.queries.ratings import ranking_of
from ideas.queries.shortlist import (
    arranged,
    candidates_of,
    proposal_for,
    ranking_for,
    rivals_of,
    sorted_anew,
    still_follows,
    why_lapsed,
)
from ideas.rules import ratings
from ideas.rules import shortlist as rules
from ideas.rules.ratings import Score
from ideas.rules.visible import as_read
from ideas.services.campaigns import vouch_campaign
from ideas.services.doubts import require_decided_marks
from ideas.services.mergers import look_after_mergers
from ideas.services.publishing import edit_published
from ideas.services.record import keep_list, keep_record
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas, move_idea


@in_one_transaction
def propose_shortlist(
    *, campaign: Campaign, at: datetime, manager: User | None = None, shown: str | None = None
) -> Shortlist:
    """Fill the campaign's places from the scores. An unsealed earlier proposal is replaced, exchanges and all, if it is
    the one that the page showed (`Shortlist.shown`, "" for none): nobody drops a list without having seen it.

    `manager` is None on the command line only.
    """
    if manager is not None:
        require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    _require_over(campaign, at)
    earlier = Shortlist.objects.filter(campaign=campaign).first()
    if earlier and earlier.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if shown is not None and shown != (earlier.shown if earlier else ""):
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
    _number_picks(shortlist, ranking)
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
        words[lack.rule] % {"name": names.get(lack.name, lack.name), "wanted": lack.wanted, "there": lack.there}
        for lack in shortfalls
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
    _require_unsealed(campaign)
    if one.pk == other.pk or {one.campaign_id, other.campaign_id} != {campaign.pk}:
        raise Refusal(_("Name two different ideas of this campaign."))
    if not as_read(reason):
        raise Refusal(_("Say which problem both solve; it is kept with the record."))
    first, second = sorted((one, other), key=lambda idea: idea.pk)
    if IncompatiblePair.objects.filter(first=first, second=second).exists():
        raise Refusal(_("This pair is noted already."))
    _count_change(campaign, expected_version)
    pair = IncompatiblePair.objects.create(
        campaign=campaign, first=first, second=second, reason=as_read(reason), by=manager, at=at
    )
    vouch_campaign(campaign=campaign)
    return pair


@in_one_transaction
def drop_pair(*, pair: IncompatiblePair, manager: User, expected_version: int | None = None) -> None:
    """Two ideas turned out to go together."""
    require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=pair.campaign_id)
    _require_unsealed(campaign)
    _count_change(campaign, expected_version)
    pair.delete()
    vouch_campaign(campaign=campaign)


def _count_change(campaign: Campaign, expected_version: int | None) -> None:
    """The campaign's list, if there is one, is one version on; refused if it is not the one that the page showed."""
    row = Shortlist.objects.filter(campaign=campaign).first()
    if row:
        keep_list(row.locked(row.version if expected_version is None else expected_version))


def _require_unsealed(campaign: Campaign) -> None:
    if Shortlist.objects.filter(campaign=campaign, sealed_at__isnull=False).exists():
        raise Refusal(_("The shortlist is sealed."))


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
    """Ask that `put_in` takes the place of `out`, or, if both are listed, that `put_in` goes up a tier and `out` down.

    Nothing changes before a second person consents. It rests on a meeting 集体研究: its minutes are named.
    """
    require(manager, "ideas.propose_shortlist")
    if not as_read(reason) or not as_read(minutes_number) or minutes_on is None:
        raise Refusal(_("An exchange needs a reason and the minutes of the meeting; they are kept with the record."))
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
        reason=as_read(reason),
        minutes_number=as_read(minutes_number),
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
        raise Refusal(
            _("The meeting was on a day between the beginning of the campaign (%(first)s) and today (%(today)s).")
            % {"first": first, "today": today}
        )


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
    _number_picks(row, ranking_for(row))
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


def _number_picks(shortlist: Shortlist, ranking: Sequence[Score]) -> None:
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


@in_one_transaction
def seal_shortlist(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int) -> Shortlist:
    """Sign the list as it stands. The first signature is a promise, the second, by somebody else, seals it.

    Then its figures are stored as they are, and the record from which it can be recomputed with them.
    """
    require(manager, "ideas.seal_shortlist")
    row = shortlist.locked(expected_version)
    if row.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if row.first_seal_by_id == manager.pk:
        raise NotPermitted(_("You have signed already. The second signature must be somebody else's."))
    _require_ready(row)
    if row.first_seal_by is None or row.first_seal_at is None:
        row.first_seal_at, row.first_seal_by = at, manager
    else:
        row.sealed_at, row.sealed_by = at, manager
        _number_picks(row, ranking_for(row))
        keep_record(shortlist=row, seals=[(row.first_seal_by, row.first_seal_at), (manager, at)], at=at)
    keep_list(row)
    return row


def _require_ready(row: Shortlist) -> None:
    """Nothing is left open that a seal would close."""
    if not row.candidates:
        raise Refusal(_("This list was proposed before an upgrade. Propose it anew."))
    entries = {entry.idea_id: entry for entry in row.entries.all()}
    if not all(
        why_lapsed(exchange, entries) for exchange in row.exchanges.waiting().select_related("removed", "added")
    ):
        raise Refusal(_("An exchange is waiting for a second person. Decide it first."))
    require_decided_marks(row.campaign, but={Bar.DISABLED})  # guests' accounts are closed after the rating
    single = list(row.entries.filter(reviews__lt=2).values_list("idea__receipt", flat=True))
    if single:
        raise Refusal(
            _("These ideas have one review only and need a second one: %(ideas)s") % {"ideas": " ".join(single)}
        )
    listed = set(row.entries.values_list("idea_id", flat=True))
    for pair in row.campaign.incompatible.select_related("first", "second"):
        if {pair.first_id, pair.second_id} <= listed:
            raise Refusal(
                _("%(one)s and %(other)s solve the same problem; only one of them may be listed.")
                % {"one": pair.first.receipt, "other": pair.second.receipt}
            )
    _require_follows(row)


def _require_follows(row: Shortlist) -> None:
    """Asked at both signatures: the second one must not fail of what stood there at the first."""
    if still_follows(row, ranking_for(row)):
        return
    anew = sorted_anew(row)
    if anew:
        raise Refusal(
            _("The list no longer follows from scores and quotas, since these ideas were sorted anew: %(ideas)s. Sort "
              "them back, or propose the list anew.") % {"ideas": " ".join(anew)}
        )  # fmt: skip
    raise Refusal(_("The list no longer follows from its proposal and its exchanges. Propose it anew."))


@in_one_transaction
def publish_originals(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int) -> int:
    """Take the original words without private data as published text for every idea of the list that has none.

    Gives how many. Where the campaign takes two checks they wait for both.
    """
    require(manager, "ideas.edit_published")
    row = shortlist.locked(expected_version)
    entries = row.entries.filter(idea__pending_text=None).select_related("idea__campaign", "idea__resident")
    bare = [entry.idea for entry in entries if not entry.idea.is_ready_to_publish]
    for idea in bare:
        title, text = first_draft(idea)
        edit_published(idea=idea, editor=manager, at=at, title=title, text=text)
    return len(bare)
