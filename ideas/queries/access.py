"""Who may see which row: the only way by which a view or the admin obtains one that is not everybody's.

Each function gives a QuerySet narrowed to what the asker may know; what is outside it does not exist for them.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ideas.choices import Status
from ideas.errors import NotPermitted
from ideas.models import Assignment, Campaign, Draft, Idea, Shortlist, User
from ideas.models.ideas import IdeaQuerySet
from ideas.models.panel import AssignmentQuerySet
from ideas.models.sealed import keyring
from ideas.rules import receipts

AnyUser = User | AnonymousUser
CODE_PURPOSE = "query-code"


def require(user: User, permission: str) -> None:
    """Refuse unless the (active) user has the permission, e.g. "ideas.screen_idea"."""
    if not user.has_perm(permission):
        raise NotPermitted(_("Your role does not allow this."))


def public_campaigns(at: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.announced(at).newest_first()


def public_winners(campaign: Campaign) -> QuerySet[Idea]:
    """The released winners of a campaign in the order of their places; nobody's before release."""
    if not campaign.is_released:
        return Idea.objects.none()
    return (
        campaign.ideas.filter(status=Status.AWARDED)
        .select_related("topic", "area", "resident", "pick")
        .order_by("pick__rank")
    )


def draft(key: UUID | None, campaign: Campaign, at: datetime) -> Draft | None:
    """The draft of a form key (whoever knows the key is its writer), sent or not, unless its time is over."""
    if key is None:
        return None
    return Draft.objects.filter(key=key, campaign=campaign, expires_at__gt=at).select_related("idea").first()


def open_draft(key: UUID | None, campaign: Campaign, at: datetime) -> Draft | None:
    """The draft of a form key as long as it has not been sent."""
    found = draft(key, campaign, at)
    return found if found and found.idea_id is None else None


def tracked_idea(key: int) -> Idea | None:
    """The idea that a session was opened for by `idea_by_code`."""
    return Idea.objects.select_related("campaign", "topic", "area").filter(pk=key).first()


def idea_by_code(receipt: str, code: str) -> Idea | None:
    """The idea of a receipt number and its query code as somebody typed them, or None for every wrong pair.

    An unknown number costs the same hash as a wrong code, so that time does not tell which numbers exist.
    """
    number = receipts.read_receipt(receipt)
    idea = Idea.objects.filter(receipt=number).first() if number else None
    salt, _sep, digest = (idea.code_hash if idea else f"-$hmac-sha256:{keyring().current}:").partition("$")
    right = keyring().matches(digest, f"{salt}:{receipts.read_code(code)}".encode(), CODE_PURPOSE)
    return idea if right else None


def screened_ideas(user: AnyUser) -> IdeaQuerySet:
    """The ideas that a member of staff may open in the admin."""
    if user.has_perm("ideas.view_idea"):
        return Idea.objects.all()
    return Idea.objects.none()


def seats(user: AnyUser) -> AssignmentQuerySet:
    """A panellist's own assignments, except those stood aside from; the resident is never joined."""
    if not user.is_authenticated:
        return Assignment.objects.none()
    return (
        Assignment.objects.standing()
        .filter(panellist__user=user, panellist__is_active=True)
        .select_related("idea__topic", "idea__area", "panellist__campaign")
    )


def shortlists(user: AnyUser) -> QuerySet[Shortlist]:
    if user.has_perm("ideas.view_shortlist"):
        return Shortlist.objects.select_related("campaign")
    return Shortlist.objects.none()
