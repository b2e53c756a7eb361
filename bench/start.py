"""A whole portal to measure: its own data, keys and database in a folder, served by gunicorn as in life."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.env import BASE_DIR, new_key

HOST = "127.0.0.1"
READY_SECONDS = 30
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def environment(folder: Path, database_url: str = "") -> dict[str, str]:
    """What every started process is told; nothing of an operator's own settings gets in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return kept | {
        "VAR_DIR": str(folder),
        "PORTAL_ENV_FILE": "",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "IDEAS_KEYS": new_key(),
        "DATABASE_URL": database_url or f"sqlite:///{folder / 'portal.sqlite3'}",
    }


def run(env: dict[str, str], *arguments: str) -> str:
    """Run Python with arguments to its end; returns what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def prepare(env: dict[str, str]) -> None:
    """An empty database, and the static files compressed."""
    run(env, "manage.py", "migrate", "--verbosity=0")
    run(env, "manage.py", "collectstatic", "--no-input", "--verbosity=0")


def seed(env: dict[str, str], *arguments: str) -> str:
    """Make a campaign; gives the slug out of the address that the command prints."""
    printed = run(env, "manage.py", "seed_demo", "--quiet", *arguments)
    found = re.search(r"/campaigns/([\w-]+)/", printed)
    if not found:
        raise SystemExit(f"seed_demo named no campaign: {printed}")
    return found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def launch(module: str, env: dict[str, str], port: int, threads: int = 4) -> subprocess.Popen:
    """A server that answers, in a process group of its own."""
    command = [sys.executable, "-m", "gunicorn", module, f"--bind={HOST}:{port}", "--workers=2", f"--threads={threads}"]
    running = subprocess.Popen(
        [*command, "--no-control-socket", "--log-level=warning"], cwd=BASE_DIR, env=env, start_new_session=True
    )
    wait_for(running, port)
    return running


@contextmanager
def server(module: str, env: dict[str, str], threads: int = 4) -> Iterator[int]:
    """Returns the port."""
    port = free_port()
    running = launch(module, env, port, threads)
    try:
        yield port
    finally:
        running.terminate()
        running.wait(READY_SECONDS)


@contextmanager
def nginx(folder: Path, server: str, http: str = "") -> Iterator[int]:
    """The real nginx with these lines in its `server` and `http`; returns its port."""
    folder.mkdir(exist_ok=True)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    port = free_port()
    (folder / "nginx.conf").write_text(f"""
        daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/errors;
        {"user root;" if os.getuid() == 0 else ""}
        events {{ worker_connections 768; }}
        http {{
          access_log off; {folders} {http}
          server {{ listen {HOST}:{port}; {server} }}
        }}""")
    command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
    running = subprocess.Popen(command, start_new_session=True)
    try:
        wait_for(running, port)
        yield port
    finally:
        running.terminate()
        running.wait(READY_SECONDS)


def nginx_cache(folder: Path) -> tuple[str, str]:
    """The cache of docs/operations.md, kept in the folder: its lines in `http`, and in the `location`."""
    example = (BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
    http = "\n".join(re.findall(r"^(?:proxy_cache_path|map) .*$", example, re.M))
    location = re.search(r"    location / \{\n(.*?proxy_cache .*?)        proxy_pass ", example, re.S)
    if location is None:
        raise SystemExit("docs/operations.md shows no cache.")
    return http.replace("/var/cache/nginx/ideas", str(folder / "cache")), location[1]


@contextmanager
def before(upstream: int, folder: Path, *, is_caching: bool) -> Iterator[int]:
    """nginx before a server of ours, with or without that cache; returns its port."""
    http, location = nginx_cache(folder) if is_caching else ("", "")
    http += f" upstream own {{ server {HOST}:{upstream}; keepalive 8; }}"
    kept = 'proxy_http_version 1.1; proxy_set_header Connection "";'
    server = f"{kept} proxy_set_header Host {HOST}; location / {{ {location} proxy_pass http://own; }}"
    with nginx(folder, server, http) as port:
        yield port


def wait_for(running: subprocess.Popen, port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while running.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    running.kill()
    raise SystemExit("A server did not start.")
