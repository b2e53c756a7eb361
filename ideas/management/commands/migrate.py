"""Django's `migrate`, of which a kill at any moment leaves a database that the next `migrate` takes."""

from contextlib import ExitStack
from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations import Migration

from ideas.models import append_only

FIRST_GUARDED = "0002"  # the migration that guards the audit trail


class Command(migrate.Command):
    """One transaction for each migration and the note that it was done.

    Django's own ends the transaction before the note, so a kill in between leaves a changed database that calls itself
    unchanged; SQLite's foreign keys are switched off around it, since that cannot be done inside. After a migration
    that is undone the tables that are left get their guards again.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        self._connection = connections[options["database"]]
        with ExitStack() as self._under_way:
            super().handle(*args, **options)
        self._say_what_waits()

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        if migration is not None and action in ("apply_start", "unapply_start"):
            self._begin(migration)
        super().migration_progress_callback(action, migration, fake)
        if migration is not None and action in ("apply_success", "unapply_success"):
            if action == "unapply_success" and not fake:
                self._guard(migration)
            self._under_way.close()

    def _begin(self, migration: Migration) -> None:
        if not migration.atomic:
            return
        if self._connection.vendor == "sqlite":
            self._connection.disable_constraint_checking()
            self._under_way.callback(self._connection.enable_constraint_checking)
        self._under_way.enter_context(transaction.atomic(using=self._connection.alias))

    def _guard(self, undone: Migration) -> None:
        """The guards of the state before `undone`: its operations may have rebuilt tables, and lifted them to do so."""
        if undone.app_label == "ideas" and undone.name[:4] > FIRST_GUARDED:
            append_only.install(self._connection)

    def _say_what_waits(self) -> None:
        """After an upgrade from before ideas were compared all of them wait."""
        if self.verbosity < 1 or "ideas_pendingcomparison" not in self._connection.introspection.table_names():
            return
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ideas_pendingcomparison")
            (waiting,) = cursor.fetchone()
        if waiting:
            self.stdout.write(f"{waiting} ideas wait to be compared with the others; the worker does it bit by bit.")
