#!/usr/bin/env python3
"""Recompute a sealed record of a golden-ideas campaign: python3 verify_record.py RECORD.json

Says "holds" and which digest to compare with the signed minutes, or names the first thing that is not as it must be.
Plain Python, 3.8 or newer, nothing to install; it shares no code with the portal. Figures are compared within one
millionth, because sums depend on the order of adding; the order of the ideas is then compared exactly, by the recorded
figures of nine decimals.
"""

# mypy: ignore-errors
# (It carries no annotations, so that any Python from 3.8 on runs it and anybody can read it.)

import codecs
import hashlib
import json
import math
import re
import sys
from array import array
from collections import Counter, defaultdict

FORMAT = "golden-ideas-record/1"
TOLERANCE = 1e-6
KINDS = ("topic", "street")
TIES = ["mean", "reviews", "receipt"]


class Difference(Exception):
    """The first thing in the record that does not follow from the rest."""


class NoRecord(Difference):
    """The file is not the JSON of a record."""


def differ(is_so, what):
    if not is_so:
        raise Difference(what)


encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(record):
    """The byte form that is hashed: JSON in UTF-8, keys sorted, no spaces, no decimals (they are texts)."""
    return encode(record).encode()


def digest_of(record):
    return record.digest if isinstance(record, Record) else hashlib.sha256(canonical(record)).hexdigest()


# --- reading a file of any size: piece by piece, and of a record only what is looked at again


def read(path):
    """The content of a file. Refuses what another program might read in another way: a member twice, decimals.

    A record is hashed as it is read. Only where its members were put in another order the whole file is taken at once.
    """
    try:
        with open(path, "rb") as file:
            return read_file(Text(file))
    except Unordered:
        with open(path, "rb") as file:
            text = Text(file)
            content = text.value()
            text.end()
            return content


def once(pairs):
    found = {}
    for name, value in pairs:
        put(found, name, value)
    return found


def put(found, name, value):
    if name in found:
        raise twice(name)
    found[name] = value


def twice(name):
    return NoRecord(f"the member {name!r} is there twice")


def no_decimal(text):
    raise NoRecord(f"{text} is no number of a record: decimals are texts")


class Unordered(Exception):
    """The members do not stand in the order in which they are hashed."""


class Text:
    """The text of a JSON file, of which only a piece is in memory."""

    DECODER = json.JSONDecoder(object_pairs_hook=once, parse_float=no_decimal, parse_constant=no_decimal)
    CHUNK, AHEAD, CUT = 1 << 20, 1 << 16, 24  # an error that near to the end may only say that the piece ends there

    def __init__(self, file):
        self.file, self.decoder = file, codecs.getincrementaldecoder("utf-8-sig")()
        self.piece, self.at, self.ended = "", 0, False
        self.lines, self.column, self.gone = 0, 0, 0  # what was let go

    def more(self, least):
        """Read at least so many more signs, if there are; whether any came."""
        if self.ended:
            return False
        lines, before = self.piece.count("\n", 0, self.at), len(self.piece) - self.at
        self.column = self.at - self.piece.rfind("\n", 0, self.at) - 1 if lines else self.column + self.at
        self.lines, self.gone = self.lines + lines, self.gone + self.at
        pieces, self.at = [self.piece[self.at :]], 0
        while sum(map(len, pieces)) < before + least and not self.ended:
            raw = self.file.read(self.CHUNK)
            self.ended = not raw
            try:
                pieces.append(self.decoder.decode(raw, final=self.ended))
            except UnicodeDecodeError:
                raise NoRecord("it is not a text in UTF-8") from None
        self.piece = "".join(pieces)
        return len(self.piece) > before

    def fail(self, words, at):
        lines = self.piece.count("\n", 0, at)
        column = at - self.piece.rfind("\n", 0, at) if lines else self.column + at + 1
        place = f"line {self.lines + lines + 1} column {column} (char {self.gone + at})"
        raise NoRecord(f"it is not JSON: {words}: {place}")

    def sign(self):
        """The next one that is no space, which stays; nothing at the end."""
        while True:
            while self.at < len(self.piece):
                if self.piece[self.at] not in " \t\n\r":
                    return self.piece[self.at]
                self.at += 1
            if not self.more(1):
                return ""

    def take(self, sign, otherwise):
        if self.sign() != sign:
            self.fail(otherwise, self.at)
        self.at += 1

    def end(self):
        if self.sign():
            self.fail("Extra data", self.at)

    def value(self):
        """Whatever comes next, whole."""
        self.sign()
        if len(self.piece) - self.at < self.AHEAD:
            self.more(self.AHEAD)
        while True:
            begun = self.at
            try:
                value, end = self.DECODER.raw_decode(self.piece, begun)
                if end + self.CUT <= len(self.piece) or not self.more(self.AHEAD):  # else a number might go on
                    self.at += end - begun
                    return value
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos + self.CUT > len(self.piece)
                if not (cut and self.more(len(self.piece))):
                    self.fail(error.msg, error.pos - begun + self.at)
            except RecursionError:
                raise NoRecord("it is nested too deeply") from None
            except ValueError as error:  # a number of too many digits
                raise NoRecord(f"it is not JSON: {error}") from None

    def inside(self, first, last, one):
        self.take(first, "Expecting value")
        if self.sign() != last:
            yield one()
            while self.sign() != last:
                self.take(",", "Expecting ',' delimiter")
                yield one()
        self.at += 1

    def names(self):
        """The names of the object that begins here; the value of each is to be read before the next is asked for."""
        return self.inside("{", "}", self.name)

    def name(self):
        if self.sign() != '"':
            self.fail("Expecting property name enclosed in double quotes", self.at)
        name = self.value()
        self.take(":", "Expecting ':' delimiter")
        return name

    def rows(self):
        """The values of the list that begins here."""
        return self.inside("[", "]", self.value)


