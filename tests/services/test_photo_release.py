"""Releasing photos by one or by two, covering parts of them, and photos of merged ideas."""

import pytest
from PIL import Image

from ideas.choices import Action, Role
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Idea, Photo
from ideas.models.photos import photo_store
from ideas.rules.photos import Cover
from ideas.services.photos import check_photo, cover_photo, release_photo
from ideas.services.screening import merge_idea
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING
FACE = Cover(100, 50, 200, 150)


@pytest.fixture
def second(db):
    return factories.make_user(Role.MODERATOR)


@pytest.fixture
def photo(campaign, moderator):
    """Of an accepted idea; its campaign takes one check."""
    return factories.add_photo(factories.accepted(campaign, moderator)[0])


@pytest.fixture
def guarded(moderator):
    """Of an accepted idea whose campaign takes two checks."""
    return factories.add_photo(factories.accepted(factories.make_campaign(two_checks=True), moderator)[0])


def is_shown(photo):
    return Photo.objects.get(pk=photo.pk).shown_at is not None


def colours(photo, *places):
    with photo_store().open(photo.file_name) as file, Image.open(file) as image:
        return [image.convert("RGB").getpixel(place) for place in places]


def test_two_people_check_a_photo_where_the_campaign_wants_it(guarded, moderator, second):
    with pytest.raises(Refusal):
        release_photo(photo=guarded, editor=moderator, at=AT, shown=True)
    check_photo(photo=guarded, checker=moderator, at=AT)
    with pytest.raises(NotPermitted):
        release_photo(photo=guarded, editor=moderator, at=AT, shown=True)
    release_photo(photo=guarded, editor=second, at=AT, shown=True)
    events = [event.action for event in guarded.idea.events.order_by("number")][2:]
    assert (is_shown(guarded), events) == (True, [Action.CHECK_PHOTO, Action.SHOW_PHOTO])


def test_a_photo_that_was_taken_back_needs_both_checks_again(guarded, moderator, second):
    check_photo(photo=guarded, checker=moderator, at=AT)
    release_photo(photo=guarded, editor=second, at=AT, shown=True)
    release_photo(photo=guarded, editor=second, at=AT, shown=False)
    with pytest.raises(Refusal):
        release_photo(photo=guarded, editor=second, at=AT, shown=True)
    assert not is_shown(guarded)


def test_a_second_first_check_is_refused(guarded, moderator, second):
    check_photo(photo=guarded, checker=moderator, at=AT)
    with pytest.raises(Refusal):
        check_photo(photo=guarded, checker=second, at=AT)


def test_the_photo_of_a_slip_is_never_released(campaign, moderator):
    slip = factories.add_photo(factories.make_idea(campaign), is_slip=True)
    for act in (check_photo, release_photo):
        person = {"checker": moderator} if act is check_photo else {"editor": moderator, "shown": True}
        with pytest.raises(Refusal):
            act(photo=slip, at=AT, **person)
    with pytest.raises(Refusal):
        cover_photo(photo=slip, covers=[FACE], editor=moderator, at=AT)
    assert (is_shown(slip), Photo.objects.count()) == (False, 1)


def test_covers_are_drawn_into_a_copy_and_the_photo_stays(photo, moderator):
    copy = cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    places = (150, 100), (20, 20), (320, 240)
    inside, outside, below = colours(copy, *places)
    assert (max(inside) < 60, outside == below) == (True, True)
    assert colours(photo, *places) == [outside] * 3
    assert (copy.copy_of, copy.idea, copy.covers, copy.key != photo.key) == (
        photo,
        photo.idea,
        [[100, 50, 200, 150]],
        True,
    )
    assert photo.idea.events.latest("number").action == Action.COVER_PHOTO


def test_a_cover_reaches_its_last_pixel_and_no_further(photo, moderator):
    copy = cover_photo(photo=photo, covers=[Cover(160, 160, 320, 160)], editor=moderator, at=AT)
    dark = [max(colour) < 60 for colour in colours(copy, (162, 162), (477, 317), (150, 162), (490, 317), (477, 330))]
    assert dark == [True, True, False, False, False]


def test_a_covered_copy_holds_no_metadata(photo, moderator):
    copy = cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    with photo_store().open(copy.file_name) as file, Image.open(file) as image:
        assert ({"exif", "comment", "icc_profile", "xmp"} & set(image.info), image.format) == (set(), "JPEG")


def test_while_there_is_a_copy_only_the_copy_can_be_released(photo, moderator):
    copy = cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    with pytest.raises(Refusal):
        release_photo(photo=photo, editor=moderator, at=AT, shown=True)
    release_photo(photo=copy, editor=moderator, at=AT, shown=True)
    assert (is_shown(photo), is_shown(copy)) == (False, True)


def test_covering_a_released_photo_takes_it_back(photo, moderator):
    release_photo(photo=photo, editor=moderator, at=AT, shown=True)
    cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    assert not is_shown(photo)


def test_covering_again_replaces_the_copy(photo, moderator, django_capture_on_commit_callbacks):
    first = cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        new = cover_photo(photo=photo, covers=[Cover(0, 0, 9, 9)], editor=moderator, at=AT)
    assert (list(photo.copies.all()), photo_store().exists(first.file_name)) == ([new], False)


def test_a_discarded_copy_leaves_the_photo_to_be_released(photo, moderator):
    cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    cover_photo(photo=photo, covers=[], editor=moderator, at=AT)
    release_photo(photo=photo, editor=moderator, at=AT, shown=True)
    assert (photo.copies.count(), is_shown(photo)) == (0, True)


def test_an_outdated_page_covers_nothing_and_leaves_no_files(photo, moderator):
    before = set(photo_files())
    with pytest.raises(Stale):
        cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT, expected_version=1)
    assert (Photo.objects.count(), set(photo_files()) - before) == (1, set())


def photo_files():
    store = photo_store()
    return [name for folder in store.listdir("")[0] for name in store.listdir(folder)[1]]


def test_readers_do_not_cover(photo, auditor):
    with pytest.raises(NotPermitted):
        cover_photo(photo=photo, covers=[FACE], editor=auditor, at=AT)


def test_the_photo_of_a_merged_idea_can_be_released(photo, campaign, moderator):
    lead = factories.make_idea(campaign, clock.OPENS)
    merge_idea(idea=photo.idea, into=lead, moderator=moderator, at=AT)
    release_photo(photo=photo, editor=moderator, at=AT, shown=True)
    assert is_shown(photo)


def test_a_released_copy_outlives_the_person_and_the_photo_does_not(photo, moderator):
    copy = cover_photo(photo=photo, covers=[FACE], editor=moderator, at=AT)
    release_photo(photo=copy, editor=moderator, at=AT, shown=True)
    erase_person(idea=Idea.objects.get(pk=photo.idea_id), at=AT, expected_version=2)
    assert list(Photo.objects.values_list("key", "copy_of")) == [(copy.key, None)]
