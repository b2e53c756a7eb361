"""What happens to an idea, and what its referral then does: the table of docs/architecture.md, row by row."""

from datetime import datetime, timedelta

import pytest

from ideas.choices import Caller, Channel, DeclineReason, ReferralAct, ReferralState, Status
from ideas.errors import Refusal
from ideas.models import Idea, Message, Referral, ReferralIdea
from ideas.queries.invariants import violations
from ideas.queries.referrals import office_referrals, open_referrals_of, unit_referrals
from ideas.queries.tracking import way_at_units
from ideas.services import referrals, screening, tracking
from ideas.services.answers import approve, hand_in, release_answer, save_draft
from ideas.services.closing import close
from ideas.services.proposal import propose_shortlist
from ideas.services.restricted import hand_over, lift_restriction, remove_idea, restrict_idea
from ideas.services.withdrawal import withdraw_for_resident
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING  # a Friday
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
SOON = timedelta(minutes=1)
SENT, RECALLED = ReferralState.SENT, ReferralState.RECALLED


@pytest.fixture(autouse=True)
def sound(db):
    """Whatever happens, all that must be true is."""
    yield
    assert list(violations()) == []


@pytest.fixture
def unit(db):
    return factories.make_unit("交警大队")


@pytest.fixture
def other(db):
    return factories.make_unit("城管局")


@pytest.fixture
def leader(campaign):
    return factories.make_idea(campaign)


@pytest.fixture
def later(campaign):
    return factories.make_idea(campaign, at=AT + SOON)


@pytest.fixture
def referral(leader, unit, moderator):
    return factories.referred([leader], unit, moderator)


def row(one):
    return type(one).objects.get(pk=one.pk)


def story(referral):
    """(state, the ideas that it is about, its acts after the sending)."""
    about = [place.idea for place in referral.places.standing()]
    return row(referral).state, about, [event.act for event in referral.events.all()][1:]


def place_of(idea):
    return [referral for _receipt, referral in open_referrals_of([idea])]


def decline(idea, moderator):
    given = {"declined_as": DeclineReason.UNCLEAR, "reason": "不清楚。"}
    screening.decline_idea(idea=idea, moderator=moderator, at=MONDAY, **given)


def transfer(idea, moderator):
    screening.transfer_idea(idea=idea, moderator=moderator, at=MONDAY, channel=Channel.HOTLINE, reason="请拨打12345。")


def withdraw(idea, moderator):
    version = len([event for event in idea.events.all() if event.action in ("submit", "accept")])
    tracking.withdraw_idea(idea=idea, at=MONDAY, expected_version=version)


def withdraw_by_phone(idea, moderator):
    said = {"caller": Caller.TELEPHONE, "called_at": AT + SOON, "reason": "来电要求撤回"}
    withdraw_for_resident(idea=idea, moderator=moderator, at=MONDAY, **said)


LEAVING = [decline, transfer, withdraw, withdraw_by_phone]


@pytest.mark.parametrize("leave", LEAVING)
def test_an_idea_that_stands_no_more_is_taken_off_and_the_others_go_on(leader, later, unit, moderator, leave):
    both = factories.referred([leader, later], unit, moderator, at=AT + SOON)
    leave(row(later), moderator)
    assert story(both) == (SENT, [leader], [ReferralAct.TAKE_OFF])
    assert both.places.count() == 2  # and its row is kept


@pytest.mark.parametrize("leave", LEAVING)
def test_a_referral_that_loses_its_last_idea_is_recalled_with_that_reason(referral, leader, moderator, leave):
    leave(row(leader), moderator)
    assert story(referral) == (RECALLED, [], [ReferralAct.RECALL])
    assert (row(referral).closed_at, row(leader).receipt in referral.events.last().about) == (MONDAY, True)


def test_a_referral_that_has_ended_stays_as_it_was(referral, leader, unit, moderator):
    closed(referral, unit, moderator)
    before = story(referral)
    decline(row(leader), moderator)
    assert (story(referral), before[0]) == (before, ReferralState.CLOSED)


def closed(referral, unit, moderator):
    about = {"referral": referral, "at": AT + SOON}
    words = {"adoption": "not_adopted", "public": "不在职责内。", "internal": "", "finish_on": None}
    save_draft(**about, officer=factories.officer_of(unit), kind="plan", words=words)
    hand_in(**about, officer=factories.officer_of(unit))
    approve(**about, head=factories.head_of(unit))
    release_answer(**about, staff=moderator, public=words["public"])


