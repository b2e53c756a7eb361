"""Submitting an idea: form, check your answers, receipt. No account; the form key ties the three together."""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ideas.choices import Phase
from ideas.forms.ideas import IdeaForm
from ideas.models import Campaign, Draft
from ideas.queries import access
from ideas.requests import Request
from ideas.rules.receipts import show_code
from ideas.services import residents
from ideas.views.privacy import remember_choices


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: Request, slug: str) -> HttpResponse:
    """The form. Going back from the receipt and sending the same words again gives the same receipt."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if campaign.phase(request.at) != Phase.COLLECTING:
        return _not_collecting(request, campaign, request.POST)
    if request.method == "POST":
        return _keep(request, campaign)
    draft = access.open_draft(_key(request), campaign, request.at) if "change" in request.GET else None
    initial = {**draft.payload["answers"], "form_key": draft.key} if draft else None
    response = _show_form(request, campaign, IdeaForm(campaign=campaign, initial=initial))
    if draft:
        add_never_cache_headers(response)
    return response


def _keep(request: Request, campaign: Campaign) -> HttpResponse:
    """Check what was typed and keep it as a draft; on to "check your answers"."""
    if {"language", "elder"} & request.POST.keys():
        return _show_otherwise(request, campaign)
    form = IdeaForm(_with_key(request.POST.dict()), campaign=campaign)
    if not form.is_valid():
        response = _show_form(request, campaign, form)
        add_never_cache_headers(response)
        return response
    earlier = access.draft(_key(request), campaign, request.at)
    if earlier and residents.is_same(earlier, form.cleaned_data):
        return redirect("done", slug=campaign.slug)
    key = form.cleaned_data["form_key"]
    try:
        residents.save_draft(key=key, campaign=campaign, answers=form.answers(request.LANGUAGE_CODE), at=request.at)
    except residents.DraftGone:  # the key of another campaign's form
        typed = _with_key({**request.POST.dict(), "form_key": ""})
        return _show_form(request, campaign, IdeaForm(typed, campaign=campaign), gone=True)
    return _remember(redirect("check", slug=campaign.slug), key)


def _show_otherwise(request: Request, campaign: Campaign) -> HttpResponse:
    """The form in another language or size, with all that was typed so far: the buttons in the head send it along."""
    language = request.POST.get("language", request.LANGUAGE_CODE)
    if "elder" in request.POST:
        request.COOKIES[settings.ELDER_COOKIE_NAME] = request.POST["elder"]
    with translation.override(language if translation.check_for_language(language) else request.LANGUAGE_CODE):
        form = IdeaForm(initial=_with_key(request.POST.dict()), campaign=campaign)
        response = _show_form(request, campaign, form)
        response.headers["Content-Language"] = translation.get_language()
    remember_choices(request, response)
    add_never_cache_headers(response)
    return response


def _with_key(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, with a fresh form key if it came without a usable one: nobody is stuck over a hidden field."""
    return typed if _uuid(str(typed.get("form_key", ""))) else {**typed, "form_key": str(uuid4())}


def _show_form(request: Request, campaign: Campaign, form: IdeaForm, *, gone: bool = False) -> HttpResponse:
    context = {"campaign": campaign, "form": form, "gone": gone, "carry_form": "idea-form"}
    return render(request, "ideas/form.html", context, status=410 if gone else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, slug: str) -> HttpResponse:
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if request.method == "POST":
        return _send(request, campaign)
    draft = access.draft(_key(request), campaign, request.at)
    if draft is None:
        return redirect("submit", slug=slug)
    if draft.idea_id:
        return redirect("done", slug=slug)
    return _show_check(request, campaign, draft)


def _send(request: Request, campaign: Campaign) -> HttpResponse:
    key = _uuid(request.POST.get("form_key", ""))
    try:
        sent = residents.send_draft(key=key, campaign=campaign, at=request.at) if key else None
    except residents.CampaignClosed:
        draft = access.open_draft(key, campaign, request.at)
        return _not_collecting(request, campaign, draft.payload["answers"] if draft else {})
    except residents.DraftGone:
        sent = None
    if sent is None:
        return _show_form(request, campaign, IdeaForm(campaign=campaign), gone=True)
    return _remember(redirect("done", slug=campaign.slug), key)


def _show_check(request: Request, campaign: Campaign, draft: Draft) -> HttpResponse:
    form = IdeaForm(campaign=campaign, initial=draft.payload["answers"])
    context = {"campaign": campaign, "draft": draft, "rows": form.answer_rows()}
    return render(request, "ideas/check.html", context)


@never_cache
@require_safe
def done(request: Request, slug: str) -> HttpResponse:
    """The receipt; opened without its cookie it still says what to do."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    draft = access.draft(_key(request), campaign, request.at)
    sent = draft if draft and draft.idea_id else None
    context = {"campaign": campaign, "idea": sent and sent.idea, "code": sent and show_code(sent.payload["code"])}
    return render(request, "ideas/done.html", context)


def _not_collecting(request: Request, campaign: Campaign, typed) -> HttpResponse:
    """Not open yet 403, closed 410; what somebody typed is shown to be copied."""
    early = campaign.phase(request.at) == Phase.UPCOMING
    kept = [typed.get(name, "") for name in ("title", "problem", "proposal", "place")]
    context = {"campaign": campaign, "early": early, "typed": [text for text in kept if text]}
    return render(request, "ideas/closed.html", context, status=403 if early else 410)


def _key(request: Request) -> UUID | None:
    return _uuid(request.COOKIES.get(settings.DRAFT_COOKIE_NAME, ""))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _remember(response: HttpResponse, key: UUID | None) -> HttpResponse:
    """Keep the form key with the browser: it shows the sender, and nobody else, the next page."""
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        str(key),
        max_age=residents.DRAFT_LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
