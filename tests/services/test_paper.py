import pytest

from ideas.choices import Role
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Assignment, Idea, OfficeEvent, Panellist, Rating, Recusal
from ideas.queries.panel import members_of
from ideas.queries.paper import sheets_of, to_confirm, waiting_in
from ideas.queries.ratings import own_marks, progress_in, reviews_for, reviews_of, standing_of, weights_of
from ideas.services.panel import assign_panel, remind_panel, replace_panellist
from ideas.services.paper import confirm_rating, confirm_sheet, enter_rating, enter_recusal, send_back, take_away
from ideas.services.shortlist import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def seats(campaign, moderator):
    factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign, 2)
    return factories.assigned(campaign)


def points(seat, value=6):
    return dict.fromkeys(seat.panellist.campaign.criteria.values_list("id", flat=True), value)


def enter(seat, clerk, value=6, **more):
    given = {"points": points(seat, value), "comment": "", "at": clock.RATING, **more}
    return enter_rating(assignment=seat, clerk=clerk, **given)


def seen(seat):
    return Rating.objects.get(assignment=seat).seen


def confirm(seat, clerk, mark=None):
    confirm_rating(assignment=seat, clerk=clerk, seen=mark or seen(seat), at=clock.RATING)


def test_marks_count_once_somebody_else_has_confirmed_them(campaign, seats, managers):
    enter(seats[0], managers[0])
    assert reviews_of(campaign) == []
    with pytest.raises(NotPermitted):
        confirm(seats[0], managers[0])
    confirm(seats[0], managers[1])
    rating = Rating.objects.get()
    assert (len(reviews_of(campaign)), rating.entered_by, rating.confirmed_by) == (1, *managers)


def test_unconfirmed_marks_count_nowhere(campaign, seats, manager):
    member = seats[0].panellist
    enter(seats[0], manager)
    row = next(row for row in members_of(campaign) if row.panellist == member)
    assert (row.done, row.waiting, progress_in(member).done) == (0, 1, 0)
    assert (standing_of(campaign), reviews_for(seats[0].idea)) == ([], [])
    assert own_marks(member, weights_of(campaign)).count == 0


def test_who_has_handed_in_everything_is_not_reminded(campaign, seats, manager):
    for seat in seats:
        if seat.panellist_id == seats[0].panellist_id:
            enter(seat, manager)
    behind = remind_panel(campaign=campaign, manager=manager, at=clock.RATING)
    assert seats[0].panellist not in behind


@pytest.mark.parametrize("change", ["points", "comment", "abstained", "returned"])
def test_only_what_was_shown_is_confirmed(seats, managers, change):
    enter(seats[0], managers[0])
    shown = seen(seats[0])
    third = factories.make_user(Role.MANAGER)
    changes = {"points": {"value": 7}, "comment": {"comment": "可行"}, "abstained": {"abstained": True}}
    if change == "returned":
        send_back(assignment=seats[0], clerk=third, seen=shown, why="第二栏是5分", at=clock.RATING)
    else:
        enter(seats[0], managers[0], seen=shown, **changes[change])
    with pytest.raises(Stale):
        confirm(seats[0], managers[1], shown)


def test_nobody_writes_over_a_line_that_somebody_else_has_just_typed(seats, managers):
    enter(seats[0], managers[0])
    with pytest.raises(Stale):
        enter(seats[0], managers[1], 3)
    assert Rating.objects.get().entered_by == managers[0]


def test_what_a_panellist_rated_at_the_desk_stays(seats, manager):
    factories.rate(seats[0], 9)
    with pytest.raises(Refusal):
        enter(seats[0], manager)


