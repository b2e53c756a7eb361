"""Which ideas everybody may read. Everything that could leak is there first."""

import pytest
from django.contrib.auth.models import AnonymousUser

from ideas.choices import Action, Channel, DeclineReason
from ideas.models import Idea, Photo
from ideas.queries import access
from ideas.queries.access import public_ideas, released_photos, shown_ideas
from ideas.services.photos import release_photo
from ideas.services.proposal import propose_shortlist
from ideas.services.screening import decline_idea, merge_idea, return_idea, transfer_idea, undo_decision
from ideas.services.workflow import move_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def showing(db):
    return factories.make_campaign(show_ideas=True)


def hidden_ideas(campaign, moderator):
    """One idea for each reason not to be shown; all but the last three have a published text."""
    names = (
        "declined",
        "returned",
        "merged",
        "transferred",
        "withdrawn",
        "waiting",
        "accepted",
        "untitled",
        "textless",
    )
    ideas = {name: factories.make_idea(campaign, title=f"路灯{name}") for name in names}
    for name in names[:6]:
        factories.publish(ideas[name], moderator)
    lead = factories.make_idea(campaign, clock.OPENS, title="路灯领衔")
    act = {"moderator": moderator, "at": clock.DURING}
    decline_idea(idea=ideas["declined"], declined_as=DeclineReason.UNCLEAR, reason="理由", **act)
    return_idea(idea=ideas["returned"], question="在哪里？", **act)
    merge_idea(idea=ideas["merged"], into=lead, **act)
    transfer_idea(idea=ideas["transferred"], channel=Channel.HOTLINE, reason="理由", **act)
    move_idea(idea=ideas["withdrawn"], action=Action.WITHDRAW, at=clock.DURING)
    for name in names[6:]:
        move_idea(idea=ideas[name], action=Action.ACCEPT, actor=moderator, at=clock.DURING)
    campaign.ideas.filter(pk=ideas["untitled"].pk).update(published_text="只有正文")
    campaign.ideas.filter(pk=ideas["textless"].pk).update(published_title="只有标题")
    return ideas


def test_only_accepted_ideas_with_a_published_text_are_public(showing, moderator):
    hidden_ideas(showing, moderator)
    [idea] = factories.published(showing, moderator)
    assert (list(public_ideas(showing)), list(shown_ideas(clock.DURING))) == ([idea], [idea])


def test_a_campaign_that_does_not_show_its_ideas_has_none(campaign, moderator):
    factories.published(campaign, moderator)
    assert (list(public_ideas(campaign)), list(shown_ideas(clock.DURING))) == ([], [])


@pytest.mark.parametrize("announced_at", [None, clock.DURING + clock.BLINK], ids=["never", "later"])
def test_a_campaign_that_is_not_announced_shows_none(moderator, announced_at):
    campaign = factories.make_campaign(show_ideas=True, announced_at=announced_at)
    factories.published(campaign, moderator)
    assert list(shown_ideas(clock.DURING)) == []


def test_before_release_the_list_changes_nothing(moderator, manager):
    campaign = factories.rated_campaign(moderator, show_ideas=True)
    for idea in campaign.ideas.all():
        factories.publish(idea, moderator)
    before = list(shown_ideas(clock.RATING_UNTIL)), list(public_ideas(campaign))
    propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    assert (list(shown_ideas(clock.RATING_UNTIL)), list(public_ideas(campaign))) == before
    assert {str(idea.public_status) for idea in shown_ideas(clock.RATING_UNTIL)} == {"under_review"}


