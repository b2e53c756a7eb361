from random import Random

import pytest

from ideas.errors import Refusal
from ideas.models import Campaign, Criterion, Mark, Rating
from ideas.queries import access
from ideas.queries.ratings import progress_of, ranking_of, reviews_of, seats_of, weights_of
from ideas.rules.ratings import weighted_mark
from ideas.services.proposal import propose_shortlist
from ideas.services.ratings import abstain, save_rating
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignments(campaign, moderator):
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 2)
    return factories.assigned(campaign)


def points(campaign, *values):
    return dict(zip(campaign.criteria.values_list("id", flat=True), values, strict=True))


def save(assignment, given, at=clock.RATING, user=None):
    user = user or assignment.panellist.user
    return save_rating(assignment=assignment, panellist=user, points=given, comment=" 可行 ", at=at)


def test_a_rating_keeps_its_marks_and_comment(campaign, assignments):
    rating = save(assignments[0], points(campaign, 8, 7, 6, 5))
    assert (list(rating.marks.order_by("criterion").values_list("points", flat=True)), rating.comment) == (
        [8, 7, 6, 5],
        "可行",
    )


def test_a_second_save_replaces_the_first(campaign, assignments):
    save(assignments[0], points(campaign, 8, 7, 6, 5))
    save(assignments[0], points(campaign, 1, 1, 1, 1))
    assert (Rating.objects.count(), set(Mark.objects.values_list("points", flat=True))) == (1, {1})


@pytest.mark.parametrize("at", [clock.RATING_FROM - clock.BLINK, clock.RATING_UNTIL])
def test_rating_outside_its_time_is_refused(campaign, assignments, at):
    with pytest.raises(Refusal):
        save(assignments[0], points(campaign, 5, 5, 5, 5), at=at)


def test_nobody_rates_at_another_desk(campaign, assignments, moderator):
    with pytest.raises(Refusal):
        save(assignments[0], points(campaign, 5, 5, 5, 5), user=moderator)


@pytest.mark.parametrize("values", [(0, 5, 5, 5), (11, 5, 5, 5)])
def test_marks_go_from_one_to_ten(campaign, assignments, values):
    with pytest.raises(Refusal):
        save(assignments[0], points(campaign, *values))


def test_every_criterion_needs_a_mark(campaign, assignments):
    given = points(campaign, 5, 5, 5, 5)
    given.popitem()
    with pytest.raises(Refusal):
        save(assignments[0], given)


def test_marks_cannot_change_once_the_list_is_proposed(moderator):
    campaign = factories.rated_campaign(moderator)
    assignment = campaign.panellists.first().assignments.first()
    propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    with pytest.raises(Refusal):
        factories.rate(assignment, 10)


def test_reviews_are_weighted_means(campaign, assignments):
    save(assignments[0], points(campaign, 10, 5, 5, 1))
    assert reviews_of(campaign) == [(assignments[0].idea_id, assignments[0].panellist_id, (350 + 150 + 100 + 15) / 100)]


def test_the_database_adds_marks_up_as_the_rule_does(campaign, moderator):
    """Also where an optional criterion has none, beside one for advice, and where nothing that counts was given."""
    dice = Random(7)
    factories.accepted(campaign, moderator, 6)
    factories.make_panel(campaign, 3)
    Criterion.objects.create(campaign=campaign, name="建议", is_advice=True, low="低", middle="中", high="高")
    keys = list(campaign.criteria.values_list("id", flat=True))
    weights, expected = weights_of(campaign), []
    for assignment in factories.assigned(campaign):
        factories.rate(assignment)
        given = {key: dice.randint(1, 10) for key in dice.sample(keys, dice.randint(0, len(keys)))}
        Mark.objects.filter(rating=assignment.rating).delete()
        Mark.objects.bulk_create(Mark(rating=assignment.rating, criterion_id=k, points=v) for k, v in given.items())
        if (mark := weighted_mark(given, weights)) is not None:
            expected.append((assignment.idea_id, assignment.panellist_id, mark))
    assert reviews_of(campaign) == sorted(expected)


def test_ties_fall_by_the_moment_of_receipt_not_by_key(campaign, moderator):
    late = factories.accepted(campaign, moderator)[0]
    early = factories.make_idea(campaign, at=clock.OPENS)
    factories.accept_idea(idea=early, moderator=moderator, at=clock.DURING)
    factories.make_panel(campaign, 2)
    for assignment in factories.assigned(campaign):
        factories.rate(assignment, 6)
    assert [score.idea for score in ranking_of(campaign)] == [early.pk, late.pk]


def test_progress_counts_own_seats(campaign, assignments):
    factories.rate(assignments[0])
    own = seats_of(access.assignments(assignments[0].panellist.user))
    assert [(row.done, row.total, row.left) for row in progress_of(own)] == [(1, 2, 1)]


def test_an_abstention_counts_as_no_rating_and_a_later_rating_replaces_it(campaign, assignments):
    user = assignments[0].panellist.user
    abstain(assignment=assignments[0], panellist=user, reason="不熟悉", at=clock.RATING)
    assert reviews_of(campaign) == []
    factories.rate(assignments[0], 6)
    assert [mark for _, _, mark in reviews_of(campaign)] == [6]


def test_a_mark_below_the_limit_needs_a_comment(campaign, assignments):
    Campaign.objects.filter(pk=campaign.pk).update(comment_below=4)
    user = assignments[0].panellist.user
    with pytest.raises(Refusal):
        save_rating(
            assignment=assignments[0], panellist=user, points=points(campaign, 3, 3, 3, 3), comment=" ", at=clock.RATING
        )
    save(assignments[0], points(campaign, 3, 3, 3, 3))
    assert Rating.objects.count() == 1


def test_an_optional_criterion_may_be_left_out_and_lowers_nothing(campaign, assignments):
    Criterion.objects.filter(campaign=campaign, name="创新").update(is_optional=True)
    given = points(campaign, 8, 8, 8, 1)
    given.pop(Criterion.objects.get(campaign=campaign, name="创新").pk)
    save(assignments[0], given)
    assert [mark for _, _, mark in reviews_of(campaign)] == [8]


def test_advice_stays_outside_the_total(campaign, assignments):
    Criterion.objects.filter(campaign=campaign, name="创新").update(is_advice=True, weight=0)
    save(assignments[0], points(campaign, 8, 8, 8, 1))
    assert [mark for _, _, mark in reviews_of(campaign)] == [8]


@pytest.mark.parametrize("method", ["calibrated", "mean", "trimmed"])
def test_the_standing_is_by_the_campaigns_method(moderator, method):
    campaign = factories.rated_campaign(moderator, score_method=method)
    ranking = ranking_of(campaign)
    assert [row.mean for row in ranking] == [9, 8, 7, 6, 5]
    assert all((row.score == row.mean) == (method != "calibrated") for row in (ranking[0], ranking[-1]))
