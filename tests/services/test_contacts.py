"""A contact is shown for a purpose, is logged before it is shown, and too many of them are noticed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ideas.choices import ContactPurpose, OfficeAct, Role
from ideas.errors import NotPermitted, Refusal
from ideas.models import Idea, OfficeEvent
from ideas.queries.contacts import Given, day_of, given_out
from ideas.queries.search import with_contact
from ideas.services.contacts import log_contacts_taken, search_contact, show_contact
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


def seek(staff, at=clock.DURING, purpose=ContactPurpose.QUESTION, **given):
    return search_contact(staff=staff, at=at, purpose=purpose, **(given or {"phone": "+8612012345678"}))


def test_a_search_is_logged_with_its_purpose_and_what_it_found_and_without_the_contact(campaign, moderator):
    idea = factories.make_idea(campaign)
    factories.make_idea(campaign, phone="+8613900139000", email="")
    search = seek(moderator, words=" 回电 ", email="resident@example.com")
    event = OfficeEvent.objects.get()
    assert (event.act, event.actor, event.idea, event.purpose, event.detail) == (
        OfficeAct.SEARCH_CONTACT, moderator, None, "回电", {"purpose": "question", "by": "email", "found": 1},
    )  # fmt: skip
    assert (search.event, list(with_contact(Idea.objects.all(), search.hashes))) == (event, [idea])
    [row] = OfficeEvent.objects.values()
    hashes = factories.resident_of(idea)
    written = str(row)
    assert not any(words in written for words in ("12012345678", "esident@", hashes.phone_hash, hashes.email_hash))


def test_a_search_that_finds_nobody_is_logged_too(campaign, moderator):
    seek(moderator)
    assert OfficeEvent.objects.get().detail["found"] == 0


def test_a_search_counts_only_ideas_that_its_asker_may_see(campaign, moderator, keeper):
    restrict_idea(idea=factories.make_idea(campaign), staff=moderator, at=clock.DURING, reason="线索")
    for staff in (moderator, keeper):
        seek(staff)
    assert [event.detail["found"] for event in OfficeEvent.objects.order_by("id")] == [0, 1]


@pytest.mark.parametrize(
    "given",
    [{"purpose": ""}, {"purpose": "fun"}, {"purpose": "other"}, {"purpose": "other", "words": "\u200b"}, {"phone": ""}],
)
def test_a_search_without_purpose_or_contact_is_refused(campaign, moderator, given):
    with pytest.raises(Refusal):
        search_contact(
            **{"staff": moderator, "at": clock.DURING, "purpose": "question", "phone": "+861201234567", **given}
        )
    assert not OfficeEvent.objects.exists()


def test_who_may_have_no_contact_shown_looks_for_none(campaign, auditor):
    with pytest.raises(NotPermitted):
        seek(auditor)
    assert not OfficeEvent.objects.exists()


def test_looks_searches_and_files_are_counted_together_and_for_one_day(campaign, manager, settings):
    settings.IDEAS_CONTACT_ALERT = 4
    idea = factories.make_idea(campaign)
    next_day = clock.DURING + timedelta(days=1)
    for at in (clock.DURING, next_day):
        look(idea, manager, at=at)
        seek(manager, at=at)
    give = {"staff": manager, "purpose": "award", "words": "", "campaign": campaign, "detail": {}}
    log_contacts_taken(at=next_day, persons=2, **give)
    assert not alerts().exists()
    log_contacts_taken(at=next_day, persons=1, **give)
    log_contacts_taken(at=next_day, persons=9, **give)
    assert alerts().get().detail == {"shown": 1, "searched": 1, "exported": 3}
    today = (manager.pk, day_of(next_day))
    assert given_out([today])[today] == Given(shown=1, searched=1, exported=12)


def test_an_alert_is_not_given_to_the_wrong_side_of_midnight(campaign, moderator, settings):
    """Days are those of the office, not of Greenwich."""
    settings.IDEAS_CONTACT_ALERT = 1
    idea = factories.make_idea(campaign)
    last = timezone.localtime(clock.DURING).replace(hour=23, minute=59)
    for at in (last, last + timedelta(minutes=2)):
        look(idea, moderator, at=at)
    assert not alerts().exists()
    look(idea, moderator, at=last + timedelta(hours=9))  # the next morning, the same day in Greenwich
    assert alerts().count() == 1


def test_counting_costs_one_query_for_any_number_of_people_and_days(campaign, moderator, managers):
    idea = factories.make_idea(campaign)
    for staff in (moderator, *managers):
        look(idea, staff)
    days = [(staff.pk, day_of(clock.DURING) - timedelta(days=n)) for staff in (moderator, *managers) for n in range(3)]
    with CaptureQueriesContext(connection) as queries:
        found = given_out(days)
    assert (len(queries), [given.total for given in found.values()]) == (1, [1, 0, 0] * 3)
