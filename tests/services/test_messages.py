import json
from datetime import timedelta

import pytest
from django.core import mail

from ideas.choices import Medium, MessageState, OfficeAct, Role
from ideas.errors import GatewayError, Refusal
from ideas.models import Message, OfficeEvent
from ideas.queries.invariants import violations
from ideas.services import tracking
from ideas.services.messages import (
    BACK_OFF,
    LEASE,
    claim,
    close_given_up,
    deliver,
    forget_given_up,
    render,
    send_again,
    tell_resident,
)
from tests import clock, factories

pytestmark = pytest.mark.django_db
SENT: list[dict] = []


class Recorder:
    """A gateway of the office's own that keeps what it was given."""

    def send(self, **given):
        SENT.append(given)


class Down:
    """A gateway whose provider is away."""

    def send(self, **given):
        raise GatewayError("timeout")


class Refusing:
    """A gateway that knows the number does not exist."""

    def send(self, **given):
        raise GatewayError("no such number", permanent=True)


class Broken:
    """A gateway with a bug."""

    def send(self, **given):
        raise ValueError("a secret: resident@example.com")


@pytest.fixture(autouse=True)
def nothing_sent():
    SENT.clear()


@pytest.fixture
def gateway(settings):
    def use(name):
        settings.IDEAS_EMAIL_GATEWAY = f"{__name__}.{name}"

    return use


def waiting(campaign, **overrides):
    """The receipt message of a fresh idea."""
    return Message.objects.get(idea=factories.make_idea(campaign, **overrides))


def test_a_gateway_gets_template_variables_words_and_address(campaign, gateway):
    gateway("Recorder")
    message = waiting(campaign)
    deliver(claim(at=clock.DURING)[0], at=clock.DURING)
    given = SENT[0]
    assert (given["template"], given["address"], given["key"]) == ("receipt", "resident@example.com", str(message.key))
    assert given["variables"]["receipt"] == message.idea.receipt
    assert given["variables"]["code"] in given["rendered"].body


def test_a_sent_message_is_emptied(campaign, gateway):
    gateway("Recorder")
    waiting(campaign)
    deliver(claim(at=clock.DURING)[0], at=clock.DURING)
    message = Message.objects.get()
    assert (message.state, message.sent_at, message.payload) == (MessageState.SENT, clock.DURING, {})


def test_both_addresses_are_told_where_both_gateways_exist(campaign, settings, tmp_path):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    settings.IDEAS_SMS_FILE = tmp_path / "sms.jsonl"
    factories.make_idea(campaign)
    for message in claim(at=clock.DURING):
        deliver(message, at=clock.DURING)
    line = json.loads((tmp_path / "sms.jsonl").read_text(encoding="utf-8"))
    assert (line["to"], line["template"], len(mail.outbox)) == ("+8612012345678", "receipt", 1)
    assert line["text"].count("\n") == 0


def test_an_office_without_sms_queues_none(campaign, settings):
    settings.IDEAS_SMS_GATEWAY = ""
    factories.make_idea(campaign, email="")
    assert Message.objects.count() == 0


def test_two_workers_never_get_the_same_message(campaign):
    waiting(campaign)
    assert (len(claim(at=clock.DURING)), claim(at=clock.DURING)) == (1, [])


def test_a_message_of_a_killed_worker_is_sent_again_under_the_same_key(campaign, gateway):
    gateway("Recorder")
    waiting(campaign)
    claim(at=clock.DURING)  # and the worker dies here
    later = clock.DURING + LEASE
    again = claim(at=later)
    deliver(again[0], at=later)
    assert (len(again), again[0].tries, SENT[0]["key"]) == (1, 2, str(again[0].key))


def test_a_failure_is_tried_again_later(campaign, gateway):
    gateway("Down")
    waiting(campaign)
    deliver(claim(at=clock.DURING)[0], at=clock.DURING)
    message = Message.objects.get()
    assert (message.state, message.error, message.next_try_at) == ("queued", "timeout", clock.DURING + BACK_OFF[0])
    assert message.payload["address"] == "resident@example.com"


def test_tries_go_on_for_hours_before_a_message_is_given_up(campaign, gateway):
    gateway("Down")
    waiting(campaign)
    at, tries = clock.DURING, 0
    while Message.objects.get().state == MessageState.QUEUED:
        at = max(at, Message.objects.get().next_try_at)
        deliver(claim(at=at)[0], at=at)
        tries += 1
    assert (tries >= 10, at - clock.DURING >= timedelta(hours=4)) == (True, True)
    message = Message.objects.get()
    assert (message.state, message.kept_until) == (MessageState.DEAD, at + timedelta(days=7))
    assert message.payload["address"] == "resident@example.com"


