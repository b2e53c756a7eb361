"""Which forms this browser is filling in: their keys in a cookie, and the private link that brings one elsewhere."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas.models import Draft
from ideas.queries import access
from ideas.requests import Request, read_key
from ideas.services.drafts import DRAFT_LIFE, copy_draft
from ideas.services.photos import copy_photos

MOST = 6  # forms that a browser remembers; two tabs are two forms
OWN = "own form"
TAG = 8  # so many digits of a key tell one's own forms apart, and are of no use to anybody else


def keys(request: HttpRequest) -> list[UUID]:
    """The keys of this browser's forms, the one kept last first."""
    found = [read_key(text) for text in request.COOKIES.get(settings.DRAFT_COOKIE_NAME, "").split(".")[:MOST]]
    return [key for key in found if key]


def remember(request: HttpRequest, response: HttpResponse, key: UUID) -> HttpResponse:
    """Keep a form's key with the browser: it shows the writer, and nobody else, the next pages."""
    known = [key, *(other for other in keys(request) if other != key)][:MOST]
    return _set(response, [*map(str, known), *forgotten(request)[:MOST]])


def forgotten(request: HttpRequest) -> list[str]:
    """The tags of sent forms that this browser was told to forget: its script drops what it still has of them."""
    return [text for text in request.COOKIES.get(settings.DRAFT_COOKIE_NAME, "").split(".") if len(text) == TAG]


def forget_one(request: HttpRequest, response: HttpResponse, key: UUID) -> HttpResponse:
    """Keep one form's key no more; the script is told to drop what it has of it."""
    known = [str(other) for other in keys(request) if other != key]
    return _set(response, [*known, *[key.hex[:TAG], *forgotten(request)][:MOST]])


def forget(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep no key any more, so that nobody opens these forms and receipts here."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # what the form's script kept; heeded over https only
    tags = [key.hex[:TAG] for key in keys(request)]
    # Read by the form's script: a page that the browser itself kept, with all that was typed, is not shown again.
    before = request.COOKIES.get(settings.FORGOTTEN_COOKIE_NAME, "").split(".")
    response.set_cookie(
        settings.FORGOTTEN_COOKIE_NAME,
        ".".join([*tags, *(text for text in before if len(text) == TAG)][: 3 * MOST]),
        max_age=DRAFT_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return _set(response, tags)


def _set(response: HttpResponse, entries: list[str]) -> HttpResponse:
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        ".".join(entries),
        max_age=DRAFT_LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def tag(draft: Draft) -> str:
    return draft.form_key.hex[:TAG]


def choose(drafts: Sequence[Draft], wished: str) -> Draft | None:
    """The draft that an address names by its tag, else the one kept last."""
    named = [draft for draft in drafts if wished and tag(draft) == wished]
    return next(iter(named or drafts), None)


def unnamed(drafts: Sequence[Draft], wished: str) -> list[Draft]:
    """The other drafts that an address may mean as well as the one chosen: the page says which one it shows."""
    return [] if any(wished == tag(draft) for draft in drafts) else list(drafts[1:])


def waiting(drafts: Sequence[Draft]) -> list[Draft]:
    """Those that are not sent. Named wherever somebody may take another form for all that was written: by a page whose
    address does not say which it means, and by every receipt."""
    return [draft for draft in drafts if draft.idea_id is None]


def address(name: str, draft: Draft, among: Sequence[Draft]) -> str:
    """Of the check page or the receipt page; it names its draft only where the browser has several."""
    plain = reverse(name, args=[draft.campaign.slug])
    return f"{plain}?form={tag(draft)}" if any(other.pk != draft.pk for other in among) else plain


def own_link(slug: str, key: UUID) -> str:
    """A link for whoever has just posted this form: it leads to the form itself, also after the cookies were lost."""
    return f"{reverse('resume', args=[slug, key])}?{urlencode({'own': signing.dumps(str(key), salt=OWN)})}"


def _is_own(request: HttpRequest, draft: Draft) -> bool:
    if draft.form_key in keys(request):
        return True
    try:
        signed = signing.loads(request.GET.get("own", ""), salt=OWN, max_age=DRAFT_LIFE)
    except signing.BadSignature:
        return False
    return signed == str(draft.form_key)


@never_cache
@require_safe
def resume(request: Request, slug: str, key: UUID) -> HttpResponse:
    """The private link: the browser that holds the form goes on with it, every other one with a copy of its own.

    So nobody who was sent the link sees what is added afterwards, nor the receipt. The address is left at once.
    """
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    draft = access.linked_draft(key, campaign, request.at)
    if draft is None or draft.idea_id:
        return render(request, "ideas/gone.html", {"campaign": campaign, "is_sent": draft is not None}, status=410)
    if request.method == "HEAD":  # a preview of the link
        return redirect("submit", slug=slug)
    own = draft if _is_own(request, draft) else _copy(request, draft)
    return remember(request, redirect(f"{reverse('submit', args=[slug])}?change={tag(own)}"), own.form_key)


def _copy(request: Request, draft: Draft) -> Draft:
    copy = copy_draft(source=draft, key=uuid4(), at=request.at, address=request.client_address)
    copy_photos(source=draft, target=copy, at=request.at)
    messages.success(request, _("This is a copy of the form of the private link. What you change here stays here."))
    if copy.photos.count() < draft.photos.count():
        messages.warning(request, _("Not all photos could be copied just now; please add them again."))
    return copy
