"""Contacts in the admin: masked until a purpose is posted, shown once, kept by no cache; the auditor sees none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import OfficeAct
from ideas.models import Message, OfficeEvent
from ideas.services.contacts import show_contact
from ideas.services.screening import merge_idea
from ideas.services.shortlist import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db
PERSON = ("12012345678", "120 1234", "120****", "resident@example.com", "@example.com", "林小满", "林**", "海边的风")


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


def url(idea):
    return reverse("admin:ideas_idea_contact", args=[idea.pk])


def test_the_answer_shows_the_contact_once_and_is_not_kept(client, idea, moderator):
    client.force_login(moderator)
    answer = client.post(url(idea), {"purpose": "question", "words": ""})
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert "12012345678" in answer.content.decode()
    assert OfficeEvent.objects.get().act == OfficeAct.SHOW_CONTACT


def test_without_a_purpose_nothing_is_shown_or_logged(client, idea, moderator):
    client.force_login(moderator)
    answer = client.post(url(idea), {"purpose": "", "words": "好奇"})
    assert (answer.status_code, "12012345678" in answer.content.decode()) == (422, False)
    assert not OfficeEvent.objects.exists()


def test_no_get_shows_it(client, idea, moderator):
    client.force_login(moderator)
    pages = [url(idea), reverse("admin:ideas_idea_change", args=[idea.pk]), reverse("admin:ideas_idea_changelist")]
    bodies = [client.get(page, follow=True).content.decode() for page in pages]
    assert not any(words in body for body in bodies for words in ("12012345678", "resident@example.com"))


def test_an_alert_stands_on_the_first_page_of_managers_and_auditors(
    client, idea, moderator, manager, auditor, settings
):
    settings.IDEAS_CONTACT_ALERT = 1
    for _ in range(2):
        show_contact(idea=idea, staff=moderator, at=clock.DURING, purpose="question")
    seen = {}
    for user in (manager, auditor, moderator):
        client.force_login(user)
        with clock.at(clock.DURING):
            seen[user] = b'class="alert"' in client.get(reverse("admin:index")).content
    assert seen == {manager: True, auditor: True, moderator: False}


def test_an_auditor_reads_everything_and_meets_no_person(client, moderator, manager, auditor):
    """Every page that the auditor can open, with what hangs on ideas in it: list, detail and log."""
    campaign = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    leader, other = factories.make_idea(campaign), factories.make_idea(campaign)
    merge_idea(idea=other, into=leader, moderator=moderator, at=clock.DURING)
    show_contact(idea=leader, staff=moderator, at=clock.DURING, purpose="question")
    client.force_login(auditor)
    rows = {
        "idea": [other, leader], "shortlist": [shortlist], "campaign": [campaign],
        "officeevent": OfficeEvent.objects.all(),
        "message": Message.objects.all()[:1], "recusal": [], "area": [],
    }  # fmt: skip
    pages = [reverse("admin:index"), reverse("admin:ideas_officeevent_mergers")]
    pages += [reverse("admin:ideas_idea_changelist") + query for query in ("", "?status=all", "?q=JM")]
    for model, found in rows.items():
        pages.append(reverse(f"admin:ideas_{model}_changelist"))
        pages += [reverse(f"admin:ideas_{model}_change", args=[row.pk]) for row in found]
    pages.append(reverse("admin:ideas_shortlist_preview", args=[shortlist.pk]))
    opened = 0
    with clock.at(clock.RATING_UNTIL):
        for page in pages:
            answer = client.get(page)
            opened += answer.status_code == 200
            assert [words for words in PERSON if words in answer.content.decode()] == [], page
    assert opened > 10


def test_the_log_costs_the_same_for_few_and_for_many(client, idea, moderator, auditor):
    client.force_login(auditor)
    counts = []
    for many in (1, 20):
        for _ in range(many):
            show_contact(idea=idea, staff=moderator, at=clock.DURING, purpose="question")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:ideas_officeevent_changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_mergers_say_who_led_and_whether_it_stands(client, campaign, moderator, auditor):
    leader, other = factories.make_idea(campaign), factories.make_idea(campaign)
    merge_idea(idea=other, into=leader, moderator=moderator, at=clock.DURING)
    client.force_login(auditor)
    page = client.get(reverse("admin:ideas_officeevent_mergers")).content.decode()
    assert (leader.receipt in page, other.receipt in page, moderator.name in page) == (True, True, True)
