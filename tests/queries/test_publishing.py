"""Which texts and photos wait for a check."""

import pytest

from ideas.queries.publishing import photos_of, photos_to_check, texts_to_check
from ideas.services.publishing import edit_published
from ideas.services.screening import merge_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING


def test_edited_texts_wait_in_the_order_of_their_edit(moderator, django_assert_num_queries):
    ideas = factories.accepted(factories.make_campaign(two_checks=True), moderator, 3)
    for idea, at in zip(ideas, (clock.LATER, AT, AT), strict=True):
        edit_published(idea=idea, editor=moderator, at=at, title="题目", text="正文")
    with django_assert_num_queries(1):
        rows = [(row.idea.campaign_id, row.idea, row.edited_by) for row in texts_to_check(moderator)]
    assert [idea for _campaign, idea, _editor in rows] == [ideas[1], ideas[2], ideas[0]]


def test_photos_wait_with_the_published_idea_that_they_would_stand_with(campaign, moderator):
    [lead] = factories.published(campaign, moderator, at=clock.OPENS)
    merged, bare = factories.make_idea(campaign), factories.accepted(campaign, moderator)[0]
    own, carried = factories.add_photo(lead), factories.add_photo(merged)
    merge_idea(idea=merged, into=lead, moderator=moderator, at=AT)
    covered = factories.add_photo(lead)
    copy = factories.add_photo(lead, copy_of=covered)
    for fields in ({"shown_at": AT}, {"is_slip": True}):
        factories.add_photo(lead, **fields)
    factories.add_photo(bare)
    assert photos_to_check(moderator) == [(lead, [own, carried, copy])]


def test_nothing_waits_for_those_who_may_not_see_the_ideas(campaign, moderator):
    [idea] = factories.published(campaign, moderator)
    factories.add_photo(idea)
    clerk = factories.make_user()
    assert (list(texts_to_check(clerk)), photos_to_check(clerk)) == ([], [])


@pytest.mark.parametrize("number", [1, 5])
def test_the_photos_of_a_page_take_two_queries(campaign, moderator, number, django_assert_num_queries):
    [idea] = factories.accepted(campaign, moderator)
    for _photo in range(number):
        factories.add_photo(idea)
    moderator.has_perm("ideas.see_restricted")  # read once for a request
    with django_assert_num_queries(2):
        rows = [(photo.idea.campaign.two_checks, list(photo.copies.all())) for photo in photos_of(idea, moderator)]
    assert len(rows) == number
