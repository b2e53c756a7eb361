"""Restricted ideas 线索/涉密: tips about crime or officials. Named staff only see them, until they are handed over."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Action, MessageTemplate, OfficeAct, Status
from ideas.errors import Refusal, Stale
from ideas.models import (
    Campaign,
    Claim,
    Draft,
    DuplicateLink,
    Idea,
    IdeaVersion,
    OfficeEvent,
    PendingText,
    Photo,
    Resident,
    ResidentStatement,
    ResidentVerdict,
    UnsentInput,
    User,
)
from ideas.queries.access import require
from ideas.queries.named import restricted_referrals_of
from ideas.queries.restricted import all_waiting, keepers
from ideas.rules.visible import required
from ideas.services.campaigns import refresh_figures
from ideas.services.contact_releases import end_releases
from ideas.services.duplicates import index_idea, index_ideas
from ideas.services.mergers import lock_group, release_group
from ideas.services.messages import drop_messages, mail_staff
from ideas.services.named import follow_restriction
from ideas.services.office import log_act
from ideas.services.photos import delete_photos
from ideas.services.questions import forget_replies
from ideas.services.referred import hold_places, take_off
from ideas.services.screening import closed_by_the_list
from ideas.services.throttle import consume
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import as_seen, move_idea, seal_idea

REMOVED = "—"


@in_one_transaction
def restrict_idea(*, idea: Idea, staff: User, at: datetime, reason: str, expected_version: int | None = None) -> None:
    """Take an idea, and those merged into it, out of every list, search, export, desk and figure at once.

    They say the same, so none of them stays open; but each stands for itself from then on, to be looked at and set
    free by those who see it. What a unit has of them waits until a keeper names people for it. Any moderator may. One
    that is on the list of winners is refused: its place would be empty.
    """
    require(staff, "ideas.screen_idea")
    reason = required(reason, _("Write why the idea is restricted."))
    _mark(idea, Action.RESTRICT, staff=staff, at=at, reason=reason, expected_version=expected_version)
    _tell_keepers(but=staff, at=at)


def _tell_keepers(*, but: User, at: datetime) -> None:
    """Word to everybody else who may see it, without anything of the idea: that something waits, and where to log in.

    The message belongs to no idea, since it is no resident's; queries.access.outbox shows it to keepers only.
    """
    others = keepers().exclude(pk=but.pk).values_list("email", flat=True)
    link = {"link": f"{conf.site_url()}/admin/"}
    mail_staff([(address, link) for address in others], template=MessageTemplate.RESTRICTED, at=at)


@in_one_transaction
def remind_keepers(*, at: datetime) -> int:
    """Once in a period a mail to all keepers while a restricted idea has waited longer than that; returns how many.

    It says how many wait and for how many days, and nothing of any. Who reminds counts (services.throttle), so that
    two workers, or one that starts anew, remind once.
    """
    days = conf.restricted_remind_days()
    found = all_waiting()
    if not days or found.since is None or found.since > at - timedelta(days=days):
        return 0
    if not consume("restricted", "reminder", most=1, per=timedelta(days=days), at=at):
        return 0
    words = {"number": str(found.number), "days": str((at - found.since).days), "link": f"{conf.site_url()}/admin/"}
    mails = [(address, words) for address in keepers().values_list("email", flat=True)]
    return mail_staff(mails, template=MessageTemplate.RESTRICTED_WAITS, at=at)


@in_one_transaction
def lift_restriction(
    *, idea: Idea, staff: User, at: datetime, reason: str, expected_version: int | None = None
) -> None:
    """Put the idea, and those merged into it, back into the common queue."""
    require(staff, "ideas.see_restricted")
    reason = required(reason, _("Write why the restriction is lifted."))
    _mark(idea, Action.UNRESTRICT, staff=staff, at=at, reason=reason, expected_version=expected_version)


def _mark(idea: Idea, action: Action, *, staff: User, at: datetime, reason: str, expected_version: int | None) -> None:
    """The campaign is held, so that no list is proposed meanwhile with an idea that disappears."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=idea.campaign_id)
    hides = action == Action.RESTRICT
    group = lock_group(idea)
    locked = Idea.objects.select_for_update(of=("self",)).select_related("merged_into").get(pk=idea.pk)
    if locked.restricted == hides:
        raise Refusal(_("The idea is restricted already.") if hides else _("The idea is not restricted."))
    if hides and (refusal := closed_by_the_list(staff, locked)):
        raise refusal
    if locked.status == Status.AWARDED:
        raise Refusal(
            _("The idea has been published as a winner. Change its published text and take back its photos instead.")
        )
    if locked.status == Status.SHORTLISTED and campaign.shortlist.is_sealed:
        raise Refusal(_("The idea is on the sealed list. Open the seal and exchange the idea, then restrict it."))
    if locked.status == Status.SHORTLISTED:
        raise Refusal(_("The idea is on the list. Take it off the list first."))
    if not hides and locked.merged_into and locked.merged_into.restricted:
        raise Refusal(_("The idea that leads this one is restricted. Lift its restriction instead."))
    family = [locked, *(row for row in group if row.restricted != hides)]
    hold_places(row.pk for row in family)
    were_restricted = restricted_referrals_of(family)
    for row in family:
        move_idea(
            idea=row,
            action=action,
            actor=staff,
            at=at,
            reason=reason,
            expected_version=expected_version if row is locked else None,
        )
    Idea.objects.filter(pk__in=[row.pk for row in family]).update(restricted=hides)
    end_releases(family, at=at)
    if hides:
        release_group(group, leader=locked, at=at, actor=staff)
    if hides and locked.merged_into:
        release_group([locked], leader=locked.merged_into, at=at, actor=staff)
    follow_restriction(family, before=were_restricted, action=action, at=at, actor=staff)
    idea.restricted = hides
    index_ideas(Idea.objects.filter(pk__in=[row.pk for row in family]))  # compared anew, among its own kind
    Claim.objects.filter(idea__in=family).delete()
    if campaign.announced_at:
        refresh_figures(campaign=campaign, at=at)


