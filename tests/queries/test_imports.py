"""Which rows of a file are there already: in the portal or in the file, in the same words or alike."""

from datetime import date

import pytest

from ideas.models import Idea
from ideas.queries.duplicates import nearest, original_text, similar_to, typed_text
from ideas.queries.imports import FileComparison
from ideas.services.duplicates import count_terms
from tests import clock, factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 18)
LAMP = {"title": "集美大道增设路灯", "problem": "集美大道晚上很黑，看不清台阶。", "proposal": "沿路加灯", "place": ""}
ALIKE = {**LAMP, "title": "集美大道多设路灯", "problem": "集美大道到了晚上很黑，台阶看不清。", "area": ""}
TREE = {"title": "补种行道树", "problem": "去年台风刮倒了好几棵。", "proposal": "换成榕树", "place": "", "area": ""}


def compared(campaign, rows):
    comparison = FileComparison(campaign, rows)
    assert max(comparison, default=0) == len(comparison)
    return comparison.found


def found(campaign, *rows):
    numbered = [(line, answers, DAY) for line, answers in enumerate(rows, 2)]
    return [(duplicate.line, duplicate.earlier) for duplicate in compared(campaign, numbered)]


def test_the_same_words_are_found_in_the_portal_and_in_the_file(campaign):
    idea = factories.make_idea(campaign, **LAMP)
    same = {**LAMP, "problem": " 集美大道晚上很黑看不清台阶", "area": ""}
    assert found(campaign, same, TREE, TREE) == [(2, idea.receipt), (4, "3")]


def test_a_row_alike_is_found_and_another_matter_is_not(campaign):
    idea = factories.make_idea(campaign, **LAMP)
    assert found(campaign, TREE, ALIKE) == [(3, idea.receipt)]


def test_restricted_ideas_and_those_of_other_campaigns_are_not_looked_at(campaign):
    factories.make_idea(factories.make_campaign(), **LAMP)
    idea = factories.make_idea(campaign, **LAMP)
    Idea.objects.filter(pk=idea.pk).update(restricted=True)
    assert found(campaign, ALIKE, LAMP | {"area": ""}) == []


def test_the_likeness_is_the_one_of_the_desk(campaign):
    idea = factories.make_idea(campaign, **LAMP)
    row = factories.make_idea(campaign, **ALIKE)
    count_terms(at=clock.DURING, always=True)
    [desk] = similar_to(row, Idea.objects.exclude(pk=row.pk))
    [file] = nearest([original_text(row)], Idea.objects.exclude(pk=row.pk))
    assert file == (idea.pk, pytest.approx(desk.score))
    [typed] = nearest([typed_text(ALIKE, clock.DURING)], Idea.objects.exclude(pk=row.pk))
    assert typed[0] == idea.pk


def test_the_statements_are_one_for_each_row_and_a_few_for_all(campaign, django_assert_num_queries):
    for name, words in (("集美大道", LAMP), ("灌口大道", {**LAMP, "title": "灌口大道修人行道"})):
        factories.make_idea(campaign, **{**words, "place": name})
    rows = [(line, {**ALIKE, "proposal": f"沿路加灯{line}"}, DAY) for line in range(2, 42)]
    with django_assert_num_queries(40 + 5):  # words known, counts, keys, texts, names
        assert len(compared(campaign, rows)) == 40
