from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail

from ideas.choices import Action, Channel, DeclineReason, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Idea, Message, Photo, Unit
from ideas.queries import access
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of
from ideas.services import screening
from ideas.services.health import SomeFailed
from ideas.services.photos import release_photo
from ideas.services.publishing import edit_published
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
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING, expected_version=1)
    with pytest.raises(Stale):
        screening.return_idea(
            idea=idea, moderator=factories.make_user(Role.MODERATOR), at=clock.DURING, question="?", expected_version=1
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
    edit_published(idea=idea, editor=moderator, at=clock.DURING, title="公开题目", text="公开正文")
    idea.refresh_from_db()
    assert ((idea.title, idea.problem, idea.proposal), idea.published_title) == (before, "公开题目")


def test_a_message_and_its_fact_are_one_transaction(idea, moderator, monkeypatch):
    def broken(**_):
        raise RuntimeError("the outbox is full")

    monkeypatch.setattr(screening, "tell_resident", broken)
    with pytest.raises(RuntimeError):
        screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    assert (Idea.objects.get(pk=idea.pk).status, idea.events.count(), mail.outbox) == (Status.RECEIVED, 1, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", DECISIONS)
def test_after_the_release_nothing_is_screened_any_more(moderator, managers, name):
    campaign = factories.released_campaign(moderator, managers)
    service, given, _status, _template = DECISIONS[name]
    late = factories.make_idea(campaign)
    with pytest.raises(Refusal):
        service(idea=late, moderator=moderator, at=clock.LATER, **given)
    assert (Idea.objects.get(pk=late.pk).status, told(late)) == (Status.RECEIVED, ["receipt"])


def at_end_of(days):
    """Midnight after so many whole days from clock.DURING."""
    return clock.DURING.replace(hour=0) + timedelta(days=days + 1)


def lapsed(idea, at):
    return screening.lapse_unanswered(at=at), Idea.objects.get(pk=idea.pk).status


def test_a_question_is_due_at_the_end_of_the_last_day(idea, moderator):
    screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪里？")
    assert Idea.objects.get(pk=idea.pk).due_at == at_end_of(7)


def test_an_unanswered_idea_lapses_and_the_resident_is_told(idea, moderator):
    screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪里？")
    assert lapsed(idea, at_end_of(7) - clock.BLINK) == (0, Status.RETURNED)
    assert lapsed(idea, at_end_of(7)) == (1, Status.DECLINED)
    assert told(idea)[-1] == "lapsed"


def test_an_idea_that_cannot_lapse_stops_no_other_and_is_named(campaign, moderator, settings, caplog):
    """Its resident's contact lies under a key that is gone, so nobody can be told."""
    own, settings.IDEAS_KEYS = settings.IDEAS_KEYS, ["t9:" + "C" * 43 + "="]
    stuck = factories.make_idea(campaign)
    screening.return_idea(idea=stuck, moderator=moderator, at=clock.DURING - timedelta(days=1), question="哪里？")
    settings.IDEAS_KEYS = own
    other = factories.make_idea(campaign)
    screening.return_idea(idea=other, moderator=moderator, at=clock.DURING, question="哪里？")
    with pytest.raises(SomeFailed, match="1 failed"):
        screening.lapse_unanswered(at=at_end_of(7))
    found = Idea.objects.filter(pk__in=(stuck.pk, other.pk)).order_by("pk").values_list("status", flat=True)
    assert (list(found), told(stuck)[-1], told(other)[-1]) == (["returned", "declined"], "returned", "lapsed")
    assert f"lapse of idea {stuck.pk}: CannotOpen" in caplog.text


def test_an_answered_idea_does_not_lapse(idea, moderator):
    screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪里？")
    screening.note_answer(idea=idea, moderator=moderator, at=clock.DURING, answer="北门。")
    assert lapsed(idea, at_end_of(30)) == (0, Status.RECEIVED)


@pytest.mark.parametrize("name", DECISIONS)
def test_an_undone_decision_leaves_the_idea_as_it_was_and_nobody_is_told(idea, moderator, name):
    service, given, _status, _template = DECISIONS[name]
    service(idea=idea, moderator=moderator, at=clock.DURING, **given)
    screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING + timedelta(seconds=299))
    row = Idea.objects.get(pk=idea.pk)
    assert (row.status, row.due_at, told(idea)) == (Status.RECEIVED, None, ["receipt"])


def test_an_undone_merger_stands_alone_again(campaign, idea, moderator):
    later = factories.make_idea(campaign, at=clock.DURING + timedelta(hours=1))
    screening.merge_idea(idea=later, into=idea, moderator=moderator, at=clock.DURING)
    screening.undo_decision(idea=later, moderator=moderator, at=clock.DURING)
    row = Idea.objects.get(pk=later.pk)
    assert (row.status, row.merged_into) == (Status.RECEIVED, None)


@pytest.mark.parametrize("shown", [[True], [True, False]])
def test_a_merger_is_undone_although_a_photo_was_released_or_taken_back_since(campaign, idea, moderator, shown):
    later = factories.make_idea(campaign, at=clock.DURING + timedelta(hours=1))
    photo = factories.add_photo(later)
    screening.merge_idea(idea=later, into=idea, moderator=moderator, at=clock.DURING)
    seen = later.event_count
    for wish in shown:
        release_photo(photo=Photo.objects.get(), editor=moderator, at=clock.DURING, shown=wish)
    screening.undo_decision(idea=later, moderator=moderator, at=clock.DURING, expected_version=seen)
    row = Idea.objects.get(pk=later.pk)
    assert (row.status, row.merged_into, told(row)) == (Status.RECEIVED, None, ["receipt"])
    anybody = {"user": AnonymousUser(), "draft_keys": [], "opened": None, "at": clock.DURING}
    assert access.photo(photo.key, **anybody) is None
    assert list(violations()) == []


def test_what_leans_on_a_decision_keeps_it_from_being_undone(idea, moderator):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    seen = idea.event_count
    factories.publish(idea, moderator)
    with pytest.raises(Stale):
        screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING, expected_version=seen)
    with pytest.raises(Refusal):
        screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING)


