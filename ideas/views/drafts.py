"""Which forms this browser is filling in: their keys in a cookie, and the private link that brings one elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas.models import Draft
from ideas.queries import access
from ideas.requests import Request
from ideas.services.drafts import DRAFT_LIFE

MOST = 6  # forms that a browser remembers; two tabs are two forms
TAG = 8  # so many digits of a key tell one's own forms apart, and are of no use to anybody else


def keys(request: HttpRequest) -> list[UUID]:
    """The keys of this browser's forms, the one kept last first."""
    found = [read_key(text) for text in request.COOKIES.get(settings.DRAFT_COOKIE_NAME, "").split(".")[:MOST]]
    return [key for key in found if key]


def read_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


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
    return _set(response, [key.hex[:TAG] for key in keys(request)])


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


def address(name: str, draft: Draft, among: Sequence[Draft]) -> str:
    """Of the check page or the receipt page; it names its draft only where the browser has several."""
    plain = reverse(name, args=[draft.campaign.slug])
    return f"{plain}?form={tag(draft)}" if any(other.pk != draft.pk for other in among) else plain


@never_cache
@require_safe
def resume(request: Request, slug: str, key: UUID) -> HttpResponse:
    """The private link: this browser goes on with the form. The address with the key in it is left at once."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    draft = next(iter(access.drafts([key], campaign, request.at)), None)
    if draft is None or draft.idea_id:
        return render(request, "ideas/gone.html", {"campaign": campaign, "is_sent": draft is not None}, status=410)
    return remember(request, redirect(f"{reverse('submit', args=[slug])}?change={tag(draft)}"), key)
