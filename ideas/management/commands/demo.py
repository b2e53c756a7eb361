"""From nothing to a running portal."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from ideas.demo.people import STAFF
from ideas.demo.start import first_start

STOP_SECONDS = 15


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"PORT={text}: must be a number from 1 to 65535.")
    return int(text)


class Command(BaseCommand):
    help = "Prepare keys, database and demo data as far as they are missing, then run the portal until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=_port, default=os.environ.get("PORT") or "8000")
        parser.add_argument("--prepare-only", action="store_true", help="prepare everything, start nothing")

    def handle(self, **options: Any) -> None:
        port, logins = options["port"], settings.VAR_DIR / "logins.txt"
        with only_one(settings.VAR_DIR / "demo.lock", f"http://127.0.0.1:{port}/"):
            self._start(port, logins, run=not options["prepare_only"])

    def _start(self, port: int, logins: Path, *, run: bool) -> None:
        if run:
            self._require_free(port)
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        first_start(at=timezone.now(), logins=logins, progress=_bar)
        self._print_logins(logins, port)
        if run:
            self._run(port)

    def _require_free(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(f"Port {port} is taken. Choose another: PORT=8080 make run") from error

    def _print_logins(self, logins: Path, port: int) -> None:
        address = f"http://127.0.0.1:{port}"
        self.stdout.write(f"\n  The portal       {address}/\n  Staff log-in     {address}/login/\n")
        if not logins.exists():
            self.stdout.write(
                f"  {logins.name} is gone; set a new password with: python manage.py changepassword USER\n"
            )
            return
        self.stdout.write(f"\n  Log-ins (kept in {logins}):")
        for line in logins.read_text(encoding="utf-8").splitlines():
            username, password = line.split()
            if username in STAFF and username[-2:].isdecimal() and username != "panel01":
                continue
            role = STAFF[username][1] if username in STAFF else None
            self.stdout.write(f"    {username:10s} {password:14s} {role.value if role else 'administrator'}")
        self.stdout.write("    (panel02 to panel12, officers and heads of the other units stand in the same file)\n")

    def _run(self, port: int) -> None:
        """Web server and worker, until one of them ends or somebody stops us."""
        env = {"IDEAS_SITE_URL": f"http://127.0.0.1:{port}", **os.environ}
        python = sys.executable
        serve = [python, "-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{port}", "--workers=2", "--threads=4"]
        commands = [[*serve, "--no-control-socket", "--log-level=warning"], [python, "manage.py", "work"]]
        # Sessions of their own: Ctrl-C reaches only us, and we stop them in order.
        children = [subprocess.Popen(c, cwd=settings.BASE_DIR, env=env, start_new_session=True) for c in commands]  # noqa: S603
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _stop)
        self.stdout.write("Running. Ctrl-C stops it.")
        self.stdout.flush()
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.3)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        ended = [child.returncode for child in children if child.poll() is not None]
        _end(children)
        if ended:
            raise CommandError(f"A part of the portal ended by itself (code {ended[0]}); everything is stopped.")
        self.stdout.write("Stopped. The data are kept.")


@contextmanager
def only_one(path: Path, address: str) -> Iterator[None]:
    """Hold the folder: a second start beside the first would share its database and log-ins, and send mail twice.

    The lock ends with the process, however it ends; the file keeps the address for whoever comes second.
    """
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CommandError(
                f"The portal runs from this folder already: {file.read().strip()}  Stop it there with Ctrl-C, or start "
                "another one with data of its own: VAR_DIR=var/second PORT=8080 make run"
            ) from error
        file.truncate(0)
        file.write(address)
        file.flush()
        yield


def _bar(rows: Any, label: str, total: int) -> Any:
    return tqdm(rows, desc=f"Demo {label}", total=total, mininterval=0.5)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(children: list[subprocess.Popen]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
