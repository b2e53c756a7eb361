"""A unit's desk: the own referrals, due first; acknowledging one, returning it, answering it, approving the answer.

An officer sees the ideas as the panel does, without whoever proposed them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ideas.choices import AnswerKind, AnswerState, ReferralAct, ReferralState
from ideas.desks import referral_photos as photos
from ideas.desks.pages import as_shown, desk, press
from ideas.forms import referrals as forms
from ideas.forms.questions import AskForm
from ideas.models import Photo, Referral, ReferralAnswer
from ideas.queries import referrals as queries
from ideas.queries.contact_releases import open_releases
from ideas.queries.milestones import milestones_of
from ideas.queries.questions import questions_for_unit
from ideas.queries.referral_photos import idea_photos_for_unit
from ideas.queries.supervision import running_order, unit_orders
from ideas.queries.verdicts import verdicts_for_unit
from ideas.requests import StaffRequest
from ideas.rules.referrals import WITH_UNIT, possible_acts
from ideas.services import answers, questions, referrals

PER_PAGE = 30
PHOTOS = "photos"  # their form among those that were sent
officers_only = desk("ideas.work_referral")


@officers_only
@require_safe
def own_referrals(request: StaffRequest) -> HttpResponse:
    """What is open, due first; with `?ended` what has ended, the newest first."""
    own = queries.unit_referrals(request.user)
    has_ended = "ended" in request.GET
    rows = queries.ended_first(own) if has_ended else queries.due_first(own)
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "unit": request.user.unit,
        "page": shown,
        "lines": queries.lines_of(list(shown), today=localdate(request.at)),
        "orders": [] if has_ended else unit_orders(request.user)[:PER_PAGE],
        "has_ended": has_ended,
    }
    return render(request, "unit/desk.html", context)


@officers_only
@require_safe
def referral(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, _own(request, pk))


def _own(request: StaffRequest, pk: int) -> Referral:
    return get_object_or_404(queries.unit_referrals(request.user).select_related("campaign", "unit"), pk=pk)


@dataclass(frozen=True)
class Act:
    """A button of the page: its form, what it does, what is said when it is done."""

    form: type[django_forms.Form]
    do: Callable[[StaffRequest, Referral, dict[str, Any]], Any]
    done: Any


def _given(request: StaffRequest, row: Referral, **more: Any) -> dict[str, Any]:
    return {"referral": row, "at": request.at, **more}


def _acknowledge(request: StaffRequest, row: Referral, data: dict[str, Any]) -> None:
    seen = data["expected_version"]
    referrals.acknowledge(**_given(request, row), officer=request.user, expected_version=seen)


def _return(request: StaffRequest, row: Referral, data: dict[str, Any]) -> None:
    data = {"better": data["unit"], "reason": data["reason"], "expected_version": data["expected_version"]}
    referrals.ask_return(**_given(request, row), officer=request.user, **data)


def _ask(request: StaffRequest, row: Referral, data: dict[str, Any]) -> None:
    questions.ask(**_given(request, row), officer=request.user, **data)


def _save(request: StaffRequest, row: Referral, data: dict[str, Any]) -> ReferralAnswer:
    words = {name: data[name] for name in answers.WORDS} | {"places": data.get("places")}
    kind = AnswerKind(data["kind"])
    return answers.save_draft(**_given(request, row), officer=request.user, kind=kind, words=words, seen=data["draft"])


def _hand_in(request: StaffRequest, row: Referral, data: dict[str, Any]) -> None:
    """What was typed is kept first: if it is refused, nothing of it is lost."""
    _save(request, row, data)
    answers.hand_in(**_given(request, row), officer=request.user, expected_version=data["seen"])


def _approve(request: StaffRequest, row: Referral, data: dict[str, Any]) -> None:
    answers.approve(**_given(request, row), head=request.user, expected_version=data["expected_version"])


def _pass_back(request: StaffRequest, row: Referral, data: dict[str, Any]) -> None:
    seen = data["expected_version"]
    answers.pass_back(**_given(request, row), person=request.user, words=data["words"], expected_version=seen)


ACTS: dict[str, Act] = {
    "acknowledge": Act(forms.ReferralForm, _acknowledge, gettext_lazy("Acknowledged.")),
    "return": Act(forms.ReturnForm, _return, gettext_lazy("The office decides whose affair it is.")),
    "ask": Act(AskForm, _ask, gettext_lazy("The office has your question.")),
    "save": Act(forms.AnswerForm, _save, gettext_lazy("Saved as a draft.")),
    "hand-in": Act(forms.AnswerForm, _hand_in, gettext_lazy("Handed in.")),
    "approve": Act(forms.ReferralForm, _approve, gettext_lazy("Approved. The office has it now.")),
    "pass-back": Act(forms.WordsForm, _pass_back, gettext_lazy("Passed back to the officer.")),
}


@officers_only
@require_http_methods(["POST"])
def act_on(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    row = _own(request, pk)
    if act not in ACTS:
        raise Http404
    form = ACTS[act].form(request.POST, auto_id=f"{act}_%s")
    _offer_places(form, row)
    bound: dict[str, Any] = {act: form}
    if request.FILES and isinstance(form, forms.AnswerForm):  # kept first, whatever the words say
        bound[PHOTOS], added = photos.take(request, row)
        if added and not form.errors:
            form.cleaned_data["seen"] += 1  # what this press itself has brought is no news
    if any(each.errors for each in bound.values()):
        return _show(request, _own(request, pk), bound, status=422)
    if not press(request, lambda: ACTS[act].do(request, row, form.cleaned_data), ACTS[act].done, form):
        return _show(request, _own(request, pk), {act: form}, status=409)
    return redirect("unit-referral", pk)


@officers_only
@require_http_methods(["POST"])
def change_photos(request: StaffRequest, pk: int) -> HttpResponse:
    """Add photos, or take one out. What stands in the form of an answer around them is kept as with "save"."""
    row = _own(request, pk)
    added: list[Photo] = []
    bound: dict[str, Any] = {}
    if "remove" in request.POST:
        photos.remove(request, row)
    else:
        bound[PHOTOS], added = photos.take(request, row)
    if "kind" in request.POST:
        bound["save"] = forms.AnswerForm(request.POST, auto_id="save_%s")
        _offer_places(bound["save"], row)
    if added:
        messages.success(request, photos.added_words(added))
    if any(form.errors for form in bound.values()):
        return _show(request, _own(request, pk), bound, status=422)
    typed = bound["save"].cleaned_data if "save" in bound else {}
    is_written = any(typed.get(name) for name in answers.WORDS)
    if is_written and not press(request, lambda: _save(request, row, typed)):
        return _show(request, _own(request, pk), bound, status=409)
    return redirect(f"{reverse('unit-referral', args=[pk])}#photos")


def _offer_places(form: django_forms.Form, row: Referral) -> None:
    """Where a referral is about several, a report names those that are done, a question the one whose resident is
    asked."""
    if isinstance(form, forms.ReturnForm):
        form.offer_others(row.unit)
    elif isinstance(form, AskForm):
        form.offer({place.idea_id: text.title for place, text in queries.places_for_unit(row)})
    elif "places" in form.fields:
        rows = queries.open_places(row)
        forms.offer_places(form, queries.named_places(rows) if len(rows) > 1 else {})


def _show(
    request: StaffRequest, row: Referral, bound: dict[str, django_forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    """The referral's page; a form that was refused keeps what was typed and counts as having seen this page."""
    bound = bound or {}
    photo_form: Any = bound.pop(PHOTOS, None)
    is_own = queries.works_for(request.user, row)  # a unit that only helps reads nothing that is not released
    answer = queries.answer_in_hand(row) if is_own else None
    written = {form.data.get("draft", "") for form in bound.values() if isinstance(form, forms.AnswerForm)}
    for form in bound.values():
        as_shown(form, seen=row.version, draft=answers.name_of(answer))
    places = queries.places_for_unit(row)
    sent = idea_photos_for_unit([place.idea for place, _text in places])
    possible = possible_acts(row.state) if is_own else frozenset()
    is_draft = answer is None or answer.state == AnswerState.DRAFT
    may_answer = bool(possible) and row.state in WITH_UNIT and is_draft
    may_approve = answer is not None and answer.state == AnswerState.HANDED_IN and row.state in WITH_UNIT
    seen, asked = {"seen": row.version}, questions_for_unit(row)
    may_ask = possible and row.state in WITH_UNIT and not any(each.question.is_open for each in asked)
    events = list(row.events.filter(at__gte=row.sent_at).select_related("actor", "unit"))  # since it is this unit's
    titles = [(place, text.title) for place, text in places]
    context = {
        "referral": row,
        "reader": request.user.unit_id,
        "campaign": row.campaign,
        "ideas": [(place, text, sent[place.idea_id]) for place, text in places],
        **photos.section_of(row, request.user, titles, photo_form, released=not is_own),
        "named": row.named.all(),
        "questions": asked,
        "milestones": milestones_of(row, today=localdate(request.at), is_own=is_own),
        "helping": row.helping_units.all(),
        "handed_over": queries.handed_over(row, events),
        "office_words": queries.office_words(events),
        "contact_releases": open_releases(row, request.at) if row.unit_id == request.user.unit_id else (),
        "answer": answer,
        # What a colleague has written since the page was opened: the next press would write over it.
        "colleagues": answer if written and written != {answers.name_of(answer)} else None,
        "is_handed_in": answer is not None and answer.state == AnswerState.HANDED_IN,
        "answers": queries.released_answers(row),
        "verdicts": verdicts_for_unit(row),
        "waits": queries.answer_to_release(row) if is_own else None,
        "order": running_order(row),
        "events": events,
        "line": queries.line_of(row, today=localdate(request.at)),
        "may_approve": may_approve and queries.approves_for(request.user, row),
        "acknowledge": forms.ReferralForm(initial=seen) if ReferralAct.ACKNOWLEDGE in possible else None,
        "return_form": _return_form(row, bound, seen)
        if ReferralAct.ASK_RETURN in possible or "return" in bound
        else None,
        "ask_form": _ask_form({place.idea_id: text.title for place, text in places}, bound, seen)
        if may_ask or "ask" in bound
        else None,
        "answer_form": _answer_form(row, answer, bound) if may_answer or {"save", "hand-in"} & bound.keys() else None,
        "approve": forms.ReferralForm(initial=seen),
        "pass_back_form": _form("pass-back", bound, seen),
        "open_act": next(iter(bound), ""),
    }
    return render(request, "unit/referral.html", context, status=status)