@pytest.mark.parametrize("leave", [decline, transfer, withdraw_by_phone])
def test_undoing_the_act_gives_the_idea_back_to_its_unit(referral, leader, later, unit, moderator, leave):
    both = factories.referred([factories.make_idea(leader.campaign), later], unit, moderator, at=AT + SOON)
    for idea in (leader, later):
        leave(row(idea), moderator)
        screening.undo_decision(idea=row(idea), moderator=moderator, at=MONDAY + SOON)
    assert story(referral) == (SENT, [leader], [ReferralAct.RECALL, ReferralAct.PUT_BACK])
    assert story(both)[2] == [ReferralAct.TAKE_OFF, ReferralAct.PUT_BACK]
    assert (row(referral).closed_at, place_of(later)) == (None, [both])


def test_what_was_recalled_meanwhile_is_not_given_back(referral, leader, later, unit, other, moderator):
    both = factories.referred([factories.make_idea(leader.campaign), later], unit, moderator, at=AT + SOON)
    decline(row(later), moderator)
    referrals.recall(referral=row(both), staff=moderator, at=MONDAY, reason="发错单位。")
    screening.undo_decision(idea=row(later), moderator=moderator, at=MONDAY + SOON)
    assert (row(later).status, story(both)[0], place_of(later)) == (Status.ACCEPTED, RECALLED, [])


def place_closed(referral, idea, unit, moderator):
    """The place of one idea of a referral is reported done and closed."""
    place, officer = referral.places.get(idea=idea), factories.officer_of(unit)
    about = {"referral": referral, "at": AT + 2 * SOON}
    words = {"adoption": "", "public": "已装好。", "internal": "", "finish_on": None, "places": [place]}
    save_draft(**about, officer=officer, kind="done", words=words)
    hand_in(**about, officer=officer)
    approve(**about, head=factories.head_of(unit))
    factories.released(referral, moderator, about["at"])
    close(**about, staff=moderator, place=place, reason="仅为咨询，无须现场核查。")


def test_a_closed_place_stays_and_the_last_open_one_takes_the_referral_with_it(leader, later, unit, moderator):
    both = factories.referred([leader, later], unit, moderator, at=AT + SOON)
    place_closed(both, leader, unit, moderator)
    decline(row(leader), moderator)
    assert story(both)[1] == [leader, later]
    decline(row(later), moderator)
    assert story(both)[:2] == (RECALLED, [leader])
    screening.undo_decision(idea=row(later), moderator=moderator, at=MONDAY + SOON)
    assert story(both)[1] == [leader, later]


def test_a_closed_place_of_a_merged_idea_stays_where_it_was_done(referral, leader, later, other, moderator):
    own = factories.referred([later, factories.make_idea(leader.campaign)], other, moderator, at=AT + SOON)
    place_closed(own, later, other, moderator)
    merge(later, leader, moderator)
    assert (place_of(later), story(referral)[1]) == ([own], [leader])


def test_undoing_the_acceptance_takes_off_what_was_referred_since(campaign, unit, moderator):
    idea = factories.make_idea(campaign)
    screening.accept_idea(idea=idea, moderator=moderator, at=MONDAY)
    sent = factories.referred([idea], unit, moderator, at=MONDAY)
    screening.undo_decision(idea=row(idea), moderator=moderator, at=MONDAY + SOON)
    assert (row(idea).status, story(sent)) == (Status.RECEIVED, (RECALLED, [], [ReferralAct.RECALL]))


def test_an_acceptance_that_a_unit_has_answered_is_not_undone(campaign, unit, moderator):
    idea = factories.make_idea(campaign)
    screening.accept_idea(idea=idea, moderator=moderator, at=MONDAY)
    sent = factories.referred([idea], unit, moderator, at=MONDAY)
    factories.reported(sent, MONDAY + SOON / 60)
    factories.released(sent, moderator, MONDAY + SOON / 60)
    with pytest.raises(Refusal, match="承办单位已经办理"):
        screening.undo_decision(idea=row(idea), moderator=moderator, at=MONDAY + SOON / 30)
    assert (row(idea).status, place_of(idea)) == (Status.ACCEPTED, [sent])


def merge(idea, into, moderator, at=MONDAY):
    screening.merge_idea(idea=row(idea), into=row(into), moderator=moderator, at=at)


