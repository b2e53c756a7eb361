import unicodedata

import pytest

from ideas.errors import Refusal
from ideas.rules.visible import as_read, is_visible, required, says_little

UNSEEN = {
    "zero-width": "\u200b\u200c\u200d\u2060\ufeff",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "braille blank": "\u2800\u2800",
    "soft hyphen": "\xad",
    "variation selectors": "\ufe0e\ufe0f\U000e0100",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "combining only": "\u0301\u0488\u0903",
    "invisible operators": "\u2061\u2062\u2063\u2064",
    "Mongolian vowel separator": "\u180e\u180b",
    "Khmer inherent vowels": "\u17b4\u17b5",
    "musical null": "\U0001d159\U0001d173",
    "object replacement": "\ufffc\ufff9",
    "spaces of every width": " \t\n\xa0\u2003\u3000\u205f\u1680",
    "direction marks": "\u200e\u200f\u202e\u2066\u061c",
    "controls": "\x00\x01\x1b\x7f\x85",
    "all together": "\u200b \u3164\ufe0f\u2800\xad",
    "nothing": "",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=list(UNSEEN))
def test_what_nobody_sees_is_no_text(text):
    assert not is_visible(text)
    assert as_read(text) == ""


@pytest.mark.parametrize("text", UNSEEN.values(), ids=list(UNSEEN))
def test_a_text_that_must_be_there_is_refused_with_what_is_missing(text):
    with pytest.raises(Refusal, match="Say why"):
        required(text, "Say why.")


def test_a_text_that_is_there_is_given_as_it_is_read():
    assert required(" \u202e 分批评审\r\n", "Say why.") == "分批评审"


def test_every_space_format_and_mark_alone_is_no_text():
    drawn = {"Z": "a space", "C": "a control or format", "M": "a mark"}
    for code in range(0x110000):
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] in drawn and category not in ("Co", "Cn", "Cs"):
            assert as_read(character) == "", f"U+{code:04X}"


@pytest.mark.parametrize(
    "honest",
    [
        "路灯",
        "加",
        "👨\u200d👩\u200d👧 公园",  # a family is joined by zero-width joiners
        "☀️",
        "葛\U000e0100飾",  # a rare form of a character
        "\ue5e5林",  # a rare name in the private area of old GB fonts
        "\ue5e5",
        "e\u0301cole",
        "1",
        "？",
        "\U0001fae8",  # a young emoji
        "می\u200cخواهم",  # Persian needs its non-joiner
    ],
)
def test_what_people_write_stays_as_it_is(honest):
    assert is_visible(honest)
    assert as_read(honest) == honest


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("\u202e路灯\u202c", "路灯"),
        ("\u2067a\u2069\u200eb\u200f", "ab"),
        ("路\x00灯", "路灯"),
        ("一\r\n二\r三\x0b四\u2028五", "一\n二\n三\n四\n五"),
        ("\ufeff \u200b路灯\u200b\u3000", "路灯"),
        ("路\u200b灯", "路\u200b灯"),
    ],
)
def test_what_misleads_or_stands_around_goes(typed, read):
    assert as_read(typed) == read


def test_reading_is_cheap_however_spaces_and_unseen_ones_alternate():
    assert as_read(" \u200b" * 200_000 + "路") == "路"


@pytest.mark.parametrize("title", ["加", "加。。。", "？！", "加\u3164", "👍", ""])
def test_one_letter_says_little(title):
    assert says_little(title)


@pytest.mark.parametrize("title", ["路灯", "8路", "加 灯", "OK", "𠮷野"])
def test_two_letters_may_say_enough(title):
    assert not says_little(title)
