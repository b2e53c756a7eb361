"""The outbox in the admin: messages that were given up are sent again or closed."""

import pytest
from django.urls import reverse

from ideas.choices import MessageState
from ideas.models import Message
from ideas.queries.stats import waiting_for
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


def test_what_the_daily_limit_held_back_is_no_failure_and_says_why(client, campaign, moderator):
    factories.make_idea(campaign)
    Message.objects.update(state=MessageState.DEAD, error="limit", payload={})
    client.force_login(moderator)
    with clock.at(clock.DURING):
        assert waiting_for(moderator, clock.DURING)["given_up"] == "0"
        rows = client.get(reverse("admin:ideas_message_changelist")).content.decode()
        counted = client.get(reverse("admin:ideas_message_changelist"), {"given_up": "1"}).content.decode()
    receipt = campaign.ideas.get().receipt
    assert ("该联系方式当天的通知已达上限" in rows, ">limit<" in rows) == (True, False)
    assert (receipt in rows, receipt in counted) == (True, False)


def test_the_first_page_leads_to_the_messages_that_it_counts(client, given_up, moderator):
    client.force_login(moderator)
    with clock.at(clock.DURING):
        assert waiting_for(moderator, clock.DURING)["given_up"] == "1"
        rows = client.get(reverse("admin:ideas_message_changelist"), {"given_up": "1"}).content.decode()
    assert given_up.idea.receipt in rows
