"""What the office decided of whole groups, beside its log: which idea was merged into which, by whom."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy

from ideas.desks.pages import CappedPaginator, needs, page, render
from ideas.models import OfficeEvent
from ideas.queries import access
from ideas.requests import StaffRequest

PER_PAGE = 50


@needs("ideas.view_officeevent")
def mergers(request: StaffRequest) -> HttpResponse:
    """All mergers, and whether each stands."""
    part = CappedPaginator(access.mergers(request.user), PER_PAGE).get_page(request.GET.get("page"))
    template = "admin/ideas/officeevent/mergers.html"
    return render(request, template, {"page": part}, title=gettext_lazy("Mergers"), model=OfficeEvent)


urls = [page("mergers/", mergers, "ideas_officeevent_mergers")]
