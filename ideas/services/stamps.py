"""Stamping what only grows, and noting the last stamp outside the database."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from ideas.choices import MessageTemplate, Role
from ideas.models import AuditStamp, User
from ideas.models.sealed import vouch
from ideas.queries.stamps import GROWING, PURPOSE, fresh_rows, heads
from ideas.rules.stamps import written
from ideas.services.messages import mail_staff
from ideas.services.transactions import in_one_transaction


def stamp(*, at: datetime) -> AuditStamp | None:
    """Cover what came since the last stamp; None if nothing did. Locks nothing that anybody else writes: rows that are
    there stay as they are, so what takes time, reading them, comes before the transaction."""
    last = _last()
    covers = {}
    for table in GROWING:
        spans, count, digest = fresh_rows(table, at)
        if count:
            covers[table] = {"rows": written(spans), "count": count, "hash": digest}
    return _add(last, covers, at) if covers else None


@in_one_transaction
def _add(last: AuditStamp | None, covers: dict[str, Any], at: datetime) -> AuditStamp | None:
    """The next stamp; None where another worker has made one meanwhile, which the following one goes on from."""
    if _last(lock=True) != last:
        return None
    made = AuditStamp(number=last.number + 1 if last else 1, at=at, covers=covers, previous=last.digest if last else "")
    made.digest = vouch(PURPOSE, made.facts())
    made.save(force_insert=True)
    return made


def _last(*, lock: bool = False) -> AuditStamp | None:
    stamps = AuditStamp.objects.select_for_update() if lock else AuditStamp.objects.all()
    return stamps.order_by("number").last()


def note_heads(*, at: datetime, path: Path) -> bool:
    """Once a day: add the last stamp to a file, and mail it to the auditors. Returns whether it was new."""
    found, noted = heads(), path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if found is None or (noted and json.loads(noted[-1])["number"] == found["number"]):
        return False
    _mail(found["number"], found["digest"], at)
    with open(path, "a", encoding="utf-8", opener=_private) as file:
        file.write(json.dumps(found) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _mail(number: int, digest: str, at: datetime) -> None:
    auditors = User.objects.filter(groups__name=Role.AUDITOR.value, is_active=True).values_list("email", flat=True)
    told = {"number": str(number), "digest": digest}
    mail_staff([(address, told) for address in auditors], template=MessageTemplate.AUDIT_HEAD, at=at)
