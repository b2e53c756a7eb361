"""What a sealing leaves behind: the record in two editions, its opening by two people, the scan of signed minutes."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import Edition
from ideas.errors import NotPermitted, Refusal
from ideas.models import Campaign, SealedRecord, Shortlist, SignedMinutes, Unsealing, User
from ideas.models.record import minutes_store
from ideas.models.sealed import vouch
from ideas.queries.access import require
from ideas.queries.record import Seal, facts_of, hidden_ideas, records_of
from ideas.queries.shortlist import vouched_list
from ideas.rules import record
from ideas.rules.visible import required
from ideas.services.files import store_files
from ideas.services.transactions import in_one_transaction


def keep_record(*, shortlist: Shortlist, seals: Sequence[Seal], at: datetime) -> SealedRecord:
    """Build both editions and keep them; refused if the list does not follow from the marks. Returns the archive's.

    Called by services.sealing.seal_shortlist() in the transaction of the second signature.
    """
    number = records_of(shortlist.campaign).filter(edition=Edition.ARCHIVE).count() + 1
    archive = facts_of(shortlist, number=number, seals=seals)
    _require_holds(archive)
    public = record.public_edition(archive, _pseudonyms(archive, hidden_ideas(shortlist)))
    _require_holds(public)
    kept = [
        SealedRecord(
            campaign=shortlist.campaign,
            number=number,
            edition=edition,
            text=record.canonical(facts).decode(),
            algorithm=record.ALGORITHM,
            digest=record.digest_of(facts),
            made_at=at,
        )
        for edition, facts in ((Edition.ARCHIVE, archive), (Edition.PUBLIC, public))
    ]
    for row in kept:
        row.seal = vouch("record", row.sealed_facts())
    SealedRecord.objects.bulk_create(kept)
    return kept[0]


def keep_list(row: Shortlist) -> None:
    """Whoever changes a list, its picks or exchanges ends with this: the row is kept with the portal's word for all."""
    row.seal = vouch("list", vouched_list(row))
    row.save()


def _require_holds(facts: record.Facts) -> None:
    file = {"record": facts, "algorithm": record.ALGORITHM, "digest": record.digest_of(facts)}
    difference = record.first_difference(file)
    if difference:
        raise Refusal(
            _("The list does not follow from marks, rules and exchanges (%(why)s). Propose it anew.")
            % {"why": difference}
        )


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
