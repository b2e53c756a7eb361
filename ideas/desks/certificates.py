"""The managers' desk of certificates: the register of a campaign, one certificate, and what is printed."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ideas.desks.pages import as_shown, button, needs, page, press, render
from ideas.forms.certificates import CertificateForm, HandoverForm, WithdrawForm
from ideas.models import Campaign, Certificate
from ideas.queries import certificates as queries
from ideas.requests import StaffRequest, row_key
from ideas.services import certificates as services

REGISTER = "admin:ideas_campaign_certificates"
ONE = "admin:ideas_campaign_certificate"


@needs(services.PERMISSION)
def register(request: StaffRequest, pk: int) -> HttpResponse:
    """Who has one, who received it; and the button that issues those that are missing."""
    campaign = get_object_or_404(Campaign, pk=pk)
    rows = [(row, queries.public_name_of(row)) for row in queries.certificates_of(request.user, campaign)]
    context = {
        "campaign": campaign,
        "rows": rows,
        "has_tiers": campaign.tiers.exists(),
        "standing": sum(row.is_standing for row, _name in rows),
        "handed": sum(row.is_standing and row.handed_on is not None for row, _name in rows),
        "missing": queries.without_certificate(campaign).count(),
    }
    title = _("Certificates: %(campaign)s") % {"campaign": campaign}
    return render(request, "admin/ideas/campaign/certificates.html", context, title=title, model=Campaign)


@needs(services.PERMISSION)
def issue(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)

    def done(number: int) -> str:
        return ngettext("%(n)s certificate is issued.", "%(n)s certificates are issued.", number) % {"n": number}

    press(request, partial(services.issue_certificates, campaign=campaign, manager=request.user, at=request.at), done)
    return redirect(REGISTER, pk)


@needs(services.PERMISSION)
def certificate(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """One certificate: who received it, whether it holds; `act` says what the form is about."""
    campaign = get_object_or_404(Campaign, pk=pk)
    row = get_object_or_404(queries.certificates_of(request.user, campaign), pk=number)
    forms: dict[str, Any] = {}
    if request.method == "POST":
        act = request.POST.get("act", "")
        form, service, said = _acts(request, row).get(act, (CertificateForm(), None, ""))
        if service is not None and form.is_valid():
            given = {"certificate": row, "manager": request.user, "at": request.at, **form.cleaned_data}
            if press(request, partial(service, **given), said, form):
                return redirect(REGISTER, pk)
            row = get_object_or_404(queries.certificates_of(request.user, campaign), pk=number)
        forms = {f"{act}_form": as_shown(form, seen=row.version)} if form.is_bound else {}
    seen = {"seen": row.version}
    today = {"handed_on": localdate(request.at), "handed_by": request.user.name}
    context = {
        "campaign": campaign,
        "certificate": row,
        "name": queries.public_name_of(row),
        "address": queries.address_of(row),
        "give_form": HandoverForm(initial={**today, **seen, **_noted(row)}),
        "withdraw_form": WithdrawForm(initial=seen, auto_id="withdraw_%s"),
        "anew_form": CertificateForm(initial=seen, auto_id="anew_%s"),
        **forms,
    }
    title = _("Certificate %(code)s") % {"code": row.shown_code}
    template, status = "admin/ideas/campaign/certificate.html", 422 if forms else 200
    return render(request, template, context, title=title, model=Campaign, status=status)


def _acts(request: StaffRequest, row: Certificate) -> dict[str, tuple[Any, Any, str]]:
    """By the name of its form: the form as it was sent, the act, what is said when it is done."""
    return {
        "give": (HandoverForm(request.POST), services.note_handover, _("Noted who received it.")),
        "withdraw": (
            WithdrawForm(request.POST, auto_id="withdraw_%s"),
            services.withdraw_certificate,
            _("The certificate is withdrawn."),
        ),
        "anew": (CertificateForm(request.POST, auto_id="anew_%s"), services.issue_anew, _("Another one is issued.")),
    }


def _noted(row: Certificate) -> dict[str, Any]:
    """What the register says of the handing over, to be corrected."""
    if row.handed_on is None:
        return {}
    return {"handed_on": row.handed_on, "handed_by": row.handed_by, "to": row.received.get("to", "")}


@needs(services.PERMISSION)
def print_sheets(request: StaffRequest, pk: int) -> HttpResponse:
    """All that hold, one sheet each; `?one=` names a single one."""
    campaign = get_object_or_404(Campaign, pk=pk)
    rows = queries.certificates_of(request.user, campaign).standing()
    if "one" in request.GET:
        rows = rows.filter(pk=row_key(request.GET["one"]))
    context = {"campaign": campaign, "sheets": queries.sheets(rows, campaign), "is_sheet": True}
    return TemplateResponse(request, "certificates/print.html", context)


urls = [
    page("<int:pk>/certificates/", register, "ideas_campaign_certificates"),
    button("<int:pk>/certificates/issue/", issue, "ideas_campaign_issue", row=REGISTER),
    page("<int:pk>/certificates/<int:number>/", certificate, "ideas_campaign_certificate"),
    page("<int:pk>/certificates/print/", print_sheets, "ideas_campaign_certificates_print"),
]
