"""A database migrated once and copied for every worker and every run, until a migration changes.

To migrate from nothing takes longer than most files of tests.
"""

import fcntl
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ideas.migrations import frozen

_held: list[TextIO] = []  # locks, until the process ends


def database_url(name: object = None, *, port: int | None = None) -> str:
    """As DATABASE_URL names it: the tests' own, or one called `name` beside it (SQLite: a path), reached by `port`."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name or given['NAME']}"
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    door = port or given["PORT"] or 5432
    return f"postgres://{given['USER']}{password}@{given['HOST']}:{door}/{name or given['NAME']}"


def copy_migrated() -> None:
    """Leave a fresh copy where `connection` keeps its tests' data; whatever was there is gone."""
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    _hold(database_url(name))
    {"sqlite": copy_file, "postgresql": _copy_database}[connection.vendor](name)


def _hold(url: str) -> None:
    """Keep a database for this process; a second run would take it away from under the first, at any test."""
    lock = Path(tempfile.gettempdir(), f"golden-ideas-tests-{os.getuid()}-{sha256(url.encode()).hexdigest()[:12]}.lock")
    file = lock.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise RuntimeError(
            "Another run of the tests uses this database. Let it end, or give this one a folder (VAR_DIR) or a "
            "database (DATABASE_URL) of its own."
        ) from None
    _held.append(file)


def copy_file(name: str | Path) -> None:
    """Leave a fresh copy in a file of SQLite's; also for tests that start a portal of their own."""
    made = settings.VAR_DIR / f"migrated-{_digest()}.sqlite3"
    with _one_at_a_time():
        if not made.exists():
            for old in settings.VAR_DIR.glob("migrated-*"):
                old.unlink()
            making = made.with_suffix(".making")
            _migrate(f"sqlite:///{making}")
            making.rename(made)
        for tail in ("-wal", "-shm"):
            Path(f"{name}{tail}").unlink(missing_ok=True)
        shutil.copyfile(made, name)


def _copy_database(name: str) -> None:
    prefix = f"migrated_{connection.settings_dict['NAME']}_"
    made = prefix + _digest()
    with _one_at_a_time(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        found = {old for (old,) in cursor.fetchall()}
        if made not in found:
            for old in found:
                cursor.execute(f'DROP DATABASE "{old}"')
            cursor.execute(f'CREATE DATABASE "{prefix}making"')
            _migrate(database_url(f"{prefix}making"))
            cursor.execute(f'ALTER DATABASE "{prefix}making" RENAME TO "{made}"')
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{made}"')


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The first worker to come makes what is copied, the others wait for it."""
    with (settings.VAR_DIR / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "migrate", "--verbosity=0"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url},
        check=True,
    )


def _digest() -> str:
    """Of every app's migrations and of what ours share."""
    migrations = MigrationLoader(None).disk_migrations
    files = [inspect.getfile(type(migrations[key])) for key in sorted(migrations)]
    shared = sorted(Path(frozen.__file__).parent.glob("*.py"))
    return sha256(b"".join(Path(file).read_bytes() for file in [*files, *shared])).hexdigest()[:12]
