"""Keeping personal data under the newest key."""

from django.db import models, transaction
from django.db.models.functions import Cast

from ideas.models import Draft, Message, Resident
from ideas.models.sealed import keyring
from ideas.services.residents import contact_hashes

BATCH = 500


def rotate_keys() -> dict[str, int]:
    """Seal and hash everything anew that an older key of the ring made; gives how many rows of each table.

    Audit digests and query codes stay under the key that they name: what they cover cannot be made again.
    """
    return {
        "residents": _rotate(Resident, "contact"),
        "drafts": _rotate(Draft, "payload"),
        "messages": _rotate(Message, "payload"),
    }


def _rotate(model: type[models.Model], column: str) -> int:
    ring, done = keyring(), 0
    old = (
        model._default_manager.annotate(raw=Cast(column, models.TextField()))
        .exclude(raw="")
        .exclude(raw__startswith=f"aesgcm:{ring.current}:")
        .order_by("pk")
    )
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            for row in model._default_manager.select_for_update().filter(pk__in=keys):
                if isinstance(row, Resident):
                    row.phone_hash, row.email_hash = contact_hashes(row.contact)
                row.save()
        done += len(keys)
    return done
