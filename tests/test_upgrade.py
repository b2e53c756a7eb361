"""Landed migrations stay as they are, and lead a database with data to today and back whatever kills them."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from ideas.models import append_only
from tests import factories
from tests.databases import database_url

ROOT = Path(__file__).parent.parent
MIGRATIONS = ROOT / "ideas" / "migrations"
LANDED = Path(__file__).with_name("landed_migrations.txt")
# What landed migrations run from outside their files: changed, they would make another database than they made before.
BORROWED = "78a9e26e"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def landed():
    return dict(reversed(line.split()) for line in LANDED.read_text(encoding="utf-8").splitlines())


def test_a_landed_migration_is_never_edited():
    """A new one is entered as it lands: (cd ideas/migrations; sha256sum 0*.py) > tests/landed_migrations.txt"""
    found = {name: digest((MIGRATIONS / name).read_bytes()) for name in landed()}
    assert found == landed()


def test_only_the_newest_migrations_may_not_have_landed():
    names = sorted(path.name for path in MIGRATIONS.glob("0*.py"))
    assert names[: len(landed())] == sorted(landed())


def test_what_landed_migrations_borrow_stays_as_it_is():
    """Another text of a trigger is a new migration with a text of its own."""
    tables = ("ideas_ideaevent", "ideas_officeevent", "ideas_sealedrecord")
    kinds = ("sqlite", "postgresql")
    texts = [line for table in tables for kind in kinds for line in append_only._statements(table, kind)]
    assert digest("\n".join(texts).encode())[:8] == BORROWED


@pytest.mark.django_db
def test_migrate_says_how_many_ideas_wait_to_be_compared(campaign):
    """After an upgrade from before ideas were compared all of them wait, and somebody must know."""
    factories.make_idea(campaign)
    out = io.StringIO()
    call_command("migrate", stdout=out)
    assert "1 ideas wait to be compared with the others" in out.getvalue()


def another_database(tmp_path):
    if connection.vendor == "sqlite":
        return database_url(tmp_path / "upgrade.sqlite3")
    name = f"{connection.settings_dict['NAME']}_upgrade"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    return database_url(name)


@pytest.mark.xdist_group("upgrade")
@pytest.mark.django_db(transaction=True)
def test_every_migration_goes_back_and_forth_over_data_and_survives_a_kill(tmp_path):
    environment = {**os.environ, "DATABASE_URL": another_database(tmp_path), "VAR_DIR": str(tmp_path)}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT), "PYTEST_XDIST_WORKER": ""}
    program = [sys.executable, "tests/upgrade.py"]
    answer = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.stdout.endswith("today\n"), answer.stdout[-500:] + answer.stderr[-3000:]
