"""Taking a view of the queue away as a file: whatever is filtered and searched for, by POST, since it leaves a line."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from ideas.admin.lists import row_key
from ideas.exports.ideas import Form, export_rows
from ideas.models import Campaign
from ideas.requests import StaffRequest

FORMS = ("xlsx", "csv")


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
    return export_rows(
        view.queryset,
        user=request.user,
        at=request.at,
        contacts=contacts,
        form=cast(Form, form),
        campaign=_campaign(request),
        filters=_filters(request, view),
    )


def _campaign(request: StaffRequest) -> Campaign | None:
    """The one that the view is narrowed to."""
    return Campaign.objects.filter(pk=row_key(request.GET.get("campaign__id__exact", ""))).first()


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
