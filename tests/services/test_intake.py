import pytest
from django.core.exceptions import FieldError

from ideas.models import Idea, Resident
from ideas.models.sealed import keyring
from ideas.queries import access
from tests import factories

pytestmark = pytest.mark.django_db


def test_rare_characters_survive(campaign):
    words = "石𡒊社㙍头𬒈䃹，𰻞𰻞面馆旁😀"
    idea = factories.make_idea(campaign, title=words, name="陈䶮", place=words)
    idea.refresh_from_db()
    assert (idea.title, idea.place, factories.resident_of(idea).contact["name"]) == (words, words, "陈䶮")


def test_contacts_are_encrypted_in_the_database(campaign, django_assert_num_queries):
    idea = factories.make_idea(campaign)
    raw = Resident.objects.filter(idea=idea).extra(select={"raw": "contact"}).values_list("raw").get()[0]
    assert raw.startswith("aesgcm:t1:")
    assert not any(word in raw for word in ("林小满", "12012345678", "resident@"))


def test_a_resident_is_found_by_the_keyed_hash_of_the_phone(campaign):
    idea = factories.make_idea(campaign, phone="+8612000000001")
    factories.make_idea(campaign)
    hashes = keyring().digests(b"+8612000000001", "phone")
    assert Resident.objects.get(phone_hash__in=hashes).idea == idea


def test_encrypted_columns_cannot_be_searched(campaign):
    with pytest.raises(FieldError):
        Resident.objects.filter(contact__contains="林").exists()


def test_an_idea_opens_with_its_number_and_code(campaign):
    sent = factories.receive(campaign)
    assert access.idea_by_code(f" {sent.idea.receipt.lower()}", f"{sent.code[:4]}-{sent.code[4:].lower()}") == sent.idea


@pytest.mark.parametrize(
    "pair", [("{receipt}", "00000000"), ("JM26-22222222", "{code}"), ("nonsense", "{code}"), ("", "")]
)
def test_every_wrong_pair_opens_nothing(campaign, pair):
    sent = factories.receive(campaign)
    receipt, code = (part.format(receipt=sent.idea.receipt, code=sent.code) for part in pair)
    assert access.idea_by_code(receipt, code) is None


def test_the_query_code_is_not_in_the_database(campaign):
    sent = factories.receive(campaign)
    assert sent.code not in Idea.objects.get(pk=sent.idea.pk).code_hash
    assert Idea.objects.get(pk=sent.idea.pk).code_hash.split("$")[1].startswith("hmac-sha256:t1:")
