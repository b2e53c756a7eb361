"""Which column of a table is which field: heads that are known, heads that are likely meant, and the rest."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from openpyxl.utils import get_column_letter

from ideas.rules.cells import as_typed

# field -> the names that its column may have, those of an export (exports.ideas) among them
HEADS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "题目", "title"),
    "topic": ("类别", "topic"),
    "problem": ("问题", "problem"),
    "proposal": ("建议", "办法", "proposal"),
    "area": ("社区", "community", "area"),
    "place": ("地点", "位置", "place"),
    "name": ("姓名", "name"),
    "phone": ("电话", "联系电话", "phone", "telephone"),
    "email": ("邮箱", "电子邮箱", "email", "e-mail"),
    "naming": ("署名方式", "naming"),
    "net_name": ("网名", "net name"),
    "publish_consent": ("同意公布署名", "publish consent"),
    "slip_on": ("收到日期", "意见单日期", "slip date", "date", "date of the slip"),
    "source": ("来源", "source"),
    "received_at": ("收到时间", "received at"),
}
# Columns of an export that every idea is given anew.
GIVEN_ANEW = ("建议编号", "receipt number", "状态", "status", "活动", "campaign", "录入时间", "entered at")
# What people call a column else; whatever holds one of these words is likely meant, and asked about.
ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "phone": ("手机", "电话", "联系方式", "tel", "mobile", "phone"),
    "email": ("邮件", "邮箱", "mail"),
    "name": ("姓名", "名字", "提交人", "建议人", "联系人", "name"),
    "slip_on": ("日期", "时间", "date", "day"),
    "area": ("社区", "街道", "村居", "community"),
    "place": ("地址", "位置", "地点", "place", "address"),
    "topic": ("类别", "类型", "分类", "topic", "category"),
    "title": ("标题", "题目", "主题", "title"),
    "problem": ("问题", "现状", "problem"),
    "proposal": ("建议", "办法", "措施", "proposal"),
    "naming": ("署名", "naming"),
    "source": ("来源", "渠道", "source"),
}


@dataclass(frozen=True)
class Column:
    """A column whose head is not known: what it is likely meant as, and what somebody said that it is (a field, ""
    for none)."""

    place: int
    head: str
    likely: str
    field: str | None

    @property
    def letter(self) -> str:
        return get_column_letter(self.place + 1)

    @property
    def is_undecided(self) -> bool:
        """Whether it is meant as the likely one is for a person to say."""
        return bool(self.likely) and self.field is None

    @property
    def likely_head(self) -> str:
        return HEADS[self.likely][0] if self.likely else ""


def head_of(head: list[Any], place: int) -> str:
    return text_of(head[place]) if place < len(head) else ""


@dataclass
class Columns:
    """Which columns are read (place -> field), which are not known, and which an export has and no idea is given."""

    read: dict[int, str]
    unknown: list[Column]
    given_anew: list[str]
    twice: list[Column]  # said to be a field that another column is already


def columns_of(head: list[Any], rows: list[tuple[int, list[Any]]], said: Mapping[int, str]) -> Columns:
    """`said`: what somebody said of a column, place -> field, "" for none."""
    fields = {plain(name): field for field, names in HEADS.items() for name in names}
    heads = {place: head_of(head, place) for place in range(max([len(head), *(len(cells) for _line, cells in rows)]))}
    found = Columns({}, [], [text for text in heads.values() if plain(text) in GIVEN_ANEW], [])
    for place, text in heads.items():
        field = fields.get(plain(text))
        if field and field not in found.read.values():
            found.read[place] = field
    holding = {place for _line, cells in rows for place, cell in enumerate(cells) if text_of(cell)}
    for place, text in heads.items():
        if place in found.read or plain(text) in GIVEN_ANEW or not (text or place in holding):
            continue
        column = Column(place, text, _likely(text, found.read.values()), said.get(place))
        found.unknown.append(column)
        if column.field and column.field in found.read.values():
            found.twice.append(column)
        elif column.field:
            found.read[place] = column.field
    return found


def _likely(text: str, taken: Iterable[str]) -> str:
    """The field that an unknown head is likely meant as, of those that no column has yet."""
    asked, free = plain(text), [name for name in HEADS if name not in set(taken)]
    for name, words in ALSO_CALLED.items() if asked else ():
        if name in free and any(word in asked for word in words):
            return name
    near = get_close_matches(asked, [plain(word) for name in free for word in HEADS[name]], n=1, cutoff=0.7)
    return next((name for name in free for word in HEADS[name] if near and plain(word) == near[0]), "")


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def text_of(value: Any) -> str:
    """A cell as somebody would have typed it: days without an hour, whole numbers without a point, and without the mark
    that an export puts before what looks like a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return as_typed(str(value).replace("\x00", "")).strip()
