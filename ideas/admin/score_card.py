"""The score card: figures of a campaign or of a year, typed in with their day and their source."""

from django.contrib import admin

from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.models import ScoreFigure


@admin.register(ScoreFigure)
class ScoreFigureAdmin(Versioned, DeskAdmin):
    list_display = ("__str__", "campaign", "year", "on", "source")
    list_filter = ("campaign", "year")
    list_select_related = ("campaign",)
    fields = (
        ("campaign", "year"),
        ("on", "position"),
        ("name", "name_en"),
        "value",
        ("unit", "unit_en"),
        ("comparison", "comparison_en"),
        ("source", "source_en"),
    )
