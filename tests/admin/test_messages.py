"""The outbox in the admin: messages that were given up are sent again or closed."""

import pytest
from django.urls import reverse

from ideas.choices import MessageState
from ideas.models import Message
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def given_up(campaign):
    factories.make_idea(campaign)
    Message.objects.update(state=MessageState.DEAD, kept_until=clock.LATER, tries=12)
    return Message.objects.get()


def press(client, user, message, action):
    client.force_login(user)
    data = {"action": action, "_selected_action": [message.pk]}
    with clock.at(clock.DURING):
        return client.post(reverse("admin:ideas_message_changelist"), data, follow=True)


def test_a_moderator_sends_a_message_again(client, given_up, moderator):
    answer = press(client, moderator, given_up, "send_again")
    assert "1 条通知将重新发送" in answer.content.decode()
    assert (Message.objects.get().state, Message.objects.get().tries) == (MessageState.QUEUED, 0)


@pytest.mark.parametrize(("act", "words"), [("send_again", "重新发送未送达的通知"), ("close", "关闭未送达的通知")])
def test_the_offices_log_says_in_words_what_was_done(client, given_up, moderator, manager, act, words):
    press(client, moderator, given_up, act)
    client.force_login(manager)
    text = client.get(reverse("admin:ideas_officeevent_changelist")).content.decode()
    assert words in text
    assert all(fact in text for fact in ("通知: 提交回执", "发送方式: 电子邮件"))
    assert given_up.idea.receipt in text


def test_what_cannot_be_sent_again_is_said(client, given_up, moderator):
    press(client, moderator, given_up, "close")
    answer = press(client, moderator, given_up, "send_again")
    assert "已停止发送且内容仍保留的通知" in answer.content.decode()
    assert Message.objects.get().state == MessageState.DEAD


def test_a_message_that_cannot_be_opened_does_not_break_the_list(client, given_up, moderator, settings):
    settings.IDEAS_KEYS = ["t9:" + "C" * 43 + "="]
    client.force_login(moderator)
    assert client.get(reverse("admin:ideas_message_changelist")).status_code == 200
    assert client.get(reverse("admin:ideas_message_change", args=[given_up.pk])).status_code == 200
