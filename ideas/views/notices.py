"""The provisional list on notice, for everybody, and the form to object to it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ideas.errors import Refusal
from ideas.forms import spam
from ideas.forms.notices import ObjectionForm
from ideas.models import Campaign, Notice
from ideas.queries import access
from ideas.queries.notices import ideas_on_notice, last_notice
from ideas.requests import Request
from ideas.services.notices import OVER, TooMany, send_objection
from ideas.views.everybody import for_everybody
from ideas.views.privacy import as_chosen, remember_choices

SWITCHES = {"language", "elder"}  # buttons in the head that the form carries


def _noticed(request: Request, slug: str) -> tuple[Campaign, Notice]:
    """A campaign whose list was put on notice; before that it looks as if there were no such page."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    notice = last_notice(campaign)
    if notice is None:
        raise Http404
    return campaign, notice


@for_everybody()
@require_safe
def notice(request: Request, slug: str) -> HttpResponse:
    """The list from the moment of the notice to the release; where it was opened again, that a new one comes."""
    campaign, row = _noticed(request, slug)
    context = {
        "campaign": campaign,
        "notice": row,
        "is_open": row.is_open(request.at) and not campaign.is_released,
        "ideas": [] if campaign.is_released else ideas_on_notice(row),
    }
    return render(request, "notices/notice.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: Request, slug: str) -> HttpResponse:
    """The form; sent, the page with the number. The same form sent again shows the same number."""
    campaign, row = _noticed(request, slug)
    if campaign.is_released or not row.is_open(request.at):
        return _closed(request, campaign, row)
    ideas = ideas_on_notice(row)
    if request.method != "POST":
        return _show(request, campaign, row, ObjectionForm(ideas=ideas, initial={"about": request.GET.get("idea", "")}))
    if SWITCHES & request.POST.keys():
        return _switched(request, campaign, row)
    form = ObjectionForm(request.POST, ideas=ideas)
    return _send(request, campaign, row, form) if form.is_valid() else _show(request, campaign, row, form, status=422)


def _send(request: Request, campaign: Campaign, row: Notice, form: ObjectionForm) -> HttpResponse:
    try:
        sent = send_objection(
            campaign=campaign,
            at=request.at,
            address=request.client_address,
            language=request.LANGUAGE_CODE,
            suspicions=[str(one) for one in spam.suspicions(request.POST, at=request.at)],
            **form.objection(),
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _show(request, campaign, row, form, status=429 if isinstance(refusal, TooMany) else 409)
    return render(request, "notices/sent.html", {"campaign": campaign, "notice": row, "objection": sent})


def _switched(request: Request, campaign: Campaign, row: Notice) -> HttpResponse:
    """The form with what was typed, in the language and the letters that were chosen in the head."""
    with as_chosen(request):
        form = ObjectionForm(ideas=ideas_on_notice(row), initial=request.POST.dict())
        response = _show(request, campaign, row, form)
        response.headers["Content-Language"] = translation.get_language()
    remember_choices(request, response)
    return response


def _show(request: Request, campaign: Campaign, row: Notice, form: ObjectionForm, status: int = 200) -> HttpResponse:
    context = {
        "campaign": campaign,
        "notice": row,
        "form": form,
        "stamp": spam.carried(request.POST, since=request.at),
        "carry_form": "objection-form",
    }
    return render(request, "notices/object.html", context, status=status)


def _closed(request: Request, campaign: Campaign, row: Notice) -> HttpResponse:
    """Too late: said with what had been written, if something had."""
    if request.method != "POST":
        return redirect("notice", slug=campaign.slug)
    context = {"campaign": campaign, "notice": row, "over": OVER, "words": request.POST.get("words", "")}
    return render(request, "notices/closed.html", context, status=410)
