"""The office's side of referrals that were sent: deciding on a return, releasing answers, closing; the sheet 交办单."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.choices import Adoption, AnswerKind, ReferralAct, ReferralState, Satisfaction
from ideas.desks.pages import as_shown, button, needs, page, press, render
from ideas.desks.referral_photos import section_of
from ideas.forms import referrals as forms
from ideas.forms.questions import AskForm, PassOnForm, SettleForm
from ideas.forms.verdicts import SOLVED, HeardForm, ReopenForm
from ideas.models import Idea, Referral, ReferralIdea, UnitQuestion
from ideas.queries import referrals as queries
from ideas.queries.milestones import milestones_of
from ideas.queries.named import is_restricted
from ideas.queries.questions import open_question, questions_for_office
from ideas.queries.referring import days_of
from ideas.queries.supervision import orders_of, steps_of
from ideas.queries.verdicts import ideas_to_ask, verdicts_on
from ideas.queries.workdays import unknown_years_of
from ideas.requests import StaffRequest
from ideas.rules.milestones import RELEASE
from ideas.rules.referrals import WITH_UNIT, possible_acts
from ideas.rules.verdicts import Said
from ideas.rules.workflow import VALID
from ideas.services import answers, closing, questions, reopening, verdicts
from ideas.services import referrals as services
from ideas.services.supervision import issue_order

PAGE = "admin:ideas_referral_change"


def _note_verdict(*, is_solved: str, satisfaction: str, words: str, **given: Any) -> None:
    verdicts.note_verdict(**given, said=Said(Satisfaction(satisfaction), is_solved == SOLVED, words))


# act -> (what the page offers it by, form, service); the fields of a form are what its service takes.
ACTS: dict[str, tuple[ReferralAct, type[django_forms.Form], Callable[..., Any]]] = {
    "release": (ReferralAct.RELEASE, forms.ReleaseForm, answers.release_answer),
    "close": (ReferralAct.CLOSE_PLACE, forms.CloseForm, closing.close),
    "not-yet": (ReferralAct.NOT_YET, forms.NotYetForm, closing.not_yet),
    "verdict": (ReferralAct.REOPEN, HeardForm, _note_verdict),  # which may lead to that
    "reopen": (ReferralAct.REOPEN, ReopenForm, reopening.reopen),
    "reassign": (ReferralAct.REASSIGN, forms.ReassignForm, services.reassign),
    "keep": (ReferralAct.KEEP, forms.WordsForm, services.keep),
    "pass-on": (ReferralAct.PASS_ON, PassOnForm, questions.pass_on),
    "settle": (ReferralAct.SETTLE, SettleForm, questions.settle),
    "change-due": (ReferralAct.CHANGE_DUE, forms.DueForm, services.change_due),
    "supervise": (ReferralAct.SUPERVISE, forms.OrderForm, issue_order),
    "recall": (ReferralAct.RECALL, forms.RecallForm, services.recall),
}
REPLY, ASK = "reply", "ask"  # of a unit that is written to by letter, typed in by the office
BUTTONS = {
    ASK: gettext_lazy("Type in a question of the unit"),
    REPLY: gettext_lazy("Type in the reply"),
    "release": gettext_lazy("Release the answer"),
    "close": gettext_lazy("Close it as done"),
    "not-yet": gettext_lazy("It is not done yet"),
    "reopen": gettext_lazy("Take it up again"),
    "verdict": gettext_lazy("Type in a verdict heard by telephone"),
    "reassign": gettext_lazy("Give it to another unit"),
    "keep": gettext_lazy("Let it stay with the unit"),
    "pass-on": gettext_lazy("Pass the question on to the resident"),
    "settle": gettext_lazy("Answer the question yourself"),
    "change-due": gettext_lazy("Change the days"),
    "supervise": gettext_lazy("Issue a supervision order"),
    "recall": gettext_lazy("Recall it"),
}
REPORTED = ("close", "not-yet")  # of places that the unit has reported done
BY_LETTER: dict[str, type[django_forms.Form]] = {REPLY: forms.AnswerForm, ASK: AskForm}
DAYS_OF_ITS_OWN = gettext_lazy(
    "It has working days of its own from today: %(acknowledge)s to acknowledge, %(answer)s to answer, %(finish)s to "
    "finish."
)
FIRST = (REPLY, "release", "close", "reassign")  # what the office is asked for: open without a click


def referral_page(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, _row(request, pk))


def _row(request: StaffRequest, pk: int) -> Referral:
    return get_object_or_404(queries.reached_referrals(request.user).select_related("campaign", "unit"), pk=pk)


@needs("ideas.refer_idea")
def act_on(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    row = _row(request, pk)
    if act not in {*ACTS, *BY_LETTER}:
        raise Http404
    form = _form_of(act)(request.POST, auto_id=f"{act}_%s")
    _offer(form, row, request.at)
    if not form.is_valid():
        return _show(request, row, {act: form}, status=422)
    done = _("%(number)s: “%(act)s” is done.") % {"number": row.shown_number, "act": BUTTONS[act]}
    if not press(request, lambda: _do(request, row, act, form.cleaned_data), done, form):
        return _show(request, _row(request, pk), {act: form}, status=409)
    return redirect(PAGE, pk)


def _do(request: StaffRequest, row: Referral, act: str, data: dict[str, Any]) -> None:
    given: dict[str, Any] = {"referral": row, "at": request.at}
    if act == REPLY:
        answers.take_reply(**given, staff=request.user, words=data, expected_version=data["seen"])
    elif act == ASK:
        data = {name: data[name] for name in ("idea", "words", "expected_version")}
        questions.ask(**given, officer=request.user, **data)
    else:
        ACTS[act][2](**given, staff=request.user, **{name: data[name] for name in data if name != "sure"})


def _offer(form: django_forms.Form, row: Referral, at: datetime) -> None:
    """Where a referral is about several, which of them an act may be about; of a question, whose resident is asked; of
    a verdict, whose was called; of an answer that is released, the day that it gives."""
    if isinstance(form, AskForm):
        form.offer(dict(row.places.standing().values_list("idea", "idea__title")))
    elif isinstance(form, forms.ReassignForm):
        form.offer_others(row.unit)
    elif isinstance(form, forms.ReleaseForm):
        answer = queries.answer_to_release(row)
        form.offer_day(answer.finish_on if answer else None, row.finish_by)
    elif isinstance(form, HeardForm):
        form.offer([idea for idea, _place in ideas_to_ask(row, at)])
    elif {"place", "places"} & form.fields.keys():
        rows = _places_for(form, row)
        forms.offer_places(form, queries.named_places(rows) if len(rows) > 1 else {})


def _places_for(form: django_forms.Form, row: Referral) -> list[ReferralIdea]:
    """A report is about those that are open; closing them or sending them back, about those that were reported."""
    if isinstance(form, ReopenForm):
        return list(row.places.exclude(closing=None).select_related("idea__area"))
    is_report = isinstance(form, forms.AnswerForm)
    return [place for place in queries.open_places(row) if is_report or place.done_at]


def _show(
    request: StaffRequest, row: Referral, bound: dict[str, django_forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    """The referral's page; a form that was refused keeps what was typed and counts as having seen this page."""
    bound = bound or {}
    for form in bound.values():
        as_shown(form, seen=row.version)
    possible = possible_acts(row.state) if request.user.has_perm("ideas.refer_idea") else frozenset()
    places = queries.standing_places(row, "idea__campaign", "idea__topic", "idea__area", "closing__actor")
    waiting, question = queries.answer_to_release(row), open_question(row)
    why_not_asked = questions.why_not_asked(question) if question and question.is_with_office else ""
    given: dict[str, Any] = {"waiting": waiting, "question": question, "why_not_asked": why_not_asked}
    may = _may(row, bool(possible), places=places, **given) | {"verdict": bool(ideas_to_ask(row, request.at))}
    offered: list[dict[str, Any]] = [
        {
            "act": act,
            "label": BUTTONS[act],
            "form": bound.get(act) or _form(act, row, request.at),
            "is_open": act in bound,
        }
        for act in (*BY_LETTER, *ACTS)
        if act in bound or (may[act] and (act in BY_LETTER or ACTS[act][0] in possible))
    ]
    is_asked = question is not None and question.is_with_office
    for act in offered:
        act["is_first"] = act["act"] in FIRST or (is_asked and act["act"] in ("pass-on", "settle"))
        if act["act"] == "reassign":
            act["form"].fields["unit"].help_text = DAYS_OF_ITS_OWN % asdict(days_of(row.campaign))
    milestones = milestones_of(row, today=localdate(request.at))
    events = list(row.events.select_related("actor", "unit"))
    context = {
        "referral": row,
        "line": queries.line_of(row, today=localdate(request.at)),
        "about": places,
        **section_of(row, request.user, [(place, place.idea.title) for place in places]),
        "helping": row.helping_units.all(),
        "handed_over": queries.handed_over(row, events),
        "restricted": is_restricted(row),
        "named": row.named.all(),
        "milestones": milestones,
        "with_release": [line for line in milestones if line.row.state in RELEASE] if waiting else [],
        "better": queries.better_unit(row),
        "waits": waiting,
        "questions": questions_for_office(row),
        "why_not_asked": why_not_asked,
        "answers": queries.released_answers(row),
        "verdicts": verdicts_on(row),
        "events": events,
        "acts": offered,
        "orders": orders_of(row),
        "steps": steps_of(row),
        "unknown_years": unknown_years_of(localdate(row.sent_at), row.finish_by),
    }
    return render(
        request, "admin/ideas/referral/page.html", context, title=row.shown_number, model=Referral, status=status
    )


