"""Restricted ideas at a unit: a keeper refers them to named people, and names them anew."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ideas.desks.pages import as_shown, needs, page, press, render
from ideas.desks.referring import sent_said
from ideas.forms.named import NameForm, SendNamedForm, UnitForm
from ideas.models import Idea, Referral, Unit
from ideas.queries.access import screened_ideas
from ideas.queries.referrals import reached_referrals, standing_places
from ideas.queries.referring import days_of
from ideas.requests import StaffRequest, number_in, row_key
from ideas.rules.referrals import USUAL_DAYS
from ideas.services.named import name_people, send_to_named

MOST_AT_ONCE = 50
PAGE, TEMPLATE = "admin:ideas_referral_change", "admin/ideas/referral/name.html"


@needs("ideas.see_restricted")
@needs("ideas.refer_idea")
def send(request: StaffRequest) -> HttpResponse:
    """A new referral of the restricted ideas that the address names (`?idea=1`), to people of the unit named there."""
    ideas = _chosen(request)
    key = request.POST.get("unit") or request.GET.get("unit", "")
    units = Unit.objects.filter(is_active=True, by_letter=False)
    unit = get_object_or_404(units, pk=row_key(key)) if key else None
    form = UnitForm() if unit is None else _send_form(request, ideas, unit)
    if unit and form.is_bound and form.is_valid():
        sent: list[Referral] = []
        given = {name: form.cleaned_data[name] for name in ("people", "instruction", "days")}
        given["expected_versions"] = {idea.pk: number_in(request.POST.get(f"seen-{idea.pk}", "")) for idea in ideas}

        def act() -> None:
            sent.append(send_to_named(ideas=ideas, unit=unit, staff=request.user, at=request.at, **given))

        if press(request, act, lambda _none: sent_said(sent[0]), form):
            return redirect(PAGE, sent[0].pk)
    query = urlencode([("idea", idea.pk) for idea in ideas])
    again = f"{reverse('admin:ideas_referral_send_named')}?{query}"
    context: dict[str, Any] = {"ideas": ideas, "unit": unit, "form": form, "again": again}
    return _page(request, context, _("Refer to named people of a unit"), 422 if form.errors else 200)


def _chosen(request: StaffRequest) -> list[Idea]:
    keys = request.POST.getlist("idea") or request.GET.getlist("idea")
    rows = screened_ideas(request.user).restricted().filter(pk__in=[row_key(key) for key in keys[:MOST_AT_ONCE]])
    return list(rows.select_related("campaign", "area", "topic").by_receipt())


def _send_form(request: StaffRequest, ideas: list[Idea], unit: Unit) -> SendNamedForm:
    return SendNamedForm(request.POST or None, to=unit, days=days_of(ideas[0].campaign) if ideas else USUAL_DAYS)


@needs("ideas.see_restricted")
@needs("ideas.refer_idea")
def name(request: StaffRequest, pk: int) -> HttpResponse:
    """Who of its unit the referral of a restricted idea is for."""
    rows = reached_referrals(request.user).restricted().select_related("campaign", "unit")
    row = get_object_or_404(rows, pk=pk)
    form = NameForm(request.POST or None, unit=row.unit, initial={"seen": row.version, "people": row.named.all()})
    if form.is_bound and form.is_valid():
        given = {"staff": request.user, "at": request.at, "people": form.cleaned_data["people"]}
        given["expected_version"] = form.cleaned_data["expected_version"]
        done = _("%(number)s: done.") % {"number": row.shown_number}
        if press(request, lambda: name_people(referral=row, **given), done, form):
            return redirect(PAGE, pk)
        as_shown(form, seen=Referral.objects.get(pk=pk).version)
    ideas = [place.idea for place in standing_places(row, "idea__campaign", "idea__area")]
    context: dict[str, Any] = {"ideas": ideas, "unit": row.unit, "referral": row, "form": form}
    return _page(request, context, _("Name the people"), 422 if form.errors else 200)


def _page(request: StaffRequest, context: dict[str, Any], title: str, status: int) -> HttpResponse:
    return render(request, TEMPLATE, context, title=title, model=Referral, status=status)


urls = [
    page("send/named/", send, "ideas_referral_send_named"),
    page("<int:pk>/named/", name, "ideas_referral_named"),
]
