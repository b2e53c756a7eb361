"""Photos of a referral's places: added by its unit, covered and released by the office, public only then."""

import pytest
from django.db import IntegrityError, transaction

from ideas.choices import PhotoStage, ReferralAct, ReferralState
from ideas.errors import NotPermitted, Refusal, Stale, WrongRole
from ideas.models import Photo, Referral
from ideas.models.photos import photo_store
from ideas.queries.invariants import violations
from ideas.queries.referral_photos import after_photos
from ideas.rules.photos import Cover
from ideas.services import photos
from ideas.services.referral_photos import add_photos, may_upload, remove_photo
from ideas.services.referrals import ask_return, recall
from ideas.services.restricted import restrict_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.LATER
FACE = Cover(10, 10, 40, 40)


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    return factories.referred([factories.make_idea(campaign) for _place in range(2)], unit, moderator)


@pytest.fixture
def place(referral):
    return referral.places.first()


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


@pytest.fixture
def photo(place, officer):
    return factories.photo_of_place(place, officer)


def add(place, person, *colours, stage=PhotoStage.AFTER):
    pictures = [factories.picture(colour) for colour in colours]
    return add_photos(place=place, stage=stage, pictures=pictures, person=person, at=AT)


def last(referral):
    event = referral.events.latest("number")
    return event.act, event.detail


def is_shown(photo):
    return Photo.objects.get(pk=photo.pk).shown_at is not None


def release(photo, staff, shown=True, **given):
    photos.release_photo(photo=Photo.objects.get(pk=photo.pk), editor=staff, at=AT, shown=shown, **given)


def files():
    store = photo_store()
    return {name for folder in store.listdir("")[0] for name in store.listdir(folder)[1]}


def test_several_photos_are_one_event_and_private(place, officer):
    added = add(place, officer, "teal", "navy")
    facts = {(row.place, row.stage, row.added_by, row.shown_at, row.idea) for row in added}
    assert facts == {(place, "after", officer, None, None)}
    detail = {"stage": "after", "photos": [str(row.key) for row in added]}
    assert last(place.referral) == (ReferralAct.ADD_PHOTO, detail)
    assert list(violations()) == []


def test_the_same_photo_is_kept_once_however_often_it_comes(place, officer):
    add(place, officer, "teal", "teal")
    assert add(place, officer, "teal") == []
    assert Photo.objects.count() == 1


def test_a_place_takes_so_many_photos_of_each_stage_and_no_more(place, officer, settings, photo):
    settings.IDEAS_PHOTOS = 2
    before = files()
    with pytest.raises(photos.TooManyPhotos):
        add(place, officer, "teal", "navy")
    assert (files(), add(place, officer, "teal", "navy", stage=PhotoStage.BEFORE) != []) == (before, True)


@pytest.mark.parametrize("role", ["officer of another unit", "auditor", "panellist"])
def test_who_is_not_of_the_unit_adds_none_and_leaves_no_files(place, role, auditor):
    people = {"officer of another unit": factories.officer_of(factories.make_unit()), "auditor": auditor}
    before = files()
    with pytest.raises(NotPermitted):
        add(place, people.get(role) or factories.make_user(), "teal")
    assert (Photo.objects.count(), files()) == (0, before)


def test_the_office_that_looks_on_site_adds_them_too(place, moderator):
    assert add(place, moderator, "teal")[0].added_by == moderator


def test_none_is_added_while_the_office_decides_on_a_return_or_after_the_end(referral, place, officer, moderator):
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    with pytest.raises(Refusal):
        add(place, officer, "teal")
    recall(referral=referral, staff=moderator, at=AT, reason="发错单位。")
    with pytest.raises(Refusal):
        add(place, officer, "teal")


def test_the_office_releases_each_and_takes_it_back(photo, moderator, referral):
    release(photo, moderator)
    assert (is_shown(photo), last(referral)) == (True, (ReferralAct.SHOW_PHOTO, {"photo": str(photo.key)}))
    assert list(violations()) == []
    release(photo, moderator, shown=False)
    assert (is_shown(photo), last(referral)[0]) == (False, ReferralAct.HIDE_PHOTO)


