"""Private data inside a text. All numbers are invented; their check digits are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.choices import PrivateKind
from ideas.rules.redaction import MARKS, private_parts, without_private

PHONE, ID_NUMBER, PLATE, EMAIL, BANK_CARD, NAME = PrivateKind


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("请打13800138000找我", PHONE, "13800138000"),
        ("电话138 0013 8000。", PHONE, "138 0013 8000"),
        ("138-0013-8000", PHONE, "138-0013-8000"),
        ("１３８００１３８０００", PHONE, "１３８００１３８０００"),
        ("1 3 8 0 0 1 3 8 0 0 0", PHONE, "1 3 8 0 0 1 3 8 0 0 0"),
        ("+86 13800138000", PHONE, "+86 13800138000"),
        ("一三八零零一三八零零零", PHONE, "一三八零零一三八零零零"),
        ("幺三八〇〇幺三八〇〇〇", PHONE, "幺三八〇〇幺三八〇〇〇"),
        ("0592-6060000转8", PHONE, "0592-6060000"),
        ("（0592）6060000", PHONE, "（0592）6060000"),
        ("010-88886666", PHONE, "010-88886666"),
        ("+86 592 6060000", PHONE, "+86 592 6060000"),
        ("联系电话：606 0000", PHONE, "606 0000"),
        ("身份证11010519491231002X", ID_NUMBER, "11010519491231002X"),
        ("11010519491231002x号", ID_NUMBER, "11010519491231002x"),
        ("110105 19491231 002X", ID_NUMBER, "110105 19491231 002X"),
        ("老证110105491231002", ID_NUMBER, "110105491231002"),
        ("闽D12345乱停", PLATE, "闽D12345"),
        ("闽D·1234A", PLATE, "闽D·1234A"),
        ("闽DF12345占道", PLATE, "闽DF12345"),
        ("闽D12345F占道", PLATE, "闽D12345F"),
        ("闽d a1234", PLATE, "闽d a1234"),
        ("粤Z1234港", PLATE, "粤Z1234港"),
        ("闽D1234学", PLATE, "闽D1234学"),
        ("写信到a.b-c@example.com吧", EMAIL, "a.b-c@example.com"),
        ("ab＠example．com", EMAIL, "ab＠example．com"),
        ("卡号6222 0212 3456 7890 128", BANK_CARD, "6222 0212 3456 7890 128"),
        ("我叫林小满。", NAME, "林小满"),
        ("林 小满", NAME, "林 小满"),
        ("网名海边的风", NAME, "海边的风"),
    ],
)
def test_private_data_are_found_at_their_place(text, kind, part):
    found = private_parts(text, ["林小满", "海边的风"])
    assert [(each.kind, text[each.start : each.end]) for each in found] == [(kind, part)]


@pytest.mark.parametrize(
    "text",
    [
        "打12345热线，急事打110、119、120",
        "举报电话12337和12388",
        "电话12345",
        "10086和95588的短信",
        "400-810-8888",
        "2026-11-25 08:30至2026年12月31日",
        "20261125",
        "第13、14、15、16、17号楼",
        "建设路1380号，距离路口138米",
        "车站到学校1380步，约10分钟",
        "13 2024 2025 123 人",
        "预算1234567890123元",
        "统计了350000000000000000次",  # eighteen digits without a birthday
        "110105194912310021",  # a wrong check character
        "6222021234567890123",  # a wrong check digit
        "0.13800138000",
        "创新A座12345室",
        "川ABCDEF",
        "在@公园里",
        "小满来了",
        "",
    ],
)
def test_public_numbers_dates_and_amounts_stay(text):
    assert private_parts(text, ["林小满"]) == []


def test_a_name_of_one_character_is_not_looked_for():
    assert private_parts("风很大", ["风", ""]) == []


def test_the_draft_has_a_mark_for_each_part():
    text = "我是林小满，电话13800138000，车闽D12345，信箱a@b.cn。12345不回。"
    assert (
        without_private(text, ["林小满"]) == "我是［姓名略］，电话［电话略］，车［车牌略］，信箱［邮箱略］。12345不回。"
    )


PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["13800138000", "0592-6060000", "11010519491231002X", "闽D12345", "a@b.cn", "林小满", "110", " "]),
)


@given(st.lists(PIECES, max_size=8))
def test_parts_stand_in_order_inside_the_text_without_overlap(pieces):
    text = "".join(pieces)
    parts = private_parts(text, ["林小满"])
    edges = [0, *(edge for part in parts for edge in (part.start, part.end)), len(text)]
    assert edges == sorted(edges)
    assert all(part.start < part.end for part in parts)


@given(st.lists(PIECES, max_size=8))
def test_a_draft_says_nothing_private(pieces):
    draft = without_private("，".join(pieces), ["林小满"])
    assert (private_parts(draft, ["林小满"]), set(MARKS) == set(PrivateKind)) == ([], True)


@given(st.text(alphabet="零一二三四五六七八九 ，。路灯小区", max_size=40))
def test_a_text_without_anything_private_is_its_own_draft(text):
    if not private_parts(text):
        assert without_private(text) == text
