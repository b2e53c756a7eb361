import pytest

from ideas.errors import Refusal
from ideas.models import Assignment
from ideas.services.panel import assign_panel, stand_aside
from ideas.services.shortlist import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def seats(campaign, moderator):
    factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign)
    return factories.assigned(campaign)


def assign(campaign, **overrides):
    return assign_panel(**{"campaign": campaign, "per_idea": 2, "seed": 1, "at": clock.RATING_FROM, **overrides})


def test_every_accepted_idea_gets_its_panellists(campaign, seats):
    per_idea = {idea.pk: idea.assignments.count() for idea in campaign.ideas.all()}
    assert set(per_idea.values()) == {2}


def test_undecided_ideas_are_not_assigned(campaign, moderator):
    factories.make_idea(campaign)
    factories.make_panel(campaign)
    assert assign(campaign).made == 0


def test_assigning_again_changes_nothing(campaign, seats):
    assert (assign(campaign).made, list(Assignment.objects.order_by("id"))) == (0, seats)


def test_a_late_idea_is_added(campaign, moderator, seats):
    factories.accepted(campaign, moderator)
    assert assign(campaign).made == 2


def test_too_small_a_panel_is_refused(campaign, moderator):
    factories.make_panel(campaign, 1)
    with pytest.raises(Refusal):
        assign(campaign)


def test_a_recused_seat_is_filled_by_somebody_else(campaign, seats):
    seat = seats[0]
    stand_aside(assignment=seat, panellist=seat.panellist.user, reason="认识建议人", at=clock.RATING)
    assert assign(campaign).made == 1
    assert seat.idea.assignments.standing().exclude(panellist=seat.panellist).count() == 2


def test_seats_that_nobody_can_fill_are_named(campaign, moderator, seats):
    idea = seats[0].idea
    for seat in idea.assignments.all():
        stand_aside(assignment=seat, panellist=seat.panellist.user, reason="回避", at=clock.RATING)
    assert assign(campaign).short == [idea.receipt]


def test_standing_aside_needs_a_reason(seats):
    with pytest.raises(Refusal):
        stand_aside(assignment=seats[0], panellist=seats[0].panellist.user, reason=" ", at=clock.RATING)


def test_nobody_stands_aside_for_another(seats, moderator):
    with pytest.raises(Refusal):
        stand_aside(assignment=seats[0], panellist=moderator, reason="x", at=clock.RATING)


def test_nobody_stands_aside_after_rating(seats):
    factories.rate(seats[0])
    with pytest.raises(Refusal):
        stand_aside(assignment=seats[0], panellist=seats[0].panellist.user, reason="x", at=clock.RATING)


def test_nothing_is_assigned_once_the_list_is_proposed(moderator):
    campaign = factories.rated_campaign(moderator)
    propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    with pytest.raises(Refusal):
        assign(campaign)
