"""A resident's contact: shown once, as the answer to a POST that says what for; no address shows it by GET."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from ideas.errors import Refusal
from ideas.forms.contacts import ContactForm
from ideas.requests import StaffRequest
from ideas.services.contacts import show_contact


def urls(model_admin: Any) -> list[URLPattern]:
    def contact(request: StaffRequest, pk: int) -> HttpResponse:
        return _show(model_admin, request, pk)

    view = model_admin.admin_site.admin_view(model_admin.posted(contact))
    return [path("<int:pk>/contact/", view, name="ideas_idea_contact")]


def _show(model_admin: Any, request: StaffRequest, pk: int) -> HttpResponse:
    """The contact, or the question again; kept by no cache, and a reload asks the browser to post, and log, again."""
    idea = get_object_or_404(model_admin.get_queryset(request).select_related("campaign"), pk=pk)
    if not request.user.has_perm("ideas.show_contact"):
        raise PermissionDenied
    form, contact = ContactForm(request.POST), None
    if form.is_valid():
        try:
            contact = show_contact(idea=idea, staff=request.user, at=request.at, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    shown = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Contact of %(receipt)s") % {"receipt": idea.receipt},
        "idea": idea,
        "form": form,
        "contact": contact,
    }
    answer = TemplateResponse(request, "admin/ideas/idea/contact_shown.html", shown, status=200 if contact else 422)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def context(request: StaffRequest) -> dict[str, Any]:
    """What templates/admin/ideas/idea/contact.html shows."""
    return {"contact_form": ContactForm(auto_id="contact_%s") if request.user.has_perm("ideas.show_contact") else None}
