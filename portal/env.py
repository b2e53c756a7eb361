"""Readers of the environment: the file .env, typed values, and the .env that the demo writes for itself."""

import base64
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
OFF = ("off", "false", "no", "n", "0")


def read_env_file() -> None:
    """Load .env (or the file named by PORTAL_ENV_FILE; empty means none). Real environment variables win."""
    name = os.environ.get("PORTAL_ENV_FILE", ".env")
    if name and (BASE_DIR / name).is_file():
        env.read_env(BASE_DIR / name)
    elif name and "PORTAL_ENV_FILE" in os.environ:
        raise ImproperlyConfigured(f"PORTAL_ENV_FILE={name}: there is no such file.")


def names(variable: str, default: list[str] | None = None) -> list[str]:
    """A list separated by commas; spaces around the entries do not matter."""
    return [name.strip() for name in env.list(variable, default=default or []) if name.strip()]


def on_or_off(variable: str, *, default: bool) -> bool:
    """What operators switch; ImproperlyConfigured for a word that might mean either."""
    value = env.str(variable, default="").strip().lower()
    if value and value not in (*env.BOOLEAN_TRUE_STRINGS, *OFF):
        raise ImproperlyConfigured(f"{variable}={value}: must be on or off.")
    return value not in OFF if value else default


MOST = 100_000_000  # of any number: what is counted with it stays within what databases and calendars hold


def number(variable: str, *, default: int, least: int = 0, most: int = MOST) -> int:
    """A whole number within its bounds; ImproperlyConfigured for all else."""
    value = env.str(variable, default=str(default)).strip()
    if not re.fullmatch(r"[0-9]{1,12}", value) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{variable}={value}: must be a whole number from {least} to {most}.")
    return int(value)


def folder(variable: str, *, default: str) -> Path:
    """Where the portal writes, made if it is missing."""
    value = env.str(variable, default=default)
    try:
        (BASE_DIR / value).mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{variable}={value}: this folder cannot be made ({error}).") from error
    return BASE_DIR / value


def site(variable: str, *, default: str) -> str:
    """The address of a whole host: with a path, browsers' forms would be taken for strangers'."""
    value = env.str(variable, default=default)
    try:
        parts = urlsplit(value)
        is_sound = parts.scheme in ("http", "https") and bool(re.fullmatch(HOST, parts.hostname or ""))
        is_sound = is_sound and parts.port != 0 and (parts.path in ("", "/")) and not (parts.query or parts.fragment)
    except ValueError:
        is_sound = False
    if not is_sound:
        raise ImproperlyConfigured(f"{variable}={value}: must be like https://ideas.example.gov.cn, without a path.")
    return value


HOST = r"[^\s/:@*,]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"


def host_names(variable: str, default: list[str]) -> list[str]:
    """Host names as Django compares them: without a scheme, a port or a path."""
    found = names(variable, default)
    for name in found:
        if not re.fullmatch(r"\*|[^\s/:@*,]+|\[[0-9A-Fa-f:.]+\]", name):
            raise ImproperlyConfigured(f"{variable}={name}: must be host names, like ideas.example.gov.cn.")
    return found


def email_config(url: str) -> dict[str, Any]:
    """Django's settings for an EMAIL_URL. What is wrong with it may hold its password: it is not repeated."""
    try:
        return env.email_url_config(url)
    except (ImproperlyConfigured, ValueError, KeyError) as error:
        raise ImproperlyConfigured("EMAIL_URL: must be like smtp+tls://user:password@host:587.") from error


def _database_config(url: str) -> dict[str, Any]:
    """The same of a DATABASE_URL."""
    fault = ImproperlyConfigured("DATABASE_URL: must be like postgres://user:password@host:5432/name.")
    if not re.match(r"(sqlite|postgres|postgresql|pgsql|psql)://", url):
        raise fault
    try:
        return env.db_url_config(url)
    except (ImproperlyConfigured, ValueError, KeyError) as error:
        raise fault from error


def is_command() -> bool:
    """Whether this process is one of `manage.py`'s, the worker among them; else it answers people who wait."""
    return os.environ.get("PORTAL_PROCESS") == "command"


def database(url: str, *, statement: int, lock: int, idle: int) -> dict:
    """Django's settings for a DATABASE_URL; SQLite becomes safe for several processes and for a crash.

    PostgreSQL gets limits, in seconds: for one statement, for waiting for a lock, for a transaction in which nothing is
    done. 0: none. What the URL says itself counts more.
    """
    config = _database_config(url)
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            # A reader that turns writer in DEFERRED mode fails at once with "database is locked": take the lock first.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["ENGINE"] = "portal.postgresql"
        limits = {"statement_timeout": statement, "lock_timeout": lock, "idle_in_transaction_session_timeout": idle}
        own = " ".join(f"-c {name}={seconds * 1000}" for name, seconds in limits.items())
        given = config.get("OPTIONS", {})
        config["OPTIONS"] = {
            "connect_timeout": 3,
            # A partner that is gone is noticed within half a minute.
            **{"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000},
            "patience": statement + 5 if statement else None,
            **given,
            "options": f"{own} {given.get('options', '')}".strip(),
        }
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    return config


def new_key(name: str = "k1") -> str:
    """One entry of IDEAS_KEYS: a name and 32 random bytes."""
    return f"{name}:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


def write_demo_env() -> None:
    """Write .env with fresh secrets and the demo's settings, readable by its owner only; keep an existing one."""
    path = BASE_DIR / ".env"
    if path.exists():
        return
    lines = [
        "# Written by `manage.py demo` on its first start. See .env.example for every setting.",
        f"SECRET_KEY={secrets.token_urlsafe(50)}",
        f"IDEAS_KEYS={new_key()}",
        "IDEAS_DEMO=on",
        "IDEAS_DISTRICT=集美",
        "IDEAS_DISTRICT_EN=Jimei",
        "IDEAS_ORGANISER=集美区平安建设办公室（演示）",
        "IDEAS_ORGANISER_EN=Jimei District Safety Office (demo)",
        "IDEAS_PHONE=0592-000-0000",
        "IDEAS_PHONE_HOURS=工作日 8:00–12:00，15:00–18:00",
        "IDEAS_PHONE_HOURS_EN=weekdays 8:00–12:00 and 15:00–18:00",
        "IDEAS_ADDRESS=集美区演示路1号（演示）",
        "IDEAS_ADDRESS_EN=1 Demo Road, Jimei (demo)",
    ]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
