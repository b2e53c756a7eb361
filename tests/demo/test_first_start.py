import os
import stat
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db.models import F, Max
from django.test import RequestFactory
from django.utils.timezone import localdate

from ideas.choices import (
    AnswerKind,
    AnswerState,
    MessageState,
    MilestoneState,
    Phase,
    ReferralAct,
    ReferralState,
    Source,
    Status,
    SupervisionStep,
)
from ideas.demo.start import first_start
from ideas.models import (
    Assignment,
    CalendarYear,
    Campaign,
    Idea,
    Mark,
    Message,
    Milestone,
    Photo,
    Rating,
    ReferralAnswer,
    ReferralRule,
    ResidentVerdict,
    Supervision,
    Topic,
    Unit,
    User,
)
from ideas.queries import access
from ideas.queries.invariants import violations
from ideas.queries.referrals import people_with, told_referrals
from ideas.rules.referrals import is_overdue
from ideas.services.entry import received_moment
from tests import clock

# On one worker: the first start takes long, and is made once.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def told(people, tmp_path_factory):
    """The portal after its first start; gives the file of log-ins."""
    logins = tmp_path_factory.mktemp("demo") / "logins.txt"
    first_start(at=clock.DURING, logins=logins)
    return logins


@pytest.fixture
def demo(told, db):
    return told


@pytest.fixture
def logins(demo):
    return demo


def test_the_first_start_shows_one_finished_and_one_open_campaign(demo):
    past, current = Campaign.objects.get(slug="safer-2022"), Campaign.objects.get(slug="liveable-2026")
    assert (past.figures["received"], past.figures["valid"], past.figures["chosen"]) == (340, 280, 30)
    assert (past.phase(clock.DURING), current.phase(clock.DURING)) == (Phase.PUBLISHED, Phase.COLLECTING)
    assert current.ideas.filter(status=Status.RECEIVED).exists()
    assert Assignment.objects.to_do().filter(panellist__campaign=current).exists()


def test_the_first_start_knows_all_working_days_since_the_first_campaign(demo):
    assert set(CalendarYear.objects.values_list("number", flat=True)) == {2021, 2022, 2023, 2024, 2025, 2026}


def test_a_unit_is_suggested_for_every_topic(demo):
    names = set(Topic.objects.values_list("name", flat=True))
    assert set(ReferralRule.objects.exclude(topic="").values_list("topic", flat=True)) == names


def test_the_first_start_keeps_every_invariant_and_mails_nobody(demo):
    assert list(violations()) == []
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}


def test_ratings_differ_in_severity_and_some_are_missing(demo):
    marks = Mark.objects.filter(rating__assignment__panellist__campaign__slug="safer-2022")
    means = {}
    for panellist, points in marks.values_list("rating__assignment__panellist_id", "points"):
        means.setdefault(panellist, []).append(points)
    averages = [sum(points) / len(points) for points in means.values()]
    assert (len(averages), max(averages) - min(averages) > 1) == (12, True)
    assert 700 < marks.count() / 4 < 840


def test_a_second_start_keeps_everything(demo, logins):
    before = (logins.read_text(), Idea.objects.count(), User.objects.count())
    first_start(at=clock.LATER, logins=logins)
    assert (logins.read_text(), Idea.objects.count(), User.objects.count()) == before


def test_log_ins_work_and_only_the_owner_can_read_them(demo, logins):
    assert stat.S_IMODE(os.stat(logins).st_mode) == 0o600
    rows = dict(line.split() for line in logins.read_text().splitlines())
    request = RequestFactory().post("/login/")
    assert {"manager1", "manager2", "moderator", "auditor", "panel01", "panel12"} <= set(rows)
    user = authenticate(request, username="moderator", password=rows["moderator"])
    assert user == User.objects.get(username="moderator")


def test_the_first_start_shows_photos_with_faces_covered_and_a_plate_that_waits(demo):
    past, current = Campaign.objects.get(slug="safer-2022"), Campaign.objects.get(slug="liveable-2026")
    shown = Photo.objects.released()
    assert {photo.idea.status for photo in shown.filter(idea__campaign=past)} == {Status.AWARDED}
    assert shown.filter(idea__campaign=past).count() == 3
    faces = shown.exclude(copy_of=None).get(idea__campaign=current)
    assert (len(faces.covers), faces.copy_of.shown_at) == (3, None)
    assert Photo.objects.sent().filter(idea__campaign=current, shown_at=None, copies=None).count() == 1


