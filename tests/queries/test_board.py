"""What the board counts is what its lists hold, and the times of answers are working days of the unit's own."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ideas.choices import AnswerKind
from ideas.models import Referral, ResidentVerdict
from ideas.queries.board import COUNTED, board, counted
from ideas.rules.referrals import Days
from ideas.services import answers, referrals
from ideas.services.restricted import restrict_idea
from ideas.services.workdays import seed_year
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING  # a Friday
PLAN = {"adoption": "adopted", "public": "四月底前装好。", "internal": "", "finish_on": date(2026, 4, 30)}


def morning(day, month=3):
    return datetime(2026, month, day, 9, tzinfo=clock.SHANGHAI)


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局", one_person=True)


@pytest.fixture
def send(campaign, unit, moderator):
    def sent(at=AT, **more):
        return factories.referred([factories.make_idea(campaign)], more.pop("unit", unit), moderator, at=at, **more)

    return sent


def answer(referral, at, kind=AnswerKind.PLAN, **words):
    officer = factories.officer_of(referral.unit)
    answers.save_draft(referral=referral, officer=officer, at=at, kind=kind, words={**PLAN, **words})
    answers.hand_in(referral=referral, officer=officer, at=at)


@pytest.fixture
def many(send, unit, moderator):
    """One of each kind: waiting, acknowledged and overdue, answered in time and late, done, returned, recalled."""
    quiet, late, slow, done, back, gone, _due = (send(at=AT - timedelta(days=n)) for n in (0, 9, 8, 7, 6, 5, 1))
    officer = factories.officer_of(unit)
    referrals.acknowledge(referral=late, officer=officer, at=AT)
    answer(slow, AT)
    answer(done, AT - timedelta(days=6))
    answer(done, AT, AnswerKind.DONE, finish_on=None, adoption="")
    referrals.ask_return(referral=back, officer=officer, at=AT, reason="不属本单位。")
    referrals.recall(referral=gone, staff=moderator, at=AT, reason="发错单位。")
    return quiet


def figures(user, at=AT, **more):
    found = board(user, at, **more)
    return {row.label: row.tally for row in found.rows}, found.total


def test_each_kind_is_counted_where_it_belongs(many, moderator):
    found, total = figures(moderator)
    expected = {
        "all": 6,
        "open": 6,
        "due": 1,
        "overdue": 1,
        "returned": 1,
        "answered": 2,
        "unanswered": 1,
        "in_time": 1,
        "late": 2,
        "judged": 0,
        "solved": 0,
        "satisfied": 0,
    }
    assert {name: found["城管局"][name] for name in COUNTED} == expected
    assert {name: total[name] for name in COUNTED} == expected


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("days", [0, 3, 20])
def test_every_number_is_as_many_as_its_list_holds(many, send, moderator, name, days):
    send(unit=factories.make_unit("交警大队"))
    at = AT + timedelta(days=days)
    rows = Referral.objects.unrestricted()
    for label, tally in figures(moderator, at)[0].items():
        assert tally[name] == counted(rows.filter(unit__name=label), name, at.date()).count()


def test_a_restricted_idea_stands_on_no_board(many, moderator):
    restrict_idea(idea=many.places.get().idea, staff=moderator, at=AT, reason="线索")
    assert figures(moderator)[1]["all"] == 5


def test_a_campaign_is_counted_by_itself(many, moderator, unit):
    other = factories.make_campaign()
    factories.referred([factories.make_idea(other)], unit, moderator)
    assert [figures(moderator, campaign=campaign)[1]["all"] for campaign in (None, other)] == [7, 1]


def test_the_auditor_sees_it_and_an_officer_does_not(many, auditor, unit):
    assert figures(auditor)[1]["all"] == 6
    assert figures(factories.officer_of(unit))[1]["all"] == 0


def test_the_middle_answer_says_how_long_answers_take(send, moderator):
    for days in (1, 1, 3, 5):
        answer(send(), morning(20 + days + 2))  # sent on the Friday before
    tally = figures(moderator)[1]
    assert (dict(tally.days), tally.median) == ({1: 2, 3: 1, 5: 1}, 1)


def test_an_answer_takes_working_days_and_no_day_of_a_return(send, unit, moderator):
    """Asked back on the Tuesday, kept on the Thursday: three working days stand still."""
    referral = send()
    officer = factories.officer_of(unit)
    referrals.ask_return(referral=referral, officer=officer, at=morning(24), reason="不属本单位。")
    referrals.keep(referral=referral, staff=moderator, at=morning(26), words="请办理。")
    answer(referral, morning(27))
    referral.refresh_from_db()
    assert (referral.answer_days, referral.answer_in_time) == (2, True)


def test_another_unit_has_times_of_its_own(send, unit, moderator):
    referral, other = send(), factories.make_unit("交警大队", one_person=True)
    answer(referral, morning(30))
    referrals.ask_return(referral=referral, officer=factories.officer_of(unit), at=morning(30), reason="不属本单位。")
    referrals.reassign(referral=referral, unit=other, staff=moderator, at=morning(30), words="请办理。")
    referral.refresh_from_db()
    assert (referral.answer_days, referral.answer_in_time, figures(moderator)[1]["late"]) == (None, None, 0)


def test_what_was_in_time_stays_so_whatever_days_are_changed_later(send, moderator):
    referral = send()
    answer(referral, morning(24))
    Referral.objects.update(answer_by=date(2026, 3, 20))
    assert figures(moderator)[1]["in_time"] == 1


def test_shares_are_of_what_can_be_told(many, send, moderator):
    total = figures(moderator)[1]
    assert (total.response, total.punctuality) == (2 / 3, 1 / 3)
    assert (figures(moderator, campaign=factories.make_campaign())[1].punctuality) is None


def judge(referral, *, is_solved=True, satisfaction="satisfied"):
    closing, place = referral.events.last(), referral.places.get()
    given = {"is_solved": is_solved, "satisfaction": satisfaction, "given_at": AT}
    ResidentVerdict.objects.create(idea=place.idea, closing=closing, **given)


def test_what_residents_say_is_counted_by_referral(send, moderator):
    """One says that it is not solved, and after another closing that it is: what was said once counts."""
    fine, mostly, poor, _silent = (send() for _ in range(4))
    judge(fine)
    judge(mostly, satisfaction="mostly")
    judge(poor, is_solved=False, satisfaction="not")
    referrals.change_due(referral=poor, due=poor.due, staff=moderator, at=AT, reason="材料未到。")
    judge(poor)
    total = figures(moderator)[1]
    assert [total[name] for name in ("judged", "solved", "satisfied")] == [3, 2, 2]
    assert (total.solved_share, total.satisfied_share) == (2 / 3, 2 / 3)


def test_a_year_without_a_calendar_is_named(send, moderator):
    send()
    assert board(moderator, AT + timedelta(days=3)).unknown_years == [2026]
    seed_year(year=2026)
    assert board(moderator, AT + timedelta(days=3)).unknown_years == []


def test_the_number_of_queries_does_not_grow(send, moderator):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            board(moderator, AT)
        return len(queries)

    moderator.get_all_permissions()
    send()
    few = cost()
    for _ in range(5):
        answer(send(unit=factories.make_unit(one_person=True), days=Days(1, 5, 9)), morning(24))
    assert (few, cost()) == (3, 3)
