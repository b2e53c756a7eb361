"""What must be true of notices and objections at any moment; queries.invariants asks it with all the rest."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q

from ideas.models import Notice, NoticeTerm, Objection, SealedRecord, Shortlist
from ideas.models.sealed import is_vouched

BATCH = 2000


def notices_and_objections_are_as_they_were_kept() -> Iterator[str]:
    for row in Notice.objects.order_by("pk").iterator(BATCH):
        if not is_vouched(row.seal, "notice", row.sealed_facts()):
            yield f"notice {row.pk}: its days, its list or its people were written past the portal"
    for objection in Objection.objects.order_by("pk").defer("given").iterator(BATCH):
        if not is_vouched(objection.seal, "objection", objection.sealed_facts()):
            yield f"{objection.number}: the objection or its decision was written past the portal"


def nothing_is_released_before_its_notice_is_over() -> Iterator[str]:
    """With a notice of its own record that was not stopped, and nothing objected was open or is."""
    released = Shortlist.objects.exclude(released_at=None)
    held = Notice.objects.standing().filter(campaign=OuterRef("campaign"), ends_at__lte=OuterRef("released_at"))
    runs = Notice.objects.filter(campaign=OuterRef("campaign"), ends_at__gt=OuterRef("released_at"), stopped_at=None)
    wants = NoticeTerm.objects.filter(campaign=OuterRef("campaign"), days__gt=0)
    for row in released.filter(Exists(runs) | (Exists(wants) & ~Exists(held))):
        yield f"list {row.pk}: released without a notice that was over"
    late = Q(decided_at=None) | Q(decided_at__gt=F("notice__campaign__released_at"))
    told = Objection.objects.exclude(notice__campaign__released_at=None)
    for number in told.filter(late).values_list("number", flat=True).iterator(BATCH):
        yield f"{number}: not decided, and the winners were released"


def a_list_on_notice_is_the_one_that_is_sealed() -> Iterator[str]:
    """Opened, and its notice stops; two people signed it, and its record is kept."""
    sealed = Shortlist.objects.filter(campaign=OuterRef("campaign"), sealed_at__lte=OuterRef("starts_at"))
    kept = SealedRecord.objects.filter(campaign=OuterRef("campaign"), number=OuterRef("number"))
    newer = SealedRecord.objects.filter(campaign=OuterRef("campaign"), number__gt=OuterRef("number"))
    for row in Notice.objects.standing().filter(~Exists(sealed) | ~Exists(kept) | Exists(newer)):
        yield f"notice {row.pk}: on notice is another list than the sealed one"
    for row in Notice.objects.filter(first_seal_by=F("sealed_by")):
        yield f"notice {row.pk}: of a list that one person signed"


def objections_are_decided_by_those_who_did_not_sign() -> Iterator[str]:
    signed = Q(decided_by=F("notice__first_seal_by")) | Q(decided_by=F("notice__sealed_by"))
    for number in Objection.objects.filter(signed).values_list("number", flat=True).iterator(BATCH):
        yield f"{number}: decided by somebody who had signed the list"


def no_list_is_sealed_with_an_idea_that_an_objection_took_off() -> Iterator[str]:
    """Between the decision and the opening it is still on the list that was sealed before."""
    listed = Shortlist.objects.filter(entries__idea=OuterRef("idea"), sealed_at__gt=OuterRef("decided_at"))
    for number in Objection.objects.upheld().filter(Exists(listed)).values_list("number", flat=True).iterator(BATCH):
        yield f"{number}: upheld, and its idea is on a list that was sealed later"


def an_erased_objection_holds_nothing_of_its_person() -> Iterator[str]:
    left = Objection.objects.exclude(erased_at=None).exclude(given={}, form_hash=None)
    for number in left.values_list("number", flat=True).iterator(BATCH):
        yield f"{number}: erased, but its person is left"


CHECKS = (
    notices_and_objections_are_as_they_were_kept,
    nothing_is_released_before_its_notice_is_over,
    a_list_on_notice_is_the_one_that_is_sealed,
    objections_are_decided_by_those_who_did_not_sign,
    no_list_is_sealed_with_an_idea_that_an_objection_took_off,
    an_erased_objection_holds_nothing_of_its_person,
)
