"""The triggers by which 0002 to 0007 let rows be added to the audit trail and never changed or removed.

Later migrations carry their own text (0015). What guards a database today is compared with models/append_only.py.
"""

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("ideas_ideaevent", "ideas_officeevent", "ideas_sealedrecord")
REFUSED = "the audit trail is append-only"


def statements(table: str, vendor: str) -> list[str]:
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
            for statement in statements(table, connection.vendor):
                cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in there.intersection(TABLES):
            suffix = "" if connection.vendor == "sqlite" else f" ON {table}"
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{suffix}")


append_only = migrations.RunPython(
    lambda apps, editor: install(editor.connection), lambda apps, editor: lift(editor.connection)
)
