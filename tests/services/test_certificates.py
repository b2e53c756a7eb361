"""Certificates: for winners and co-proposers, after the release, each act once and on what its page showed."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from ideas.choices import OfficeAct, Role
from ideas.errors import Lacking, Refusal, Stale, WrongRole
from ideas.models import Campaign, Certificate, Idea, OfficeEvent
from ideas.queries.certificates import checked, honoured, public_name_of
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of
from ideas.services.certificates import issue_anew, issue_certificates, note_handover, withdraw_certificate
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db
TODAY = localdate(clock.LATER)


@pytest.fixture(scope="module")
def told(people):
    return factories.certified_campaign(people.moderator, (people.manager, people.second)).pk


@pytest.fixture
def campaign(told, db):
    return Campaign.objects.get(pk=told)


@pytest.fixture
def issued(campaign, manager):
    issue_certificates(campaign=campaign, manager=manager, at=clock.LATER)
    return Certificate.objects.order_by("pk")


def give(certificate, manager, **overrides):
    given = {"handed_on": TODAY, "handed_by": "周主任", "to": "本人", "expected_version": certificate.version}
    return note_handover(certificate=certificate, manager=manager, at=clock.LATER, **{**given, **overrides})


def withdraw(certificate, manager, reason="填错了", version=None):
    version = certificate.version if version is None else version
    return withdraw_certificate(
        certificate=certificate, manager=manager, at=clock.LATER, expected_version=version, reason=reason
    )


def test_every_winner_and_co_proposer_gets_one_and_nobody_else(issued, campaign):
    winners = set(campaign.ideas.filter(status="awarded"))
    merged = set(campaign.ideas.filter(status="merged"))
    assert (len(winners), len(merged)) == (3, 1)
    assert {row.idea for row in issued} == winners | merged
    assert {row.winner for row in issued} == winners
    assert len({row.code for row in issued}) == 4
    assert list(violations()) == []


def test_the_log_says_how_many_were_issued(issued, campaign, manager):
    row = OfficeEvent.objects.get(act=OfficeAct.CERTIFICATES)
    assert (row.actor, row.campaign, row.detail) == (manager, campaign, {"rows": 4})


def test_nothing_is_issued_before_the_release(moderator, managers):
    campaign = factories.rated_campaign(moderator)
    factories.seal(campaign, managers)
    with pytest.raises(Refusal, match="公布后"):
        issue_certificates(campaign=campaign, manager=managers[0], at=clock.LATER)
    assert not honoured(campaign).exists()


def test_pressed_twice_nobody_gets_a_second_one(issued, campaign, manager):
    with pytest.raises(Refusal, match="都已制发"):
        issue_certificates(campaign=campaign, manager=manager, at=clock.LATER)
    assert issued.count() == 4


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_only_managers_issue_hand_over_and_withdraw(issued, campaign, role):
    somebody, row = factories.make_user(role), issued[0]
    acts = (
        lambda: issue_certificates(campaign=campaign, manager=somebody, at=clock.LATER),
        lambda: give(row, somebody),
        lambda: withdraw(row, somebody),
        lambda: issue_anew(certificate=row, manager=somebody, at=clock.LATER, expected_version=1),
    )
    for act in acts:
        with pytest.raises(WrongRole):
            act()


def test_who_received_it_is_noted_and_can_be_corrected(issued, manager):
    row = give(issued[0], manager, to="本仁")
    give(row, manager, to="本人")
    row.refresh_from_db()
    assert (row.handed_on, row.handed_by, row.received["to"], row.noted_by) == (TODAY, "周主任", "本人", manager)
    events = OfficeEvent.objects.filter(act=OfficeAct.CERTIFICATE_GIVEN).order_by("pk")
    assert [event.detail for event in events] == [{"on": TODAY.isoformat()}] * 2
    assert list(violations()) == []


def test_a_day_before_its_issue_or_after_today_is_refused_at_its_field(issued, manager):
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(Lacking) as refused:
            give(issued[0], manager, handed_on=day, to=" ")
        assert set(refused.value.fields) == {"handed_on", "to"}


def test_an_act_on_an_outdated_page_is_refused(issued, manager):
    give(issued[0], manager)
    for act in (give, withdraw):
        with pytest.raises(Stale):
            act(Certificate(pk=issued[0].pk, idea_id=issued[0].idea_id, version=1), manager)


def test_it_is_withdrawn_with_a_reason_once(issued, manager):
    with pytest.raises(Refusal, match="作废原因"):
        withdraw(issued[0], manager, reason="　")
    row = withdraw(issued[0], manager)
    assert OfficeEvent.objects.get(act=OfficeAct.CERTIFICATE_OFF).purpose == "填错了"
    for act in (give, withdraw):
        with pytest.raises(Refusal, match="已作废"):
            act(row, manager)


def test_another_one_is_issued_under_another_code_only_in_place_of_a_withdrawn_one(issued, campaign, manager):
    first = issued[0]
    with pytest.raises(Refusal, match="有效证书"):
        issue_anew(certificate=first, manager=manager, at=clock.LATER, expected_version=first.version)
    first = withdraw(first, manager)
    made = issue_anew(certificate=first, manager=manager, at=clock.LATER, expected_version=first.version)
    assert (made.idea, made.winner) == (first.idea, first.winner)
    assert (checked(first.code).is_real, checked(made.code).is_real) == (False, True)
    with pytest.raises(Refusal, match="都已制发"):
        issue_certificates(campaign=campaign, manager=manager, at=clock.LATER)


def test_an_erased_person_is_named_nowhere_and_gets_no_other_one(issued, manager):
    row = give(issued[0], manager, to="林小满的父亲")
    idea = Idea.objects.get(pk=row.idea_id)
    erase_person(idea=idea, at=clock.LATER, expected_version=story_of(idea, clock.LATER).version)
    row = Certificate.objects.select_related("idea").get(pk=row.pk)
    assert (row.received, row.handed_on, public_name_of(row)) == ({}, TODAY, "")
    row = withdraw(row, manager)
    with pytest.raises(Refusal, match="已删除"):
        issue_anew(certificate=row, manager=manager, at=clock.LATER, expected_version=row.version)


def test_who_may_not_see_a_restricted_idea_does_nothing_with_its_certificate(issued, manager):
    row = issued.get(idea__status="merged")
    restrict_idea(idea=row.idea, staff=factories.make_keeper(), at=clock.LATER, reason="线索")
    with pytest.raises(WrongRole):
        give(row, manager)


def test_a_restricted_idea_gets_none(campaign, manager):
    merged = campaign.ideas.get(status="merged")
    restrict_idea(idea=merged, staff=factories.make_keeper(), at=clock.LATER, reason="线索")
    assert issue_certificates(campaign=campaign, manager=manager, at=clock.LATER) == 3


def test_what_was_merged_into_an_idea_that_did_not_win_gets_none(moderator, managers):
    campaign = factories.rated_campaign(moderator, 4)
    worst = campaign.ideas.latest("pk")
    late = factories.make_idea(campaign, at=clock.CLOSES - clock.BLINK)
    merge_idea(idea=late, into=worst, moderator=moderator, at=clock.RATING)
    for idea in campaign.ideas.filter(status="accepted"):
        factories.publish(idea, moderator)
    factories.release(campaign, managers)
    assert set(honoured(campaign)) == set(campaign.ideas.filter(status="awarded"))