def test_neither_officer_nor_head_releases(photo, unit):
    for person in (factories.officer_of(unit), factories.head_of(unit)):
        with pytest.raises(WrongRole):
            release(photo, person)
    assert not is_shown(photo)


def test_an_act_of_an_outdated_page_is_refused(photo, moderator, referral):
    with pytest.raises(Stale):
        release(photo, moderator, expected_version=Referral.objects.get().version - 1)
    assert not is_shown(photo)


def test_a_covered_copy_belongs_to_the_place_and_is_released_in_the_photos_stead(photo, moderator, place):
    copy = photos.cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    assert (copy.place, copy.stage, copy.idea, last(place.referral)[0]) == (
        place,
        "after",
        None,
        ReferralAct.COVER_PHOTO,
    )
    with pytest.raises(Refusal):
        release(photo, moderator)
    release(copy, moderator)
    assert (is_shown(photo), is_shown(copy), list(violations())) == (False, True, [])


def test_where_the_campaign_wants_two_people_a_unit_s_photo_takes_two(photo, moderator, referral):
    factories.change_campaign(referral.campaign, two_checks=True)
    with pytest.raises(Refusal):
        release(photo, moderator)
    photos.check_photo(photo=photo, checker=moderator, at=AT)
    with pytest.raises(NotPermitted):
        release(photo, moderator)
    release(photo, factories.make_keeper())
    assert is_shown(photo)


def test_a_photo_is_removed_with_its_copy_and_its_files(
    photo, officer, moderator, referral, django_capture_on_commit_callbacks
):
    photos.cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        remove_photo(photo=photo, person=officer, at=AT)
    left = [name for name in files() if name.startswith(photo.key.hex)]
    assert (Photo.objects.count(), left) == (0, [])
    assert last(referral) == (ReferralAct.DROP_PHOTO, {"photo": str(photo.key)})


def test_what_is_released_is_not_removed_by_the_unit(photo, officer, moderator):
    copy = photos.cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    release(copy, moderator)
    with pytest.raises(Refusal):
        remove_photo(photo=photo, person=officer, at=AT)
    assert Photo.objects.count() == 2


def test_another_unit_removes_nothing(photo):
    with pytest.raises(NotPermitted):
        remove_photo(photo=photo, person=factories.officer_of(factories.make_unit()), at=AT)


def test_a_photo_can_be_taken_back_after_the_end(photo, moderator, referral):
    release(photo, moderator)
    recall(referral=referral, staff=moderator, at=AT, reason="发错单位。")
    release(photo, moderator, shown=False)
    assert (is_shown(photo), Referral.objects.get().state) == (False, ReferralState.RECALLED)


def test_a_photo_of_a_restricted_ideas_place_is_released_by_nobody_else(photo, moderator, place):
    restrict_idea(idea=place.idea, staff=moderator, at=AT, reason="线索")
    with pytest.raises(WrongRole):
        release(photo, moderator)


def test_a_photo_after_shows_its_own_place_only(referral, officer):
    first, second = referral.places.all()
    factories.photo_of_place(first, officer)
    factories.photo_of_place(second, officer, stage="before")
    assert (after_photos(first).count(), after_photos(second).count()) == (1, 0)


def test_a_covered_copy_counts_for_no_second_photo(photo, place, moderator):
    photos.cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    assert list(after_photos(place)) == [photo]


@pytest.mark.parametrize("fields", [{"stage": ""}, {"place": None}, {"stage": "during"}])
def test_a_photo_has_one_owner_and_that_of_a_place_a_stage(photo, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(**fields)


def test_an_officer_sends_so_many_in_an_hour(officer, settings):
    settings.IDEAS_LIMIT_PHOTOS_HOUR = 1
    assert [may_upload(officer, at=AT), may_upload(officer, at=AT)] == [True, False]
