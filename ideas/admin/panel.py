"""The panel as the office sees it: who sits on it, who got what, who stood aside. Marks are not shown here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ideas.admin.buttons import ReadOnlyAdmin
from ideas.models import Assignment, Panellist, Recusal


@admin.register(Panellist)
class PanellistAdmin(admin.ModelAdmin):
    list_display = ("user", "campaign", "is_active")
    list_filter = ("campaign", "is_active")
    list_select_related = ("user", "campaign")
    autocomplete_fields = ()

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.assignments.exists())


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("idea", "panellist", "assigned_at", "is_rated")
    list_filter = ("panellist__campaign", "panellist")
    list_select_related = ("idea", "panellist__user", "rating")
    fields = ("idea", "panellist", "assigned_at")
    show_full_result_count = False

    @admin.display(description=_("rated"), boolean=True)
    def is_rated(self, assignment: Assignment) -> bool:
        return hasattr(assignment, "rating")


@admin.register(Recusal)
class RecusalAdmin(ReadOnlyAdmin):
    list_display = ("assignment", "reason", "at")
    list_select_related = ("assignment__idea", "assignment__panellist__user")
    fields = ("assignment", "reason", "at")
