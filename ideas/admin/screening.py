"""The queue of ideas; the page of each is a desk of its own (ideas/desks/screening.py)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ideas.admin.lists import ReadOnlyAdmin
from ideas.admin.queue import (
    TOLD_STATUS,
    BackDatedFilter,
    ContactFilter,
    DueFilter,
    PhotoFilter,
    QueueFilter,
    ReferredFilter,
    ReviewFilter,
    SuspicionFilter,
    TopicFilter,
    UnitFilter,
    WaitingFilter,
    saved_views,
)
from ideas.choices import Suspicion
from ideas.desks import (
    contacts,
    duplicates,
    exports,
    imports,
    publishing,
    referring,
    restricted,
    screening,
    triage,
    undo,
)
from ideas.desks.bulk import BULK, act_on_many
from ideas.desks.pages import CappedPaginator
from ideas.desks.referring import REFER
from ideas.models import Campaign, Idea
from ideas.models.ideas import ORIGINAL_TEXTS, IdeaQuerySet
from ideas.queries import access
from ideas.queries.search import find
from ideas.requests import row_key


@admin.register(Idea)
class IdeaAdmin(ReadOnlyAdmin):
    change_list_template = "admin/ideas/idea/queue.html"
    list_display = ("receipt", "title", "status", "suspicious", "topic", "area", "source", "received_at")
    list_filter = (
        QueueFilter,
        "campaign",
        TopicFilter,
        "area__street",
        "source",
        SuspicionFilter,
        WaitingFilter,
        DueFilter,
        ReviewFilter,
        PhotoFilter,
        ReferredFilter,
        UnitFilter,
        BackDatedFilter,
        ContactFilter,
    )
    list_select_related = ("topic", "area", "campaign")
    search_fields = ("receipt", *ORIGINAL_TEXTS)
    search_help_text = _("Receipt number, or words of title, text or place; a single character of the title only")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they would count every row for every filter
    paginator = CappedPaginator
    list_per_page = 50
    ordering = ("received_at", "id")
    actions = tuple(BULK)

    def get_queryset(self, request: HttpRequest) -> IdeaQuerySet:
        return access.screened_ideas(request.user)

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By words of any length and by receipt number; whoever looks for a contact says what for (desks.contacts)."""
        return find(queryset, search_term), False

    def get_list_display(self, request: Any) -> list[Any]:
        """The columns; the status as this person may know it."""

        @admin.display(description=_("status"), ordering=TOLD_STATUS)
        def status_tag(idea: Idea) -> str:
            status = access.status_for(request.user, idea)
            kept = format_html(' <span class="tag tag-declined">{}</span>', _("restricted")) if idea.restricted else ""
            return format_html('<span class="tag tag-{}">{}</span>{}', status, status.label, kept)

        return [status_tag if name == "status" else name for name in self.list_display]

    @admin.display(description=_("suspicions"))
    def suspicious(self, idea: Idea) -> str:
        return "、".join(str(Suspicion(name).label) for name in idea.suspicions) or "—"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The decisions, for those who may decide."""
        if not request.user.has_perm("ideas.screen_idea"):
            return {}
        found: dict[str, Any] = {
            name: (lambda model_admin, req, rows, name=name: act_on_many(req, rows, name), name, label)
            for name, (label, _form, _service) in BULK.items()
        }
        if request.user.has_perm("ideas.refer_idea"):
            found["refer_many"] = (lambda model_admin, req, rows: referring.refer_many(req, rows), "refer_many", REFER)
        return found

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if away := contacts.away_from_the_address(request):
            return away
        desks = list(Campaign.objects.newest_first().filter(released_at=None)[:5])
        shown = {
            **exports.context(request),
            **contacts.search_context(request),
            "views": saved_views(request),
            "undoable": undo.undoable(request),
            "triage_campaigns": desks if request.user.has_perm("ideas.screen_idea") else [],
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        return [
            *duplicates.urls,
            *exports.urls(self.get_changelist_instance),
            *imports.urls,
            *triage.urls,
            *screening.urls,
            *publishing.urls,
            *contacts.urls,
            *restricted.urls,
            *undo.urls,
            *super().get_urls(),
        ]

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return screening.idea_page(request, row_key(object_id))
