import pytest

from ideas.rules.characters import plain, sound, sounds


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
