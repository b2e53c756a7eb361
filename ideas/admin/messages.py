"""The outbox as staff see it: what was told to whom is not shown, only whether it went out."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ideas.admin.buttons import ReadOnlyAdmin
from ideas.models import Message
from ideas.queries import access


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("receipt", "template", "medium", "language", "state", "tries", "queued_at", "sent_at", "error")
    list_filter = ("state", "template", "medium")
    list_select_related = ("idea",)
    fields = (
        "idea",
        "template",
        "medium",
        "language",
        "state",
        "tries",
        "queued_at",
        "next_try_at",
        "sent_at",
        "error",
    )
    show_full_result_count = False
    ordering = ("-queued_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return access.outbox(request.user)

    @admin.display(description=_("receipt number"), ordering="idea__receipt")
    def receipt(self, message: Message) -> str:
        return message.idea.receipt if message.idea else "—"
