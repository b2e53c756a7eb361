"""The community clerk's desk: own entries, the form for slips and calls, the receipt to hand over, the blank slip."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ideas import conf
from ideas.desks.pages import desk
from ideas.errors import Refusal
from ideas.forms.entry import STAYING, EntryForm
from ideas.models import Campaign, Draft
from ideas.queries import access
from ideas.queries.papers import paper_facts
from ideas.requests import StaffRequest, read_key
from ideas.rules.receipts import show_code
from ideas.rules.visible import says_little
from ideas.services import entry as services
from ideas.views.photos import take_photos

MOST_SHOWN = 200
clerks_only = desk("ideas.enter_idea")


def _open(request: StaffRequest) -> QuerySet[Campaign]:
    """The campaigns into which something can be typed now."""
    last = Greatest("closes_at", Coalesce(F("entry_until"), F("closes_at")))
    taking = Q(opens_at__lte=request.at, last_entry__gt=request.at, released_at=None)
    return access.public_campaigns(request.at).annotate(last_entry=last).filter(taking)


@clerks_only
@require_safe
def own_entries(request: StaffRequest) -> HttpResponse:
    ideas = access.entered_ideas(request.user)[:MOST_SHOWN]
    return render(request, "entry/desk.html", {"campaigns": _open(request), "ideas": ideas})


@clerks_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest, slug: str) -> HttpResponse:
    """Type one in. Whatever is refused stays in the form, and the photo of the slip with it."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if request.method != "POST":
        if not _open(request).filter(pk=campaign.pk).exists():
            messages.error(request, services.why_closed(campaign, at=request.at))
            return redirect("entry")
        kept = request.session.get("entry", {})
        return _show(request, EntryForm(campaign=campaign, initial={"slip_on": localdate(request.at), **kept}))
    key = read_key(request.POST.get("form_key", "")) or uuid4()
    form = EntryForm({**request.POST.dict(), "form_key": str(key)}, campaign=campaign)
    try:
        draft = services.open_entry(key=key, campaign=campaign, clerk=request.user, at=request.at)
        return _enter(request, form, draft)
    except services.AlreadyIn as refusal:
        form.data = {**form.data, "form_key": str(uuid4())}
        form.is_valid()
        form.add_error(None, str(refusal))
        return _show(request, form)
    except Refusal as refusal:
        form.is_valid()
        form.add_error(None, str(refusal))
        return _show(request, form, Draft.objects.filter(form_hash__in=access.form_hashes(key)).first())


def _enter(request: StaffRequest, form: EntryForm, draft: Draft) -> HttpResponse:
    faults = take_photos(request, draft, "slip")
    if not form.is_valid() or faults:
        for fault in faults:
            form.add_error("slip", fault)
        return _show(request, form, draft)
    given = {**form.entry(), "answers": form.answers(), "campaign": form.campaign}
    idea = services.enter_idea(key=draft.form_key, clerk=request.user, at=request.at, **given)
    if says_little(form.cleaned_data["title"]):
        messages.warning(request, _("The title is a single letter or sign. Does it stand so on the slip?"))
    request.session["entry"] = {name: str(form.cleaned_data[name]) for name in STAYING}
    return redirect("entry-receipt", idea.pk)


def _show(request: StaffRequest, form: EntryForm, draft: Draft | None = None) -> HttpResponse:
    context = {"campaign": form.campaign, "form": form, "has_slip": draft is not None and draft.photos.exists()}
    return render(request, "entry/form.html", context, status=422 if form.errors else 200)


@clerks_only
@require_safe
def receipt(request: StaffRequest, pk: int) -> HttpResponse:
    """What the resident takes home; the query code stands on it for an hour after typing in."""
    idea = get_object_or_404(access.entered_ideas(request.user), pk=pk)
    code = services.code_to_print(idea, clerk=request.user, at=request.at)
    context: dict[str, Any] = {
        "idea": idea,
        "campaign": idea.campaign,
        "code": show_code(code) if code else "",
        # Where this process answers the office only, it has no such address of its own.
        "track_address": f"{conf.site_url()}/track/?receipt={idea.receipt}",
    }
    return render(request, "entry/receipt.html", context)


@clerks_only
@require_safe
def slip(request: StaffRequest, slug: str) -> HttpResponse:
    """The blank slip, for the clerk to print."""
    campaign = get_object_or_404(_open(request), slug=slug)
    return render(request, "entry/slip.html", {"campaign": campaign, "is_sheet": True, **paper_facts(campaign)})