class Record(dict):
    """A record whose digest was taken as it was read."""


class Rows:
    """A long list of rows of one kind, their values one behind the other: so many dicts would take ten times as much.

    `misfit` says of the first row of another kind, which is not kept, what it is not.
    """

    def __init__(self, names):
        self.names, self.values, self.ends, self.misfit = names, [], array("L"), None

    def __len__(self):
        return len(self.ends)

    def __iter__(self):
        start = 0
        for end in self.ends:
            values = self.values[start:end]
            yield dict(zip(self.names, values)) if self.names else values  # noqa: B905
            start = end


def read_file(text):
    if text.sign() == "{":
        content = {}
        for name in text.names():
            whole = name != "record" or text.sign() != "{"
            put(content, name, text.value() if whole else Reading(text).record())
    else:
        content = text.value()
    text.end()
    return content


class Reading:
    """Goes through a record once, hashes it and keeps what is looked at again; values that recur are kept once."""

    KEPT = {"scores": ("idea", "score", "mean", "reviews"), "reviews": ("idea", "reviewer", "marks")}

    def __init__(self, text):
        self.text, self.hash, self.known = text, hashlib.sha256(), {}

    def record(self):
        record = Record()
        for name in self.names(record):
            sign, kinds = self.text.sign(), EDITIONS["public" if record.get("edition") == "public" else "archive"]
            if name in self.KEPT and sign == "[":
                record[name] = self.keep(kinds[name][0], f"record.{name}", self.KEPT[name])
            elif name == "ideas" and sign == "[":
                record[name] = [self.same(idea) if type(idea) is str else idea for idea in self.rows()]
            elif name == "groups" and sign == "{":
                record[name] = self.groups(kinds[name]["*"])
            elif name == "assignments" and sign == "{":
                record[name] = self.assignments(kinds[name]["pairs"][0])
            else:
                record[name] = self.whole()
        record.digest = self.hash.hexdigest()
        return record

    def groups(self, kind):
        groups = {}
        for idea in self.names(groups):
            value = self.whole()
            groups[self.same(idea)] = value if misfit(value, kind, "") else self.same(value)
        return groups

    def assignments(self, kind):
        found = {}
        for name in self.names(found):
            rows = name == "pairs" and self.text.sign() == "["
            found[name] = self.keep(kind, "record.assignments.pairs", None) if rows else self.whole()
        return found

    def keep(self, kind, path, names):
        kept = Rows(names)
        for place, row in enumerate(self.rows()):
            wrong = misfit(row, kind, f"{path}[{place}]")
            if not wrong:
                kept.values.extend(self.same(value) for value in ((row[name] for name in names) if names else row))
                kept.ends.append(len(kept.values))
            kept.misfit = kept.misfit or wrong
        return kept

    def same(self, value):
        return self.known.setdefault(tuple(value.items()) if isinstance(value, dict) else value, value)

    def names(self, found):
        """As of the text; the caller puts each into `found`."""
        mark, last = "{", ""
        for name in self.text.names():
            if name in found:
                raise twice(name)
            if name < last:
                raise Unordered
            self.say(f"{mark}{encode(name)}:")
            yield name
            mark, last = ",", name
        self.say("}" if mark == "," else "{}")

    def rows(self):
        mark = "["
        for value in self.text.rows():
            self.say(mark + encode(value))
            yield value
            mark = ","
        self.say("]" if mark == "," else "[]")

    def whole(self):
        value = self.text.value()
        self.say(encode(value))
        return value

    def say(self, words):
        self.hash.update(words.encode())


# --- what is asked of a file


