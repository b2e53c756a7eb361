"""Finding ideas by what somebody typed: words of any length, a receipt number, or a contact, exactly.

Words are looked up in the index of ideas alike, which finds two neighbouring characters as fast as ten; a text that
holds the pairs of a longer word but not the word itself is sorted out afterwards.
"""

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from ideas.models import OriginalTerms, Resident
from ideas.models.ideas import IdeaQuerySet
from ideas.models.sealed import keyring
from ideas.rules import receipts
from ideas.rules.duplicates import RUN, plain, terms
from ideas.rules.telephones import line_of

FIELDS = ("title", "problem", "proposal", "place")


def find(ideas: IdeaQuerySet, words: str, *, phone: str = "", email: str = "") -> IdeaQuerySet:
    """Those of `ideas` with all the words in the original text, or with this receipt number.

    `phone` (as rules.telephones keeps it) and `email` are what was typed, read as a contact: give them only for an
    asker who may have contacts shown. Nothing but the whole number or address finds anybody.
    """
    if not words.strip():
        return ideas
    receipt = receipts.read_receipt(words)
    if receipt:
        return ideas.filter(receipt=receipt)
    found = _with_words(words)
    for contact, purpose in ((line_of(phone), "phone"), (email.casefold(), "email")):
        if contact:
            hashes = keyring().digests(contact.encode(), purpose)
            found |= Q(pk__in=Resident.objects.filter(**{f"{purpose}_hash__in": hashes}).values("idea"))
    return ideas.filter(found)


def _with_words(words: str) -> Q:
    """Signs alone find nothing; a single character is looked for in titles."""
    runs = RUN.findall(plain(words))
    if not runs:
        return Q(pk__in=[])
    found = Q()
    single = [run for run in runs if len(run) == 1 and not run.isascii()]
    longer = [run for run in runs if run not in single]
    for run in single:
        found &= Q(title__contains=run)
    if longer:
        found &= Q(pk__in=_holding(sorted({term for run in longer for term in terms(run)})))
    for run in longer:
        if len(run) > 2 and not run.isascii():
            found &= _somewhere(run)
    return found


def _somewhere(run: str) -> Q:
    found = Q()
    for field in FIELDS:
        found |= Q(**{f"{field}__contains": run})
    return found


def _holding(held: list[str]) -> RawSQL:
    """The keys of the ideas whose original holds all these terms."""
    table = OriginalTerms._meta.db_table
    if connection.vendor == "sqlite":
        match = " ".join(f'"{term}"' for term in held)
        return RawSQL(f"SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH %s", [match])  # noqa: S608,S611
    return RawSQL(f"SELECT idea_id FROM {table} WHERE words @> %s::text[]", [held])  # noqa: S608,S611
