"""Reading a table that somebody else's program wrote: CSV or XLSX, as values, with a note of all that is not plain.

Nothing is evaluated. What cannot be a table is refused in words, and so is what is far larger inside than it looks.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext, ngettext
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import from_excel, from_ISO8601

from ideas.errors import Refusal
from ideas.rules.cells import unescaped

MOST_BYTES = 15 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 20_000, 100
MOST_UNPACKED, MOST_RATIO = 200 * 1024 * 1024, 200
MOST_CELLS = 2_000_000  # that a sheet may name, filled or not: twenty thousand rows of a hundred columns
HEAD_WITHIN = 10  # lines in which the head is looked for, under a title
MOST_NAMED = 12  # lines that a note names one by one
SEPARATORS = {",": ",", "\t": "TAB", ";": ";", "，": "，", "|": "|"}


class ErrorValue(str):
    """What a spreadsheet shows where it could compute nothing; a text that looks so is a plain string."""


@dataclass
class Table:
    """The rows that hold something, each with its line in the file, the head first; and what is to be said of it."""

    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_table(content: bytes, heads: Collection[frozenset[str]] = (), plain: Any = str) -> Table:
    """`heads`: of each column that must be there, its names (as `plain` folds them), by which the head is found below
    a title, and the sheet among several."""
    if len(content) > MOST_BYTES:
        raise Refusal(gettext("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024})
    is_head = _head_test(heads, plain)
    table = _xlsx(content, is_head) if content[:4] == b"PK\x03\x04" else _csv(content, is_head)
    start = next((place for place, (_line, cells) in enumerate(table.rows[:HEAD_WITHIN]) if is_head(cells)), 0)
    if start:
        lines = _named(line for line, _cells in table.rows[:start])
        table.notes.append(gettext("Above the head, left out: line %(lines)s.") % {"lines": lines})
    table.rows = table.rows[start:]
    return table


def _head_test(heads: Collection[frozenset[str]], plain: Any) -> Any:
    def is_head(cells: list[Any]) -> bool:
        there = {plain(str(cell)) for cell in cells if cell is not None}
        return bool(heads) and all(names & there for names in heads)

    return is_head


def _filled(rows: Iterable[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    number = 0
    for line, cells in enumerate(rows, 1):
        if len(cells) > MOST_COLUMNS and any(_holds(cell) for cell in cells[MOST_COLUMNS:]):
            raise Refusal(
                gettext("Line %(line)s has more than %(most)s columns.") % {"line": line, "most": MOST_COLUMNS}
            )
        if any(_holds(cell) for cell in cells[:MOST_COLUMNS]):
            number += 1
            yield line, cells[:MOST_COLUMNS]
        if number > MOST_ROWS + HEAD_WITHIN or line > 2 * MOST_ROWS:
            raise Refusal(gettext("The file has more than %(most)s rows. Please split it.") % {"most": MOST_ROWS})


def _holds(cell: Any) -> bool:
    return cell is not None and bool(str(cell).replace("\x00", "").strip())


def _named(lines: Iterable[int]) -> str:
    """3, 5–9, 12 …"""
    spans: list[list[int]] = []
    for line in sorted(lines):
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    words = [str(first) if first == last else f"{first}–{last}" for first, last in spans]
    return ", ".join(words[:MOST_NAMED]) + (" …" if len(words) > MOST_NAMED else "")


# CSV


def _csv(content: bytes, is_head: Any) -> Table:
    no_table = Refusal(gettext("This is no CSV and no XLSX file. Please save the table as .xlsx or .csv."))
    text, encoding = _decoded(content, no_table)
    first, _end, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # how some programs name the separator
        separator, text = first.strip()[4], "\n" + rest
    else:
        separator = _separator(text, is_head)
    try:
        rows = list(_filled(csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    except csv.Error:
        raise no_table from None
    shown = {"encoding": encoding, "separator": SEPARATORS.get(separator, separator)}
    return Table(rows, [gettext("Read as %(encoding)s, columns parted by %(separator)s") % shown])


def _decoded(content: bytes, no_table: Refusal) -> tuple[str, str]:
    """UTF-8 or UTF-16, with or without a byte order mark, or GB 18030; and its name."""
    if content[:4] == b"\xd0\xcf\x11\xe0":  # .xls of old
        raise no_table
    wide = _wide(content)
    if wide is None and b"\x00" in content[:4096]:
        raise no_table
    for encoding, name in [(wide, "UTF-16")] if wide else [("utf-8-sig", "UTF-8"), ("gb18030", "GB 18030")]:
        try:
            return content.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise Refusal(gettext("The letters of this file cannot be read. Please save it as .xlsx or UTF-8."))


def _wide(content: bytes) -> str | None:
    """UTF-16 by its mark, or by the empty halves of its separators and line ends."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    begin = content[:4096]
    little, big = begin[1::2].count(0), begin[::2].count(0)  # of plain letters and signs
    if len(content) % 2 or max(little, big) < 3 or min(little, big):
        return None
    return "utf-16-le" if little else "utf-16-be"


