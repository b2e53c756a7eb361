"""The staff's site: Django's admin with our name and our order of desks."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.requests import StaffRequest

# Models in the order of the work; a model that is not named here would not be shown, so a test checks that all are.
DESKS = [
    (_("Screening"), ["Idea", "PendingText", "Reply", "WordList", "OfficeEvent"]),
    (_("Units"), ["Referral", "ReferralRule", "Unit", "CalendarYear"]),
    (_("Panel and shortlist"), ["Shortlist", "Objection", "Panellist", "Assignment", "Recusal"]),
    (_("Messages"), ["Message"]),
    (_("Campaigns"), ["Campaign", "Area", "ScoreFigure"]),
    (_("People"), ["User"]),
]

# Django says these, and its Chinese catalogue lacks them: here they are found for ours.
UNTRANSLATED_BY_DJANGO = [
    _("Error:"),
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
]


class PortalAdminSite(AdminSite):
    site_header = site_title = _("Golden ideas: staff desk")
    index_title = _("Desks")
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        """Without the address that leads from any row to its public page: it tells which rows there are."""
        return [address for address in super().get_urls() if getattr(address, "name", "") != "view_on_site"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """On the office's own network there is no public site to look at."""
        return super().each_context(request) | ({"site_url": None} if conf.desks() == "staff" else {})

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What waits for this person, before the list of desks."""
        from ideas.desks.dashboard import first_page  # noqa: PLC0415 - made before the tables are

        return super().index(request, {**first_page(cast(StaffRequest, request)), **(extra_context or {})})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One log-in page for all staff; the admin has none of its own. Who is logged in already is told why not."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_authenticated:
            messages.error(request, _("Your role does not open that page. Your own desk is here."))
            return redirect("desk")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), resolve_url("login"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models grouped by desk instead of by app."""
        shown = {
            model["object_name"]: model for app in self._build_app_dict(request).values() for model in app["models"]
        }
        groups = []
        for name, names in DESKS:
            models = [shown[model] for model in names if model in shown]
            if models:
                groups.append(
                    {"name": name, "app_label": "ideas", "app_url": "", "has_module_perms": True, "models": models}
                )
        return groups
