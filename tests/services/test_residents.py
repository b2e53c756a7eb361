from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import FieldError

from ideas.choices import Medium, Status
from ideas.models import Draft, Idea, Message, Resident
from ideas.models.sealed import keyring
from ideas.queries import access
from ideas.services import residents
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(campaign):
    return residents.save_draft(key=uuid4(), campaign=campaign, answers=factories.answers(), at=clock.DURING)


def send(draft, at=clock.DURING):
    return residents.send_draft(key=draft.key, campaign=draft.campaign, at=at)


def test_a_draft_becomes_an_idea_with_everything_that_belongs_to_it(draft):
    idea = send(draft).idea
    assert (idea.status, idea.received_at, idea.form_key) == (Status.RECEIVED, clock.DURING, draft.key)
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
    assert set(Draft.objects.get(key=draft.key).payload) == {"code"}


def test_the_last_moment_is_in_time_and_the_next_is_late(campaign):
    for at, expected in ((clock.CLOSES - clock.BLINK, True), (clock.CLOSES, False)):
        draft = residents.save_draft(key=uuid4(), campaign=campaign, answers=factories.answers(), at=clock.DURING)
        Draft.objects.filter(key=draft.key).update(expires_at=clock.LATER)
        try:
            send(draft, at=at)
        except residents.CampaignClosed:
            assert not expected
        else:
            assert expected


def test_a_late_draft_is_kept_for_its_writer(draft):
    Draft.objects.update(expires_at=clock.LATER)
    with pytest.raises(residents.CampaignClosed):
        send(draft, at=clock.CLOSES)
    assert Draft.objects.get(key=draft.key).payload["answers"]["title"]


def test_an_expired_draft_is_gone(draft):
    with pytest.raises(residents.DraftGone):
        send(draft, at=clock.DURING + residents.DRAFT_LIFE)


def test_a_draft_cannot_be_sent_to_another_campaign(draft):
    with pytest.raises(residents.DraftGone):
        residents.send_draft(key=draft.key, campaign=factories.make_campaign(), at=clock.DURING)


def test_changed_answers_replace_the_earlier_ones(draft):
    answers = factories.answers(title="改过的标题")
    residents.save_draft(key=draft.key, campaign=draft.campaign, answers=answers, at=clock.DURING)
    assert send(draft).idea.title == "改过的标题"


def test_a_sent_idea_is_not_changed_by_posting_its_form_again(draft):
    idea = send(draft).idea
    answers = factories.answers(title="改过的标题")
    residents.save_draft(key=draft.key, campaign=draft.campaign, answers=answers, at=clock.DURING)
    assert (send(draft).idea.title, Idea.objects.count()) == (idea.title, 1)


def test_expired_drafts_are_dropped_and_ideas_stay(draft):
    idea = send(draft).idea
    residents.save_draft(key=uuid4(), campaign=draft.campaign, answers=factories.answers(), at=clock.DURING)
    assert residents.drop_expired_drafts(at=clock.DURING + residents.DRAFT_LIFE - timedelta(seconds=1)) == 0
    assert residents.drop_expired_drafts(at=clock.DURING + residents.DRAFT_LIFE) == 2
    assert Idea.objects.get() == idea


def test_rare_characters_survive(campaign):
    words = "石𡒊社㙍头𬒈䃹，𰻞𰻞面馆旁😀"
    idea = factories.make_idea(campaign, title=words, name="陈䶮", place=words)
    idea.refresh_from_db()
    assert (idea.title, idea.place, factories.resident_of(idea).contact["name"]) == (words, words, "陈䶮")


def test_contacts_are_encrypted_in_the_database(campaign, django_assert_num_queries):
    idea = factories.make_idea(campaign)
    raw = Resident.objects.filter(idea=idea).extra(select={"raw": "contact"}).values_list("raw").get()[0]
    assert raw.startswith("aesgcm:t1:")
    assert not any(word in raw for word in ("林小满", "12012345678", "resident@"))


def test_a_resident_is_found_by_the_keyed_hash_of_the_phone(campaign):
    idea = factories.make_idea(campaign, phone="+8612000000001")
    factories.make_idea(campaign)
    hashes = keyring().digests(b"+8612000000001", "phone")
    assert Resident.objects.get(phone_hash__in=hashes).idea == idea


def test_encrypted_columns_cannot_be_searched(campaign):
    with pytest.raises(FieldError):
        Resident.objects.filter(contact__contains="林").exists()


def test_an_idea_opens_with_its_number_and_code(campaign):
    sent = factories.receive(campaign)
    assert access.idea_by_code(f" {sent.idea.receipt.lower()}", f"{sent.code[:4]}-{sent.code[4:].lower()}") == sent.idea


@pytest.mark.parametrize(
    "pair", [("{receipt}", "00000000"), ("JM26-22222222", "{code}"), ("nonsense", "{code}"), ("", "")]
)
def test_every_wrong_pair_opens_nothing(campaign, pair):
    sent = factories.receive(campaign)
    receipt, code = (part.format(receipt=sent.idea.receipt, code=sent.code) for part in pair)
    assert access.idea_by_code(receipt, code) is None


def test_the_query_code_is_not_in_the_database(campaign):
    sent = factories.receive(campaign)
    assert sent.code not in Idea.objects.get(pk=sent.idea.pk).code_hash
    assert Idea.objects.get(pk=sent.idea.pk).code_hash.split("$")[1].startswith("hmac-sha256:t1:")
