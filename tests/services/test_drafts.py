from datetime import timedelta

import pytest
from django.db import connection

from ideas.choices import Medium, Status
from ideas.models import Draft, Idea, Message, Resident
from ideas.services import drafts
from tests import clock, factories

ZERO = timedelta(0)
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(campaign):
    return factories.make_draft(campaign)


def send(draft, at=clock.DURING):
    return drafts.send_draft(key=draft.form_key, campaign=draft.campaign, at=at)


def test_a_draft_becomes_an_idea_with_everything_that_belongs_to_it(draft):
    idea = send(draft).idea
    assert (idea.status, idea.received_at, idea.form_hash) == (Status.RECEIVED, clock.DURING, draft.form_hash)
    assert [event.action for event in idea.events.all()] == ["submit"]
    assert {m.medium for m in Message.objects.filter(idea=idea)} == {Medium.EMAIL}
    assert Resident.objects.get(idea=idea).contact["name"] == "林小满"


def test_sending_again_gives_the_same_receipt_and_code(draft):
    first = send(draft)
    assert send(draft) == first
    assert (Idea.objects.count(), Message.objects.count()) == (1, 1)


def test_sending_again_after_closing_still_gives_the_receipt(draft):
    first = send(draft)
    Draft.objects.update(expires_at=clock.LATER)
    assert send(draft, at=clock.CLOSES) == first


def test_a_draft_is_emptied_when_it_is_sent(draft):
    send(draft)
    assert set(Draft.objects.get(pk=draft.pk).payload) == {"form_key", "code"}


def test_the_last_moment_is_in_time_and_the_next_is_late(campaign):
    for at, expected in ((clock.CLOSES - clock.BLINK, True), (clock.CLOSES, False)):
        draft = factories.make_draft(campaign)
        Draft.objects.filter(pk=draft.pk).update(expires_at=clock.LATER)
        try:
            send(draft, at=at)
        except drafts.CampaignClosed:
            assert not expected
        else:
            assert expected


def test_a_late_draft_is_kept_for_its_writer(draft):
    Draft.objects.update(expires_at=clock.LATER)
    with pytest.raises(drafts.CampaignClosed):
        send(draft, at=clock.CLOSES)
    assert Draft.objects.get(pk=draft.pk).content.answers["title"]


def test_an_expired_draft_is_gone(draft):
    with pytest.raises(drafts.DraftGone):
        send(draft, at=clock.DURING + drafts.DRAFT_LIFE)


def test_a_draft_cannot_be_sent_to_another_campaign(draft):
    with pytest.raises(drafts.DraftGone):
        drafts.send_draft(key=draft.form_key, campaign=factories.make_campaign(), at=clock.DURING)


def test_changed_answers_replace_the_earlier_ones(draft):
    factories.make_draft(draft.campaign, key=draft.form_key, title="改过的标题")
    assert send(draft).idea.title == "改过的标题"


def test_a_sent_idea_is_not_changed_by_posting_its_form_again(draft):
    idea = send(draft).idea
    factories.make_draft(draft.campaign, key=draft.form_key, title="改过的标题")
    assert (send(draft).idea.title, Idea.objects.count()) == (idea.title, 1)


def test_expired_drafts_are_dropped_and_ideas_stay(draft):
    idea = send(draft).idea
    factories.make_draft(draft.campaign)
    ends = [drafts.RECEIPT_LIFE, drafts.DRAFT_LIFE]
    dropped = [drafts.drop_expired_drafts(at=clock.DURING + end - wait) for end in ends for wait in (clock.BLINK, ZERO)]
    assert (dropped, Idea.objects.get()) == ([0, 1, 0, 1], idea)


def kept_meanwhile(monkeypatch, keep):
    """Another tab keeps the form while it is being sent."""
    prepare = drafts.prepare_idea

    def prepared(**given):
        monkeypatch.setattr(drafts, "prepare_idea", prepare)
        made = prepare(**given)
        keep()
        return made

    monkeypatch.setattr(drafts, "prepare_idea", prepared)


def test_other_words_that_are_kept_while_the_form_is_sent_are_the_ones_that_come_in(campaign, monkeypatch):
    draft = factories.make_draft(campaign, title="先前的标题")
    key = draft.form_key
    kept_meanwhile(monkeypatch, lambda: factories.make_draft(campaign, key=key, title="后来的标题"))
    sent = drafts.send_draft(key=key, campaign=campaign, at=clock.DURING)
    assert (sent.idea.title, Idea.objects.count()) == ("后来的标题", 1)


def test_a_form_that_is_unfinished_again_when_it_is_sent_does_not_come_in(campaign, monkeypatch):
    draft = factories.make_draft(campaign)
    key = draft.form_key
    typed = {"title": "改了一半"}
    kept_meanwhile(monkeypatch, lambda: drafts.keep_draft(key=key, campaign=campaign, typed=typed, at=clock.DURING))
    with pytest.raises(drafts.DraftUnchecked):
        drafts.send_draft(key=key, campaign=campaign, at=clock.DURING)
    assert Idea.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_all_but_the_rows_is_made_before_the_transaction(campaign, monkeypatch):
    seen = []
    prepare = drafts.prepare_idea
    monkeypatch.setattr(
        drafts, "prepare_idea", lambda **given: seen.append(connection.in_atomic_block) or prepare(**given)
    )
    drafts.send_draft(key=factories.make_draft(campaign).form_key, campaign=campaign, at=clock.DURING)
    assert seen == [False]
