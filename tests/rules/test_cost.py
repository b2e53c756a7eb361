"""No rule that reads a stranger's text takes more than in proportion to it: a text and a quarter of it are timed."""

import unicodedata
from functools import partial

import pytest

from ideas.rules import advice, characters, duplicates, receipts, redaction, wording
from tests.cost import is_out_of_proportion, spent

# What once was slow, or is where rules of this kind mostly are.
PIECES = [
    "1", "a", "路1", "1路", "a@", "a.", "x@a.", ".", " ", "\n", "e\u0327\u0301", "\u0301\u0327", "：", "-", "0592-",
    "一二，", "一", "加我微信", "wx", "w x", "闽D1", "13800138000", "电话", "ab1",
]  # fmt: skip
SIZE, NOISE = 20_000, 0.25
LISTS = [advice.Words("words", "spam", ("加我微信", "wx", "一二三", "贷款"))]
RULES = {
    "terms": lambda text: duplicates.terms_of(duplicates.Text(text, text, text)),
    "alike": lambda text: duplicates.similarity(duplicates.Text(text, text), {1: duplicates.Text(text[::-1], text)}),
    "differing": lambda text: duplicates.differing(text, text[::-1]),
    "difference": lambda text: wording.difference(text, text[len(text) // 2 :] + text[:9]),
    "advice": lambda text: advice.hits({"problem": text}, LISTS),
    "private": lambda text: redaction.without_private(text, ["林小满", "ab1"]),
    "cover": lambda text: redaction.covered(text, ["林小满", "13800138000"]),
    "receipts": receipts.receipts_in,
    "folded": characters.nfkc,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_four_times_the_text_takes_about_four_times_the_time(name):
    slow = []
    for piece in PIECES:
        text = piece * (2 * SIZE // len(piece))
        if is_out_of_proportion(partial(RULES[name], text), partial(RULES[name], text[: SIZE // 2]), noise=NOISE):
            slow.append(piece)
    assert slow == []


def test_what_grows_with_the_square_is_noticed():
    def pairs(text):
        return sum(a == b for a in text for b in text)

    text = "路" * 2400
    assert is_out_of_proportion(partial(pairs, text), partial(pairs, text[:600]), noise=0.01)


@pytest.mark.parametrize("text", ["1" * 120_000, "路1" * 60_000, "a" * 120_000])
def test_a_long_title_is_compared_at_once(text):
    """A title of digits took 13 seconds with 32 kB, and its worker was killed with 120 kB."""
    assert spent(lambda: RULES["alike"](text)) < 0.5


def test_what_somebody_types_is_not_kept_in_the_process():
    before = duplicates._pieces_of.cache_info().currsize, duplicates._names.cache_info().currsize
    duplicates.similarity(duplicates.Text("我正在写的标题" * 9, "正文" * 90), {})
    assert (duplicates._pieces_of.cache_info().currsize, duplicates._names.cache_info().currsize) == before


@pytest.mark.parametrize(
    "text",
    [
        "e\u0327\u0301" * 700,
        "각" * 900,
        "ㄱㅏㄱ" * 400,
        "ｶﾞ" * 700,
        "\u09c7\u09be" * 600,
        "路灯Ａ１①" * 500,
        "𝟙𠮷" * 700,
    ],
)
def test_folding_in_pieces_is_folding(text):
    assert characters.nfkc(text) == unicodedata.normalize("NFKC", text)
