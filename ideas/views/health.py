"""For whoever watches the machine: is the process up, and can it do its work?"""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.models.photos import photo_store
from ideas.queries import health
from ideas.queries.messages import oldest_due
from ideas.requests import Request

LEAST_DISK_BYTES = 200 * 1024 * 1024
LEAST_TEMP_BYTES = 50 * 1024 * 1024
ANSWER_SECONDS = 2  # the longest that one question to the database may take here
Check = Callable[[datetime], str]  # gives what is wrong, in words for the operator; "" if nothing is


@never_cache
@require_safe
def healthz(request: Request) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def readyz(request: Request) -> JsonResponse:
    """Each thing that the portal needs, by name; 503 if one fails, with what is wrong in words.

    Says nothing that a stranger could use: no addresses, texts or keys. It asks for little, and may be asked every
    second: a database that does not answer is asked one question only.
    """
    wrong = {name: _said(check, request.at) for name, check in MACHINE.items()}
    wrong["database"] = _said(_asked(_database), request.at)
    for name, check in DATA.items():
        away = "not known while the database does not answer"
        wrong[name] = away if wrong["database"] else _said(_asked(check), request.at)
    answer: dict[str, object] = {name: not words for name, words in wrong.items()}
    problems = [f"{name}: {words}" for name, words in wrong.items() if words]
    if problems:
        return JsonResponse({**answer, "problems": problems}, status=503)
    return JsonResponse(answer)


def _said(check: Check, at: datetime) -> str:
    try:
        return check(at)
    except Exception as error:  # whatever it is, the answer is "not ready"
        return f"could not be looked at ({type(error).__name__})"


def _asked(check: Check) -> Check:
    """The check with a short limit of time for what it asks of PostgreSQL."""

    def limited(at: datetime) -> str:
        if connection.vendor != "postgresql":
            return check(at)  # a transaction would wait for whoever writes
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{ANSWER_SECONDS}s'")
            return check(at)

    return limited


def _disk(_at: datetime) -> str:
    photos = _existing(Path(photo_store().path("")))
    places: dict[str, tuple[str | Path, int]] = {
        "VAR_DIR": (settings.VAR_DIR, LEAST_DISK_BYTES),
        "the photo folder": (photos, LEAST_DISK_BYTES),
        "the temporary folder": (tempfile.gettempdir(), LEAST_TEMP_BYTES),
    }
    short = [name for name, (path, least) in places.items() if shutil.disk_usage(path).free < least]
    return f"too little space is free in {', '.join(short)}" if short else ""


def _photos(_at: datetime) -> str:
    try:
        with tempfile.TemporaryFile(dir=_existing(Path(photo_store().path("")))):
            return ""
    except OSError as error:
        return f"nothing can be written into the photo folder ({error.strerror})"


def _existing(path: Path) -> Path:
    """The folder, or the nearest one above it that is there: ours are made when they are first needed."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _static(_at: datetime) -> str:
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ""
    found = staticfiles_storage.hashed_files.get("ideas/site.css")
    return "" if found and staticfiles_storage.exists(found) else "not collected when this process started"


def _database(_at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return "" if cursor.fetchone() == (1,) else "gives strange answers"


def _writable(_at: datetime) -> str:
    return "the database can only be read" if _is_read_only() else ""


def _is_read_only() -> bool:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")
        return bool(cursor.fetchone()[0])


def _migrations(_at: datetime) -> str:
    missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return f"not applied: {', '.join(sorted('.'.join(node) for node in missing))}" if missing else ""


@cache
def _known_migrations() -> set[tuple[str, str]]:
    """Those of the code that runs; it does not change under a process."""
    return set(MigrationLoader(None).graph.nodes)


def _keys(_at: datetime) -> str:
    strange = health.strange_keys()
    return f"another key than the data's stands in IDEAS_KEYS under the name {', '.join(strange)}" if strange else ""


def _worker(at: datetime) -> str:
    silent = health.silent_loops(at, most=timedelta(seconds=conf.worker_warn_seconds()))
    return f"no sign of life for too long: {', '.join(silent)}" if silent else ""


def _duties(_at: datetime) -> str:
    failing = health.failing_duties()
    return f"failed several times in a row: {', '.join(failing)}" if failing else ""


def _outbox(at: datetime) -> str:
    since = oldest_due(at)
    is_stuck = since is not None and (at - since).total_seconds() >= conf.outbox_warn_seconds()
    return "a message that is due has waited too long" if is_stuck else ""


def _given_up(_at: datetime) -> str:
    number = health.given_up()
    return f"{number} messages were given up: send them again or close them" if number > conf.given_up_warn() else ""


MACHINE: dict[str, Check] = {"disk": _disk, "photos": _photos, "static": _static}
DATA: dict[str, Check] = {
    "writable": _writable,
    "migrations": _migrations,
    "keys": _keys,
    "worker": _worker,
    "duties": _duties,
    "outbox": _outbox,
    "given_up": _given_up,
}
