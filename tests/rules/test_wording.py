import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.rules.wording import Piece, Stretch, difference, stretches
from tests.cost import spent

WORDS = st.text(alphabet="路灯坏了请修，。\n ab1", max_size=40)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("路灯坏了。", "路灯坏了。", [Piece("same", "路灯坏了。")]),
        ("路灯坏了。请修。", "路灯坏了。", [Piece("same", "路灯坏了。"), Piece("out", "请修。")]),
        (
            "路口电话13800138000。",
            "路口电话［略］。",
            [Piece("same", "路口电话"), Piece("out", "13800138000"), Piece("in", "［略］"), Piece("same", "。")],
        ),
        ("", "新。", [Piece("in", "新。")]),
        ("旧。", "", [Piece("out", "旧。")]),
        ("", "", []),
    ],
)
def test_a_difference_is_what_went_and_what_came(old, new, expected):
    assert difference(old, new) == expected


def test_single_unchanged_characters_between_changes_are_no_islands():
    assert [piece.change for piece in difference("甲乙的丙丁", "子丑的寅卯")] == ["out", "in"]


@given(WORDS, WORDS)
def test_both_wordings_can_be_read_off_the_difference(old, new):
    pieces = difference(old, new)
    texts = ["".join(piece.text for piece in pieces if piece.change != left) for left in ("in", "out")]
    assert texts == [old, new]


def test_a_text_is_cut_at_its_marks():
    assert stretches("abcdef", [(1, 3), (2, 4)]) == [
        Stretch("a", ()),
        Stretch("b", (0,)),
        Stretch("c", (0, 1)),
        Stretch("d", (1,)),
        Stretch("ef", ()),
    ]


@given(WORDS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
def test_the_stretches_make_up_the_text(text, spans):
    inside = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans]
    assert "".join(piece.text for piece in stretches(text, inside)) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("啊" * 10_000, "啊" * 3000),
        ("好的" * 5000, "的好" * 1500),
        ("一二三四，" * 2000, "四三二一，" * 600),
        ("a " * 5000, " a" * 1500),
        ("的是了在" * 2500, "了的在是" * 750),
    ],
)
def test_texts_that_repeat_themselves_are_compared_in_time(old, new):
    """It took 45 seconds; what is shown still makes up both texts."""
    assert spent(lambda: difference(old, new)) < 2
    pieces = difference(old, new)
    assert "".join(piece.text for piece in pieces if piece.change != "in") == old
    assert "".join(piece.text for piece in pieces if piece.change != "out") == new


def test_a_text_of_many_marks_is_cut_in_time():
    spans = [(place, place + 2) for place in range(0, 30_000, 3)]
    assert len(stretches("字" * 30_001, spans)) == 20_000
    assert spent(lambda: stretches("字" * 30_001, spans)) < 1