def test_confirmed_marks_stay_for_everybody(seats, managers):
    enter(seats[0], managers[0])
    confirm(seats[0], managers[1])
    kept = seen(seats[0])
    for act in (
        lambda: enter(seats[0], managers[0], 1, seen=kept),
        lambda: take_away(assignment=seats[0], clerk=managers[0], at=clock.RATING, seen=kept),
        lambda: send_back(assignment=seats[0], clerk=managers[0], seen=kept, why="x", at=clock.RATING),
        lambda: factories.rate(seats[0], 1),
    ):
        with pytest.raises(Refusal):
            act()
    assert seen(seats[0]) == kept


def test_a_panellist_may_still_rate_at_the_desk_while_the_paper_is_not_confirmed(seats, manager):
    enter(seats[0], manager)
    factories.rate(seats[0], 9)
    assert Rating.objects.get().entered_by is None


def test_wrong_marks_go_back_with_a_word_and_are_mended(seats, managers):
    enter(seats[0], managers[0])
    send_back(assignment=seats[0], clerk=managers[1], seen=seen(seats[0]), why="第二栏是5分", at=clock.RATING)
    rating = Rating.objects.get()
    assert (rating.returned_by, rating.returned_why) == (managers[1], "第二栏是5分")
    enter(seats[0], managers[0], 5, seen=rating.seen)
    confirm(seats[0], managers[1])
    rating.refresh_from_db()
    assert (rating.returned_by, rating.returned_why, rating.counts) == (None, "", True)
    assert [(row.act, row.purpose) for row in OfficeEvent.objects.all()] == [("paper_back", "第二栏是5分")]


def test_nothing_goes_back_without_a_word(seats, managers):
    enter(seats[0], managers[0])
    with pytest.raises(Refusal):
        send_back(assignment=seats[0], clerk=managers[1], seen=seen(seats[0]), why=" ", at=clock.RATING)


def test_a_line_typed_into_the_wrong_sheet_is_taken_away(seats, manager):
    enter(seats[0], manager)
    take_away(assignment=seats[0], clerk=manager, at=clock.RATING, seen=seen(seats[0]))
    assert (Rating.objects.count(), OfficeEvent.objects.get().act) == (0, "paper_away")


def test_an_abstention_on_paper_needs_two_people_as_well(campaign, seats, managers):
    enter(seats[0], managers[0], points={}, abstained=True)
    assert progress_in(seats[0].panellist).done == 0
    confirm(seats[0], managers[1])
    assert (progress_in(seats[0].panellist).done, reviews_of(campaign)) == (1, [])


def test_standing_aside_on_paper_frees_the_seat_and_keeps_who_typed_it(seats, manager):
    with pytest.raises(Refusal):
        enter_recusal(assignment=seats[0], clerk=manager, reason=" ", at=clock.RATING)
    enter_recusal(assignment=seats[0], clerk=manager, reason="本单位承办", at=clock.RATING)
    assert (Recusal.objects.get().entered_by, OfficeEvent.objects.get().act) == (manager, "paper_aside")


def test_nobody_stands_aside_on_paper_after_rating(seats, manager):
    enter(seats[0], manager)
    with pytest.raises(Refusal):
        enter_recusal(assignment=seats[0], clerk=manager, reason="x", at=clock.RATING)


def test_a_page_of_a_sheet_is_confirmed_as_a_whole_or_not_at_all(seats, managers):
    member = seats[0].panellist
    own = [seat for seat in seats if seat.panellist_id == member.pk]
    for seat in own:
        enter(seat, managers[0])
    shown = {seat.pk: seen(seat) for seat in own}
    enter(own[-1], managers[0], 2, seen=shown[own[-1].pk])
    with pytest.raises(Stale, match=own[-1].idea.receipt):
        confirm_sheet(panellist=member, clerk=managers[1], seen=shown, at=clock.RATING)
    assert Rating.objects.counting().count() == 0
    shown[own[-1].pk] = seen(own[-1])
    assert confirm_sheet(panellist=member, clerk=managers[1], seen=shown, at=clock.RATING) == len(own)
    assert Rating.objects.counting().count() == len(own)