def _may(
    row: Referral,
    may_act: bool,
    *,
    waiting: Any,
    places: Sequence[ReferralIdea],
    question: UnitQuestion | None,
    why_not_asked: str,
) -> dict[str, bool]:
    """What decides beyond the rulebook whether an act is offered."""
    is_for_letter = may_act and row.unit.by_letter and row.state in WITH_UNIT
    is_asked = question is not None
    is_reported = any(place.done_at and not place.closing_id for place in places)
    return {
        **dict.fromkeys(ACTS, True),
        **dict.fromkeys(REPORTED, is_reported),
        "reopen": any(place.closing_id for place in places),
        "release": waiting is not None,
        "close": is_reported and waiting is None,  # the resident reads first what was done
        "pass-on": question is not None and question.is_with_office and not why_not_asked,
        "settle": is_asked,
        REPLY: is_for_letter,
        ASK: is_for_letter and not is_asked,
    }


def _form(act: str, row: Referral, at: datetime) -> django_forms.Form:
    initial: dict[str, Any] = {"seen": row.version}
    if act == "change-due":
        initial |= {name: getattr(row, name) for name in ("acknowledge_by", "answer_by", "finish_by")}
    if act == "reassign":
        initial["unit"] = queries.better_unit(row)
    if act == "release" and (answer := queries.answer_to_release(row)):
        initial |= {"public": answer.public, "finish_by": queries.day_on_release(row, answer)}
    if act == "pass-on" and (question := open_question(row)):
        initial["words"] = question.words
    if act == REPLY:
        initial["kind"] = AnswerKind.DONE if row.state == ReferralState.PLANNED else AnswerKind.PLAN
    form = _form_of(act)(initial=initial, auto_id=f"{act}_%s")
    _offer(form, row, at)
    return form


