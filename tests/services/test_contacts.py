"""A contact is shown for a purpose, is logged before it is shown, and too many of them are noticed."""

from datetime import timedelta

import pytest

from ideas.choices import ContactPurpose, OfficeAct, Role
from ideas.errors import NotPermitted, Refusal
from ideas.models import OfficeEvent
from ideas.services.contacts import show_contact
from ideas.services.restricted import restrict_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db


def look(idea, staff, at=clock.DURING, purpose=ContactPurpose.QUESTION, words=""):
    return show_contact(idea=idea, staff=staff, at=at, purpose=purpose, words=words)


def alerts():
    return OfficeEvent.objects.filter(act=OfficeAct.MANY_CONTACTS)


def test_a_contact_is_shown_and_the_purpose_kept(campaign, moderator):
    idea = factories.make_idea(campaign)
    contact = look(idea, moderator, words="  问路口  ")
    event = OfficeEvent.objects.get()
    assert (contact.phone, contact.email) == ("+8612012345678", "resident@example.com")
    assert (event.act, event.actor, event.idea, event.purpose, event.detail) == (
        OfficeAct.SHOW_CONTACT, moderator, idea, "问路口", {"purpose": "question"},
    )  # fmt: skip


def test_the_log_holds_nothing_of_the_person(campaign, moderator):
    look(factories.make_idea(campaign), moderator)
    [row] = OfficeEvent.objects.values()
    assert not any(words in str(row) for words in ("12012345678", "resident@", "林小满", "海边的风"))


def test_another_purpose_needs_words(campaign, moderator):
    with pytest.raises(Refusal):
        look(factories.make_idea(campaign), moderator, purpose=ContactPurpose.OTHER, words=" ")
    assert not OfficeEvent.objects.exists()


def test_who_may_not_is_refused_and_shown_nothing(campaign, auditor):
    with pytest.raises(NotPermitted):
        look(factories.make_idea(campaign), auditor)


def test_the_contact_of_a_restricted_idea_is_for_named_staff(campaign, moderator, keeper):
    idea = factories.make_idea(campaign)
    restrict_idea(idea=idea, staff=moderator, at=clock.DURING, reason="线索")
    with pytest.raises(NotPermitted):
        look(idea, moderator)
    assert look(idea, keeper).phone


def test_one_more_than_usual_alerts_once_a_day(campaign, moderator, settings):
    settings.IDEAS_CONTACT_ALERT = 2
    idea = factories.make_idea(campaign)
    for number, expected in ((1, 0), (2, 0), (3, 1), (4, 1)):
        look(idea, moderator)
        assert (number, alerts().count()) == (number, expected)


def test_the_next_day_is_counted_anew(campaign, moderator, settings):
    settings.IDEAS_CONTACT_ALERT = 1
    idea = factories.make_idea(campaign)
    for at in (clock.DURING, clock.DURING + timedelta(days=1)):
        look(idea, moderator, at=at)
    assert not alerts().exists()


def test_each_person_is_counted_for_themselves(campaign, moderator, settings):
    settings.IDEAS_CONTACT_ALERT = 1
    idea = factories.make_idea(campaign)
    for staff in (moderator, factories.make_user(Role.MODERATOR)):
        look(idea, staff)
    assert not alerts().exists()
