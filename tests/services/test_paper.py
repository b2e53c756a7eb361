import pytest

from ideas.choices import Role
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Assignment, Idea, OfficeEvent, Panellist, Rating, Recusal
from ideas.queries.panel import members_of
from ideas.queries.paper import sheets_of, to_confirm, waiting_in
from ideas.queries.ratings import (
    own_marks,
    progress_in,
    progress_of,
    ranking_of,
    reviews_for,
    reviews_of,
    seats_of,
    weights_of,
)
from ideas.services.panel import assign_second_round, remind_panel, replace_panellist
from ideas.services.paper import confirm_rating, confirm_sheet, enter_rating, enter_recusal, send_back, take_away
from ideas.services.proposal import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignments(campaign, moderator):
    factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign, 2)
    return factories.assigned(campaign)


def points(assignment, value=6):
    return dict.fromkeys(assignment.panellist.campaign.criteria.values_list("id", flat=True), value)


def enter(assignment, clerk, value=6, **more):
    given = {"points": points(assignment, value), "comment": "", "at": clock.RATING, **more}
    return enter_rating(assignment=assignment, clerk=clerk, **given)


def seen(assignment):
    return Rating.objects.get(assignment=assignment).version


def confirm(assignment, clerk, mark=None):
    confirm_rating(assignment=assignment, clerk=clerk, expected_version=mark or seen(assignment), at=clock.RATING)


def test_marks_count_once_somebody_else_has_confirmed_them(campaign, assignments, managers):
    enter(assignments[0], managers[0])
    assert reviews_of(campaign) == []
    with pytest.raises(NotPermitted):
        confirm(assignments[0], managers[0])
    confirm(assignments[0], managers[1])
    rating = Rating.objects.get()
    assert (len(reviews_of(campaign)), rating.entered_by, rating.confirmed_by) == (1, *managers)


def test_unconfirmed_marks_count_nowhere(campaign, assignments, manager):
    member = assignments[0].panellist
    enter(assignments[0], manager)
    row = next(row for row in members_of(campaign) if row.panellist == member)
    assert (row.done, row.waiting, progress_in(member).done) == (0, 1, 0)
    assert (ranking_of(campaign), reviews_for(assignments[0].idea)) == ([], [])
    assert own_marks(member, weights_of(campaign)).count == 0


def test_a_panellists_own_desk_counts_marks_once_they_are_confirmed(assignments, managers):
    member = assignments[0].panellist
    own = Assignment.objects.filter(panellist=member)

    def done():
        return [*(row.done for row in progress_of(seats_of(own))), progress_in(member).done, own.done().count()]

    enter(assignments[0], managers[0])
    assert done() == [0, 0, 0]
    confirm(assignments[0], managers[1])
    assert done() == [1, 1, 1]


def test_who_has_handed_in_everything_is_not_reminded(campaign, assignments, manager):
    for assignment in assignments:
        if assignment.panellist_id == assignments[0].panellist_id:
            enter(assignment, manager)
    behind = remind_panel(campaign=campaign, manager=manager, at=clock.RATING)
    assert assignments[0].panellist not in behind


@pytest.mark.parametrize("change", ["points", "comment", "abstained", "returned"])
def test_only_what_was_shown_is_confirmed(assignments, managers, change):
    enter(assignments[0], managers[0])
    shown = seen(assignments[0])
    third = factories.make_user(Role.MANAGER)
    changes = {"points": {"value": 7}, "comment": {"comment": "可行"}, "abstained": {"abstained": True}}
    if change == "returned":
        send_back(assignment=assignments[0], clerk=third, expected_version=shown, why="第二栏是5分", at=clock.RATING)
    else:
        enter(assignments[0], managers[0], expected_version=shown, **changes[change])
    with pytest.raises(Stale):
        confirm(assignments[0], managers[1], shown)


def test_nobody_writes_over_a_line_that_somebody_else_has_just_typed(assignments, managers):
    enter(assignments[0], managers[0])
    with pytest.raises(Stale):
        enter(assignments[0], managers[1], 3)
    assert Rating.objects.get().entered_by == managers[0]


def test_what_a_panellist_rated_at_the_desk_stays(assignments, manager):
    factories.rate(assignments[0], 9)
    with pytest.raises(Refusal):
        enter(assignments[0], manager)


