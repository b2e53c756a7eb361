from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from ideas.choices import ReferralState, Source, Status
from ideas.demo.pictures import SCENES, SIZE, picture_of
from ideas.models import CalendarYear, Campaign, Idea, Mark, Shortlist
from ideas.queries.invariants import violations
from tests import clock

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def seed(**options):
    call_command("seed_demo", quiet=True, verbosity=0, **options)
    return Campaign.objects.latest("id")


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("collecting", {Status.RECEIVED}),
        ("screening", {Status.RECEIVED, Status.ACCEPTED, Status.RETURNED}),
        ("rating", {Status.ACCEPTED, Status.DECLINED, Status.MERGED}),
        ("shortlist", {Status.SHORTLISTED}),
        ("published", {Status.AWARDED}),
        ("followed", {Status.AWARDED}),
    ],
)
def test_a_seeded_campaign_has_got_as_far_as_its_stage(stage, expected):
    campaign = seed(ideas=360, stage=stage)
    assert expected <= set(campaign.ideas.values_list("status", flat=True))
    assert list(violations()) == []


def test_a_followed_campaign_has_its_winners_and_others_at_the_units():
    campaign = seed(ideas=360, stage="followed")
    referred = campaign.ideas.filter(places__isnull=False)
    assert (referred.filter(status=Status.AWARDED).count(), referred.count()) == (30, 90)
    assert {ReferralState.CLOSED, ReferralState.PLANNED} <= set(campaign.referrals.values_list("state", flat=True))


def test_a_seeded_campaign_comes_with_the_calendar():
    with clock.at(clock.DURING):
        seed(ideas=5, stage="collecting")
    assert CalendarYear.objects.filter(number=clock.DURING.year).exists()


def told(campaign):
    """What a seed decides, without ciphertexts and hashes."""
    columns = ("receipt", "title", "status", "place", "merged_into__receipt", "source")
    ideas = campaign.ideas.by_receipt().values_list(*columns)
    marks = Mark.objects.filter(rating__assignment__idea__campaign=campaign).order_by(
        "rating__assignment_id", "criterion"
    )
    return list(ideas), list(marks.values_list("points", flat=True))


def test_the_same_seed_gives_the_same_data():
    first = seed(ideas=350, seed=5, stage="shortlist")
    told_first = told(first)
    list_first = list(Shortlist.objects.get().entries.values_list("idea__receipt", flat=True))
    Campaign.objects.filter(pk=first.pk).update(slug="first", prefix="XX")
    Idea.objects.filter(campaign=first).update(receipt=first_free())
    again = seed(ideas=350, seed=5, stage="shortlist")
    assert told(again) == told_first
    assert list(again.shortlist.entries.values_list("idea__receipt", flat=True)) == list_first


def first_free():
    """Receipts out of the way, so that the second seeding may draw the same ones."""
    from django.db.models import Value
    from django.db.models.functions import Concat

    return Concat(Value("X"), F("receipt"))


def test_another_seed_gives_other_data():
    one, two = seed(ideas=10, seed=1, stage="collecting"), seed(ideas=10, seed=2, stage="collecting")
    assert told(one) != told(two)


def test_a_campaign_that_is_there_is_not_seeded_again():
    seed(ideas=5, stage="collecting")
    with pytest.raises(CommandError, match="already there"):
        seed(ideas=5, stage="collecting")


def test_a_seeding_that_fails_says_why_and_leaves_nothing():
    """The one idea of this seed is not valid, so there is nobody to put on a list."""
    with pytest.raises(CommandError, match=r"1 ideas of seed 2 do not get to 'shortlist': .+"):
        seed(ideas=1, seed=2, stage="shortlist")
    assert (Campaign.objects.count(), Idea.objects.count()) == (0, 0)


@pytest.mark.parametrize(("ideas", "places"), [(5, 1), (20, 1), (100, 8), (340, 30), (400, 30)])
def test_few_ideas_compete_for_few_places(ideas, places):
    campaign = seed(ideas=ideas, stage="shortlist")
    assert (campaign.places, campaign.shortlist.entries.count()) == (places, places)


def test_every_scene_of_the_demo_is_a_photo_whose_covers_lie_within_it():
    for scene in SCENES:
        picture, covers = picture_of(scene)
        assert (picture.width, picture.height) == SIZE
        assert all(c.left >= 0 and c.top >= 0 and c.left + c.width <= SIZE[0] for c in covers)
        assert all(c.top + c.height <= SIZE[1] for c in covers)


def test_seeded_moments_are_in_the_past():
    seed(ideas=50, stage="rating")
    from django.utils import timezone

    assert Idea.objects.latest("received_at").received_at <= timezone.now() + timedelta(seconds=1)


def test_most_ideas_come_over_the_web():
    campaign = seed(ideas=360, stage="collecting")
    typed = campaign.ideas.exclude(source=Source.WEB)
    assert 360 * 0.1 < typed.count() < 360 * 0.26
    assert not campaign.ideas.filter(source=Source.WEB).exclude(entered_by=None, entered_at=None, slip_on=None).exists()