def _separator(text: str, is_head: Any) -> str:
    """The one by which the head is found; else the one that stands most often in the first line."""
    first = text.partition("\n")[0]
    beginning = "\n".join(text.split("\n")[:HEAD_WITHIN])
    for separator in SEPARATORS:
        try:
            if any(is_head(cells) for cells in csv.reader(io.StringIO(beginning, newline=""), delimiter=separator)):
                return separator
        except csv.Error:
            continue
    return max(SEPARATORS, key=first.count)


# XLSX


def _xlsx(content: bytes, is_head: Any) -> Table:
    """The values as they were last computed, of the first sheet with the head. A bomb is refused unpacked."""
    damaged = Refusal(gettext("This file is damaged or no XLSX file. Please save the table once more as .xlsx."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        raise damaged from None
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
        raise Refusal(gettext("This file is far larger inside than it looks, and is not opened."))
    try:
        return _book(content, is_head)
    except Refusal:
        raise
    except Exception:  # openpyxl raises anything, from KeyError to XML errors, for a file of somebody else's making
        raise damaged from None


def _book(content: bytes, is_head: Any) -> Table:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        read = [(sheet, _Sheet(book, sheet, archive)) for sheet in book.worksheets]
    sheets = [(sheet, cells) for sheet, cells in read if cells.rows]
    if not sheets:
        return Table()
    chosen, cells = next((pair for pair in sheets if pair[1].has_head(is_head)), sheets[0])
    table = Table(list(_filled(cells.lines())), [])
    others = [sheet.title for sheet, _cells in sheets if sheet is not chosen]
    if others:
        words = {"taken": chosen.title, "others": "”, “".join(others)}
        table.notes.append(gettext("Only the sheet “%(taken)s” is read. Left out: “%(others)s”.") % words)
    if chosen.sheet_state != "visible":
        table.notes.append(
            gettext("The sheet “%(taken)s” is hidden; it is read all the same.") % {"taken": chosen.title}
        )
    _fill_joined(table, cells)
    table.notes += cells.notes({line for line, _cells in table.rows})
    return table


def _fill_joined(table: Table, sheet: "_Sheet") -> None:
    """A cell that is joined over several lines counts for each of them; only its first one holds the value."""
    rows, filled = dict(table.rows), []
    for left, top, right, bottom in sorted(sheet.joined):
        value = rows[top][left - 1] if top in rows and left <= len(rows[top]) else None
        if not _holds(value):
            continue
        filled.append(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")
        for line in range(top + 1, bottom + 1):
            if line in rows:
                rows[line] += [None] * (left - len(rows[line]))
                rows[line][left - 1] = value if rows[line][left - 1] is None else rows[line][left - 1]
    if filled:
        said = gettext("Joined cells: what stands in them counts for each line and for the first column: %(cells)s.")
        table.notes.append(said % {"cells": _some(filled)})


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


class _Sheet:
    """One sheet, read once: its values by line and column, and what it says besides: hidden rows and columns, joined
    cells, formulas without a value. An empty cell costs nothing but its name."""

    def __init__(self, book: Any, sheet: Any, archive: zipfile.ZipFile) -> None:
        self.rows: dict[int, dict[int, Any]] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[str] = []
        self.joined: list[tuple[int, int, int, int]] = []
        self.uncomputed: list[str] = []
        self._strings, self._dates, self._epoch = sheet._shared_strings, book._date_formats, book.epoch
        self._cells, self._line, self._column, self._given = 0, 0, 0, dict[str, str]()
        self._text: list[str] | None = None
        self._value, self._formula, self._phonetic = "", False, False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._letters, _too_large
        with archive.open(sheet._worksheet_path.lstrip("/")) as part:
            while piece := part.read(1 << 16):
                parser.Parse(piece)

    def has_head(self, is_head: Any) -> bool:
        return any(is_head(list(self.rows[line].values())) for line in sorted(self.rows)[:HEAD_WITHIN])

    def lines(self) -> Iterator[list[Any]]:
        """Every line up to the last one that holds something, empty ones too."""
        for line in range(1, max(self.rows, default=0) + 1):
            cells = self.rows.get(line, {})
            yield [cells.get(column) for column in range(1, max(cells, default=0) + 1)]

    def notes(self, lines: set[int]) -> list[str]:
        said, hidden = [], self.hidden_rows & lines
        if hidden:
            words = ngettext(
                "A hidden row is read like the others: line %(lines)s.",
                "Hidden rows are read like the others: lines %(lines)s.",
                len(hidden),
            )
            said.append(words % {"lines": _named(hidden)})
        if self.hidden_columns:
            columns = _some(self.hidden_columns)
            said.append(gettext("Hidden columns are read like the others: %(columns)s.") % {"columns": columns})
        if self.uncomputed:
            words = gettext("Formulas without a value are read as empty: %(cells)s. Open and save the file once.")
            said.append(words % {"cells": _some(self.uncomputed)})
        return said

    def _begin(self, name: str, given: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "c":
            self._begin_cell(given)
        elif kind in ("v", "t"):
            self._text = []
        elif kind == "f":
            self._formula = True
        elif kind == "rPh":
            self._phonetic = True
        elif kind == "row":
            self._line, self._column = int(given.get("r") or self._line + 1), 0
            if given.get("hidden") in ("1", "true"):
                self.hidden_rows.add(self._line)
        elif kind == "col" and given.get("hidden") in ("1", "true"):
            span = range(int(given["min"]), min(int(given["max"]), MOST_COLUMNS) + 1)
            self.hidden_columns += [get_column_letter(number) for number in span]
        elif kind == "mergeCell" and len(self.joined) < MOST_ROWS:
            left, top, right, bottom = range_boundaries(given["ref"])
            self.joined.append((left or 1, top or 1, right or 1, min(bottom or 1, 3 * MOST_ROWS)))

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > MOST_CELLS:
            _too_large()
        letters = given.get("r", "").rstrip("0123456789")
        self._column = column_index_from_string(letters) if letters else self._column + 1
        self._given, self._value, self._formula = given, "", False

    def _letters(self, text: str) -> None:
        if self._text is not None and not self._phonetic:
            self._text.append(text)

    def _end(self, name: str) -> None:
        kind = name.rpartition(" ")[2]
        if kind in ("v", "t") and self._text is not None:
            self._value += "".join(self._text)
            self._text = None
        elif kind == "rPh":
            self._phonetic = False
        elif kind == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        if self._value.strip():
            if len(self.rows) > MOST_ROWS + HEAD_WITHIN and self._line not in self.rows:
                raise Refusal(gettext("The file has more than %(most)s rows. Please split it.") % {"most": MOST_ROWS})
            self.rows.setdefault(self._line, {})[self._column] = self._typed(self._value)
        elif self._formula and self._given.get("t") != "str":
            self.uncomputed.append(f"{get_column_letter(self._column)}{self._line}")

    def _typed(self, value: str) -> Any:
        kind = self._given.get("t", "n")
        if kind == "s":
            return unescaped(str(self._strings[int(value)]))
        if kind in ("str", "inlineStr"):
            return unescaped(value)
        if kind == "e":
            return ErrorValue(value)
        if kind == "b":
            return value == "1"
        if kind == "d":
            return from_ISO8601(value)
        number = float(value) if set(value) & set(".eE") else int(value)
        is_date = int(self._given.get("s", 0)) in self._dates
        return from_excel(number, self._epoch) if is_date else number


def _too_large(*_rest: Any) -> None:
    raise Refusal(gettext("This file is far larger inside than it looks, and is not opened."))
