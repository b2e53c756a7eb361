"""Both verifiers take every record that was ever sealed, and nothing that is not exactly one.

The files in records/ were written by the portal before its verifiers became strict; they are never made anew.
"""

import ast
import copy
import json
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from ideas.exports import verify_record
from ideas.exports.record import SCRIPT
from ideas.rules import members, reading, record

RECORDS = Path(__file__).with_name("records")
FILES = sorted(path.name for path in RECORDS.glob("*.json"))


@lru_cache
def kept(name):
    return json.loads((RECORDS / name).read_text(encoding="utf-8"))


def own(file):
    """The portal's verdict: "holds" or what differs first."""
    return record.first_difference(file) or "holds"


def alone(file):
    """The verdict of the program that stands alone."""
    try:
        verify_record.check(file)
    except verify_record.Difference as difference:
        return str(difference)
    return "holds"


def rehash(file):
    """As a careful forger would leave it: the digest fits again."""
    file["digest"] = record.digest_of(file["record"])
    return file


def read_both(raw, tmp_path):
    """What each program says of the bytes of a file, before it recomputes anything: None or why it is no record."""
    path = tmp_path / "record.json"
    path.write_bytes(raw)
    said = []
    for read in (lambda: members.read(raw), lambda: verify_record.read(path)):
        try:
            read()
            said.append(None)
        except (members.Unreadable, verify_record.NoRecord) as why:
            said.append(str(why))
    return said


@pytest.mark.parametrize("name", FILES)
def test_what_was_sealed_before_goes_on_holding(name):
    assert (own(kept(name)), alone(kept(name))) == ("holds", "holds")


def test_there_are_records_of_both_editions():
    assert FILES == ["demo-archive.json", "demo-public.json", "rich-archive.json", "rich-public.json"]


# --- every leaf of a record


