"""Signs of life of the worker, and acting on many rows so that one bad one stops no other."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from ideas.models import Heartbeat, KeyMark
from ideas.queries.health import strange_keys, unmarked_keys

log = logging.getLogger(__name__)
Row = TypeVar("Row")


class SomeFailed(Exception):
    """Some of many rows could not be acted on; the others were."""


def beat(*, name: str, at: datetime) -> None:
    """This loop of the worker is alive, or this duty was done."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at, "failures": 0, "error": ""})


def note_failure(*, name: str, at: datetime, error: BaseException) -> None:
    """This duty failed once more; three in a row are named by /readyz."""
    Heartbeat.objects.get_or_create(name=name, defaults={"at": at})
    Heartbeat.objects.filter(name=name).update(failures=F("failures") + 1, error=words_of(error))


def require_own_keys() -> None:
    """Refuse to start where another key hides under a name of IDEAS_KEYS; remember the key of a name that is new.

    A database that does not answer, or is not made yet, is no reason: /readyz asks again.
    """
    try:
        if strange := strange_keys():
            raise ImproperlyConfigured(
                f"IDEAS_KEYS: another key than the one that the data were made with stands under the name "
                f"{', '.join(strange)}. Put the right key there; what is written under this one is lost."
            )
        with transaction.atomic():
            new = [KeyMark(name=name, fingerprint=fingerprint) for name, fingerprint in unmarked_keys().items()]
            KeyMark.objects.bulk_create(new, ignore_conflicts=True)
    except (DatabaseError, InterfaceError) as error:
        log.warning("the keys could not be compared with the data's: %s", type(error).__name__)


def words_of(error: BaseException) -> str:
    """What went wrong and where, for the log: never the error's own words, which may hold personal data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


def for_each(rows: Iterable[Row], act: Callable[[Row], object], *, what: str) -> int:
    """Act on each row; one that fails is logged and stops no other. Returns for how many the act said yes.

    Raises `SomeFailed` at the end if any failed, and at once if it is the database that does not answer.
    """
    done = failed = 0
    for row in rows:
        try:
            done += bool(act(row))
        except Exception as error:
            if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
                raise
            failed += 1
            log.error("%s %s: %s", what, getattr(row, "pk", row), words_of(error))
    if failed:
        raise SomeFailed(f"{what}: {failed} failed")
    return done
