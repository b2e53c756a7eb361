"""The sheet of figures says what the board shows, to the last row, and what each share means."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ideas.choices import AnswerKind, ReferralState
from ideas.exports.referrals import COUNTS
from ideas.models import Area, Referral
from ideas.queries.board import board
from ideas.services import answers, referrals
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING
PLAN = {"adoption": "not_adopted", "public": "按规划暂不实施。", "internal": "", "finish_on": None}


@pytest.fixture(autouse=True)
def during():
    with clock.at(AT):
        yield


@pytest.fixture
def many(campaign, moderator):
    """Forty referrals of four units, two topics and two streets, at every point of their way."""
    Area.objects.create(code="350211002001", name="杏东社区", street="杏林街道")
    units = [factories.make_unit(f"单位{number}", one_person=True) for number in range(4)]
    for number in range(40):
        unit, sent = units[number % 4], AT - timedelta(days=number % 13)
        given = {"topic": ("road", "night")[number % 2], "area": ("350211001001", "350211002001")[number % 3 == 0]}
        row = factories.referred([factories.make_idea(campaign, **given)], unit, moderator, at=sent)
        officer = factories.officer_of(unit)
        if number % 5 == 0:
            answers.save_draft(referral=row, officer=officer, at=AT, kind=AnswerKind.PLAN, words=PLAN)
            answers.hand_in(referral=row, officer=officer, at=AT)
        if number % 7 == 3:
            referrals.ask_return(referral=row, officer=officer, at=AT, reason="不属本单位。") if number % 5 else None
        if number % 11 == 4:
            referrals.recall(referral=row, staff=moderator, at=AT, reason="发错单位。")


@pytest.fixture
def office(client, moderator):
    client.force_login(moderator)
    return client


def rows_of(client, **query):
    """The rows of the file, from the head of its table on."""
    answer = client.get(reverse("admin:ideas_referral_figures_file"), query)
    return [list(row) for row in load_workbook(BytesIO(b"".join(answer))).active.iter_rows(values_only=True)]


def table(rows):
    """{label: numbers}, until the total."""
    end = next(place for place, row in enumerate(rows) if row[0] == "合计")
    return {row[0]: row[1 : len(COUNTS) + 1] for row in rows[4 : end + 1]}


@pytest.mark.parametrize("by", ["unit", "topic", "street"])
def test_the_file_holds_what_the_board_counts_to_the_last_row(office, many, moderator, by):
    found = board(moderator, AT, by=by)
    expected = {row.label: [row.tally[name] for name in COUNTS] for row in found.rows}
    expected["合计"] = [found.total[name] for name in COUNTS]
    assert len(expected) > 2
    assert table(rows_of(office, by=by)) == expected


@pytest.mark.parametrize("by", ["unit", "topic", "street"])
def test_whatever_the_rows_are_of_the_total_is_the_same(office, many, by):
    figures = table(rows_of(office, by=by))
    total = figures.pop("合计")
    assert [sum(row[place] for row in figures.values()) for place in range(len(COUNTS))] == total
    assert total[0] == Referral.objects.exclude(state=ReferralState.RECALLED).count()


def test_the_numbers_are_those_that_one_counts_by_hand(office, many):
    """Row by row, by what each referral itself says."""
    today, rows = AT.date(), list(Referral.objects.exclude(state=ReferralState.RECALLED))
    late = [r for r in rows if r.answer_in_time is False or r.done_in_time is False or (r.due_on and r.due_on < today)]
    by_hand = {
        "all": len(rows),
        "open": sum(row.is_open for row in rows),
        "due": sum(bool(row.due_on) and 0 <= (row.due_on - today).days <= 1 for row in rows),
        "overdue": sum(bool(row.due_on) and row.due_on < today for row in rows),
        "returned": sum(row.state == ReferralState.RETURNED for row in rows),
        "answered": sum(row.answered_at is not None for row in rows),
        "late": len(late),
        "in_time": sum(row.answered_at is not None and row not in late for row in rows),
    }
    total = dict(zip(COUNTS, table(rows_of(office))["合计"], strict=True))
    assert {name: total[name] for name in by_hand} == by_hand


def test_page_and_file_say_the_same(office, many):
    page = office.get(reverse("admin:ideas_referral_figures"), {"by": "street"}).context["sheet"]
    assert {line.label: list(line.numbers) for line in (*page.lines, page.total)} == table(rows_of(office, by="street"))


def test_the_file_says_until_when_and_by_which_limits(office, many):
    rows = rows_of(office, a=80, b=50, c=20)
    texts = [str(cell) for row in rows for cell in row if cell]
    for words in ("截至2026-03-20 12:00", "≥ 80%", "50–80%", "20–50%", "< 20%"):
        assert words in texts
    assert sum("率：" in text for text in texts) == 4


def test_the_lists_follow_the_limits(office, campaign, moderator):
    for name, days in (("快", 0), ("慢", 9)):
        unit = factories.make_unit(name, one_person=True)
        row = factories.referred([factories.make_idea(campaign)], unit, moderator, at=AT - timedelta(days=days))
        officer = factories.officer_of(unit)
        answers.save_draft(referral=row, officer=officer, at=AT, kind=AnswerKind.PLAN, words=PLAN)
        answers.hand_in(referral=row, officer=officer, at=AT)
    lists = office.get(reverse("admin:ideas_referral_figures")).context["sheet"].lists
    labels = [(name, [line.label for line in listed]) for name, _about, listed in lists]
    assert labels == [("A", ["快"]), ("B", []), ("C", []), ("D", ["慢"])]


WRONG = [{"a": 50}, {"a": "x"}, {"b": 101}, {"c": -1}, {"by": "person"}, {"campaign": "9" * 30}]


@pytest.mark.parametrize("limits", WRONG)
def test_limits_that_cannot_be_are_said_and_no_file_is_made(office, many, limits):
    page = office.get(reverse("admin:ideas_referral_figures"), limits)
    file = office.get(reverse("admin:ideas_referral_figures_file"), limits)
    assert (page.status_code, "sheet" in page.context, file.status_code) == (422, False, 302)


def test_a_name_that_a_spreadsheet_would_compute_is_harmless(office, campaign, moderator):
    unit = factories.make_unit("=1+1")
    factories.referred([factories.make_idea(campaign)], unit, moderator)
    assert "'=1+1" in table(rows_of(office))


def test_there_is_nobody_in_the_file(office, many):
    text = str(rows_of(office, by="street")) + str(rows_of(office))
    assert [word in text for word in ("林小满", "12012345678", "resident@example.com")] == [False] * 3