def leaves(value, path=()):
    """(path, value) of everything that is not an object or a list, and of empty ones."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inner or not value:
        yield path, value
    for name, below in inner:
        yield from leaves(below, (*path, name))


def first_and_last(found):
    """Of rows of one list the first and the last: recomputing a record takes its time."""
    kinds = {}
    for path, value in found:
        kind = tuple(part for part in path if isinstance(part, str))
        kinds.setdefault(kind, [(path, value)])[1:] = [(path, value)]
    return [leaf for pair in kinds.values() for leaf in pair]


def parent(file, path):
    for name in path[:-1]:
        file = file[name]
    return file


def changed(value):
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else ["x"]


def retyped(value):
    """Values that some programs take for the same."""
    if isinstance(value, bool):
        return [int(value), str(value).lower()]
    if isinstance(value, int):
        return [str(value), float(value), value == 1]
    if isinstance(value, str):
        return [[value], 7, 7.5]
    return [False, {}]


def verdicts(name, path, act):
    file = copy.deepcopy(kept(name))
    act(parent(file, path), path[-1])
    return own(rehash(file)), alone(file)


RICH = ["rich-archive.json", "rich-public.json"]


@pytest.mark.parametrize("name", RICH)
def test_a_changed_leaf_does_not_fit_the_digest(name):
    for path, value in leaves(kept(name)):
        file = copy.deepcopy(kept(name))
        parent(file, path)[path[-1]] = changed(value)
        said = (own(file), alone(file))
        assert said[0] == said[1] != "holds", path


@pytest.mark.parametrize("name", RICH)
def test_of_a_changed_and_rehashed_leaf_both_say_the_same(name):
    """Words and moments may be others: that is what the digest in the signed minutes is for. Figures may not."""
    free = set()
    for path, value in first_and_last(leaves(kept(name)["record"])):
        said = verdicts(name, ("record", *path), lambda at, last, value=value: at.__setitem__(last, changed(value)))
        assert (said[0] == "holds") == (said[1] == "holds"), (path, said)
        if said[0] == "holds":
            free.add(".".join(str(part) for part in path if isinstance(part, str)))
    assert not free & {"scores.mean", "scores.score", "scores.reviews", "list.rank", "list.tier", "proposal.cut"}
    assert not any(name.startswith(("reviews.marks", "proposal.moves", "proposal.list", "seals.by")) for name in free)


@pytest.mark.parametrize("name", RICH)
def test_a_lost_member_is_named_by_both_alike(name):
    for path, _value in leaves(kept(name)["record"]):
        if isinstance(path[-1], str) and path[:1] != ("groups",) and path[-2:-1] != ("marks",):
            said = verdicts(name, ("record", *path), lambda at, last: at.pop(last))
            assert said[0] == said[1] != "holds", path
            assert f".{path[-1]}: is missing" in said[0] or path == ("edition",)


@pytest.mark.parametrize("name", RICH)
def test_a_value_of_another_type_is_named_by_both_alike(name):
    for path, value in leaves(kept(name)["record"]):
        for other in retyped(value):
            said = verdicts(name, ("record", *path), lambda at, last, other=other: at.__setitem__(last, other))
            assert said[0] == said[1] != "holds", (path, other)


@pytest.mark.parametrize("name", RICH)
def test_a_repeated_row_of_any_list_is_named_by_both(name):
    free = {"exchanges", "tiers", "runs"}  # of these the same may honestly be there twice; others then differ

    def lists(value, path=()):
        if isinstance(value, list) and value:
            yield path
        for key, inner in value.items() if isinstance(value, dict) else ():
            yield from lists(inner, (*path, key))

    for path in lists(kept(name)["record"]):
        said = verdicts(name, ("record", *path), lambda at, last: at[last].append(at[last][0]))
        assert (said[0] == "holds") == (said[1] == "holds"), path
        assert "holds" not in said or path[-1] in free, path


@pytest.mark.parametrize("name", RICH)
def test_a_second_member_of_the_same_name_is_refused_by_both(name, tmp_path):
    """Also where both are alike, and whatever programs make of it: the first or the last."""
    seen = set()

    def objects(value, path=()):
        if isinstance(value, dict):
            yield from ((path, key) for key in value)
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if type(value) is list else ():
            yield from objects(inner, (*path, key))

    for path, key in objects(kept(name)):
        if (key, len(path)) in seen:
            continue
        seen.add((key, len(path)))
        file = copy.deepcopy(kept(name))
        holder = parent(file, (*path, key))
        holder["twin"] = holder[key]
        raw = json.dumps(file, ensure_ascii=False).replace('"twin": ', json.dumps(key) + ": ").encode()
        assert read_both(raw, tmp_path) == [f"the member {key!r} is there twice"] * 2


# --- what is read piece by piece


def in_pieces(raw, size=1000):
    return lambda: (raw[start : start + size] for start in range(0, len(raw), size))


def read_in_pieces(raw, tmp_path, monkeypatch):
    """By both programs, a few signs at a time: what each then says of the record, or why it is none."""
    monkeypatch.setattr(reading, "SPARE", 10)
    monkeypatch.setattr(verify_record.Text, "AHEAD", 10)
    monkeypatch.setattr(verify_record.Text, "CHUNK", 1000)
    path = tmp_path / "record.json"
    path.write_bytes(raw)
    return [said_by(lambda: own(members.read(in_pieces(raw)))), said_by(lambda: alone(verify_record.read(path)))]


def said_by(judge, *of):
    """The verdict, or what was raised instead of one."""
    try:
        return judge(*of)
    except (members.Unreadable, verify_record.NoRecord, ArithmeticError) as why:
        return str(why)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_record_is_read_wherever_a_piece_ends(name, size, monkeypatch):
    raw = (RECORDS / name).read_bytes()
    monkeypatch.setattr(reading, "SPARE", 0)
    read = members.read(in_pieces(raw, size))
    assert (read["record"].digest, own(read)) == (kept(name)["digest"], "holds")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_record_is_read_by_the_program_wherever_a_piece_ends(name, size, monkeypatch):
    monkeypatch.setattr(verify_record.Text, "AHEAD", 0)
    monkeypatch.setattr(verify_record.Text, "CHUNK", size)
    read = verify_record.read(RECORDS / name)
    assert (read["record"].digest, alone(read)) == (kept(name)["digest"], "holds")


@pytest.mark.parametrize("name", FILES)
def test_what_was_kept_of_a_read_record_is_what_the_rules_look_at(name):
    whole, raw = kept(name)["record"], (RECORDS / name).read_bytes()
    for read in (members.read(raw)["record"], verify_record.read(RECORDS / name)["record"]):
        lists = {"scores": read["scores"], "reviews": read["reviews"], "pairs": read["assignments"]["pairs"]}
        assert {type(rows).__name__ for rows in lists.values()} <= {"Table", "Rows"}
        assert list(lists["scores"]) == whole["scores"]
        assert list(lists["pairs"]) == whole["assignments"]["pairs"]
        looked_at = ("idea", "reviewer", "marks")
        assert list(lists["reviews"]) == [{key: row[key] for key in looked_at} for row in whole["reviews"]]
        rest = whole.keys() - {"scores", "reviews", "assignments"}
        assert {key: read[key] for key in rest} == {key: whole[key] for key in rest}


def forgeries(name):
    """(path, act) of every kind of change that a file can hold, of the first and the last row of each long list."""
    for path, value in first_and_last(leaves(kept(name)["record"])):
        if path[0] not in ("assignments", "edition", "groups", "ideas", "reviews", "scores"):
            continue
        for other in [changed(value), *(other for other in retyped(value) if type(other) is not float)]:
            yield path, lambda at, last, other=other: at.__setitem__(last, other)
        if isinstance(path[-1], str):
            yield path, lambda at, last: at.pop(last)
            yield path, lambda at, last: at.__setitem__(f"{last}2", at[last])
    for path in (("reviews",), ("scores",), ("assignments", "pairs"), ("ideas",), ("groups",), ("assignments",)):
        for other in (None, {}, [], [[]], [{}], {"a": {}}, "x", [7]):
            yield path, lambda at, last, other=other: at.__setitem__(last, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", RICH)
def test_of_a_forgery_that_is_read_piece_by_piece_both_say_what_they_say_of_the_whole(name, tmp_path, monkeypatch):
    for path, act in forgeries(name):
        file = copy.deepcopy(kept(name))
        act(parent(file["record"], path), path[-1])
        raw = json.dumps(in_order(rehash(file)), ensure_ascii=False).encode()
        assert read_in_pieces(raw, tmp_path, monkeypatch) == [said_by(own, file), said_by(alone, file)], path


def in_order(value):
    """As canonical files have it, but for the outermost."""
    return {**value, "record": json.loads(record.canonical(value["record"]))}


@pytest.mark.parametrize("name", FILES)
def test_a_file_whose_members_stand_in_another_order_holds(name, tmp_path, monkeypatch):
    file = copy.deepcopy(kept(name))
    turned = dict(reversed(file["record"].items()))
    for place in (turned, {**file["record"], "groups": dict(reversed(file["record"]["groups"].items()))}):
        raw = json.dumps({**file, "record": place}).encode()
        assert read_in_pieces(raw, tmp_path, monkeypatch) == ["holds", "holds"]


@pytest.mark.parametrize("name", RICH)
def test_where_a_file_is_broken_both_say_as_python_does(name, tmp_path, monkeypatch):
    text = kept_text(name)
    places = range(0, len(text), 997)
    for raw in [*(text[:place] for place in places), *(f"{text[:place]}\x01{text[place:]}" for place in places)]:
        with pytest.raises(json.JSONDecodeError) as error:
            json.loads(raw)
        said = read_in_pieces(raw.encode(), tmp_path, monkeypatch)
        assert said == [f"it is not JSON: {error.value}"] * 2


# --- files


def with_mark(text):
    """The text with one number of it written in another way."""
    return kept_text("rich-archive.json").replace('"places": 4,', f'"places": {text},', 1).encode()


def kept_text(name):
    return (RECORDS / name).read_text(encoding="utf-8")


UNREADABLE = {
    "a decimal": (with_mark("4.0"), "decimals are texts"),
    "an exponent": (with_mark("4e0"), "decimals are texts"),
    "not a number": (with_mark("NaN"), "decimals are texts"),
    "endless": (with_mark("-Infinity"), "decimals are texts"),
    "another encoding": (kept_text("rich-archive.json").encode("gb18030"), "UTF-8"),
    "two bytes a sign": (kept_text("rich-archive.json").encode("utf-16"), "UTF-8"),
    "something behind it": (kept_text("rich-archive.json").encode() + b"{}", "not JSON"),
    "nothing": (b"", "not JSON"),
    "a pit": (b"[" * 200_000, "nested|JSON"),
    "a number without end": (with_mark("4" * 5000), "JSON|digits"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_json_of_a_record_is_refused_by_both(what, tmp_path):
    raw, words = UNREADABLE[what]
    said = read_both(raw, tmp_path)
    assert all(one and any(word in one for word in words.split("|")) for one in said), said


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_a_byte_order_mark_is_read(name, tmp_path):
    """As Notepad saves it: an honest resident who looked into the file."""
    assert read_both(b"\xef\xbb\xbf" + (RECORDS / name).read_bytes(), tmp_path) == [None, None]


@pytest.mark.parametrize(
    "file",
    [[], "text", None, {}, {"record": {}, "algorithm": "SHA-256"}, {"record": 1, "algorithm": "SHA-256", "digest": 1}],
)
def test_something_else_is_refused_by_both(file):
    assert own(file) == alone(file) != "holds"


def test_a_member_beside_the_record_is_refused_by_both():
    file = {**kept("rich-public.json"), "note": "checked"}
    assert own(file) == alone(file) == "the file has not exactly the members record, algorithm, digest"


def test_a_seal_by_nobody_is_named_by_both():
    for seals in (["staff-1", "staff-9"], ["staff-1"], ["staff-1", "staff-1"], ["staff-1", "staff-2", "staff-1"]):
        file = copy.deepcopy(kept("rich-archive.json"))
        file["record"]["seals"] = [{"by": by, "at": "2026-04-25T00:00:00+08:00"} for by in seals]
        said = (own(rehash(file)), alone(file))
        assert all("staff-9" in one or "two people" in one for one in said), said


@pytest.mark.parametrize("mark", [0, 11, -1, True, 7.5, "7", None, 10**30])
def test_a_mark_off_the_scale_or_between_its_steps_is_named_by_both(mark):
    file = copy.deepcopy(kept("rich-archive.json"))
    file["record"]["reviews"][0]["marks"]["criterion-1"] = mark
    rehash(file)
    wanted = "record.reviews[0].marks.criterion-1: is not a mark: a whole number from 1 to 10"
    assert own(file) == alone(file) == wanted


def test_an_exchange_from_before_two_people_were_asked_for_holds():
    """Such a list could be opened and sealed again after the upgrade."""
    file = copy.deepcopy(kept("rich-archive.json"))
    file["record"]["exchanges"][0].update(minutes_on=None, consented_by=None, consented_at=None)
    assert own(rehash(file)) == alone(file) == "holds"


# --- machines


def run(path, python=sys.executable, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
    answer = subprocess.run(
        [python, "-S", SCRIPT, path], capture_output=True, check=False, env={**clean, **environment}
    )
    return answer.returncode, answer.stdout, answer.stderr


CONSOLES = {
    "ascii": {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    "Chinese Windows": {"PYTHONIOENCODING": "cp936", "PYTHONUTF8": "0"},
    "Western Windows": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    "no UTF-8 locale": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "POSIX": {"LC_ALL": "POSIX"},
    "UTF-8": {"LC_ALL": "C.UTF-8"},
}


@pytest.mark.parametrize("console", CONSOLES)
def test_the_program_says_its_verdict_on_any_console(console, tmp_path):
    path = tmp_path / "名单 record.json"
    path.write_bytes((RECORDS / "demo-public.json").read_bytes())
    good = run(path, **CONSOLES[console])
    path.write_text(kept_text("rich-archive.json").replace("集美街道", "杏林街道", 1), encoding="utf-8")
    bad = run(path, **CONSOLES[console])
    assert (good[0], good[1][:5], good[2]) == (0, b"holds", b"")
    assert (bad[0], bad[1][:14], bad[2]) == (1, b"does not hold:", b"")


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_the_program_runs_on_older_and_newer_pythons(version):
    """Where they are installed; its grammar is that of 3.8 everywhere."""
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"no Python {version} here")
    assert run(RECORDS / "rich-public.json", python)[0] == 0


@pytest.mark.parametrize("name", FILES)
def test_it_says_which_digest_to_compare_with_the_signed_minutes(name):
    said = run(RECORDS / name, PYTHONIOENCODING="utf-8")[1].decode()
    facts = kept(name)["record"]
    signed = facts.get("archive_digest", kept(name)["digest"])
    assert "the signed minutes" in said
    assert f"SHA-256 {signed}" in said


def test_what_a_record_says_is_printed_on_one_line(tmp_path):
    """A title with a line of its own, colours or reversed letters does not speak for the program."""
    file = copy.deepcopy(kept("rich-public.json"))
    file["record"]["campaign"]["title"] = "x\nholds: all is well\x1b[2J\u202egnp"
    path = tmp_path / "record.json"
    path.write_text(json.dumps(rehash(file)), encoding="utf-8")
    said = run(path, PYTHONIOENCODING="utf-8")[1].decode()
    assert said.startswith(r"holds: x\nholds: all is well\x1b[2J\u202egnp, record 2")
