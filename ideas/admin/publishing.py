"""The texts that wait for a check, in the index of the staff's site; their pages are ideas/desks/publishing.py."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from ideas.admin.lists import ReadOnlyAdmin
from ideas.desks.publishing import PERMISSION, to_check
from ideas.models import PendingText
from ideas.queries import access
from ideas.requests import row_key


@admin.register(PendingText)
class PendingTextAdmin(ReadOnlyAdmin):
    """A list only. Each row leads to the publishing page of its idea."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        return to_check(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        rows = PendingText.objects.filter(idea__in=access.screened_ideas(request.user))
        return redirect("admin:ideas_idea_publish", get_object_or_404(rows, pk=row_key(object_id)).idea_id)
