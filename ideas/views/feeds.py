"""Atom feeds of a campaign: its winners, and what units do about ideas."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.choices import PublicStatus
from ideas.models import Campaign, Idea
from ideas.queries import access
from ideas.queries.feeds import News, milestone_news
from ideas.requests import Request
from ideas.views.everybody import for_everybody


class _OfCampaign(Feed):
    """In the reader's language, with the addresses of the public site whatever host was asked."""

    feed_type = Atom1Feed
    address, page = "", ""

    def __init__(self, campaign: Campaign, at: datetime) -> None:
        self.campaign, self.at = campaign, at

    def link(self) -> str:
        return conf.site_url() + reverse(self.page, args=[self.campaign.slug])

    def feed_url(self) -> str:
        return conf.site_url() + reverse(self.address, args=[self.campaign.slug])

    def feed_guid(self) -> str:
        return self.feed_url()

    def author_name(self) -> str:
        return self.campaign.text("organiser")[0]

    def item_updateddate(self, item: Any) -> datetime:
        raise NotImplementedError


class _Winners(_OfCampaign):
    address, page = "feed", "campaign"

    def title(self) -> str:
        return _("Winners: %(campaign)s") % {"campaign": self.campaign.name}

    def items(self) -> list[Idea]:
        return list(access.public_winners(self.campaign))

    def item_title(self, item: Any) -> str:
        return item.published_title

    def item_description(self, item: Any) -> str:
        return linebreaks(item.published_text, autoescape=True)  # readers take it for HTML

    def item_link(self, item: Idea) -> str:
        return conf.site_url() + reverse("winner", args=[self.campaign.slug, item.receipt])

    def item_updateddate(self, item: Idea) -> datetime:
        return self.campaign.released_at or self.at


class _Milestones(_OfCampaign):
    address, page = "feed-milestones", "campaign"

    def title(self) -> str:
        return _("What units do: %(campaign)s") % {"campaign": self.campaign.name}

    def items(self) -> list[News]:
        return milestone_news(self.campaign, self.at)

    def item_title(self, item: Any) -> str:
        said = _("Done: %(words)s") if item.is_done else _("Planned: %(words)s")
        return said % {"words": item.milestone.words}

    def item_description(self, item: Any) -> str:
        done = item.milestone.done_words if item.is_done else ""
        said = filter(None, [item.idea.published_title, item.milestone.unit.text("name")[0], done])
        return linebreaks("\n".join(said), autoescape=True)

    def item_link(self, item: News) -> str:
        page = "winner" if item.idea.public_status == PublicStatus.WINNER else "idea"
        return conf.site_url() + reverse(page, args=[self.campaign.slug, item.idea.receipt])

    def item_guid(self, item: News) -> str:
        return f"{self.item_link(item)}#milestone-{item.milestone.pk}{'-done' if item.is_done else ''}"

    def item_updateddate(self, item: News) -> datetime:
        return item.at


@for_everybody()
@require_safe
def winners(request: Request, slug: str) -> HttpResponse:
    """Empty before the release: whoever subscribes early gets them then."""
    return _Winners(get_object_or_404(access.public_campaigns(request.at), slug=slug), request.at)(request)


@for_everybody()
@require_safe
def milestones(request: Request, slug: str) -> HttpResponse:
    return _Milestones(get_object_or_404(access.public_campaigns(request.at), slug=slug), request.at)(request)
