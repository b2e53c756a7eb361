"""The moderators' desk: the queue of ideas, and one idea with its text, its history and the buttons to decide."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.admin import contacts, duplicates, exports, imports, mergers, publishing, restricted, undo
from ideas.admin.bulk import BULK, act_on_many
from ideas.admin.buttons import ButtonsMixin, ReadOnlyAdmin, as_shown, press
from ideas.admin.lists import row_key
from ideas.admin.queue import (
    TOLD_STATUS,
    BackDatedFilter,
    CappedPaginator,
    DueFilter,
    PhotoFilter,
    QueueFilter,
    ReviewFilter,
    SuspicionFilter,
    TopicFilter,
    UnitFilter,
    WaitingFilter,
    saved_views,
)
from ideas.admin.triage import beside, desk
from ideas.choices import Action, Status, Suspicion
from ideas.forms import screening as forms
from ideas.models import Campaign, Idea, IdeaEvent
from ideas.models.ideas import IdeaQuerySet
from ideas.queries import access
from ideas.queries.advice import advice_for
from ideas.queries.ratings import reviews_for
from ideas.queries.search import find
from ideas.queries.tracking import appealed_decision, erased_at, history_for
from ideas.requests import StaffRequest
from ideas.rules.workflow import UNDOABLE, possible_actions
from ideas.services import screening
from ideas.services.withdrawal import withdraw_for_resident

# action -> (form, what the service takes from the form besides `expected_version`, service)
DECISIONS: dict[Action, tuple[type[forms.DecisionForm], tuple[str, ...], Callable[..., None]]] = {
    Action.ACCEPT: (forms.DecisionForm, (), screening.accept_idea),
    Action.RETURN: (forms.ReturnForm, ("question",), screening.return_idea),
    Action.ANSWER: (forms.AnswerForm, ("answer",), screening.note_answer),
    Action.DECLINE: (forms.DeclineForm, ("declined_as", "reason"), screening.decline_idea),
    Action.MERGE: (forms.MergeForm, ("into",), screening.merge_idea),
    Action.TRANSFER: (forms.TransferForm, ("channel", "reason"), screening.transfer_idea),
    Action.WITHDRAW: (forms.WithdrawForm, ("caller", "called_at", "reason"), withdraw_for_resident),
}
BUTTONS = {
    Action.ACCEPT: gettext_lazy("Accept"),
    Action.RETURN: gettext_lazy("Return with a question"),
    Action.ANSWER: gettext_lazy("Take back into the queue"),
    Action.DECLINE: gettext_lazy("Decline"),
    Action.MERGE: gettext_lazy("Merge"),
    Action.TRANSFER: gettext_lazy("Pass to another channel"),
    Action.WITHDRAW: gettext_lazy("Withdraw on the resident's word"),
}


@admin.register(Idea)
class IdeaAdmin(ButtonsMixin, ReadOnlyAdmin):
    change_form_template = "admin/ideas/idea/screen.html"
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
        UnitFilter,
        BackDatedFilter,
        contacts.ContactFilter,
    )
    list_select_related = ("topic", "area", "campaign")
    search_fields = ("receipt", "title", "problem", "proposal", "place")
    search_help_text = gettext_lazy(
        "Receipt number, or words of title, text or place; a single character of the title only"
    )
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they would count every row for every filter
    paginator = CappedPaginator
    list_per_page = 50
    ordering = ("received_at", "id")
    actions = tuple(BULK)

    def get_queryset(self, request: HttpRequest) -> IdeaQuerySet:
        return access.screened_ideas(request.user)

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By words of any length and by receipt number; whoever looks for a contact says what for (admin.contacts)."""
        return find(queryset, search_term), False

    def get_list_display(self, request: Any) -> list[Any]:
        """The columns; the status as this person may know it."""

        @admin.display(description=gettext_lazy("status"), ordering=TOLD_STATUS)
        def status_tag(idea: Idea) -> str:
            status = access.status_for(request.user, idea)
            kept = format_html(' <span class="tag tag-declined">{}</span>', _("restricted")) if idea.restricted else ""
            return format_html('<span class="tag tag-{}">{}</span>{}', status, status.label, kept)

        return [status_tag if name == "status" else name for name in self.list_display]

    @admin.display(description=gettext_lazy("suspicions"))
    def suspicious(self, idea: Idea) -> str:
        return "、".join(str(Suspicion(name).label) for name in idea.suspicions) or "—"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The decisions, for those who may decide."""
        if not request.user.has_perm("ideas.screen_idea"):
            return {}
        return {
            name: (lambda model_admin, req, rows, name=name: act_on_many(model_admin, req, rows, name), name, label)
            for name, (label, _form, _service) in BULK.items()
        }

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
        view = self.admin_site.admin_view
        return [
            *duplicates.urls(self),
            *exports.urls(self),
            *imports.urls(self),
            path("triage/<slug:slug>/", view(self.triage), name="ideas_idea_triage"),
            path("<int:pk>/decide/<str:action>/", view(self.posted(self.decide)), name="ideas_idea_decide"),
            *publishing.urls(self),
            *contacts.urls(self),
            *mergers.urls(self),
            *restricted.urls(self),
            *undo.urls(self),
            *super().get_urls(),
        ]

    def triage(self, request: StaffRequest, slug: str) -> HttpResponse:
        return desk(request, slug, {**self.admin_site.each_context(request), "opts": self.opts})

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return self._show(request, get_object_or_404(self._full(request), pk=row_key(object_id)))

    def _full(self, request: HttpRequest) -> QuerySet[Idea]:
        return self.get_queryset(request).select_related("campaign", "topic", "area", "unit", "merged_into", "resident")

    def decide(self, request: StaffRequest, pk: int, action: str) -> HttpResponse:
        """Press one decision button; then the next waiting idea is there."""
        idea = get_object_or_404(self._full(request), pk=pk)
        if action not in DECISIONS:
            raise Http404
        if not request.user.has_perm("ideas.screen_idea"):
            raise PermissionDenied
        form_class, fields, service = DECISIONS[Action(action)]
        form = form_class(request.POST, prefix=action)
        if not form.is_valid():
            return self._show(request, idea, {Action(action): form}, status=422)
        given = {name: form.cleaned_data[name] for name in (*fields, "expected_version")}

        def act() -> None:
            service(idea=idea, moderator=request.user, at=request.at, **given)

        done = _("%(receipt)s: %(act)s") % {"receipt": idea.receipt, "act": Action(action).label}
        if not press(request, act, done, form):
            return self.show(request, pk, {Action(action): form})
        if action in UNDOABLE:
            undo.remember_one(request, idea)
        following = self.get_queryset(request).filter(campaign=idea.campaign, status=Status.RECEIVED)
        waiting = following.by_receipt().first()
        if waiting is None:
            return redirect("admin:ideas_idea_changelist")
        return redirect("admin:ideas_idea_change", waiting.pk)

    def show(self, request: StaffRequest, pk: int, bound: dict[Any, Any], status: int = 409) -> HttpResponse:
        """The idea's page again, with what could not be done."""
        return self._show(request, get_object_or_404(self._full(request), pk=pk), bound, status=status)

    def _show(
        self,
        request: StaffRequest,
        idea: Idea,
        bound: dict[Any, Any] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The idea's page; a form that was refused keeps what was typed and counts as having seen this page.

        It stands there also if its act is not possible any more, so that its words can be taken elsewhere.
        """
        for form in (bound or {}).values():
            as_shown(form, seen=idea.version)
        possible = possible_actions(access.status_for(request.user, idea))
        events = list(idea.events.select_related("actor", "statement").order_by("number"))
        doubted = appealed_decision(events)
        may_decide = request.user.has_perm("ideas.screen_idea") and not (doubted and doubted.actor == request.user)
        closed = screening.closed_by_the_list(request.user, idea)
        decisions = [
            {
                "action": action.value,
                "label": BUTTONS[action],
                "form": (bound or {}).get(action) or form_class(initial={"seen": idea.version}, prefix=action.value),
                "is_open": action in (bound or {}),
            }
            for action, (form_class, _fields, _service) in DECISIONS.items()
            if action in (bound or {}) or (action in possible and may_decide and not closed)
        ]
        resident = access.resident_for(request.user, idea)
        may_publish = request.user.has_perm("ideas.edit_published") and Action.EDIT_PUBLISHED in possible
        context = {
            **self.admin_site.each_context(request),
            **contacts.context(request),
            **mergers.context(request, idea, bound or {}),
            **restricted.context(request, idea, bound),
            "opts": self.opts,
            "title": idea.title,
            "idea": idea,
            "resident": resident,
            "advice": advice_for(idea, named=resident is not None),
            "similar": beside(request, idea),
            "may_merge": any(decision["action"] == Action.MERGE for decision in decisions),
            "suspicions": [Suspicion(name).label for name in idea.suspicions],
            "photos": access.without_slips(request.user, idea.photos.all()),
            "may_release": may_publish,
            "history": history_for(request.user, events),
            "doubted": doubted if idea.status == Status.RECEIVED else None,
            "erased_at": erased_at(events),
            "versions": idea.versions.select_related("topic", "area"),
            "co_proposed": self.get_queryset(request).filter(merged_into=idea).by_receipt(),
            "criteria": idea.campaign.criteria.all(),
            "reviews": reviews_for(idea) if request.user.has_perm("ideas.view_shortlist") else [],
            "decisions": decisions,
            "undoable": undo.undoable(request),
            "undo": _undo_offer(request, idea, events),
            "closed": closed.message if closed and may_decide else "",
        }
        return TemplateResponse(request, self.change_form_template, context, status=status)


def _undo_offer(request: StaffRequest, idea: Idea, events: list[IdeaEvent]) -> dict[str, Any] | None:
    """The decision on this idea that the reader can undo now, with who made it and until when."""
    event = screening.undoable_act(idea=idea, events=events, moderator=request.user, at=request.at)
    if event is None:
        return None
    return {
        "act": event.get_action_display(),
        "by": None if event.actor_id == request.user.pk else event.actor,
        "until": screening.undo_until(event),
    }
