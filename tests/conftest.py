"""The cast of the tests, and a database that is copied, not made.

A long story is told once for a file: a fixture of module scope that asks for `people` and gives the key of its row; a
fixture beside it reads the row anew for each test. `moderator` and `managers` are then those of the story.
"""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import transaction

from ideas import conf
from ideas.choices import Role
from ideas.models import User
from ideas.services.roles import sync_roles
from tests import clock, factories
from tests.addresses import make_story
from tests.databases import copy_migrated

HERE = Path(__file__).parent
PAGES = {HERE / "admin", HERE / "desks", HERE / "views"}


def pytest_collection_modifyitems(items):
    """What asks for no database says nothing about one, and pages show what queries and services found, which are
    tried on both. And what stays together on one worker is long: it begins before the rest of those that empty the
    tables, so that in the end no worker waits for another."""
    for item in items:
        asks = item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames)
        if not asks or (item.path.parent in PAGES and item.path.name != "test_health.py"):
            item.add_marker(pytest.mark.any_database)
    _keep_apart(items)
    items.sort(key=_turn)


def _keep_apart(items):
    """A story that is told once stands in a transaction as long as its file runs: what empties the tables, or asks
    whether there is a transaction, has no place in that file, whatever the order."""
    stories = {item.path for item in items if "people" in item.fixturenames}
    if mixed := [item.nodeid for item in items if item.path in stories and _turn(item) == 2]:
        raise pytest.UsageError(f"these tests need a file without a story that is told once: {mixed}")


def _turn(item):
    marker = item.get_closest_marker("django_db")
    if item.get_closest_marker("xdist_group"):
        return 1
    return 2 if marker and marker.kwargs.get("transaction") else 0


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Databases are copied, not made: a test that was killed leaves nothing to the next run."""
    return True


@pytest.fixture(scope="session")
def django_db_createdb():
    return False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    with django_db_blocker.unblock():
        copy_migrated()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Roles as after an upgrade; tests/emptying keeps them."""
    with django_db_blocker.unblock():
        sync_roles()


@pytest.fixture(autouse=True)
def fresh_cache():
    """What a process keeps for a minute is not kept for the next test, nor what the worker noted outside."""
    cache.clear()
    conf.heads_file().unlink(missing_ok=True)


@pytest.fixture
def during():
    """The clock stands in the collecting phase."""
    with clock.at(clock.DURING):
        yield clock.DURING


@pytest.fixture
def campaign(db):
    """Open for ideas at clock.DURING."""
    return factories.make_campaign()


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker):
    """Who acts in a story that stands before every test of a file; gone, with all that they did, after the last."""
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
        roles = {"moderator": Role.MODERATOR, "manager": Role.MANAGER, "second": Role.MANAGER}
        yield SimpleNamespace(**{name: factories.make_user(role) for name, role in roles.items()})
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def moderator(db, request):
    """Su screens ideas."""
    if "people" in request.fixturenames:
        return User.objects.get(pk=request.getfixturevalue("people").moderator.pk)
    return factories.make_user(Role.MODERATOR)


@pytest.fixture
def keeper(db):
    """Ye screens, and is one of the few who see restricted ideas."""
    return factories.make_keeper()


@pytest.fixture
def managers(db, request):
    """Zhou and Zheng run the campaign; sealing takes both."""
    if "people" in request.fixturenames:
        told = request.getfixturevalue("people")
        return tuple(User.objects.get(pk=manager.pk) for manager in (told.manager, told.second))
    return factories.make_user(Role.MANAGER), factories.make_user(Role.MANAGER)


@pytest.fixture
def manager(managers):
    return managers[0]


@pytest.fixture
def auditor(db):
    """Xie reads and changes nothing."""
    return factories.make_user(Role.AUDITOR)


@pytest.fixture
def story(moderator, managers):
    """A campaign under review and an open one, with whatever the addresses need."""
    return make_story(moderator, managers[0])
