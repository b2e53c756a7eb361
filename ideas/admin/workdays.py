"""The calendar of working days: a page for each year, with its holidays and make-up days."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.models import CalendarDay, CalendarYear


class CalendarDayInline(admin.TabularInline):
    model = CalendarDay
    extra = 0
    fields = ("day", "is_workday", "name")


@admin.register(CalendarYear)
class CalendarYearAdmin(Versioned, DeskAdmin):
    list_display = ("number", "days_off", "make_up_days", "source")
    fieldsets = (
        (
            None,
            {
                "fields": ("number", "source"),
                "description": _(
                    "Enter what differs from the week: days off from Monday to Friday, and Saturdays and Sundays that "
                    "are worked. Save a year only with all its days; a year that is not here counts Monday to Friday."
                ),
            },
        ),
    )
    inlines = (CalendarDayInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        worked = Q(days__is_workday=True)
        return super().get_queryset(request).annotate(worked=Count("days", worked), off=Count("days", ~worked))

    def get_readonly_fields(self, request: HttpRequest, obj: CalendarYear | None = None) -> tuple[str, ...]:
        """Days stay in their year."""
        return ("number",) if obj else ()

    @admin.display(description=_("days off"), ordering="off")
    def days_off(self, row: Any) -> int:
        return row.off  # of an annotation

    @admin.display(description=_("make-up days"), ordering="worked")
    def make_up_days(self, row: Any) -> int:
        return row.worked
