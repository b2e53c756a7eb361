"""Words of the office's lists, found however they are written; and not found where they only seem to stand."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ideas.choices import Disguise
from ideas.rules.advice import Words, hits
from tests.cost import spent

LISTS = [
    Words("广告", "advertising", ("加微信", "代办贷款", "vx", "限时秒杀")),
    Words("骂人", "insult", ("混蛋", "王八蛋")),
]
SPACED, STYLED, TRADITIONAL, PINYIN, SOUND = Disguise


def found(text, lists=LISTS):
    return [(text[hit.start : hit.end], hit.word, hit.how) for hit in hits({"problem": text}, lists)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请加微信联系", [("加微信", "加微信", ())]),
        ("请加 微 信联系", [("加 微 信", "加微信", (SPACED,))]),
        ("加*微*信", [("加*微*信", "加微信", (SPACED,))]),
        ("加，微。信", [("加，微。信", "加微信", (SPACED,))]),
        ("加\u200b微信", [("加\u200b微信", "加微信", (SPACED,))]),
        ("ＶＸ联系", [("ＶＸ", "vx", (STYLED,))]),
        ("Vx：abc", [("Vx", "vx", ())]),
        ("代辦貸款", [("代辦貸款", "代办贷款", (TRADITIONAL,))]),
        ("代 辦 貸 款", [("代 辦 貸 款", "代办贷款", (SPACED, TRADITIONAL))]),
        ("请加weixin联系", [("加weixin", "加微信", (PINYIN,))]),
        ("jia wei xin", [("jia wei xin", "加微信", (PINYIN,))]),
        ("ｊｉａ微信", [("ｊｉａ微信", "加微信", (PINYIN,))]),
        ("你这个hundan", [("hundan", "混蛋", (PINYIN,))]),
        ("加威信", [("加威信", "加微信", (SOUND,))]),
        ("加薇信", [("加薇信", "加微信", (SOUND,))]),
        ("代办袋宽", [("代办袋宽", "代办贷款", (SOUND,))]),
    ],
)
def test_a_word_is_found_in_every_dress(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "这里很混乱。蛋糕店门口",  # parted by the end of a sentence
        "公共汽车增加。微信公众号也要发",
        "dvxa 和 svx2",  # inside a longer Latin word
        "婚旦",  # a word of two characters by its sound alone
        "家卫新",  # nothing of the word but its sound
        "混（据说是这样写的）蛋",  # too far apart
        "wei xin 小区",  # a part of the word only
        "",
    ],
)
def test_what_only_looks_like_a_word_is_left_alone(text):
    assert found(text) == []


def test_each_hit_says_why_where_and_of_which_list():
    [hit] = hits({"title": "路灯", "problem": "请加 微信"}, LISTS)
    assert (hit.field, hit.start, hit.end, hit.list_name, hit.category) == ("problem", 1, 5, "广告", "advertising")
    with translation.override("en"):
        assert hit.why == "matches “加微信” of the list “广告”, written with signs or spaces between"


def test_a_word_of_two_lists_is_a_hit_of_each():
    lists = [Words("甲", "insult", ("混蛋",)), Words("乙", "other", ("混蛋",))]
    assert [hit.list_name for hit in hits({"problem": "混蛋"}, lists)] == ["乙", "甲"]


def test_words_of_one_character_are_not_looked_for():
    assert found("混", [Words("短", "other", ("混", "。。"))]) == []


@pytest.mark.slow
@given(
    before=st.text(max_size=8),
    after=st.text(max_size=8),
    word=st.sampled_from(["加微信", "代办贷款", "王八蛋"]),
    gap=st.sampled_from(["", " ", "*", "\u3000", "·", "。", "\n"]),
)
def test_a_word_with_signs_between_all_its_characters_is_found_at_its_place(before, after, word, gap):
    spread = gap.join(word)
    places = [(hit.start, hit.end) for hit in hits({"problem": before + spread + after}, LISTS) if hit.word == word]
    assert (len(before), len(before) + len(spread)) in places


@given(st.text(alphabet=st.sampled_from("加微信混蛋王八 。，vxjiaweixin\n①Ａ龍"), max_size=60))
def test_every_hit_lies_inside_the_text(text):
    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits({"problem": text}, LISTS))


def test_thousands_of_words_cost_milliseconds():
    characters = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
    words = tuple(a + b + c for a in characters for b in characters[:16] for c in characters[:16])
    lists = [Words("很多", "other", words)]
    text = ("小区门口的路灯坏了很久，晚上看不清台阶，建议尽快修好。" * 80)[:2000]
    assert len(words) == len(characters) * 256
    assert spent(lambda: hits({"problem": text}, lists)) < 0.1  # some 5 ms by itself; the lists are prepared once
