"""Finding ideas by what somebody typed: words of any length or a receipt number; and by a contact, exactly.

The second is for services.contacts, which notes it, and for a resident who has lost a query code: nothing else looks
for people.

Words are looked up in the index of ideas alike, which finds two neighbouring characters as fast as ten; a text that
holds the pairs of a longer word but not the word itself is sorted out afterwards, in the folded text that stands beside
the terms. Both sides are folded by rules.characters.fold.
"""

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from ideas.models import OriginalTerms, Resident
from ideas.models.ideas import IdeaQuerySet
from ideas.models.sealed import keyring
from ideas.rules import receipts
from ideas.rules.characters import ways_to_write
from ideas.rules.duplicates import runs, terms
from ideas.rules.telephones import line_of

ContactHashes = dict[str, list[str]]  # "phone" or "email" -> keyed hashes under every key of the ring
MOST_TYPED = 200  # characters of a search that are looked at


def find(ideas: IdeaQuerySet, words: str) -> IdeaQuerySet:
    """Those of `ideas` with all the words in the original text, or with this receipt number."""
    if not words.strip():
        return ideas
    receipt = receipts.read_receipt(words)
    if receipt:
        return ideas.filter(receipt=receipt)
    return ideas.filter(_with_words(words))


def contact_hashes(*, phone: str = "", email: str = "") -> ContactHashes:
    """What finds the ideas of a telephone number (as rules.telephones keeps it) or e-mail address, both whole."""
    typed = {"phone": line_of(phone) if phone else "", "email": email.casefold()}
    return {kind: keyring().digests(contact.encode(), kind) for kind, contact in typed.items() if contact}


def residents_with(hashes: ContactHashes) -> QuerySet[Resident]:
    """Who gave one of these contacts, with any idea."""
    found = Q(pk__in=[])
    for kind, kept in hashes.items():
        found |= Q(**{f"{kind}_hash__in": kept})
    return Resident.objects.filter(found)


def with_contact(ideas: IdeaQuerySet, hashes: ContactHashes) -> IdeaQuerySet:
    """Those of `ideas` that came with one of these contacts."""
    return ideas.filter(pk__in=residents_with(hashes).values("idea"))


def _with_words(words: str) -> Q:
    """Signs alone find nothing; a single character by itself is looked for in titles."""
    typed = runs(words[:MOST_TYPED])
    single = [run for run in typed if len(run) == 1 and not run.isascii()]
    longer = [run for run in typed if run not in single]
    if longer:
        unsure = [run for run in typed if len(run) != 2 and not run.isascii()]
        return Q(pk__in=_holding(sorted({term for run in longer for term in terms(run)}), unsure))
    found = Q() if single else Q(pk__in=[])
    for run in single:
        found &= _in_title(run)
    return found


def _in_title(character: str) -> Q:
    found = Q()
    for written in ways_to_write(character):
        found |= Q(title__contains=written)
    return found


def _holding(held: list[str], unsure: list[str]) -> RawSQL:
    """The keys of the ideas whose original holds all these terms, and the runs that the terms alone do not prove."""
    table = OriginalTerms._meta.db_table
    if connection.vendor == "sqlite":
        match = " ".join(f'"{term}"' for term in held)
        proven = "".join(" AND instr(t.folded, %s)" for _run in unsure)
        statement = (
            f"SELECT f.rowid FROM {table}_fts f CROSS JOIN {table} t ON t.idea_id = f.rowid "  # noqa: S608
            f"WHERE f.{table}_fts MATCH %s{proven}"
        )
        return RawSQL(statement, [match, *unsure])  # noqa: S611
    proven = "".join(" AND strpos(folded, %s) > 0" for _run in unsure)
    return RawSQL(f"SELECT idea_id FROM {table} WHERE words @> %s::text[]{proven}", [held, *unsure])  # noqa: S608,S611
