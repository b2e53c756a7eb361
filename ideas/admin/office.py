"""What the office did with data, for managers and auditors: its log, the alerts in it, and the mergers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from ideas.admin.announcing import told
from ideas.admin.lists import ReadOnlyAdmin
from ideas.admin.queue import filters_in_words
from ideas.choices import ContactPurpose, OfficeAct
from ideas.desks import office
from ideas.desks.pages import CappedPaginator
from ideas.models import OfficeEvent, User
from ideas.queries import access
from ideas.requests import row_key
from ideas.services.office import CODES
from ideas.services.panel import ON_COMMAND_LINE

# The codes and counts of OfficeEvent.detail in words; what is not named here stands as it is.
FACTS = {
    "shown": _("contacts shown that day"),
    "searched": _("searches by a contact that day"),
    "exported": _("persons in exported files that day"),
    "by": _("searched by"),
    "found": _("ideas found"),
    "successor": _("successor, panellist no."),
    "grounds": _("on the grounds that"),
    "counts": _("counts"),
    "before": _("counted before"),
    "persons": _("persons in the file"),
    "to": _("handed over to"),
    "reference": _("under the number"),
    "rows": _("rows"),
    "contacts": _("with contacts"),
    "typed_in_by": _("typed in by"),
    "told": _("residents told"),
    "form": _("file format"),
    "filters": _("filters of the view"),
    "undecided": _("ideas undecided"),
    "round": _("round"),
    "missing": _("reviews of the first round missing"),
    "panellist": _("panellist no."),
    "behind": _("panellists behind"),
    "mailed": _("reminded by e-mail"),
    "seats": _("seats"),
    "filled": _("filled anew"),
    "seat": _("seat"),
    "rating": _("rating no."),
    "from": _("winners appear at"),
    "template": _("message"),
    "medium": _("sent by"),
    "unit": _("unit"),
    "referral": _("referral"),
    "until": _("until"),
    "on": _("handed over on"),
    "agreed": _("asked the resident, who agreed"),
    "objection": _("objection"),
    "outcome": _("decided"),
}


# What the portal itself gave as the reason, and not somebody in words of their own.
OWN_PURPOSES = {ON_COMMAND_LINE: _("assigned on the command line")}


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return str(_(", ")).join(_said(name, one) for one in value)
    if name in CODES and value in CODES[name].values:
        return str(CODES[name](value).label)
    if name == "filters":
        return filters_in_words(value)
    if value is None:
        return "—"
    return str(_("Yes") if value else _("No")) if isinstance(value, bool) else str(value)


class ActorFilter(admin.SimpleListFilter):
    """Those who stand in the log, not all users."""

    title = _("by whom")
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = access.office_log(request.user).order_by("actor").values("actor").distinct()
        return [(str(pk), name) for pk, name in User.objects.filter(pk__in=known).values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OfficeEvent]) -> QuerySet[OfficeEvent]:
        return queryset.filter(actor=row_key(self.value() or "")) if self.value() else queryset


@admin.register(OfficeEvent)
class OfficeEventAdmin(ReadOnlyAdmin):
    change_list_template = "admin/ideas/officeevent/log.html"
    list_display = ("at", "act", "actor", "receipt", "campaign", "why", "facts")
    list_filter = ("act", ActorFilter, "at", "campaign")
    fields = ("at", "act", "who", "receipt", "campaign", "why", "facts")
    readonly_fields = fields
    ordering = ("-at", "-id")
    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfficeEvent]:
        return access.office_log(request.user)

    def get_urls(self) -> list[URLPattern]:
        return [*office.urls, *super().get_urls()]

    @admin.display(description=_("by whom"))
    def who(self, event: OfficeEvent) -> str:
        """In words: Django would link to the user's page, which auditors do not read."""
        return str(event.actor or "—")

    @admin.display(description=_("receipt number"))
    def receipt(self, event: OfficeEvent) -> str:
        return event.idea.receipt if event.idea else "—"

    @admin.display(description=_("purpose"))
    def why(self, event: OfficeEvent) -> str:
        code = event.detail.get("purpose", "")
        label = str(ContactPurpose(code).label) if code in ContactPurpose.values else ""
        words = str(OWN_PURPOSES.get(event.purpose, event.purpose))
        return " · ".join(filter(None, (label, words))) or "—"

    @admin.display(description=_("details"))
    def facts(self, event: OfficeEvent) -> str:
        if event.act == OfficeAct.CAMPAIGN_CHANGED:
            return " · ".join(told(event.detail["changes"]))
        told_facts = {name: value for name, value in event.detail.items() if name != "purpose"}
        return " · ".join(f"{FACTS.get(name, name)}: {_said(name, value)}" for name, value in told_facts.items()) or "—"
