"""Landed migrations stay as they are, and lead a database with data to today and back whatever kills them."""

import hashlib
import io
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from ideas.migrations.frozen import append_only as frozen_guards
from ideas.models import Resident, append_only
from tests import factories
from tests.databases import database_url

ROOT = Path(__file__).parent.parent
MIGRATIONS = ROOT / "ideas" / "migrations"
LANDED = Path(__file__).with_name("landed_migrations.txt")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def landed():
    return dict(reversed(line.split()) for line in LANDED.read_text(encoding="utf-8").splitlines())


def test_a_landed_migration_is_never_edited():
    """A new one is entered as it lands:

    (cd ideas/migrations; sha256sum 0*.py frozen/*.py) > tests/landed_migrations.txt
    """
    found = {name: digest((MIGRATIONS / name).read_bytes()) for name in landed()}
    assert found == landed()


def test_only_the_newest_migrations_may_not_have_landed():
    names = sorted(path.name for path in MIGRATIONS.glob("0*.py"))
    entered = sorted(name for name in landed() if "/" not in name)
    assert names[: len(entered)] == entered


def test_what_landed_migrations_share_stays_as_it_is():
    shared = {f"frozen/{path.name}" for path in (MIGRATIONS / "frozen").glob("*.py")}
    assert {name for name in landed() if "/" in name} == shared


@pytest.mark.django_db
def test_migrations_leave_the_triggers_that_the_code_of_today_expects():
    """Put in place by the migrations' own text alone: another text of a trigger is a new migration."""
    seals = import_module("ideas.migrations.0015_seals")
    parts = import_module("ideas.migrations.0029_record_parts")
    referrals = import_module("ideas.migrations.0031_referrals")
    append_only.lift(connection)
    frozen_guards.install(connection)
    seals.guard(seals.NEW)(None, connection.schema_editor())
    parts.guard(None, connection.schema_editor())
    referrals.guard(None, connection.schema_editor())
    assert append_only.faults(connection) == []


def test_the_migrations_field_for_sealed_data_is_the_models_own_to_django():
    """What today's field writes is read by the migrations' one, and the other way round."""
    names = ("ideas.models.sealed", "ideas.migrations.frozen.sealed")
    fields = [import_module(name).SealedJSONField(blank=True) for name in names]
    for field in fields:
        field.set_attributes_from_name("contact")
        field.model = Resident
    assert fields[0].deconstruct() == fields[1].deconstruct()
    contact = {"name": "林晓"}
    for writer, reader in (fields, fields[::-1]):
        assert reader.from_db_value(writer.get_prep_value(contact)) == contact


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


@pytest.mark.slow
@pytest.mark.xdist_group("upgrade")
@pytest.mark.django_db(transaction=True)
def test_every_migration_goes_back_and_forth_over_data_and_survives_a_kill(tmp_path):
    environment = {**os.environ, "DATABASE_URL": another_database(tmp_path), "VAR_DIR": str(tmp_path)}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT), "PYTEST_XDIST_WORKER": ""}
    program = [sys.executable, "tests/upgrade.py"]
    answer = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.stdout.endswith("today\n"), answer.stdout[-500:] + answer.stderr[-3000:]
