"""Showing rows in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import segno
from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timeuntil
from django.utils.timezone import localdate, localtime
from django.utils.translation import get_language, ngettext, npgettext_lazy, pgettext
from django.utils.translation import gettext as _

from ideas.models import Idea
from ideas.models.campaigns import Localized
from ideas.queries.access import status_for
from ideas.rules import wording
from ideas.rules.campaigns import whole_days

register = template.Library()
LENGTHS: Any = {
    "year": npgettext_lazy("time left", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("time left", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("time left", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("time left", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("time left", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("time left", "%(num)d minute", "%(num)d minutes", "num"),
}
HTML_LANGUAGE = {"zh-hans": "zh-Hans", "en": "en"}


@register.simple_tag
def words(row: Localized, field: str) -> SafeString | str:
    """A text of a row; marked with its language where that is not the page's."""
    text, language = row.text(field)
    if not text or language == get_language():
        return text
    return format_html('<span lang="{}">{}</span>', HTML_LANGUAGE[language], text)


@register.simple_tag
def names(rows: Iterable[Localized]) -> SafeString:
    """The names of several rows in one line, each marked as above."""
    return format_html_join(pgettext("between names", ", "), "{}", ((words(row, "name"),) for row in rows))


@register.simple_tag
def paragraphs(row: Localized, field: str) -> SafeString:
    """A longer text of a row, its line breaks kept as paragraphs."""
    text, language = row.text(field)
    body = linebreaks(text, autoescape=True)
    if not text or language == get_language():
        return SafeString(body)
    return format_html('<div lang="{}">{}</div>', HTML_LANGUAGE[language], SafeString(body))


@register.simple_tag(takes_context=True)
def status_tag(context: Any, idea: Idea) -> SafeString:
    """An idea's status as the reader may know it: nobody but its makers learns of a list before the release."""
    status = status_for(context["request"].user, idea)
    return format_html('<span class="tag tag-{}">{}</span>', status, status.label)


@register.filter
def until(moment: datetime) -> SafeString:
    """The end of a half-open time: midnight is written 24:00 of the day before, as announcements do."""
    return _unbroken(wording.until(localtime(moment)))


@register.filter
def until_in_words(moment: datetime) -> SafeString:
    """The same as a poster says it: 2026年12月21日 24:00."""
    last, hour = wording.until(localtime(moment)).split()
    written = date_format(date.fromisoformat(last), pgettext("a day in words", "j F Y"))
    return format_html("{} {}", _unbroken(written), _unbroken(hour))


@register.filter
def when(moment: datetime) -> SafeString:
    """A moment in a text: no line ends inside it."""
    return _unbroken(f"{localtime(moment):%Y-%m-%d %H:%M}")


@register.filter
def day(of: date | str | None) -> SafeString | str:
    """A day in a text, that of a moment too: no line ends inside it. Nothing of what is not there."""
    if not of or isinstance(of, str):  # what a template makes of a value that is missing
        return ""
    return _unbroken((localdate(of) if isinstance(of, datetime) else of).isoformat())


def _unbroken(words: str) -> SafeString:
    return format_html('<span class="keep">{}</span>', words)


@register.simple_tag(takes_context=True)
def time_left(context: Any, moment: datetime) -> str:
    """How long it is until then, in words of ours: in Django's, one month is written as January is."""
    return timeuntil(moment, context["request"].at, time_strings=LENGTHS).replace("、", "")


@register.simple_tag(takes_context=True)
def days_left(context: Any, moment: datetime) -> str:
    """The same in whole days, as a notice has it; on the last day until when (queries.campaigns.next_moment)."""
    days = whole_days(context["request"].at, moment)
    if days:
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    return _("until %(time)s") % {"time": wording.until(localtime(moment))[-5:]}


@register.filter
def fault(field: BoundField, error: str) -> str:
    """An error as a summary names it: with its field's name, unless it says that itself."""
    name = Truncator(str(field.label)).chars(40).rstrip("?？:：。. ")
    return error if not name or error.startswith(name) else _("%(name)s: %(error)s") % {"name": name, "error": error}


@register.inclusion_tag("plain/summary.html")
def summary(*shown: Any) -> dict[str, Any]:
    """What is to be corrected, on top of a page with several forms: each fault by its field's name, leading there.

    `shown` are forms, or lists of rows that have a "form"; those that were not sent or are not there say nothing.
    """
    forms = [form for item in shown for form in ([row["form"] for row in item] if isinstance(item, list) else [item])]
    return {"forms": [form for form in forms if getattr(form, "errors", None)]}


@register.simple_tag
def mark(name: str) -> SafeString:
    """A line drawing of static/ideas/marks.svg in the colour of the words around it; decoration."""
    return format_html(
        '<svg class="mark" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("ideas/marks.svg"),
        name,
    )


@register.simple_tag
def qr_code(address: str) -> SafeString:
    """An address as a QR code drawn in the page itself, dark on white in every colour scheme."""
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        dark="#000", light="#fff", border=3, omitsize=True, svgclass=None, lineclass=None
    )
    return format_html(
        '<svg role="img" aria-label="{}"{}',
        _("QR code"),
        SafeString(drawing.removeprefix("<svg")),
    )