def test_only_lines_of_the_sheet_are_confirmed_with_it(seats, managers):
    other = next(seat for seat in seats if seat.panellist_id != seats[0].panellist_id)
    enter(other, managers[0])
    panellist = seats[0].panellist
    assert confirm_sheet(panellist=panellist, clerk=managers[1], seen={other.pk: seen(other)}, at=clock.RATING) == 0
    assert waiting_in(panellist.campaign).count() == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_only_those_who_may_type_in_marks(seats, role):
    with pytest.raises(NotPermitted):
        enter(seats[0], factories.make_user(role))


def test_nobody_who_sits_on_the_panel_types_in_marks(seats, campaign, manager):
    Panellist.objects.create(campaign=campaign, user=manager)
    with pytest.raises(NotPermitted):
        enter(seats[0], manager)


def test_paper_is_typed_in_after_rating_is_over_until_the_list_is_proposed(moderator, managers):
    campaign = factories.rated_campaign(moderator)
    seat = Assignment.objects.filter(panellist__campaign=campaign).first()
    Rating.objects.filter(assignment=seat).delete()
    enter(seat, managers[0], at=clock.RATING_UNTIL)
    with pytest.raises(Refusal, match="1"):
        propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    confirm(seat, managers[1])
    propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    with pytest.raises(Refusal):
        enter(seat, managers[0], 1, seen=seen(seat))


@pytest.mark.parametrize("fate", [{"restricted": True}, {"status": "withdrawn"}])
def test_lines_of_ideas_that_left_the_race_hinder_no_list(moderator, manager, fate):
    campaign = factories.rated_campaign(moderator)
    seat = Assignment.objects.filter(idea=campaign.ideas.last()).first()
    Rating.objects.filter(assignment=seat).delete()
    enter(seat, manager)
    Idea.objects.filter(pk=seat.idea_id).update(**fate)
    assert propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL).places == 3


def test_the_paper_of_a_panellist_who_left_can_still_be_confirmed(campaign, seats, managers):
    factories.make_panel(campaign, 1)
    enter(seats[0], managers[0])
    common = {"manager": managers[0], "seed": 2, "at": clock.RATING, "reason": "出差"}
    replace_panellist(panellist=seats[0].panellist, **common)
    confirm(seats[0], managers[1])
    assert len(reviews_of(campaign)) == 1


def test_the_first_round_is_not_complete_while_paper_waits(campaign, moderator, manager):
    campaign.rounds, campaign.reviews_per_idea = 2, 3
    campaign.save()
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 4)
    first, *others = factories.assigned(campaign)
    for seat in others:
        factories.rate(seat)
    enter(first, manager)
    with pytest.raises(Refusal):
        assign_panel(campaign=campaign, per_idea=3, seed=1, at=clock.RATING, round=2)


def test_a_mark_below_the_limit_needs_a_comment_on_paper_too(campaign, seats, manager):
    campaign.comment_below = 4
    campaign.save()
    with pytest.raises(Refusal):
        enter(seats[0], manager, 3)


def test_each_sheet_tells_how_far_it_is_in_one_query(campaign, seats, managers, django_assert_num_queries):
    own = [seat for seat in seats if seat.panellist_id == seats[0].panellist_id]
    factories.rate(own[0])
    enter(own[1], managers[0])
    enter(own[2], managers[0])
    confirm(own[1], managers[1])
    send_back(assignment=own[2], clerk=managers[1], seen=seen(own[2]), why="x", at=clock.RATING)
    with django_assert_num_queries(1):
        rows = sheets_of(campaign)
    row = next(row for row in rows if row.panellist == seats[0].panellist)
    assert (row.total, row.at_desk, row.confirmed, row.waiting, row.returned, row.left) == (4, 1, 1, 1, 1, 1)


def test_what_waits_for_somebody_is_what_others_typed_in(seats, managers):
    enter(seats[0], managers[0])
    assert [to_confirm(person).count() for person in (*managers, factories.make_user(Role.AUDITOR))] == [0, 1, 0]
