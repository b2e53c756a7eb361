"""Triggers that let rows be added to the audit trails, the office's log and the sealed records and never changed or
removed, on SQLite and on PostgreSQL.

A migration that changes such a table guards it again, with a text of its own: SQLite drops triggers when it rebuilds a
table. What migrations leave must be what `install` makes.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = (
    "ideas_ideaevent",
    "ideas_officeevent",
    "ideas_sealedrecord",
    "ideas_recordpart",
    "ideas_auditstamp",
    "ideas_referralevent",
)
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


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """What is not as `install` makes it: triggers that are missing, disabled, weakened, or not ours."""
    found = {"sqlite": _found_sqlite, "postgresql": _found_postgresql}[connection.vendor](connection)
    wanted = {f"{table}_no_{verb}": table for table in TABLES for verb in ("update", "delete")}
    lines = [f"trigger {name} is missing" for name in wanted if name not in found]
    lines += [f"trigger {name} on the audit trail is not the portal's" for name in found if name not in wanted]
    return lines + [f"trigger {name} was changed" for name in wanted if name in found and not found[name]]


def _found_sqlite(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """{trigger: whether its text is ours} of the guarded tables."""
    ours = {text.split()[5]: text.split()[6:] for table in TABLES for text in _statements(table, "sqlite")}
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(TABLES))
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks})",  # noqa: S608
            TABLES,
        )
        rows = cursor.fetchall()
    return {name: sql.split()[-len(ours.get(name, ())) :] == ours.get(name) for name, sql in rows}


# of pg_trigger.tgtype: for each statement, before (2), DELETE (8), UPDATE (16), TRUNCATE (32)
_KINDS = {"update": 2 + 16, "delete": 2 + 8 + 32}


def _found_postgresql(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgenabled, t.tgtype, t.tgqual IS NULL, p.proname, p.prosrc "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace",
            [list(TABLES)],
        )
        rows = cursor.fetchall()
    body = f"BEGIN RAISE EXCEPTION '{REFUSED}'; END"
    return {
        name: (enabled in ("O", "A"), kind, always, function, source.strip())
        == (True, _KINDS.get(name.rsplit("_", 1)[-1]), True, f"{table}_refuse", body)
        for name, table, enabled, kind, always, function, source in rows
    }
