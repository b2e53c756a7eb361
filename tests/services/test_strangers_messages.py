"""What somebody can have sent to a telephone or mail box that is not theirs."""

import re
from uuid import uuid4

import pytest

from ideas.choices import MessageState
from ideas.models import Idea, Message
from ideas.queries.invariants import violations
from ideas.services import drafts, verification
from ideas.services.messages import render, tell_resident
from ideas.services.screening import decline_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
LINK = "领奖 http://evil.example/x 或 evil.example 加微信13900139000"
RESIDENTS = [
    "receipt", "accepted", "declined", "merged", "transferred", "returned", "lapsed", "withdrawn", "unmerged",
    "not_selected", "winner", "new_code",
]  # fmt: skip


@pytest.fixture(autouse=True)
def sms(settings):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"


def send(campaign, number=0, address="203.0.113.7", **overrides):
    given = {"phone": "+8613800138000", "email": "victim@example.com", "title": f"{number}{LINK}"[:60], **overrides}
    draft = factories.make_draft(campaign, key=uuid4(), **given)
    return drafts.send_draft(key=draft.form_key, campaign=campaign, at=clock.DURING, address=address)


def receipts():
    return Message.objects.filter(template="receipt", state=MessageState.QUEUED).count()


@pytest.mark.slow
def test_forty_ideas_are_taken_in_and_five_receipts_go_to_the_contact(campaign):
    codes = {send(campaign, number, address=f"203.0.113.{number}").code for number in range(40)}
    assert (len(codes), Idea.objects.count(), receipts()) == (40, 40, 5 + 5)
    unsent = Message.objects.filter(state=MessageState.DEAD)
    assert (unsent.count(), {(row.error, str(row.payload)) for row in unsent}) == (70, {("limit", "{}")})
    assert list(violations()) == []


def test_the_next_day_the_contact_hears_again(campaign):
    for number in range(6):
        send(campaign, number)
    Message.objects.all().delete()
    campaign.closes_at = clock.DURING + 9 * drafts.DAY
    campaign.save()
    draft = factories.make_draft(campaign, clock.DURING + drafts.DAY, email="victim@example.com", phone="")
    drafts.send_draft(key=draft.form_key, campaign=campaign, at=clock.DURING + drafts.DAY, address="203.0.113.7")
    assert receipts() == 1


@pytest.mark.slow
def test_a_school_of_two_hundred_pupils_gets_every_receipt(campaign):
    """All of one address within the hour, each with the own e-mail address."""
    for number in range(60):
        send(campaign, number, phone="", email=f"pupil{number}@example.com")
    assert receipts() == 60


def test_one_sender_reaches_only_so_many_strangers_in_an_hour(campaign, settings):
    settings.IDEAS_LIMIT_MESSAGES_SENDER_HOUR = 3
    for number in range(6):
        send(campaign, number, phone="", email=f"other{number}@example.com")
    assert (Idea.objects.count(), receipts()) == (6, 3)


@pytest.mark.parametrize("template", RESIDENTS)
def test_no_message_quotes_what_a_stranger_typed(campaign, template):
    idea = send(campaign, place=LINK, net_name="evil.example", name="evil.example").idea
    Message.objects.all().delete()
    variables = {"code": "AAAA-BBBB", "reason": "理由", "channel": "热线", "last_day": "2026-03-21"}
    tell_resident(idea=idea, template=template, at=clock.DURING, variables=variables)
    for message in Message.objects.all():
        words = render(message)
        text = f"{words.subject} {words.body} {message.payload['variables']}"
        assert "evil" not in text
        assert "13900139000" not in text
        assert set(re.findall(r"https?://[^\s'\"（]*", text)) <= {"http://127.0.0.1:8000/track/"}


def test_withdrawing_many_ideas_sends_a_contact_only_some_notices(campaign):
    ideas = [send(campaign, number).idea for number in range(8)]
    for idea in ideas:
        tell_resident(idea=idea, template="withdrawn", at=clock.DURING)
    assert Message.objects.filter(template="withdrawn", state=MessageState.QUEUED).count() == 5 + 5


def test_what_staff_decide_is_told_for_every_idea_of_a_contact(campaign, moderator):
    for idea in [send(campaign, number).idea for number in range(8)]:
        decline_idea(idea=idea, moderator=moderator, at=clock.DURING, declined_as="unclear", reason="请写明。")
    assert Message.objects.filter(template="declined", state=MessageState.QUEUED).count() == 8 + 8


@pytest.mark.parametrize(
    ("phone", "email", "sent"), [("+4915112345678", "", 0), ("+4915112345678", "a@example.com", 1)]
)
def test_no_sms_goes_abroad_and_the_idea_is_taken(campaign, phone, email, sent):
    assert send(campaign, phone=phone, email=email).idea.receipt
    assert receipts() == sent


def test_an_office_that_names_the_country_sends_there(campaign, settings):
    settings.IDEAS_SMS_COUNTRIES = ["+86", "852"]
    send(campaign, phone="+85291234567", email="")
    assert receipts() == 1


def test_codes_go_to_named_countries_and_one_sender_gets_only_so_many(campaign, settings):
    settings.IDEAS_LIMIT_MESSAGES_SENDER_HOUR = 3
    told = []
    for phone in ["+4915112345678", *(f"+861380013800{number}" for number in range(5))]:
        draft = factories.make_draft(campaign, key=uuid4(), phone=phone)
        try:
            verification.send_phone_code(key=draft.form_key, campaign=campaign, at=clock.DURING, address="203.0.113.7")
        except verification.Refusal:
            told.append(phone[-1])
    assert (told, Message.objects.filter(template="verify").count()) == (["8", "3", "4"], 3)


def test_the_form_says_to_which_numbers_sms_go(client, campaign, during):
    assert "短信只发送到 +86 的手机号码" in client.get(f"/campaigns/{campaign.slug}/submit/").content.decode()
