"""Records that can be checked later: one canonical form of facts, the chain that ties an idea's events, and the sealed
record of a list, which follows from its marks or does not."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from ideas.rules import members, ratings, shortlist
from ideas.rules.privacy import Keyring
from ideas.rules.reading import Table, encode

PURPOSE = "audit"


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The one byte form of some facts: JSON in UTF-8, keys sorted, no spaces. No decimals in it (see `decimal`)."""
    return encode(facts).encode()


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
        if not keyring.matches(digest, canonical({**facts, "previous": previous}), PURPOSE, _made_at(facts)):
            return f"event {number} was altered"
        last = digest
    if number != count:
        return f"events after number {number} are missing" if number < count else f"{number - count} events too many"
    return None if last == head else f"event {number} is not the one that was last"


def _made_at(facts: Mapping[str, Any]) -> datetime | None:
    return datetime.fromtimestamp(facts["at"] / 1_000_000, UTC) if "at" in facts else None


# --- The sealed record of a list. Its facts are str, int, bool, None, dict and list: decimals are texts of nine places.

FORMAT, ALGORITHM = "golden-ideas-record/1", "SHA-256"
TIES = ["mean", "reviews", "receipt"]
TOLERANCE = 1e-6
MOST_SCAN_BYTES = 20 * 1024 * 1024
SCANS = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
_STARTS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}

Facts = Mapping[str, Any]
METHODS = {version: method for method, version in ratings.VERSIONS.items()}


def scan_kind(head: bytes) -> str | None:
    """The kind of a scanned file by its first bytes, whatever it is called."""
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)


def decimal(figure: float) -> str:
    """A figure as the record writes it: the same text on every machine."""
    return f"{figure:.{ratings.DECIMALS}f}"


def digest_of(facts: Facts) -> str:
    return facts.digest if isinstance(facts, members.Record) else hashlib.sha256(canonical(facts)).hexdigest()


def in_parts(facts: Facts, size: int) -> Iterator[str]:
    """The canonical form in parts of at least `size` characters, the last one of what is left.

    A long list among the facts can be an iterator of its rows: it is written as they come.
    """
    waiting, length = list[str](), 0
    for text in _members_of(facts, are_opened=True):
        waiting.append(text)
        length += len(text)
        if length >= size:
            yield "".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield "".join(waiting)


def _members_of(facts: Facts, *, are_opened: bool) -> Iterator[str]:
    """An object by and by: its lists by their rows, and if they are opened the objects in it by their members."""
    mark = "{"
    for name in sorted(facts):
        value = facts[name]
        yield f"{mark}{encode(name)}:"
        if are_opened and isinstance(value, Mapping):
            yield from _members_of(value, are_opened=False)
        elif isinstance(value, (list, Table, Iterator)):
            yield from _rows_of(value)
        else:
            yield encode(value)
        mark = ","
    yield "}" if mark == "," else "{}"


def _rows_of(rows: Iterable[Any]) -> Iterator[str]:
    mark = "["
    for row in rows:
        yield mark + encode(row)
        mark = ","
    yield "]" if mark == "," else "[]"


