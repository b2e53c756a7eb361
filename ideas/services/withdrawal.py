"""The office withdraws an idea because its resident said so, by telephone for example: before and after the list."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Caller, Status
from ideas.errors import NotPermitted, Refusal
from ideas.models import Campaign, Idea, Shortlist, User
from ideas.queries.access import require, require_may_see
from ideas.queries.advice import names_of
from ideas.rules.redaction import private_parts
from ideas.rules.visible import required
from ideas.rules.workflow import VALID
from ideas.services.campaigns import refresh_figures
from ideas.services.mergers import lock_group, release_group
from ideas.services.messages import tell_resident
from ideas.services.referred import take_off
from ideas.services.screening import is_own
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import move_idea


@in_one_transaction
def withdraw_for_resident(
    *,
    idea: Idea,
    moderator: User,
    at: datetime,
    caller: str,
    called_at: datetime,
    reason: str,
    expected_version: int | None = None,
) -> None:
    """Take an idea back on its resident's word; the trail keeps who spoke (a closed list), when, and why.

    While winners are being chosen, valid ideas are a manager's affair, listed or not, so that nobody else learns which
    are listed; one on the list must leave it first. A winner is taken down by a manager, and the sealed record stays.
    """
    require(moderator, "ideas.screen_idea")
    require_may_see(moderator, idea)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=idea.campaign_id)
    followers = lock_group(idea)
    fresh = Idea.objects.select_related("campaign", "merged_into", "resident").get(pk=idea.pk)
    reason = _reason(fresh, called_at=called_at, at=at, words=reason)
    if is_own(moderator, fresh):
        raise NotPermitted(_("This idea came with your own e-mail address. Withdraw it yourself on its tracking page."))
    _require_out_of_the_choice(fresh, moderator)
    detail = {"caller": Caller(caller).value, "called_at": timezone.localtime(called_at).strftime("%Y-%m-%d %H:%M")}
    if fresh.merged_into:
        detail["from"] = fresh.merged_into.receipt
    event = move_idea(
        idea=idea,
        action=Action.WITHDRAW,
        actor=moderator,
        at=at,
        reason=reason,
        detail=detail,
        expected_version=expected_version,
    )
    Idea.objects.filter(pk=idea.pk).update(merged_into=None)
    take_off(idea, why=Action.WITHDRAW, at=at, actor=moderator)
    tell_resident(idea=idea, template="withdrawn", at=at, event=event)
    if not campaign.is_released:
        release_group(followers, leader=fresh, at=at, actor=moderator, undoable=True)
    if campaign.announced_at:
        refresh_figures(campaign=campaign, at=at)


def _reason(idea: Idea, *, called_at: datetime, at: datetime, words: str) -> str:
    if called_at > at or called_at < idea.received_at.replace(second=0, microsecond=0):
        raise Refusal(_("The resident spoke to you after the idea came in and before now. Look at the date again."))
    reason = required(words, _("Write why the resident withdraws it; the trail keeps it."))
    if private_parts(reason, names_of(idea)):
        raise Refusal(_("The trail keeps the reason for good: write it without names, numbers and addresses."))
    return reason


def _require_out_of_the_choice(idea: Idea, moderator: User) -> None:
    """Refuse where the list says something about the idea, with what to do."""
    shortlist = Shortlist.objects.filter(campaign=idea.campaign_id).first()
    if shortlist is None or idea.status not in VALID:
        return
    is_manager = moderator.has_perm("ideas.propose_shortlist")
    if idea.campaign.is_released:
        if idea.status == Status.AWARDED and not is_manager:
            raise NotPermitted(_("This idea is a published winner. A manager of the campaign can take it down."))
        return
    if not is_manager:
        raise NotPermitted(
            _("The winners are being chosen. Until they are published, a manager of the campaign withdraws ideas.")
        )
    if idea.status == Status.SHORTLISTED:
        raise Refusal(
            _("Its place on the sealed list would be empty. Open the seal, exchange the idea, then withdraw it.")
            if shortlist.is_sealed
            else _("Its place on the list would be empty. Exchange the idea for another one, then withdraw it.")
        )
