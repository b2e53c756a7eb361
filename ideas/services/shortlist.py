"""From scores to winners: propose, exchange, seal by two, release. Before release nobody outside hears of it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ideas.choices import Action, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Campaign, Exchange, Idea, Message, Pick, Resident, Shortlist, User
from ideas.queries.access import require
from ideas.queries.ratings import standing_of
from ideas.rules import ratings
from ideas.rules import shortlist as rules
from ideas.services.campaigns import refresh_figures
from ideas.services.messages import new_messages
from ideas.services.screening import edit_published
from ideas.services.workflow import move_idea


@transaction.atomic
def propose_shortlist(*, campaign: Campaign, at: datetime, manager: User | None = None) -> Shortlist:
    """Fill the campaign's places from the scores. An unsealed earlier proposal is replaced, exchanges and all.

    `manager` is None on the command line only.
    """
    if manager is not None:
        require(manager, "ideas.propose_shortlist")
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    _require_over(campaign, at)
    earlier = Shortlist.objects.filter(campaign=campaign).first()
    if earlier and earlier.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    proposal = rules.propose(standing_of(campaign), campaign.places)
    if proposal.cut is None or len(proposal.chosen) < campaign.places:
        raise Refusal(
            ngettext(
                "Only %(rated)s idea is rated; the campaign has %(places)s places.",
                "Only %(rated)s ideas are rated; the campaign has %(places)s places.",
                len(proposal.chosen),
            )
            % {"rated": len(proposal.chosen), "places": campaign.places}
        )
    if earlier:
        _drop(earlier, manager, at)
    ideas = campaign.ideas.in_bulk([score.idea for score in (*proposal.chosen, *proposal.tied)])
    shortlist = Shortlist.objects.create(
        campaign=campaign,
        places=campaign.places,
        method=ratings.METHOD,
        cut=proposal.cut,
        tied=[ideas[score.idea].receipt for score in proposal.tied],
        proposed_at=at,
        proposed_by=manager,
    )
    for rank, score in enumerate(proposal.chosen, start=1):
        move_idea(idea=ideas[score.idea], action=Action.SHORTLIST, actor=manager, at=at)
        Pick.objects.create(
            shortlist=shortlist, idea=ideas[score.idea], rank=rank, score=score.score, reviews=score.reviews
        )
    return shortlist


def _require_over(campaign: Campaign, at: datetime) -> None:
    """The list closes the panel's work, so nothing may be going on any more."""
    if at < campaign.closes_at:
        raise Refusal(_("Collecting is not over yet. If it is to end earlier, change its date first."))
    if campaign.rating_until and at < campaign.rating_until:
        raise Refusal(_("Rating is not over yet. If it is to end earlier, change its date first."))
    waiting = campaign.ideas.filter(status=Status.RECEIVED).count()
    if waiting:
        raise Refusal(ngettext("%d idea is awaiting screening.", "%d ideas are awaiting screening.", waiting) % waiting)


def _drop(shortlist: Shortlist, manager: User | None, at: datetime) -> None:
    for pick in shortlist.picks.select_related("idea"):
        move_idea(idea=pick.idea, action=Action.UNLIST, actor=manager, at=at)
    shortlist.delete()


def _locked(shortlist: Shortlist, version: int) -> Shortlist:
    """The list for writing; refused if it has changed since the actor's page showed `version`."""
    row = Shortlist.objects.select_for_update().select_related("campaign").get(pk=shortlist.pk)
    if row.version != version:
        raise Stale(_("The list has changed since you opened it. Nothing was changed; please look again."))
    row.version += 1
    return row


