"""The panel's rows: who sits on it, who got what, who stood aside. Marks are not shown here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ideas.admin.lists import DeskAdmin, ReadOnlyAdmin
from ideas.admin.versions import Versioned
from ideas.forms.panel import PanelFormSet, PanellistForm, has_history, with_history
from ideas.models import Assignment, Panellist, Recusal
from ideas.queries import access


class PanellistInline(admin.TabularInline):
    """The panel's rows on the campaign's page."""

    model = Panellist
    form = PanellistForm
    formset = PanelFormSet
    extra = 0
    fields = ("user", "is_active")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Panellist]:
        return with_history(super().get_queryset(request))


class PanellistFilter(admin.RelatedFieldListFilter):
    """All panellists, in one query."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows = Panellist.objects.select_related("user").order_by("user__name", "pk")
        return [(row.pk, str(row)) for row in rows]


@admin.register(Panellist)
class PanellistAdmin(Versioned, DeskAdmin):
    form = PanellistForm
    list_display = ("user", "campaign", "is_active")
    list_filter = ("campaign", "is_active")
    list_select_related = ("user", "campaign")
    autocomplete_fields = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not has_history(obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting of many at once: it would not ask what hangs on each."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("idea", "panellist", "assigned_at", "is_rated")
    list_filter = ("panellist__campaign", ("panellist", PanellistFilter))
    list_select_related = ("idea", "panellist__user", "rating")
    fields = ("idea", "panellist", "assigned_at")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        return access.visible_to(request.user, super().get_queryset(request), "idea__restricted")

    @admin.display(description=gettext_lazy("rated"), boolean=True)
    def is_rated(self, assignment: Assignment) -> bool:
        return hasattr(assignment, "rating")


@admin.register(Recusal)
class RecusalAdmin(ReadOnlyAdmin):
    list_display = ("assignment", "reason", "at", "entered_by")
    list_select_related = ("assignment__idea", "assignment__panellist__user", "entered_by")
    fields = ("of_whom", "reason", "at", "typed_in_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recusal]:
        return access.visible_to(request.user, super().get_queryset(request), "assignment__idea__restricted")

    # In words: Django would link to pages that auditors do not read.
    @admin.display(description=gettext_lazy("assignment"))
    def of_whom(self, recusal: Recusal) -> str:
        return str(recusal.assignment)

    @admin.display(description=gettext_lazy("typed in by"))
    def typed_in_by(self, recusal: Recusal) -> str:
        return str(recusal.entered_by or "—")
