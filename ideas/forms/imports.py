"""The one row importer: a CSV or XLSX file becomes checked rows, or every fault by line, column and reason."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.datetime import from_excel

from ideas.choices import UNKNOWN_AREA, Language, Naming, Source
from ideas.errors import Refusal
from ideas.forms.columns import HEADS, Column, columns_of, head_of, plain, text_of
from ideas.forms.entry import ImportRowForm
from ideas.forms.fields import DayField
from ideas.forms.tables import MOST_BYTES, ErrorValue, read_table
from ideas.forms.uploads import NotKept, TooLarge
from ideas.models import Area, Campaign
from ideas.queries.imports import FileRow
from ideas.rules.cells import SHORTENED, is_error
from ideas.services.entry import received_moment
from ideas.services.imports import Row

NEEDED = ("title", "topic")
YES = {"是", "yes", "y", "1", "true", "on", "√", "同意", "✓", "✔"}
NO = {"", "否", "no", "n", "0", "false", "off", "×", "x", "不同意", "未同意"}
FIRST_SERIAL, LAST_SERIAL = 36526, 73050  # days as spreadsheets count them: 2000 to 2099


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
    notes: list[str] = field(default_factory=list)  # all that is left out, filled in or guessed, in words
    columns: list[Column] = field(default_factory=list)  # those whose head is not known

    @property
    def undecided(self) -> list[Column]:
        """Columns that are likely meant as a known one: whether they are is for a person to say."""
        return [column for column in self.columns if column.is_undecided]

    @property
    def may_be_taken(self) -> bool:
        return bool(self.rows) and not self.faults and not self.undecided

    def for_comparison(self) -> list[FileRow]:
        """The rows as queries.imports compares them."""
        return [(line, row.answers, row.slip_on) for line, row in zip(self.lines, self.rows, strict=True)]


class ImportForm(forms.Form):
    """Campaign and file; cleaned, the file is its bytes."""

    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=_("Campaign"), empty_label=None)
    file = forms.FileField(
        label=_("Table as .xlsx or .csv"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    tell = forms.BooleanField(
        label=_("Tell the residents"),
        required=False,
        help_text=_("A receipt goes to each telephone number and e-mail address in the table."),
    )

    day = DayField(
        label=_("Day for rows without a date"),
        required=False,
        help_text=_("Leave it empty where every row has one."),
    )
    kept = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get("kept")
        self.campaigns = Campaign.objects.filter(opens_at__lte=at, released_at=None).newest_first()
        field: Any = self.fields["campaign"]
        field.queryset = self.campaigns

    def clean_file(self) -> bytes | None:
        file = self.cleaned_data["file"]
        if isinstance(file, NotKept):
            raise forms.ValidationError(gettext("It could not be stored just now. Please try again later."))
        if file is None:
            return None
        if isinstance(file, TooLarge) or file.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024}
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
    filled_in = [name for name in HEADS if name != "received_at"]
    return [[HEADS[name][0] for name in filled_in], [example.get(name, "") for name in filled_in]]


class FileCheck:
    """A file while it is looked through: iterate it, which counts the rows looked at, and `checked` is whole.

    Reads the table at once and raises Refusal for what is none. `columns`: what somebody said of columns with an
    unknown head, place -> field, "" for none; `day`: of rows without.
    """

    def __init__(
        self,
        content: bytes,
        *,
        campaign: Campaign,
        at: datetime,
        columns: Mapping[int, str] | None = None,
        day: date | None = None,
    ) -> None:
        table = read_table(content, [frozenset(map(plain, HEADS[name])) for name in NEEDED], plain)
        if not table.rows:
            raise Refusal(gettext("The file is empty."))
        (_line, head), *rows = table.rows
        self.checked = found = Checked(notes=table.notes)
        self._known = _columns(head, rows, columns or {}, found)
        for name in NEEDED:
            if name not in self._known.values():
                found.faults.append(Fault(1, HEADS[name][0], gettext("This column is missing.")))
        self._rows = [] if found.faults else rows
        heads = {name: head_of(head, place) for place, name in self._known.items()}
        self._checker = _Checker(campaign, at, heads, day)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        for done, (line, cells) in enumerate(self._rows, 1):
            given = {name: cells[place] for place, name in self._known.items() if place < len(cells)}
            self._checker.check(line, given, self.checked)
            yield done
        self.checked.notes += self._checker.notes()


def _columns(
    head: list[Any], rows: list[tuple[int, list[Any]]], said: Mapping[int, str], found: Checked
) -> dict[int, str]:
    """Place -> field of the columns that are read; says which are not."""
    columns = columns_of(head, rows, said)
    found.columns = columns.unknown
    for column in columns.twice:
        known = HEADS[column.field or ""][0]
        reason = gettext("“%(head)s” is there twice.") % {"head": known}
        found.faults.append(Fault(1, column.head or column.letter, reason))
    if columns.given_anew:
        heads = gettext(", ").join(columns.given_anew)
        found.notes.append(_("Left out, since every idea is given its own: %(heads)s.") % {"heads": heads})
    left_out = [f"{column.letter} {column.head}".strip() for column in columns.unknown if not column.field]
    if left_out:
        found.notes.append(
            _("Left out, since their heads are not known: %(heads)s.") % {"heads": gettext(", ").join(left_out)}
        )
    return columns.read


class _Checker:
    """One form for the whole file, given each row in turn: ten thousand forms would take a minute."""

    def __init__(self, campaign: Campaign, at: datetime, heads: dict[str, str], day: date | None) -> None:
        self.form, self.heads, self.day, self.filled = ImportRowForm(campaign=campaign), heads, day, Counter[str]()
        self.campaign, self.at, self.late = campaign, at, dict[date, str]()
        topics = list(campaign.topics.all())
        self.topics = {plain(t): topic.slug for topic in topics for t in _topic_names(topic)}
        areas = list(Area.objects.all())
        names = [area.name for area in areas]
        self.areas = {plain(area.name): area.code for area in areas if names.count(area.name) == 1}
        self.areas |= {plain(str(area)): area.code for area in areas} | {plain(area.code): area.code for area in areas}
        self.areas |= {"": UNKNOWN_AREA, plain("不详"): UNKNOWN_AREA, plain("多处或不详"): UNKNOWN_AREA}
        self.namings = _labels(Naming) | {"": "anonymous", "实名": "real", "网名": "net_name", "不署名": "anonymous"}
        self.sources = _labels(Source) | {"": Source.IMPORT.value, "纸质": "paper", "电话": "phone", "微信": "wechat"}
        self.known = {"topic": [str(topic) for topic in topics], "area": sorted(set(names))}

    def check(self, line: int, given: dict[str, Any], found: Checked) -> None:
        odd = self._odd_cells(line, given)
        if odd:
            found.faults += odd
            return
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
            found.faults += [Fault(line, self._column(name), self._reason(name, given, r)) for r in reasons]

    def notes(self) -> list[str]:
        """What was filled in or read otherwise than it stands there, and how often."""
        words = {
            "received": gettext("without a date of the slip, the day of receipt was taken"),
            "day": gettext("without a date, %(day)s was taken") % {"day": self.day},
            "serial": gettext("the number in the date's cell was read as a day"),
            "area": gettext("without a community: “several or unknown”"),
            "naming": gettext("without a way of naming: “not named”"),
            "source": gettext("without a source: “imported file”"),
            "web": gettext("from the web form: noted as “imported file”"),
            "zero": gettext("the 0 that a spreadsheet takes from the front of a telephone number was put back"),
        }
        counted = ngettext("%(n)s row: %(what)s.", "%(n)s rows: %(what)s.", 2)
        return [counted % {"n": self.filled[key], "what": what} for key, what in words.items() if self.filled[key]]

    def _column(self, name: str) -> str:
        return self.heads.get(name) or HEADS.get(name, (name,))[0]

    def _odd_cells(self, line: int, given: dict[str, Any]) -> list[Fault]:
        """Cells that hold an error, digits that are gone, or neither yes nor no."""
        faults = []
        for name, value in given.items():
            text = text_of(value)
            if isinstance(value, ErrorValue) or (isinstance(value, str) and is_error(value)):
                reason = gettext("The cell shows an error (%(error)s). Write what is meant.") % {"error": text}
            elif name == "phone" and SHORTENED.fullmatch(text):
                reason = gettext("The spreadsheet has shortened this number (%(text)s): its last digits are gone.")
                reason %= {"text": text}
            elif name == "publish_consent" and plain(text) not in YES | NO:
                reason = gettext("“%(text)s” is neither yes nor no (是, 否).") % {"text": text[:40]}
            else:
                continue
            faults.append(Fault(line, self._column(name), reason))
        return faults

    def _reason(self, name: str, given: dict[str, Any], reason: Any) -> str:
        """A fault in words; of an unknown topic or community, what there is instead."""
        written = text_of(given.get(name))
        if name == "slip_on" and not written:
            return gettext("There is no date. Write it, or give one above for all rows without.")
        if name not in self.known or not written:
            return str(reason)
        near = get_close_matches(written, self.known[name], n=3, cutoff=0.4) or self.known[name][:6]
        return _("There is no “%(text)s” here. There is: %(known)s") % {
            "text": written[:40],
            "known": gettext(", ").join(near),
        }

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
        text = {name: text_of(value) for name, value in given.items()}
        for name, table in (
            ("topic", self.topics),
            ("area", self.areas),
            ("naming", self.namings),
            ("source", self.sources),
        ):
            written = text.get(name, "")
            text[name] = table.get(plain(written), written)
            self.filled[name] += not written
        if text["source"] == Source.WEB:
            text["source"], self.filled["web"] = Source.IMPORT.value, self.filled["web"] + 1
        text["slip_on"] = self._day(given, text)
        text["phone"] = self._phone(given.get("phone"), text.get("phone", ""))
        text["publish_consent"] = "on" if plain(text.get("publish_consent", "")) in YES else ""
        return {name: value for name, value in text.items() if value}

    def _day(self, given: dict[str, Any], text: dict[str, str]) -> str:
        """The day of the slip as written, or the day of receipt, or the one that was given for such rows; never
        today."""
        value, written = given.get("slip_on"), text.get("slip_on", "")
        if not written and text.get("received_at"):
            value, written = given["received_at"], text["received_at"]
            self.filled["received"] += 1
        if not written and self.day:
            self.filled["day"] += 1
            return str(self.day)
        if isinstance(value, int | float) and not isinstance(value, bool) and FIRST_SERIAL <= value <= LAST_SERIAL:
            self.filled["serial"] += 1
            return f"{from_excel(value):%Y-%m-%d}"
        day = re.sub(r"(?<=\d)日?[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", written)
        return re.sub("[年月]", "-", day).rstrip("日")

    def _phone(self, value: Any, written: str) -> str:
        """A number cell loses the 0 of an area code."""
        lost = isinstance(value, int | float) and written.isdecimal() and 9 <= len(written) <= 11 and written[0] != "1"
        self.filled["zero"] += lost
        return f"0{written}" if lost else written


def _topic_names(topic: Any) -> tuple[str, ...]:
    return tuple(filter(None, (topic.slug, topic.name, topic.name_en)))


def _labels(choices: Any) -> dict[str, str]:
    """Value and label in both languages -> value."""
    found = {plain(choice.value): choice.value for choice in choices}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {plain(str(choice.label)): choice.value for choice in choices}
    return found
