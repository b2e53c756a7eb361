import pytest

from ideas.rules.privacy import Keyring
from ideas.rules.record import canonical, first_break, link

RING = Keyring({"k1": b"a" * 32})


def chain(*words):
    """(facts, previous, digest) for a chain of events."""
    events, previous = [], ""
    for number, word in enumerate(words, start=1):
        facts = {"number": number, "word": word}
        digest = link(RING, facts, previous)
        events.append((facts, previous, digest))
        previous = digest
    return events


def broken(events, whole):
    return first_break(RING, events, count=len(whole), head=whole[-1][2])


def test_the_canonical_form_does_not_depend_on_the_order_of_the_facts():
    assert canonical({"b": "䶮", "a": 1}) == canonical({"a": 1, "b": "䶮"}) == '{"a":1,"b":"䶮"}'.encode()


def test_a_whole_chain_holds():
    events = chain("a", "b", "c")
    assert broken(events, events) is None


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda e: [e[0], ({**e[1][0], "word": "x"}, *e[1][1:]), e[2]], "event 2 was altered"),
        (lambda e: [e[0], e[2]], "event 2 is missing or out of order"),
        (lambda e: [e[0], (e[1][0], "x", e[1][2]), e[2]], "event 2 does not follow event 1"),
        (lambda e: [e[0], e[2], e[1]], "event 2 is missing or out of order"),
        (lambda e: e[:2], "events after number 2 are missing"),
        (lambda e: [], "events after number 0 are missing"),
        (lambda e: chain("a", "b", "c", "d"), "1 events too many"),
        (lambda e: chain("a", "x", "c"), "event 3 is not the one that was last"),
    ],
)
def test_tampering_is_found(tamper, said):
    events = chain("a", "b", "c")
    assert broken(tamper(events), events) == said


def test_another_key_is_found():
    events = chain("a")
    assert first_break(Keyring({"k1": b"b" * 32}), events, count=1, head=events[0][2]) == "event 1 was altered"
