"""Keeping personal data under the newest key."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Cast

from ideas.models import (
    Campaign,
    Certificate,
    Draft,
    Idea,
    ImportFile,
    KeptPost,
    Message,
    Notice,
    Objection,
    Photo,
    Rating,
    Resident,
    Shortlist,
    UnsentInput,
    UnsentMarks,
)
from ideas.models.photos import photo_store
from ideas.models.sealed import is_vouched, keyring, vouch
from ideas.queries.access import form_hashes
from ideas.queries.campaigns import vouched_campaign
from ideas.queries.shortlist import vouched_list
from ideas.rules.privacy import CannotOpen
from ideas.services.intake import contact_hashes

log = logging.getLogger(__name__)
BATCH = 500


def rotate_keys() -> dict[str, int]:
    """Seal and hash everything anew that an older key of the ring made; returns how many rows of each table.

    Audit digests, stamps and query codes stay under the key that they name: what they cover cannot be made again.
    """
    return {
        "residents": _rotate(Resident, "contact"),
        "drafts": _rotate(Draft, "payload"),
        "unsent input": _rotate(UnsentInput, "words"),
        "unsent marks": _rotate(UnsentMarks, "words"),
        "import files": _rotate(ImportFile, "payload"),
        "messages": _rotate(Message, "payload"),
        "kept forms": _rotate(KeptPost, "payload"),
        "certificates": _rotate(Certificate, "received"),
        "objections": _rotate(Objection, "given"),
        "ideas": _vouch_anew(Idea, "seal", _vouch_idea),
        "ratings": _vouch_anew(Rating, "seal", _vouch_rating),
        "photos": _vouch_anew(Photo, "digest", _vouch_photo),
        "campaigns": _vouch_anew(Campaign, "seal", _vouch_campaign),
        "lists": _vouch_anew(Shortlist, "seal", _vouch_list),
        "notices": _vouch_anew(Notice, "seal", _vouch_notice),
        "decisions of objections": _vouch_anew(Objection, "seal", _vouch_objection),
    }


def _rehash(draft: Draft) -> None:
    """Keep a draft under the newest hash of its form key, with its photos and its idea."""
    kept, newest = draft.form_hash, form_hashes(draft.form_key)[0]
    Draft.objects.filter(form_hash=kept).update(form_hash=newest)
    Photo.objects.filter(draft=kept).update(draft=newest)
    Idea.objects.filter(form_hash=kept).update(form_hash=newest)


def _vouch_anew(model: type[models.Model], column: str, act: Callable[[Any], None]) -> int:
    """What holds under an older key gets the newest key's word; what does not is left for the invariants."""
    ring, done, last = keyring(), 0, 0
    old = model._default_manager.exclude(**{f"{column}__startswith": f"hmac-sha256:{ring.current}:"}).order_by("pk")
    while keys := list(old.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            for row in model._default_manager.select_for_update().filter(pk__in=keys).order_by("pk"):
                act(row)
        done, last = done + len(keys), keys[-1]
    return done


def _vouch_idea(idea: Idea) -> None:
    if is_vouched(idea.seal, "idea", idea.sealed_facts()):
        Idea.objects.filter(pk=idea.pk).update(seal=vouch("idea", idea.sealed_facts()))


def _vouch_rating(rating: Rating) -> None:
    facts = rating.sealed_facts(dict(rating.marks.values_list("criterion_id", "points")))
    if is_vouched(rating.seal, "rating", facts):
        Rating.objects.filter(pk=rating.pk).update(seal=vouch("rating", facts))


def _vouch_campaign(campaign: Campaign) -> None:
    facts = vouched_campaign(campaign)
    if is_vouched(campaign.seal, "campaign", facts):
        Campaign.objects.filter(pk=campaign.pk).update(seal=vouch("campaign", facts))


def _vouch_list(row: Shortlist) -> None:
    facts = vouched_list(row)
    if is_vouched(row.seal, "list", facts):
        Shortlist.objects.filter(pk=row.pk).update(seal=vouch("list", facts))


def _vouch_notice(row: Notice) -> None:
    if is_vouched(row.seal, "notice", row.sealed_facts()):
        Notice.objects.filter(pk=row.pk).update(seal=vouch("notice", row.sealed_facts()))


def _vouch_objection(row: Objection) -> None:
    if is_vouched(row.seal, "objection", row.sealed_facts()):
        Objection.objects.filter(pk=row.pk).update(seal=vouch("objection", row.sealed_facts()))


def _vouch_photo(photo: Photo) -> None:
    """Only where both files are still those that were stored."""
    store = photo_store()
    try:
        full, thumb = (store.open(name).read() for name in (photo.file_name, photo.thumb_name))
    except OSError:
        return
    if photo.is_as_stored(full, thumb):
        photo.digest_files(full, thumb)
        photo.save(update_fields=["digest", "thumb_digest"])


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
                if isinstance(row, Draft):
                    _rehash(row)
    except CannotOpen as error:
        if len(keys) == 1:
            log.error("%s %s was left as it is: %s", model._meta.model_name, keys[0], error)
            return 0
        return sum(_reseal(model, [key]) for key in keys)
    return len(keys)
