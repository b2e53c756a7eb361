"""The referrals to units; the page of each is a desk of its own (ideas/desks/referrals.py)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ideas.admin.lists import ReadOnlyAdmin
from ideas.desks import contact_releases, figures, milestones, named, referral_photos, referrals, referring, supervision
from ideas.desks.pages import CappedPaginator
from ideas.models import Referral, Supervision
from ideas.models.referrals import ReferralQuerySet
from ideas.queries.board import COUNTED, counted
from ideas.queries.referrals import office_referrals, waiting_for_office
from ideas.requests import row_key

COUNT_WORDS = {
    "all": pgettext_lazy("referrals", "all but recalled"),
    "open": pgettext_lazy("referrals", "open"),
    "due": pgettext_lazy("referrals", "due by tomorrow"),
    "overdue": pgettext_lazy("referrals", "overdue"),
    "returned": pgettext_lazy("referrals", "return asked for"),
    "answered": pgettext_lazy("referrals", "answered"),
    "unanswered": pgettext_lazy("referrals", "answer overdue"),
    "in_time": pgettext_lazy("referrals", "each step in time"),
    "late": pgettext_lazy("referrals", "a step late"),
    "judged": pgettext_lazy("referrals", "judged"),
    "solved": pgettext_lazy("referrals", "solved"),
    "satisfied": pgettext_lazy("referrals", "satisfied"),
}

WAITS = {
    "question": _("its word to a question"),
    "return": _("a decision on a return"),
    "release": _("the release of an answer"),
    "milestone": _("the release of a milestone"),
    "done": _("a look at what is reported done"),
}


class CountFilter(admin.SimpleListFilter):
    """The referrals that a number of the board counts."""

    title = _("counted as")
    parameter_name = "count"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, COUNT_WORDS[name]) for name in COUNTED]

    def queryset(self, request: Any, queryset: ReferralQuerySet) -> ReferralQuerySet:  # type: ignore[override]
        name = self.value()
        return counted(queryset, name, localdate(request.at)) if name in COUNTED else queryset


class WaitsFilter(admin.SimpleListFilter):
    """What the office has to do, as its first page counts it."""

    title = _("waits for the office")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WAITS.items())

    def queryset(self, request: Any, queryset: ReferralQuerySet) -> ReferralQuerySet:  # type: ignore[override]
        name = self.value()
        return queryset.filter(waiting_for_office(name)) if name in WAITS else queryset


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    change_list_template = "admin/ideas/referral/list.html"
    list_display = ("shown", "unit", "state", "due", "step", "sent_at", "campaign")
    list_filter = (WaitsFilter, CountFilter, "state", "unit", "campaign")
    list_select_related = ("unit", "campaign")
    ordering = ("-sent_at", "-id")
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> ReferralQuerySet:
        return office_referrals(request.user)

    @admin.display(description=_("number"), ordering="number")
    def shown(self, row: Referral) -> str:
        return row.shown_number

    @admin.display(description=_("due on"))
    def due(self, row: Referral) -> str:
        return row.due_on.isoformat() if row.due_on else "—"

    @admin.display(description=_("supervision"))
    def step(self, row: Any) -> str:
        return row.latest_step.get_step_display() if row.latest_step else "—"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the last step about each row's day, asked for once."""
        view = super().get_changelist_instance(request)
        rows = list(view.result_list)
        steps = Supervision.objects.latest_of(rows)
        for row in rows:
            row.latest_step = steps.get(row.pk)
        view.result_list = rows
        return view

    def get_urls(self) -> list[URLPattern]:
        return [
            *referring.urls,
            *named.urls,
            *referrals.urls,
            *contact_releases.urls,
            *referral_photos.urls,
            *milestones.urls,
            *supervision.urls,
            *figures.urls,
            *super().get_urls(),
        ]

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return referrals.referral_page(request, row_key(object_id))
