from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import ReplyKind, Role, Status
from ideas.models import Idea, IdeaEvent, Reply
from ideas.services.replies import starter_replies
from ideas.services.screening import accept_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING + timedelta(hours=1)):
        yield


@pytest.fixture
def ideas(campaign):
    return [factories.make_idea(campaign, at=clock.DURING + number * MINUTE) for number in range(4)]


@pytest.fixture
def desk(client, moderator):
    starter_replies()
    client.force_login(moderator)
    return client


def page(campaign):
    return reverse("admin:ideas_idea_triage", args=[campaign.slug])


def press(desk, idea, act, **given):
    return desk.post(page(idea.campaign), {"idea": idea.pk, "seen": idea.event_count, "act": act, **given}, follow=True)


def undo(desk, event):
    data = {"idea": event["idea"], "seen": event["seen"], "act": "undo"}
    return desk.post(page(Idea.objects.get(pk=event["idea"]).campaign), data, follow=True)


def row(idea):
    return Idea.objects.get(pk=idea.pk)


def shown(answer):
    return answer.context["idea"]


def reply(kind):
    return Reply.objects.filter(kind=kind).first()


def test_the_oldest_idea_is_there_with_its_text_and_place(desk, campaign, ideas):
    body = desk.get(page(campaign)).content.decode()
    assert all(words in body for words in (ideas[0].title, ideas[0].problem, ideas[0].proposal, ideas[0].place))


def test_a_decision_is_answered_with_the_next_idea(desk, ideas):
    answer = press(desk, ideas[0], "accept")
    assert (row(ideas[0]).status, answer.status_code, shown(answer)) == (Status.ACCEPTED, 200, ideas[1])


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (ReplyKind.RETURN, Status.RETURNED, "请补充具体地点"),
        (ReplyKind.DECLINE, Status.DECLINED, "不在本区范围内"),
        (ReplyKind.TRANSFER, Status.TRANSFERRED, "请拨打12345"),
    ],
)
def test_one_press_on_a_ready_reply_decides(desk, ideas, kind, status, told):
    press(desk, ideas[0], kind.value, reply=reply(kind).pk)
    assert (row(ideas[0]).status, told in row(ideas[0]).events.last().reason) == (status, True)


def test_a_reply_goes_out_in_the_residents_language(desk, campaign):
    idea = factories.make_idea(campaign, language="en")
    press(desk, idea, "return", reply=reply(ReplyKind.RETURN).pk)
    assert row(idea).events.last().reason.startswith("Please tell us the exact place")


def test_own_words_go_before_those_of_the_reply(desk, ideas):
    press(desk, ideas[0], "decline", reply=reply(ReplyKind.DECLINE).pk, words="这里归翔安区管。")
    assert row(ideas[0]).events.last().reason == "这里归翔安区管。"


def test_a_reply_of_another_decision_does_nothing(desk, ideas):
    answer = press(desk, ideas[0], "decline", reply=reply(ReplyKind.RETURN).pk)
    assert (answer.status_code, row(ideas[0]).status) == (422, Status.RECEIVED)


def test_a_refused_act_keeps_its_words_and_its_drawer_open(desk, ideas):
    answer = press(desk, ideas[0], "decline", words="写了很久的理由")
    body = answer.content.decode()
    assert (answer.status_code, shown(answer)) == (422, ideas[0])
    assert "写了很久的理由</textarea>" in body
    assert '<details data-key="3" open>' in body


def test_a_duplicate_is_merged_into_the_earlier_one(desk, ideas):
    answer = press(desk, ideas[1], "merge", into=ideas[0].receipt)
    assert (row(ideas[1]).merged_into, shown(answer)) == (ideas[0], ideas[0])


def test_sorting_stays_with_the_idea(desk, campaign, ideas):
    answer = press(desk, ideas[0], "sort", topic=campaign.topics.get(slug="night").pk)
    assert (row(ideas[0]).topic.slug, shown(answer)) == ("night", ideas[0])


def test_a_note_stays_with_the_idea_and_stands_in_its_history(desk, ideas):
    assert "已问路政" in press(desk, ideas[0], "note", words="已问路政").content.decode()


def test_a_skipped_idea_comes_again_when_nothing_else_is_left(desk, ideas):
    seen = [shown(press(desk, idea, "skip")) for idea in ideas]
    assert seen == [ideas[1], ideas[2], ideas[3], ideas[0]]


