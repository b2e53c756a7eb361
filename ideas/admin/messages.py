"""The outbox as staff see it: what was told to whom is not shown, only whether it went out."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ideas.admin.lists import ReadOnlyAdmin
from ideas.errors import Refusal
from ideas.models import Message
from ideas.queries import access
from ideas.requests import StaffRequest
from ideas.services.messages import close_given_up, send_again

# What the portal itself notes instead of sending; a gateway's own words are shown as they came.
WHY_NOT = {
    "limit": _("not sent: the daily limit of messages to one contact was reached; it stands on the page"),
    "erased": _("not sent: the person had their data erased"),
    "removed": _("not sent: the idea was removed"),
}


class GivenUpFilter(admin.SimpleListFilter):
    """Those that the first page counts."""

    title = _("to be dealt with")
    parameter_name = "given_up"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("could not be sent, and neither sent again nor closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.given_up() if self.value() == "1" else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = (
        "receipt", "template", "medium", "language", "state", "tries", "queued_at", "sent_at", "why", "kept_until",
    )  # fmt: skip
    list_filter = (GivenUpFilter, "state", "template", "medium")
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
        "why",
        "kept_until",
    )
    readonly_fields = ("why",)
    show_full_result_count = False
    ordering = ("-queued_at", "-id")
    actions = ("send_again", "close")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return access.outbox(request.user)

    def has_screening_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ideas.screen_idea")

    @admin.display(description=_("receipt number"), ordering="idea__receipt")
    def receipt(self, message: Message) -> str:
        return message.idea.receipt if message.idea else "—"

    @admin.display(description=_("last error"), ordering="error")
    def why(self, message: Message) -> str:
        return str(WHY_NOT.get(message.error, message.error)) or "—"

    @admin.action(description=_("Send the chosen messages again"), permissions=["screening"])
    def send_again(self, request: StaffRequest, chosen: QuerySet[Message]) -> None:
        def act(message: Message) -> None:
            send_again(message=message, actor=request.user, at=request.at)

        done = _each(request, chosen, act)
        if done:
            words = ngettext("%(n)s message will be sent again.", "%(n)s messages will be sent again.", done)
            messages.success(request, words % {"n": done})

    @admin.action(description=_("Close the chosen messages: residents were told otherwise"), permissions=["screening"])
    def close(self, request: StaffRequest, chosen: QuerySet[Message]) -> None:
        def act(message: Message) -> None:
            close_given_up(message=message, actor=request.user, at=request.at)

        done = _each(request, chosen, act)
        if done:
            words = ngettext("%(n)s message is closed.", "%(n)s messages are closed.", done)
            messages.success(request, words % {"n": done})


def _each(request: HttpRequest, chosen: QuerySet[Message], act: Callable[[Message], Any]) -> int:
    """Act on each chosen message; the refusals are told once each. Returns how many were done."""
    done, refused = 0, dict[str, int]()
    for message in chosen.order_by("pk"):
        try:
            act(message)
        except Refusal as refusal:
            refused[str(refusal)] = refused.get(str(refusal), 0) + 1
        else:
            done += 1
    for words, number in refused.items():
        messages.error(request, f"{words} ({number})" if number > 1 else words)
    return done
