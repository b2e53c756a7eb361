"""The form of a new referral, and the ways that lead to it: from the queue, an idea, the triage desk, ideas alike.

Each way names the ideas in the address and where one came from (`back`): there one stands again when it is sent.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.desks import undo
from ideas.desks.pages import needs, page, press, render
from ideas.forms.referring import SendForm
from ideas.models import Idea, Referral, Topic
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import screened_ideas
from ideas.queries.referrals import open_referrals_of
from ideas.queries.referring import days_of, suggested_units
from ideas.queries.workdays import unknown_years_of
from ideas.requests import StaffRequest, number_in, row_key
from ideas.rules.referrals import USUAL_DAYS, USUALLY
from ideas.rules.workflow import VALID
from ideas.services.referrals import send_referral

MOST_AT_ONCE = 50
REFER = gettext_lazy("Refer the chosen ideas to a unit")


@needs("ideas.refer_idea")
def send(request: StaffRequest) -> HttpResponse:
    """A new referral of the ideas that the address names (`?idea=1&idea=2`)."""
    ideas, back = _chosen(request), _back(request)
    left_out: list[tuple[Idea, Any]] = []
    if request.method != "POST":
        ideas, left_out = _able(ideas)
    days = days_of(ideas[0].campaign) if ideas else USUAL_DAYS
    known = next((idea.unit_id for idea in ideas if idea.unit_id), None)
    form = SendForm(request.POST or None, initial={"unit": known}, days=days)
    if picked := request.POST.get("pick"):
        form = SendForm.retaken(request.POST, picked, days)
    if form.is_bound and form.is_valid():
        sent: list[Referral] = []
        given = {name: form.cleaned_data[name] for name in ("unit", "helping", "instruction", "days")}
        given["expected_versions"] = {idea.pk: number_in(request.POST.get(f"seen-{idea.pk}", "")) for idea in ideas}

        def act() -> None:
            sent.append(send_referral(ideas=ideas, staff=request.user, at=request.at, **given))

        if press(request, act, lambda _none: sent_said(sent[0]), form):
            undo.note_referral(request, ideas, sent[0].shown_number)
            return redirect(back) if back else redirect("admin:ideas_referral_change", sent[0].pk)
        ideas, left_out = _able(_chosen(request))  # what stands in the way is named, and goes with the next press
    today = localdate(request.at)
    context = {
        "ideas": ideas,
        "form": form,
        "back": back,
        "left_out": left_out,
        "with_units": list(open_referrals_of(_merged_into(ideas))),
        "by_topic": _by_topic(request, ideas),
        "suggested": suggested_units(ideas, screened_ideas(request.user).unrestricted()),
        "unknown_years": unknown_years_of(today, today + USUALLY),
    }
    status = 422 if form.errors else 200
    return render(
        request, "admin/ideas/referral/send.html", context, title=_("Refer to a unit"), model=Referral, status=status
    )


def _chosen(request: StaffRequest) -> list[Idea]:
    """Those of the named ideas that this person may see."""
    keys = request.POST.getlist("idea") or request.GET.getlist("idea")
    rows = screened_ideas(request.user).unrestricted().filter(pk__in=[row_key(key) for key in keys[:MOST_AT_ONCE]])
    return list(rows.select_related("campaign", "area", "topic").by_receipt())


def _able(ideas: Sequence[Idea]) -> tuple[list[Idea], list[tuple[Idea, Any]]]:
    """Those that can be referred now; and those that cannot, each with why not."""
    taken = dict(open_referrals_of(ideas))
    why: dict[int, Any] = {}
    for idea in ideas:
        if referral := taken.get(idea.receipt):
            said = {"unit": referral.unit, "number": referral.shown_number}
            why[idea.pk] = _("is with %(unit)s already (%(number)s)") % said
        elif idea.status not in VALID:
            why[idea.pk] = _("is not accepted")
    return [idea for idea in ideas if idea.pk not in why], [(idea, why[idea.pk]) for idea in ideas if idea.pk in why]


def _by_topic(request: StaffRequest, ideas: Sequence[Idea]) -> list[tuple[Topic, int, str]]:
    """Where several are of different topics: each topic, how many, and where those alone are referred."""
    found: dict[Topic, list[int]] = {}
    for idea in ideas:
        found.setdefault(idea.topic, []).append(idea.pk)
    here = address_for([idea.pk for idea in ideas], back=_back(request))
    return [(topic, len(pks), address_for(pks, back=here)) for topic, pks in found.items()] if len(found) > 1 else []


def sent_said(referral: Referral) -> str:
    """That it was sent, and where it is."""
    address = reverse("admin:ideas_referral_change", args=[referral.pk])
    return format_html('{} <a href="{}">{}</a>', _("Sent:"), address, referral.shown_number)


def _merged_into(ideas: list[Idea]) -> IdeaQuerySet:
    """Those that say the same may be with a unit of their own."""
    return Idea.objects.unrestricted().filter(merged_into__in=ideas)


def _back(request: StaffRequest) -> str:
    """The page of the staff's site where one came from; "" for any other address."""
    wished = request.POST.get("back") or request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(wished, allowed_hosts=None)
    return wished if is_ours and wished.startswith(reverse("admin:index")) else ""


def address_for(ideas: Iterable[int], *, back: str) -> str:
    """Where a new referral of some ideas is written; it leads `back`."""
    query = urlencode({"idea": list(ideas), "back": back}, doseq=True)
    return f"{reverse('admin:ideas_referral_send')}?{query}"


def refer_many(request: StaffRequest, rows: IdeaQuerySet) -> HttpResponse:
    """The chosen ideas of the queue as one referral."""
    chosen = list(rows.order_by("received_at", "id").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        messages.error(request, _("At most %(most)s at once, please.") % {"most": MOST_AT_ONCE})
        return redirect("admin:ideas_idea_changelist")
    return redirect(address_for(chosen, back=request.get_full_path()))


def refer_group(request: StaffRequest, rows: IdeaQuerySet) -> HttpResponse:
    """The accepted ones among the ideas of a group, its first and the ticked ones, as one referral."""
    keys = [row_key(key) for key in (request.POST.get("leader", ""), *request.POST.getlist("idea"))]
    found = rows.filter(pk__in=keys, status__in=VALID).by_receipt()
    chosen, back = list(found.values_list("pk", flat=True)[:MOST_AT_ONCE]), request.get_full_path()
    if chosen:
        return redirect(address_for(chosen, back=back))
    messages.error(request, _("Only accepted ideas are referred: accept one of the group first."))
    return redirect(back)


urls = [page("send/", send, "ideas_referral_send")]
