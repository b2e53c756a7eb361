"""Who may see which row: the only way by which a view or the admin obtains one that is not everybody's.

Each function gives a QuerySet narrowed to what the asker may know; what is outside it does not exist for them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy

from ideas.choices import Action, MessageTemplate, Status
from ideas.errors import WrongRole
from ideas.models import (
    Assignment,
    Campaign,
    Draft,
    Exchange,
    Idea,
    IdeaEvent,
    Message,
    OfficeEvent,
    Photo,
    Resident,
    Shortlist,
    User,
)
from ideas.models.ideas import IdeaQuerySet
from ideas.models.messages import MessageQuerySet
from ideas.models.panel import AssignmentQuerySet
from ideas.models.sealed import keyring
from ideas.rules import receipts
from ideas.rules.workflow import VALID, staff_status

AnyUser = User | AnonymousUser
CODE_PURPOSE = "query-code"
FORM_PURPOSE = "form-key"


class TrackingGrant(NamedTuple):
    """An idea that a session was opened for by `idea_by_code`, and which code it was."""

    key: int
    mark: str


# Whoever has one of them reads originals or contacts, and is not blind to who proposed what.
NAME_PERMISSIONS = frozenset(
    {
        "view_idea",
        "screen_idea",
        "edit_published",
        "see_restricted",
        "show_contact",
        "export_contact",
        "export_idea",
        "import_idea",
        "enter_idea",
        "view_message",
        "view_resident",
        "change_resident",
    }
)


def sees_names(user: AnyUser) -> bool:
    """Whether a role of this (active) user shows who proposed an idea: then nothing is rated blindly."""
    return user.pk is not None and people_who_see_names().filter(pk=user.pk).exists()


def people_who_see_names() -> QuerySet[User]:
    """All active users of whom `sees_names()` is true, in one query."""
    shown = Permission.objects.filter(content_type__app_label="ideas", codename__in=NAME_PERMISSIONS)
    by_role = Q(groups__permissions__in=shown) | Q(user_permissions__in=shown) | Q(is_superuser=True)
    return User.objects.filter(by_role, is_active=True).distinct()


def require(user: User, permission: str) -> None:
    """Refuse unless the (active) user has the permission, e.g. "ideas.screen_idea"."""
    if not user.has_perm(permission):
        raise WrongRole(gettext_lazy("Your role does not allow this."))


def require_may_see(user: User, idea: Idea) -> None:
    """Refuse an act on a restricted idea by whoever may not see it: pages hide it, and services do not trust them."""
    if idea.restricted:
        require(user, "ideas.see_restricted")


def public_campaigns(at: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.announced(at).newest_first()


def public_winners(campaign: Campaign) -> QuerySet[Idea]:
    """The released winners of a campaign in the order of their places; nobody's before release."""
    if not campaign.is_released:
        return Idea.objects.none()
    return (
        campaign.ideas.filter(status=Status.AWARDED)
        .select_related("topic", "area", "resident", "shortlist_entry__tier")
        .prefetch_related(*_shown_photos())
        .order_by("shortlist_entry__rank")
    )


def _shown_photos() -> list[Prefetch]:
    """The released photos of ideas and of those merged into them, for Idea.carried_photos."""
    own = Prefetch("photos", Photo.objects.released(), to_attr="shown_photos")
    merged = Idea.objects.unrestricted().only("id", "merged_into").prefetch_related(own)
    return [own, Prefetch("merged", merged, to_attr="carried")]


def released_photos(idea: Idea) -> QuerySet[Photo]:
    """The photos that stand with an idea that everybody can read: its own, and those of ideas merged into it."""
    carried = Q(idea__in=idea.merged.unrestricted())
    return Photo.objects.released().filter(_photo_not_held(), Q(idea=idea) | carried).order_by("id")


def _photo_not_held() -> Q:
    """As `_not_held`, of released photos."""
    return Q(idea__campaign__released_at__isnull=False) | _before_the_choice("shown_at", "idea__campaign")


def public_ideas(campaign: Campaign) -> IdeaQuerySet:
    """The ideas of a public campaign that it lets everybody read, newest first; none if it does not show its ideas."""
    return _published(campaign.ideas.valid()).filter(_not_held(), campaign__show_ideas=True)


