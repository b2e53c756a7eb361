"""Words that were kept among the drafts for an act, and half-given marks, move to tables of their own and back."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ideas.choices import Role
from ideas.models import Assignment, Draft, UnsentInput, UnsentMarks
from ideas.queries.tampering import whatever_is_sealed_opens_in_its_own_row
from ideas.rules.tracking import Act
from ideas.services import tracking
from tests import clock, factories

pytestmark = pytest.mark.django_db
migration = import_module("ideas.migrations.0028_unsent")


def models_of_migrations():
    """As a migration is given them."""
    return MigrationLoader(connection).project_state().apps


def held():
    return (
        set(UnsentInput.objects.values_list("idea", "act", "expires_at", "sender")),
        {str(row.words) for table in (UnsentInput, UnsentMarks) for row in table.objects.all()},
        set(UnsentMarks.objects.values_list("assignment", "expires_at")),
    )


@pytest.fixture
def unsent(campaign):
    """Words for each act on two ideas, half-given marks, and a form that is only a draft."""
    ideas = [factories.make_idea(campaign) for _number in range(2)]
    for idea in ideas:
        for act in map(Act, migration.ACTS):
            tracking.save_unsent_input(
                idea=idea, act=act, typed={"reason": f"{idea.pk} {act}"}, at=clock.DURING, address="203.0.113.9"
            )
    panellist = campaign.panellists.create(user=factories.make_user(Role.PANELLIST))
    assignment = Assignment.objects.create(panellist=panellist, idea=ideas[0], assigned_at=clock.DURING)
    UnsentMarks.objects.create(assignment=assignment, words={"comment": "写到一半"}, expires_at=clock.DURING)
    return factories.make_draft(campaign)


def back():
    migration.move_back(models_of_migrations(), connection.schema_editor())
    for table in (UnsentInput, UnsentMarks):
        table.objects.all().delete()


def test_going_back_and_forth_loses_no_word(unsent):
    before = held()
    back()
    assert Draft.objects.count() == 1 + 2 * len(migration.ACTS) + 1
    migration.move_out(models_of_migrations(), connection.schema_editor())
    assert (held(), [draft.pk for draft in Draft.objects.all()]) == (before, [unsent.pk])
    assert list(whatever_is_sealed_opens_in_its_own_row()) == []


def test_what_was_kept_under_an_older_key_of_the_ring_is_found(unsent, settings):
    before = held()
    back()
    settings.IDEAS_KEYS = ["t2:" + "B" * 43 + "=", *settings.IDEAS_KEYS]
    migration.move_out(models_of_migrations(), connection.schema_editor())
    assert held() == before


def test_words_whose_key_is_gone_do_not_stop_the_upgrade(unsent, settings):
    back()
    settings.IDEAS_KEYS = ["t2:" + "B" * 43 + "="]
    migration.move_out(models_of_migrations(), connection.schema_editor())
    assert UnsentInput.objects.count() == 0
