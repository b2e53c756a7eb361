"""A database that has gone silent, or keeps a table locked: real PostgreSQL, a real TCP line, a real web server."""

import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import OperationalError, connection

from ideas.choices import MessageState
from ideas.models import Heartbeat, Message
from portal.line import Line
from tests import factories, servers
from tests.databases import database_url

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite is a file"),
]


class Tap:
    """A line to the database that can be made silent: nothing is passed on any more, and nothing is closed."""

    def __init__(self, port: int) -> None:
        self.port, self.flows = port, threading.Event()
        self.flows.set()

    def serve(self, near: socket.socket) -> None:
        if not self.flows.is_set():
            self.flows.wait()  # accepted by the machine, and then nothing
        far = socket.create_connection(("127.0.0.1", self.port))
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self.flows.wait()
                target.sendall(data)
        except OSError:
            pass
        target.close()


@pytest.fixture(params=[(4, 0)])
def web(request, tmp_path):
    """gunicorn with so many threads behind a tap, and for how many seconds it keeps a page; returns (get, tap)."""
    threads, kept = request.param
    tap = Tap(int(connection.settings_dict["PORT"] or 5432))
    with servers.listening(tap.serve) as port:
        env = servers.portal_env(
            tmp_path, DATABASE_URL=database_url(port=port), DATABASE_LOCK_SECONDS=4, IDEAS_PAGE_SECONDS=kept
        )
        at = servers.free_port()
        serve = ["-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{at}", f"--threads={threads}"]
        with servers.running(*serve, "--no-control-socket", env=env):

            def get(path, data=None):
                """(status, seconds, body, Retry-After)"""
                began = time.monotonic()
                sent = urlencode(data).encode() if data else None
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{at}{path}", sent, timeout=60) as answer:
                        status, body, wait = answer.status, answer.read().decode(), None
                except urllib.error.HTTPError as error:
                    status, body, wait = error.code, error.read().decode(), error.headers["Retry-After"]
                except OSError:
                    status, body, wait = 0, "", None
                return status, time.monotonic() - began, body, wait

            assert servers.eventually(lambda: get("/healthz")[0] == 200), servers.log_of(env)
            assert get("/")[0] == 200
            yield get, tap


