"""Open data of a campaign, where it gives any: a page that says what there is, the files, and what describes them."""

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.exports.open_data import FORMS, TABLES, as_form, data_file, data_package, tables_of
from ideas.exports.record import record_file
from ideas.queries.open_data import open_campaigns
from ideas.queries.record import public_record
from ideas.requests import Request
from ideas.views.everybody import for_everybody


@for_everybody()
@require_safe
def data(request: Request, slug: str) -> HttpResponse:
    campaign = get_object_or_404(open_campaigns(request.at), slug=slug)
    context = {"campaign": campaign, "tables": tables_of(campaign), "forms": FORMS, "licence": conf.data_licence()}
    context["package"] = "datapackage.json"
    return render(request, "campaigns/data.html", context)


@for_everybody()
@require_safe
def package(request: Request, slug: str) -> HttpResponse:
    campaign = get_object_or_404(open_campaigns(request.at), slug=slug)
    return JsonResponse(data_package(campaign), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
def file(request: Request, slug: str, table: str, form: str) -> HttpResponseBase:
    """A table as a file; the record as JSON is the record itself."""
    campaign = get_object_or_404(open_campaigns(request.at), slug=slug)
    found, wanted = TABLES.get(table), as_form(form)
    if found is None or wanted is None or not found.is_there(campaign):
        raise Http404
    kept = public_record(campaign) if (table, form) == ("record", "json") else None
    return record_file(kept) if kept else data_file(found, campaign, request.at, wanted)
