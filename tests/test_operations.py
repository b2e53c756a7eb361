"""What docs/operations.md promises of restarts and copies, tried with real processes."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
from django.db import connection

from tests import servers

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = (servers.ROOT / "docs/operations.md").read_text(encoding="utf-8")
SERVE = [sys.executable, "-m", "gunicorn", *re.search(r"gunicorn (portal\.wsgi .*)", WORDS)[1].split()]
# Takes an open socket as number 3 and goes on as gunicorn, as systemd does it.
ACTIVATE = """
import os, sys
os.dup2(int(sys.argv.pop(1)), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


class Visitors:
    """Four that ask all the time, each time by a new connection; `failed` is whatever was no 200."""

    def __init__(self, port):
        self.port, self.stop, self.done, self.failed = port, threading.Event(), 0, []
        self.threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def _ask(self):
        while not self.stop.is_set():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60) as answer:
                    assert answer.status == 200
                    self.done += 1
            except Exception as error:
                self.failed.append(repr(error))
            time.sleep(0.02)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def address():
    """A socket that listens and that the web servers inherit, as from a socket unit."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        yield listening


def activated(listening, env):
    number = listening.fileno()
    command = [sys.executable, "-c", ACTIVATE, str(number), *SERVE]
    return subprocess.Popen(command, cwd=servers.ROOT, env={**env, "LISTEN_FDS": "1"}, pass_fds=[number])


def end(process, by=signal.SIGTERM):
    process.send_signal(by)
    process.wait(60)


def test_a_restart_behind_a_socket_refuses_nobody(tmp_path, address):
    env, port = servers.portal_env(tmp_path), address.getsockname()[1]
    first = activated(address, env)
    assert answers(port)
    with Visitors(port) as visitors:
        assert servers.eventually(lambda: visitors.done > 20)
        end(first)
        second = activated(address, env)
        before = visitors.done
        assert servers.eventually(lambda: visitors.done > before + 20)
    end(second)
    assert visitors.failed == []


def test_a_reload_refuses_nobody(tmp_path, address):
    env, port = servers.portal_env(tmp_path), address.getsockname()[1]
    web = activated(address, env)
    assert answers(port)
    with Visitors(port) as visitors:
        for _ in range(2):
            web.send_signal(signal.SIGHUP)
            before = visitors.done
            time.sleep(3)
            assert servers.eventually(lambda before=before: visitors.done > before + 20)
    end(web)
    assert visitors.failed == []


COPIES = [
    line.replace("\\\n  ", "")
    for line in re.findall(r"^(sqlite3 .*|python3 -c .*sqlite3(?:.*\\\n)?.*)$", WORDS.split("## Backup")[1], re.M)
]


def test_the_commands_for_copies_are_found():
    assert len(COPIES) == 3  # two of the backup, one before an upgrade


@pytest.mark.parametrize("command", COPIES)
def test_the_documented_copy_ends_while_ideas_come_in(tmp_path, command, campaign):
    """Somebody writes fifty times a second; the copy is whole all the same."""
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite")
    if command.startswith("sqlite3") and not os.path.exists("/usr/bin/sqlite3"):
        pytest.skip("there is no sqlite3 program")
    source, target, stop = str(connection.settings_dict["NAME"]), str(tmp_path / "copy.sqlite3"), threading.Event()
    with sqlite3.connect(source) as filler:
        filler.execute("CREATE TABLE filler (words TEXT)")
        filler.executemany("INSERT INTO filler VALUES (?)", [("x" * 1000,)] * 20_000)

    def write():
        own = sqlite3.connect(source, timeout=20)
        while not stop.is_set():
            with own:
                own.execute("INSERT INTO filler VALUES ('more')")
            time.sleep(0.02)
        own.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        command = command.replace("/var/lib/golden-ideas/portal.sqlite3", source)
        command = re.sub(r"/backup/[a-z].*?\.sqlite3", target, command)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        stop.set()
        writer.join()
        with sqlite3.connect(source, timeout=20) as filler:
            filler.execute("DROP TABLE filler")
    with sqlite3.connect(target) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM filler").fetchone()[0] >= 20_000
        assert copy.execute("SELECT slug FROM ideas_campaign").fetchall() == [(campaign.slug,)]
