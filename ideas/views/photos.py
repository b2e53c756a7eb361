"""Uploading photos one by one from the form's script, and showing them to those who may see them."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.choices import Phase
from ideas.errors import Refusal
from ideas.forms.photos import not_stored, read_photos
from ideas.models import Draft, Photo
from ideas.models.photos import photo_store
from ideas.queries import access, referral_photos
from ideas.requests import Request, read_key
from ideas.services import photos as services
from ideas.services.drafts import DraftGone, make_draft
from ideas.services.files import NotStored
from ideas.services.throttle import sender_key
from ideas.views import drafts
from ideas.views.pages import only_posted
from ideas.views.tracking import opened


@require_safe
def photo(request: Request, key: UUID, small: bool = False) -> HttpResponseBase:
    """A picture, for those who may see it; for everybody else it does not exist."""
    row = _photo_for(request, key)
    if row is None:
        raise Http404
    try:
        file = photo_store().open(row.thumb_name if small else row.file_name)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})


def _photo_for(request: Request, key: UUID) -> Photo | None:
    """The photo, if this browser may have it as its sender's, by any of the ideas that it has open, as staff's or as
    a unit's."""
    for one in [*opened(request), None]:
        row = access.photo(key, user=request.user, draft_keys=drafts.keys(request), opened=one, at=request.at)
        if row is not None:
            return row
    return referral_photos.photo(key, user=request.user, opened=opened(request), at=request.at)


@never_cache
def add(request: Request, slug: str) -> HttpResponse:
    """Take the photos that the form's script sends, apart from the text; answers with the new strip of photos."""
    if request.method != "POST":
        return only_posted(request)
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    key = read_key(request.POST.get("form_key", ""))
    if key is None or campaign.phase(request.at) != Phase.COLLECTING:
        return HttpResponse(_("This campaign is not taking ideas now."), status=410, content_type="text/plain")
    try:
        draft = make_draft(key=key, campaign=campaign, at=request.at, address=request.client_address)
    except DraftGone as refusal:
        return HttpResponse(str(refusal), status=410, content_type="text/plain")
    if draft.idea_id:
        sent = _("This form has been sent: the photo could not be added.")
        return HttpResponse(sent, status=410, content_type="text/plain")
    if photo := read_key(request.POST.get("drop_photo", "")):
        services.drop_photo(draft=draft, key=photo)
    faults = take_photos(request, draft)
    context = {"photos": draft.photos.all(), "faults": faults, "removable": True, "campaign": campaign}
    return drafts.remember(request, render(request, "photos/strip.html", context), key)


def take_photos(request: Request, draft: Draft, name: str = "photos") -> list[str]:
    """Add the request's photos to a draft; returns one sentence for each file that is not taken."""
    files = request.FILES.getlist(name)
    if not files or draft.idea_id:
        return []
    sender = sender_key(request.client_address)
    pictures, faults = read_photos(
        files,
        room=conf.photos_per_idea() - draft.photos.count(),
        may_read=lambda: services.may_upload(sender, at=request.at),
    )
    for picture in pictures:
        try:
            services.add_photo(draft=draft, picture=picture, at=request.at)
        except NotStored:
            faults.append(not_stored(_("photo")))
        except Refusal as refusal:
            faults.append(str(refusal))
    return faults
