"""Triggers that let rows be added to the audit trail and the office's log and never changed or removed, on SQLite and
on PostgreSQL.

Run `append_only` in a migration after every change of such a table: SQLite drops triggers when it rebuilds a table.
"""

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("ideas_ideaevent", "ideas_officeevent", "ideas_sealedrecord")
REFUSED = "the audit trail is append-only"


def _statements(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        f"CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


def install(connection: BaseDatabaseWrapper) -> None:
    """On those of the tables that there are: an early migration knows only the first."""
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in there.intersection(TABLES):
            for statement in _statements(table, connection.vendor):
                cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for backward migrations and for emptying a test database, for nothing else."""
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in there.intersection(TABLES):
            suffix = "" if connection.vendor == "sqlite" else f" ON {table}"
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{suffix}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should exist and do not."""
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        found = {name for (name,) in cursor.fetchall()}
    names = [f"{table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]
    return [name for name in names if name not in found]


append_only = migrations.RunPython(
    lambda apps, editor: install(editor.connection), lambda apps, editor: lift(editor.connection)
)
