"""Buttons that end mergers, beside an idea and on the page of groups; and the one that withdraws for a resident."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.choices import Action, Status
from ideas.models import Idea, Message
from ideas.queries.mergers import versions
from ideas.services import screening
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING + timedelta(hours=2)


@pytest.fixture(autouse=True)
def now():
    with clock.at(AT):
        yield


@pytest.fixture
def group(campaign, moderator):
    leader, *others = (factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=n)) for n in range(3))
    for other in others:
        screening.merge_idea(idea=other, into=leader, moderator=moderator, at=clock.DURING + timedelta(hours=1))
    return leader, *others


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    return client


def row(idea):
    return Idea.objects.get(pk=idea.pk)


def press(desk, idea, act, **given):
    shown = {"seen": row(idea).version, "shown": versions([row(idea), *idea.merged.all()])}
    data = {f"{act}-{name}": value for name, value in {**shown, **given}.items()}
    return desk.post(reverse("admin:ideas_idea_group", args=[idea.pk, act]), data)


def page(campaign):
    return reverse("admin:ideas_idea_clusters", args=[campaign.slug]) + "?merged=1"


def offered(desk, idea):
    answer = desk.get(reverse("admin:ideas_idea_change", args=[idea.pk]))
    return [one["act"] for one in answer.context["group_acts"]]


def test_a_leader_and_a_merged_idea_offer_what_can_be_done(desk, campaign, group):
    alone = factories.make_idea(campaign)
    assert [offered(desk, idea) for idea in (*group[:2], alone)] == [["dissolve", "hand-over"], ["unmerge"], []]


def test_a_merged_idea_is_taken_out(desk, group):
    answer = press(desk, group[1], "unmerge", reason="路段不同。")
    assert (answer.status_code, row(group[1]).status, row(group[2]).merged_into) == (302, Status.RECEIVED, group[0])


def test_a_group_is_dissolved_and_handed_over(desk, group):
    press(desk, group[0], "hand-over", to=group[1].receipt, reason="写得更全。")
    assert (row(group[1]).merged_into, row(group[2]).merged_into) == (None, group[1])
    press(desk, group[1], "dissolve", reason="误合并。")
    assert row(group[2]).merged_into is None


@pytest.mark.parametrize("given", [{"reason": ""}, {"reason": "x" * 400}, {"reason": "写得更全。", "to": "JM26-X"}])
def test_what_was_typed_stays_when_it_is_refused(desk, group, given):
    answer = press(desk, group[0], "hand-over", **{"to": "JM26-Y", **given})
    assert answer.status_code == 409
    assert all(str(value) in answer.content.decode() for value in given.values())
    assert row(group[1]).merged_into == group[0]


def test_an_outdated_page_changes_nothing(desk, group):
    assert press(desk, group[1], "unmerge", seen=1, reason="说明。").status_code == 409
    assert row(group[1]).merged_into == group[0]


def test_an_auditor_presses_nothing(client, auditor, group):
    client.force_login(auditor)
    assert press(client, group[1], "unmerge", reason="说明。").status_code == 403
    assert offered(client, group[0]) == []


def change(desk, campaign, act, *ticked, leader, reason="误合并。", seen=None, **more):
    chosen = {"act": act, "leader": leader.pk, "idea": [idea.pk for idea in ticked], "reason": reason}
    chosen["seen"] = seen or versions([row(leader), *leader.merged.all()])
    return desk.post(page(campaign), {**chosen, **more})


def merged_into(*ideas):
    return [row(idea).merged_into for idea in ideas]


def test_the_page_of_groups_shows_them_and_takes_the_ticked_ones_out(desk, campaign, group):
    [shown] = desk.get(page(campaign)).context["groups"]
    assert (shown.leader, shown.merged) == (group[0], list(group[1:]))
    change(desk, campaign, "out", group[2], leader=group[0])
    assert merged_into(*group[1:]) == [group[0], None]


@pytest.mark.parametrize(("act", "ticked"), [("out", 2), ("dissolve", 0), ("lead", 1)])
def test_a_change_of_a_group_is_undone(desk, campaign, group, act, ticked):
    change(desk, campaign, act, *group[1 : 1 + ticked], leader=group[0])
    assert merged_into(*group[1:]) != [group[0]] * 2
    offered = desk.get(page(campaign)).context["undoable"]
    desk.post(reverse("admin:ideas_idea_acted", args=[offered["key"]]))
    assert merged_into(*group[1:]) == [group[0]] * 2
    assert Message.objects.filter(template="unmerged").count() == 0


@pytest.mark.parametrize(("act", "ticked", "reason"), [("out", 0, "x"), ("lead", 2, "x"), ("dissolve", 0, "")])
def test_a_refused_change_changes_nothing_and_keeps_the_reason(desk, campaign, group, act, ticked, reason):
    answer = change(desk, campaign, act, *group[1 : 1 + ticked], leader=group[0], reason=reason)
    assert (answer.status_code, merged_into(*group[1:])) == (409, [group[0]] * 2)
    assert answer.context["typed"]["reason"] == reason


def test_the_page_of_groups_asks_about_a_reason_that_looks_private(desk, campaign, group):
    given = {"leader": group[0], "reason": "张三13800138000要求"}
    answer = change(desk, campaign, "dissolve", **given)
    box = 'name="sure" value="电话号码 13800138000"'
    assert (answer.status_code, box in answer.content.decode()) == (409, True)
    assert merged_into(*group[1:]) == [group[0]] * 2
    change(desk, campaign, "dissolve", **given, sure="电话号码 13800138000")
    assert merged_into(*group[1:]) == [None, None]


@pytest.mark.parametrize(("act", "ticked"), [("out", 2), ("dissolve", 0), ("lead", 1)])
def test_a_group_that_somebody_else_has_added_to_is_not_changed_unseen(desk, campaign, group, moderator, act, ticked):
    """A merger changes the merged idea, not the one that leads."""
    seen = desk.get(page(campaign)).context["groups"][0].versions
    new = factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=9))
    screening.merge_idea(idea=new, into=group[0], moderator=moderator, at=AT)
    answer = change(desk, campaign, act, *group[1 : 1 + ticked], leader=group[0], reason="长长的理由", seen=seen)
    assert (answer.status_code, merged_into(*group[1:], new)) == (409, [group[0]] * 3)
    assert "长长的理由" in answer.content.decode()
    change(desk, campaign, act, *group[1 : 1 + ticked], leader=group[0])
    assert merged_into(*group[1:], new) != [group[0]] * 3


@pytest.mark.parametrize("act", ["dissolve", "hand-over"])
def test_the_leaders_page_does_not_change_a_group_unseen(desk, campaign, group, moderator, act):
    shown = versions([row(group[0]), *group[0].merged.all()])
    new = factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=9))
    screening.merge_idea(idea=new, into=group[0], moderator=moderator, at=AT)
    given = {"reason": "长长的理由", "to": group[1].receipt}
    answer = press(desk, group[0], act, **given, shown=shown)
    assert (answer.status_code, merged_into(*group[1:], new)) == (409, [group[0]] * 3)
    assert "长长的理由" in answer.content.decode()
    fields = re.findall(rf'name="({act}-(?:seen|shown))" value="([^"]*)"', answer.content.decode())
    again = dict(fields) | {f"{act}-{name}": value for name, value in given.items()}
    assert desk.post(reverse("admin:ideas_idea_group", args=[group[0].pk, act]), again).status_code == 302


@pytest.mark.parametrize(("act", "on"), [("unmerge", 1), ("dissolve", 0), ("hand-over", 0)])
def test_an_act_on_a_group_from_an_ideas_page_is_undone(desk, group, act, on):
    press(desk, group[on], act, to=group[1].receipt, reason="误合并。")
    page = desk.get(reverse("admin:ideas_idea_change", args=[group[0].pk]))
    desk.post(reverse("admin:ideas_idea_acted", args=[page.context["undoable"]["key"]]))
    assert merged_into(*group[1:]) == [group[0]] * 2
    assert Message.objects.filter(template="unmerged").count() == 0


@pytest.mark.parametrize("leader", ["abc", "", "²", "9" * 30])
def test_a_leader_that_is_none_is_answered_in_words(desk, campaign, leader):
    assert desk.post(page(campaign), {"act": "merge", "leader": leader}).status_code == 302


def withdraw(desk, idea, **given):
    typed = {
        "seen": row(idea).event_count,
        "caller": "telephone",
        "called_at_0": "2026-03-20",
        "called_at_1": "13:40",
        "reason": "已经修好了。",
    }
    data = {f"withdraw-{name}": value for name, value in (typed | given).items()}
    return desk.post(reverse("admin:ideas_idea_decide", args=[idea.pk, "withdraw"]), data)


def test_the_office_withdraws_an_idea_on_its_residents_word(desk, campaign):
    idea = factories.make_idea(campaign)
    assert withdraw(desk, idea).status_code == 302
    assert (row(idea).status, idea.events.last().action) == (Status.WITHDRAWN, Action.WITHDRAW)


@pytest.mark.parametrize("given", [{"caller": ""}, {"called_at_1": ""}, {"called_at_0": "2027-01-01"}, {"reason": ""}])
def test_a_withdrawal_without_who_when_and_why_is_not_made(desk, campaign, given):
    idea = factories.make_idea(campaign)
    assert withdraw(desk, idea, **given).status_code in (409, 422)
    assert row(idea).status == Status.RECEIVED