def public_edition(archive: Facts, pseudonyms: Mapping[str, str]) -> dict[str, Any]:
    """What everybody may read of a record: nobody's name, unit or words, no seeds, and its own pseudonyms.

    `pseudonyms` has a fresh random one for every reviewer and member of staff, and for ideas that are in no list. Seeds
    are left out because seed and order of the panel together would tell who is who. Long lists are iterators, for
    `in_parts()`.
    """

    def renamed(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {pseudonyms.get(key, key): renamed(inner) for key, inner in value.items()}
        if isinstance(value, Table):
            return map(renamed, value)
        if isinstance(value, list):
            return [renamed(inner) for inner in value]
        return pseudonyms.get(value, value) if isinstance(value, str) else value

    def bare(rows: Iterable[Facts], *left_out: str) -> list[dict[str, Any]]:
        return [renamed({name: value for name, value in row.items() if name not in left_out}) for row in rows]

    def pairs() -> Iterator[Sequence[str]]:
        yield from sorted(tuple(renamed(pair)) for pair in archive["assignments"]["pairs"])

    def reviews() -> Iterator[dict[str, Any]]:
        rows = [(renamed(row["idea"]), renamed(row["reviewer"]), row["marks"]) for row in archive["reviews"]]
        rows.sort(key=itemgetter(0, 1))
        yield from (dict(zip(("idea", "reviewer", "marks"), row, strict=True)) for row in rows)

    written_anew = {"panel", "staff", "groups", "assignments", "recusals", "reviews"}
    return {
        **renamed({name: value for name, value in archive.items() if name not in written_anew}),
        "edition": "public",
        "archive_digest": digest_of(archive),
        "panel": sorted(bare(archive["panel"], "name", "unit", "is_active"), key=itemgetter("key")),
        "staff": sorted(bare(archive["staff"], "name"), key=itemgetter("key")),
        "groups": {pseudonyms.get(idea, idea): groups for idea, groups in archive["groups"].items()},
        "assignments": {"pairs": pairs()},
        "recusals": sorted(bare(archive["recusals"], "reason", "at"), key=itemgetter("idea", "reviewer")),
        "reviews": reviews(),
    }


def quotas_of(facts: Facts) -> list[shortlist.Quota]:
    return [
        shortlist.Quota(
            quota["kind"],
            quota["name"],
            frozenset(idea for idea, groups in facts["groups"].items() if groups[quota["kind"]] == quota["name"]),
            quota["least"],
            quota["most"],
        )
        for quota in facts["quotas"]
    ]


def first_difference(file: Facts) -> str | None:
    """What in a record ({"record", "algorithm", "digest"}) does not follow from its marks first, or None.

    The portal's own rules recompute it; ideas/exports/verify_record.py does the same without them.
    """
    if not isinstance(file, Mapping) or set(file) != set(members.FILE):
        return f"the file has not exactly the members {', '.join(members.FILE)}"
    facts = file["record"]
    if file["algorithm"] != ALGORITHM:
        return f"the algorithm is not {ALGORITHM}"
    if file["digest"] != digest_of(facts):
        return f"the digest does not belong to this record: it should be {digest_of(facts)}"
    return next((line for check in _CHECKS for line in check(facts)), None)


def _frame_differs(facts: Facts) -> Iterator[str]:
    """What is written in every record of this format, and each thing once."""
    if facts["format"] != FORMAT:
        yield f"the format is not {FORMAT}"
    method = facts["method"]
    if method["decimals"] != ratings.DECIMALS or method["ties"] != TIES:
        yield "decimals or the rule for ties are not those of this format"
    numbers = sorted(row["number"] for row in facts["unsealings"])
    if numbers != list(range(1, min(facts["number"], len(numbers) + 2))):
        yield f"record {facts['number']} wants an opening of each record before it, there are those of {numbers}"
    if facts["tiers"] and sum(tier["places"] for tier in facts["tiers"]) != facts["places"]:
        yield "the tiers have not as many places as the list"
    for what, values in _once_each(facts):
        twice = next((value for value, times in Counter(values).items() if times > 1), None)
        if twice is not None:
            yield f"{what}: {twice if isinstance(twice, str) else ' '.join(sorted(twice))} is there twice"


def _once_each(facts: Facts) -> Iterator[tuple[str, Iterable[Any]]]:
    """What must not be there twice; a pair stands for both its orders."""
    yield "panel", (row["key"] for row in facts["panel"])
    yield "staff", (row["key"] for row in facts["staff"])
    yield "rubric", (row["key"] for row in facts["rubric"])
    yield "ideas", facts["ideas"]
    yield "assignments", map(tuple, facts["assignments"]["pairs"])
    yield "recusals", ((row["idea"], row["reviewer"]) for row in facts["recusals"])
    yield "reviews", ((row["idea"], row["reviewer"]) for row in facts["reviews"])
    yield "scores", (row["idea"] for row in facts["scores"])
    yield "quotas", ((row["kind"], row["name"]) for row in facts["quotas"])
    yield "incompatible", (frozenset(row["ideas"]) for row in facts["incompatible"])
    yield "proposal", facts["proposal"]["list"]
    yield "tied", facts["proposal"]["tied"]
    yield "list", (row["idea"] for row in facts["list"])


def _references_differ(facts: Facts) -> Iterator[str]:
    """Whoever and whatever is named is known to the record."""
    ideas, panel = set(facts["ideas"]), {row["key"] for row in facts["panel"]}
    for pair in facts["assignments"]["pairs"]:
        if len(pair) != 2 or pair[0] not in ideas or pair[1] not in panel:
            yield f"assignments: {' '.join(pair)} is no idea and reviewer of this record"
    assignments = {tuple(pair) for pair in facts["assignments"]["pairs"]}
    for row in facts["recusals"]:
        if (row["idea"], row["reviewer"]) not in assignments:
            yield f"recusals: {row['idea']} was not assigned to {row['reviewer']}"
    if set(facts["groups"]) != ideas:
        yield "not every idea, or something else, has its topic and street"
    for row in facts["quotas"]:
        if row["kind"] not in shortlist.DIMENSIONS:
            yield f"quotas: {row['kind']} is neither topic nor street"
    for row in facts["incompatible"]:
        if len(row["ideas"]) != 2 or len(ideas.intersection(row["ideas"])) != 2:
            yield f"incompatible: {' '.join(row['ideas'])} are not two ideas of this record"
    staff = {row["key"] for row in facts["staff"]}
    for what, who in _acts(facts):
        if who not in staff:
            yield f"{what}: {who} is nobody of the staff"


def _acts(facts: Facts) -> Iterator[tuple[str, str]]:
    """(act, person) for everything that somebody signed, asked for or consented to."""
    proposer = facts["proposal"]["by"]
    yield from [("proposal", proposer)] if proposer is not None else []  # proposed on the command line
    yield from (("incompatible", row["by"]) for row in facts["incompatible"])
    for place, row in enumerate(facts["exchanges"], start=1):
        yield f"exchange {place}", row["proposed_by"]
        yield from [(f"exchange {place}", row["consented_by"])] if not _is_of_old(row) else []
    yield from (("seal", row["by"]) for row in facts["seals"])
    for row in facts["unsealings"]:
        yield f"unsealing {row['number']}", row["asked_by"]
        yield f"unsealing {row['number']}", row["consented_by"]


def _is_of_old(exchange: Facts) -> bool:
    """From before exchanges took two people and minutes; such a list can still be sealed."""
    return exchange["consented_by"] is exchange["consented_at"] is exchange["minutes_on"] is None


def _reviews_differ(facts: Facts) -> Iterator[str]:
    criteria = {row["key"] for row in facts["rubric"]}
    assignments = {tuple(pair) for pair in facts["assignments"]["pairs"]}
    assignments -= {(row["idea"], row["reviewer"]) for row in facts["recusals"]}
    for review in facts["reviews"]:
        pair = (review["idea"], review["reviewer"])
        if pair not in assignments or not set(review["marks"]) <= criteria:
            yield f"the review of {pair[0]} by {pair[1]} has no place in this record"


def ranking_of(facts: Facts) -> list[ratings.Score]:
    """The standing that the marks give; ideas by their number in the order of receipt."""
    number = {idea: place for place, idea in enumerate(facts["ideas"])}
    weights = {row["key"]: row["weight"] for row in facts["rubric"] if not row["advice_only"]}
    rows = []
    for review in facts["reviews"]:
        points = {key: value for key, value in review["marks"].items() if key in weights}
        mark = ratings.weighted_mark(points, weights)
        if mark is not None:
            rows.append((number[review["idea"]], review["reviewer"], mark))
    return ratings.ranking(rows, METHODS[facts["method"]["name"]], facts["places"])


def _scores_differ(facts: Facts) -> Iterator[str]:
    if facts["method"]["name"] not in METHODS:
        yield f"the method {facts['method']['name']} is unknown"
        return
    right = {facts["ideas"][score.idea]: score for score in ranking_of(facts)}
    if set(right) != {row["idea"] for row in facts["scores"]}:
        yield "the ideas with a score are not the ideas with a review"
        return
    for row in facts["scores"]:
        if row["reviews"] != right[row["idea"]].reviews:
            yield f"{row['idea']}: {right[row['idea']].reviews} reviews, the record says {row['reviews']}"
    for name in ("mean", "score"):  # a changed mark changes one mean and all scores
        for row in facts["scores"]:
            figure = getattr(right[row["idea"]], name)
            if abs(float(row[name]) - figure) > TOLERANCE:
                yield f"{row['idea']}: the marks give a {name} of {decimal(figure)}, the record says {row[name]}"
    recorded = _recorded(facts)
    for score, right_one in zip(recorded, sorted(recorded, key=ratings.order), strict=True):
        if score != right_one:
            ideas = facts["ideas"]
            yield f"{ideas[right_one.idea]} stands before {ideas[score.idea]}, the record has it behind"


def _recorded(facts: Facts) -> list[ratings.Score]:
    number = {idea: place for place, idea in enumerate(facts["ideas"])}
    return [
        ratings.Score(number[row["idea"]], float(row["score"]), float(row["mean"]), row["reviews"])
        for row in facts["scores"]
    ]


def proposal_of(facts: Facts) -> shortlist.Proposal:
    """The proposal that the recorded standing, quotas and pairs give; ideas by receipt number."""
    ranking = [
        ratings.Score(row["idea"], float(row["score"]), float(row["mean"]), row["reviews"]) for row in facts["scores"]
    ]
    pairs = [tuple(pair["ideas"]) for pair in facts["incompatible"]]
    return shortlist.propose(ranking, facts["places"], quotas_of(facts), pairs)


def proposal_facts(proposal: shortlist.Proposal) -> dict[str, Any]:
    return {
        "list": [score.idea for score in proposal.chosen],
        "cut": decimal(proposal.cut or 0),
        "tied": [score.idea for score in proposal.tied],
        "moves": [asdict(move) for move in proposal.moves],
    }


def _proposal_differs(facts: Facts) -> Iterator[str]:
    if len(facts["proposal"]["list"]) != facts["places"]:
        yield "the proposal has not as many ideas as there are places"
    right = proposal_facts(proposal_of(facts))
    for name, value in right.items():
        if facts["proposal"][name] != value:
            wrong = set(map(str, value)) ^ set(map(str, facts["proposal"][name])) if name != "cut" else {value}
            yield f"the proposal's {name} does not follow: {' '.join(sorted(wrong)) or 'another order'}"


def _exchanges_differ(facts: Facts) -> Iterator[str]:
    listed, known = set(facts["proposal"]["list"]), {row["idea"] for row in facts["scores"]}
    for place, exchange in enumerate(facts["exchanges"], start=1):
        out, put_in = exchange["out"], exchange["put_in"]
        fits = out in listed and put_in in known and out != put_in
        if not fits or (put_in in listed) != exchange["is_tier"]:
            yield f"exchange {place} ({out} for {put_in}) does not fit the list before it"
            return
        if not exchange["is_tier"]:
            listed = listed - {out} | {put_in}


def placed_of(facts: Facts) -> list[shortlist.Placed]:
    """The final list that proposal and exchanges give."""
    order = [row["idea"] for row in facts["scores"]]
    swaps = [shortlist.Swap(row["out"], row["put_in"], row["is_tier"]) for row in facts["exchanges"]]
    tiers = [tier["places"] for tier in facts["tiers"]]
    return shortlist.arrange(order, facts["proposal"]["list"], tiers, swaps)


def list_facts(facts: Facts) -> list[dict[str, Any]]:
    scores = {row["idea"]: row for row in facts["scores"]}
    return [
        {
            "rank": placed.rank,
            "idea": placed.idea,
            "tier": None if placed.tier is None else facts["tiers"][placed.tier]["name"],
            "score": scores[placed.idea]["score"],
            "reviews": scores[placed.idea]["reviews"],
        }
        for placed in placed_of(facts)
    ]


def _list_differs(facts: Facts) -> Iterator[str]:
    right, listed = list_facts(facts), {row["idea"] for row in facts["list"]}
    for row, recorded in zip(right, facts["list"], strict=False):
        if row != recorded:
            yield f"rank {row['rank']} belongs to {row['idea']}, the list has {recorded['idea']} or other figures"
    if len(facts["list"]) != facts["places"] or len(right) != facts["places"]:
        yield f"{len(facts['list'])} ideas for {facts['places']} places"
    for row in right:
        if row["reviews"] < 2:
            yield f"{row['idea']}: on the list with one review only"
    for pair in facts["incompatible"]:
        if listed.issuperset(pair["ideas"]):
            yield f"both {' and '.join(pair['ideas'])} are on the list"
    there = shortlist.counts(listed, quotas_of(facts))
    for quota in facts["quotas"]:
        if quota["listed"] != there[quota["kind"], quota["name"]]:
            yield f"quota {quota['name']}: the record says {quota['listed']} listed"


def _people_differ(facts: Facts) -> Iterator[str]:
    for place, exchange in enumerate(facts["exchanges"], start=1):
        if exchange["proposed_by"] == exchange["consented_by"] or not exchange["reason"].strip():
            yield f"exchange {place}: by one person, or without a reason"
    if len(facts["seals"]) != 2 or len({seal["by"] for seal in facts["seals"]}) != 2:
        yield "not sealed by two people"
    for opened in facts["unsealings"]:
        if opened["asked_by"] == opened["consented_by"]:
            yield f"record {opened['number']} was opened by one person"


_CHECKS = (
    members.misfits,
    _frame_differs,
    _references_differ,
    _reviews_differ,
    _scores_differ,
    _proposal_differs,
    _exchanges_differ,
    _list_differs,
    _people_differ,
)