def test_released_winners_are_shown_whether_or_not_the_campaign_shows_its_ideas(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winners = set(campaign.ideas.filter(shortlist_entry__isnull=False))
    assert set(shown_ideas(clock.LATER)) == winners
    assert list(public_ideas(campaign)) == []


def test_the_original_and_the_person_are_not_read_along(showing, moderator, django_assert_num_queries):
    factories.published(showing, moderator)
    with django_assert_num_queries(1):
        [idea] = shown_ideas(clock.DURING)
        assert (idea.campaign.slug, idea.topic.slug, idea.area.code) == (showing.slug, "road", factories.AREA["code"])
    assert {"title", "problem", "proposal", "code_hash", "form_hash"} <= idea.get_deferred_fields()
    assert "resident" not in idea._state.fields_cache


@pytest.fixture
def carried(showing, moderator):
    """The released photo of an idea that was merged into a shown one."""
    [lead] = factories.published(showing, moderator, at=clock.OPENS)
    idea = factories.make_idea(showing)
    photo = factories.add_photo(idea)
    release_photo(photo=photo, editor=moderator, at=clock.DURING, shown=True)
    merge_idea(idea=idea, into=lead, moderator=moderator, at=clock.DURING)
    return Photo.objects.select_related("idea__merged_into").get()


def anybody(photo):
    """The photo as a visitor obtains it."""
    return access.photo(photo.key, user=AnonymousUser(), draft_keys=[], opened=None, at=clock.DURING)


def test_a_released_photo_of_a_merged_idea_is_public_with_its_leader(carried):
    assert anybody(carried) == carried
    Idea.objects.filter(pk=carried.idea.merged_into_id).update(published_text="")
    assert anybody(carried) is None


def test_a_photo_that_is_not_released_stays_private_with_its_leader_public(carried, moderator):
    release_photo(photo=carried, editor=moderator, at=clock.DURING, shown=False)
    assert anybody(carried) is None


def test_the_end_of_a_merger_takes_its_photos_back(carried, moderator):
    undo_decision(idea=carried.idea, moderator=moderator, at=clock.DURING)
    assert (anybody(carried), list(released_photos(Idea.objects.earliest("id")))) == (None, [])


def test_photos_of_merged_ideas_stand_with_the_leader(carried):
    assert list(released_photos(carried.idea.merged_into)) == [carried]


def test_a_restricted_idea_lends_no_photo(carried):
    Idea.objects.filter(pk=carried.idea_id).update(restricted=True)
    assert (anybody(carried), list(released_photos(Idea.objects.earliest("id")))) == (None, [])


def test_winners_carry_the_photos_of_ideas_merged_into_them(moderator, managers, django_assert_num_queries):
    campaign = factories.rated_campaign(moderator)
    lead = campaign.ideas.earliest("id")
    extra = factories.make_idea(campaign, clock.DURING + clock.BLINK)
    photos = [factories.add_photo(idea) for idea in (lead, extra)]
    merge_idea(idea=extra, into=lead, moderator=moderator, at=clock.LATER)
    for photo in photos:
        release_photo(photo=photo, editor=moderator, at=clock.LATER, shown=True)
    for idea in campaign.ideas.valid():
        factories.publish(idea, moderator)
    factories.release(campaign, managers)
    with django_assert_num_queries(4):
        shown = {idea.pk: idea.carried_photos for idea in access.public_winners(campaign)}
    assert shown[lead.pk] == photos


def test_the_photo_of_a_slip_is_staffs_only(campaign, moderator, auditor):
    sent = factories.receive(campaign)
    slip = factories.add_photo(sent.idea, is_slip=True, shown_at=clock.DURING)
    opened = access.TrackingGrant(sent.idea.pk, access.code_fingerprint(sent.idea))
    own = access.photo(slip.key, user=AnonymousUser(), draft_keys=[], opened=opened, at=clock.DURING)
    staff = access.photo(slip.key, user=moderator, draft_keys=[], opened=None, at=clock.DURING)
    overseer = access.photo(slip.key, user=auditor, draft_keys=[], opened=None, at=clock.DURING)
    assert (own, overseer, staff, list(sent.idea.photos.sent()), list(sent.idea.photos.released())) == (
        None,
        None,
        slip,
        [],
        [],
    )