def test_confirmed_marks_stay_for_everybody(assignments, managers):
    enter(assignments[0], managers[0])
    confirm(assignments[0], managers[1])
    kept = seen(assignments[0])
    for act in (
        lambda: enter(assignments[0], managers[0], 1, expected_version=kept),
        lambda: take_away(assignment=assignments[0], clerk=managers[0], at=clock.RATING, expected_version=kept),
        lambda: send_back(
            assignment=assignments[0], clerk=managers[0], expected_version=kept, why="x", at=clock.RATING
        ),
        lambda: factories.rate(assignments[0], 1),
    ):
        with pytest.raises(Refusal):
            act()
    assert seen(assignments[0]) == kept


def test_a_panellist_may_still_rate_at_the_desk_while_the_paper_is_not_confirmed(assignments, manager):
    enter(assignments[0], manager)
    factories.rate(assignments[0], 9)
    assert Rating.objects.get().entered_by is None


def test_wrong_marks_go_back_with_a_word_and_are_mended(assignments, managers):
    enter(assignments[0], managers[0])
    send_back(
        assignment=assignments[0],
        clerk=managers[1],
        expected_version=seen(assignments[0]),
        why="第二栏是5分",
        at=clock.RATING,
    )
    rating = Rating.objects.get()
    assert (rating.returned_by, rating.returned_why) == (managers[1], "第二栏是5分")
    enter(assignments[0], managers[0], 5, expected_version=rating.version)
    confirm(assignments[0], managers[1])
    rating.refresh_from_db()
    assert (rating.returned_by, rating.returned_why, rating.counts) == (None, "", True)
    assert [(row.act, row.purpose) for row in OfficeEvent.objects.all()] == [("paper_back", "第二栏是5分")]


def test_nothing_goes_back_without_a_word(assignments, managers):
    enter(assignments[0], managers[0])
    with pytest.raises(Refusal):
        send_back(
            assignment=assignments[0],
            clerk=managers[1],
            expected_version=seen(assignments[0]),
            why=" ",
            at=clock.RATING,
        )


def test_a_line_typed_into_the_wrong_sheet_is_taken_away(assignments, manager):
    enter(assignments[0], manager)
    take_away(assignment=assignments[0], clerk=manager, at=clock.RATING, expected_version=seen(assignments[0]))
    assert (Rating.objects.count(), OfficeEvent.objects.get().act) == (0, "paper_away")


def test_an_abstention_on_paper_needs_two_people_as_well(campaign, assignments, managers):
    enter(assignments[0], managers[0], points={}, abstained=True)
    assert progress_in(assignments[0].panellist).done == 0
    confirm(assignments[0], managers[1])
    assert (progress_in(assignments[0].panellist).done, reviews_of(campaign)) == (1, [])


def test_standing_aside_on_paper_frees_the_seat_and_keeps_who_typed_it(assignments, manager):
    with pytest.raises(Refusal):
        enter_recusal(assignment=assignments[0], clerk=manager, reason=" ", at=clock.RATING)
    enter_recusal(assignment=assignments[0], clerk=manager, reason="本单位承办", at=clock.RATING)
    assert (Recusal.objects.get().entered_by, OfficeEvent.objects.get().act) == (manager, "paper_aside")


def test_nobody_stands_aside_on_paper_after_rating(assignments, manager):
    enter(assignments[0], manager)
    with pytest.raises(Refusal):
        enter_recusal(assignment=assignments[0], clerk=manager, reason="x", at=clock.RATING)


def test_a_page_of_a_sheet_is_confirmed_as_a_whole_or_not_at_all(assignments, managers):
    member = assignments[0].panellist
    own = [assignment for assignment in assignments if assignment.panellist_id == member.pk]
    for assignment in own:
        enter(assignment, managers[0])
    shown = {assignment.pk: seen(assignment) for assignment in own}
    enter(own[-1], managers[0], 2, expected_version=shown[own[-1].pk])
    with pytest.raises(Stale, match=own[-1].idea.receipt):
        confirm_sheet(panellist=member, clerk=managers[1], expected_version=shown, at=clock.RATING)
    assert Rating.objects.counting().count() == 0
    shown[own[-1].pk] = seen(own[-1])
    assert confirm_sheet(panellist=member, clerk=managers[1], expected_version=shown, at=clock.RATING) == len(own)
    assert Rating.objects.counting().count() == len(own)