def _not_held() -> Q:
    """From the end of the rating to the release no text becomes public that was not before.

    The office writes the texts of the listed ideas then: shown at once, they would tell the list before its release.
    """
    at_once = Q(action=Action.EDIT_PUBLISHED, idea__campaign__two_checks=False)
    published = IdeaEvent.objects.filter(at_once | Q(action=Action.RELEASE_TEXT), idea=OuterRef("pk"))
    before = published.filter(_before_the_choice("at", "idea__campaign"))
    return Q(campaign__released_at__isnull=False) | Q(Exists(before)) | ~Q(Exists(published))


def _before_the_choice(moment: str, campaign: str) -> Q:
    """Whether something happened before the winners began to be chosen."""
    rated, listed = f"{campaign}__rating_until", f"{campaign}__shortlist__proposed_at"
    still = Q(**{f"{rated}__isnull": True}) | Q(**{f"{moment}__lt": F(rated)})
    return still & (Q(**{f"{listed}__isnull": True}) | Q(**{f"{moment}__lt": F(listed)}))


def was_told_before_the_choice(events: Any, campaign: str) -> Q:
    """Whether one of these `events` (of the asking row, with a moment "at") lies before the choice, or all is released;
    `campaign` is the events' path to it, of which the first step leads to the asking row."""
    before = events.filter(_before_the_choice("at", campaign))
    return Q(**{f"{campaign.partition('__')[2]}__released_at__isnull": False}) | Q(Exists(before))


def is_held(idea: Idea) -> bool:
    """Whether the published text of an idea waits for the release, though its campaign shows its ideas."""
    if not idea.published_text or not idea.campaign.show_ideas:
        return False
    return not Idea.objects.filter(_not_held(), pk=idea.pk).exists()


def shown_ideas(at: datetime) -> IdeaQuerySet:
    """Every idea that the public can read somewhere, newest first: shown ones, and released winners."""
    is_winner = Q(status=Status.AWARDED, campaign__released_at__isnull=False)
    announced = Idea.objects.valid().filter(campaign__in=Campaign.objects.announced(at))
    return _published(announced).filter(Q(_not_held(), campaign__show_ideas=True) | is_winner)


def _published(ideas: IdeaQuerySet) -> IdeaQuerySet:
    """Those with a published text, without what is not the public's: the original, the codes, the person."""
    return (
        ideas.unrestricted()
        .exclude(published_title="")
        .exclude(published_text="")
        .select_related("campaign", "topic", "area")
        .defer("title", "problem", "proposal", "code_hash", "form_hash", "suspicions", "event_head")
        .order_by("-received_at", "-id")
    )


def drafts(keys: Sequence[UUID], campaign: Campaign, at: datetime) -> list[Draft]:
    """The drafts of some form keys in their order (whoever knows a key is its writer), sent or not, in their time."""
    hashes = [kept for key in keys for kept in form_hashes(key)]
    if not hashes:
        return []
    rows = {
        row.form_hash: row for row in Draft.objects.filter(form_hash__in=hashes, campaign=campaign, expires_at__gt=at)
    }
    for row in rows.values():
        row.campaign = campaign
    prefetch_related_objects([row for row in rows.values() if row.idea_id], "idea")  # few are sent, and ideas are wide
    return [rows[kept] for kept in hashes if kept in rows]


def linked_draft(link: UUID, campaign: Campaign, at: datetime) -> Draft | None:
    """The draft of a private link: to be copied, for whoever has the link need not be its writer.

    A link names what is kept of the form key, from which the key cannot be found. Those of before named the key.
    """
    found = Draft.objects.filter(form_hash__in=[link, *form_hashes(link)], campaign=campaign, expires_at__gt=at)
    draft = found.select_related("idea", "campaign").first()
    return draft if draft and draft.content.clerk is None else None


def form_hashes(key: UUID) -> list[UUID]:
    """What is kept of a form key, under every key of the ring; the first is written.

    A form key opens somebody's draft and query code: who reads the database, or lists of it, must not learn one.
    """
    return [uuid5(NAMESPACE_OID, mark) for mark in keyring().digests(key.bytes, FORM_PURPOSE)]


