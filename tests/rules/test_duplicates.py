from datetime import UTC, datetime, timedelta

import pytest

from ideas.rules.duplicates import INDEXED, LIKELY, Counts, Text, differing, index_queries, similarity, terms, terms_of

LAMP = Text("校门口路灯太暗", "岑东小学侧门晚上没有路灯，孩子放学看不清台阶。建议加装两盏太阳能路灯。", area="1")
OTHERS = {
    "lamp": LAMP,
    "fraud": Text("给老人讲反诈", "老人常接到陌生电话要求转账，建议社区每月上门讲一次防骗知识。", area="1"),
    "dogs": Text("遛狗请牵绳", "湖边公园早上很多人遛狗不牵绳，跑步的人害怕，建议设劝导员。", area="2"),
    "bins": Text("垃圾桶加盖", "菜市场后面的垃圾桶没有盖子，夏天味道大，建议换成脚踏式。", area="3"),
}


def likeness(query, candidates=OTHERS):
    return dict(similarity(query, candidates))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("路灯太暗", ["路灯", "灯太", "太暗"]),
        ("路灯，太暗！", ["路灯", "太暗"]),
        ("灯", ["灯"]),
        ("ＢＲＴ站", ["brt", "站"]),
        ("brt 12号", ["brt", "12", "号"]),
        ("", []),
        ("……！？", []),
    ],
    ids=["pairs", "signs", "single", "full-width", "latin", "empty", "only-signs"],
)
def test_terms_are_pairs_of_characters_and_whole_latin_words(text, expected):
    assert terms(text) == expected


def test_the_same_text_is_fully_alike():
    assert likeness(LAMP)["lamp"] == pytest.approx(1)


def test_width_case_and_signs_make_no_difference():
    one, other = Text("BRT站 路灯", "晚上，很暗"), Text("ｂｒｔ站！路灯", "晚上。很暗")
    assert likeness(one, {1: other})[1] == pytest.approx(1)


def test_the_same_in_other_words_is_likely_and_other_matters_are_not():
    query = Text("小学侧门要装路灯", "侧门晚上很黑没有路灯，孩子看不清台阶会摔倒，希望装太阳能路灯。")
    found = similarity(query, OTHERS)
    assert (found[0][0], [key for key, score in found if score >= LIKELY]) == ("lamp", ["lamp"])


def test_what_is_rare_counts_more_than_what_everybody_writes():
    candidates = {number: Text("建议增设设施", f"希望有关部门尽快处理{number}") for number in range(20)}
    candidates["rare"] = Text("铁锚雕塑", "锈了")
    found = likeness(Text("建议增设铁锚", ""), candidates)
    assert found["rare"] > found[0]


def test_the_title_counts_more_than_the_body():
    candidates = {"title": Text("路灯太暗", "晚上走路看不清"), "body": Text("晚上走路看不清", "路灯太暗")}
    found = likeness(Text("路灯太暗", ""), candidates)
    assert found["title"] > found["body"]


def test_one_place_brings_nearer_and_another_puts_apart():
    query = Text("校门口路灯", "晚上太暗")
    places = {"same": Text("校门口路灯", "很暗", area="1"), "unknown": Text("校门口路灯", "很暗"),
              "other": Text("校门口路灯", "很暗", area="2")}  # fmt: skip
    plain = likeness(query, places)["unknown"]
    found = likeness(Text(query.title, query.body, area="1"), places)
    assert found == pytest.approx({"same": min(1, plain * 1.2), "unknown": plain, "other": plain * 0.5}, rel=1e-5)


def test_no_likeness_is_above_one():
    assert likeness(LAMP, {1: LAMP, 2: Text(LAMP.title, LAMP.body, area="1")})[1] <= 1


def test_equally_alike_ones_stay_in_their_order():
    assert [key for key, _ in similarity(LAMP, {"b": LAMP, "a": LAMP, "c": LAMP})] == ["b", "a", "c"]


@pytest.mark.parametrize(
    "query", [Text("", ""), Text("！！", "。"), Text("鼋鼍", "")], ids=["empty", "signs", "unheard"]
)
def test_nothing_in_common_finds_nothing(query):
    assert similarity(query, OTHERS) == []


def test_no_candidates_find_nothing():
    assert similarity(LAMP, {}) == []


def test_an_endless_text_costs_as_much_as_a_long_one():
    """What stands behind the first 2,000 characters is not looked at."""
    assert similarity(Text("", "空" * 2000 + LAMP.body), OTHERS) == []


def test_the_same_complaint_about_another_place_named_in_the_title_is_put_apart():
    body = "门面长期油烟直排，深夜经营，噪音扰民。"
    here, there = Text("青石路枫林小区油烟扰民", body), Text("白鹭路海棠小区油烟扰民", body)
    again = Text("枫林小区油烟", body)
    found = likeness(here, {"there": there, "again": again})
    assert found["again"] > 1.5 * found["there"]


def test_the_same_days_bring_nearer():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    one = Text("校门口路灯", "晚上太暗", at=at)
    found = likeness(
        one,
        {
            "soon": Text("校门口路灯", "很暗", at=at + timedelta(3)),
            "late": Text("校门口路灯", "很暗", at=at + timedelta(99)),
        },
    )
    assert found["soon"] == pytest.approx(found["late"] * 1.05)


def test_the_index_is_asked_for_the_weightiest_terms_as_long_as_few_ideas_hold_them():
    counts = Counts(100_000, {"路灯": 600, "建议": 40_000, "侧门": 300})
    groups = [terms for terms, _value in index_queries(Text("建议侧门路灯", ""), counts)]
    assert (["侧门"] in groups, ["路灯"] in groups, ["建议"] in groups) == (True, True, False)


def test_of_everyday_words_only_three_are_asked_together():
    counts = Counts(100_000, {"建议": 40_000, "议增": 9000, "增加": 30_000})
    assert [sorted(terms) for terms, _value in index_queries(Text("建议增加", ""), counts)] == [
        ["增加", "建议", "议增"]
    ]


def test_signs_ask_for_nothing():
    assert index_queries(Text("！？", "。"), Counts()) == []


def test_the_index_keeps_each_term_once_and_not_endlessly_many():
    assert terms_of(Text("路灯", "路灯。" + "空" * INDEXED + "尾巴", "侧门")) == ["侧门", "空空", "路灯"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("校门口路灯", "校门口路灯", [("校门口路灯", False)]),
        ("校门口路灯太暗", "校门口的路灯太暗了", [("校门口", False), ("的", True), ("路灯太暗", False), ("了", True)]),
        ("路灯，太暗", "太暗！路灯", [("太暗！路灯", False)]),
        ("brt站", "ＢＲＴ站、地铁", [("ＢＲＴ", False), ("站、", False), ("地铁", True)]),
        ("甲", "", []),
        ("", "路灯", [("路灯", True)]),
    ],
    ids=["equal", "added", "moved", "width", "empty", "all-new"],
)
def test_the_words_that_differ_are_marked(one, other, expected):
    joined = []
    for text, differs in expected:
        if joined and joined[-1][1] == differs:
            joined[-1] = (joined[-1][0] + text, differs)
        else:
            joined.append((text, differs))
    assert differing(one, other) == joined


@pytest.mark.parametrize("text", ["ﬁne 路灯", "①号楼\n二", "İstanbul", "👍路灯👍", "㍿"])
def test_the_pieces_are_the_text_whatever_it_holds(text):
    assert "".join(piece for piece, _differs in differing("路灯", text)) == text
