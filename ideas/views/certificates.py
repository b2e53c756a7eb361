"""Whether a certificate is real, for whoever scans its QR code."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ideas.queries.certificates import checked
from ideas.requests import Request
from ideas.views.everybody import for_everybody


@for_everybody()
@require_safe
def certificate(request: Request, code: str) -> HttpResponse:
    """Real, withdrawn or unknown; what is no code at all looks like every other code that is not ours."""
    found = checked(code)
    return render(request, "certificates/check.html", {"found": found}, status=200 if found else 404)
