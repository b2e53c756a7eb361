from datetime import date

import pytest

from ideas.choices import OfficeAct, Source
from ideas.errors import NotPermitted, Refusal
from ideas.models import Idea, Message, OfficeEvent
from ideas.queries.invariants import violations
from ideas.services.imports import Row, import_rows
from tests import clock, factories

pytestmark = pytest.mark.django_db


def row(day=date(2026, 3, 18), **overrides):
    return Row(factories.answers(**overrides), Source.PAPER, day)


def take(campaign, manager, *rows, **more):
    return import_rows(campaign=campaign, rows=rows, manager=manager, at=clock.DURING, **more)


def test_rows_become_ideas_and_everything_holds(campaign, manager):
    assert take(campaign, manager, row(), row()) == 2
    assert list(violations()) == []
    assert {(i.entered_by, i.entered_at, i.slip_on) for i in Idea.objects.all()} == {
        (manager, clock.DURING, date(2026, 3, 18))
    }


def test_all_or_nothing(campaign, manager):
    with pytest.raises(Refusal):
        take(campaign, manager, row(), row(day=date(2026, 3, 1)))
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (0, 0)


def test_residents_are_told_only_when_the_manager_says_so(campaign, manager):
    take(campaign, manager, row())
    assert Message.objects.count() == 0
    take(campaign, manager, row(), tell=True)
    assert {message.queued_at for message in Message.objects.all()} == {clock.DURING}


def test_an_import_is_logged(campaign, manager):
    take(campaign, manager, row())
    assert OfficeEvent.objects.get(act=OfficeAct.IMPORT).detail == {"rows": 1, "told": False}


def test_a_moderator_imports_nothing(campaign, moderator):
    with pytest.raises(NotPermitted):
        take(campaign, moderator, row())


def test_the_number_of_queries_does_not_grow_with_the_rows(campaign, manager, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        take(campaign, manager, *(row() for _ in range(100)))
