"""Taking a view of the queue away as a file: whatever is filtered and searched for, by POST, since it leaves a line.

A file with contacts asks on a page of its own what they are needed for.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from ideas import conf
from ideas.desks.pages import page, render
from ideas.errors import Refusal
from ideas.exports.ideas import Form, export_rows, persons_in
from ideas.forms.contacts import ContactForm
from ideas.models import Campaign, Idea
from ideas.queries.contacts import day_of, given_out
from ideas.requests import StaffRequest, row_key

FORMS = ("xlsx", "csv")
CAMPAIGN = "campaign__id__exact"


def urls(view_of: Callable[[StaffRequest], Any]) -> list[URLPattern]:
    """`view_of` gives the queue as a request filters it."""
    return [page("export/", partial(export, view_of), "ideas_idea_export")]


def export(view_of: Callable[[StaffRequest], Any], request: StaffRequest) -> HttpResponseBase:
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
        view = view_of(request)
    except IncorrectLookupParameters:
        messages.error(request, _("This view does not exist."))
        return redirect("admin:ideas_idea_changelist")
    asked = ContactForm(request.POST if "purpose" in request.POST else None)
    if contacts and not asked.is_valid():
        return _ask(request, view.queryset, asked)
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
        return _ask(request, view.queryset, asked)


def _ask(request: StaffRequest, rows: Any, form: ContactForm) -> HttpResponse:
    """What the contacts are needed for; what was chosen stays chosen."""
    persons, today = persons_in(rows), (request.user.pk, day_of(request.at))
    shown = {
        "form": form,
        "persons": persons,
        "is_told": given_out([today])[today].total + persons > conf.contact_alert(),
        "chosen": request.POST["form"],
        "back": f"{reverse('admin:ideas_idea_changelist')}?{request.GET.urlencode()}",
    }
    status = 422 if form.is_bound else 200
    title = _("Export with contacts")
    return render(request, "admin/ideas/idea/export_contacts.html", shown, title=title, model=Idea, status=status)


def _campaign(request: StaffRequest) -> Campaign | None:
    """The one that the view is narrowed to."""
    return Campaign.objects.filter(pk=row_key(request.GET.get(CAMPAIGN, ""))).first()


def _filters(request: StaffRequest, view: Any) -> str:
    """Which view it was, for the log: the filters' own parameters, and of the search only that there was one."""
    known = tuple(getattr(row, "parameter_name", row) for row in view.list_filter)
    chosen = [f"{name}={value}" for name, value in sorted(request.GET.items()) if name.startswith(known)]
    return "&".join([*chosen, *(["q"] if view.query else [])])


def context(request: StaffRequest) -> dict[str, Any]:
    """What templates/admin/ideas/idea/export.html shows."""
    address = f"{reverse('admin:ideas_idea_export')}?{request.GET.urlencode()}"
    return {
        "export_address": address if request.user.has_perm("ideas.export_idea") else "",
        "export_forms": FORMS,
        "may_export_contacts": request.user.has_perm("ideas.export_contact"),
    }