def test_an_undo_of_a_late_find_leads_back_to_accepted(idea, moderator):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    late = clock.DURING + timedelta(hours=1)
    screening.decline_idea(idea=idea, moderator=moderator, at=late, declined_as="insult", reason="不当。")
    screening.undo_decision(idea=idea, moderator=moderator, at=late)
    assert Idea.objects.get(pk=idea.pk).status == Status.ACCEPTED


def test_after_its_time_a_decision_stands(idea, moderator):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    with pytest.raises(Refusal):
        screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING + timedelta(seconds=300))


def test_a_decision_whose_message_is_leaving_stands(idea, moderator):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    Message.objects.filter(template="accepted").update(tries=1)
    with pytest.raises(Refusal):
        screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING)
    assert (Idea.objects.get(pk=idea.pk).status, told(idea)) == (Status.ACCEPTED, ["receipt", "accepted"])


def test_a_moderator_undoes_own_decisions_only_a_manager_any(idea, moderator, manager):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    with pytest.raises(NotPermitted):
        screening.undo_decision(idea=idea, moderator=factories.make_user(Role.MODERATOR), at=clock.DURING)
    screening.undo_decision(idea=idea, moderator=manager, at=clock.DURING)
    assert Idea.objects.get(pk=idea.pk).status == Status.RECEIVED


@pytest.mark.slow
def test_many_are_undone_each_for_itself_the_last_one_first(campaign, moderator):
    ideas = [factories.make_idea(campaign) for _ in range(3)]
    for idea in ideas:
        screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    decided = [(idea, idea.version) for idea in ideas]
    screening.note_idea(idea=ideas[1], moderator=moderator, at=clock.DURING, note="x")
    done = screening.undo_decisions(decisions=decided, moderator=moderator, at=clock.DURING + clock.BLINK)
    assert [(idea, type(refusal)) for idea, refusal in done] == list(
        zip(ideas, [type(None), Stale, type(None)], strict=True)
    )
    assert [Idea.objects.get(pk=idea.pk).status for idea in ideas] == [
        Status.RECEIVED,
        Status.ACCEPTED,
        Status.RECEIVED,
    ]
    assert list(violations()) == []


def offer(idea, who, at=clock.DURING):
    events = list(idea.events.order_by("number"))
    return screening.undoable_act(idea=Idea.objects.get(pk=idea.pk), events=events, moderator=who, at=at)


def test_a_page_offers_exactly_what_the_verb_would_do(idea, moderator, manager, auditor):
    other = factories.make_user(Role.MODERATOR)
    assert offer(idea, moderator) is None
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    assert [offer(idea, who) is not None for who in (moderator, manager, other, auditor)] == [True, True, False, False]
    assert offer(idea, moderator, clock.DURING + timedelta(seconds=300)) is None
    Message.objects.filter(template="accepted").update(tries=1)
    assert offer(idea, moderator) is None


def test_what_is_not_a_decision_cannot_be_undone(idea, moderator):
    with pytest.raises(Refusal):
        screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING)


def test_the_message_of_a_decision_waits_until_it_cannot_be_undone(idea, moderator):
    screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    message = Message.objects.get(template="accepted")
    assert message.next_try_at - clock.DURING == timedelta(seconds=300)


def test_the_resident_never_reads_of_an_undone_decision(idea, moderator):
    screening.decline_idea(idea=idea, moderator=moderator, at=clock.DURING, declined_as="insult", reason="不当。")
    screening.undo_decision(idea=idea, moderator=moderator, at=clock.DURING)
    story = story_of(Idea.objects.get(pk=idea.pk), clock.DURING)
    assert len(story.steps) == 1


def test_nobody_decides_an_idea_with_their_own_address(idea, moderator):
    moderator.email = "RESIDENT@example.com"
    with pytest.raises(NotPermitted):
        screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)


def test_a_restricted_idea_is_decided_by_named_staff_only(idea, moderator):
    Idea.objects.filter(pk=idea.pk).update(restricted=True)
    with pytest.raises(NotPermitted):
        screening.accept_idea(idea=Idea.objects.get(pk=idea.pk), moderator=moderator, at=clock.DURING)


def test_a_topic_is_assigned_and_the_trail_keeps_what_was_there(campaign, idea, moderator):
    night = campaign.topics.get(slug="night")
    unit = Unit.objects.create(name="集美交警大队")
    screening.classify_idea(idea=idea, moderator=moderator, at=clock.DURING, topic=night, area=idea.area, unit=unit)
    row = Idea.objects.get(pk=idea.pk)
    assert (row.topic, row.unit, row.status) == (night, unit, Status.RECEIVED)
    assert row.events.last().detail == {"topic": ["道路", "夜间"], "unit": ["", "集美交警大队"]}


def test_assigning_what_is_assigned_leaves_no_trace(idea, moderator):
    same = {"topic": idea.topic, "area": idea.area, "unit": idea.unit}
    assert not screening.classify_idea(idea=idea, moderator=moderator, at=clock.DURING, **same)
    assert idea.events.count() == 1


def test_a_note_stays_inside(idea, moderator):
    screening.note_idea(idea=idea, moderator=moderator, at=clock.DURING, note="问过路政，等回音。")
    assert len(story_of(Idea.objects.get(pk=idea.pk), clock.DURING).steps) == 1
