"""What search engines may read: /robots.txt, and /sitemap.xml with every page that is everybody's."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as django_views
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.choices import Phase
from ideas.models import Campaign
from ideas.queries import access
from ideas.queries.open_data import open_campaigns
from ideas.requests import Request
from ideas.views.everybody import for_everybody
from ideas.views.privacy import ASKED, MARK

# Desks of staff, what is somebody's own, and pages that only lead back to another one.
CLOSED = (
    "admin",
    "unit",
    "panel",
    "entry",
    "login",
    "desk",
    "account",
    "track",
    "preferences",
    "certificates",
    "campaigns/*/submit",
    "campaigns/*/notice",  # a list that may change, with names: no search engine shall keep it
)
PAGE = 5000  # addresses in one file: a megabyte or two, of the 50 that are allowed
Address = tuple[str, ...]  # a name and what it takes


@for_everybody()
@require_safe
def robots(request: Request) -> HttpResponse:
    closed = [f"Disallow: /{path}/" for path in CLOSED]
    lines = [*closed, f"Disallow: /*{MARK}=", "", f"Sitemap: {conf.site_url()}{reverse('sitemap')}"]
    if conf.desks() == "staff":
        lines = ["Disallow: /"]
    return HttpResponse("\n".join(["User-agent: *", *lines, ""]), content_type="text/plain; charset=utf-8")


class _Pages(Sitemap):
    """Addresses with that in English beside each, all of the public site, whatever host was asked."""

    limit = PAGE

    def __init__(self, at: datetime) -> None:
        self.at = at

    def location(self, item: Address) -> str:
        name, *keys = item
        return reverse(name, args=keys)

    def get_urls(self, page: Any = 1, site: Any = None, protocol: Any = None) -> list[dict[str, Any]]:
        own = urlsplit(conf.site_url())
        host: Any = SimpleNamespace(domain=own.netloc + own.path)
        urls = super().get_urls(page, host, own.scheme)
        for url in urls if conf.language_switch() else ():
            pairs = (("zh-Hans", ""), ("en", f"?{ASKED}=en"), ("x-default", ""))
            url["alternates"] = [{"lang_code": code, "location": url["location"] + query} for code, query in pairs]
        return urls


class _Campaigns(_Pages):
    def items(self) -> list[Address]:
        campaigns = access.public_campaigns(self.at).defer("figures")
        self.with_data = set(open_campaigns(self.at).order_by().values_list("pk", flat=True))
        return [("home",), *(page for row in campaigns for page in self._of(row)), ("privacy",), ("accessibility",)]

    def _of(self, campaign: Campaign) -> Iterator[Address]:
        shown = {
            "campaign": True,
            "ideas": campaign.show_ideas,
            "winners": campaign.is_released,
            "record": campaign.is_released and campaign.publish_record,
            "statistics": True,
            "poster": True,
            "data": campaign.pk in self.with_data,
            "slip": campaign.phase(self.at) == Phase.COLLECTING,
        }
        yield from ((name, campaign.slug) for name, is_there in shown.items() if is_there)


class _Ideas(_Pages):
    """Those of campaigns that show them."""

    def items(self) -> Any:
        shown = access.shown_ideas(self.at).filter(campaign__show_ideas=True)
        return shown.values_list("campaign__slug", "receipt")

    def location(self, item: Address) -> str:
        return reverse("idea", args=item)


class _Winners(_Pages):
    def items(self) -> list[Address]:
        released = access.public_campaigns(self.at).filter(released_at__isnull=False)
        winners = (access.public_winners(row).values_list("campaign__slug", "receipt") for row in released)
        return [("winner", *pair) for pairs in winners for pair in pairs]


@for_everybody("p")
@require_safe
def sitemap(request: Request, section: str | None = None) -> HttpResponse:
    """All addresses in one file; where those of a section are too many for one, a list of files."""
    sections: dict[str, Any] = {
        "campaigns": _Campaigns(request.at),
        "ideas": _Ideas(request.at),
        "winners": _Winners(request.at),
    }
    pages: list[Paginator] = [] if section else [pages.paginator for pages in sections.values()]
    if any(paginator.num_pages > 1 for paginator in pages):
        return django_views.index(request, sections, sitemap_url_name="sitemap-section")
    return django_views.sitemap(request, sections, section)
