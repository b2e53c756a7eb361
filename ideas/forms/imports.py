"""The one row importer: a CSV or XLSX file becomes checked rows, or every fault by line, column and reason."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from openpyxl import load_workbook

from ideas.choices import UNKNOWN_AREA, Language, Naming, Source
from ideas.errors import Refusal
from ideas.forms.entry import ImportRowForm
from ideas.forms.uploads import NotKept, TooLarge
from ideas.models import Area, Campaign
from ideas.queries.imports import FileRow
from ideas.services.entry import received_moment
from ideas.services.imports import Row

MOST_BYTES = 15 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 20_000, 100
MOST_UNPACKED, MOST_RATIO = 200 * 1024 * 1024, 200
Progress = Callable[[Iterable[Any], int], Iterable[Any]]
# field -> the names that its column may have
HEADS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "title"),
    "topic": ("类别", "topic"),
    "problem": ("问题", "problem"),
    "proposal": ("建议", "proposal"),
    "area": ("社区", "community", "area"),
    "place": ("地点", "place"),
    "name": ("姓名", "name"),
    "phone": ("电话", "phone", "telephone"),
    "email": ("邮箱", "email", "e-mail"),
    "naming": ("署名方式", "naming"),
    "net_name": ("网名", "net name"),
    "publish_consent": ("同意公布署名", "publish consent"),
    "slip_on": ("收到日期", "slip date", "date"),
    "source": ("来源", "source"),
}
NEEDED = ("title", "topic")
YES = {"是", "yes", "y", "1", "true", "on", "√", "同意"}


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, or with the file's head (line 1)."""

    line: int
    column: str
    reason: str


@dataclass
class Checked:
    """What a file holds: rows with their lines in the file, and faults; where there is one, nothing is taken."""

    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def for_twins(self) -> list[FileRow]:
        """The rows as queries.imports compares them."""
        return [(line, row.answers, row.slip_on) for line, row in zip(self.lines, self.rows, strict=True)]


class ImportForm(forms.Form):
    """Campaign and file; cleaned, the file is its bytes."""

    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=gettext_lazy("Campaign"), empty_label=None)
    file = forms.FileField(
        label=gettext_lazy("Table as .xlsx or .csv"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("The file is empty.")},
    )
    tell = forms.BooleanField(
        label=gettext_lazy("Tell the residents"),
        required=False,
        help_text=gettext_lazy("A receipt goes to each telephone number and e-mail address in the table."),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaigns = Campaign.objects.filter(opens_at__lte=at, released_at=None).newest_first()
        field: Any = self.fields["campaign"]
        field.queryset = self.campaigns

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if isinstance(file, NotKept):
            raise forms.ValidationError(_("It could not be stored just now. Please try again later."))
        if isinstance(file, TooLarge) or file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024}
            )
        return bytes(file.read())


def template_rows(campaign: Campaign) -> list[list[str]]:
    """The head of the template file, and one example."""
    topic = campaign.topics.first()
    area = Area.objects.first()
    example = {
        "title": "建议在学校侧门增设路灯", "topic": topic.name if topic else "", "problem": "晚上很黑，看不清台阶。",
        "proposal": "加两盏路灯。", "area": str(area.name) if area else "", "place": "侧门", "naming": "不署名",
        "slip_on": f"{localdate(campaign.opens_at)}", "source": "纸质",
    }  # fmt: skip
    return [[names[0] for names in HEADS.values()], [example.get(name, "") for name in HEADS]]


def check_file(
    content: bytes, *, campaign: Campaign, at: datetime, progress: Progress = lambda rows, total: rows
) -> Checked:
    """Read and check every row; raises Refusal for what is no table at all."""
    table = list(read_table(content))
    if not table:
        raise Refusal(_("The file is empty."))
    head, found = [_plain(str(cell)) for cell in table[0][1]], Checked()
    columns = _columns(head)
    for name in NEEDED:
        if name not in columns.values():
            found.faults.append(Fault(1, HEADS[name][0], _("This column is missing.")))
    if found.faults:
        return found
    checker = _Checker(campaign, at, {name: str(table[0][1][place]) for place, name in columns.items()})
    for line, cells in progress(table[1:], len(table) - 1):
        given = {name: cells[place] for place, name in columns.items() if place < len(cells)}
        checker.check(line, given, found)
    return found


def _columns(head: list[str]) -> dict[int, str]:
    known = {_plain(name): field_name for field_name, names in HEADS.items() for name in names}
    found: dict[int, str] = {}
    for place, text in enumerate(head):
        if text in known and known[text] not in found.values():
            found[place] = known[text]
    return found