def check(file):
    """Raise Difference at the first thing that is not as it must be."""
    if not isinstance(file, dict) or set(file) != {"record", "algorithm", "digest"}:
        raise NoRecord("the file has not exactly the members record, algorithm, digest")
    record = file["record"]
    differ(file["algorithm"] == "SHA-256", "the algorithm is not SHA-256")
    digest = digest_of(record)
    differ(file["digest"] == digest, f"the digest does not belong to this record: it should be {digest}")
    check_members(record)
    check_frame(record)
    check_references(record)
    check_reviews(record)
    check_scores(record)
    check_proposal(record)
    check_exchanges(record)
    check_list(record)
    check_people(record)


# --- what members there are, and of what kind each is


def whole(least, most=10**9):
    return lambda value: type(value) is int and least <= value <= most


def text(pattern=r"(?s:.*)"):
    return lambda value: type(value) is str and re.fullmatch(pattern, value, re.ASCII) is not None


MEMBER_KINDS = {
    "a text": text(),
    "true or false": lambda value: type(value) is bool,
    "a whole number": whole(-(2**63), 2**63),
    "a count": whole(0),
    "a whole number from 1": whole(1),
    "a mark: a whole number from 1 to 10": whole(1, 10),
    "a text with nine decimals": text(r"-?(0|[1-9][0-9]{0,8})[.][0-9]{9}"),
    "a moment": text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"),
    "a day": text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "a digest": text(r"[0-9a-f]{64}"),
}
T, B, C, N, M = "a text", "true or false", "a count", "a whole number from 1", "a mark: a whole number from 1 to 10"
DECIMAL, AT, DAY = "a text with nine decimals", "a moment", "a day"
# A list in brackets has any number of the one kind; (kind, None) may be null; {"*": kind} has any names.
MEMBERS = {
    "format": T, "edition": T, "number": N, "places": N,
    "campaign": {"slug": T, "title": T, "organiser": T, "closes_at": (AT, None)},
    "method": {"name": T, "decimals": N, "ties": [T], "tie_rule": T, "rounds": C, "reviews_per_idea": C},
    "rubric": [{"key": T, "name": T, "weight": C, "advice_only": B, "optional": B}],
    "ideas": [T], "groups": {"*": {"topic": T, "street": T}},
    "scores": [{"idea": T, "score": DECIMAL, "mean": DECIMAL, "reviews": N}],
    "tiers": [{"name": T, "places": N}],
    "incompatible": [{"ideas": [T], "reason": T, "by": T}],
    "quotas": [{"kind": T, "name": T, "least": C, "most": (C, None), "listed": C}],
    "proposal": {
        "at": (AT, None), "by": (T, None), "list": [T], "cut": DECIMAL, "tied": [T],
        "moves": [{"idea": T, "is_on": B, "rule": T, "other": T}],
    },
    "exchanges": [{
        "out": T, "put_in": T, "is_tier": B, "category": T, "reason": T, "minutes_number": T, "minutes_on": (DAY, None),
        "proposed_by": T, "proposed_at": AT, "consented_by": (T, None), "consented_at": (AT, None),
    }],
    "list": [{"rank": N, "idea": T, "tier": (T, None), "score": DECIMAL, "reviews": N}],
    "seals": [{"by": T, "at": AT}],
    "unsealings": [
        {"number": N, "reason": T, "asked_by": T, "asked_at": AT, "consented_by": T, "consented_at": AT},
    ],
}  # fmt: skip
RUN = {"kind": T, "round": N, "seed": "a whole number", "per_idea": N, "algorithm": T, "made": C, "at": AT}
EDITIONS = {
    "archive": dict(
        MEMBERS,
        panel=[{"key": T, "name": T, "unit": T, "is_active": B}],
        staff=[{"key": T, "name": T, "role": T}],
        assignments={"runs": [RUN], "pairs": [[T]]},
        recusals=[{"idea": T, "reviewer": T, "reason": T, "at": AT}],
        reviews=[{"idea": T, "reviewer": T, "marks": {"*": M}, "comment": T, "at": AT}],
    ),
    "public": dict(
        MEMBERS,
        archive_digest="a digest",
        panel=[{"key": T}],
        staff=[{"key": T, "role": T}],
        assignments={"pairs": [[T]]},
        recusals=[{"idea": T, "reviewer": T}],
        reviews=[{"idea": T, "reviewer": T, "marks": {"*": M}}],
    ),
}


def check_members(record):
    differ(isinstance(record, dict), "record: is not an object")
    edition = record.get("edition")
    differ(edition in ("archive", "public"), "record.edition: is neither archive nor public")
    check_value(record, EDITIONS[edition], "record")


def misfit(value, kind, path):
    """What a value is not, or None."""
    try:
        check_value(value, kind, path)
    except Difference as difference:
        return str(difference)
    return None