def photo(
    key: UUID, *, user: AnyUser, draft_keys: Sequence[UUID], opened: TrackingGrant | None, at: datetime
) -> Photo | None:
    """A photo for its writer (by the form's key, or by number and code), for staff, or released, for everybody."""
    row = Photo.objects.select_related("idea", "draft").filter(key=key).first()
    if row is None:
        return None
    own_forms = {kept for form in draft_keys for kept in form_hashes(form)}
    if row.draft is not None:
        return row if row.draft_id in own_forms and row.draft.expires_at > at else None
    idea = row.idea
    if idea is None:  # of a place of a referral: queries.referral_photos
        return None
    if (not row.is_slip or _sees_slips(user)) and screened_ideas(user).filter(pk=idea.pk).exists():
        return row
    if row.is_slip:  # evidence of the office: besides those who screen, for whoever typed it in
        return row if entered_ideas(user).filter(pk=idea.pk).exists() else None
    own = idea.form_hash in own_forms or opened == TrackingGrant(idea.pk, code_fingerprint(idea))
    return row if own or _is_public(row, idea, at) else None


def _sees_slips(user: AnyUser) -> bool:
    """On a slip stand name and telephone: those who only oversee are shown none."""
    return user.has_perm("ideas.screen_idea")


def without_slips(user: AnyUser, photos: Any) -> Any:
    """The photos of an idea for a page of staff."""
    return photos if _sees_slips(user) else photos.filter(is_slip=False)


def _is_public(photo: Photo, idea: Idea, at: datetime) -> bool:
    """A released photo is everybody's wherever its idea is, or the one that its idea was merged into."""
    if idea.restricted or not Photo.objects.released().filter(_photo_not_held(), pk=photo.pk).exists():
        return False
    return shown_ideas(at).filter(pk__in=[pk for pk in (idea.pk, idea.merged_into_id) if pk]).exists()


def code_fingerprint(idea: Idea) -> str:
    """The last digits of the code's keyed hash: enough to notice a new code, and nothing to guess the code from."""
    return idea.code_hash[-12:]


def tracked_idea(opened: TrackingGrant) -> Idea | None:
    """The idea of a session, as long as its code is the one that opened it."""
    idea = Idea.objects.select_related("campaign", "topic", "area").filter(pk=opened.key).first()
    return idea if idea and code_fingerprint(idea) == opened.mark else None


def idea_by_code(receipt: str, code: str) -> Idea | None:
    """The idea of a receipt number and its query code as somebody typed them, or None for every wrong pair.

    An unknown number costs the same query and hash as a wrong code, so that time does not tell which numbers exist.
    Nothing limits how often: that is services.tracking.open_idea().
    """
    idea = Idea.objects.filter(receipt=receipts.look_up_key(receipt)).first()
    salt, _sep, digest = (idea.code_hash if idea else f"-$hmac-sha256:{keyring().current}:").partition("$")
    right = keyring().matches(digest, f"{salt}:{receipts.read_code(code)}".encode(), CODE_PURPOSE)
    return idea if right else None


def knows_list(user: AnyUser, campaign: Campaign) -> bool:
    """Whether somebody knows who is on a campaign's list: those who make or audit it; everybody once released."""
    return campaign.is_released or user.has_perm("ideas.view_shortlist")


def status_for(user: AnyUser, idea: Idea) -> Status:
    """What staff are told of an idea's status: before the release a listed idea is an accepted one like others."""
    return staff_status(idea.status, knows=knows_list(user, idea.campaign))


def with_status(user: AnyUser, ideas: Any, status: str) -> Any:
    """Those of the ideas that `status_for` says this of."""
    if user.has_perm("ideas.view_shortlist") or status not in VALID:
        return ideas.filter(status=status)
    said = Q(status=status, campaign__released_at__isnull=False)
    return ideas.filter(said | Q(status__in=VALID, campaign__released_at=None) if status == Status.ACCEPTED else said)


def screened_ideas(user: AnyUser) -> IdeaQuerySet:
    """The ideas that a member of staff may open in the admin; restricted ones for named staff only."""
    if user.has_perm("ideas.view_idea"):
        return visible_to(user, Idea.objects.all(), "restricted")
    return Idea.objects.none()


def visible_to(user: AnyUser, rows: QuerySet, *restricted: str) -> Any:
    """Rows that say nothing of a restricted idea, for all but named staff; each `restricted` leads to Idea.restricted.

    Every list that staff see of anything that hangs on ideas goes through here.
    """
    if user.has_perm("ideas.see_restricted"):
        return rows
    for field in restricted:
        rows = rows.exclude(**{field: True})
    return rows


