"""Records that can be checked later: one canonical form of facts, and the chain that ties an idea's events."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ideas.rules.privacy import Keyring

PURPOSE = "audit"


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The one byte form of some facts: JSON in UTF-8, keys sorted, no spaces. Values: str, int, None, dict, list."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(keyring: Keyring, facts: Mapping[str, Any], previous: str) -> str:
    """The digest of an event: over its own facts and the digest of the event before it ("" for the first)."""
    return keyring.digest(canonical({**facts, "previous": previous}), PURPOSE)


def first_break(
    keyring: Keyring, events: Iterable[tuple[Mapping[str, Any], str, str]], *, count: int, head: str
) -> str | None:
    """Say where a chain is broken, or None.

    `events`: (facts, previous, digest) in their order; facts hold the event's "number", counted from 1. `count` and
    `head` are what the idea remembers, so that a cut-off tail shows.
    """
    number, last = 0, ""
    for number, (facts, previous, digest) in enumerate(events, start=1):
        if facts["number"] != number:
            return f"event {number} is missing or out of order"
        if previous != last:
            return f"event {number} does not follow event {number - 1}"
        if not keyring.matches(digest, canonical({**facts, "previous": previous}), PURPOSE):
            return f"event {number} was altered"
        last = digest
    if number != count:
        return f"events after number {number} are missing" if number < count else f"{number - count} events too many"
    return None if last == head else f"event {number} is not the one that was last"