def check_value(value, kind, path):
    if isinstance(kind, tuple):
        if value is not None:
            check_value(value, kind[0], path)
    elif isinstance(kind, str):
        differ(MEMBER_KINDS[kind](value), f"{path}: is not {kind}")
    elif isinstance(kind, list) and isinstance(value, Rows):
        differ(not value.misfit, value.misfit)
    elif isinstance(kind, list):
        differ(type(value) is list, f"{path}: is not a list")
        for place, inner in enumerate(value):
            check_value(inner, kind[0], f"{path}[{place}]")
    else:
        differ(isinstance(value, dict), f"{path}: is not an object")
        known = dict.fromkeys(value, kind["*"]) if "*" in kind else kind
        for name in sorted(set(known) | set(value)):
            differ(name in known, f"{path}.{name}: is not known")
            differ(name in value, f"{path}.{name}: is missing")
            check_value(value[name], known[name], f"{path}.{name}")


# --- what is written in every record, each thing once, and whatever is named is known


def check_frame(record):
    differ(record["format"] == FORMAT, f"the format is not {FORMAT}")
    method, number = record["method"], record["number"]
    same = method["decimals"] == 9 and method["ties"] == TIES
    differ(same, "decimals or the rule for ties are not those of this format")
    opened = sorted(row["number"] for row in record["unsealings"])
    wanted = list(range(1, min(number, len(opened) + 2)))
    differ(opened == wanted, f"record {number} wants an opening of each record before it, there are those of {opened}")
    tiers = record["tiers"]
    full = not tiers or sum(tier["places"] for tier in tiers) == record["places"]
    differ(full, "the tiers have not as many places as the list")
    check_once("panel", (row["key"] for row in record["panel"]))
    check_once("staff", (row["key"] for row in record["staff"]))
    check_once("rubric", (row["key"] for row in record["rubric"]))
    check_once("ideas", record["ideas"])
    check_once("assignments", (tuple(pair) for pair in record["assignments"]["pairs"]))
    for name in ("recusals", "reviews"):
        check_once(name, ((row["idea"], row["reviewer"]) for row in record[name]))
    check_once("scores", (row["idea"] for row in record["scores"]))
    check_once("quotas", ((row["kind"], row["name"]) for row in record["quotas"]))
    check_once("incompatible", (tuple(sorted(row["ideas"])) for row in record["incompatible"]))
    check_once("proposal", record["proposal"]["list"])
    check_once("tied", record["proposal"]["tied"])
    check_once("list", (row["idea"] for row in record["list"]))


def check_once(what, values):
    for value, times in Counter(values).items():
        name = value if isinstance(value, str) else " ".join(sorted(value))
        differ(times == 1, f"{what}: {name} is there twice")


def check_references(record):
    ideas, panel = set(record["ideas"]), {row["key"] for row in record["panel"]}
    for pair in record["assignments"]["pairs"]:
        known = len(pair) == 2 and pair[0] in ideas and pair[1] in panel
        differ(known, f"assignments: {' '.join(pair)} is no idea and reviewer of this record")
    seats = {tuple(pair) for pair in record["assignments"]["pairs"]}
    for row in record["recusals"]:
        seated = (row["idea"], row["reviewer"]) in seats
        differ(seated, f"recusals: {row['idea']} was not assigned to {row['reviewer']}")
    differ(set(record["groups"]) == ideas, "not every idea, or something else, has its topic and street")
    for row in record["quotas"]:
        differ(row["kind"] in KINDS, f"quotas: {row['kind']} is neither topic nor street")
    for row in record["incompatible"]:
        two = len(row["ideas"]) == 2 and len(set(row["ideas"]) & ideas) == 2
        differ(two, f"incompatible: {' '.join(row['ideas'])} are not two ideas of this record")
    check_staff(record)


def check_staff(record):
    """Nothing was signed, asked for or consented to by nobody."""
    acts = [("incompatible", row["by"]) for row in record["incompatible"]]
    if record["proposal"]["by"] is not None:  # None: proposed on the command line
        acts.insert(0, ("proposal", record["proposal"]["by"]))
    for place, row in enumerate(record["exchanges"], start=1):
        acts.append((f"exchange {place}", row["proposed_by"]))
        # Exchanges from before two people and minutes were asked for have neither.
        if not (row["consented_by"] is None and row["consented_at"] is None and row["minutes_on"] is None):
            acts.append((f"exchange {place}", row["consented_by"]))
    acts += [("seal", row["by"]) for row in record["seals"]]
    for row in record["unsealings"]:
        acts += [(f"unsealing {row['number']}", row[name]) for name in ("asked_by", "consented_by")]
    staff = {row["key"] for row in record["staff"]}
    for what, who in acts:
        differ(who in staff, f"{what}: {who} is nobody of the staff")


# --- the reviews


