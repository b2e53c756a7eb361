"""One idea with its text, its history, and the buttons to decide: what the admin shows as the page of its row."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.choices import Action, Status, Suspicion
from ideas.desks import contacts, mergers, referrals, restricted, undo
from ideas.desks.pages import as_shown, button, needs, press, render
from ideas.desks.triage import beside
from ideas.forms import screening as forms
from ideas.models import Idea, IdeaEvent
from ideas.queries import access
from ideas.queries.advice import advice_for
from ideas.queries.history import history_for
from ideas.queries.ratings import reviews_for
from ideas.queries.trail import appealed_decision, erased_at
from ideas.requests import StaffRequest
from ideas.rules.workflow import UNDOABLE, possible_actions
from ideas.services import screening
from ideas.services.withdrawal import withdraw_for_resident

IDEA = "admin:ideas_idea_change"
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


def idea_page(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, _full(request, pk))


def _full(request: HttpRequest, pk: int) -> Idea:
    related = ("campaign", "topic", "area", "unit", "merged_into", "resident")
    return get_object_or_404(access.screened_ideas(request.user).select_related(*related), pk=pk)


@needs("ideas.screen_idea")
def decide(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    """Press one decision button; then the next waiting idea is there."""
    idea = _full(request, pk)
    if action not in DECISIONS:
        raise Http404
    form_class, fields, service = DECISIONS[Action(action)]
    form = form_class(request.POST, prefix=action)
    if not form.is_valid():
        return _show(request, idea, {action: form}, status=422)
    given = {name: form.cleaned_data[name] for name in (*fields, "expected_version")}

    def act() -> None:
        service(idea=idea, moderator=request.user, at=request.at, **given)

    done = _("%(receipt)s: %(act)s") % {"receipt": idea.receipt, "act": Action(action).label}
    if not press(request, act, done, form):
        return _show(request, _full(request, pk), {action: form}, status=409)
    if action in UNDOABLE:
        undo.remember_one(request, idea)
    waiting = access.screened_ideas(request.user).filter(campaign=idea.campaign, status=Status.RECEIVED)
    following = waiting.by_receipt().first()
    if following is None:
        return redirect("admin:ideas_idea_changelist")
    return redirect("admin:ideas_idea_change", following.pk)


@needs("ideas.screen_idea")
def group(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """End a merger, or hand its group to another leader."""
    return _after(request, pk, mergers.act_on_group(request, pk, act))


@needs("ideas.screen_idea")
def undo_decision(request: StaffRequest, pk: int) -> HttpResponse:
    """Undo the last decision on an idea; then its page is there, as it stands."""
    if not undo.undo_one(request, pk):
        return _show(request, _full(request, pk), status=422)
    return redirect(IDEA, pk)


def guard(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """Restrict an idea, lift that, hand it over, remove it."""
    return _after(request, pk, restricted.guard(request, pk, act))


def _after(request: StaffRequest, pk: int, refused: tuple[str, django_forms.Form, int] | None) -> HttpResponse:
    """The idea's page with the form that was refused; else where one goes from there."""
    if refused is not None:
        name, form, status = refused
        return _show(request, _full(request, pk), {name: form}, status=status)
    is_there = access.screened_ideas(request.user).filter(pk=pk).exists()  # a restricted one is gone for most
    return redirect("admin:ideas_idea_change", pk) if is_there else redirect("admin:ideas_idea_changelist")


def _show(
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
    at_units = referrals.with_idea(request, idea)
    context = {
        **contacts.context(request),
        **mergers.context(request, idea, bound or {}),
        **restricted.context(request, idea, bound),
        **at_units,
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
        "co_proposed": access.screened_ideas(request.user).filter(merged_into=idea).by_receipt(),
        "criteria": idea.campaign.criteria.all(),
        "reviews": reviews_for(idea) if request.user.has_perm("ideas.view_shortlist") else [],
        "decisions": decisions,
        "undoable": undo.undoable(request),
        "undo": _undo_offer(request, idea, events, at_units["referrals"]),
        "closed": closed.message if closed and may_decide else "",
    }
    return render(request, "admin/ideas/idea/screen.html", context, title=idea.title, model=Idea, status=status)


def _undo_offer(
    request: StaffRequest, idea: Idea, events: list[IdeaEvent], at_units: list[Any]
) -> dict[str, Any] | None:
    """The decision on this idea that the reader can undo now, with who made it and until when; and what it takes the
    idea off."""
    event = screening.undoable_act(idea=idea, events=events, moderator=request.user, at=request.at)
    if event is None:
        return None
    return {
        "act": event.get_action_display(),
        "by": None if event.actor_id == request.user.pk else event.actor,
        "until": screening.undo_until(event),
        "referrals": [row for row in at_units if row.is_open and row.is_about and row.sent_at >= event.at],
    }


urls = [
    button("<int:pk>/decide/<str:action>/", decide, "ideas_idea_decide", row=IDEA),
    button("<int:pk>/group/<str:act>/", group, "ideas_idea_group", row=IDEA),
    button("<int:pk>/undo/", undo_decision, "ideas_idea_undo", row=IDEA),
    button("<int:pk>/guard/<str:act>/", guard, "ideas_idea_guard", row=IDEA),
]
