"""What a photo belongs to, an idea or a place of a referral: who acts on it, what is locked, where the act is noted."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, ReferralAct
from ideas.errors import Stale
from ideas.models import Idea, Photo, User
from ideas.queries.access import require, require_may_see
from ideas.services.referrals import held, move_referral
from ideas.services.workflow import move_idea


def require_editor(photo: Photo, staff: User) -> None:
    """Refuse whoever does not release what it belongs to: texts of ideas, or what units say."""
    require(staff, "ideas.refer_idea" if photo.place_id else "ideas.edit_published")


def held_photo(photo: Photo, staff: User) -> Photo:
    """The photo as it is now, with what it belongs to locked: nobody else acts on it meanwhile."""
    if photo.place:
        held(photo.place.referral)
    else:
        Idea.objects.select_for_update().get(pk=about(photo).pk)
    related = ("idea__campaign", "place__idea__campaign", "place__referral")
    row = Photo.objects.select_related(*related).filter(pk=photo.pk).first()
    if row is None:
        raise Stale(_("This photo is gone. Nothing was changed; please look again."))
    require_may_see(staff, about(row))
    return row


def about(photo: Photo) -> Idea:
    assert photo.about is not None  # noqa: S101 - only a photo of an idea or a place has a page with buttons
    return photo.about


def note_photo(photo: Photo, action: Action, actor: User, at: datetime, expected_version: int | None) -> None:
    """One event in the trail of what it belongs to; Stale if that is not the version that the actor's page showed."""
    detail = {"photo": str(photo.key)}
    if photo.place:
        referral = held(photo.place.referral, expected_version)
        move_referral(referral, ReferralAct(action), actor=actor, at=at, detail=detail)
    else:
        move_idea(
            idea=about(photo), action=action, actor=actor, at=at, detail=detail, expected_version=expected_version
        )