def check_reviews(record):
    ideas, panel = set(record["ideas"]), {row["key"] for row in record["panel"]}
    criteria = {row["key"] for row in record["rubric"]}
    seats = {tuple(pair) for pair in record["assignments"]["pairs"]}
    aside = {(row["idea"], row["reviewer"]) for row in record["recusals"]}
    for review in record["reviews"]:
        pair = (review["idea"], review["reviewer"])
        name = f"the review of {pair[0]} by {pair[1]}"
        differ(pair[0] in ideas and pair[1] in panel, f"{name}: no such idea or reviewer")
        differ(pair in seats, f"{name} was not assigned")
        differ(pair not in aside, f"{name}: the reviewer stood aside")
        differ(set(review["marks"]) <= criteria, f"{name}: a mark for an unknown criterion")


def weighted(marks, weights):
    """The weighted mean of the criteria that count and have a mark; None without any."""
    given = [key for key in sorted(marks) if weights.get(key)]
    total = sum(weights[key] for key in given)
    return sum(weights[key] * marks[key] for key in given) / total if total else None


def reviews_of(record):
    """(number of the idea in the order of receipt, reviewer, weighted mark), sorted."""
    number = {idea: place for place, idea in enumerate(record["ideas"])}
    weights = {row["key"]: row["weight"] for row in record["rubric"] if not row["advice_only"]}
    rows = []
    for review in record["reviews"]:
        mark = weighted(review["marks"], weights)
        if mark is not None:
            rows.append((number[review["idea"]], review["reviewer"], mark))
    return sorted(rows)


# --- the scores


def plain(rows):
    marks = defaultdict(list)
    for idea, _reviewer, mark in rows:
        marks[idea].append(mark)
    return {idea: sum(values) / len(values) for idea, values in marks.items()}


def trimmed(rows):
    """The mean without the highest and the lowest mark, where there are at least four."""
    marks = defaultdict(list)
    for idea, _reviewer, mark in rows:
        marks[idea].append(mark)
    kept = {idea: sorted(values)[1:-1] if len(values) >= 4 else values for idea, values in marks.items()}
    return {idea: sum(values) / len(values) for idea, values in kept.items()}


def calibrated(rows):
    """The calibrated mean: y = m_j + s_j q_i + e, with e ~ N(0, v_j), fitted by a hundred sweeps; returns mu + q_i."""
    by_idea, by_reviewer = defaultdict(list), defaultdict(list)
    for idea, reviewer, y in rows:
        by_idea[idea].append((reviewer, y))
        by_reviewer[reviewer].append((idea, y))
    n, r, size = len(by_idea), len(by_reviewer), len(rows)
    mu = sum(y for _, _, y in rows) / size
    variance = sum((y - mu) ** 2 for _, _, y in rows) / size
    floor = 1e-9 * max(variance, 1e-9)
    q, b = dict.fromkeys(by_idea, 0.0), dict.fromkeys(by_reviewer, 0.0)
    for _ in range(10):
        for j, own in by_reviewer.items():
            b[j] = sum(y - mu - q[i] for i, y in own) / (len(own) + 2)
        for i, own in by_idea.items():
            q[i] = sum(y - mu - b[j] for j, y in own) / (len(own) + 1.5)
        mu += sum(y - mu - b[j] - q[i] for i, j, y in rows) / size
    v0 = sum((y - mu - b[j] - q[i]) ** 2 for i, j, y in rows) / max(size - n - r + 1, size / 3)
    v0 = max(v0, floor)
    m, s = {j: mu + b[j] for j in b}, dict.fromkeys(b, 1.0)
    v, vs, vm, c = (dict.fromkeys(b, value) for value in (v0, 0.0, 0.0, 0.0))
    p, sq, sb = {}, v0 / 1.5, v0 / 2
    for _ in range(100):
        for i, own in by_idea.items():
            precision = 1 / sq + sum((s[j] ** 2 + vs[j]) / v[j] for j, _ in own)
            q[i] = sum((s[j] * (y - m[j]) - c[j]) / v[j] for j, y in own) / precision
            p[i] = 1 / precision
        for j, own in by_reviewer.items():
            a11, a12 = len(own) / v[j] + 1 / sb, sum(q[i] for i, _ in own) / v[j]
            a22 = sum(q[i] ** 2 + p[i] for i, _ in own) / v[j] + 16
            r1 = sum(y for _, y in own) / v[j] + mu / sb
            r2 = sum(q[i] * y for i, y in own) / v[j] + 16
            d = a11 * a22 - a12**2
            m[j], s[j] = (a22 * r1 - a12 * r2) / d, max(0.0, (a11 * r2 - a12 * r1) / d)
            vm[j], vs[j], c[j] = a22 / d, a11 / d, -a12 / d
        trust = {j: 1 / (sb + vm[j]) for j in m}
        mu = sum(m[j] * trust[j] for j in m) / sum(trust.values())
        error = {}
        for j, own in by_reviewer.items():
            error[j] = sum(
                (y - m[j] - s[j] * q[i]) ** 2
                + p[i] * (s[j] ** 2 + vs[j]) + vm[j] + 2 * c[j] * q[i] + vs[j] * q[i] ** 2
                for i, y in own
            )  # fmt: skip
        v0 = max(sum(error.values()) / size, floor)
        v = {j: (error[j] + 6 * v0) / (len(own) + 6) for j, own in by_reviewer.items()}
        sq = max(sum(q[i] ** 2 + p[i] for i in q) / n, floor)
        sb = max((sum((m[j] - mu) ** 2 + vm[j] for j in m) + sb) / (r + 1), floor)
    return {i: mu + q[i] for i in q}


