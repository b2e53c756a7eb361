import pytest
from django.core import mail

from ideas.choices import Action, Channel, DeclineReason, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Idea, Message
from ideas.services import screening
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


def told(idea):
    """The templates queued for the idea's resident, oldest first."""
    return list(Message.objects.filter(idea=idea).order_by("id").values_list("template", flat=True))


DECISIONS = {
    "accept": (screening.accept_idea, {}, Status.ACCEPTED, "accepted"),
    "return": (screening.return_idea, {"question": "具体是哪个路口？"}, Status.RETURNED, "returned"),
    "decline": (
        screening.decline_idea,
        {"declined_as": DeclineReason.OUTSIDE_AREA, "reason": "不在本区。"},
        Status.DECLINED,
        "declined",
    ),
    "transfer": (
        screening.transfer_idea,
        {"channel": Channel.HOTLINE, "reason": "个人诉求请拨打12345。"},
        Status.TRANSFERRED,
        "transferred",
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_moves_the_idea_and_queues_the_message(idea, moderator, name):
    service, given, status, template = DECISIONS[name]
    service(idea=idea, moderator=moderator, at=clock.DURING, **given)
    assert (Idea.objects.get(pk=idea.pk).status, told(idea)) == (status, ["receipt", template])


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PANELLIST, Role.CLERK, Role.OFFICER])
def test_only_moderators_and_managers_decide(idea, name, role):
    service, given, _status, _template = DECISIONS[name]
    with pytest.raises(NotPermitted):
        service(idea=idea, moderator=factories.make_user(role), at=clock.DURING, **given)
    assert (Idea.objects.get(pk=idea.pk).status, told(idea)) == (Status.RECEIVED, ["receipt"])


@pytest.mark.parametrize("name", ["return", "decline", "transfer"])
def test_words_for_the_resident_are_required(idea, moderator, name):
    service, given, _status, _template = DECISIONS[name]
    blank = {key: "  " if key in ("reason", "question") else value for key, value in given.items()}
    with pytest.raises(Refusal):
        service(idea=idea, moderator=moderator, at=clock.DURING, **blank)
    assert told(idea) == ["receipt"]


def test_two_moderators_cannot_decide_the_same_page(idea, moderator):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING, seen=1)
    with pytest.raises(Stale):
        screening.return_idea(
            idea=idea, moderator=factories.make_user(Role.MODERATOR), at=clock.DURING, question="?", seen=1
        )
    assert told(idea) == ["receipt", "accepted"]


def test_a_returned_idea_comes_back_with_the_answer(idea, moderator):
    screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪里？")
    screening.note_answer(idea=idea, moderator=moderator, at=clock.DURING, answer="学校北门。")
    assert [(e.action, e.reason) for e in idea.events.order_by("number")][1:] == [
        (Action.RETURN, "哪里？"),
        (Action.ANSWER, "学校北门。"),
    ]


def test_a_duplicate_is_merged_into_the_earlier_idea(campaign, idea, moderator):
    later = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    screening.merge_idea(idea=later, into=idea, moderator=moderator, at=clock.DURING)
    later.refresh_from_db()
    assert (later.status, later.merged_into, told(later)) == (Status.MERGED, idea, ["receipt", "merged"])
    assert later.events.get(action=Action.MERGE).detail == {"into": idea.receipt}


def test_the_first_submitter_leads(campaign, idea, moderator):
    later = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    with pytest.raises(Refusal, match=later.receipt):
        screening.merge_idea(idea=idea, into=later, moderator=moderator, at=clock.DURING)


def test_nothing_is_merged_into_itself_or_another_campaign_or_a_closed_idea(campaign, idea, moderator):
    foreign = factories.make_idea(factories.make_campaign(), at=clock.OPENS)
    declined = factories.make_idea(campaign, at=clock.OPENS)
    screening.decline_idea(
        idea=declined, moderator=moderator, at=clock.DURING, declined_as=DeclineReason.UNCLEAR, reason="不清楚。"
    )
    for into in (idea, foreign, declined):
        with pytest.raises(Refusal):
            screening.merge_idea(idea=idea, into=into, moderator=moderator, at=clock.DURING)
    assert Idea.objects.get(pk=idea.pk).status == Status.RECEIVED


def test_a_leader_is_not_merged_away(campaign, moderator):
    first, second, third = (factories.make_idea(campaign, at=clock.DURING + n * clock.BLINK) for n in range(3))
    screening.merge_idea(idea=third, into=second, moderator=moderator, at=clock.DURING)
    with pytest.raises(Refusal):
        screening.merge_idea(idea=second, into=first, moderator=moderator, at=clock.DURING)


def test_the_original_stays_when_the_published_text_is_edited(idea, moderator):
    before = (idea.title, idea.problem, idea.proposal)
    screening.edit_published(idea=idea, editor=moderator, at=clock.DURING, title="公开题目", text="公开正文")
    idea.refresh_from_db()
    assert ((idea.title, idea.problem, idea.proposal), idea.published_title) == (before, "公开题目")


def test_a_message_and_its_fact_are_one_transaction(idea, moderator, monkeypatch):
    def broken(**_):
        raise RuntimeError("the outbox is full")

    monkeypatch.setattr(screening, "tell_resident", broken)
    with pytest.raises(RuntimeError):
        screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    assert (Idea.objects.get(pk=idea.pk).status, idea.events.count(), mail.outbox) == (Status.RECEIVED, 1, [])


@pytest.mark.parametrize("name", DECISIONS)
def test_after_the_release_nothing_is_screened_any_more(moderator, managers, name):
    campaign = factories.released_campaign(moderator, managers)
    service, given, _status, _template = DECISIONS[name]
    late = factories.make_idea(campaign)
    with pytest.raises(Refusal):
        service(idea=late, moderator=moderator, at=clock.LATER, **given)
    assert (Idea.objects.get(pk=late.pk).status, told(late)) == (Status.RECEIVED, ["receipt"])
