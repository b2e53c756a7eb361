"""The index of ideas alike is filled for what was there before it, and taken away without a trace."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ideas.models import OriginalTerms, PendingComparison, PublishedTerms
from tests import factories

pytestmark = pytest.mark.django_db
migration = import_module("ideas.migrations.0005_duplicates")


def held():
    return [dict(table.objects.values_list("idea", "terms")) for table in (OriginalTerms, PublishedTerms)]


def made():
    """What the database has under the names of the two tables, beside themselves and what Django made."""
    found = {
        "sqlite": "SELECT name FROM sqlite_master WHERE name LIKE %s AND (type = 'trigger' OR sql LIKE '%%VIRTUAL%%')",
        "postgresql": """SELECT proname FROM pg_proc WHERE proname LIKE %s
            UNION SELECT indexname FROM pg_indexes WHERE indexname LIKE %s AND indexdef LIKE '%%USING gin%%'""",
    }[connection.vendor]
    names = set()
    with connection.cursor() as cursor:
        for table in migration.TABLES:
            cursor.execute(found, [f"{table}%"] * found.count("%s"))
            names |= {name for (name,) in cursor.fetchall()}
    return names


def test_what_was_there_is_filled_in_as_new_ideas_are(campaign, moderator):
    """And waits for the worker to compare it."""
    factories.make_idea(campaign, title="岑东小学侧门加装路灯")
    factories.published(campaign, moderator, title="古树挂牌")
    before = held()
    for table in (OriginalTerms, PublishedTerms, PendingComparison):
        table.objects.all().delete()
    then = MigrationLoader(connection).project_state(("ideas", "0026_namesakes")).apps
    then.get_model("ideas", "Uncompared")._meta.db_table = PendingComparison._meta.db_table  # renamed since
    migration.fill(then, connection.schema_editor())
    assert [len(rows) for rows in before] == [2, 1]
    assert held() == before
    assert PendingComparison.objects.count() == 2


def test_the_index_goes_and_comes_back_with_all_that_it_is_made_of(campaign):
    whole, editor = made(), connection.schema_editor()
    migration.unmake(None, editor)
    gone = made()
    migration.make(None, editor)
    assert (gone, made()) == (set(), whole)
    assert len(whole) == {"sqlite": 10, "postgresql": 4}[connection.vendor]
    idea = factories.make_idea(campaign)
    assert OriginalTerms.objects.matching([(["路灯"], 1.0)], 5) == [(idea.pk, 1.0)]
