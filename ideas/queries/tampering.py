"""What a database writer without keys, or a damaged disk, changes: each is named here, without personal data."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, Model, OuterRef, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from ideas.models import (
    Campaign,
    Certificate,
    Draft,
    Idea,
    ImportFile,
    KeptPost,
    Mark,
    Message,
    Objection,
    OfficeEvent,
    Photo,
    Rating,
    RecordPart,
    Resident,
    SealedRecord,
    Shortlist,
    SignedMinutes,
    UnsentInput,
    UnsentMarks,
)
from ideas.models.ideas import ALL_TEXTS
from ideas.models.photos import PURPOSE as PHOTO
from ideas.models.photos import photo_store
from ideas.models.record import minutes_store
from ideas.models.sealed import SealedJSONField, is_vouched, keyring
from ideas.queries.campaigns import vouched_campaign
from ideas.queries.shortlist import vouched_list
from ideas.queries.stamps import broken_stamps
from ideas.rules.privacy import CannotOpen

BATCH = 2000
CODE_HASH = re.compile(r"[0-9a-f]{16}\$hmac-sha256:[^:$]+:[0-9a-f]{64}")


def every_idea_is_sealed_with_its_words_and_its_last_event() -> Iterator[str]:
    """A cut-off tail whose count and head were set back shows here, changed words, and a changed hash of the code."""
    columns = ("receipt", "event_count", "event_head", "code_hash", "seal", *ALL_TEXTS)
    for idea in Idea.objects.order_by("pk").only(*columns).iterator(BATCH):
        if not CODE_HASH.fullmatch(idea.code_hash):
            yield f"{idea.receipt}: the hash of its query code is damaged"
        if not is_vouched(idea.seal, "idea", idea.sealed_facts()):
            yield f"{idea.receipt}: its words, its code, or count and head of its events were written past the portal"


def what_only_grows_is_as_it_was_stamped() -> Iterator[str]:
    """A whole idea that is gone shows here, and every removed, altered or slipped-in row older than the last stamp."""
    yield from broken_stamps()


def the_offices_log_is_as_it_was_written() -> Iterator[str]:
    keys: Counter[str] = Counter()
    for event in OfficeEvent.objects.order_by("pk").iterator(BATCH):
        keys[event.key] += 1
        if not is_vouched(event.seal, "office", event.sealed_facts(), event.at):
            yield f"entry {event.pk} of {event.at:%Y-%m-%d %H:%M} UTC: altered, or not written by the portal"
    for key, times in keys.items():
        if times > 1:
            yield f"entry {key} is there {times} times"


def sealed_records_are_as_they_were_sealed() -> Iterator[str]:
    for row in SealedRecord.objects.order_by("pk").iterator(1):
        if not is_vouched(row.seal, "record", row.sealed_facts(), row.made_at) or not row.is_as_hashed():
            yield f"record {row.campaign_id}/{row.number} ({row.edition}): altered, or not written by the portal"
    same = {name: OuterRef(name) for name in ("campaign", "number", "edition")}
    for part in RecordPart.objects.filter(~Exists(SealedRecord.objects.filter(**same))).defer("text"):
        yield f"record {part.campaign_id}/{part.number} ({part.edition}): is not there, but its part {part.place} is"


def ratings_are_as_they_were_given() -> Iterator[str]:
    """Marks, comment, assignment, panellist and who typed them in; a mark of no rating cannot be."""
    points: dict[int, dict[int, int]] = defaultdict(dict)
    for rating, criterion, value in Mark.objects.values_list("rating_id", "criterion_id", "points").iterator(BATCH):
        points[rating][criterion] = value
    for row in Rating.objects.select_related("assignment__panellist").order_by("pk").iterator(BATCH):
        if not is_vouched(row.seal, "rating", row.sealed_facts(points.get(row.pk, {}))):
            yield f"rating {row.pk} on seat {row.assignment_id}: altered, or not given at a desk"


def campaigns_are_as_they_were_saved() -> Iterator[str]:
    """Dates, places, method, texts, topics, criteria with their weights, tiers, quotas, pairs."""
    for row in Campaign.objects.order_by("pk").iterator(BATCH):
        if not is_vouched(row.seal, "campaign", vouched_campaign(row)):
            yield f"campaign {row.slug}: its dates, rules, texts or one of its parts were written past the portal"


def lists_are_as_they_were_kept() -> Iterator[str]:
    """Also before a record is sealed: ranks, figures, signatures, words of the exchanges."""
    for row in Shortlist.objects.order_by("pk").iterator(BATCH):
        if not is_vouched(row.seal, "list", vouched_list(row)):
            yield f"list {row.pk}: its ranks, figures, signatures or exchanges were written past the portal"


def whatever_is_sealed_opens_in_its_own_row() -> Iterator[str]:
    """A draft names its form inside what is sealed, and is looked up by the hash of that: it only has to open."""
    sealed: tuple[tuple[type[Model], str, str, str | None], ...] = (
        (Resident, "contact", "idea__receipt", "idea_id"),
        (Draft, "payload", "pk", None),
        (UnsentInput, "words", "pk", "idea_id"),
        (UnsentMarks, "words", "pk", "assignment_id"),
        (ImportFile, "payload", "key", "key"),
        (Message, "payload", "key", "key"),
        (Certificate, "received", "pk", "idea_id"),
        (Objection, "given", "number", "number"),
    )
    for model, column, name, row in sealed:
        field = model._meta.get_field(column)
        for raw, of, called in _raw(model, column).values_list("raw", row or "pk", name).iterator(BATCH):
            fault = _fault(field, raw, str(of) if row else None)
            if fault:
                yield f"{model.__name__.lower()} of {called}: {fault}"


def _fault(field: Any, raw: str, row: str | None) -> str | None:
    assert isinstance(field, SealedJSONField)  # noqa: S101 - only such fields are listed
    try:
        _value, sealed_for = field.opened(raw)
    except (CannotOpen, ValueError):
        return "what is sealed does not open"
    return None if sealed_for == row else "what is sealed belongs to another row"


def contacts_are_found_by_their_own_hashes() -> Iterator[str]:
    """The look-up hashes are those of what is sealed beside them."""
    rows = Resident.objects.annotate(raw=Cast("contact", TextField())).order_by("pk")
    field: Any = Resident._meta.get_field("contact")
    for raw, phone, email, receipt in rows.values_list("raw", "phone_hash", "email_hash", "idea__receipt").iterator(
        BATCH
    ):
        try:
            contact = field.opened(raw)[0] if raw else {}
        except (CannotOpen, ValueError):
            continue  # said above
        given = {"phone": contact.get("phone", ""), "email": contact.get("email", "").casefold()}
        for purpose, digest in (("phone", phone), ("email", email)):
            value = given[purpose]
            if bool(value) != bool(digest) or (value and not keyring().matches(digest, value.encode(), purpose)):
                yield f"{receipt}: the hash of its {purpose} is damaged"


def photos_are_as_they_were_stored() -> Iterator[str]:
    store = photo_store()
    for photo in Photo.objects.order_by("pk").iterator(BATCH):
        for which, name, digest in (
            ("full", photo.file_name, photo.digest),
            ("thumb", photo.thumb_name, photo.thumb_digest),
        ):
            if not store.exists(name):
                yield f"photo {photo.key}: its file {name} is gone"
                continue
            with store.open(name) as file:
                content = photo.marked(which, file.read())
            if not digest or not keyring().matches(digest, content, PHOTO):
                yield f"photo {photo.key}: its file {name} is damaged, or not the one that was stored"


def signed_minutes_are_as_they_were_stored() -> Iterator[str]:
    store = minutes_store()
    for row in SignedMinutes.objects.order_by("pk").iterator(10):
        if not store.exists(row.file_name):
            yield f"minutes {row.campaign_id}/{row.number}: the scan {row.file_name} is gone"
            continue
        with store.open(row.file_name) as file:
            if hashlib.sha256(file.read()).hexdigest() != row.digest:
                yield f"minutes {row.campaign_id}/{row.number}: the scan {row.file_name} is damaged"


def nothing_new_is_under_a_retired_key() -> Iterator[str]:
    """What rotate_keys makes anew must not be under a key whose time is over."""
    at = timezone.now()
    made_anew: list[tuple[type[Model], str]] = [(Idea, "seal"), (Rating, "seal"), (Photo, "digest")]
    made_anew += [(Campaign, "seal"), (Shortlist, "seal")]
    made_anew += [(Photo, "thumb_digest"), (Resident, "contact"), (Draft, "payload"), (Message, "payload")]
    made_anew += [(UnsentInput, "words"), (UnsentMarks, "words"), (ImportFile, "payload"), (KeptPost, "payload")]
    made_anew += [(Certificate, "received")]
    for model, column in made_anew:
        values = _raw(model, column).values_list("raw", flat=True)
        names = {value.split(":")[1] for value in values.iterator(BATCH) if value.count(":") > 1}
        for name in sorted(names):
            if keyring().is_retired(name, at):
                yield f"{model.__name__.lower()}: {column} is under the retired key {name}; run rotate_keys"


def _raw(model: Any, column: str) -> Any:
    """The rows in which a sealed column is not empty, with what stands in it as `raw`."""
    return model._default_manager.annotate(raw=Cast(column, TextField())).exclude(raw="").order_by("pk")


CHECKS = (
    every_idea_is_sealed_with_its_words_and_its_last_event,
    what_only_grows_is_as_it_was_stamped,
    the_offices_log_is_as_it_was_written,
    sealed_records_are_as_they_were_sealed,
    ratings_are_as_they_were_given,
    campaigns_are_as_they_were_saved,
    lists_are_as_they_were_kept,
    whatever_is_sealed_opens_in_its_own_row,
    contacts_are_found_by_their_own_hashes,
    photos_are_as_they_were_stored,
    signed_minutes_are_as_they_were_stored,
    nothing_new_is_under_a_retired_key,
)
