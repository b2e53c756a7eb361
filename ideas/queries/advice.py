"""What the office's word lists and the look for private data say about an idea: advice for the person who decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from ideas.choices import PrivateKind
from ideas.models import Idea, WordList
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.rules.advice import Hit, Words, hits
from ideas.rules.redaction import Part, private_parts, without_private
from ideas.rules.wording import stretches

LONGEST_TITLE = 60  # of Idea.published_title; a mark is longer than some names


@dataclass(frozen=True)
class Mark:
    """A run of text of a field; `reasons` says in words why it is marked, if it is."""

    text: str
    reasons: list[str]
    is_private: bool


@dataclass(frozen=True)
class Note:
    """Private data in a field, as a line of the advice."""

    field: str
    kind: str
    text: str


@dataclass(frozen=True)
class Advice:
    """Hits of word lists, private data, and the fields of the original cut at both."""

    hits: list[Hit]
    private: list[Note]
    marked: dict[str, list[Mark]]

    def __bool__(self) -> bool:
        return bool(self.hits or self.private)


def advice_for(idea: Idea, *, named: bool = True, lists: Sequence[Words] | None = None) -> Advice:
    """Two queries at most: the lists, unless they are given, and the resident if the idea came without.

    `named` marks what the proposer is called, which tells the reader who it is: not for those who read no contacts.
    """
    texts = {field: getattr(idea, field) for field in ORIGINAL_TEXTS}
    found = hits(texts, word_lists() if lists is None else lists)
    names = names_of(idea) if named else []
    private = {field: private_parts(text, names) for field, text in texts.items()}
    notes = [
        Note(field, str(PrivateKind(part.kind).label), texts[field][part.start : part.end])
        for field, parts in private.items()
        for part in parts
    ]
    marked = {
        field: _marks(text, [hit for hit in found if hit.field == field], private[field])
        for field, text in texts.items()
    }
    return Advice(found, notes, marked)


def word_lists() -> list[Words]:
    """The lists in use. The rules keep what they make of them until a word changes."""
    rows = WordList.objects.filter(is_active=True).values_list("name", "category", "words")
    return [Words(name, category, words_of(text)) for name, category, text in rows]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list as it is typed: one a line."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def names_of(idea: Idea) -> list[str]:
    """What the proposer is called; nothing once the person is erased."""
    resident = getattr(idea, "resident", None)
    return [resident.contact.get(name, "") for name in ("name", "net_name")] if resident else []


def first_draft(idea: Idea) -> tuple[str, str]:
    """Title and text for publication as long as nobody has written any: the original without private data."""
    names = names_of(idea)
    text = without_private(f"{idea.problem}\n\n{idea.proposal}", names)
    return without_private(idea.title, names)[:LONGEST_TITLE], text


def _marks(text: str, found: Sequence[Hit], parts: Sequence[Part]) -> list[Mark]:
    spans = [*((hit.start, hit.end) for hit in found), *((part.start, part.end) for part in parts)]
    reasons = [*(hit.why for hit in found), *(str(PrivateKind(part.kind).label) for part in parts)]
    return [
        Mark(piece.text, [reasons[n] for n in piece.marks], any(n >= len(found) for n in piece.marks))
        for piece in stretches(text, spans)
    ]