def test_a_merged_idea_joins_the_referral_of_the_one_that_leads_it(referral, leader, later, moderator):
    merge(later, leader, moderator)
    assert story(referral) == (SENT, [leader, later], [ReferralAct.ADD])


def test_a_merged_idea_leaves_its_own_unit_for_that_of_the_one_that_leads_it(referral, leader, later, other, moderator):
    own = factories.referred([later], other, moderator, at=AT + SOON)
    merge(later, leader, moderator)
    assert (story(own)[0], own.events.last().detail["why"]) == (RECALLED, "merge")
    assert (story(referral)[1], place_of(later)) == ([leader, later], [referral])


def test_a_merged_idea_stays_with_its_own_unit_where_the_leader_is_with_none(leader, later, other, moderator):
    own = factories.referred([later], other, moderator, at=AT + SOON)
    merge(later, leader, moderator)
    assert story(own) == (SENT, [later], [])


def test_nothing_joins_what_was_reported_done(referral, leader, later, unit, moderator):
    about = {"referral": referral, "at": MONDAY}
    words = {"adoption": "", "public": "已装好。", "internal": "", "finish_on": None}
    save_draft(**about, officer=factories.officer_of(unit), kind="done", words=words)
    hand_in(**about, officer=factories.officer_of(unit))
    approve(**about, head=factories.head_of(unit))
    merge(later, leader, moderator)
    assert story(referral)[1] == [leader]


def test_two_places_of_one_referral_stay_when_they_are_merged(leader, later, unit, moderator):
    both = factories.referred([leader, later], unit, moderator, at=AT + SOON)
    merge(later, leader, moderator)
    assert story(both) == (SENT, [leader, later], [])


END_OF_A_MERGER = {
    "dissolved": lambda idea, moderator: screening.dissolve_merger(
        idea=row(idea), moderator=moderator, at=MONDAY + SOON, reason="不是一回事"
    ),
    "undone": lambda idea, moderator: screening.undo_decision(idea=row(idea), moderator=moderator, at=MONDAY + SOON),
    "review asked for": lambda idea, moderator: tracking.ask_review(
        idea=row(idea), reasons="不是一回事。", at=MONDAY + SOON, expected_version=3
    ),
}


@pytest.mark.parametrize("end", END_OF_A_MERGER)
def test_unmerging_gives_each_idea_its_own_unit_back(referral, leader, later, other, moderator, end):
    own = factories.referred([later], other, moderator, at=AT + SOON)
    merge(later, leader, moderator)
    END_OF_A_MERGER[end](later, moderator)
    assert story(referral) == (SENT, [leader], [ReferralAct.ADD, ReferralAct.TAKE_OFF])
    assert story(own) == (SENT, [later], [ReferralAct.RECALL, ReferralAct.PUT_BACK])


def test_the_end_of_a_merger_that_is_undone_moves_the_place_again(referral, leader, later, other, moderator):
    own = factories.referred([later], other, moderator, at=AT + SOON)
    merge(later, leader, moderator)
    END_OF_A_MERGER["dissolved"](later, moderator)
    screening.undo_decision(idea=row(later), moderator=moderator, at=MONDAY + 2 * SOON)
    assert (story(referral)[1], story(own)[0], place_of(later)) == ([leader, later], RECALLED, [referral])


def test_a_unit_gets_back_the_days_of_a_merger_that_has_ended(referral, leader, later, other, moderator):
    own = factories.referred([later], other, moderator, at=AT + SOON)
    merge(later, leader, moderator)
    end = MONDAY + timedelta(days=7)
    screening.dissolve_merger(idea=row(later), moderator=moderator, at=end, reason="不是一回事")
    # six working days, the first and the last of the merger included
    assert (row(own).due.acknowledge - own.due.acknowledge).days == 8


def test_a_group_whose_leader_goes_is_off_its_referral_and_comes_back_with_it(referral, leader, later, moderator):
    merge(later, leader, moderator)
    decline(row(leader), moderator)
    assert (story(referral)[:2], row(later).status) == ((RECALLED, []), Status.RECEIVED)
    screening.undo_decision(idea=row(leader), moderator=moderator, at=MONDAY + SOON)
    assert (story(referral)[:2], row(later).status) == ((SENT, [leader, later]), Status.MERGED)


