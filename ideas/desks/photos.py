"""What the pages of a photo's release share, be it of an idea or of a referral's place: rows, buttons, covers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.desks.pages import press
from ideas.forms.publishing import EDGES, CoverForm
from ideas.forms.screening import DecisionForm
from ideas.models import Photo, User
from ideas.requests import StaffRequest
from ideas.services import photos

SPARE_ROWS = 4  # empty rows of numbers for whoever covers a photo without script
PHOTO_DONE = {
    "check": gettext_lazy("The first check of the photo is done."),
    "on": gettext_lazy("The photo is released."),
    "off": gettext_lazy("Taken back."),
}


@dataclass(frozen=True)
class PhotoRow:
    """A photo on a page, with what it waits for in words, and its buttons as (wish, label)."""

    photo: Photo
    state: str
    buttons: list[tuple[str, str]]
    may_cover: bool
    is_carried: bool = False  # of an idea that was merged into the page's


def row_of(photo: Photo, user: User, *, may_act: bool, may_release: bool, two_checks: bool) -> PhotoRow:
    state, buttons = _state_of(photo, user, may_release=may_release, two_checks=two_checks)
    is_sent = not photo.is_slip and photo.copy_of_id is None
    return PhotoRow(photo, state, buttons if may_act else [], is_sent and may_act)


def _state_of(photo: Photo, user: User, *, may_release: bool, two_checks: bool) -> tuple[str, list[tuple[str, str]]]:
    """What the photo waits for, in words, and the buttons for it."""
    if photo.is_slip:
        return _("photo of the slip: never released"), []
    if photo.shown_at:
        return _("released"), [("off", _("Take back"))]
    if photo.copies.all():
        is_shown = any(copy.shown_at for copy in photo.copies.all())
        return _("private; its covered copy is released") if is_shown else _("private; its covered copy waits"), []
    if not may_release:
        return _("private"), []
    return _check_state(photo, user) if two_checks else (_("private"), [("on", _("Release"))])


def _check_state(photo: Photo, user: User) -> tuple[str, list[tuple[str, str]]]:
    """Which of the two checks comes next."""
    if photo.checked_by_id is None:
        return _("waits for the first check"), [("check", _("First check: pass"))]
    if photo.checked_by_id == user.pk:
        return _("first check by you; somebody else does the final one"), []
    return _("waits for the final check"), [("on", _("Final check: release"))]


def act_of(wish: str, user: User) -> Callable[..., None]:
    """The verb of a button beside a photo."""
    if wish == "check":
        return partial(photos.check_photo, checker=user)
    return partial(photos.release_photo, editor=user, shown=wish == "on")


def press_cover(request: StaffRequest, form: CoverForm) -> int:
    """Save or discard the covered copy; the status of the page that comes back, 0 where it is done."""
    is_discarded = "discard" in request.POST
    seen_form = DecisionForm(request.POST) if is_discarded else form
    if not seen_form.is_valid():
        return 422
    covers, seen = [] if is_discarded else form.cleaned_data["covers"], seen_form.cleaned_data["expected_version"]

    def act() -> None:
        photos.cover_photo(photo=form.photo, covers=covers, editor=request.user, at=request.at, expected_version=seen)

    done = _("The covered copy is discarded.") if is_discarded else _("The covered copy is saved. Release it here.")
    return 0 if press(request, act, done) else 409


def cover_page(form: CoverForm) -> dict[str, Any]:
    """What the page shows on which rectangles are drawn."""
    return {
        "photo": form.photo,
        "form": form,
        "seen": form.photo.about_version,
        "rows": [*form.rows(), *(dict.fromkeys(EDGES, "") for _spare in range(SPARE_ROWS))],
        "has_copy": form.photo.copies.exists(),
    }
