"""A contact for a unit: the office gives it and takes it back; an officer of the unit sees it, each look logged.

As on the office's own page of a contact it is the answer to a POST, kept by no cache and at no address.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as plain
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from ideas.desks.pages import as_shown, desk, needs, page, press, render
from ideas.errors import Refusal
from ideas.forms.contact_releases import ReleaseContactForm
from ideas.models import ContactRelease, Referral
from ideas.queries import referrals as queries
from ideas.queries.contact_releases import asked_anew, open_releases, releases_of
from ideas.requests import StaffRequest, row_key
from ideas.services.contact_releases import release_contact, see_contact, take_contact_back
from ideas.services.contacts import Contact

PAGE = "admin:ideas_referral_contact"


@needs("ideas.refer_idea")
@needs("ideas.show_contact")
def contacts(request: StaffRequest, pk: int) -> HttpResponse:
    """What the unit was given, and the form to give a contact; `take_back` names one that is not needed any more."""
    rows = queries.office_referrals(request.user).select_related("campaign", "unit")
    row = get_object_or_404(rows, pk=pk)
    if "take_back" in request.POST:
        return _take_back(request, row)
    ideas = dict(row.places.standing().filter(closing=None).values_list("idea", "idea__title"))
    to_ask = asked_anew(ideas)
    form = ReleaseContactForm(request.POST or None, ideas=ideas, to_ask=to_ask, initial={"seen": row.version})
    if request.method == "POST" and form.is_valid():
        names = ("idea", "purpose", "words", "until", "expected_version")
        given = {"staff": request.user, "at": request.at, **{name: form.cleaned_data[name] for name in names}}
        given["agreed"] = form.cleaned_data.get("agreed", False)
        if press(request, lambda: release_contact(referral=row, **given), _("The unit can see the contact now."), form):
            return redirect(PAGE, pk)
        as_shown(form, seen=Referral.objects.get(pk=pk).version)
    in_force = set(open_releases(row, request.at).values_list("pk", flat=True))
    context = {
        "referral": row,
        "give_form": form if ideas and row.is_open and not row.unit.by_letter else None,
        "releases": [(each, each.pk in in_force) for each in releases_of(row)],
    }
    title = _("Contacts for the unit, %(number)s") % {"number": row.shown_number}
    status = 422 if form.errors else 200
    return render(request, "admin/ideas/referral/contacts.html", context, title=title, model=Referral, status=status)


def _take_back(request: StaffRequest, row: Referral) -> HttpResponse:
    release = get_object_or_404(releases_of(row), pk=row_key(request.POST["take_back"]))
    press(
        request,
        lambda: take_contact_back(release=release, staff=request.user, at=request.at),
        _("The unit cannot see it any more."),
    )
    return redirect(PAGE, row.pk)


@desk("ideas.work_referral")
def see(request: StaffRequest, pk: int) -> HttpResponse:
    """The contact that the office released to the own unit, or why it is not shown."""
    rows = queries.unit_referrals(request.user).select_related("campaign", "unit")
    row = get_object_or_404(rows, pk=pk)
    if request.method != "POST":  # a reload, the language switch
        return redirect("unit-referral", pk)
    found: Contact | None = None
    release = ContactRelease.objects.filter(referral=row, pk=row_key(request.POST.get("release", ""))).first()
    try:
        if release is None:
            raise Refusal(_("Choose a contact on the page of the referral."))
        found = see_contact(release=release, officer=request.user, at=request.at)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    context = {"referral": row, "contact": found, "release": release, "back": reverse("unit-referral", args=[pk])}
    answer = plain(request, "unit/contact.html", context, status=200 if found else 422)
    patch_cache_control(answer, no_store=True, private=True)
    return answer


urls = [page("<int:pk>/contact/", contacts, "ideas_referral_contact")]
