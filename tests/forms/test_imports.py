import io
import zipfile
from datetime import date, datetime, timedelta

import pytest
from django.utils import translation
from openpyxl import Workbook

from ideas.errors import Refusal
from ideas.exports.ideas import export_rows
from ideas.forms import tables
from ideas.forms.imports import Fault, FileCheck
from ideas.models import Idea, Resident
from ideas.services.imports import import_rows
from tests import clock, factories

pytestmark = pytest.mark.django_db
HEAD = "标题,类别,问题,建议,社区,地点,姓名,电话,邮箱,署名方式,网名,收到日期,来源"
GOOD = "增设路灯,道路,晚上很黑。,加两盏灯。,岑东社区,侧门,陈䶮,0592-6060000,,实名,,2026-03-18,纸质"


def check(content, campaign, **said):
    looked = FileCheck(content, campaign=campaign, at=clock.DURING, **{"day": date(2026, 3, 18), **said})
    assert list(looked) == [*range(1, len(looked) + 1)]
    return looked.checked


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_every_usual_encoding(campaign, encoding):
    found = check(f"{HEAD}\r\n{GOOD}\r\n".encode(encoding), campaign)
    assert found.faults == []
    assert (found.rows[0].answers["name"], found.rows[0].answers["area"]) == ("陈䶮", "350211001001")
    assert (found.rows[0].source, str(found.rows[0].slip_on)) == ("paper", "2026-03-18")


def test_english_heads_and_short_names_do_as_well(campaign):
    content = b"title,topic,problem,community,source,slip date\nLamp,road,Dark.,350211001001,phone,2026/03/18\n"
    found = check(content, campaign)
    assert (found.faults, found.rows[0].answers["topic"], found.rows[0].source) == ([], "road", "phone")


def test_every_bad_cell_is_named_by_line_column_and_reason(campaign):
    content = f"{HEAD}\n{GOOD}\n,天气,问题,,火星,,,12,,,,昨天,\n{GOOD.replace('增设路灯', '')}\n".encode()
    faults = check(content, campaign).faults
    assert [(fault.line, fault.column) for fault in faults] == [
        (3, "标题"), (3, "类别"), (3, "社区"), (3, "电话"), (3, "收到日期"), (4, "标题"),
    ]  # fmt: skip
    assert all(fault.reason for fault in faults)


def test_a_missing_column_is_named(campaign):
    assert check("问题\n晚上很黑\n".encode(), campaign).faults[0] == Fault(1, "标题", "缺少这一列。")


def xlsx(*rows):
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_an_xlsx_is_read_and_its_formulas_are_not_computed(campaign):
    found = check(xlsx(["标题", "类别", "问题", "地点"], ["路灯", "道路", "黑", "=1+1"]), campaign)
    assert (found.faults, found.rows[0].answers["place"]) == ([], "")


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b"\x00\x01\x02", b"\xff\xff\xff,\xff"]
)
def test_what_is_no_table_is_refused_in_words(campaign, content):
    with pytest.raises(Refusal):
        check(content, campaign)


def test_a_bomb_is_not_unpacked(campaign):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 10_000_000)
    with pytest.raises(Refusal):
        check(file.getvalue(), campaign)


