import pytest

from ideas.models import Draft, Resident
from ideas.models.sealed import is_vouched, keyring
from ideas.queries import access
from ideas.queries.invariants import violations
from ideas.rules.privacy import CannotOpen
from ideas.services import drafts
from ideas.services.privacy import rotate_keys
from tests import clock, factories

pytestmark = pytest.mark.django_db
NEW_KEY = "t2:" + "B" * 43 + "="


def test_rotation_seals_notices_and_objections_anew(moderator, managers, settings):
    shortlist = factories.seal(factories.noticed_campaign(moderator), managers)
    factories.put_on_notice(shortlist, managers[0])
    objection = factories.objection(shortlist.campaign)
    done = rotate(settings)
    assert {name: done[name] for name in ("notices", "objections", "decisions of objections")} == {
        "notices": 1,
        "objections": 1,
        "decisions of objections": 1,
    }
    settings.IDEAS_KEYS = [NEW_KEY]
    objection.refresh_from_db()
    assert (objection.given["name"], is_vouched(objection.seal, "objection", objection.sealed_facts())) == (
        "林小满",
        True,
    )


@pytest.fixture
def sent(campaign):
    return factories.receive(campaign)


def rotate(settings):
    """A new key comes first, everything is sealed anew."""
    old = settings.IDEAS_KEYS
    settings.IDEAS_KEYS = [NEW_KEY, *old]
    return rotate_keys()


def test_rotation_seals_everything_anew_once(sent, settings):
    typed = ("drafts", "unsent input", "unsent marks", "import files", "kept forms", "certificates")
    listed = ("lists", "notices", "objections", "decisions of objections")
    none = dict.fromkeys(("residents", "messages", "ideas", "ratings", "photos", "campaigns", *listed, *typed), 0)
    assert rotate(settings) == {**none, "residents": 1, "messages": 1, "ideas": 1, "campaigns": 1}
    assert rotate_keys() == none


def test_rotation_leaves_a_form_to_its_writer(campaign, settings):
    """An unsent form, its photo, and the receipt of a sent one, with the new key alone."""
    kept, given = factories.make_draft(campaign), factories.make_draft(campaign)
    factories.add_photo(None, draft=kept)
    sent = drafts.send_draft(key=given.form_key, campaign=campaign, at=clock.DURING)
    rotate(settings)
    settings.IDEAS_KEYS = [NEW_KEY]
    own = access.drafts([kept.form_key, given.form_key], campaign, clock.DURING)
    assert [(draft.form_key, draft.idea, draft.photos.count()) for draft in own] == [
        (kept.form_key, None, 1),
        (given.form_key, sent.idea, 0),
    ]
    assert drafts.send_draft(key=given.form_key, campaign=campaign, at=clock.DURING) == sent
    assert [name for name, _ in violations() if "form" in name] == []


def test_while_keys_rotate_a_form_is_found_under_the_old_key(campaign, settings):
    draft = factories.make_draft(campaign)
    settings.IDEAS_KEYS = [NEW_KEY, *settings.IDEAS_KEYS]
    again = factories.make_draft(campaign, key=draft.form_key, title="换了钥匙以后")
    sent = drafts.send_draft(key=draft.form_key, campaign=campaign, at=clock.DURING)
    assert (again.pk, sent.idea.title) == (draft.pk, "换了钥匙以后")
    Draft.objects.all().delete()
    with pytest.raises(drafts.DraftGone):
        factories.make_draft(campaign, key=draft.form_key)


def test_after_rotation_the_new_key_alone_opens_contacts(sent, settings):
    rotate(settings)
    settings.IDEAS_KEYS = [NEW_KEY]
    assert factories.resident_of(sent.idea).contact["phone"] == "+8612012345678"


def test_without_rotation_the_new_key_alone_opens_nothing(sent, settings):
    settings.IDEAS_KEYS = [NEW_KEY]
    with pytest.raises(CannotOpen):
        Resident.objects.get()


def test_after_rotation_a_resident_is_found_under_the_new_key(sent, settings):
    rotate(settings)
    assert Resident.objects.get(phone_hash=keyring().digest(b"+8612012345678", "phone")).idea == sent.idea


def test_query_codes_and_audit_trails_of_the_old_key_still_hold(sent, settings):
    rotate(settings)
    assert access.idea_by_code(sent.idea.receipt, sent.code) == sent.idea
    assert list(violations()) == []


def test_ideas_sent_while_both_keys_are_on_the_ring_use_the_new_one(campaign, settings):
    settings.IDEAS_KEYS = [NEW_KEY, *settings.IDEAS_KEYS]
    idea = factories.make_idea(campaign, at=clock.DURING)
    assert idea.event_head.startswith("hmac-sha256:t2:")
