"""The office withdraws an idea on its resident's word."""

from datetime import timedelta

import pytest

from ideas.choices import Action, Caller, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Idea, Message
from ideas.queries.access import public_winners, shown_ideas
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of
from ideas.services import screening
from ideas.services.proposal import propose_shortlist
from ideas.services.withdrawal import withdraw_for_resident
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING + timedelta(hours=2)
WORDS = {"caller": Caller.TELEPHONE, "reason": "路灯已经装好了，不用再提。"}


def withdraw(idea, moderator, at=AT, **overrides):
    given = {"called_at": at - timedelta(minutes=20), **WORDS, **overrides}
    withdraw_for_resident(idea=Idea.objects.get(pk=idea.pk), moderator=moderator, at=at, **given)


def status(idea):
    return Idea.objects.get(pk=idea.pk).status


def told(idea):
    return list(Message.objects.filter(idea=idea).order_by("id").values_list("template", flat=True))


def stand(idea, moderator, name):
    """Bring a received idea to a status."""
    if name == "accepted":
        screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    if name == "returned":
        screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪里？")
    if name == "merged":
        first = factories.make_idea(idea.campaign, at=clock.OPENS)
        screening.merge_idea(idea=idea, into=first, moderator=moderator, at=clock.DURING)


@pytest.mark.parametrize("name", ["received", "returned", "accepted", "merged"])
def test_an_idea_is_withdrawn_on_the_residents_word(campaign, moderator, name):
    idea = factories.make_idea(campaign)
    stand(idea, moderator, name)
    withdraw(idea, moderator)
    event = idea.events.last()
    assert (status(idea), told(idea)[-1], list(violations())) == (Status.WITHDRAWN, "withdrawn", [])
    assert (event.actor, event.reason, event.detail["caller"]) == (moderator, WORDS["reason"], "telephone")
    assert event.detail["called_at"] == "2026-03-20 13:40"
    assert story_of(Idea.objects.get(pk=idea.pk), AT).steps[-1].title == "应您的要求，由工作人员撤回"


def test_who_called_stands_in_the_history_in_words(campaign, moderator):
    idea = factories.make_idea(campaign)
    withdraw(idea, moderator, caller=Caller.GUARDIAN)
    assert idea.events.last().detail_words[0] == "可代建议人说话的人"


@pytest.mark.parametrize(
    "reason",
    ["", " ", "\u200b\u3164", "林小满来电撤回", "他的号码是13812345678", "电话：0592-6060000", "写信到 a@example.com"],
)
def test_the_trail_gets_a_reason_and_no_personal_data(campaign, moderator, reason):
    idea = factories.make_idea(campaign)
    with pytest.raises(Refusal):
        withdraw(idea, moderator, reason=reason)
    assert status(idea) == Status.RECEIVED


@pytest.mark.parametrize("reason", ["11月12日已修好", "居民说第3期再提", "重复提交了两次", "不愿意公开"])
def test_honest_reasons_are_taken(campaign, moderator, reason):
    idea = factories.make_idea(campaign)
    withdraw(idea, moderator, reason=reason)
    assert status(idea) == Status.WITHDRAWN


@pytest.mark.parametrize("wrong", [timedelta(minutes=1), -timedelta(days=3)])
def test_the_call_was_after_the_idea_came_in_and_before_now(campaign, moderator, wrong):
    idea = factories.make_idea(campaign)
    with pytest.raises(Refusal):
        withdraw(idea, moderator, called_at=AT + wrong)


def test_a_call_in_the_minute_in_which_the_slip_was_typed_in_counts(campaign, moderator):
    idea = factories.make_idea(campaign, at=AT.replace(second=40))
    withdraw(idea, moderator, at=AT.replace(second=50), called_at=AT.replace(second=0))
    assert status(idea) == Status.WITHDRAWN


def test_it_can_be_undone_before_the_resident_is_told(campaign, moderator):
    idea = factories.make_idea(campaign)
    stand(idea, moderator, "merged")
    withdraw(idea, moderator)
    screening.undo_decision(idea=idea, moderator=moderator, at=AT)
    row = Idea.objects.get(pk=idea.pk)
    assert (row.status, row.merged_into is None, list(violations())) == (Status.MERGED, False, [])


def test_its_merged_ideas_return_to_the_queue_and_come_back_with_an_undo(campaign, moderator):
    idea = factories.make_idea(campaign)
    later = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    screening.merge_idea(idea=later, into=idea, moderator=moderator, at=clock.DURING)
    withdraw(idea, moderator)
    assert (status(later), told(later)[-1]) == (Status.RECEIVED, "unmerged")
    screening.undo_decision(idea=idea, moderator=moderator, at=AT)
    assert (status(later), told(later)[-1], list(violations())) == (Status.MERGED, "merged", [])


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_only_moderators_withdraw(campaign, role):
    idea = factories.make_idea(campaign)
    with pytest.raises(NotPermitted):
        withdraw(idea, factories.make_user(role))


def test_nobody_withdraws_an_own_idea_so_and_an_outdated_page_does_nothing(campaign, moderator):
    idea = factories.make_idea(campaign)
    with pytest.raises(Stale):
        withdraw(idea, moderator, expected_version=0)
    moderator.email = "resident@example.com"
    with pytest.raises(NotPermitted):
        withdraw(idea, moderator)


@pytest.fixture
def listed(moderator, manager):
    """A rated campaign with its list: ideas on it first."""
    campaign = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    return [entry.idea for entry in shortlist.entries.order_by("rank")], campaign


def test_while_winners_are_chosen_a_moderator_learns_of_no_valid_idea_whether_it_is_listed(listed, moderator):
    on_list, campaign = listed
    said = set()
    for idea in campaign.ideas.valid():
        with pytest.raises(NotPermitted) as refused:
            withdraw(idea, moderator, at=clock.RATING_UNTIL)
        said.add(str(refused.value))
    assert (len(said), len(on_list)) == (1, 3)


def test_a_manager_withdraws_an_unlisted_one_and_exchanges_a_listed_one_first(listed, managers):
    on_list, campaign = listed
    unlisted = campaign.ideas.filter(status=Status.ACCEPTED).by_receipt()
    spare, last = list(unlisted)[:2]
    withdraw(last, managers[0], at=clock.RATING_UNTIL)
    with pytest.raises(Refusal, match="换上"):
        withdraw(on_list[0], managers[0], at=clock.RATING_UNTIL)
    factories.exchange(campaign.shortlist, managers, on_list[0], spare, category="proposer")
    withdraw(on_list[0], managers[0], at=clock.RATING_UNTIL)
    assert ([status(last), status(on_list[0])], list(violations())) == ([Status.WITHDRAWN] * 2, [])


def test_a_published_winner_is_taken_down_by_a_manager(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winner = public_winners(campaign).first()
    with pytest.raises(NotPermitted):
        withdraw(winner, moderator, at=clock.LATER)
    withdraw(winner, managers[0], at=clock.LATER)
    assert winner not in public_winners(campaign)
    assert winner not in shown_ideas(clock.LATER)
    assert (winner.events.last().action, told(winner)[-1], list(violations())) == (Action.WITHDRAW, "withdrawn", [])


def test_after_the_release_what_did_not_win_is_withdrawn_too(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    other = campaign.ideas.filter(status=Status.ACCEPTED).first()
    withdraw(other, moderator, at=clock.LATER)
    assert (status(other), list(violations())) == (Status.WITHDRAWN, [])
