import json
import re
import subprocess
import sys
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ideas.apps import own_keys
from ideas.choices import MessageState
from ideas.models import Heartbeat, KeyMark, Message
from ideas.queries import health as signs
from ideas.services.health import beat, note_failure, require_own_keys
from ideas.views import health
from tests import clock, factories, servers

pytestmark = pytest.mark.django_db
OTHER = ["t1:" + "B" * 43 + "="]


@pytest.fixture(autouse=True)
def worker(db):
    """A worker that has just given signs of life, whatever the clock says."""
    for name in signs.LOOPS:
        beat(name=name, at=timezone.now() + timedelta(days=365))


def ready(client):
    answer = client.get("/readyz")
    wrong = {name for name, good in answer.json().items() if good is False}
    named = {line.split(":")[0] for line in answer.json().get("problems", [])}
    assert named == wrong
    return answer.status_code, wrong


def test_a_healthy_portal_is_ready(client):
    assert ready(client) == (200, set())


def test_a_stuck_outbox_shows(client, campaign):
    factories.make_idea(campaign)
    with clock.at(clock.DURING + timedelta(minutes=14)):
        assert ready(client) == (200, set())
    with clock.at(clock.DURING + timedelta(minutes=16)):
        assert ready(client) == (503, {"outbox"})


def test_a_message_that_waits_for_its_next_try_is_not_stuck(client, campaign):
    factories.make_idea(campaign)
    Message.objects.update(next_try_at=clock.LATER)
    with clock.at(clock.LATER - timedelta(minutes=1)):
        assert ready(client) == (200, set())


def test_a_missing_migration_shows(client):
    MigrationRecorder.Migration.objects.filter(app="ideas").latest("id").delete()
    assert ready(client) == (503, {"migrations"})


