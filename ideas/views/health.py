"""For whoever watches the machine: is the process up, and can it do its work?"""

import shutil

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.queries.messages import oldest_due
from ideas.requests import Request

LEAST_DISK_BYTES = 200 * 1024 * 1024


@never_cache
@require_safe
def healthz(request: Request) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def readyz(request: Request) -> JsonResponse:
    """Each thing that the portal needs, by name; 503 if one fails. Says nothing that a stranger could use."""
    checks = {"disk": lambda: shutil.disk_usage(settings.VAR_DIR).free > LEAST_DISK_BYTES}
    checks |= {"database": _database, "migrations": _migrations, "outbox": lambda: _outbox(request)}
    results = {name: _passes(check) for name, check in checks.items()}
    return JsonResponse(results, status=200 if all(results.values()) else 503)


def _passes(check) -> bool:
    try:
        return bool(check())
    except Exception:  # whatever it is, the answer is "not ready"
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _outbox(request: Request) -> bool:
    waiting_since = oldest_due(request.at)
    return waiting_since is None or (request.at - waiting_since).total_seconds() < conf.outbox_warn_seconds()
