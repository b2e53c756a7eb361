"""What a sealing leaves behind: the record in two editions, its opening by two people, the scan of signed minutes."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ideas.choices import Edition
from ideas.errors import NotPermitted, Refusal
from ideas.models import Campaign, Notice, RecordPart, SealedRecord, Shortlist, SignedMinutes, Unsealing, User
from ideas.models.record import minutes_store
from ideas.models.sealed import vouch
from ideas.queries.access import require
from ideas.queries.record import Seal, facts_of, hidden_ideas, records_of
from ideas.queries.shortlist import vouched_list
from ideas.rules import members, record
from ideas.rules.visible import required
from ideas.services.files import store_files
from ideas.services.transactions import in_one_transaction


def keep_record(*, shortlist: Shortlist, seals: Sequence[Seal], at: datetime) -> SealedRecord:
    """Write both editions; refused if the list does not follow from the marks. Returns the archive's.

    Called by services.sealing.seal_shortlist() in the transaction of the second signature, which takes back what was
    written of a record that does not hold: a large one is in the database only, never in memory.
    """
    number = records_of(shortlist.campaign).filter(edition=Edition.ARCHIVE).count() + 1
    key = {"campaign": shortlist.campaign, "number": number}
    archive = _keep(facts_of(shortlist, number=number, seals=seals), edition=Edition.ARCHIVE, at=at, **key)
    public = _keep(_public_of(archive, shortlist), edition=Edition.PUBLIC, at=at, **key)
    _facts_that_hold(public)
    return archive


def _keep(facts: record.Facts, *, at: datetime, **key: Any) -> SealedRecord:
    """Part by part, as the text is made; the row comes last, because it has the digest."""
    parts, digest = record.in_parts(facts, SealedRecord.PART), hashlib.sha256()
    first = next(parts)
    digest.update(first.encode())
    for place, part in enumerate(parts, start=1):
        digest.update(part.encode())
        RecordPart.objects.create(**key, place=place, text=part)
    row = SealedRecord(**key, text=first, algorithm=record.ALGORITHM, digest=digest.hexdigest(), made_at=at)
    row.seal = vouch("record", row.sealed_facts())
    row.save(force_insert=True)
    return row


def keep_list(row: Shortlist) -> None:
    """Whoever changes a list, its picks or exchanges ends with this: the row is kept with the portal's word for all."""
    row.seal = vouch("list", vouched_list(row))
    row.save()


def _facts_that_hold(kept: SealedRecord) -> record.Facts:
    """What was kept, read again as everybody who doubts it will read it, and recomputed."""
    file = members.read(kept.file)
    difference = record.first_difference(file)
    if difference:
        raise Refusal(
            _("The list does not follow from marks, rules and exchanges (%(why)s). Propose it anew.")
            % {"why": difference}
        )
    facts: record.Facts = file["record"]
    return facts


def _public_of(archive: SealedRecord, shortlist: Shortlist) -> record.Facts:
    facts = _facts_that_hold(archive)
    return record.public_edition(facts, _pseudonyms(facts, hidden_ideas(shortlist)))


def _pseudonyms(archive: record.Facts, hidden: Sequence[str]) -> dict[str, str]:
    """A fresh random name for everybody: nothing that is known elsewhere leads to it."""
    persons = [row["key"] for row in (*archive["panel"], *archive["staff"])]
    return {key: f"{key.split('-')[0]}-{secrets.token_hex(4)}" for key in persons} | {
        receipt: f"idea-{secrets.token_hex(4)}" for receipt in hidden
    }


@in_one_transaction
def unseal_shortlist(
    *, shortlist: Shortlist, manager: User, at: datetime, expected_version: int, reason: str
) -> Shortlist:
    """Ask for a seal to be taken off, or consent to somebody else's asking: then the list can be changed again.

    The record stays; the next sealing makes another one. Not after the release: what was published stays published.
    """
    require(manager, "ideas.seal_shortlist")
    row = shortlist.locked(expected_version)
    if not row.is_sealed:
        raise Refusal(_("The shortlist is not sealed."))
    if row.released_at is not None:
        raise Refusal(_("The winners have been released; the seal stays."))
    if row.release_asked_by is not None:
        raise Refusal(_("The release has been asked for. Stop it first."))
    number = _last_number(row.campaign)
    asked = Unsealing.objects.filter(campaign=row.campaign_id, number=number).first()
    if asked is None:
        reason = required(reason, _("Say why the seal is to be taken off; it is kept with the record."))
        Unsealing.objects.create(campaign=row.campaign, number=number, reason=reason, asked_by=manager, asked_at=at)
    elif asked.asked_by_id == manager.pk:
        raise NotPermitted(_("You have asked for it. Somebody else must consent."))
    else:
        asked.consented_by, asked.consented_at = manager, at
        asked.save()
        row.first_seal_by = row.first_seal_at = row.sealed_by = row.sealed_at = None
        for notice in Notice.objects.standing().select_for_update().filter(campaign=row.campaign_id):
            notice.stopped_at = at  # what changes now was not on notice: the next list begins anew
            notice.keep()
    keep_list(row)
    return row


def _last_number(campaign: Campaign) -> int:
    last = records_of(campaign).last()
    if last is None:
        raise Refusal(_("There is no record of this list."))
    return last.number


@in_one_transaction
def attach_minutes(*, shortlist: Shortlist, content: bytes, manager: User, at: datetime) -> SignedMinutes:
    """Keep a scan of the signed minutes of the last record: PDF, JPEG or PNG by its content, at most 20 MB."""
    require(manager, "ideas.seal_shortlist")
    if not shortlist.is_sealed:
        raise Refusal(_("The shortlist is not sealed."))
    kind = record.scan_kind(content[:16])
    if kind is None:
        raise Refusal(_("This is no PDF, JPEG or PNG file."))
    if len(content) > record.MOST_SCAN_BYTES:
        raise Refusal(_("The file is larger than 20 MB."))
    Shortlist.objects.select_for_update().get(pk=shortlist.pk)  # the same scan given twice at once is kept once
    number, digest = _last_number(shortlist.campaign), hashlib.sha256(content).hexdigest()
    if kept := shortlist.campaign.signed_minutes.filter(number=number, digest=digest).first():
        return kept
    scan = SignedMinutes(
        campaign=shortlist.campaign,
        number=number,
        kind=kind,
        size=len(content),
        digest=digest,
        added_by=manager,
        added_at=at,
    )
    store_files(minutes_store(), {scan.file_name: content})  # before its row: a crash leaves a file, never a gap
    scan.save(force_insert=True)
    return scan
