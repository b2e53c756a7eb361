"""Who is told of a due day, and when."""

from datetime import date

import pytest

from ideas.choices import SupervisionStep as Step
from ideas.rules.supervision import escalation_of, shown_order, steps_due
from ideas.rules.workdays import Calendar

# The Spring Festival of 2026: off from 15 to 23 February, with two Saturdays worked.
FESTIVAL = Calendar(
    days={date(2026, 2, day): False for day in range(15, 24)} | {date(2026, 2, 14): True, date(2026, 2, 28): True},
    years=frozenset({2026}),
)
USUAL = {Step.OFFICER: 1, Step.HEAD: 2, Step.OFFICE: 3, Step.LEADER: 5}
ALL = [Step.NOTICE, Step.OFFICER, Step.HEAD, Step.OFFICE, Step.LEADER]


def on(month, day, due=date(2026, 3, 23), escalation=USUAL):
    return steps_due(due, date(2026, month, day), FESTIVAL, escalation)


@pytest.mark.parametrize(
    ("day", "steps"),
    [
        (19, []),
        (20, [Step.REMIND]),  # a Friday; the day itself is the Monday
        (21, []),
        (22, []),
        (23, ALL[:1]),
        (24, ALL[:2]),
        (25, ALL[:3]),
        (26, ALL[:4]),
        (27, ALL[:4]),
        (28, []),
        (30, ALL),
    ],
)
def test_one_step_follows_the_other_in_working_days(day, steps):
    assert on(3, day) == steps


@pytest.mark.parametrize(
    ("day", "steps"),
    [(13, []), (14, [Step.REMIND]), (15, []), (23, []), (24, ALL[:1]), (25, ALL[:2]), (28, ALL[:4])],
)
def test_nothing_happens_in_a_holiday_and_make_up_days_count(day, steps):
    """Due on the first working day after the festival: the reminder goes out on the make-up Saturday before it."""
    assert on(2, day, due=date(2026, 2, 24)) == steps


def test_what_falls_due_on_a_day_off_is_told_on_the_next_working_day():
    """The office may choose such a day: nobody is told before, since the reminder was on the last working day."""
    assert [on(2, day, due=date(2026, 2, 20)) for day in (14, 20, 24)] == [[Step.REMIND], [], ALL[:1]]


def test_a_step_that_the_settings_do_not_name_never_comes():
    assert on(12, 1, escalation={Step.HEAD: 2}) == [Step.NOTICE, Step.HEAD]


def test_the_setting_is_read_as_it_is_written():
    assert escalation_of(["officer:1", "head: 2", "leader:2"]) == {Step.OFFICER: 1, Step.HEAD: 2, Step.LEADER: 2}
    assert escalation_of([]) == {}


@pytest.mark.parametrize(
    "words",
    [["boss:1"], ["head"], ["head:0"], ["head:-1"], ["head:x"], ["head:3", "office:2"], ["remind:1"], ["head:1"] * 2],
)
def test_a_setting_that_cannot_be_meant_is_refused(words):
    with pytest.raises(ValueError, match=r"head|boss|remind|step"):
        escalation_of(words)


def test_an_order_has_a_number_of_its_own():
    assert shown_order("JM", 2026, 3) == "JM26-D003"