def test_undo_brings_the_idea_back_to_the_desk(desk, ideas):
    offered = press(desk, ideas[0], "accept").context["undoable"]
    answer = undo(desk, offered)
    assert (row(ideas[0]).status, shown(answer)) == (Status.RECEIVED, ideas[0])


def test_decisions_are_undone_one_after_the_other(desk, ideas):
    press(desk, ideas[0], "accept")
    press(desk, ideas[1], "accept")
    for _ in range(2):
        event = desk.get(page(ideas[0].campaign)).context["undoable"]
        undo(desk, event)
    assert {row(idea).status for idea in ideas} == {Status.RECEIVED}


def test_an_idea_that_a_colleague_decided_meanwhile_is_told_and_the_next_is_there(desk, ideas):
    desk.get(page(ideas[0].campaign))
    accept_idea(idea=row(ideas[0]), moderator=factories.make_user(Role.MODERATOR), at=clock.DURING)
    answer = press(desk, ideas[0], "accept")
    assert (shown(answer), IdeaEvent.objects.filter(idea=ideas[0], action="accept").count()) == (ideas[1], 1)


def test_a_certain_idea_can_be_opened(desk, campaign, ideas):
    assert shown(desk.get(page(campaign) + f"?idea={ideas[2].pk}")) == ideas[2]


def test_an_idea_that_a_colleague_has_open_is_not_opened(desk, campaign, ideas, client):
    desk.get(page(campaign))
    client.force_login(factories.make_user(Role.MODERATOR))
    assert shown(client.get(page(campaign) + f"?idea={ideas[0].pk}")) == ideas[1]


def test_an_empty_queue_says_what_will_be_here(desk, campaign):
    assert "triage-empty" in desk.get(page(campaign)).content.decode()


def test_contacts_are_masked(desk, ideas):
    body = desk.get(page(ideas[0].campaign)).content.decode()
    assert [word in body for word in ("12012345678", "resident@", "林小满")] == [False] * 3


@pytest.mark.parametrize("count", [2, 20])
def test_a_page_takes_at_most_fifteen_queries_however_many_wait(desk, campaign, count, django_assert_max_num_queries):
    for number in range(count):
        factories.make_idea(campaign, at=clock.DURING + number * MINUTE)
    desk.get(page(campaign))  # the lists of the drawers are read once a minute
    press(desk, campaign.ideas.by_receipt().first(), "accept")
    with django_assert_max_num_queries(15):
        desk.get(page(campaign))


def test_a_decision_takes_at_most_fifteen_queries(desk, ideas):
    desk.get(page(ideas[0].campaign))
    data = {"idea": ideas[0].pk, "seen": 1, "act": "decline", "reply": reply(ReplyKind.DECLINE).pk}
    with CaptureQueriesContext(connection) as queries:
        desk.post(page(ideas[0].campaign), data)
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 15


def test_the_ideas_alike_stand_beside_with_the_differing_words_marked(desk, campaign):
    words = {"problem": "乐天路中央公园路段晚上没有路灯，老人散步看不清台阶。", "proposal": "请在乐天路增设六盏路灯。"}
    first = factories.make_idea(campaign, **words)
    second = factories.make_idea(
        campaign, at=clock.DURING + MINUTE, **{**words, "proposal": "请在乐天路增设太阳能路灯，并修剪遮光的树。"}
    )
    answer = desk.get(page(campaign) + f"?idea={second.pk}")
    [other] = answer.context["similar"]
    assert (other["idea"], other["leads"], other["likely"]) == (first, True, True)
    assert [part["text"] for part in other["parts"] if part["differs"]] == ["六盏"]


def test_one_press_merges_into_the_idea_alike(desk, campaign):
    words = {"problem": "乐天路中央公园路段晚上没有路灯，老人散步看不清台阶。", "proposal": "请在乐天路增设六盏路灯。"}
    first = factories.make_idea(campaign, **words)
    second = factories.make_idea(campaign, at=clock.DURING + MINUTE, **words)
    body = desk.get(page(campaign) + f"?idea={second.pk}").content.decode()
    assert f'name="leader" value="{first.receipt}" data-key="1"' in body
    # What a browser posts: the pressed button, and the empty field for a number.
    press(desk, second, "merge", leader=first.receipt, into="")
    assert row(second).merged_into == first
