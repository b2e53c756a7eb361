"""The wording of a certificate and its code."""

import secrets

from ideas.rules.certificates import (
    CODE_LENGTH,
    PLACES,
    Wording,
    new_code,
    show_code,
    size_of,
    unknown_places,
    worded,
)
from ideas.rules.receipts import read_code


def test_the_first_line_addresses_and_the_others_are_paragraphs():
    facts = {"name": "海边的风", "title": "路灯", "campaign": "更平安"}
    text = "{name}：\n\n您的《{title}》在“{campaign}”中获奖。\n特发此证。"
    assert worded(text, facts) == Wording("海边的风：", ("您的《路灯》在“更平安”中获奖。", "特发此证。"))


def test_braces_in_a_title_are_only_braces():
    assert worded("{name}\n{title}", {"name": "{day}", "title": "{name}{"}) == Wording("{day}", ("{name}{",))


def test_what_stands_for_nothing_is_named():
    assert unknown_places("{name} {nam} {} { x }}") == ["{nam}", "{}", "{ x }", "}"]
    assert unknown_places(" ".join(f"{{{name}}}" for name in PLACES)) == []


def test_a_code_is_read_as_it_is_printed_and_as_it_is_typed():
    code = new_code(secrets.choice)
    assert (len(code), read_code(show_code(code)), read_code(f" {show_code(code).lower()} ")) == (
        CODE_LENGTH,
        code,
        code,
    )
    assert show_code("0123456789ABCDEF") == "0123-4567-89AB-CDEF"


def test_many_words_are_set_smaller():
    sizes = [size_of(Wording("某某：", ("字" * number,))) for number in (40, 150, 400)]
    assert sizes == ["", "long", "longest"]
