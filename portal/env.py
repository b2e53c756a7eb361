"""Readers of the environment: the file .env, typed values, and the .env that the demo writes for itself."""

import base64
import os
import secrets
from pathlib import Path

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


def names(variable: str, default: list[str] | None = None) -> list[str]:
    """A list separated by commas; spaces around the entries do not matter."""
    return [name.strip() for name in env.list(variable, default=default or []) if name.strip()]


def on_or_off(variable: str, *, default: bool) -> bool:
    """What operators switch; ImproperlyConfigured for a word that might mean either."""
    value = env.str(variable, default="").strip().lower()
    if value and value not in (*env.BOOLEAN_TRUE_STRINGS, *OFF):
        raise ImproperlyConfigured(f"{variable}={value}: must be on or off.")
    return value not in OFF if value else default


def is_command() -> bool:
    """Whether this process is one of `manage.py`'s, the worker among them; else it answers people who wait."""
    return os.environ.get("PORTAL_PROCESS") == "command"


def database(url: str, *, statement: int, lock: int, idle: int) -> dict:
    """Django's settings for a DATABASE_URL; SQLite becomes safe for several processes and for a crash.

    PostgreSQL gets limits, in seconds: for one statement, for waiting for a lock, for a transaction in which nothing is
    done. 0: none. What the URL says itself counts more.
    """
    config = env.db_url_config(url)
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
        "IDEAS_ORGANISER=集美区平安建设办公室（演示）",
        "IDEAS_ORGANISER_EN=Jimei District Safety Office (demo)",
        "IDEAS_PHONE=0592-000-0000",
        "IDEAS_PHONE_HOURS=工作日 8:00–12:00，15:00–18:00",
        "IDEAS_PHONE_HOURS_EN=weekdays 8:00–12:00 and 15:00–18:00",
    ]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
