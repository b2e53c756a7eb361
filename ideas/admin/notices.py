"""The objections to lists on notice; the page of each is a desk of its own (ideas/desks/notices.py)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from ideas.admin.lists import ReadOnlyAdmin
from ideas.desks import notices
from ideas.models import Objection
from ideas.queries.notices import objections_for
from ideas.requests import row_key


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    change_list_template = "admin/ideas/objection/list.html"
    list_display = ("number", "about", "ground", "state", "received_on", "source", "campaign")
    list_filter = ("state", "ground", "source", "notice__campaign")
    ordering = ("-entered_at", "-id")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objection]:
        return objections_for(request.user).defer("given")

    def get_urls(self) -> list[URLPattern]:
        return [*notices.urls, *super().get_urls()]

    @admin.display(description=_("objected to"))
    def about(self, row: Objection) -> str:
        return row.idea.receipt if row.idea else str(_("the list as a whole"))

    @admin.display(description=_("campaign"))
    def campaign(self, row: Objection) -> str:
        return str(row.notice.campaign)

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {**notices.list_context(request), **(extra_context or {})})

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return notices.objection_page(request, row_key(object_id))
