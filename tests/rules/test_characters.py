import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.rules.characters import fold, plain, sound, sounds, ways_to_write


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("Ａ", "a"),
        ("９", "9"),
        ("貸", "贷"),
        ("款", "款"),
        ("。", ""),
        (" ", ""),
        ("\u200b", ""),
        ("①", "1"),
        ("㎡", "m2"),
    ],
)
def test_a_character_is_read_plainly(character, expected):
    assert plain(character) == expected


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("啊", "a"),
        ("座", "zuo"),
        ("女", "nv"),
        ("绿", "lv"),
        ("略", "lve"),
        ("乱", "luan"),
        ("微", "wei"),
        ("信", "xin"),
    ],
)
def test_common_characters_sound_as_their_place_in_the_standard_says(character, expected):
    assert sound(character) == expected


@pytest.mark.parametrize("character", ["x", "1", "。", "罄", "𠮷", "貸"])
def test_other_characters_have_no_sound(character):
    assert sound(character) == ""


def test_some_characters_are_read_in_two_ways():
    assert sounds("长") == ["chang", "zhang"]


@given(st.text(), st.text())
def test_texts_fold_character_by_character_and_once_for_all(one, other):
    assert fold(one + other) == fold(one) + fold(other)
    assert fold(fold(one)) == fold(one)


@pytest.mark.parametrize(
    ("written", "read"), [("⻓⻔", "长门"), ("⼈⾏", "人行"), ("薴", "苎"), ("é", "e"), ("が", "か")]
)
def test_what_looks_alike_folds_alike(written, read):
    assert fold(written) == fold(read) == read


def test_the_ways_to_write_a_character_all_fold_to_it():
    assert {"车", "⻋", "⾞", "車"} <= set(ways_to_write("车"))
    assert all("车" in fold(way) for way in ways_to_write("车"))