METHODS = {"weighted-mean-1": plain, "trimmed-mean-1": trimmed, "calibrated-mean-1": calibrated}


def check_scores(record):
    method = record["method"]["name"]
    differ(method in METHODS, f"the method {method!r} is not known to this program")
    rows = reviews_of(record)
    score, mean, count = METHODS[method](rows), plain(rows), Counter(idea for idea, _, _ in rows)
    number = {idea: place for place, idea in enumerate(record["ideas"])}
    recorded = {number.get(row["idea"]) for row in record["scores"]}
    differ(recorded == set(score), "the ideas with a score are not the ideas with a review")
    for row in record["scores"]:
        idea, there = row["idea"], count[number[row["idea"]]]
        differ(row["reviews"] == there, f"{idea}: {there} reviews, the record says {row['reviews']}")
    for name, figures in (("mean", mean), ("score", score)):  # a changed mark changes one mean and all scores
        for row in record["scores"]:
            figure = figures[number[row["idea"]]]
            near = math.isclose(float(row[name]), figure, rel_tol=0, abs_tol=TOLERANCE)
            differ(near, f"{row['idea']}: the marks give a {name} of {figure:.9f}, the record says {row[name]}")
    there, keys = [row["idea"] for row in record["scores"]], [order(row, number) for row in record["scores"]]
    for place, right in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        wrong = f"place {place + 1} of the standing belongs to {there[right]}, the record says {there[place]}"
        differ(right == place, wrong)


def order(row, number):
    """Higher score first; ties: higher plain mean, more reviews, earlier receipt."""
    return (-float(row["score"]), -float(row["mean"]), -row["reviews"], number[row["idea"]])


# --- the proposal


def propose(standing, places, cell, limits, pairs, *, refused=None):
    """From best to worst, take an idea if a whole list that keeps all rules is still possible with it; [] if none.

    `refused` takes down why an idea was passed over: {idea: (rule, other idea or quota)}.
    """
    places, against = min(places, len(standing)), defaultdict(set)
    for one, other in pairs:
        against[one].add(other)
        against[other].add(one)
    chosen, left = [], list(standing)

    def possible(taken, rest):
        barred = {other for idea in taken for other in against[idea]}
        if barred & set(taken):
            return False
        rest = [idea for idea in rest if idea not in barred]
        open_pairs = [pair for pair in pairs if pair[0] in rest and pair[1] in rest]
        return without_pairs(Counter(cell[i] for i in taken), rest, open_pairs)

    def without_pairs(taken, rest, open_pairs):
        members = {idea for pair in open_pairs for idea in pair}
        if fits(taken, Counter(cell[i] for i in rest if i not in members), limits, places):
            return True
        if not open_pairs or not fits(taken, Counter(cell[i] for i in rest), limits, places):
            return False
        return any(
            without_pairs(taken, [i for i in rest if i != out], [p for p in open_pairs if out not in p])
            for out in open_pairs[0]
        )

    if (limits or pairs) and not possible([], left):
        return []
    for idea in standing:
        if len(chosen) == places:
            break
        left.remove(idea)
        if not (limits or pairs) or possible([*chosen, idea], left):
            chosen.append(idea)
        elif refused is not None:
            refused[idea] = why(idea, chosen, standing=standing, cell=cell, limits=limits, against=against)
    return chosen


def why(idea, chosen, *, standing, cell, limits, against):
    rivals = sorted(against[idea] & set(chosen), key=standing.index)
    if rivals:
        return "incompatible", rivals[0]
    taken = Counter((kind, cell[other][place]) for other in chosen for place, kind in enumerate(KINDS))
    for group in zip(KINDS, cell[idea]):  # noqa: B905
        most = limits.get(group, (0, None))[1]
        if most is not None and taken[group] >= most:
            return "at_most", group[1]
    short = [group[1] for group in limits if taken[group] < limits[group][0] and group[1] not in cell[idea]]
    return ("at_least", short[0]) if short else ("together", "")


