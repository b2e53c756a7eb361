"""The managers' desk for the list: look, exchange, sign, release."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from ideas.admin.buttons import ButtonsMixin, ReadOnlyAdmin, press
from ideas.forms.shortlist import ExchangeForm, ListForm
from ideas.models import Idea, Shortlist
from ideas.queries import access
from ideas.queries.ratings import standing_of
from ideas.requests import StaffRequest
from ideas.services import shortlist as services

NEXT_IN_LINE = 10


@admin.register(Shortlist)
class ShortlistAdmin(ButtonsMixin, ReadOnlyAdmin):
    change_form_template = "admin/ideas/shortlist/list.html"
    list_display = ("campaign", "places", "proposed_at", "sealed_at", "released_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shortlist]:
        return access.shortlists(request.user)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/exchange/", view(self.posted(self.exchange)), name="ideas_shortlist_exchange"),
            path("<int:pk>/preview/", view(self.preview), name="ideas_shortlist_preview"),
            path("<int:pk>/press/<str:act>/", view(self.posted(self.press_button)), name="ideas_shortlist_press"),
            *super().get_urls(),
        ]

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        return self._show(request, get_object_or_404(self.get_queryset(request), pk=pk))

    def exchange(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        form = ExchangeForm(request.POST, shortlist=row)
        if not form.is_valid():
            return self._show(request, row, form, status=422)

        def act() -> None:
            services.exchange_idea(shortlist=row, manager=request.user, at=request.at, **form.cleaned_data)

        if not press(request, act, _("Exchanged. The list needs both signatures.")):
            return self._show(request, get_object_or_404(self.get_queryset(request), pk=pk), form, status=409)
        return redirect("admin:ideas_shortlist_change", pk)

    def press_button(self, request: StaffRequest, pk: int, act: str) -> HttpResponse:
        buttons: dict[str, tuple[Callable[..., Any], Any]] = {
            "seal": (services.seal_shortlist, _("Signed.")),
            "texts": (
                services.publish_originals,
                _("The originals are now the published texts where none was written."),
            ),
            "release": (services.release_winners, _("The winners are released.")),
        }
        if act not in buttons:
            raise Http404
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        form = ListForm(request.POST)
        if form.is_valid():
            service, done = buttons[act]
            version = form.cleaned_data["version"]
            press(request, lambda: service(shortlist=row, manager=request.user, at=request.at, version=version), done)
        return redirect("admin:ideas_shortlist_change", pk)

    def preview(self, request: StaffRequest, pk: int) -> HttpResponse:
        """The winners' page as it would be, for staff only."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        ideas = Idea.objects.filter(pick__shortlist=row).select_related("topic", "area", "resident", "pick")
        context = {"campaign": row.campaign, "winners": ideas.order_by("pick__rank"), "is_preview": True}
        return TemplateResponse(request, "shortlist/winners.html", context)

    def _show(
        self, request: StaffRequest, row: Shortlist, exchange: ExchangeForm | None = None, status: int = 200
    ) -> HttpResponse:
        picks = list(row.picks.select_related("idea__topic", "idea__area"))
        listed = {pick.idea_id for pick in picks}
        standing = [] if row.is_sealed else standing_of(row.campaign)
        waiting = [score for score in standing if score.idea not in listed][:NEXT_IN_LINE]
        ideas = Idea.objects.select_related("topic", "area").in_bulk([score.idea for score in waiting])
        user = request.user
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row.campaign),
            "shortlist": row,
            "picks": picks,
            "unready": sum(not pick.idea.is_ready_to_publish for pick in picks),
            "unrated": row.campaign.ideas.valid().count() - len(standing) if standing else 0,
            "next_in_line": [{"score": score, "idea": ideas[score.idea]} for score in waiting],
            "exchanges": row.exchanges.select_related("out", "put_in", "by"),
            "version_form": ListForm(initial={"version": row.version}),
            "exchange_form": exchange or ExchangeForm(initial={"version": row.version}, shortlist=row),
            "may_exchange": not row.is_sealed and user.has_perm("ideas.propose_shortlist"),
            "may_sign": not row.is_sealed and user.has_perm("ideas.seal_shortlist") and row.first_seal_by_id != user.pk,
            "may_write": row.released_at is None and user.has_perm("ideas.edit_published"),
            "may_release": row.is_sealed and row.released_at is None and user.has_perm("ideas.release_shortlist"),
        }
        return TemplateResponse(request, self.change_form_template, context, status=status)
