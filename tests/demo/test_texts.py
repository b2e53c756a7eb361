"""The demo's ideas are as many, as long, as different and as harmless as they should be."""

import re
from collections import Counter
from difflib import SequenceMatcher
from random import Random
from types import SimpleNamespace

import pytest

from ideas.choices import Channel, DeclineReason
from ideas.demo.campaigns import TOPICS
from ideas.demo.handling import AFTER, AGAIN, COURSES, invented_courses, written_courses
from ideas.demo.people import UNITS
from ideas.demo.pictures import SCENES
from ideas.demo.texts import areas, in_order_of_receipt, many, texts_of

SAFER, LIVEABLE = texts_of("safer"), texts_of("liveable")
ALL = [*SAFER, *LIVEABLE]
# Named in the newspaper's report on the campaign of 2022.
QUOTED = {
    "美山小学门口交通需改善,建立人车分流通道",
    "集美大道部分路段的缘石坡道高于1厘米,自行车或轮椅无法通行",
    "建议在永祥小区路口设置人行天桥",
    "建议在乐天路(中央公园路段)增设路灯",
    "建议在地铁集美学村站出站口附近加装人行道护栏",
}


def test_280_are_valid_and_60_are_not():
    counts = Counter(text.outcome for text in SAFER)
    assert (counts["accepted"], len(SAFER) - counts["accepted"]) == (280, 60)
    assert set(counts) == {"accepted", "declined", "merged", "returned", "transferred", "withdrawn"}


@pytest.mark.parametrize("kind", ["safer", "liveable"])
def test_every_topic_has_its_ideas(kind):
    assert {text.topic for text in texts_of(kind)} == {slug for slug, *_ in TOPICS[kind]}


def test_the_ideas_quoted_in_the_report_are_among_them():
    assert {text.title for text in SAFER if text.outcome == "accepted"} >= QUOTED


def test_texts_have_the_length_of_real_ones():
    odd = [
        t.key for t in ALL if not (40 <= len(t.problem) <= 300 and 40 <= len(t.proposal) <= 300 and len(t.title) <= 60)
    ]
    assert odd == []


def test_every_text_is_different():
    for field in ("key", "title", "problem", "proposal"):
        assert [value for value, n in Counter(getattr(text, field) for text in ALL).items() if n > 1] == []


def test_no_two_problems_are_near_copies_but_the_merged():
    pairs = []
    for topic in {text.topic for text in ALL}:
        rows = [text for text in ALL if text.topic == topic and not text.into]
        for place, text in enumerate(rows):
            matcher = SequenceMatcher(b=text.problem, autojunk=False)
            for other in rows[place + 1 :]:
                matcher.set_seq1(other.problem)
                if matcher.real_quick_ratio() > 0.7 and matcher.quick_ratio() > 0.7 and matcher.ratio() > 0.7:
                    pairs.append((text.key, other.key))
    assert pairs == []


def test_some_hold_rare_characters():
    rare = [
        text
        for text in ALL
        if re.search("[\u3400-\u4dbf\U00020000-\U0003ffff]", text.title + text.problem + text.proposal)
    ]
    assert len(rare) >= 9


def test_none_holds_a_telephone_or_identity_number():
    assert [text.key for text in ALL if re.search(r"1[3-9]\d{9}|\d{17}[\dXx]|0592[- ]?\d{7}", str(text))] == []


def test_places_are_the_districts_own():
    codes = {area["code"] for area in areas()} | {"unknown"}
    assert (len(codes), {text.area for text in ALL} <= codes) == (70, True)


def test_outcomes_come_with_what_they_need():
    keys = {text.key: text for text in ALL}
    for text in ALL:
        needs = {"declined": text.declined_as in DeclineReason.values and text.reason,
                 "transferred": text.channel in Channel.values and text.reason,
                 "returned": text.reason,
                 "merged": text.into in keys and keys[text.into].outcome == "accepted"}  # fmt: skip
        assert needs.get(text.outcome, True), text.key


def test_a_merged_idea_comes_after_its_leader():
    order = {text.key: place for place, text in enumerate(in_order_of_receipt(SAFER, Random(5)))}
    assert [text.key for text in SAFER if text.into and order[text.into] > order[text.key]] == []


def test_as_many_as_wanted_and_all_different():
    made = list(many("safer", 1500, Random(1)))
    assert (len(made), len({text.problem for text in made})) == (1500, 1500)


@pytest.mark.parametrize(("kind", "written"), [("safer", 30), ("liveable", 16)])
def test_what_became_of_ideas_is_written_for_ideas_that_are_there(kind, written):
    courses = written_courses(kind, {text.title: text for text in texts_of(kind) if text.outcome == "accepted"})
    units = {key for key, _name, _english in UNITS}
    assert len(courses) == len({course.idea.title for course in courses}) == written
    for course in courses:
        steps = COURSES[course.course]
        assert {course.unit, course.better or course.unit} <= units
        assert {course.photo or "lamp", (course.photo or "lamp") + AFTER} <= SCENES.keys()
        assert not (course.again and course.photo) or course.photo + AGAIN in SCENES
        assert [bool(course.plan), bool(course.done)] >= ["plan" in steps, "report" in steps]
        assert max(len(course.plan), len(course.done)) <= 120


def test_other_ideas_have_words_for_every_topic():
    ideas = [SimpleNamespace(topic=SimpleNamespace(slug=slug)) for slug, *_ in TOPICS["safer"]]
    assert len(invented_courses("safer", ideas, Random(1))) == len(ideas)