def moves_of(standing, places, chosen, *, refused, cell, limits):
    """Where the list differs from the first places of the standing, and by which rule."""
    if not refused:
        return []
    top, moves = standing[:places], []
    taken = Counter((kind, cell[other][place]) for other in chosen for place, kind in enumerate(KINDS))
    tight = [group for group in limits if limits[group][0] and taken[group] == limits[group][0]]
    for idea in standing:
        if idea in chosen and idea not in top:
            lifted = [name for kind, name in tight if cell[idea][KINDS.index(kind)] == name]
            rule, other = ("at_least", lifted[0]) if lifted else ("moved_up", "")
            moves.append({"idea": idea, "is_on": True, "rule": rule, "other": other})
        elif idea in top and idea not in chosen:
            rule, other = refused.get(idea, ("together", ""))
            moves.append({"idea": idea, "is_on": False, "rule": rule, "other": other})
    return moves


def tied_of(record, chosen, moves):
    """The ideas that share the score of the cut across it, if the tie rule alone parted them."""
    moved = {move["idea"] for move in moves if not move["is_on"] or move["rule"] == "at_least"}
    score = {row["idea"]: float(row["score"]) for row in record["scores"]}
    border = next((score[idea] for idea in reversed(chosen) if idea not in moved), None)
    same = [row["idea"] for row in record["scores"] if score[row["idea"]] == border and row["idea"] not in moved]
    return same if not set(same) <= set(chosen) else []


def fits(taken, free, limits, places):
    """Whether `places` can be reached with every group within its limits: topics to cells to streets, as a flow."""
    cells = set(taken) | set(free)
    bounds = {("cell", cell): (taken[cell], taken[cell] + free[cell]) for cell in cells}
    ways = [(("topic", cell[0]), ("street", cell[1]), *bounds["cell", cell]) for cell in cells]
    for place, kind in enumerate(KINDS):
        for name in {cell[place] for cell in cells} | {name for k, name in limits if k == kind}:
            least, most = limits.get((kind, name), (0, None))
            edge = ("start", ("topic", name)) if kind == "topic" else (("street", name), "goal")
            ways.append((*edge, least, places if most is None else most))
    ways.append(("goal", "start", places, places))
    if any(least > most for _, _, least, most in ways):
        return False
    room = defaultdict(int)
    for tail, head, least, most in ways:
        room[tail, head] += most - least
        room["source", head] += least
        room[tail, "sink"] += least
    nodes = {node for pair in room for node in pair}
    needed = sum(way[2] for way in ways)

    def push(node, amount, seen):
        if node == "sink":
            return amount
        seen.add(node)
        for head in nodes - seen:
            if room.get((node, head), 0) > 0:
                moved = push(head, min(amount, room[node, head]), seen)
                if moved:
                    room[node, head] -= moved
                    room[head, node] += moved
                    return moved
        return 0

    while moved := push("source", places * len(ways) + 1, set()):
        needed -= moved
    return needed == 0


def cells_of(record):
    """Each idea's groups, as far as a quota speaks of them."""
    named = {(quota["kind"], quota["name"]) for quota in record["quotas"]}
    return {
        idea: tuple(groups[kind] if (kind, groups[kind]) in named else None for kind in KINDS)
        for idea, groups in record["groups"].items()
    }


def check_proposal(record):
    standing, places = [row["idea"] for row in record["scores"]], record["places"]
    limits = {(quota["kind"], quota["name"]): (quota["least"], quota["most"]) for quota in record["quotas"]}
    pairs = [tuple(pair["ideas"]) for pair in record["incompatible"] if set(pair["ideas"]) <= set(standing)]
    proposed, refused, cells = record["proposal"], {}, cells_of(record)
    differ(len(proposed["list"]) == places, "the proposal has not as many ideas as there are places")
    right = propose(standing, places, cells, limits, pairs, refused=refused)
    for place, (idea, wanted) in enumerate(zip(proposed["list"], right), start=1):  # noqa: B905
        differ(idea == wanted, f"place {place} of the proposal belongs to {wanted}, the record says {idea}")
    differ(proposed["list"] == right, "the proposal does not follow from scores, quotas and incompatible pairs")
    cut = f"{float(next(row['score'] for row in record['scores'] if row['idea'] == right[-1])):.9f}"
    differ(proposed["cut"] == cut, f"the cut is {cut}, the record says {proposed['cut']}")
    moves = moves_of(standing, places, right, refused=refused, cell=cells, limits=limits)
    tied = tied_of(record, right, moves)
    differ(proposed["tied"] == tied, f"the proposal's tied does not follow: it is {' '.join(tied) or 'nothing'}")
    told = "; ".join(f"{move['idea']} {move['rule']} {move['other']}" for move in moves)
    differ(proposed["moves"] == moves, f"the proposal's moves do not follow: they are {told or 'nothing'}")


# --- exchanges and the list


