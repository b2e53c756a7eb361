"""Junk is marked for moderators, never refused: schools and carriers share addresses."""

from dataclasses import replace

import pytest

from ideas.choices import Suspicion
from ideas.models import Idea
from ideas.services import drafts
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(campaign, django_capture_on_commit_callbacks):
    """Send an idea from an address; returns its suspicions. A commit is counted as in life."""

    def act(address="203.0.113.7", at=clock.DURING, suspicions=(), **overrides):
        draft = factories.make_draft(campaign, at, **overrides)
        draft.content = replace(draft.content, suspicions=tuple(suspicions))
        draft.save()
        with django_capture_on_commit_callbacks(execute=True):
            return drafts.send_draft(key=draft.form_key, campaign=campaign, at=at, address=address).idea.suspicions

    return act


def person(number):
    return {"phone": f"+86138001380{number:02d}", "email": ""}


def test_an_ordinary_idea_is_not_suspicious(send):
    assert send() == []


def test_what_the_form_noticed_stays_with_the_idea(send):
    assert send(suspicions=[Suspicion.HONEYPOT]) == ["honeypot"]


def test_many_from_one_address_are_marked_and_taken(send, settings):
    settings.IDEAS_SUSPECT_ADDRESS_HOUR = 2
    assert [send(**person(number)) for number in range(3)] == [[], [], ["address"]]
    assert Idea.objects.count() == 3


def test_an_ipv6_household_is_one_address(send, settings):
    settings.IDEAS_SUSPECT_ADDRESS_HOUR = 1
    found = [send(address, **person(n)) for n, address in enumerate(("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"))]
    assert found == [[], ["address"], []]


def test_many_from_one_contact_are_marked_wherever_they_come_from(send, settings):
    settings.IDEAS_SUSPECT_CONTACT_DAY = 2
    assert [send(f"203.0.113.{number}", **person(1)) for number in range(3)] == [[], [], ["contact"]]


@pytest.mark.slow
def test_by_default_one_contact_may_send_any_number(send):
    for _ in range(40):
        send(**person(1))
    assert Idea.objects.count() == 40


def test_an_office_can_limit_what_one_contact_sends_in_a_day(send, settings, campaign):
    settings.IDEAS_LIMIT_CONTACT_DAY = 2
    for _ in range(2):
        send(**person(1))
    with pytest.raises(drafts.TooMany):
        send(**person(1))
    assert (Idea.objects.count(), send(at=clock.DURING + drafts.DAY, **person(1))) == (2, [])


def test_a_retry_of_the_same_form_counts_once(send, campaign, settings, django_capture_on_commit_callbacks):
    settings.IDEAS_SUSPECT_CONTACT_DAY = 2
    draft = factories.make_draft(campaign, **person(1))
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            drafts.send_draft(key=draft.form_key, campaign=campaign, at=clock.DURING)
    assert send(**person(1)) == []
