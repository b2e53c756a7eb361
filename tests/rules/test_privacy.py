import pytest

from ideas.rules import privacy
from ideas.rules.privacy import CannotOpen, Keyring

OLD, NEW = {"k1": b"a" * 32}, {"k2": b"b" * 32, "k1": b"a" * 32}


def test_a_sealed_text_opens_with_its_context():
    ring = Keyring(OLD)
    assert ring.open(ring.seal("林䶮".encode(), "here"), "here").decode() == "林䶮"


def test_two_seals_of_the_same_text_differ():
    ring = Keyring(OLD)
    assert ring.seal(b"x", "here") != ring.seal(b"x", "here")


def test_a_seal_says_which_algorithm_and_key_made_it():
    assert Keyring(NEW).seal(b"x", "here").startswith("aesgcm:k2:")


def test_a_sealed_text_does_not_open_elsewhere():
    ring = Keyring(OLD)
    with pytest.raises(CannotOpen, match="elsewhere"):
        ring.open(ring.seal(b"x", "here"), "elsewhere")


def test_a_new_ring_opens_what_the_old_key_sealed():
    assert Keyring(NEW).open(Keyring(OLD).seal(b"x", "here"), "here") == b"x"


def test_a_ring_without_the_key_says_so():
    with pytest.raises(CannotOpen, match="k2"):
        Keyring(OLD).open(Keyring(NEW).seal(b"x", "here"), "here")


def test_a_value_is_found_by_every_key_of_the_ring():
    assert Keyring(OLD).digest(b"138", "phone") in Keyring(NEW).digests(b"138", "phone")


def test_a_hash_serves_one_purpose():
    ring = Keyring(OLD)
    assert ring.digest(b"138", "phone") != ring.digest(b"138", "email")


@pytest.mark.parametrize(
    ("phone", "shown"), [("+8613812341234", "138****1234"), ("+865926060000", "592****0000"), ("110", "****")]
)
def test_phones_are_masked(phone, shown):
    assert privacy.mask_phone(phone) == shown


@pytest.mark.parametrize(("naming", "shown"), [("real", "林小满"), ("net_name", "海边的风"), ("anonymous", "")])
def test_a_proposer_is_named_as_chosen(naming, shown):
    assert privacy.public_name(naming=naming, name="林小满", net_name="海边的风", may_publish=True) == shown


def test_without_the_separate_consent_nobody_is_named():
    assert privacy.public_name(naming="real", name="林小满", net_name="", may_publish=False) == ""


@pytest.mark.parametrize(
    ("phone", "takes"),
    [
        ("+8613800138000", True),
        ("+865926060000", False),
        ("+861065550000", False),
        ("+85291234567", False),
        ("+442079460958", False),
    ],
)
def test_only_mobile_numbers_get_an_sms(phone, takes):
    assert privacy.takes_sms(phone) == takes


def test_an_office_names_the_countries_that_get_an_sms():
    """Relatives in Hong Kong, where the office pays for it."""
    assert [privacy.takes_sms("+85291234567", codes) for codes in (("+86", "+852"), ("+86",), ())] == [
        True,
        False,
        False,
    ]