def _form_of(act: str) -> type[django_forms.Form]:
    return BY_LETTER[act] if act in BY_LETTER else ACTS[act][1]


@needs("ideas.view_referral")
def sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """The 交办单 on paper: number, days, instruction, ideas and a slip for the reply; a letter to who has no log-in."""
    row = _row(request, pk)
    context = {
        "referral": row,
        "campaign": row.campaign,
        "ideas": queries.ideas_for_unit(row),
        "helping": row.helping_units.all(),
        "handed_over": queries.handed_over(row, row.events.all()),
        "adoptions": Adoption.choices,
    }
    return render(request, "admin/ideas/referral/sheet.html", context, title=row.shown_number, model=Referral)


@needs("ideas.view_referral")
def order(request: StaffRequest, pk: int) -> HttpResponse:
    """The newest 督办单 of a referral on paper."""
    row = _row(request, pk)
    order = next(iter(orders_of(row)), None)
    if order is None:
        raise Http404
    context = {"referral": row, "campaign": row.campaign, "order": order, "ideas": queries.ideas_for_unit(row)}
    return render(request, "admin/ideas/referral/order.html", context, title=str(order), model=Referral)


def with_idea(request: StaffRequest, idea: Idea) -> dict[str, Any]:
    """What an idea's page shows of its referrals."""
    rows = list(queries.with_idea(queries.reached_referrals(request.user), idea).select_related("unit", "campaign"))
    may = request.user.has_perm("ideas.refer_idea") and idea.status in VALID
    return {"referrals": rows, "may_refer": may and not any(row.is_open and row.is_about for row in rows)}


urls = [
    button("<int:pk>/act/<str:act>/", act_on, "ideas_referral_act", row=PAGE),
    page("<int:pk>/sheet/", sheet, "ideas_referral_sheet"),
    page("<int:pk>/order/", order, "ideas_referral_order"),
]
