from datetime import date

import pytest

from ideas.choices import OfficeAct, Source
from ideas.errors import NotPermitted, Refusal
from ideas.models import Idea, Message, OfficeEvent
from ideas.queries.invariants import violations
from ideas.services import imports, once
from ideas.services.imports import Begun, Row, has_begun, import_rows, rows_going_in
from tests import clock, factories

pytestmark = pytest.mark.django_db


def row(day=date(2026, 3, 18), **overrides):
    return Row(factories.answers(**overrides), Source.PAPER, day)


def take(campaign, manager, *rows, **more):
    return import_rows(campaign=campaign, rows=rows, manager=manager, at=clock.DURING, **more)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("stopped_after", [1, 2])
def test_an_interrupted_import_goes_on_where_it_stopped(campaign, manager, monkeypatch, stopped_after):
    rows = [row() for _ in range(5)]
    monkeypatch.setattr(imports, "CHUNK", 2)
    given = {"campaign": campaign, "rows": rows, "manager": manager, "form": "file"}
    steps = rows_going_in(at=clock.DURING, **given)
    assert [next(steps) for _ in range(1 + stopped_after)] == [0, 2, 4][: 1 + stopped_after]
    steps.close()  # type: ignore[attr-defined]  # a power cut
    assert (has_begun("file"), Idea.objects.count()) == (
        Begun(2 * stopped_after, 5, 1, clock.DURING),
        2 * stopped_after,
    )
    for later in range(1, 4):
        import_rows(at=clock.DURING + later * clock.BLINK, **given)
    assert has_begun("file") == Begun(5, 5, 1, clock.DURING)
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (5, 1)
    assert {idea.entered_at for idea in Idea.objects.all()} == {clock.DURING}
    assert sorted(Idea.objects.values_list("title", flat=True)) == sorted(one.answers["title"] for one in rows)
    assert list(violations()) == []


@pytest.mark.slow
def test_two_who_take_in_the_same_file_help_each_other(campaign, manager, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 2)
    given = {"campaign": campaign, "rows": [row() for _ in range(9)], "at": clock.DURING, "form": "file"}
    first, second = (rows_going_in(manager=manager, **given) for _ in range(2))
    seen = [next(first), next(second), next(first), next(second), next(second), next(first), *second, *first]
    assert (seen, Idea.objects.count()) == ([0, 0, 2, 2, 4, 4, 6, 8, 9, 9], 9)


def test_each_step_is_a_transaction_of_its_own_with_room_for_others_between(campaign, manager, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 2)
    pauses = []
    monkeypatch.setattr(imports, "let_others_write", lambda: pauses.append(Idea.objects.count()))
    take(campaign, manager, *(row() for _ in range(5)))
    assert pauses == [2, 4]


def test_a_file_goes_in_once_more_only_for_who_asks_for_its_next_turn(campaign, manager):
    given = {"campaign": campaign, "rows": [row(), row()], "manager": manager, "form": "file"}
    for turn in (1, 1, 3, 2, 2, 1):
        import_rows(at=clock.DURING + Idea.objects.count() * clock.BLINK, turn=turn, **given)
    assert (Idea.objects.count(), OfficeEvent.objects.count(), has_begun("file").turn) == (4, 2, 2)


@pytest.mark.slow
def test_who_was_slow_writes_nothing_into_the_next_turn(campaign, manager, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 2)
    given = {"campaign": campaign, "rows": [row() for _ in range(4)], "manager": manager, "form": "file"}
    slow = rows_going_in(at=clock.DURING, **given)
    assert [next(slow), next(slow)] == [0, 2]
    import_rows(at=clock.DURING + clock.BLINK, **given)
    again = rows_going_in(at=clock.DURING + 2 * clock.BLINK, turn=2, **given)
    assert [next(again), next(again), *slow, *again, Idea.objects.count()] == [0, 2, 4, 4, 8]


def test_a_file_is_known_for_two_days_from_when_it_last_went_in(campaign, manager):
    given = {"campaign": campaign, "rows": [row()], "manager": manager, "form": "file"}
    import_rows(at=clock.DURING, **given)
    import_rows(at=clock.DURING + once.LIFE - clock.BLINK, turn=2, **given)
    once.drop_used_keys(at=clock.DURING + once.LIFE)
    assert has_begun("file").turn == 2
