"""What a page says of itself in its head, to search engines and to whoever is sent a link: from its own texts."""

from html import unescape
from typing import Any

from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _

register = template.Library()
LONGEST = 160  # characters of a description: what search engines and messengers show


@register.inclusion_tag("pages/share.html", takes_context=True)
def share_head(context: Any) -> dict[str, Any]:
    """Of a page for everybody, and nothing of any other: portal/context.py says which one is, as `share`.

    The title is the page's own block `title`; the description its block `description`, where it has one, else the
    published text of the one idea that it is about, or its campaign's summary.
    """
    share = context.get("share")
    if not share:
        return {"share": None}
    site, title = _("Golden ideas"), _block(context, "title")
    idea, campaign = context.get("idea"), context.get("campaign")
    said = _block(context, "description") or (idea.published_text if idea else "")
    said = said or (campaign.text("summary")[0] if campaign else "") or _about_us()
    return {
        "share": share,
        "campaign": campaign,
        "site_name": site,
        "title": title or site,
        "description": Truncator(" ".join(said.split())).chars(LONGEST),
        "kind": "article" if idea else "website",
    }


def _about_us() -> str:
    return _(
        "The office asks residents for ideas, answers every one of them, and carries the best ones out. You need no "
        "account."
    )


def _block(context: Any, name: str) -> str:
    """The text of a block of the page that is being rendered, without its tags and as it was before it was escaped;
    "" where it has none."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return " ".join(unescape(strip_tags(block.render(context))).split()) if block else ""