@in_one_transaction
def hand_over(
    *,
    idea: Idea,
    staff: User,
    at: datetime,
    to: str,
    reference: str,
    expected_version: int | None = None,
    noted: int | None = None,
) -> None:
    """Note in the office's log to whom a restricted idea was handed, under which reference.

    Several may be noted, but each by somebody who knows of the others: `noted` is how many the page knew of.
    """
    require(staff, "ideas.see_restricted")
    missing = _("Write to whom it was handed over and under which number.")
    detail = {"to": required(to, missing), "reference": required(reference, missing)}
    _require_restricted(as_seen(idea, expected_version))
    if noted is not None and hand_overs(idea) != noted:
        raise Stale(_("A hand-over was noted since you opened this page. Nothing was noted now; please look again."))
    log_act(act=OfficeAct.HAND_OVER, at=at, actor=staff, campaign=idea.campaign, idea=idea, detail=detail)


def hand_overs(idea: Idea) -> int:
    """How many hand-overs of an idea stand in the office's log."""
    return OfficeEvent.objects.filter(idea=idea, act=OfficeAct.HAND_OVER).count()


@in_one_transaction
def remove_idea(*, idea: Idea, staff: User, at: datetime, expected_version: int | None = None) -> None:
    """After the hand-over nothing of it need stay: texts, person, photos and messages go; receipt and trail remain.

    Its resident still reads its status by number and code, and that the personal data were erased.
    """
    require(staff, "ideas.see_restricted")
    _require_restricted(as_seen(idea, expected_version))
    if not hand_overs(idea):
        raise Refusal(_("Note the hand-over first."))
    if idea.events.filter(action=Action.REMOVE).exists():
        raise Refusal(_("The idea has been removed already."))
    move_idea(idea=idea, action=Action.REMOVE, actor=staff, at=at, expected_version=expected_version)
    take_off(idea, why=Action.REMOVE, at=at, actor=staff)
    if not idea.events.filter(action=Action.ERASE).exists():
        move_idea(idea=idea, action=Action.ERASE, actor=staff, at=at)
    forget_replies(idea, at=at)
    end_releases([idea], at=at)
    ResidentStatement.objects.filter(event__idea=idea).delete()
    ResidentVerdict.objects.filter(idea=idea).update(words="")  # the figures stay
    rows: list[Any] = [Resident, IdeaVersion, Draft, UnsentInput, Claim, PendingText]
    for model in rows:
        model.objects.filter(idea=idea).delete()
    delete_photos(Photo.objects.filter(Q(idea=idea) | Q(place__idea=idea)))
    drop_messages(idea, why="removed")
    _empty(idea)


def _empty(idea: Idea) -> None:
    words = {"title": REMOVED, "problem": REMOVED, "proposal": REMOVED}
    words |= {"place": "", "published_title": "", "published_text": ""}
    for field, value in (words | {"area": None, "unit": None}).items():
        setattr(idea, field, value)
    idea.save(update_fields=[*words, "area", "unit"])
    seal_idea(idea)
    index_idea(idea=idea)
    DuplicateLink.objects.filter(Q(idea=idea) | Q(other=idea)).delete()


def _require_restricted(idea: Idea) -> None:
    if not idea.restricted:
        raise Refusal(_("Only restricted ideas are handed over and removed."))
