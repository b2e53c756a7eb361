"""Who sees which photo of what is with a unit: its officers, the office, residents, everybody."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from ideas.models import CampaignDays, Idea, Photo, Referral
from ideas.queries.access import TrackingGrant, code_fingerprint
from ideas.queries.referral_photos import before_and_after, idea_photos_for_unit, photo
from ideas.rules.photos import Cover
from ideas.services.photos import cover_photo, release_photo
from ideas.services.referrals import ask_return, reassign
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.LATER
FACE = Cover(10, 10, 40, 40)
NOBODY = AnonymousUser()


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    return factories.referred([factories.make_idea(campaign)], unit, moderator)


@pytest.fixture
def place(referral):
    return referral.places.get()


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


@pytest.fixture
def sent(place):
    """What the resident sent with the idea."""
    return factories.add_photo(place.idea)


@pytest.fixture
def added(place, officer):
    """What the unit added."""
    return factories.photo_of_place(place, officer)


def sees(user, row, *opened):
    return photo(row.key, user=user, opened=opened, at=AT) is not None


def released(row, staff, shown=True):
    release_photo(photo=Photo.objects.get(pk=row.pk), editor=staff, at=AT, shown=shown)
    return row


def grant(idea):
    return TrackingGrant(idea.pk, code_fingerprint(idea))


def test_an_officer_sees_what_came_with_an_idea_of_the_own_unit_and_nobody_of_another_one_does(sent, officer, unit):
    others = [factories.officer_of(factories.make_unit()), factories.make_user(), NOBODY]
    assert [sees(officer, sent), sees(factories.head_of(unit), sent)] == [True, True]
    assert [sees(other, sent) for other in others] == [False, False, False]


def test_a_helping_unit_sees_it_too(sent, referral):
    helper = factories.make_unit()
    referral.helping_units.add(helper)
    assert sees(factories.officer_of(helper), sent)


def test_an_officer_sees_no_photo_of_an_idea_that_is_with_no_unit(campaign, officer, sent):
    assert not sees(officer, factories.add_photo(factories.make_idea(campaign)))


def test_an_officer_sees_a_covered_copy_in_place_of_its_photo_and_no_slip(sent, officer, moderator, place):
    copy = cover_photo(photo=sent, covers=[FACE], editor=moderator, at=AT)
    slip = factories.add_photo(place.idea, is_slip=True)
    assert [sees(officer, row) for row in (sent, copy, slip)] == [False, True, False]
    assert idea_photos_for_unit([place.idea]) == {place.idea_id: [copy]}


def test_the_unit_that_has_it_no_more_sees_nothing_of_it(sent, added, officer, referral, moderator):
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    other = factories.make_unit()
    reassign(referral=referral, unit=other, staff=moderator, at=AT, words="请办理。")
    assert [sees(officer, row) for row in (sent, added)] == [False, False]
    assert sees(factories.officer_of(other), added)


def test_a_units_photo_is_its_own_and_the_offices_until_it_is_released(added, officer, moderator, auditor, place):
    other = factories.officer_of(factories.make_unit())
    assert [sees(person, added) for person in (officer, moderator, auditor)] == [True, True, True]
    assert [sees(other, added), sees(NOBODY, added), sees(NOBODY, added, grant(place.idea))] == [False, False, False]


def test_a_released_one_is_its_proposers_alone_while_the_way_is_not_public(added, moderator, place, campaign):
    released(added, moderator)
    stranger = factories.make_idea(campaign)
    assert [sees(NOBODY, added, grant(idea)) for idea in (place.idea, stranger)] == [True, False]
    assert not sees(NOBODY, added)
    released(added, moderator, shown=False)
    assert not sees(NOBODY, added, grant(place.idea))


def test_co_proposers_see_it_with_the_idea_that_leads(added, moderator, place, campaign):
    follower = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    merge_idea(idea=follower, into=place.idea, moderator=moderator, at=AT)
    follower.refresh_from_db()
    assert sees(NOBODY, released(added, moderator), grant(follower))
    assert [row.after for row in before_and_after(follower)] == [[added]]


def test_a_resident_sees_the_own_place_of_a_referral_and_not_the_others(campaign, unit, moderator, officer):
    ideas = [factories.make_idea(campaign) for _place in range(2)]
    referral = factories.referred(ideas, unit, moderator)
    first, second = (released(factories.photo_of_place(place, officer), moderator) for place in referral.places.all())
    assert [sees(NOBODY, row, grant(ideas[0])) for row in (first, second)] == [True, False]
    assert [beside.after for beside in before_and_after(ideas[0])] == [[first]]


def test_a_released_one_of_a_winner_is_everybodys(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winner, loser = (campaign.ideas.filter(status=status).first() for status in ("awarded", "accepted"))
    unit = factories.make_unit()
    shown = {}
    for idea in (winner, loser):
        place = factories.referred([idea], unit, moderator).places.get()
        row = factories.photo_of_place(place, factories.officer_of(unit))
        before = sees(NOBODY, row)
        shown[idea.status] = [before, sees(NOBODY, released(row, moderator))]
    assert shown == {"awarded": [False, True], "accepted": [False, False]}


def test_with_a_shown_idea_it_is_everybodys_where_the_campaign_says_so(moderator, unit, officer):
    campaign = factories.make_campaign(show_ideas=True)
    [idea] = factories.published(campaign, moderator)
    place = factories.referred([idea], unit, moderator).places.get()
    row = released(factories.photo_of_place(place, officer), moderator)
    seen = [sees(NOBODY, row)]
    for shown in (True, False):
        CampaignDays.objects.update_or_create(campaign=campaign, defaults={"show_way": shown})
        seen.append(sees(NOBODY, row))
    assert seen == [False, True, False]


def test_what_is_referred_while_the_winners_are_chosen_shows_no_photo_before_the_release(campaign, unit, moderator):
    idea = factories.make_idea(campaign)
    place = factories.referred([idea], unit, moderator, at=clock.LATER).places.get()
    row = released(factories.photo_of_place(place, factories.officer_of(unit), at=clock.LATER), moderator)
    assert (sees(NOBODY, row, grant(idea)), before_and_after(idea)) == (False, [])


def test_of_a_restricted_idea_nobody_sees_a_photo_here(sent, added, officer, moderator, place):
    released(added, moderator)
    opened = grant(place.idea)
    restrict_idea(idea=place.idea, staff=moderator, at=AT, reason="线索")
    people = (officer, moderator, NOBODY)
    assert [sees(person, row, opened) for person in people for row in (sent, added)] == [False] * 6
    assert before_and_after(Idea.objects.get(pk=place.idea_id)) == []


def test_the_picture_itself_comes_by_the_same_door(sent, added, officer):
    found = {}
    for name, person in (("own", officer), ("other", factories.officer_of(factories.make_unit())), ("nobody", None)):
        client = Client()
        if person:
            client.force_login(person)
        with clock.at(AT):
            keys = [(address, row.key) for address in ("photo", "photo-thumb") for row in (sent, added)]
            found[name] = [client.get(reverse(address, args=[key])).status_code for address, key in keys]
    assert found == {"own": [200] * 4, "other": [404] * 4, "nobody": [404] * 4}


def test_before_and_after_stand_by_place_and_show_the_covered_copy(added, officer, moderator, place):
    before = factories.photo_of_place(place, officer, stage="before")
    copy = cover_photo(photo=before, covers=[FACE], editor=moderator, at=AT)
    factories.photo_of_place(place, officer)  # not released
    rows = [released(row, moderator) for row in (added, copy)]
    [beside] = before_and_after(place.idea)
    assert (beside.before, beside.after) == ([rows[1]], [rows[0]])
    assert Referral.objects.get().version == 7
