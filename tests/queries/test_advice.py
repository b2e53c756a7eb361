"""What word lists and the look for private data say about an idea."""

import pytest

from ideas.models import Idea, WordList
from ideas.queries.advice import advice_for, first_draft
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea(campaign):
    WordList.objects.create(name="广告", category="advertising", words="加微信\n\n 限时秒杀 \n加微信")
    return factories.make_idea(campaign, title="林小满建议", problem="请加 微信。", proposal="打13800138000。")


def full(idea):
    return Idea.objects.select_related("resident").get(pk=idea.pk)


def test_advice_names_words_and_private_data_with_their_fields(idea):
    advice = advice_for(idea)
    assert [(hit.field, hit.word) for hit in advice.hits] == [("problem", "加微信")]
    assert [(note.field, note.text) for note in advice.private] == [("title", "林小满"), ("proposal", "13800138000")]


def test_the_original_is_marked_with_the_reasons(idea):
    marks = advice_for(idea).marked["proposal"]
    assert [(mark.text, bool(mark.reasons), mark.is_private) for mark in marks] == [
        ("打", False, False),
        ("13800138000", True, True),
        ("。", False, False),
    ]


def test_a_list_that_is_not_in_use_marks_nothing(idea):
    WordList.objects.update(is_active=False)
    assert advice_for(idea).hits == []


def test_a_changed_list_counts_from_the_next_look(idea):
    advice_for(idea)
    WordList.objects.update(words="秒杀")
    assert advice_for(idea).hits == []


def test_an_idea_without_anything_has_no_advice(campaign):
    assert not advice_for(factories.make_idea(campaign))


@pytest.mark.parametrize("words", [1, 1000])
def test_advice_takes_one_query_whatever_the_lists_hold(idea, words, django_assert_num_queries):
    for number in range(3):
        WordList.objects.create(name=str(number), category="other", words="\n".join(f"词语{n}" for n in range(words)))
    row = full(idea)
    with django_assert_num_queries(1):
        advice_for(row)


def test_the_first_draft_leaves_private_data_out(idea):
    assert first_draft(full(idea)) == ("［姓名略］建议", "请加 微信。\n\n打［电话略］。")


def test_a_draft_title_is_never_too_long(campaign):
    idea = factories.make_idea(campaign, title="林小满" * 20)
    assert len(first_draft(full(idea))[0]) == 60


def test_an_erased_person_has_no_name_to_look_for(idea):
    erase_person(idea=idea, at=clock.DURING, expected_version=1)
    assert [note.text for note in advice_for(full(idea)).private] == ["13800138000"]