def test_twelve_units_have_an_officer_and_a_head_each_and_one_is_written_to(demo, logins):
    units = Unit.objects.filter(by_letter=False)
    assert (units.count(), Unit.objects.filter(by_letter=True).count()) == (12, 1)
    for permission in ("work_referral", "approve_referral"):
        assert all(people_with(permission).filter(unit=unit).exists() for unit in units)
    assert {"officer", "officer12", "head", "head12"} <= {line.split()[0] for line in logins.read_text().splitlines()}


def test_every_winner_was_given_to_a_unit_and_what_became_of_it_is_public(demo):
    past = Campaign.objects.get(slug="safer-2022")
    winners = past.ideas.filter(status=Status.AWARDED)
    assert all(told_referrals(idea).filter(state=ReferralState.CLOSED).count() == 1 for idea in winners)
    assert past.referrals.count() == 74
    ended = ReferralAnswer.objects.filter(referral__campaign=past, kind=AnswerKind.DONE)
    assert set(ended.values_list("state", flat=True)) == {AnswerState.RELEASED, AnswerState.REPLACED}  # sent back
    judged = ResidentVerdict.objects.filter(idea__campaign=past)
    assert (judged.filter(is_solved=False).count(), judged.filter(is_solved=True).count() > 40) == (2, True)
    steps = Milestone.objects.filter(referral__campaign=past)
    assert (steps.count(), set(steps.values_list("state", flat=True))) == (15, {MilestoneState.DONE})
    sent = {localdate(row.sent_at) for row in past.referrals.all()}
    assert min(sent) < localdate(past.closes_at) < max(sent)


def test_ideas_of_the_open_campaign_are_on_their_way(demo):
    current = Campaign.objects.get(slug="liveable-2026")
    assert set(current.referrals.values_list("state", flat=True)) == set(ReferralState) - {ReferralState.RECALLED}
    today = localdate(clock.DURING)
    assert current.referrals.filter(events__act=ReferralAct.REOPEN).count() == 1
    late = [row for row in current.referrals.open() if is_overdue(row.due_on, today)]
    assert 2 <= len(late) <= 6
    told = Supervision.objects.filter(referral__in=late, step=SupervisionStep.OFFICER)
    assert {row.referral_id for row in told} == {row.pk for row in late}


def test_the_open_campaign_holds_restricted_ideas_that_only_the_keeper_sees(demo):
    tips = Idea.objects.filter(restricted=True)
    assert (tips.count(), {idea.status for idea in tips}) == (2, {Status.RECEIVED})
    keeper, moderator = (User.objects.get(username=name) for name in ("keeper", "moderator"))
    seen = [set(access.screened_ideas(user).filter(restricted=True)) for user in (keeper, moderator)]
    assert seen == [set(tips), set()]


def test_the_open_campaign_is_in_its_second_round_and_asks_why_a_mark_is_low(demo):
    current = Campaign.objects.get(slug="liveable-2026")
    assignments = Assignment.objects.filter(panellist__campaign=current)
    done = {
        number: assignments.filter(round=number).done().count() / assignments.filter(round=number).count()
        for number in (1, 2)
    }
    assert (current.rounds, current.comment_below, done[1] > 0.8, 0.2 < done[2] < 0.8) == (2, 4, True, True)
    low = Rating.objects.filter(assignment__panellist__campaign=current, marks__points__lt=3)
    assert low.exists()
    assert not low.annotate(most=Max("marks__points")).filter(most__lt=4, comment="").exists()


def test_the_open_campaign_shows_most_of_its_accepted_ideas_and_no_other(demo):
    current = Campaign.objects.get(slug="liveable-2026")
    published = current.ideas.exclude(published_text="")
    accepted = current.ideas.valid().count()
    assert (current.show_ideas, current.answer_days) == (True, 5)
    assert accepted / 2 < published.count() < accepted
    assert set(published.values_list("status", flat=True)) == {Status.ACCEPTED}


def test_the_clerk_has_typed_in_slips_and_calls_one_of_them_later(demo, client):
    current = Campaign.objects.get(slug="liveable-2026")
    clerk = User.objects.get(username="clerk")
    typed = current.ideas.exclude(source=Source.WEB)
    assert set(typed.values_list("source", "entered_by")) == {("paper", clerk.pk), ("phone", clerk.pk)}
    assert all(idea.slip_on == localdate(idea.received_at) <= localdate(idea.entered_at) for idea in typed)
    [late] = typed.filter(entered_at__gt=F("received_at") + timedelta(days=1))
    assert received_moment(current, slip_on=late.slip_on, at=late.entered_at) == late.received_at
    client.force_login(clerk)
    with clock.at(clock.DURING):
        desk = client.get("/entry/").content.decode()
    assert all(idea.receipt in desk for idea in typed)
