"""Real servers for tests: one that accepts and stays silent, a small SMTP server, and processes of the portal."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bench import start
from tests.databases import database_url

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server on a port of its own; each connection is served in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    line = server.accept()[0]
                except OSError:
                    return
                threading.Thread(target=serve, args=(line,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


@contextmanager
def silent_server() -> Iterator[int]:
    """It accepts and never says a word."""
    kept: list[socket.socket] = []
    with listening(kept.append) as port:
        yield port
    for line in kept:
        line.close()


class Mailbox:
    """What a small SMTP server got; `go` lets it say that a mail is taken over."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()

    def serve(self, line: socket.socket) -> None:
        with line, line.makefile("rwb") as file:

            def say(words: str) -> None:
                file.write(f"{words}\r\n".encode())
                file.flush()

            say("220 mail.example.com")
            for raw in file:
                verb = raw.decode().strip().upper()
                if verb == "DATA":
                    say("354 go on")
                    body = b"".join(iter(file.readline, b".\r\n"))
                    self.begun.set()
                    self.go.wait(60)
                    self.mails.append(body.decode())
                say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return


@contextmanager
def mail_server() -> Iterator[tuple[int, Mailbox]]:
    mailbox = Mailbox()
    with listening(mailbox.serve) as port:
        yield port, mailbox


def portal_env(var: Path, **more: Any) -> dict[str, str]:
    """The environment of a process of the portal that works on the tests' database."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    own = {
        "PORTAL_ENV_FILE": "",
        "SECRET_KEY": settings.SECRET_KEY,
        "IDEAS_KEYS": ",".join(settings.IDEAS_KEYS),
        "VAR_DIR": str(var),
        "DATABASE_URL": database_url(),
        "PYTHONUNBUFFERED": "1",
    }
    return {**kept, **own, **{name: str(value) for name, value in more.items()}}


@contextmanager
def running(*command: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of the portal (`python …` in its folder), gone at the end; `log` tells what it said."""
    log = open(Path(env["VAR_DIR"]) / "log.txt", "a+", encoding="utf-8")  # noqa: SIM115 - closed below
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=log, stderr=log, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


def log_of(env: dict[str, str]) -> str:
    return (Path(env["VAR_DIR"]) / "log.txt").read_text(encoding="utf-8")


def eventually(seen: Callable[[], Any], seconds: float = 60) -> Any:
    """What `seen` gives as soon as it is something, or in the end."""
    deadline = time.monotonic() + seconds
    while not (found := seen()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@contextmanager
def nginx(folder: Path, server: str, http: str = "") -> Iterator[int]:
    """The real nginx with these lines in its `server` and `http`: its port. Skips the test where there is none."""
    if start.NGINX is None:
        pytest.skip("nginx is not installed")
    with start.nginx(folder, server, http) as port:
        yield port


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path | None]:
    """A file system in memory, really mounted; None where that is not allowed (a container, another user)."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        is_there = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        is_there = False
    try:
        yield folder if is_there else None
    finally:
        if is_there:
            subprocess.run(["umount", "-l", str(folder)], check=True)