def test_a_merged_idea_that_is_withdrawn_leaves_the_referral(referral, leader, later, moderator):
    merge(later, leader, moderator)
    withdraw_by_phone(row(later), moderator)
    assert story(referral)[1] == [leader]
    screening.undo_decision(idea=row(later), moderator=moderator, at=MONDAY + SOON)
    assert (row(later).merged_into, story(referral)[1]) == (leader, [leader, later])


def test_restricting_hides_a_referral_at_once_and_lifting_shows_it_again(referral, leader, unit, moderator, keeper):
    officer = factories.officer_of(unit)
    restrict_idea(idea=row(leader), staff=moderator, at=MONDAY, reason="线索")
    assert (list(unit_referrals(officer)), list(office_referrals(moderator))) == ([], [])
    lift_restriction(idea=row(leader), staff=keeper, at=MONDAY + SOON, reason="误判")
    assert (list(unit_referrals(officer)), list(office_referrals(moderator))) == ([referral], [referral])


def test_a_restricted_idea_that_is_removed_is_with_no_unit(referral, leader, moderator, keeper):
    restrict_idea(idea=row(leader), staff=moderator, at=MONDAY, reason="线索")
    screening.transfer_idea(
        idea=row(leader), moderator=keeper, at=MONDAY, channel=Channel.DISCIPLINE, reason="已转交。"
    )
    hand_over(idea=row(leader), staff=keeper, at=MONDAY, to="纪检监察", reference="2026-1")
    remove_idea(idea=row(leader), staff=keeper, at=MONDAY)
    assert story(referral)[0] == RECALLED


def test_erasing_the_person_leaves_the_words_with_the_unit(referral, leader):
    tracking.erase_person(idea=row(leader), at=MONDAY, expected_version=2)
    assert story(referral) == (SENT, [leader], [])


def test_rating_and_list_leave_a_referral_alone(moderator, manager):
    campaign = factories.rated_campaign(moderator)
    idea = Idea.objects.filter(campaign=campaign, status=Status.ACCEPTED).earliest("id")
    sent = factories.referred([idea], factories.make_unit(), moderator, at=clock.RATING)
    propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    assert story(sent) == (SENT, [idea], [])


def test_a_resident_reads_of_a_unit_only_what_happened_while_it_had_the_idea(leader, later, unit, moderator):
    both = factories.referred([leader, later], unit, moderator, at=AT + SOON)
    decline(row(later), moderator)
    referrals.acknowledge(referral=both, officer=factories.officer_of(unit), at=MONDAY + SOON)
    steps, to_come = way_at_units(row(later), today=AT.date())
    assert ([step.title for step in steps], to_come) == (["已交交警大队办理"], [])
    assert len(way_at_units(row(leader), today=AT.date())[0]) == 2


def test_a_merged_place_is_told_of_an_answer_once(referral, leader, later, unit, moderator):
    merge(later, leader, moderator)
    closed(referral, unit, moderator)
    assert Message.objects.filter(idea=later, template="answered").count() == 1


def test_a_report_of_a_place_that_was_taken_off_meanwhile_is_told_to_nobody(leader, later, unit, moderator):
    both = factories.referred([leader, later], unit, moderator, at=AT + SOON)
    about = {"referral": both, "at": AT + 2 * SOON}
    words = {"adoption": "", "public": "已装好。", "internal": "", "finish_on": None, "places": [both.places.last()]}
    save_draft(**about, officer=factories.officer_of(unit), kind="done", words=words)
    hand_in(**about, officer=factories.officer_of(unit))
    approve(**about, head=factories.head_of(unit))
    decline(row(later), moderator)
    release_answer(referral=both, at=MONDAY, staff=moderator, public=words["public"])
    assert not Message.objects.filter(template="answered").exists()


def test_an_idea_that_was_taken_off_can_be_referred_anew(leader, later, unit, other, moderator):
    both = factories.referred([leader, later], unit, moderator, at=AT + SOON)
    decline(row(later), moderator)
    tracking.ask_review(idea=row(later), reasons="请再看。", at=MONDAY + SOON, expected_version=3)
    second = factories.make_user(factories.Role.MODERATOR)
    anew = factories.referred([row(later)], other, second, at=MONDAY + 2 * SOON)
    assert (place_of(later), ReferralIdea.objects.filter(idea=later).count(), story(both)[1]) == ([anew], 2, [leader])
    with pytest.raises(Refusal):
        factories.referred([row(later)], unit, second, at=MONDAY + 3 * SOON)
    assert Referral.objects.count() == 2
