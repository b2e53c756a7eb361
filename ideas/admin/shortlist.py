"""The lists of chosen ideas; the page of each is a desk of its own (ideas/desks/shortlist.py)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from ideas.admin.lists import ReadOnlyAdmin
from ideas.desks import notices, record, shortlist
from ideas.models import Shortlist
from ideas.queries import access
from ideas.requests import row_key


@admin.register(Shortlist)
class ShortlistAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "places", "proposed_at", "sealed_at", "released_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shortlist]:
        return access.shortlists(request.user)

    def get_urls(self) -> list[URLPattern]:
        return [*shortlist.urls, *record.urls, *notices.list_urls, *super().get_urls()]

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return shortlist.shortlist_page(request, row_key(object_id))
