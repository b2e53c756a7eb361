"""Pictures of figures: SVG drawn here, one hue, zero-based, with direct labels; the table of the same figures stands
beside or under each, so that a picture is never the only way to them."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ideas.queries.ranking import Line

register = template.Library()
WIDTH, HEIGHT, TOP, FOOT = 720, 200, 24, 24  # of a picture of days
HIDDEN = 6  # how high the box of a day stands whose figure is hidden
RANKED, MARGIN = 80, 36  # of a picture of a ranking


@register.simple_tag
def bar(part: int, whole: int, inner: int = 0) -> SafeString:
    """A line as long as `part` of `whole`; the share `inner` of it is drawn dark. For a table's cell: decoration."""
    if not whole:
        return SafeString("")
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-all" width="{}" height="10"></rect>'
        '<rect class="bar-inner" width="{}" height="10"></rect></svg>',
        _share(part, whole),
        _share(inner, whole),
    )


@register.simple_tag
def board_bar(tally: Mapping[str, int], most: int) -> SafeString:
    """A unit's open referrals as a line as long as its share of the longest: overdue, due by tomorrow, the others. The
    words with the numbers stand beside it."""
    lengths = [tally["overdue"], tally["due"], tally["open"] - tally["overdue"] - tally["due"]]
    left, parts = 0.0, []
    for name, number in zip(("overdue", "due", "open"), lengths, strict=True):
        width = round(100 * number / most, 2) if most else 0.0
        parts.append((name, round(left, 2), width))
        left += width
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        format_html_join("", '<rect class="bar-{}" x="{}" width="{}" height="10"></rect>', parts),
    )


@register.filter
def percent(share: float | None) -> str:
    """A share in whole percent, rounded down, so that 100 means all; a dash where there is none."""
    return "—" if share is None else f"{math.floor(share * 100 + 1e-9)}%"


@register.inclusion_tag("campaigns/funnel.html")
def funnel(figures: Mapping[str, Any]) -> dict[str, Any]:
    """A campaign's figures with lines as long as their share of the first; nothing before they are counted."""
    labels = {"received": _("received"), "valid": _("valid"), "chosen": _("golden ideas")}
    bars = [
        {"key": key, "label": label, "count": figures[key], "width": _share(figures[key], figures["received"])}
        for key, label in labels.items()
        if key in figures
    ]
    return {"bars": bars, "at": datetime.fromisoformat(figures["at"]) if figures else None}


@register.simple_tag
def day_columns(days: Sequence[tuple[date, int | None]]) -> SafeString:
    """A column for each day; the highest one and the last one are labelled, and the first and the last day. A day whose
    figure is hidden is an empty box as high as the least that is shown."""
    if not days:
        return SafeString("")
    most = max((number or 0 for _day, number in days), default=0)
    step = WIDTH / len(days)
    room = HEIGHT - TOP - FOOT
    columns, labels = [], []
    peak = next((place for place, (_day, number) in enumerate(days) if number == most), -1)
    for place, (day, number) in enumerate(days):
        tall = HIDDEN if number is None else round(room * number / most, 1) if most else 0
        left = round(place * step, 2)
        kind = "hidden-count" if number is None else "count"
        columns.append((kind, left, round(HEIGHT - FOOT - tall, 1), round(max(step - 1, 0.5), 2), tall))
        if number is not None and place in (peak, len(days) - 1):
            labels.append(_label(left + step / 2, HEIGHT - FOOT - tall - 6, str(number)))
        if place in (0, len(days) - 1):
            labels.append(_label(left + step / 2, HEIGHT - 6, f"{day:%m-%d}"))
    return format_html(
        '<svg class="days" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line x1="0" x2="{}" y1="{}" y2="{}"></line>{}</svg>',
        WIDTH,
        HEIGHT,
        _("Ideas received per day; the table below has the same figures."),
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>', columns),
        WIDTH,
        HEIGHT - FOOT,
        HEIGHT - FOOT,
        format_html_join("", "{}", ((label,) for label in labels)),
    )


def _label(x: float, y: float, words: str) -> SafeString:
    anchor = "start" if x < 30 else "end" if x > WIDTH - 30 else "middle"
    at = 0 if anchor == "start" else WIDTH if anchor == "end" else round(x, 1)
    return format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', at, round(y, 1), anchor, words)


@register.inclusion_tag("admin/ideas/campaign/standing_picture.html")
def ranking_picture(lines: Sequence[Line], places: int, score: float | None) -> dict[str, Any]:
    """The leading ideas in a box of 800 × 240: x by rank, y by score, with error bars, and the cut behind the last
    place, whose score it names. Nothing for fewer than two ideas.

    The left margin is for the two labels of the scale.
    """
    lines = lines[:RANKED]
    if len(lines) < 2:
        return {"picture": None}
    ends = [line.score.score + sign * (line.score.error or 0) for line in lines for sign in (-1, 1)]
    low, high = min(ends), max(ends)
    tall = (high - low) or 1.0

    def y(value: float) -> float:
        return round(220 - 200 * (value - low) / tall, 1)

    step = (790 - MARGIN) / len(lines)
    points = [
        {
            "x": round(MARGIN + step * (number + 0.5), 1),
            "y": y(line.score.score),
            "top": y(line.score.score + (line.score.error or 0)),
            "foot": y(line.score.score - (line.score.error or 0)),
            "chosen": line.chosen,
        }
        for number, line in enumerate(lines)
    ]
    cut = round(MARGIN + step * places, 1) if places < len(lines) else None
    picture = {"points": points, "cut": cut, "score": score, "low": low, "high": high, "count": len(lines)}
    return {"picture": picture}


@register.filter
def percent_done(done: int, total: int) -> int:
    """Percent, rounded down, so that 100 means all."""
    return done * 100 // total if total else 0


@register.filter
def length_of_time(length: timedelta | None) -> str:
    """A time in the unit that fits: minutes, hours with a decimal, or days with a decimal."""
    if length is None:
        return "—"
    hours = length.total_seconds() / 3600
    if hours < 1:
        minutes = round(hours * 60)
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    return _("%.1f hours") % hours if hours < 48 else _("%.1f days") % (hours / 24)


@register.filter
def most_counted(lines: Sequence[Any]) -> int:
    """The longest bar of a table in which some figures are hidden."""
    return max((line.count or 0 for line in lines), default=0)


@register.filter
def most_received(rows: Sequence[Any]) -> int:
    """The longest bar of a table."""
    return max((row.received for row in rows), default=0)


def _share(part: int, whole: int) -> float:
    """Percent of the whole, with a trace left to be seen of anything that is not zero."""
    return max(round(100 * part / whole, 1), 0.5) if whole and part else 0
