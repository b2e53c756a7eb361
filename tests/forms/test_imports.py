import io
import zipfile

import pytest
from openpyxl import Workbook

from ideas.errors import Refusal
from ideas.forms import imports
from ideas.forms.imports import Fault, check_file
from tests import clock

pytestmark = pytest.mark.django_db
HEAD = "标题,类别,问题,建议,社区,地点,姓名,电话,邮箱,署名方式,网名,收到日期,来源"
GOOD = "增设路灯,道路,晚上很黑。,加两盏灯。,岑东社区,侧门,陈䶮,0592-6060000,,实名,,2026-03-18,纸质"


def check(content, campaign):
    return check_file(content, campaign=campaign, at=clock.DURING)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
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
    monkeypatch.setattr(imports, "MOST_ROWS", 2)
    with pytest.raises(Refusal):
        check(f"{HEAD}\n{GOOD}\n{GOOD}\n{GOOD}\n".encode(), campaign)


@pytest.mark.parametrize("day", ["2026-03-01", "2026-12-31"])
def test_a_day_that_cannot_be_taken_is_named_with_its_line(campaign, day):
    faults = check(f"{HEAD}\n{GOOD}\n{GOOD.replace('2026-03-18', day)}\n".encode(), campaign).faults
    assert [(fault.line, fault.column) for fault in faults] == [(3, "收到日期")]
