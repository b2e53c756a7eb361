"""The release of the winners, never by one press: asked for, confirmed by a second person, and then held for a while.

Until the hold is over nothing differs for anybody; then everything appears at one moment. Before, either can stop it.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Action, OfficeAct, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Campaign, Idea, Message, Resident, Shortlist, User
from ideas.queries.access import require
from ideas.queries.notices import why_not_released
from ideas.queries.shortlist import shown_digest
from ideas.rules.visible import required
from ideas.services.campaigns import refresh_figures, vouch_campaign
from ideas.services.health import SomeFailed, for_each
from ideas.services.messages import new_messages
from ideas.services.office import log_act
from ideas.services.record import keep_list
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas, move_idea


@in_one_transaction
def ask_release(
    *, shortlist: Shortlist, manager: User, at: datetime, expected_version: int, expected_preview: str
) -> Shortlist:
    """Say that the winners may appear as the preview showed them (`expected_preview`); a second person confirms it."""
    row = _open(shortlist, manager, expected_version)
    if row.release_asked_by is not None:
        raise Refusal(_("The release has been asked for already."))
    _require_ready(row, expected_preview, at)
    row.release_asked_at, row.release_asked_by = at, manager
    return _noted(row, OfficeAct.RELEASE_ASKED, manager, at)


@in_one_transaction
def confirm_release(
    *, shortlist: Shortlist, manager: User, at: datetime, expected_version: int, expected_preview: str
) -> Shortlist:
    """The second person has looked at the same preview: the winners appear when the hold is over."""
    row = _open(shortlist, manager, expected_version)
    if row.release_asked_by is None:
        raise Refusal(_("Nobody has asked for the release yet."))
    if row.release_asked_by_id == manager.pk:
        raise NotPermitted(_("You have asked for it. Somebody else must confirm."))
    if row.release_at is not None:
        raise Refusal(_("The release has been confirmed already."))
    _require_ready(row, expected_preview, at)
    row.release_confirmed_at, row.release_confirmed_by, row.release_digest = at, manager, expected_preview
    row.release_at = at + timedelta(seconds=conf.release_hold_seconds())
    return _noted(row, OfficeAct.RELEASE_CONFIRMED, manager, at)


@in_one_transaction
def stop_release(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int, reason: str) -> Shortlist:
    """Stop a release that was asked for or confirmed, as long as the hold lasts."""
    row = _open(shortlist, manager, expected_version)
    if row.release_asked_by is None:
        raise Refusal(_("Nobody has asked for the release yet."))
    if row.release_at is not None and at >= row.release_at:
        raise Refusal(_("The hold is over; the winners are being released."))
    reason = required(reason, _("Say why the release is stopped; it is kept in the office's log."))
    _forget(row)
    return _noted(row, OfficeAct.RELEASE_STOPPED, manager, at, reason)


def release_due(*, at: datetime) -> int:
    """Release every list whose hold is over; returns how many. One that cannot be released stops no other."""
    due = Shortlist.objects.filter(released_at=None, release_at__lte=at).order_by("release_at", "pk")
    return for_each(list(due.values_list("pk", flat=True)), lambda pk: _release(pk, at), what="release of list")


def release_for_reader(*, at: datetime) -> bool:
    """The same for a page, which need not wait for the worker: whether to look again.

    What fails is in the log and told by the worker; no reader of another list's page is refused for it.
    """
    try:
        return bool(release_due(at=at))
    except SomeFailed:
        return True


@in_one_transaction
def _release(pk: int, at: datetime) -> bool:
    row = Shortlist.objects.select_for_update().select_related("campaign").get(pk=pk)
    if row.released_at is not None or row.release_at is None or at < row.release_at:
        return False  # somebody was faster, or stopped it
    try:
        _require_ready(row, row.release_digest, row.release_at)
    except Refusal as refusal:
        _forget(row)
        _noted(row, OfficeAct.RELEASE_STOPPED, None, at, str(refusal))
        return False
    release_winners(shortlist=row, at=row.release_at)
    return True


@in_one_transaction
def release_winners(*, shortlist: Shortlist, at: datetime) -> Shortlist:
    """Publish a list whose release was confirmed by two and held: its ideas become winners, residents are told."""
    row = Shortlist.objects.select_for_update().select_related("campaign").get(pk=shortlist.pk)
    if row.released_at is not None:
        raise Refusal(_("The winners have been released already."))
    if row.release_at is None or at < row.release_at:
        raise Refusal(_("The release needs two people, and the hold must be over."))
    if why := why_not_released(row, at):
        raise Refusal(why)
    # All that are told of it, before the first is moved: nobody is erased between the look and the message.
    hold_ideas(row.campaign.ideas.valid().values_list("pk", flat=True))
    for entry in row.entries.select_related("idea"):
        move_idea(idea=entry.idea, action=Action.AWARD, actor=row.release_confirmed_by, at=at)
    row.released_at, row.released_by = at, row.release_confirmed_by
    row.version += 1
    keep_list(row)
    Campaign.objects.filter(pk=row.campaign_id).update(released_at=at)
    row.campaign.released_at = at
    vouch_campaign(campaign=row.campaign)
    refresh_figures(campaign=row.campaign, at=at)
    _tell_results(row.campaign, at)
    return row


def _open(shortlist: Shortlist, manager: User, expected_version: int) -> Shortlist:
    require(manager, "ideas.release_shortlist")
    row = shortlist.locked(expected_version)
    if not row.is_sealed:
        raise Refusal(_("The shortlist must be sealed by two people first."))
    if row.released_at is not None:
        raise Refusal(_("The winners have been released already."))
    return row


def _require_ready(row: Shortlist, expected_preview: str, at: datetime) -> None:
    """The notice is over and nothing objected is open; every winner has the published text that was looked at."""
    if why := why_not_released(row, at):
        raise Refusal(why)
    ideas = Idea.objects.filter(shortlist_entry__shortlist=row).order_by("shortlist_entry__rank")
    unready = [idea.receipt for idea in ideas if not idea.is_ready_to_publish]
    if unready:
        raise Refusal(_("These ideas have no published text yet: %(receipts)s") % {"receipts": " ".join(unready)})
    if expected_preview != shown_digest(row):
        raise Stale(_("The winners' texts have changed since you looked at them. Please look at the preview again."))


def _forget(row: Shortlist) -> None:
    row.release_asked_at = row.release_asked_by = None
    row.release_confirmed_at = row.release_confirmed_by = row.release_at = None
    row.release_digest = ""


def _noted(row: Shortlist, act: OfficeAct, manager: User | None, at: datetime, reason: str = "") -> Shortlist:
    keep_list(row)
    detail = {"from": timezone.localtime(row.release_at).strftime("%Y-%m-%d %H:%M")} if row.release_at else {}
    log_act(act=act, at=at, actor=manager, campaign=row.campaign, purpose=reason, detail=detail)
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