def _form(act: str, bound: dict[str, django_forms.Form], initial: dict[str, Any]) -> django_forms.Form:
    return bound.get(act) or ACTS[act].form(initial=initial, auto_id=f"{act}_%s")


def _return_form(row: Referral, bound: dict[str, django_forms.Form], seen: dict[str, Any]) -> django_forms.Form:
    form = _form("return", bound, seen)
    _offer_places(form, row)
    return form


def _ask_form(titles: dict[int, str], bound: dict[str, django_forms.Form], seen: dict[str, Any]) -> django_forms.Form:
    if "ask" in bound:
        return bound["ask"]
    form = AskForm(initial=seen, auto_id="ask_%s")
    form.offer(titles)
    return form


def _answer_form(
    row: Referral, answer: ReferralAnswer | None, bound: dict[str, django_forms.Form]
) -> django_forms.Form:
    if form := bound.get("hand-in") or bound.get("save"):
        return form
    kind = answer.kind if answer else AnswerKind.DONE if row.state == ReferralState.PLANNED else AnswerKind.PLAN
    words = {name: getattr(answer, name) for name in answers.WORDS} if answer else {}
    words["places"] = answer.places.all() if answer else ()
    initial = {**words, "kind": kind, "seen": row.version, "draft": answers.name_of(answer)}
    form = forms.AnswerForm(initial=initial, auto_id="answer_%s")
    _offer_places(form, row)
    return form