@pytest.fixture
def given_up(campaign, gateway):
    gateway("Refusing")
    message = waiting(campaign)
    deliver(claim(at=clock.DURING)[0], at=clock.DURING)
    return Message.objects.get(pk=message.pk)


def test_what_was_given_up_can_be_sent_again_under_the_same_key(given_up, gateway, moderator):
    gateway("Recorder")
    send_again(message=given_up, actor=moderator, at=clock.LATER)
    deliver(claim(at=clock.LATER)[0], at=clock.LATER)
    message = Message.objects.get()
    assert (message.state, message.tries, message.payload, message.kept_until) == (MessageState.SENT, 1, {}, None)
    assert SENT[0]["key"] == str(given_up.key)


def test_what_was_given_up_is_emptied_after_some_days(given_up, moderator):
    assert forget_given_up(at=given_up.kept_until - clock.BLINK) == 0
    assert forget_given_up(at=given_up.kept_until) == 1
    assert (Message.objects.get().state, Message.objects.get().payload) == (MessageState.DEAD, {})
    with pytest.raises(Refusal):
        send_again(message=given_up, actor=moderator, at=clock.LATER)


def test_what_was_given_up_is_closed_when_the_office_has_called(given_up, moderator):
    close_given_up(message=given_up, actor=moderator, at=clock.LATER)
    assert (Message.objects.get().payload, Message.objects.get().kept_until) == ({}, None)


@pytest.mark.parametrize(
    ("act", "logged"), [(send_again, OfficeAct.MESSAGE_AGAIN), (close_given_up, OfficeAct.MESSAGE_CLOSED)]
)
def test_what_is_done_with_a_message_given_up_stands_in_the_offices_log(given_up, moderator, act, logged):
    act(message=given_up, actor=moderator, at=clock.LATER)
    line = OfficeEvent.objects.get()
    assert (line.act, line.actor, line.at, line.idea) == (logged, moderator, clock.LATER, given_up.idea)
    assert (line.campaign, line.detail) == (given_up.idea.campaign, {"template": "receipt", "medium": "email"})
    with pytest.raises(Refusal):
        close_given_up(message=waiting(given_up.idea.campaign), actor=moderator, at=clock.LATER)
    assert (OfficeEvent.objects.count(), list(violations())) == (1, [])


def test_erasing_a_person_forgets_what_was_given_up(given_up, moderator):
    tracking.erase_person(idea=given_up.idea, at=clock.LATER, expected_version=1)
    assert (Message.objects.get().payload, list(violations())) == ({}, [])
    with pytest.raises(Refusal):
        send_again(message=given_up, actor=moderator, at=clock.LATER)


def test_a_message_that_waits_is_not_sent_again(campaign, moderator):
    with pytest.raises(Refusal):
        send_again(message=waiting(campaign), actor=moderator, at=clock.DURING)


def test_a_clerk_sends_nothing_again(given_up):
    with pytest.raises(Refusal):
        send_again(message=given_up, actor=factories.make_user(Role.CLERK), at=clock.LATER)


def test_a_permanent_refusal_is_given_up_at_once(campaign, gateway):
    gateway("Refusing")
    waiting(campaign)
    deliver(claim(at=clock.DURING)[0], at=clock.DURING)
    assert (Message.objects.get().state, Message.objects.get().error) == (MessageState.DEAD, "no such number")


def test_a_broken_gateway_leaks_nothing_and_stops_nobody(campaign, gateway, caplog):
    gateway("Broken")
    waiting(campaign)
    deliver(claim(at=clock.DURING)[0], at=clock.DURING)
    assert (Message.objects.get().state, Message.objects.get().error) == (MessageState.QUEUED, "ValueError")
    assert "resident@example.com" not in caplog.text


def test_messages_speak_the_residents_language(campaign):
    chinese, english = waiting(campaign), waiting(campaign, language="en")
    assert "建议编号" in render(chinese).body
    assert "Receipt number" in render(english).body
    assert english.payload["variables"]["campaign"] == campaign.title_en


@pytest.mark.parametrize(
    "template",
    [
        *("receipt", "accepted", "returned", "declined", "merged", "transferred", "winner", "not_selected"),
        *("withdrawn", "unmerged", "new_code", "answered"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("medium", list(Medium))
def test_every_message_renders_with_its_variables(campaign, template, language, medium):
    idea = factories.make_idea(campaign, language=language, title="<b>“引号”&'撇号'</b>")
    extra = {"code": "ABCD-1234", "reason": "原因 <i>& 其他", "channel": "12345", "unit": "城管局", "words": "“好”"}
    tell_resident(idea=idea, template=template, at=clock.DURING, variables=extra)
    message = Message.objects.filter(template=template).last()
    message.medium = medium
    words = render(message)
    assert idea.receipt in words.body
    assert "&lt;" not in words.body + words.subject
    assert "\n" not in words.subject
