"""Words kept ready for questions and reasons."""

from django.contrib import admin

from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.models import Reply


@admin.register(Reply)
class ReplyAdmin(Versioned, DeskAdmin):
    list_display = ("name", "kind", "declined_as", "channel", "campaign", "position")
    list_filter = ("kind", "campaign")
    list_select_related = ("campaign",)
    fields = (("kind", "campaign"), ("declined_as", "channel"), ("name", "name_en"), "words", "words_en", "position")
