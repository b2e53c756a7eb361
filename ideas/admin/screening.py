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

from ideas.admin.buttons import ButtonsMixin, ReadOnlyAdmin, press
from ideas.choices import Action, Status
from ideas.forms import screening as forms
from ideas.models import Idea
from ideas.models.ideas import IdeaQuerySet
from ideas.queries import access
from ideas.queries.ratings import reviews_for
from ideas.requests import StaffRequest
from ideas.rules.workflow import possible_actions
from ideas.services import screening

# action -> (form, what the service takes from the form besides `seen`, service)
DECISIONS: dict[Action, tuple[type[forms.DecisionForm], tuple[str, ...], Callable[..., None]]] = {
    Action.ACCEPT: (forms.DecisionForm, (), screening.accept_idea),
    Action.RETURN: (forms.ReturnForm, ("question",), screening.return_idea),
    Action.ANSWER: (forms.AnswerForm, ("answer",), screening.note_answer),
    Action.DECLINE: (forms.DeclineForm, ("declined_as", "reason"), screening.decline_idea),
    Action.MERGE: (forms.MergeForm, ("into",), screening.merge_idea),
    Action.TRANSFER: (forms.TransferForm, ("channel", "reason"), screening.transfer_idea),
}
BUTTONS = {
    Action.ACCEPT: gettext_lazy("Accept"),
    Action.RETURN: gettext_lazy("Return with a question"),
    Action.ANSWER: gettext_lazy("Take back into the queue"),
    Action.DECLINE: gettext_lazy("Decline"),
    Action.MERGE: gettext_lazy("Merge"),
    Action.TRANSFER: gettext_lazy("Pass to another channel"),
}


class QueueFilter(admin.SimpleListFilter):
    """By status; without a choice, what is waiting to be screened."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((value, label) for value, label in Status.choices if value != Status.RECEIVED), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        rows = list(super().choices(changelist))
        rows[0]["display"] = Status.RECEIVED.label
        return rows

    def queryset(self, request: HttpRequest, queryset: QuerySet[Idea]) -> QuerySet[Idea]:
        searching = "q" in request.GET  # whoever looks for one idea does not know its status
        wished = self.value() or ("all" if searching else Status.RECEIVED)
        return queryset if wished == "all" else queryset.filter(status=wished)


@admin.register(Idea)
class IdeaAdmin(ButtonsMixin, ReadOnlyAdmin):
    change_form_template = "admin/ideas/idea/screen.html"
    list_display = ("receipt", "title", "status_tag", "topic", "area", "source", "received_at")
    list_filter = (QueueFilter, "campaign", "source", "topic", "area__street")
    list_select_related = ("topic", "area", "campaign")
    search_fields = ("receipt", "title", "problem", "proposal", "place")
    search_help_text = gettext_lazy("Receipt number, or words of title, text or place")
    show_full_result_count = False
    list_per_page = 50
    ordering = ("received_at", "id")

    def get_queryset(self, request: HttpRequest) -> IdeaQuerySet:
        return access.screened_ideas(request.user)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_tag(self, idea: Idea) -> str:
        return format_html('<span class="tag tag-{}">{}</span>', idea.status, idea.get_status_display())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/decide/<str:action>/", view(self.posted(self.decide)), name="ideas_idea_decide"),
            path("<int:pk>/published/", view(self.posted(self.edit_published)), name="ideas_idea_published"),
            *super().get_urls(),
        ]

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        pk = int(object_id) if object_id.isdecimal() else 0
        return self._show(request, get_object_or_404(self._full(request), pk=pk))

    def _full(self, request: HttpRequest) -> QuerySet[Idea]:
        return self.get_queryset(request).select_related("campaign", "topic", "area", "merged_into", "resident")

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
        given = {name: form.cleaned_data[name] for name in (*fields, "seen")}

        def act() -> None:
            service(idea=idea, moderator=request.user, at=request.at, **given)

        if not press(request, act, _("%(receipt)s: %(act)s") % {"receipt": idea.receipt, "act": Action(action).label}):
            return self._show(
                request, get_object_or_404(self._full(request), pk=pk), {Action(action): form}, status=409
            )
        following = self.get_queryset(request).filter(campaign=idea.campaign, status=Status.RECEIVED)
        waiting = following.by_receipt().first()
        if waiting is None:
            return redirect("admin:ideas_idea_changelist")
        return redirect("admin:ideas_idea_change", waiting.pk)

    def edit_published(self, request: StaffRequest, pk: int) -> HttpResponse:
        idea = get_object_or_404(self._full(request), pk=pk)
        if not request.user.has_perm("ideas.edit_published"):
            raise PermissionDenied
        form = forms.PublishedForm.for_idea(idea, request.POST)
        if not form.is_valid():
            return self._show(request, idea, published=form, status=422)

        def act() -> None:
            screening.edit_published(idea=idea, editor=request.user, at=request.at, **form.cleaned_data)

        if not press(request, act, _("The published text is saved.")):
            return self._show(request, get_object_or_404(self._full(request), pk=pk), published=form, status=409)
        return redirect("admin:ideas_idea_change", pk)

    def _show(
        self,
        request: StaffRequest,
        idea: Idea,
        bound: dict[Action, forms.DecisionForm] | None = None,
        published: forms.PublishedForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The idea's page; a form that was refused keeps what was typed and counts as having seen this page."""
        possible = possible_actions(idea.status)
        decisions = [
            {
                "action": action.value,
                "label": BUTTONS[action],
                "form": (bound or {}).get(action)
                or form_class(initial={"seen": idea.event_count}, prefix=action.value),
                "is_open": action in (bound or {}),
            }
            for action, (form_class, _fields, _service) in DECISIONS.items()
            if action in possible and request.user.has_perm("ideas.screen_idea")
        ]
        may_publish = request.user.has_perm("ideas.edit_published") and Action.EDIT_PUBLISHED in possible
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": idea.title,
            "idea": idea,
            "resident": getattr(idea, "resident", None),
            "events": idea.events.select_related("actor").order_by("number"),
            "co_proposed": idea.merged.order_by("received_at", "id"),
            "criteria": idea.campaign.criteria.all(),
            "reviews": reviews_for(idea) if request.user.has_perm("ideas.view_shortlist") else [],
            "decisions": decisions,
            "published_form": (published or forms.PublishedForm.for_idea(idea)) if may_publish else None,
        }
        return TemplateResponse(request, self.change_form_template, context, status=status)