def mask_restricted_receipts(user: AnyUser, texts: Iterable[str]) -> list[str]:
    """Texts in which no receipt number of a restricted idea is left, for all but named staff.

    For what names other ideas: the history, the list's ties. One query, and none where no number is named.
    """
    rows = list(texts)
    numbers = {number for text in rows for number in receipts.receipts_in(text)}
    if not numbers or user.has_perm("ideas.see_restricted"):
        return rows
    hidden = Idea.objects.restricted().filter(receipt__in=numbers).values_list("receipt", flat=True)
    for number in hidden:
        rows = [text.replace(number, str(gettext_lazy("an idea that is restricted"))) for text in rows]
    return rows


def resident_for(user: AnyUser, idea: Idea) -> Resident | None:
    """Who stands behind an idea, for masked display; nobody for those who only oversee."""
    return getattr(idea, "resident", None) if user.has_perm("ideas.screen_idea") else None


def outbox(user: AnyUser) -> MessageQuerySet:
    """The messages that a member of staff may look at in the admin; word to keepers belongs to no idea."""
    rows = visible_to(user, Message.objects.defer("payload"), "idea__restricted")
    to_keepers = (MessageTemplate.RESTRICTED, MessageTemplate.RESTRICTED_WAITS)
    return rows if user.has_perm("ideas.see_restricted") else rows.exclude(template__in=to_keepers)


def office_log(user: AnyUser) -> QuerySet[OfficeEvent]:
    """The office's log, for those who may read it."""
    if not user.has_perm("ideas.view_officeevent"):
        return OfficeEvent.objects.none()
    return visible_to(user, OfficeEvent.objects.select_related("actor", "idea", "campaign"), "idea__restricted")


def mergers(user: AnyUser) -> QuerySet[IdeaEvent]:
    """Every merger that was ever made, newest first, for those who oversee; also those that were undone."""
    if not user.has_perm("ideas.view_officeevent"):
        return IdeaEvent.objects.none()
    events = IdeaEvent.objects.filter(action=Action.MERGE).select_related(
        "idea__merged_into", "idea__campaign", "actor"
    )
    shown = visible_to(user, events, "idea__restricted")
    if not user.has_perm("ideas.see_restricted"):
        hidden = Idea.objects.restricted().values_list("receipt", flat=True)
        shown = shown.exclude(detail__into__in=list(hidden))
    return shown.order_by("-at", "-id")


def entered_ideas(user: AnyUser) -> IdeaQuerySet:
    """What somebody typed in from paper and telephone, newest first: own entries only, and as one who may enter."""
    if not user.has_perm("ideas.enter_idea"):
        return Idea.objects.none()
    own = Idea.objects.unrestricted().filter(entered_by_id=user.pk)
    return own.select_related("campaign", "topic", "area").order_by("-entered_at", "-id")


def assignments(user: AnyUser) -> AssignmentQuerySet:
    """A panellist's own assignments, except those stood aside from; the resident is never joined.

    Nothing for somebody whose other role shows names: such a desk would not be blind.
    """
    if not user.is_authenticated or sees_names(user):
        return Assignment.objects.none()
    return (
        Assignment.objects.not_recused()
        .unrestricted()
        .filter(panellist__user=user, panellist__is_active=True)
        .select_related("idea__topic", "idea__area", "panellist__campaign")
    )


def may_see_paper(user: AnyUser, campaign: Campaign) -> bool:
    """Marks from paper are for those who type them in; nobody who sits on the panel sees colleagues' sheets."""
    return user.has_perm("ideas.enter_rating") and not campaign.panellists.filter(user=user.pk).exists()


def lists_for_a_second(user: AnyUser) -> QuerySet[Shortlist]:
    """Lists with an exchange, a signature or a release that waits for a second person, which this one may be."""
    if not user.has_perm("ideas.seal_shortlist"):
        return Shortlist.objects.none()
    still_open = {"shortlist__sealed_at": None, "removed__shortlist_entry__shortlist": F("shortlist")}
    exchange = Exchange.objects.waiting().filter(shortlist=OuterRef("pk"), **still_open).exclude(proposed_by=user.pk)
    is_signed_by_another = Q(sealed_by=None) & ~Q(first_seal_by=None) & ~Q(first_seal_by=user.pk)
    is_to_confirm = Q(release_at=None) & ~Q(release_asked_by=None) & ~Q(release_asked_by=user.pk)
    return Shortlist.objects.filter(Exists(exchange) | is_signed_by_another | is_to_confirm).order_by("id")


def shortlists(user: AnyUser) -> QuerySet[Shortlist]:
    if user.has_perm("ideas.view_shortlist"):
        return Shortlist.objects.select_related("campaign")
    return Shortlist.objects.none()
