"""How long a list is on notice, and who moves up."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from ideas.rules import notices, receipts
from ideas.rules.ratings import Score
from ideas.rules.shortlist import Quota
from ideas.rules.workdays import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = Calendar(days={}, years=frozenset({2026}))
ORDER = [Score(idea, 9.0 - place, 9.0 - place, 2) for place, idea in enumerate("abcdef")]


def test_a_notice_runs_for_whole_working_days_after_the_day_of_its_beginning():
    friday = date(2026, 4, 24)
    assert notices.runs_until(friday, 5, PLAIN, SHANGHAI) == (
        date(2026, 5, 1),
        datetime(2026, 5, 2, tzinfo=SHANGHAI),
    )


def test_a_public_holiday_is_no_day_of_a_notice():
    may = Calendar(days={date(2026, 5, 1): False, date(2026, 5, 9): True}, years=frozenset({2026}))
    assert notices.runs_until(date(2026, 4, 24), 5, may, SHANGHAI)[0] == date(2026, 5, 4)


def test_the_number_of_an_objection_is_read_like_a_receipt_number_and_is_none_of_an_idea():
    number = notices.new_number("JM", 2026, lambda alphabet: alphabet[3])
    assert (number[:7], receipts.read_receipt(number.lower())) == ("JMYY26-", number)


def next_up(**given):
    return notices.next_up(ORDER, **{"listed": set("abc"), "leaving": "b", "eligible": set("def"), **given})


def test_the_next_in_order_moves_up():
    assert next_up() == "d"


def test_what_cannot_be_listed_is_passed_over():
    assert next_up(eligible=set("ef")) == "e"


def test_an_idea_with_one_review_is_passed_over():
    order = [*ORDER[:3], Score("d", 5.0, 5.0, 1), *ORDER[4:]]
    assert notices.next_up(order, listed=set("abc"), leaving="b", eligible=set("def")) == "e"


def test_an_idea_that_solves_the_same_problem_as_one_that_stays_is_passed_over():
    assert next_up(incompatible=[("c", "d")]) == "e"
    assert next_up(incompatible=[("d", "c")]) == "e"


def test_a_rival_of_the_idea_that_leaves_moves_up():
    assert next_up(incompatible=[("b", "d")]) == "d"


def test_a_quota_that_was_kept_stays_kept():
    least = Quota("topic", "road", frozenset("bf"), least=1)
    most = Quota("street", "east", frozenset("acd"), most=2)
    assert (next_up(quotas=[least]), next_up(quotas=[most])) == ("f", "e")


def test_where_no_idea_keeps_the_quotas_the_next_in_order_moves_up():
    assert next_up(quotas=[Quota("topic", "road", frozenset("b"), least=1)]) == "d"


def test_a_quota_that_was_not_kept_holds_nobody_back():
    assert next_up(quotas=[Quota("street", "east", frozenset("abcd"), most=2)]) == "d"


def test_where_none_is_left_nobody_moves_up():
    assert next_up(eligible=set()) is None
