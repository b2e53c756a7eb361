"""Which rule of the office suits an idea."""

import pytest

from ideas.rules.referring import Rule, Traits, first_that_suits, read_words, suits

IDEA = Traits("交通安全", "集美街道", "建议在乐海路口增设路灯\n晚上很黑。\n公交站旁")


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (Rule(topic="交通安全"), True),
        (Rule(topic="交通"), False),
        (Rule(street="集美街道"), True),
        (Rule(street="杏林街道"), False),
        (Rule(words=("照明", "路灯")), True),
        (Rule(words=("照明",)), False),
        (Rule(words=("公交站",)), True),
        (Rule("交通安全", "集美街道", ("路灯",)), True),
        (Rule("交通安全", "杏林街道", ("路灯",)), False),
        (Rule("交通安全", "集美街道", ("照明",)), False),
        (Rule(), False),
    ],
)
def test_all_that_a_rule_says_must_hold_and_one_of_its_words(rule, holds):
    assert suits(rule, IDEA) is holds


def test_words_are_compared_as_a_reader_sees_them():
    idea = Traits("", "", "人行道上停滿ＢＲＴ的車")
    assert [suits(Rule(words=(word,)), idea) for word in ("brt", "停满")] == [True, True]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ()),
        (" 、， ", ()),
        ("路灯 照明,路牌，井盖、路灯;护栏", ("路灯", "照明", "路牌", "井盖", "护栏")),
    ],
)
def test_words_stand_between_blanks_or_commas(typed, words):
    assert read_words(typed) == words


def test_the_first_rule_that_suits_every_idea_counts():
    other = Traits("夜间", "集美街道", "夜市")
    rules = [("words", Rule(words=("路灯",))), ("street", Rule(street="集美街道")), ("topic", Rule(topic="交通安全"))]
    assert [first_that_suits(rules, ideas) for ideas in ([IDEA], [IDEA, other], [other], [])] == [
        "words", "street", "street", None,
    ]  # fmt: skip
