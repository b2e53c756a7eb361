from datetime import timedelta

import pytest

from ideas.errors import Refusal
from ideas.models import Message
from ideas.services import drafts, verification
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(campaign, settings):
    settings.IDEAS_VERIFY_PHONE = True
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    return factories.make_draft(campaign, phone="+8613800138000")


def which(draft, at=clock.DURING):
    return {"key": draft.form_key, "campaign": draft.campaign, "at": at}


def send_code(draft, at=clock.DURING):
    """Send a code; gives the digits that the telephone gets."""
    verification.send_phone_code(**which(draft, at))
    return Message.objects.latest("id").payload["variables"]["code"]


def test_an_unverified_number_is_not_enough(draft):
    with pytest.raises(drafts.PhoneUnverified):
        drafts.send_draft(**which(draft))


def test_the_right_digits_verify_the_number(draft):
    assert verification.confirm_phone(**which(draft), code=send_code(draft))
    idea = drafts.send_draft(**which(draft)).idea
    assert idea.resident.phone_verified_at == clock.DURING


def test_the_code_goes_to_the_number_that_was_typed(draft):
    send_code(draft)
    message = Message.objects.get()
    assert (message.payload["address"], message.idea, message.medium) == ("+8613800138000", None, "sms")


def test_wrong_digits_do_not(draft):
    wrong = f"{(int(send_code(draft)) + 1) % 10**6:06d}"
    assert not verification.confirm_phone(**which(draft), code=wrong)


def test_after_five_wrong_tries_the_right_digits_come_too_late(draft):
    code = send_code(draft)
    for _ in range(verification.TRIES):
        verification.confirm_phone(**which(draft), code="nonsense")
    assert not verification.confirm_phone(**which(draft), code=code)


@pytest.mark.parametrize(
    ("wait", "right"), [(timedelta(minutes=10) - clock.BLINK, True), (timedelta(minutes=10), False)]
)
def test_the_code_is_good_for_ten_minutes(draft, wait, right):
    code = send_code(draft)
    assert verification.confirm_phone(**which(draft, clock.DURING + wait), code=code) == right


def test_a_new_code_ends_the_old_one(draft):
    old = send_code(draft)
    new = send_code(draft)
    assert [verification.confirm_phone(**which(draft), code=code) for code in (old, new)] == [old == new, True]


def test_a_number_gets_only_so_many_codes_a_day(draft):
    for _ in range(verification.CODES_DAY):
        send_code(draft)
    with pytest.raises(Refusal):
        send_code(draft)
    assert send_code(draft, clock.DURING + timedelta(days=1))


def test_another_number_must_be_verified_again(draft):
    verification.confirm_phone(**which(draft), code=send_code(draft))
    factories.make_draft(draft.campaign, key=draft.form_key, phone="+8613800138001")
    with pytest.raises(drafts.PhoneUnverified):
        drafts.send_draft(**which(draft))


def test_the_digits_are_kept_only_as_a_keyed_hash(draft):
    code = send_code(draft)
    draft.refresh_from_db()
    assert code not in str(draft.payload)


def test_by_default_no_number_is_verified(campaign):
    draft = factories.make_draft(campaign)
    assert drafts.send_draft(**which(draft)).idea.resident.phone_verified_at is None