def in_background(act, number):
    found = []
    threads = [threading.Thread(target=lambda: found.append(act()), daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads, found


def test_a_silent_line_is_503_in_plain_words_health_goes_on_and_all_recovers(web):
    get, tap = web
    tap.flows.clear()
    threads, found = in_background(lambda: get("/"), 8)
    time.sleep(0.3)
    status, seconds, *_ = get("/healthz")
    assert (status, seconds < 15) == (200, True)
    for thread in threads:
        thread.join(40)
    assert {status for status, *_ in found} == {503}
    assert max(seconds for _status, seconds, *_ in found) < 30
    assert {wait for *_, wait in found} == {"120"}
    status, seconds, body, _wait = get("/track/", {"receipt": "JM26-AAAAAAAA", "reason": "我写的很多字"})
    assert (status, "我写的很多字" in body) == (503, True)
    assert get("/healthz")[1] < 2
    assert get("/readyz")[0] == 503
    tap.flows.set()
    assert servers.eventually(lambda: get("/")[0] == 200, 20)


@pytest.mark.parametrize("web", [(1, 0), (2, 0), (8, 0)], indirect=True)
def test_health_is_answered_at_once_however_many_threads_wait_and_all_recovers(web):
    get, tap = web
    tap.flows.clear()
    threads, found = in_background(lambda: get("/"), 24)
    asked = []
    until = time.monotonic() + 12
    while time.monotonic() < until:
        time.sleep(0.2)
        asked.append(get("/healthz")[:2])
    assert {status for status, _seconds in asked} == {200}
    assert max(seconds for _status, seconds in asked) < 1
    for thread in threads:
        thread.join(60)
    assert {status for status, *_ in found} == {503}
    tap.flows.set()
    assert servers.eventually(lambda: get("/")[0] == 200, 20)


@pytest.mark.parametrize("web", [(4, 1)], indirect=True)
def test_readers_get_the_last_page_while_the_line_is_silent(web):
    """For a minute; what is not for everybody says so as ever."""
    get, tap = web
    page = get("/")[2]
    tap.flows.clear()
    threads, found = in_background(lambda: get("/"), 8)
    for thread in threads:
        thread.join(60)
    assert {(status, body) for status, _seconds, body, _wait in found} == {(200, page)}
    assert (get("/campaigns/open/submit/")[0], get("/healthz")[0]) == (503, 200)
    tap.flows.set()
    assert servers.eventually(lambda: get("/readyz")[0] != 0 and get("/")[0] == 200, 20)


def test_the_worker_outlives_a_silent_line(tmp_path, campaign):
    """What came in meanwhile is sent once the line speaks again, by the same process."""
    tap = Tap(int(connection.settings_dict["PORT"] or 5432))
    with servers.listening(tap.serve) as port:
        env = servers.portal_env(tmp_path, DATABASE_URL=database_url(port=port))
        with servers.running("manage.py", "work", env=env) as worker:
            assert servers.eventually(lambda: Heartbeat.objects.filter(name="email").exists()), servers.log_of(env)
            tap.flows.clear()
            factories.make_idea(campaign)
            assert servers.eventually(lambda: "OperationalError" in servers.log_of(env))
            tap.flows.set()
            assert servers.eventually(lambda: Message.objects.get().state == MessageState.SENT), servers.log_of(env)
            assert worker.poll() is None
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0


def test_a_locked_table_is_503_and_health_goes_on(web, campaign):
    get, _tap = web
    with psycopg.connect(
        host=connection.settings_dict["HOST"],
        port=connection.settings_dict["PORT"],
        user=connection.settings_dict["USER"],
        dbname=connection.settings_dict["NAME"],
    ) as other:
        other.execute("LOCK TABLE ideas_campaign IN ACCESS EXCLUSIVE MODE")
        threads, found = in_background(lambda: get("/"), 12)
        time.sleep(3.5)
        for _ in range(5):
            status, seconds, *_ = get("/healthz")
            assert (status, seconds < 6) == (200, True)
            time.sleep(0.5)
        for thread in threads:
            thread.join(60)
        assert {status for status, *_ in found} == {503}
        assert max(seconds for _status, seconds, *_ in found) < 20
    assert servers.eventually(lambda: get("/")[0] == 200, 20)


def test_an_honest_wait_for_a_lock_is_waited_for(campaign):
    """A manager's act holds a row for some seconds: whoever comes waits, and is not refused."""
    with psycopg.connect(
        host=connection.settings_dict["HOST"],
        port=connection.settings_dict["PORT"],
        user=connection.settings_dict["USER"],
        dbname=connection.settings_dict["NAME"],
    ) as other:
        other.execute("LOCK TABLE ideas_campaign IN ACCESS EXCLUSIVE MODE")
        threading.Timer(3, other.rollback).start()
        type(campaign).objects.update(title_en="New")
    campaign.refresh_from_db()
    assert campaign.title_en == "New"


@pytest.mark.parametrize(
    ("setting", "most"),
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "1min")],
)
def test_the_server_knows_our_limits(setting, most):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        assert cursor.fetchone() == (most,)


def test_a_statement_without_end_is_ended():
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1s'")
        with pytest.raises(OperationalError):
            cursor.execute("SELECT pg_sleep(20)")
    connection.close()


def test_while_the_line_is_down_one_request_in_three_seconds_tries_it():
    line = Line()
    assert line.refuses() is False
    line.went_down()
    assert line.refuses() is True
    line._next_try = 0
    assert [line.refuses(), line.refuses()] == [False, True]
    line.is_up()
    assert line.refuses() is False


def test_three_that_are_stuck_turn_others_away_and_three_that_are_busy_do_not(monkeypatch):
    line = Line()
    with line.waiting(), line.waiting(), line.waiting():
        assert line.refuses() is False
        monkeypatch.setattr("portal.line.STALLED_SECONDS", -1.0)
        assert line.refuses() is True
    line.answered()
    assert line.refuses() is False


def test_who_waited_for_nothing_is_remembered_until_somebody_is_answered():
    """Threads come free one after the other; the next ones must not all be bound in their turn."""
    line = Line()
    line.gave_up()
    line.gave_up()
    assert line.refuses() is False
    line.gave_up()
    assert line.refuses() is True
    line.answered()
    assert line.refuses() is False
