"""The desk of the public notice: a list is put on notice, objections are typed in and decided, a contact is shown."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from ideas.choices import Suspicion
from ideas.desks.pages import as_shown, button, needs, page, press, render
from ideas.errors import Refusal
from ideas.forms.contacts import ContactForm
from ideas.forms.notices import DecideForm, EnterForm, StartForm
from ideas.models import Notice, Objection, Shortlist
from ideas.queries import access
from ideas.queries.notices import ideas_on_notice, next_for, objections_for, why_not_by
from ideas.requests import StaffRequest
from ideas.services import notices as services

LIST = "admin:ideas_shortlist_change"
OBJECTION = "admin:ideas_objection_change"


def start(request: StaffRequest, pk: int) -> HttpResponse:
    row, form = get_object_or_404(access.shortlists(request.user), pk=pk), StartForm(request.POST)
    if form.is_valid():
        act = partial(services.start_notice, shortlist=row, manager=request.user, at=request.at, **form.cleaned_data)
        press(request, act, _("The list is on public notice: everybody can read it now."))
    else:
        messages.error(request, _("The list has changed since you opened it. Nothing was changed; please look again."))
    return redirect(LIST, pk)


def _row(request: HttpRequest, pk: int) -> Objection:
    return get_object_or_404(objections_for(request.user), pk=pk)


def objection_page(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, _row(request, pk))


def _show(request: StaffRequest, row: Objection, form: DecideForm | None = None, status: int = 200) -> HttpResponse:
    listed = Shortlist.objects.filter(campaign=row.notice.campaign_id).first()
    is_listed = bool(listed and row.idea and listed.entries.filter(idea=row.idea).exists())
    # Who moves up is a secret of the list: for those who may know it.
    knows = request.user.has_perm("ideas.view_shortlist")
    added = next_for(listed, row.idea) if listed and row.idea and is_listed and row.is_waiting and knows else None
    shown = {"version": listed.version if listed else 0, "moves_up": added.receipt if added else ""}
    why_not = why_not_by(request.user, row)
    may_see = request.user.has_perm("ideas.show_contact")
    context = {
        "objection": row,
        "listed": listed if knows else None,
        "is_listed": is_listed,
        "has_left": knows and row.idea is not None and not is_listed,
        "added": added,
        "why_not": why_not,
        "form": as_shown(form, **shown) if form else DecideForm(initial=shown),
        "may_decide": listed is not None and row.is_waiting and not why_not,
        "may_erase": not row.is_waiting and not row.erased_at and request.user.has_perm("ideas.decide_objection"),
        "reads_words": may_see or request.user.has_perm("ideas.decide_objection"),
        "contact_form": ContactForm(auto_id="contact_%s") if may_see and row.given else None,
        "suspicions": [Suspicion(name).label for name in row.suspicions if name in Suspicion.values],
    }
    template, title = "admin/ideas/objection/page.html", row.number
    return render(request, template, context, title=title, model=Objection, status=status)


@needs("ideas.decide_objection")
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    row, form = _row(request, pk), DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, row, form, status=422)
    names = ("outcome", "reason", "expected_version", "expected_next")
    given = {name: form.cleaned_data[name] for name in names}
    act = partial(services.decide_objection, objection=row, staff=request.user, at=request.at, **given)
    if not press(request, act, _("Decided. The person who objected is told."), form):
        return _show(request, _row(request, pk), form, status=409)
    return redirect(OBJECTION, pk)


@needs("ideas.decide_objection")
def erase(request: StaffRequest, pk: int) -> HttpResponse:
    act = partial(services.erase_objector, objection=_row(request, pk), staff=request.user, at=request.at)
    press(request, act, _("The person and their words are erased; the decision stays."))
    return redirect(OBJECTION, pk)


@needs("ideas.show_contact")
def contact(request: StaffRequest, pk: int) -> HttpResponse:
    """Who objected, once, as the answer to a purpose; kept by no cache."""
    row, form, found = _row(request, pk), ContactForm(request.POST), None
    if form.is_valid():
        try:
            names = {name: form.cleaned_data[name] for name in ("purpose", "words")}
            found = services.show_objector(objection=row, staff=request.user, at=request.at, **names)
        except Refusal as refusal:
            form.add_error("words", refusal.message)
    context = {"objection": row, "form": form, "contact": found}
    title, status = _("Contact of %(receipt)s") % {"receipt": row.number}, 200 if found else 422
    template = "admin/ideas/objection/contact.html"
    answer = render(request, template, context, title=title, model=Objection, status=status)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


@needs("ideas.enter_objection")
def enter(request: StaffRequest, pk: int) -> HttpResponse:
    """Type in what came by telephone or on paper."""
    notice = get_object_or_404(_open_notices(), pk=pk)
    form = EnterForm(request.POST or None, ideas=ideas_on_notice(notice))
    if request.method == "POST" and form.is_valid():
        made: list[Objection] = []

        def act() -> None:
            given: dict[str, Any] = {"campaign": notice.campaign, "clerk": request.user, "at": request.at}
            made.append(services.enter_objection(**given, **form.objection()))

        if press(request, act, lambda _done: _("Noted. Its number: %(number)s") % {"number": made[0].number}, form):
            return redirect(OBJECTION, made[0].pk)
    status = 422 if form.errors else 200
    context, title = {"notice": notice, "form": form}, _("Type in an objection")
    template = "admin/ideas/objection/enter.html"
    return render(request, template, context, title=title, model=Objection, status=status)


def _open_notices() -> Any:
    """Those to which something can still be typed in: not stopped, and nothing is released."""
    return Notice.objects.standing().filter(campaign__released_at=None).select_related("campaign")


def list_context(request: StaffRequest) -> dict[str, Any]:
    """What stands above the list of objections."""
    return {"open_notices": _open_notices() if request.user.has_perm("ideas.enter_objection") else []}


urls = [
    page("enter/<int:pk>/", enter, "ideas_objection_enter"),
    button("<int:pk>/decide/", decide, "ideas_objection_decide", row=OBJECTION),
    button("<int:pk>/contact/", contact, "ideas_objection_contact", row=OBJECTION),
    button("<int:pk>/erase/", erase, "ideas_objection_erase", row=OBJECTION),
]
list_urls = [button("<int:pk>/notice/", start, "ideas_shortlist_notice", row=LIST)]