def test_a_full_disk_shows(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_DISK_BYTES", 10**18)
    assert ready(client) == (503, {"disk"})


def test_a_full_temporary_folder_shows(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_TEMP_BYTES", 10**18)
    assert ready(client) == (503, {"disk"})


def test_a_worker_that_was_never_started_shows(client):
    Heartbeat.objects.all().delete()
    assert ready(client) == (503, {"worker"})


@pytest.mark.parametrize("name", signs.LOOPS)
def test_a_loop_of_the_worker_that_died_shows(client, name):
    now = timezone.now()
    Heartbeat.objects.filter(name=name).update(at=now - timedelta(seconds=170))
    assert ready(client) == (200, set())
    Heartbeat.objects.filter(name=name).update(at=now - timedelta(seconds=190))
    assert ready(client) == (503, {"worker"})


def test_a_duty_that_fails_three_times_in_a_row_shows_and_its_first_success_ends_that(client):
    for _ in range(2):
        note_failure(name="sweep photo files", at=clock.DURING, error=OSError())
    assert ready(client) == (200, set())
    note_failure(name="sweep photo files", at=clock.DURING, error=OSError())
    assert ready(client) == (503, {"duties"})
    assert "sweep photo files" in client.get("/readyz").content.decode()
    beat(name="sweep photo files", at=clock.DURING)
    assert ready(client) == (200, set())


def test_messages_that_were_given_up_show_until_somebody_has_dealt_with_them(client, campaign, settings):
    factories.make_idea(campaign)
    Message.objects.update(state=MessageState.DEAD, kept_until=clock.LATER)
    assert ready(client) == (503, {"given_up"})
    settings.IDEAS_GIVEN_UP_WARN = 1  # an office that lives with some mistyped addresses
    assert ready(client) == (200, set())


def test_another_key_under_a_known_name_shows(client, settings):
    require_own_keys()
    settings.IDEAS_KEYS = OTHER
    assert ready(client) == (503, {"keys"})


def test_a_retired_key_is_looked_at_too(client, settings):
    settings.IDEAS_KEYS = ["t2:" + "C" * 43 + "=", *settings.IDEAS_KEYS]
    require_own_keys()
    settings.IDEAS_KEYS = [settings.IDEAS_KEYS[0], *OTHER]
    assert ready(client) == (503, {"keys"})


def test_a_database_from_before_fingerprints_knows_its_key_by_what_it_sealed(client, campaign, settings):
    factories.make_idea(campaign)
    Message.objects.all().delete()
    KeyMark.objects.all().delete()
    settings.IDEAS_KEYS = OTHER
    assert ready(client) == (503, {"keys"})
    with pytest.raises(Exception, match="t1"):
        require_own_keys()
    assert KeyMark.objects.count() == 0


def test_a_new_key_in_front_is_nobodys_mistake(client, campaign, settings):
    factories.make_idea(campaign)
    Message.objects.all().delete()
    require_own_keys()
    settings.IDEAS_KEYS = ["t2:" + "C" * 43 + "=", *settings.IDEAS_KEYS]
    require_own_keys()
    assert (ready(client), own_keys(None)) == ((200, set()), [])
    assert set(KeyMark.objects.values_list("name", flat=True)) == {"t1", "t2"}


def test_the_fingerprint_is_not_the_key(settings):
    require_own_keys()
    assert KeyMark.objects.get().fingerprint not in settings.IDEAS_KEYS[0]


def test_commands_refuse_to_start_under_another_key(settings):
    require_own_keys()
    settings.IDEAS_KEYS = OTHER
    assert [error.id for error in own_keys(None)] == ["ideas.E001"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command", [["manage.py", "work", "--once"], ["manage.py", "rotate_keys"], ["-c", "import portal.wsgi"]]
)
def test_processes_refuse_to_start_under_another_key(tmp_path, command):
    """Web server, worker and commands, really started."""
    require_own_keys()
    env = servers.portal_env(tmp_path, IDEAS_KEYS=OTHER[0], DJANGO_SETTINGS_MODULE="portal.settings")
    line = [sys.executable, *command]
    done = subprocess.run(line, cwd=servers.ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode == 0, "t1" in done.stderr) == (False, True)


def test_a_photo_folder_that_can_only_be_read_shows(client, tmp_path, settings):
    with servers.mounted(tmp_path / "photos", "ro,size=300m") as folder:
        if folder is None:
            pytest.skip("nothing can be mounted here")
        own = settings.STORAGES["photos"]
        settings.STORAGES = {
            **settings.STORAGES, "photos": {**own, "OPTIONS": {**own["OPTIONS"], "location": folder}},
        }  # fmt: skip
        assert ready(client) == (503, {"photos"})


def test_a_file_of_sqlite_that_can_only_be_read_shows(client, tmp_path, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL is no file")
    with servers.mounted(tmp_path / "data", "ro") as folder:
        if folder is None:
            pytest.skip("nothing can be mounted here")
        monkeypatch.setitem(connection.settings_dict, "NAME", folder)
        assert ready(client) == (503, {"writable"})


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_pages_work_where_static_files_were_never_collected_and_readyz_says_so(tmp_path):
    """A real web server: the home page, its style sheet, and what is said."""
    env, port = servers.portal_env(tmp_path), servers.free_port()
    serve = ["-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{port}", "--threads=2", "--no-control-socket"]

    def get(path):
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    with servers.running(*serve, env=env):
        assert servers.eventually(lambda: get("/healthz")[0] == 200), servers.log_of(env)
        status, page = get("/")
        sheet = re.search(r'href="(/static/ideas/site[^"]*)"', page)
        assert (status, get(sheet[1])[0]) == (200, 200)
        status, words = get("/readyz")
        assert (status, json.loads(words)["static"]) == (503, False)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no standby")
def test_a_database_that_can_only_be_read_shows(client):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    assert ready(client) == (503, {"writable"})


def test_readyz_tells_a_stranger_nothing(client, settings):
    require_own_keys()
    Heartbeat.objects.all().delete()
    settings.IDEAS_KEYS = OTHER
    words = client.get("/readyz").content.decode()
    assert (str(settings.VAR_DIR) in words, "BBBB" in words) == (False, False)


def test_readyz_asks_little(client):
    """A few questions, each within a time of its own; PostgreSQL is told that time besides."""
    require_own_keys()
    with CaptureQueriesContext(connection) as queries:
        client.get("/readyz")
    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert (len(asked) <= 9, len(queries) <= 4 * 9) == (True, True)
