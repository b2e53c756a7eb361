"""Run as a program by tests/test_upgrade.py, in a database of its own: every migration undone and done again, each once
killed between its work and the note that it was done.

It forks a process for each step, so that Django is imported once and a kill is a real one. A process does what the one
before it was killed at, and is killed at the next.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from itertools import pairwise

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from ideas.choices import Role, Status  # noqa: E402
from ideas.models import Idea, UnsentInput, append_only  # noqa: E402
from ideas.queries.invariants import violations  # noqa: E402
from ideas.rules.tracking import Act  # noqa: E402
from ideas.services import tracking  # noqa: E402
from ideas.services.roles import sync_roles  # noqa: E402
from ideas.services.screening import return_idea  # noqa: E402
from tests import clock, factories  # noqa: E402

HALF_TYPED = {"answer": "北门，靠近"}
GUARDED_FROM = {
    "ideas_ideaevent": "0002",
    "ideas_officeevent": "0004",
    "ideas_sealedrecord": "0007",
    "ideas_recordpart": "0029",
}


def forked(act: Callable[[], None]) -> int:
    """The exit status of a process that does it; negative: the signal that killed it."""
    connections.close_all()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        act()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        connections.close_all()
        os._exit(status)


def migrate(target: str) -> None:
    call_command("migrate", "ideas", target, verbosity=0)


def killed_at_the_note(target: str, migration: str) -> None:
    """The moment that Django's own leaves open, of the last migration on the way to the target."""

    def dying(note: Callable[[MigrationRecorder, str, str], None]) -> Callable[[MigrationRecorder, str, str], None]:
        def note_or_die(recorder: MigrationRecorder, app: str, name: str) -> None:
            if name == migration:
                os.kill(os.getpid(), signal.SIGKILL)
            note(recorder, app, name)

        return note_or_die

    MigrationRecorder.record_applied = dying(MigrationRecorder.record_applied)  # type: ignore
    MigrationRecorder.record_unapplied = dying(MigrationRecorder.record_unapplied)  # type: ignore
    migrate(target)


def seed() -> None:
    """A released campaign with its record, and an idea that waits for an answer, which is half typed."""
    sync_roles()
    moderator = factories.make_user(Role.MODERATOR)
    managers = factories.make_user(Role.MANAGER), factories.make_user(Role.MANAGER)
    factories.released_campaign(moderator, managers)
    open_campaign = factories.make_campaign()
    idea = factories.make_idea(open_campaign)
    return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="请补充地点。")
    tracking.save_unsent_input(idea=idea, act=Act.ANSWER, typed=HALF_TYPED, at=clock.DURING)


def check_stands_at(applied: str) -> None:
    """The migrations up to this one are done and noted, no other is, and what they guard is guarded."""
    newest = max(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "ideas")
    assert newest == applied, f"at {newest} instead of {applied}"
    missing = {name.rsplit("_no_", 1)[0] for name in append_only.missing(connection)}
    wanted = {table for table, since in GUARDED_FROM.items() if since <= applied[:4]}
    assert not wanted & missing, f"at {applied} without guards: {sorted(wanted & missing)}"


def check_end() -> None:
    call_command("reindex", verbosity=0)  # as the upgrade's instructions say
    found = [f"{name}: {line}" for name, line in violations()]
    assert not found, found
    assert Idea.objects.filter(status=Status.RETURNED).count() == 1
    assert UnsentInput.objects.get(idea__status=Status.RETURNED, act=Act.ANSWER).words == HALF_TYPED


def require(status: int, wanted: int, what: str) -> None:
    if status != wanted:
        sys.exit(f"{what}: exit status {status} instead of {wanted}")
    print(what, flush=True)


def walk(at: str, way: list[tuple[str, str]]) -> None:
    """From one state to the next ones: (target, the migration that is done or undone on the way to it)."""
    for target, migration in way:
        status = forked(lambda: killed_at_the_note(target, migration))  # noqa: B023
        require(status, -signal.SIGKILL, f"{migration} killed on the way to {target}")
        check_stands_at(at)
        at = target
    require(forked(lambda: migrate(at)), 0, at)
    check_stands_at(at)


def main() -> None:
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "ideas")
    require(forked(lambda: call_command("migrate", verbosity=0)), 0, "fresh")
    require(forked(seed), 0, "seeded")
    walk(names[-1], list(pairwise(names))[::-1])
    walk(names[0], [(name, name) for name in names[1:]])
    require(forked(check_end), 0, "today")


main()
