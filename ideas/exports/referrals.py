"""The sheet of figures of units, topics or streets, as XLSX: what the board counts, shares, and A, B, C and D lists.

- 响应率, share answered: of the referrals that are answered, or whose day to answer is over, those that are answered.
- 按期率, share in time: of those that are answered or late, those with every step so far in time.
- 解决率, share solved: of those that residents judged, those of which nobody said that it is not solved.
- 满意率, share satisfied: of those that residents judged, those of which nobody said not to be satisfied.

Recalled referrals and those of restricted ideas count nowhere. No personal data of anybody.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.http import FileResponse
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from openpyxl import Workbook

from ideas.choices import FiguresBy, Measure
from ideas.exports.ideas import XLSX, harmless
from ideas.queries.board import Board, Tally
from ideas.rules import cells
from ideas.rules.grading import GRADES, Limits, grade

# What is counted, in the order of the columns, by the name of the number (queries.board.COUNTED).
COUNTS = {
    "all": gettext_lazy("all"),
    "open": pgettext_lazy("referrals", "open"),
    "due": gettext_lazy("due"),
    "overdue": gettext_lazy("overdue"),
    "returned": pgettext_lazy("referrals", "returned"),
    "answered": pgettext_lazy("referrals", "answered"),
    "unanswered": pgettext_lazy("referrals", "answer overdue"),
    "in_time": gettext_lazy("in time"),
    "late": gettext_lazy("late"),
    "judged": pgettext_lazy("referrals", "judged"),
    "solved": pgettext_lazy("referrals", "solved"),
    "satisfied": pgettext_lazy("referrals", "satisfied"),
}
SHARES = ("response", "punctuality", "solved_share", "satisfied_share")
DEFINITIONS = (
    gettext_lazy("Share answered: of the referrals that are answered, or whose day to answer is over, those answered."),
    gettext_lazy("Share in time: of those that are answered or late, those with every step so far in time."),
    gettext_lazy("Share solved: of those that residents judged, those of which nobody said that it is not solved."),
    gettext_lazy("Share satisfied: of those that residents judged, those of which nobody said not to be satisfied."),
    gettext_lazy("Recalled referrals and those of restricted ideas are not counted."),
)


@dataclass(frozen=True)
class Line:
    """One row as page and file show it: its numbers, its shares, and the list that it belongs to."""

    label: str
    language: str  # of the label
    numbers: Sequence[int]
    shares: Sequence[float | None]
    median: int | None
    grade: str


@dataclass(frozen=True)
class Sheet:
    """Whatever page and file say. `lists` are those in each list; who cannot be judged is in none."""

    title: str
    heads: Sequence[str]
    lines: Sequence[Line]
    total: Line
    lists: Sequence[tuple[str, str, Sequence[Line]]]


def sheet_of(board: Board, *, by: str, measure: str, limits: Limits) -> Sheet:
    lines = [_line(row.label, row.language, row.tally, measure, limits) for row in board.rows]
    heads = [
        FiguresBy(by).label,
        *COUNTS.values(),
        *(Measure(name).label for name in SHARES),
        _("working days"),
        _("List"),
    ]
    lists = [
        (name, about, [line for line in lines if line.grade == name])
        for name, about in zip(GRADES, _limits_said(limits), strict=True)
    ]
    return Sheet(
        title=f"{_('Figures of referrals')} · {FiguresBy(by).label}",
        heads=[str(head) for head in heads],
        lines=lines,
        total=_line(_("Total"), get_language() or "", board.total, measure, limits),
        lists=lists,
    )


def _line(label: str, language: str, tally: Tally, measure: str, limits: Limits) -> Line:
    return Line(
        label=label,
        language=language,
        numbers=[tally[name] for name in COUNTS],
        shares=[getattr(tally, name) for name in SHARES],
        median=tally.median,
        grade=grade(getattr(tally, measure), limits),
    )


def _limits_said(limits: Limits) -> list[str]:
    return [f"≥ {limits.a}%", f"{limits.b}–{limits.a}%", f"{limits.c}–{limits.b}%", f"< {limits.c}%"]


def figures_file(sheet: Sheet, board: Board, *, campaign: str, measure: str) -> FileResponse:
    """The file; it says until when it counts, what each share means, and by which limits the lists are made."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_("Figures"))
    for text in (sheet.title, campaign, _("As of %(at)s") % {"at": f"{localtime(board.at):%Y-%m-%d %H:%M}"}):
        page.append([_text(text)])
    page.append([_text(head) for head in sheet.heads])
    for line in (*sheet.lines, sheet.total):
        page.append([_text(line.label), *line.numbers, *map(_percent, line.shares), line.median, _text(line.grade)])
    page.append([])
    page.append([_text(f"{_('Lists by')} {Measure(measure).label}")])
    for name, about, listed in sheet.lists:
        page.append(
            [_text(name), _text(about), _text(pgettext("between names", ", ").join(line.label for line in listed))]
        )
    for words in DEFINITIONS:
        page.append([_text(str(words))])
    if board.unknown_years:
        page.append([_text(years_said(board.unknown_years))])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    name = f"referrals-{localtime(board.at):%Y%m%d-%H%M}.xlsx"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    response.headers["Cache-Control"] = "no-store"
    return response


def years_said(years: Sequence[int]) -> str:
    words = _("The working calendar of %(years)s is not filled in: days are counted from Monday to Friday there.")
    return words % {"years": "、".join(map(str, years))}


def _text(text: str) -> Any:
    return cells.escaped(harmless(str(text)))


def _percent(share: float | None) -> float | None:
    """In percent with one decimal, rounded down as on the page; nothing where there is none."""
    return None if share is None else math.floor(share * 1000 + 1e-9) / 10
