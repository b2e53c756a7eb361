"""Residents' contacts: shown once, or looked for, as the answer to a POST that says what for; never by an address.

What a search found is a view of the queue for an hour: its address names the line in the log, and the contact's hashes
lie in the session, so that no address, and no log of a proxy, holds the contact itself. One that was typed into the
queue's own search, which is an address, is carried here sealed in the session: the page's address, what a browser keeps
in its history and what a reload asks for again are without it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ideas.desks.pages import button, needs, page, render
from ideas.errors import Refusal
from ideas.forms.contacts import ContactForm, SearchForm
from ideas.forms.search import contacts_in
from ideas.models import Idea
from ideas.models.sealed import keyring
from ideas.queries.access import screened_ideas
from ideas.requests import StaffRequest
from ideas.rules.privacy import CannotOpen
from ideas.rules.receipts import read_receipt
from ideas.services.contacts import Search, search_contact, show_contact

SEARCHES = "contact_searches"  # in the session: [{"line", "at", "by", "hashes"}], the newest first
TYPED = "contact_typed"  # in the session, sealed
QUOTES = "\"“„«「『'‘"  # words in quotes are looked for as words, whatever they look like
MOST_KEPT = 5
KEPT = timedelta(hours=1)


@needs("ideas.show_contact")
def contact(request: StaffRequest, pk: int) -> HttpResponse:
    """The contact, or the question again; kept by no cache, and a reload asks the browser to post, and log, again."""
    idea = get_object_or_404(screened_ideas(request.user).select_related("campaign"), pk=pk)
    form, found = ContactForm(request.POST), None
    if form.is_valid():
        try:
            found = show_contact(idea=idea, staff=request.user, at=request.at, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("words", refusal.message)
    shown = {"idea": idea, "form": form, "contact": found}
    title, status = _("Contact of %(receipt)s") % {"receipt": idea.receipt}, 200 if found else 422
    answer = render(request, "admin/ideas/idea/contact_shown.html", shown, title=title, model=Idea, status=status)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


@needs("ideas.show_contact")
def find(request: StaffRequest) -> HttpResponse:
    """The question; and, once it is answered, the view of what was found."""
    typed = _typed(request)
    form = SearchForm(request.POST or None, initial={"contact": typed})
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("purpose", "words")}
        try:
            search = search_contact(staff=request.user, at=request.at, phone=form.phone, email=form.email, **given)
        except Refusal as refusal:
            form.add_error("words", refusal.message)
        else:
            _keep(request, search)
            return redirect(f"{reverse('admin:ideas_idea_changelist')}?status=all&contact={search.event.pk}")
    shown, status = {"form": form, "typed": typed}, 422 if request.method == "POST" else 200
    title = _("Search by a contact")
    answer = render(request, "admin/ideas/idea/contact_search.html", shown, title=title, model=Idea, status=status)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def away_from_the_address(request: Any) -> HttpResponse | None:
    """Where a search of the queue leads whose words read as a contact; None for all others, and for words in quotes."""
    typed = request.GET.get("q", "").strip()
    if not typed or typed[0] in QUOTES or read_receipt(typed) or not any(contacts_in(typed)):
        return None
    if request.user.has_perm("ideas.show_contact"):
        request.session[TYPED] = keyring().seal(typed.encode(), TYPED)
        return redirect("admin:ideas_idea_find")
    rest = request.GET.copy()
    del rest["q"]
    messages.warning(request, _("Telephone numbers and e-mail addresses are not looked for here."))
    return redirect(f"{reverse('admin:ideas_idea_changelist')}?{rest.urlencode()}")


def _typed(request: StaffRequest) -> str:
    """What was typed into the queue's search, once."""
    sealed = request.session.pop(TYPED, "") if request.method == "GET" else ""
    try:
        return keyring().open(sealed, TYPED).decode() if sealed else ""
    except CannotOpen:  # its key is gone meanwhile
        return ""


def _keep(request: StaffRequest, search: Search) -> None:
    event = search.event
    row = {"line": event.pk, "at": event.at.isoformat(), "by": event.detail["by"], "hashes": search.hashes}
    request.session[SEARCHES] = [row, *kept_searches(request)][:MOST_KEPT]


def kept_searches(request: Any) -> Iterator[dict[str, Any]]:
    """The searches of the last hour of whoever is logged in, as long as they may have contacts shown."""
    if request.user.has_perm("ideas.show_contact"):
        for row in getattr(request, "session", {}).get(SEARCHES, ()):
            if datetime.fromisoformat(row["at"]) > request.at - KEPT:
                yield row


def found_at(row: dict[str, Any]) -> datetime:
    return localtime(datetime.fromisoformat(row["at"]))


def context(request: StaffRequest) -> dict[str, Any]:
    """What templates/admin/ideas/idea/contact.html shows."""
    return {"contact_form": ContactForm(auto_id="contact_%s") if request.user.has_perm("ideas.show_contact") else None}


def search_context(request: StaffRequest) -> dict[str, Any]:
    """What stands above the queue: the way to the search, and until when what was found can be opened."""
    own = next((row for row in kept_searches(request) if str(row["line"]) == request.GET.get("contact")), None)
    may_find = request.user.has_perm("ideas.show_contact")
    return {"may_find": may_find, "found_until": found_at(own) + KEPT if own else None}


urls = [
    button("<int:pk>/contact/", contact, "ideas_idea_contact", row="admin:ideas_idea_change"),
    page("contact/", find, "ideas_idea_find"),
]
