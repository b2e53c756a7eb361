import pytest
from django.db import DatabaseError, connection, transaction

from ideas.choices import Action, Status
from ideas.errors import Refusal, Stale
from ideas.models import Idea, IdeaEvent
from ideas.services.workflow import move_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


def test_a_move_writes_the_status_and_its_event(idea, moderator):
    facts = {"declined_as": "insult"}
    move_idea(idea=idea, action=Action.DECLINE, actor=moderator, at=clock.LATER, reason="重复", detail=facts)
    event = idea.events.get(number=2)
    assert Idea.objects.get(pk=idea.pk).status == Status.DECLINED
    assert (event.before, event.after, event.actor, event.at, event.reason, event.detail) == (
        Status.RECEIVED, Status.DECLINED, moderator, clock.LATER, "重复", facts,
    )  # fmt: skip


def test_a_forbidden_move_is_refused_and_leaves_no_trace(idea):
    with pytest.raises(Refusal):
        move_idea(idea=idea, action=Action.AWARD, at=clock.LATER)
    assert (idea.events.count(), Idea.objects.get(pk=idea.pk).status) == (1, Status.RECEIVED)


def test_an_act_on_an_outdated_page_is_refused(idea, moderator):
    move_idea(idea=idea, action=Action.ACCEPT, actor=moderator, at=clock.LATER, expected_version=1)
    with pytest.raises(Stale):
        move_idea(idea=idea, action=Action.DECLINE, actor=moderator, at=clock.LATER, expected_version=1)
    assert Idea.objects.get(pk=idea.pk).status == Status.ACCEPTED


def test_a_stale_copy_of_the_row_does_not_matter(idea, moderator):
    copy = Idea.objects.get(pk=idea.pk)
    move_idea(idea=idea, action=Action.ACCEPT, actor=moderator, at=clock.LATER)
    move_idea(idea=copy, action=Action.SHORTLIST, actor=moderator, at=clock.LATER)
    assert (copy.status, copy.events.count()) == (Status.SHORTLISTED, 3)


@pytest.mark.parametrize("statement", ["UPDATE ideas_ideaevent SET reason = 'x'", "DELETE FROM ideas_ideaevent"])
def test_the_database_refuses_to_change_the_trail(idea, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert IdeaEvent.objects.get(idea=idea).reason == ""


def test_an_idea_with_a_trail_cannot_be_deleted(idea):
    with pytest.raises(DatabaseError):
        idea.delete()