@transaction.atomic
def exchange_idea(
    *, shortlist: Shortlist, out: Idea, put_in: Idea, manager: User, reason: str, at: datetime, version: int
) -> Exchange:
    """Take one idea off the list and put another on, with a reason. The number of places cannot change.

    The list is ordered by score again, and a first seal falls: it was given to another list.
    """
    require(manager, "ideas.propose_shortlist")
    if not reason.strip():
        raise Refusal(_("An exchange needs a reason; it is kept with the record."))
    row = _locked(shortlist, version)
    if row.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    pick = row.picks.filter(idea=out).first()
    if pick is None:
        raise Refusal(_("%(receipt)s is not on the list.") % {"receipt": out.receipt})
    if row.picks.filter(idea=put_in).exists():
        raise Refusal(_("%(receipt)s is on the list already.") % {"receipt": put_in.receipt})
    if put_in.campaign_id != row.campaign_id or put_in.status != Status.ACCEPTED:
        raise Refusal(_("%(receipt)s is not an accepted idea of this campaign.") % {"receipt": put_in.receipt})
    score = next((s for s in standing_of(row.campaign) if s.idea == put_in.pk), None)
    if score is None:
        raise Refusal(_("%(receipt)s has not been rated by anybody.") % {"receipt": put_in.receipt})
    move_idea(idea=out, action=Action.UNLIST, actor=manager, at=at)
    move_idea(idea=put_in, action=Action.SHORTLIST, actor=manager, at=at)
    pick.idea = put_in
    pick.score, pick.reviews = score.score, score.reviews
    pick.save()
    _number_picks(row)
    row.first_seal_at = row.first_seal_by = None
    row.save()
    return Exchange.objects.create(shortlist=row, out=out, put_in=put_in, reason=reason.strip(), by=manager, at=at)


def _number_picks(shortlist: Shortlist) -> None:
    picks = sorted(shortlist.picks.all(), key=lambda pick: (-pick.score, pick.rank))
    for rank, pick in enumerate(picks, start=1):
        pick.rank = rank
    Pick.objects.bulk_update(picks, ["rank"])


@transaction.atomic
def seal_shortlist(*, shortlist: Shortlist, manager: User, at: datetime, version: int) -> Shortlist:
    """Sign the list as it stands. The first signature is a promise, the second, by somebody else, seals it."""
    require(manager, "ideas.seal_shortlist")
    row = _locked(shortlist, version)
    if row.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if row.first_seal_by_id is None:
        row.first_seal_at, row.first_seal_by = at, manager
    elif row.first_seal_by_id == manager.pk:
        raise NotPermitted(_("You have signed already. The second signature must be somebody else's."))
    else:
        row.sealed_at, row.sealed_by = at, manager
    row.save()
    return row


@transaction.atomic
def release_winners(*, shortlist: Shortlist, manager: User, at: datetime, version: int) -> Shortlist:
    """Publish a sealed list: its ideas become winners, everybody may read them, residents are told."""
    require(manager, "ideas.release_shortlist")
    row = _locked(shortlist, version)
    if not row.is_sealed:
        raise Refusal(_("The shortlist must be sealed by two people first."))
    if row.released_at is not None:
        raise Refusal(_("The winners have been released already."))
    picks = list(row.picks.select_related("idea"))
    unready = [pick.idea.receipt for pick in picks if not pick.idea.is_ready_to_publish]
    if unready:
        raise Refusal(_("These ideas have no published text yet: %(receipts)s") % {"receipts": " ".join(unready)})
    for pick in picks:
        move_idea(idea=pick.idea, action=Action.AWARD, actor=manager, at=at)
    row.released_at, row.released_by = at, manager
    row.save()
    Campaign.objects.filter(pk=row.campaign_id).update(released_at=at)
    row.campaign.released_at = at
    refresh_figures(campaign=row.campaign, at=at)
    _tell_results(row.campaign, at)
    return row


def _tell_results(campaign: Campaign, at: datetime) -> None:
    """One message to every valid idea's resident, winner or not; never both."""
    residents = Resident.objects.filter(idea__campaign=campaign, idea__in=campaign.ideas.valid()).select_related(
        "idea__campaign"
    )
    messages = []
    for resident in residents.iterator(chunk_size=2000):
        template = "winner" if resident.idea.status == Status.AWARDED else "not_selected"
        messages += new_messages(resident, template=template, at=at)
    Message.objects.bulk_create(messages, batch_size=2000)


@transaction.atomic
def publish_originals(*, shortlist: Shortlist, manager: User, at: datetime, version: int) -> int:
    """Take the original words as published text for every idea of the list that has none; gives how many."""
    require(manager, "ideas.edit_published")
    row = _locked(shortlist, version)
    bare = [pick.idea for pick in row.picks.select_related("idea") if not pick.idea.is_ready_to_publish]
    for idea in bare:
        text = f"{idea.problem}\n\n{idea.proposal}"
        edit_published(idea=idea, editor=manager, at=at, title=idea.title, text=text)
    return len(bare)
