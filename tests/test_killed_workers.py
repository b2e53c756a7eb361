"""Two workers supervise a thousand referrals for sixty days, and each day one of them is killed: nobody is told twice,
and nobody is forgotten."""

import os
import random
import signal
from collections import Counter
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, connections
from django.utils.timezone import localdate

from ideas.choices import ReferralAct, ReferralState, SupervisionStep
from ideas.models import Message, Referral, ReferralEvent, ReferralIdea, Supervision, Unit, User
from ideas.models.sealed import vouch
from ideas.queries.invariants import violations
from ideas.queries.workdays import calendar_of
from ideas.rules.referrals import Due
from ideas.rules.supervision import RUNS, escalation_of, steps_due
from ideas.rules.workdays import due_day
from ideas.services.referrals import acknowledge, change_due, recall
from ideas.services.supervision import supervise
from ideas.services.workdays import seed_year
from tests import clock, factories

# A group of its own, so that it does not begin last and alone.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.xdist_group("killed")]
REFERRALS, UNITS, DAYS, ACTS_A_DAY = 1000, 12, 60, 4
FIRST = date(2026, 4, 20)  # over the holiday of May, with its make-up Saturday
ALL = {"officer:1", "head:2", "office:3", "leader:5"}


def at_nine(day):
    return datetime(day.year, day.month, day.day, 9, tzinfo=clock.SHANGHAI)


@pytest.fixture
def office(campaign, moderator, settings):
    """A thousand referrals of twelve units, sent on any of forty days before and after the first."""
    settings.IDEAS_LEADERS = ["leader@example.com"]
    seed_year(year=2026)
    for number in range(UNITS):
        unit = factories.make_unit(f"责任单位{number:02d}")
        for who in (factories.officer_of(unit), factories.head_of(unit)):
            User.objects.filter(pk=who.pk).update(
                email=f"{'head' if who.has_perm('ideas.approve_referral') else 'officer'}{unit.pk}@example.com"
            )
    User.objects.filter(pk=moderator.pk).update(email="office@example.com")
    idea = factories.make_idea(campaign)
    units = list(Unit.objects.order_by("pk"))
    calendar = calendar_of(FIRST, FIRST + timedelta(days=200))
    chance = random.Random(7)
    rows = []
    for number in range(1, REFERRALS + 1):
        sent = FIRST + timedelta(days=chance.randrange(-10, 40))
        days = [due_day(sent, count, calendar) for count in (1, 3, 7)]
        due = dict(zip(("acknowledge_by", "answer_by", "finish_by"), days, strict=True))
        given = {"campaign": campaign, "number": number, "unit": chance.choice(units), "instruction": "请办理。"}
        rows.append(Referral(**given, **due, sent_at=at_nine(sent), version=1))
    return SimpleNamespace(staff=moderator, idea=idea, rows=rows)


def send(office, day):
    """Those that are sent by a day."""
    rows = [row for row in office.rows if row.pk is None and localdate(row.sent_at) <= day]
    Referral.objects.bulk_create(rows)
    ReferralIdea.objects.bulk_create(ReferralIdea(referral=row, idea=office.idea) for row in rows)
    ReferralEvent.objects.bulk_create(_sent(row, office.staff) for row in rows)


def _sent(row, staff):
    given = {"act": ReferralAct.SEND, "after": ReferralState.SENT, "actor": staff, "unit": row.unit, "at": row.sent_at}
    event = ReferralEvent(referral=row, number=1, **given)
    event.seal = vouch("referral", event.sealed_facts())
    return event


def forked(act):
    """The process that does it; it ends without ours noticing."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        act()
        status = 0
    finally:
        connections.close_all()
        os._exit(status)


def dying(rank, words):
    """Kills its own process before the `rank`-th statement that has these words."""
    seen = 0

    def execute(do, sql, *more):
        nonlocal seen
        seen += words in sql
        if seen >= rank:
            os.kill(os.getpid(), signal.SIGKILL)
        return do(sql, *more)

    return execute


def a_day(day, rank, words):
    """Two workers at once, one of which dies; afterwards the one that is started in its place."""

    def killed():
        with connection.execute_wrapper(dying(rank, words)):
            supervise(at=at_nine(day))

    children = [forked(killed), forked(lambda: supervise(at=at_nine(day)))]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    supervise(at=at_nine(day))
    assert statuses[1] == 0
    return statuses[0]


def wanted(day, calendar):
    """{(referral, unit, what runs, due day, step)} whose day has come, reckoned row by row."""
    escalation = escalation_of(sorted(ALL))
    return {
        (row.pk, row.unit_id, RUNS[row.state].value, row.due_on, step.value)
        for row in Referral.objects.open()
        for step in steps_due(row.due_on, day, calendar, escalation)
    }


def act_on_some(staff, day, chance):
    """Some are acknowledged, some get other days, some are recalled."""
    rows = list(Referral.objects.filter(sent_at__lt=at_nine(day), state=ReferralState.SENT).order_by("pk"))
    for row in chance.sample(rows, min(len(rows), ACTS_A_DAY)):
        kind = chance.randrange(3)
        given = {"referral": row, "at": at_nine(day)}
        if kind == 0:
            acknowledge(**given, officer=factories.officer_of(row.unit))
        elif kind == 1:
            later = [day + timedelta(days=chance.randrange(1, 20)) for _ in range(3)]
            change_due(**given, due=Due(*sorted(later)), staff=staff, reason="材料未到。")
        else:
            recall(**given, staff=staff, reason="发错单位。")


def test_each_step_is_taken_and_told_once_whichever_worker_is_killed(office):
    chance = random.Random(11)
    calendar = calendar_of(FIRST - timedelta(days=30), FIRST + timedelta(days=200))
    expected, told, kills = set(), Counter(), 0
    for day in (FIRST + timedelta(days=number) for number in range(DAYS)):
        send(office, day)
        new = wanted(day, calendar) - expected
        expected |= new
        told.update({(_address(step, unit), referral, due, day) for referral, unit, _runs, due, step in new})
        between = 'INTO "ideas_message"'  # the rows are written, the messages are not
        rank, words = (chance.randrange(1, 6), between) if chance.random() < 0.5 else (chance.randrange(1, 60), "")
        kills += a_day(day, rank, words) == -signal.SIGKILL
        act_on_some(office.staff, day, chance)
    fields = ("referral", "unit", "runs", "due_on", "step")
    taken = Counter(Supervision.objects.values_list(*fields))
    assert (set(taken), max(taken.values())) == (expected, 1)
    assert _sent_messages() == told
    assert Referral.objects.count() == REFERRALS
    assert kills > DAYS / 3
    assert [line for name, line in violations() if "supervis" in name] == []


def _address(step, unit):
    if step in (SupervisionStep.OFFICE, SupervisionStep.LEADER):
        return f"{step}@example.com"
    return f"{'head' if step == SupervisionStep.HEAD else 'officer'}{unit}@example.com"


def _sent_messages():
    """How often each address was told of each day of each referral, by day."""
    keys = {row.shown_number: row.pk for row in Referral.objects.select_related("campaign")}
    found = Counter()
    for message in Message.objects.filter(template="supervision"):
        for line in message.payload["variables"]["lines"].splitlines():
            number, _what, due, _how = line.split(" ", 3)
            day = message.queued_at.astimezone(clock.SHANGHAI).date()
            found[message.payload["address"], keys[number], date.fromisoformat(due), day] += 1
    return found