def test_too_many_rows_are_refused(campaign, monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    monkeypatch.setattr(tables, "HEAD_WITHIN", 0)
    with pytest.raises(Refusal):
        check(f"{HEAD}\n{GOOD}\n{GOOD}\n{GOOD}\n".encode(), campaign)


@pytest.mark.parametrize("day", ["2026-03-01", "2026-12-31"])
def test_a_day_that_cannot_be_taken_is_named_with_its_line(campaign, day):
    faults = check(f"{HEAD}\n{GOOD}\n{GOOD.replace('2026-03-18', day)}\n".encode(), campaign).faults
    assert [(fault.line, fault.column) for fault in faults] == [(3, "收到日期")]


def said(found):
    return "\n".join(found.notes)


def sheet_of(rows, **changes):
    """A workbook with a change: hidden rows or columns, joined cells, further sheets."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for line in changes.get("hidden_rows", ()):
        book.active.row_dimensions[line].hidden = True
    for column in changes.get("hidden_columns", ()):
        book.active.column_dimensions[column].hidden = True
    for cells in changes.get("joined", ()):
        book.active.merge_cells(cells)
    for name, more in changes.get("sheets", {}).items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    book.save(file)
    return file.getvalue()


ROWS = [
    ["标题", "类别", "问题", "收到日期"],
    ["路灯", "道路", "黑", "2026-03-18"],
    ["行道树", "道路", "死了", "2026-03-18"],
]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_letters_without_a_mark_are_read(campaign, encoding):
    found = check("title,topic,problem\nLamp,road,Dark.\n".encode(encoding), campaign)
    assert (found.faults, len(found.rows)) == ([], 1)


@pytest.mark.parametrize("separator", [",", "\t", ";", "，", "|"])
def test_a_csv_is_read_whatever_parts_its_columns(campaign, separator):
    found = check(f"{HEAD}\n{GOOD}\n".replace(",", separator).encode(), campaign)
    assert (found.faults, len(found.rows)) == ([], 1)
    assert ("TAB" if separator == "\t" else separator) in said(found)


@pytest.mark.parametrize(
    ("head", "likely"),
    [("手机号码", "phone"), ("建议人姓名", "name"), ("提交日期", "slip_on"), ("具体地址", "place"), ("emai", "email")],
)
def test_an_unknown_head_is_offered_as_the_known_one_and_not_taken_for_it(campaign, head, likely):
    content = f"标题,类别,问题,{head}\n路灯,道路,黑,\n".encode()
    found = check(content, campaign)
    [column] = found.columns
    assert (column.likely, found.may_be_taken, column.letter) == (likely, False, "D")
    assert check(content, campaign, columns={3: likely}).may_be_taken
    assert check(content, campaign, columns={3: ""}).may_be_taken


def test_a_head_that_stands_twice_and_a_column_without_one_are_named(campaign):
    found = check("标题,类别,问题,标题,\n路灯,道路,黑,别的,x\n".encode(), campaign)
    assert [(column.letter, column.head) for column in found.columns] == [("D", "标题"), ("E", "")]
    assert "D 标题、E" in said(found)
    twice = check("标题,类别,问题,手机,电话2\n路灯,道路,黑,,\n".encode(), campaign, columns={3: "phone", 4: "phone"})
    assert [(fault.line, fault.column) for fault in twice.faults] == [(1, "电话2")]


def test_a_title_above_the_head_is_left_out_and_said(campaign):
    found = check(sheet_of([["金点子汇总表"], [], *ROWS], joined=["A1:D1"]), campaign)
    assert (found.faults, len(found.rows), found.lines) == ([], 2, [4, 5])
    assert "1" in said(found)


def test_further_sheets_are_named_and_the_one_with_the_head_is_read(campaign):
    found = check(sheet_of([["填写说明"]], sheets={"名单": ROWS, "旧表": [["x"]], "全空": []}), campaign)
    assert len(found.rows) == 2
    assert all(name in said(found) for name in ("名单", "Sheet", "旧表"))
    assert "全空" not in said(found)


def test_hidden_rows_and_columns_are_read_and_said(campaign):
    found = check(sheet_of(ROWS, hidden_rows=[3], hidden_columns=["C"]), campaign)
    assert (len(found.rows), "3" in said(found), "C" in said(found)) == (2, True, True)


def test_joined_cells_count_for_each_of_their_lines(campaign):
    rows = [ROWS[0], ROWS[1], ["行道树", None, "死了", None]]
    found = check(sheet_of(rows, joined=["B2:B3", "D2:D3"]), campaign, day=None)
    assert (found.faults, [row.answers["topic"] for row in found.rows]) == ([], ["road", "road"])
    assert "B2:B3, D2:D3" in said(found)


def test_line_ends_as_xlsx_writes_them_are_line_ends(campaign):
    found = check(sheet_of([ROWS[0], ["路灯", "道路", "黑_x000D_\n暗，写的是_x005F_x000D_", "2026-03-18"]]), campaign)
    assert found.rows[0].answers["problem"] == "黑\n暗，写的是_x000D_"


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#NAME?"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_error_in_a_cell_is_no_text(campaign, error, form):
    rows = [ROWS[0], ["路灯", "道路", error, "2026-03-18"]]
    content = sheet_of(rows) if form == "xlsx" else "\n".join(",".join(row) for row in rows).encode()
    assert [(fault.line, fault.column) for fault in check(content, campaign).faults] == [(2, "问题")]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [(13800138000, "+8613800138000"), (1.38e10, "+8613800000000"), (5926060000, "+865926060000")],
)
def test_telephone_numbers_that_became_numbers_are_telephone_numbers(campaign, cell, phone):
    found = check(sheet_of([["标题", "类别", "问题", "电话"], ["路灯", "道路", "黑", cell]]), campaign)
    assert (found.faults, found.rows[0].answers["phone"]) == ([], phone)


def test_a_number_whose_digits_are_gone_is_a_fault(campaign):
    [fault] = check("标题,类别,问题,电话\n路灯,道路,黑,1.38E+10\n".encode(), campaign).faults
    assert (fault.line, fault.column, "1.38E+10" in fault.reason) == (2, "电话", True)


@pytest.mark.parametrize(
    "cell",
    [date(2026, 3, 18), datetime(2026, 3, 18, 9), 46099, "2026年3月18日", "2026-03-18 09:30"],  # noqa: DTZ001
)
def test_days_are_read_in_whatever_form_a_spreadsheet_holds_them(campaign, cell):
    found = check(sheet_of([ROWS[0], ["路灯", "道路", "黑", cell]]), campaign, day=None)
    assert (found.faults, found.rows[0].slip_on) == ([], date(2026, 3, 18))


@pytest.mark.parametrize("head", ["标题,类别,问题,收到日期", "标题,类别,问题"])
def test_an_empty_date_is_never_today(campaign, head):
    content = f"{head}\n路灯,道路,黑,\n".encode()
    assert [fault.column for fault in check(content, campaign, day=None).faults] == ["收到日期"]
    found = check(content, campaign, day=date(2026, 3, 15))
    assert (found.rows[0].slip_on, "2026-03-15" in said(found)) == (date(2026, 3, 15), True)


def test_what_there_is_instead_of_an_unknown_topic_or_community_is_named(campaign):
    faults = check("标题,类别,问题,社区\n路灯,道路问题,黑,岑东\n".encode(), campaign).faults
    assert [(fault.column, word in fault.reason) for fault, word in zip(faults, ("道路", "岑东社区"), strict=True)] == [
        *(("类别", True), ("社区", True))
    ]


def test_a_consent_that_is_neither_yes_nor_no_is_a_fault(campaign):
    faults = check("标题,类别,问题,同意公布署名\n路灯,道路,黑,签了\n行道树,道路,死了,否\n".encode(), campaign).faults
    assert [(fault.line, fault.column) for fault in faults] == [(2, "同意公布署名")]


def test_a_row_of_empty_cells_without_end_is_refused(campaign, monkeypatch):
    monkeypatch.setattr(tables, "MOST_CELLS", 50_000)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet_of(ROWS))) as good, zipfile.ZipFile(file, "w") as bad:
        for part in good.namelist():
            text = good.read(part)
            bad.writestr(part, text.replace(b"</row>", b"<c/>" * 50_001 + b"</row>", 1) if "sheet1" in part else text)
    with pytest.raises(Refusal):
        check(file.getvalue(), campaign)


HOSTILE = [
    *("=1+1", "'=1", "''=1", "@看", "－减号开头", "#REF!", "'#N/A", "_x000D_", "_x005F_x000D_", "1.38E+10"),
    *('引号"逗号,分号;', "第一行\n第二行", "是的", "''", "＝全角"),
]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_goes_out_comes_back_in(manager, form, language):
    """Every column of an export, with whatever stands in it, read by its own heads into another campaign."""
    here, there = factories.make_campaign(), factories.make_campaign()
    for number, text in enumerate(HOSTILE):
        line = text.replace("\n", "")
        given = {"title": line, "problem": text, "proposal": f"乙{text}", "place": line}
        naming = ("real", "net_name", "anonymous")[number % 3]
        named = {"naming": naming, "name": "=林小满", "net_name": "@海风", "publish_consent": number % 2 == 0}
        phone = "+85221234567" if number % 4 == 0 else "+8613800138000"
        factories.make_idea(here, at=clock.DURING - timedelta(days=1), **given, **named, phone=phone)
    with translation.override(language):
        options = {"contacts": True, "purpose": "question", "form": form}
        stream = export_rows(here.ideas.order_by("pk"), user=manager, at=clock.DURING, **options)
        found = check(b"".join(stream.streaming_content), there, day=None)
    assert (found.faults, found.undecided) == ([], [])
    assert import_rows(campaign=there, rows=found.rows, manager=manager, at=clock.DURING) == len(HOSTILE)
    assert held(there) == held(here)


def held(campaign):
    """All that a file can carry of a campaign's ideas, in their order; the day of web ideas is that of receipt."""
    columns = ("topic__slug", "area__code", "place", "title", "problem", "proposal")
    rows = Idea.objects.filter(campaign=campaign).order_by("pk")
    people = [Resident.objects.get(idea=idea) for idea in rows]
    contacts = [{**one.contact, "naming": one.naming, "consent": bool(one.publish_consented_at)} for one in people]
    days = [str(idea.slip_on or idea.received_at.astimezone(clock.SHANGHAI).date()) for idea in rows]
    return list(zip(rows.values_list(*columns), contacts, days, strict=True))