def test_only_lines_of_the_sheet_are_confirmed_with_it(assignments, managers):
    other = next(assignment for assignment in assignments if assignment.panellist_id != assignments[0].panellist_id)
    enter(other, managers[0])
    panellist = assignments[0].panellist
    assert (
        confirm_sheet(panellist=panellist, clerk=managers[1], expected_version={other.pk: seen(other)}, at=clock.RATING)
        == 0
    )
    assert waiting_in(panellist.campaign).count() == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_only_those_who_may_type_in_marks(assignments, role):
    with pytest.raises(NotPermitted):
        enter(assignments[0], factories.make_user(role))


def test_nobody_who_sits_on_the_panel_types_in_marks(assignments, campaign, manager):
    Panellist.objects.create(campaign=campaign, user=manager)
    with pytest.raises(NotPermitted):
        enter(assignments[0], manager)


def test_paper_is_typed_in_after_rating_is_over_until_the_list_is_proposed(moderator, managers):
    campaign = factories.rated_campaign(moderator)
    assignment = Assignment.objects.filter(panellist__campaign=campaign).first()
    Rating.objects.filter(assignment=assignment).delete()
    enter(assignment, managers[0], at=clock.RATING_UNTIL)
    with pytest.raises(Refusal, match="1"):
        propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    confirm(assignment, managers[1])
    propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    with pytest.raises(Refusal):
        enter(assignment, managers[0], 1, expected_version=seen(assignment))


@pytest.mark.parametrize("fate", [{"restricted": True}, {"status": "withdrawn"}])
def test_lines_of_ideas_that_left_the_race_hinder_no_list(moderator, manager, fate):
    campaign = factories.rated_campaign(moderator)
    assignment = Assignment.objects.filter(idea=campaign.ideas.last()).first()
    Rating.objects.filter(assignment=assignment).delete()
    enter(assignment, manager)
    Idea.objects.filter(pk=assignment.idea_id).update(**fate)
    assert propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL).places == 3


def test_the_paper_of_a_panellist_who_left_can_still_be_confirmed(campaign, assignments, managers):
    factories.make_panel(campaign, 1)
    enter(assignments[0], managers[0])
    common = {"manager": managers[0], "seed": 2, "at": clock.RATING, "reason": "出差"}
    replace_panellist(panellist=assignments[0].panellist, **common)
    confirm(assignments[0], managers[1])
    assert len(reviews_of(campaign)) == 1


def test_the_first_round_is_not_complete_while_paper_waits(campaign, moderator, manager):
    campaign.rounds, campaign.reviews_per_idea = 2, 3
    campaign.save()
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 4)
    first, *others = factories.assigned(campaign)
    for assignment in others:
        factories.rate(assignment)
    enter(first, manager)
    with pytest.raises(Refusal):
        assign_second_round(campaign=campaign, per_idea=3, seed=1, at=clock.RATING)


def test_a_mark_below_the_limit_needs_a_comment_on_paper_too(campaign, assignments, manager):
    campaign.comment_below = 4
    campaign.save()
    with pytest.raises(Refusal):
        enter(assignments[0], manager, 3)


def test_each_sheet_tells_how_far_it_is_in_one_query(campaign, assignments, managers, django_assert_num_queries):
    own = [assignment for assignment in assignments if assignment.panellist_id == assignments[0].panellist_id]
    factories.rate(own[0])
    enter(own[1], managers[0])
    enter(own[2], managers[0])
    confirm(own[1], managers[1])
    send_back(assignment=own[2], clerk=managers[1], expected_version=seen(own[2]), why="x", at=clock.RATING)
    with django_assert_num_queries(1):
        rows = sheets_of(campaign)
    row = next(row for row in rows if row.panellist == assignments[0].panellist)
    assert (row.total, row.at_desk, row.confirmed, row.waiting, row.returned, row.left) == (4, 1, 1, 1, 1, 1)


def test_what_waits_for_somebody_is_what_others_typed_in(assignments, managers):
    enter(assignments[0], managers[0])
    assert [to_confirm(person).count() for person in (*managers, factories.make_user(Role.AUDITOR))] == [0, 1, 0]
