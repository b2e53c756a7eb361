"""Taking a view of the queue away as a file: whatever is filtered and searched for, by POST, since it leaves a line.

A file with contacts asks on a page of its own what they are needed for.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from ideas import conf
from ideas.admin.lists import row_key
from ideas.errors import Refusal
from ideas.exports.ideas import Form, export_rows, persons_in
from ideas.forms.contacts import ContactForm
from ideas.models import Campaign, Idea
from ideas.queries.contacts import day_of, given_out
from ideas.requests import StaffRequest

FORMS = ("xlsx", "csv")
CAMPAIGN = "campaign__id__exact"


def urls(model_admin: Any) -> list[URLPattern]:
    def export(request: StaffRequest) -> HttpResponseBase:
        return _export(model_admin, request)

    return [path("export/", model_admin.admin_site.admin_view(export), name="ideas_idea_export")]


def _export(model_admin: Any, request: StaffRequest) -> HttpResponseBase:
    """The file; whoever asks for the address without pressing is led back to the same view."""
    contacts = "contacts" in request.POST
    if not request.user.has_perm("ideas.export_idea") or (
        contacts and not request.user.has_perm("ideas.export_contact")
    ):
        raise PermissionDenied
    form = request.POST.get("form")
    if form not in FORMS:
        return redirect(f"{reverse('admin:ideas_idea_changelist')}?{request.GET.urlencode()}")
    try:
        view = model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        messages.error(request, _("This view does not exist."))
        return redirect("admin:ideas_idea_changelist")
    asked = ContactForm(request.POST if "purpose" in request.POST else None)
    if contacts and not asked.is_valid():
        return _ask(model_admin, request, view.queryset, asked)
    try:
        return export_rows(
            view.queryset,
            user=request.user,
            at=request.at,
            contacts=contacts,
            form=cast(Form, form),
            campaign=_campaign(request),
            filters=_filters(request, view),
            **(asked.cleaned_data if contacts else {}),
        )
    except Refusal as refusal:
        asked.add_error("words", refusal.message)
        return _ask(model_admin, request, view.queryset, asked)


def _ask(model_admin: Any, request: StaffRequest, rows: Any, form: ContactForm) -> HttpResponse:
    """What the contacts are needed for; what was chosen stays chosen."""
    persons, today = persons_in(rows), (request.user.pk, day_of(request.at))
    shown = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Export with contacts"),
        "form": form,
        "persons": persons,
        "is_told": given_out([today])[today].total + persons > conf.contact_alert(),
        "chosen": request.POST["form"],
        "back": f"{reverse('admin:ideas_idea_changelist')}?{request.GET.urlencode()}",
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/ideas/idea/export_contacts.html", shown, status=status)


def _campaign(request: StaffRequest) -> Campaign | None:
    """The one that the view is narrowed to."""
    return Campaign.objects.filter(pk=row_key(request.GET.get(CAMPAIGN, ""))).first()


def _filters(request: StaffRequest, view: Any) -> str:
    """Which view it was, for the log: the filters' own parameters, and of the search only that there was one."""
    known = tuple(getattr(row, "parameter_name", row) for row in view.list_filter)
    chosen = [f"{name}={value}" for name, value in sorted(request.GET.items()) if name.startswith(known)]
    return "&".join([*chosen, *(["q"] if view.query else [])])


def filters_in_words(text: str) -> str:
    """What `_filters` noted, as the queue's page names it; the campaign stands in the log beside it."""
    named = dict(_named_filters(admin.site.get_model_admin(Idea)))
    words = []
    for part in filter(None, text.split("&")):
        parameter, _sep, value = part.partition("=")
        title, values = named.get(parameter.partition("__")[0], (_("search"), dict))
        if parameter != CAMPAIGN:
            words.append(f"{title}: {values().get(value, value)}" if value else str(title))
    return _(", ").join(words) or "—"


def _named_filters(model_admin: Any) -> Iterator[tuple[str, tuple[Any, Callable[[], dict[str, Any]]]]]:
    """(the beginning of its parameter, its title and what gives its values in words) for each filter of the queue."""
    for row in model_admin.list_filter:
        if isinstance(row, str):
            field = get_fields_from_path(Idea, row)[-1]
            yield row.partition("__")[0], (field.verbose_name, partial(dict, field.flatchoices))
        else:
            yield row.parameter_name, (row.title, row.words)


def context(request: StaffRequest) -> dict[str, Any]:
    """What templates/admin/ideas/idea/export.html shows."""
    address = f"{reverse('admin:ideas_idea_export')}?{request.GET.urlencode()}"
    return {
        "export_address": address if request.user.has_perm("ideas.export_idea") else "",
        "export_forms": FORMS,
        "may_export_contacts": request.user.has_perm("ideas.export_contact"),
    }
