"""Form keys become keyed hashes, and keys again when going back; a form that is open meanwhile stays its writer's."""

from importlib import import_module
from os import listdir

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ideas import migrations
from ideas.models import Draft, Idea, Photo
from ideas.queries import access
from ideas.services import drafts, tracking
from tests import clock, factories

pytestmark = pytest.mark.django_db
[NAME] = [name for name in listdir(migrations.__path__[0]) if name.endswith("_form_hash.py")]
migration = import_module(f"ideas.migrations.{NAME.removesuffix('.py')}")


def models_of_migrations():
    """As a migration is given them, with the columns of today."""
    return MigrationLoader(connection).project_state().apps


def stored():
    return (
        {(draft.pk, draft.idea_id) for draft in Draft.objects.all()},
        set(Idea.objects.values_list("pk", "form_hash")),
        set(Photo.objects.values_list("pk", "draft_id")),
    )


@pytest.fixture
def forms(campaign):
    """One that is open, with a photo, one that was sent, words kept for an act, and an idea whose form is gone."""
    kept, sent, old = (factories.make_draft(campaign) for _number in range(3))
    factories.add_photo(None, draft=kept)
    for draft in (sent, old):
        drafts.send_draft(key=draft.form_key, campaign=campaign, at=clock.DURING)
    idea = Idea.objects.get(form_hash=sent.form_hash)
    tracking.save_unsent_input(idea=idea, act="withdraw", typed={"answer": "说到一半"}, at=clock.DURING)
    Draft.objects.filter(pk=old.pk).delete()
    return kept, sent, old


def test_going_back_gives_forms_their_keys_and_forth_hashes_them_again(forms, campaign):
    kept, sent, old = forms
    before = stored()
    migration.give_keys_back(models_of_migrations(), connection.schema_editor())
    assert {draft.pk for draft in Draft.objects.all()} >= {kept.form_key, sent.form_key}
    assert set(Idea.objects.values_list("form_hash", flat=True)) == {sent.form_key, old.form_hash}
    assert Photo.objects.get().draft_id == kept.form_key
    Idea.objects.filter(form_hash=old.form_hash).update(form_hash=old.form_key)  # as the old code kept it
    migration.hash_keys(models_of_migrations(), connection.schema_editor())
    assert stored() == before
    assert [row.pk for row in access.drafts([kept.form_key, sent.form_key], campaign, clock.DURING)] == [
        kept.pk,
        sent.pk,
    ]


def test_a_draft_under_a_key_that_is_gone_does_not_stop_the_upgrade(forms, settings):
    settings.IDEAS_KEYS = ["t2:" + "B" * 43 + "="]
    migration.hash_keys(models_of_migrations(), connection.schema_editor())