def check_exchanges(record):
    listed, known = set(record["proposal"]["list"]), {row["idea"] for row in record["scores"]}
    for place, exchange in enumerate(record["exchanges"], start=1):
        name = f"exchange {place} ({exchange['out']} for {exchange['put_in']})"
        differ(exchange["out"] in listed, f"{name}: {exchange['out']} was not on the list")
        differ(exchange["put_in"] in known, f"{name}: {exchange['put_in']} has no score")
        differ(exchange["put_in"] != exchange["out"], f"{name}: that is one idea")
        if exchange["is_tier"]:
            differ(exchange["put_in"] in listed, f"{name}: {exchange['put_in']} was not on the list")
            continue
        differ(exchange["put_in"] not in listed, f"{name}: {exchange['put_in']} was on the list already")
        listed = listed - {exchange["out"]} | {exchange["put_in"]}


def final_list(record):
    """The ideas in order of rank, with their tiers, as proposal and exchanges make them."""
    listed = set(record["proposal"]["list"])
    for exchange in record["exchanges"]:
        if not exchange["is_tier"]:
            listed = listed - {exchange["out"]} | {exchange["put_in"]}
    ranked = [row["idea"] for row in record["scores"] if row["idea"] in listed]
    numbers = [number for number, tier in enumerate(record["tiers"]) for _ in range(tier["places"])]
    tier = dict(zip(ranked, numbers))  # noqa: B905
    for exchange in record["exchanges"]:
        out, put_in = exchange["out"], exchange["put_in"]
        if exchange["is_tier"] and out in tier and put_in in tier:
            tier[out], tier[put_in] = tier[put_in], tier[out]
    ranked.sort(key=lambda idea: tier.get(idea, len(record["tiers"])))
    return [(idea, record["tiers"][tier[idea]]["name"] if idea in tier else None) for idea in ranked]


def check_list(record):
    right, listed = final_list(record), [row["idea"] for row in record["list"]]
    differ(len(listed) == record["places"], f"{len(listed)} ideas for {record['places']} places")
    picks = {idea for idea, _tier in right}
    scores = {row["idea"]: row for row in record["scores"] if row["idea"] in picks}
    for place, (row, (idea, tier)) in enumerate(zip(record["list"], right), start=1):  # noqa: B905
        differ(row["rank"] == place, f"rank {place} is written as {row['rank']}")
        differ(row["idea"] == idea, f"rank {place} belongs to {idea}, the list says {row['idea']}")
        differ(row["tier"] == tier, f"{idea}: its tier is {tier}, the list says {row['tier']}")
        for name in ("score", "reviews"):
            figure = scores[idea][name]
            differ(row[name] == figure, f"{idea}: its {name} is {figure}, the list says {row[name]}")
        differ(row["reviews"] >= 2, f"{idea}: on the list with one review only")
    for pair in record["incompatible"]:
        differ(not set(pair["ideas"]) <= set(listed), f"both {' and '.join(pair['ideas'])} are on the list")
    for quota in record["quotas"]:
        there = sum(record["groups"][idea][quota["kind"]] == quota["name"] for idea in listed)
        differ(quota["listed"] == there, f"quota {quota['name']}: {there} listed, the record says {quota['listed']}")


def check_people(record):
    for place, exchange in enumerate(record["exchanges"], start=1):
        two = exchange["proposed_by"] != exchange["consented_by"]
        differ(two, f"exchange {place}: proposed and consented to by one person")
        differ(exchange["reason"].strip(), f"exchange {place}: no reason")
    sealers = [seal["by"] for seal in record["seals"]]
    differ(len(sealers) == len(set(sealers)) == 2, "not sealed by two people")
    for opened in record["unsealings"]:
        two = opened["asked_by"] != opened["consented_by"]
        differ(two, f"record {opened['number']} was opened by one person")


def printable(line):
    """One line that no terminal takes for anything else: what cannot be seen is escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)


def say(line):
    """Print a line wherever it runs: what the console has no character for is escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    print(printable(line).encode(encoding, "backslashreplace").decode(encoding))


def main(path):
    try:
        content = read(path)
        check(content)
    except (NoRecord, OSError) as error:
        say(f"this is no whole record: {error}")
        return 2
    except Difference as difference:
        say(f"does not hold: {difference}")
        return 1
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        say(f"this is no whole record: {type(error).__name__}: {error}")
        return 2
    record = content["record"]
    say(f"holds: {record['campaign']['title']}, record {record['number']}, {record['edition']} edition")
    say(f"{len(record['reviews'])} reviews of {len(record['scores'])} ideas, {record['places']} places")
    say(f"SHA-256 {content['digest']}")
    if record["edition"] == "archive":
        say("Compare this SHA-256 with the one on the signed minutes: only then is it the record that was signed.")
    else:
        say("Compare this SHA-256 with the one on the page of the record, and the next one with the signed minutes:")
        say(f"SHA-256 {record['archive_digest']} (of the archive edition, which this one was taken from)")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
