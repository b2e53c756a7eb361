"""Keeping personal data under the newest key."""

import logging

from django.db import models, transaction
from django.db.models.functions import Cast

from ideas.models import Draft, Idea, Message, Photo, Resident
from ideas.models.sealed import keyring
from ideas.queries.access import form_hashes
from ideas.rules.privacy import CannotOpen
from ideas.services.residents import contact_hashes

log = logging.getLogger(__name__)
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


def _rehash(draft: Draft) -> None:
    """Keep a draft under the newest hash of its form key, with its photos and its idea."""
    kept, newest = draft.form_hash, form_hashes(draft.form_key)[0]
    Draft.objects.filter(form_hash=kept).update(form_hash=newest)
    Photo.objects.filter(draft=kept).update(draft=newest)
    Idea.objects.filter(form_hash=kept).update(form_hash=newest)


def _rotate(model: type[models.Model], column: str) -> int:
    ring, done = keyring(), 0
    old = (
        model._default_manager.annotate(raw=Cast(column, models.TextField()))
        .exclude(raw="")
        .exclude(raw__startswith=f"aesgcm:{ring.current}:")
        .order_by("pk")
    )
    last = 0
    while keys := list(old.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        done, last = done + _reseal(model, keys), keys[-1]
    return done


def _reseal(model: type[models.Model], keys: list[int]) -> int:
    """All of these rows in one transaction; if one cannot be opened, each by itself, and that one stays as it is."""
    try:
        with transaction.atomic():
            for row in model._default_manager.select_for_update().filter(pk__in=keys):
                if isinstance(row, Resident):
                    row.phone_hash, row.email_hash = contact_hashes(row.contact)
                row.save()
                if isinstance(row, Draft) and "form_key" in row.payload:
                    _rehash(row)
    except CannotOpen as error:
        if len(keys) == 1:
            log.error("%s %s was left as it is: %s", model._meta.model_name, keys[0], error)
            return 0
        return sum(_reseal(model, [key]) for key in keys)
    return len(keys)
