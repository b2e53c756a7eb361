"""The list on notice: when it ends, what stands in the way of the release, who moves up, and what was objected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ideas.choices import Edition, Status
from ideas.models import Campaign, Idea, Notice, NoticeTerm, Objection, Shortlist, Unsealing, User
from ideas.models.notices import ObjectionQuerySet
from ideas.queries.access import AnyUser, visible_to
from ideas.queries.record import records_of
from ideas.queries.shortlist import pairs_of, quotas_of, ranking_for
from ideas.queries.workdays import calendar_of
from ideas.rules import notices as rules
from ideas.rules.workdays import unknown_years
from ideas.rules.workflow import ON_LIST

AHEAD = timedelta(days=366)  # of the calendar that is looked at: no notice is longer


@dataclass(frozen=True)
class Span:
    """How long a notice would run; `guessed` are the years of which the office has not entered the holidays."""

    days: int
    last_day: date
    ends_at: datetime
    guessed: list[int]


def days_of(campaign: Campaign) -> int:
    """For how many working days the campaign's list is on notice; 0: it has no notice.

    Takes no query where the campaign was read with its `notice_term`.
    """
    row: NoticeTerm | None = getattr(campaign, "notice_term", None)
    return row.days if row else 0


def span_from(campaign: Campaign, at: datetime) -> Span | None:
    """The notice that would begin now; None where the campaign has none."""
    days, today = days_of(campaign), timezone.localdate(at)
    if not days:
        return None
    calendar = calendar_of(today, today + AHEAD)
    last, ends_at = rules.runs_until(today, days, calendar, timezone.get_current_timezone())
    return Span(days, last, ends_at, unknown_years(today, last, calendar))


def standing_notice(campaign: Campaign) -> Notice | None:
    """The one that runs or is over and counts; none where the list was opened since."""
    return Notice.objects.standing().filter(campaign=campaign).select_related("campaign").first()


def last_notice(campaign: Campaign) -> Notice | None:
    return Notice.objects.filter(campaign=campaign).select_related("campaign").last()


def record_number(campaign: Campaign) -> int:
    """The number of the last record; 0 where none was sealed."""
    last = records_of(campaign).filter(edition=Edition.ARCHIVE).last()
    return last.number if last else 0


def ideas_on_notice(notice: Notice) -> QuerySet[Idea]:
    """What everybody reads of a list on notice, in the order of receipt: nobody's place is told before the release."""
    if notice.stopped_at is not None:
        return Idea.objects.none()
    listed = Idea.objects.unrestricted().filter(
        shortlist_entry__shortlist__campaign=notice.campaign_id, status__in=ON_LIST
    )
    return (
        listed.exclude(published_text="")
        .select_related("campaign", "topic", "area", "resident")
        .defer("title", "problem", "proposal", "code_hash", "form_hash", "suspicions", "event_head")
        .order_by("received_at", "id")
    )


def why_not_started(row: Shortlist) -> str:
    """Why a list cannot be put on notice, in words; "" where it can."""
    return next((str(words) for words in _against_notice(row)), "")


def _against_notice(row: Shortlist) -> Iterator[str]:
    if not row.is_sealed:
        yield _("The shortlist must be sealed by two people first.")
    if row.released_at is not None:
        yield _("The winners have been released already.")
    if not days_of(row.campaign):
        yield _("This campaign has no public notice.")
    if standing_notice(row.campaign) is not None:
        yield _("The list is on notice already.")
    if _is_opening(row):
        yield _("Somebody has asked to take the seal off. Decide that first.")
    listed = Idea.objects.unrestricted().filter(shortlist_entry__shortlist=row).order_by("shortlist_entry__rank")
    if unready := [idea.receipt for idea in listed if not idea.is_ready_to_publish]:
        yield _("These ideas have no published text yet: %(receipts)s") % {"receipts": " ".join(unready)}


def why_not_released(row: Shortlist, at: datetime) -> str:
    """What of the notice stands in the way of the release, in words; "" where nothing does."""
    return next((str(words) for words in _against_release(row, at)), "")


def _against_release(row: Shortlist, at: datetime) -> Iterator[str]:
    waiting = Objection.objects.waiting().filter(notice__campaign=row.campaign_id).count()
    if waiting:
        yield ngettext("%d objection is not decided yet.", "%d objections are not decided yet.", waiting) % waiting
    if upheld := upheld_on(row):
        receipts = " ".join(idea.receipt for idea in upheld)
        yield _("An objection was upheld; these ideas must leave the list: %(ideas)s") % {"ideas": receipts}
    if waits_for_opening(row):
        yield _("An objection to the whole list was upheld. Take the seal off.")
    if _is_opening(row):
        yield _("Somebody has asked to take the seal off. Decide that first.")
    notice = standing_notice(row.campaign)
    if notice is not None and at < notice.ends_at:
        yield _("The public notice runs until the end of %(day)s.") % {"day": notice.last_day}
    if notice is None and days_of(row.campaign):
        yield _("The list must be on public notice first.")


def _is_opening(row: Shortlist) -> bool:
    return Unsealing.objects.filter(campaign=row.campaign_id, consented_by=None).exists()


def upheld_on(row: Shortlist) -> list[Idea]:
    """Ideas on the list that an upheld objection takes off it."""
    upheld = Objection.objects.upheld().exclude(idea=None).values("idea")
    listed = Idea.objects.unrestricted().filter(shortlist_entry__shortlist=row)
    return list(listed.filter(pk__in=upheld).order_by("receipt"))


def waits_for_opening(row: Shortlist) -> bool:
    """Whether an objection to the whole of this sealed list was upheld: it has to be opened."""
    if row.sealed_at is None:
        return False
    return (
        Objection.objects.upheld()
        .filter(notice__campaign=row.campaign_id, idea=None, decided_at__gte=row.sealed_at)
        .exists()
    )


def next_for(row: Shortlist, leaving: Idea) -> Idea | None:
    """Who moves up for an idea that an objection takes off: after the exchanges that wait already."""
    listed = set(row.entries.values_list("idea_id", flat=True))
    for one in row.exchanges.waiting().filter(is_tier=False):
        listed = listed - {one.removed_id} | {one.added_id}
    upheld = Objection.objects.upheld().exclude(idea=None).values("idea")
    fit = row.campaign.ideas.unrestricted().filter(status=Status.ACCEPTED).exclude(pk__in=upheld)
    found = rules.next_up(
        ranking_for(row),
        listed=listed,
        leaving=leaving.pk,
        eligible=set(fit.values_list("pk", flat=True)),
        quotas=quotas_of(row.campaign),
        incompatible=pairs_of(row.campaign),
    )
    return Idea.objects.get(pk=found) if found is not None else None


def objections_for(user: AnyUser) -> ObjectionQuerySet:
    """The objections that a member of staff may open."""
    if not user.has_perm("ideas.view_objection"):
        return Objection.objects.none()
    rows = Objection.objects.select_related("notice__campaign", "idea", "decided_by", "entered_by")
    found: ObjectionQuerySet = visible_to(user, rows, "idea__restricted")
    return found


def why_not_by(user: User, objection: Objection) -> str:
    """Why this person may not decide an objection, in words; "" where they may."""
    if not user.has_perm("ideas.decide_objection"):
        return str(_("Your role does not allow this."))
    now = Shortlist.objects.filter(Q(first_seal_by=user) | Q(sealed_by=user), campaign=objection.notice.campaign_id)
    if user.pk in objection.notice.signers or now.exists():
        return str(_("You have signed this list. Somebody else must decide what is objected to it."))
    return ""
