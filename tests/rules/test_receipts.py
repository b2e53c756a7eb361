import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.rules import receipts

bodies = st.text(alphabet=receipts.RECEIPT_ALPHABET, min_size=7, max_size=7)


def receipt(seed: int = 1) -> str:
    return receipts.new_receipt("JM", 2022, random.Random(seed).choice)


def test_a_receipt_looks_like_the_campaigns_own():
    text = receipt()
    assert (text[:5], len(text)) == ("JM22-", 13)


def test_what_people_type_is_understood():
    text = receipt()
    wide = text.lower().translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789abcdefghijklmnopqrstuvwxyz"})
    assert {receipts.read_receipt(form) for form in (text, f"  {text.lower()} ", text.replace("-", ""), wide)} == {text}


@given(bodies, st.integers(0, 7), st.sampled_from(receipts.RECEIPT_ALPHABET))
def test_every_mistyped_character_is_found(body, place, other):
    whole = body + receipts.check_character(body)
    mistyped = whole[:place] + other + whole[place + 1 :]
    assert (receipts.read_receipt(f"JM22-{mistyped}") is None) == (mistyped != whole)


@given(bodies, st.integers(0, 6))
def test_every_swap_of_neighbours_is_found(body, place):
    whole = body + receipts.check_character(body)
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert (receipts.read_receipt(f"JM22-{swapped}") is None) == (swapped != whole)


@given(st.text())
def test_any_text_can_be_asked_for(text):
    assert receipts.read_receipt(text) is None or text
    assert len(receipts.read_code(text)) <= 64 * 18


def test_lookalikes_in_a_code_are_mended():
    assert receipts.read_code("o1il-0abc") == "01110ABC"


@pytest.mark.parametrize(("typed", "key"), [("jm22 7k3m9q2t", "JM227K3M9Q2T"), ("没有", ""), ("no-such!", "NOSUCH")])
def test_what_is_no_receipt_number_is_looked_up_by_its_letters(typed, key):
    assert receipts.look_up_key(typed) == key


def test_a_receipt_number_is_looked_up_by_itself():
    receipt = receipts.new_receipt("JM", 2022, lambda alphabet: alphabet[3])
    assert receipts.look_up_key(receipt.lower().replace("-", " ")) == receipt


def test_receipt_numbers_are_found_in_a_text():
    assert receipts.receipts_in("与JM26-VJZ4CPXV、JM26-TEVKXFK6相近，见JM26-1。") == ["JM26-VJZ4CPXV", "JM26-TEVKXFK6"]
