import tracemalloc

import pytest

from ideas.exports import verify_record
from ideas.rules import members, reading
from ideas.rules.reading import Text


def text_of(raw, size=3):
    return Text(raw[start : start + size] for start in range(0, len(raw), size))


@pytest.fixture(autouse=True)
def few_signs_at_a_time(monkeypatch):
    monkeypatch.setattr(reading, "SPARE", 1)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b" 12345678901234567890 ", 12345678901234567890),
        (b"12345678901234567890", 12345678901234567890),
        (b'"' + b"x" * 1000 + b'"', "x" * 1000),
        (b'["\\ud83d\\ude00", null, true]', ["😀", None, True]),
        ('\ufeff{"街道": {}}'.encode(), {"街道": {}}),
    ],
)
def test_a_value_is_read_however_it_is_cut(raw, value):
    for size in range(1, 9):
        text = text_of(raw, size)
        assert text.value() == value
        text.end()


def test_an_object_is_gone_through_member_by_member():
    text = text_of(b'{"a": 1, "b": [[], {}], "c": {}}')
    found = {name: list(text.rows()) if name == "b" else text.value() for name in text.members()}
    text.end()
    assert found == {"a": 1, "b": [[], {}], "c": {}}


@pytest.mark.parametrize("raw", [b'{"a" 1}', b'{"a": 1 "b": 2}', b"{1: 1}", b'{"a": 1', b'{"a": 1,}', b'{"a": 1}}'])
def test_what_is_no_object_is_refused(raw):
    text = text_of(raw)
    with pytest.raises(reading.Unreadable, match="it is not JSON"):
        _read_whole(text)


def _read_whole(text):
    for _name in text.members():
        text.value()
    text.end()


def large(rows):
    """The file of a record with many long reviews, piece by piece; it holds nothing else that is right."""
    yield b'{"record":{"edition":"archive","reviews":['
    for number in range(rows):
        comment = f"{number:06} ".encode() * 40
        yield (b"," if number else b"") + (
            b'{"at":"2026-04-25T00:00:00Z","comment":"%s","idea":"%d","marks":{"a":7,"b":%d},"reviewer":"r%d"}'
            % (comment, number, 1 + number % 10, number % 12)
        )
    yield b']},"algorithm":"SHA-256","digest":""}'


@pytest.mark.parametrize("program", ["portal", "alone"])
def test_of_a_large_record_little_is_in_memory(program, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "SPARE", 1 << 16)
    monkeypatch.setattr(verify_record.Text, "CHUNK", 1 << 16)
    path = tmp_path / "record.json"
    with path.open("wb") as file:
        file.writelines(large(20_000))
    tracemalloc.start()
    read = members.read(lambda: large(20_000)) if program == "portal" else verify_record.read(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(read["record"]["reviews"]) == 20_000
    assert most < path.stat().st_size / 2  # as dicts it would be twice its size