class _Checker:
    """One form for the whole file, given each row in turn: ten thousand forms would take a minute."""

    def __init__(self, campaign: Campaign, at: datetime, heads: dict[str, str]) -> None:
        self.form, self.heads, self.today = ImportRowForm(campaign=campaign), heads, localdate(at)
        self.campaign, self.at, self.late = campaign, at, dict[date, str]()
        self.topics = {_plain(t): topic.slug for topic in campaign.topics.all() for t in _topic_names(topic)}
        areas = list(Area.objects.all())
        names = [area.name for area in areas]
        self.areas = {_plain(area.name): area.code for area in areas if names.count(area.name) == 1}
        self.areas |= {_plain(str(area)): area.code for area in areas}
        self.areas |= {"": UNKNOWN_AREA, _plain("不详"): UNKNOWN_AREA, _plain("多处或不详"): UNKNOWN_AREA}
        self.namings = _labels(Naming) | {"": "anonymous", "实名": "real", "网名": "net_name", "不署名": "anonymous"}
        self.sources = _labels(Source) | {"": Source.IMPORT.value, "纸质": "paper", "电话": "phone", "微信": "wechat"}

    def check(self, line: int, given: dict[str, Any], found: Checked) -> None:
        form = self.form
        form.data, form.is_bound = self._as_typed(given), True
        form.full_clean()
        day = form.cleaned_data.get("slip_on")
        if day and (late := self._late(day)):
            form.add_error("slip_on", late)
        if not form.errors:
            source, slip_on = Source(form.cleaned_data["source"]), form.cleaned_data["slip_on"]
            found.rows.append(Row(form.answers(Language.CHINESE), source, slip_on))
            found.lines.append(line)
            return
        for name, reasons in form.errors.items():
            column = self.heads.get(name) or HEADS.get(name, (name,))[0]
            found.faults += [Fault(line, column, str(reason)) for reason in reasons]

    def _late(self, day: date) -> str:
        """Why no slip of this day is taken, or ""; asked once for each day."""
        if day not in self.late:
            try:
                received_moment(self.campaign, slip_on=day, at=self.at)
                self.late[day] = ""
            except Refusal as refusal:
                self.late[day] = str(refusal)
        return self.late[day]

    def _as_typed(self, given: dict[str, Any]) -> dict[str, str]:
        text = {name: _text(value) for name, value in given.items()}
        for name, table in (
            ("topic", self.topics),
            ("area", self.areas),
            ("naming", self.namings),
            ("source", self.sources),
        ):
            written = text.get(name, "")
            text[name] = table.get(_plain(written), written)
        text["slip_on"] = re.sub("[年月]", "-", text.get("slip_on", "")).rstrip("日") or str(self.today)
        text["publish_consent"] = "on" if _plain(text.get("publish_consent", "")) in YES else ""
        return {name: value for name, value in text.items() if value}


def _topic_names(topic: Any) -> tuple[str, ...]:
    return tuple(filter(None, (topic.slug, topic.name, topic.name_en)))


def _labels(choices: Any) -> dict[str, str]:
    """Value and label in both languages -> value."""
    found = {_plain(choice.value): choice.value for choice in choices}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {_plain(str(choice.label)): choice.value for choice in choices}
    return found


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _text(value: Any) -> str:
    """A cell as somebody would have typed it: days without an hour, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\x00", "").strip()


def read_table(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """(line in the file, cells) of each row that is not empty; the first is the head."""
    if len(content) > MOST_BYTES:
        raise Refusal(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024})
    rows = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    number = 0
    for line, cells in enumerate(rows, 1):
        if len(cells) > MOST_COLUMNS and any(_text(cell) for cell in cells[MOST_COLUMNS:]):
            raise Refusal(_("Line %(line)s has more than %(most)s columns.") % {"line": line, "most": MOST_COLUMNS})
        if any(_text(cell) for cell in cells[:MOST_COLUMNS]):
            number += 1
            yield line, cells[:MOST_COLUMNS]
        if number > MOST_ROWS + 1 or line > 2 * MOST_ROWS:
            raise Refusal(_("The file has more than %(most)s rows. Please split it.") % {"most": MOST_ROWS})


def _csv(content: bytes) -> Iterator[list[Any]]:
    """UTF-8, with or without a byte order mark, or GB 18030."""
    if b"\x00" in content[:4096] or content[:4] == b"\xd0\xcf\x11\xe0":
        raise Refusal(_("This is no CSV and no XLSX file. Please save the table as .xlsx or .csv."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise Refusal(_("The letters of this file cannot be read. Please save it as .xlsx or UTF-8.")) from None
    separator = "\t" if "\t" in text.partition("\n")[0] else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        raise Refusal(_("This is no CSV and no XLSX file. Please save the table as .xlsx or .csv.")) from None


def _xlsx(content: bytes) -> Iterator[list[Any]]:
    """The first sheet's values as they were last computed; nothing is evaluated. A bomb is refused unpacked."""
    damaged = Refusal(_("This file is damaged or no XLSX file. Please save the table once more as .xlsx."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        raise damaged from None
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
        raise Refusal(_("This file is far larger inside than it looks, and is not opened."))
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        for row in sheet.iter_rows(values_only=True):
            yield list(row)
    except Refusal:
        raise
    except Exception:  # openpyxl raises anything, from KeyError to XML errors, for a file of somebody else's making
        raise damaged from None
