"""Photos before and after on the pages of a referral: taken from a form, shown by place, released by the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ideas.choices import PhotoStage
from ideas.desks.pages import button, needs, page, press, render
from ideas.desks.photos import PHOTO_DONE, PhotoRow, act_of, cover_page, press_cover, row_of
from ideas.errors import Refusal
from ideas.forms.photos import read_photos
from ideas.forms.publishing import CoverForm, PhotoForm
from ideas.forms.referral_photos import PlacePhotosForm
from ideas.models import Milestone, Photo, Referral, ReferralIdea, User
from ideas.queries.referral_photos import photo_of_office, photo_of_unit, photos_of_places, room_for
from ideas.queries.referrals import adds_photos_to, places_for_unit, reached_referrals
from ideas.requests import StaffRequest, number_in, read_key
from ideas.rules.referrals import TAKES_PHOTOS
from ideas.services import referral_photos as services

PAGE = "admin:ideas_referral_change"


@dataclass(frozen=True)
class PlaceRow:
    """A place with its photos, before and after."""

    place: ReferralIdea
    title: str
    stages: list[tuple[str, list[PhotoRow]]]


def section_of(
    referral: Referral,
    user: User,
    places: Sequence[tuple[ReferralIdea, str]],
    form: PlacePhotosForm | None = None,
    *,
    released: bool = False,
) -> dict[str, Any]:
    """What a referral's page shows of photos: `places` with their titles as the page says them, a form that was
    refused, and whether only what is released is shown."""
    may_add = referral.state in TAKES_PHOTOS and adds_photos_to(user, referral)
    return {
        "places": _rows(referral, places, user, released),
        "photo_form": form or (PlacePhotosForm(referral=referral, places=places) if may_add else None),
        "may_add_photos": may_add,
    }


def _rows(referral: Referral, places: Sequence[tuple[ReferralIdea, str]], user: User, released: bool) -> list[PlaceRow]:
    photos = list(photos_of_places(referral, released=released))
    stages = [(str(label), str(stage)) for stage, label in PhotoStage.choices]
    may_act, two_checks = user.has_perm("ideas.refer_idea"), referral.campaign.two_checks
    row = partial(row_of, user=user, may_act=may_act, may_release=True, two_checks=two_checks)

    def of(place: ReferralIdea, stage: str) -> list[PhotoRow]:
        return [row(one) for one in photos if (one.place_id, one.stage) == (place.pk, stage)]

    found = [PlaceRow(place, title, [(label, of(place, stage)) for label, stage in stages]) for place, title in places]
    return [each for each in found if any(rows for _label, rows in each.stages)]


def take(request: StaffRequest, referral: Referral) -> tuple[PlacePhotosForm, list[Photo]]:
    """Keep the photos of a form that was posted, whatever else stands in it; one sentence for each that is not taken
    is at the form's field."""
    places = [(place, text.title) for place, text in places_for_unit(referral)]
    form = PlacePhotosForm(request.POST, request.FILES, referral=referral, places=places)
    files = request.FILES.getlist("photos")
    if not files:
        form.add_error("photos", _("Choose at least one photo."))
        return form, []
    if not form.is_valid():
        form.add_error("photos", _("The photos were not kept. Please choose them again."))
        return form, []
    place, stage = form.chosen()
    return form, keep(request, form, place, stage)


def keep(
    request: StaffRequest, form: Form, place: ReferralIdea, stage: PhotoStage, milestone: Milestone | None = None
) -> list[Photo]:
    """Add the files of a form's field `photos`; one sentence there for each that is not taken."""
    may_read = partial(services.may_upload, request.user, at=request.at)
    room = room_for(place, stage, milestone)
    pictures, faults = read_photos(request.FILES.getlist("photos"), room=room, may_read=may_read)
    added: list[Photo] = []
    about: dict[str, Any] = {"place": place, "stage": stage, "milestone": milestone}
    try:
        added = services.add_photos(**about, pictures=pictures, person=request.user, at=request.at)
    except Refusal as refusal:
        faults.append(str(refusal.message))
    for fault in faults:
        form.add_error("photos", fault)
    return added


def added_words(added: Sequence[Photo]) -> str:
    words = ngettext("%(n)s photo is added.", "%(n)s photos are added.", len(added))
    return words % {"n": len(added)}


def remove(request: StaffRequest, referral: Referral) -> bool:
    """Take out the photo whose button was pressed; whether it is gone."""
    photo = get_object_or_404(photo_of_unit(referral), key=read_key(request.POST.get("remove", "")))
    seen = number_in(request.POST.get("seen", ""))
    act = partial(services.remove_photo, photo=photo, person=request.user, at=request.at, expected_version=seen)
    return press(request, act, _("The photo is removed."))


@needs("ideas.refer_idea")
def add(request: StaffRequest, pk: int) -> HttpResponse:
    """Photos of the office, which looked on site, or of a unit that is written to."""
    referral = get_object_or_404(reached_referrals(request.user).select_related("campaign", "unit"), pk=pk)
    if "remove" in request.POST:
        remove(request, referral)
        return redirect(PAGE, pk)
    form, added = take(request, referral)
    for faults in form.errors.values():
        for fault in faults:
            messages.error(request, str(fault))
    if added:
        messages.success(request, added_words(added))
    return redirect(PAGE, pk)


@needs("ideas.refer_idea")
def press_photo(request: StaffRequest, pk: int, key: UUID) -> HttpResponse:
    """The first check of a photo, its release, or the end of its release."""
    photo = get_object_or_404(photo_of_office(request.user, pk), key=key)
    form = PhotoForm(request.POST)
    if not form.is_valid():
        raise Http404  # no button of ours
    wish, seen = form.cleaned_data["shown"], form.cleaned_data["expected_version"]
    act = partial(act_of(wish, request.user), photo=photo, at=request.at, expected_version=seen)
    press(request, act, str(PHOTO_DONE[wish]))
    return redirect(PAGE, pk)


@needs("ideas.refer_idea")
def cover(request: StaffRequest, pk: int, key: UUID) -> HttpResponse:
    """Cover faces and plates: by drawing with a pointer, or by numbers."""
    photo = get_object_or_404(photo_of_office(request.user, pk), key=key, copy_of=None)
    if request.method != "POST":
        return _show_cover(request, CoverForm(photo=photo))
    form = CoverForm(request.POST, photo=photo)
    status = press_cover(request, form)
    if status == 409:
        form = CoverForm(request.POST, photo=get_object_or_404(photo_of_office(request.user, pk), key=key))
    return _show_cover(request, form, status) if status else redirect(PAGE, pk)


def _show_cover(request: StaffRequest, form: CoverForm, status: int = 200) -> HttpResponse:
    context = {"referral": form.photo.place and form.photo.place.referral, **cover_page(form)}
    title = _("Cover parts of a photo")
    return render(request, "admin/ideas/referral/cover.html", context, title=title, model=Referral, status=status)


urls = [
    button("<int:pk>/photos/", add, "ideas_referral_photos", row=PAGE),
    button("<int:pk>/photos/<uuid:key>/", press_photo, "ideas_referral_photo", row=PAGE),
    page("<int:pk>/photos/<uuid:key>/cover/", cover, "ideas_referral_cover"),
]
