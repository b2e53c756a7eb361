"""Contacts in the admin: masked until a purpose is posted, shown once, kept by no cache; the auditor sees none."""

import html
import re
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import OfficeAct, Role
from ideas.desks.contacts import KEPT
from ideas.models import Message, OfficeEvent
from ideas.services.contacts import show_contact
from ideas.services.proposal import propose_shortlist
from ideas.services.screening import merge_idea
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
    rows: dict[str, Iterable] = {
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


FIND, QUEUE = reverse("admin:ideas_idea_find"), reverse("admin:ideas_idea_changelist")
ASKED = {"contact": "120 1234 5678", "purpose": "answer", "words": "回电"}


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    with clock.at(clock.DURING):
        yield client


@pytest.mark.parametrize(
    "typed", ["120 1234 5678", "＋86 120 12345678", "Resident@example.com", " resident@example.com "]
)
def test_a_contact_is_looked_for_with_a_purpose_and_leads_to_a_view_of_the_queue(desk, campaign, idea, typed):
    other = factories.make_idea(campaign, phone="+8613900139000", email="other@example.com")
    answer = desk.post(FIND, {**ASKED, "contact": typed})
    line = OfficeEvent.objects.get(act=OfficeAct.SEARCH_CONTACT)
    assert answer.url == f"{QUEUE}?status=all&contact={line.pk}"
    page = desk.get(answer.url).content.decode()
    assert (idea.receipt in page, other.receipt in page) == (True, False)
    assert (line.purpose, line.detail["found"]) == ("回电", 1)
    assert "13:00前只有您可以打开" in page


def test_many_ideas_of_one_contact_are_decided_and_exported_from_that_view(desk, campaign, idea):
    """The honest case: one number has sent much that is the same."""
    second, other = factories.make_idea(campaign), factories.make_idea(campaign, phone="", email="other@example.com")
    view = desk.post(FIND, ASKED).url
    rows = {"action": "accept_many", "_selected_action": [idea.pk, second.pk], "index": "0"}
    assert "2" in desk.post(view, rows).content.decode()
    answer = desk.post(f"{reverse('admin:ideas_idea_export')}?{view.partition('?')[2]}", {"form": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert [row.receipt in text for row in (idea, second, other)] == [True, True, False]


def test_the_view_is_its_searchers_alone_and_for_an_hour(desk, campaign, idea, manager):
    view = desk.post(FIND, ASKED).url
    with clock.at(clock.DURING + KEPT - clock.BLINK):
        assert idea.receipt in desk.get(view).content.decode()
    with clock.at(clock.DURING + KEPT):
        assert desk.get(view).url.endswith("?e=1")  # what no filter offers
    elsewhere = Client()
    elsewhere.force_login(manager)
    assert elsewhere.get(view)["Location"].endswith("?e=1")


def test_whoever_may_have_no_contact_shown_any_more_keeps_no_view(desk, idea, moderator):
    view = desk.post(FIND, ASKED).url
    moderator.groups.set([Group.objects.get(name=Role.AUDITOR.value)])
    assert desk.get(view).url.endswith("?e=1")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"purpose": ""}, "purpose"), ({"purpose": "other", "words": ""}, "words"),
        ({"contact": "1201234"}, "contact"), ({"contact": "@example.com"}, "contact"), ({"contact": "路灯"}, "contact"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_at_its_field_and_nothing_typed_is_lost(desk, idea, given, wrong):
    asked = {**ASKED, **given}
    answer = desk.post(FIND, asked)
    page = answer.content.decode()
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [wrong])
    assert f'value="{asked["contact"]}"' in page
    assert asked["words"] in page
    assert "no-store" in answer["Cache-Control"]
    assert not OfficeEvent.objects.exists()


@pytest.mark.parametrize("typed", ["120 1234 5678", "Resident@example.com", "+86 120 1234 5678"])
def test_a_contact_typed_into_the_queues_search_leaves_the_address_and_stays_in_the_form(desk, idea, typed):
    answer = desk.get(QUEUE, {"q": typed, "status": "all"})
    assert (answer.status_code, answer.url) == (302, FIND)
    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert ("1201234" in kept.replace(" ", ""), "example" in kept) == (False, False)
    page = desk.get(FIND)
    assert (page.context["form"]["contact"].value(), "no-store" in page["Cache-Control"]) == (typed, True)
    assert f'value="{typed}"' in page.content.decode()
    assert not OfficeEvent.objects.exists()
    assert desk.get(FIND).context["form"]["contact"].value() == ""
    assert not any("contact_typed" in session.get_decoded() for session in Session.objects.all())


def test_a_number_that_is_no_contact_is_looked_for_in_the_texts(desk, campaign):
    """The honest case: a lamp post or a hotline with as many digits as a telephone."""
    idea = factories.make_idea(campaign, problem="路灯编号12012345678的灯不亮，晚上很黑。")
    desk.get(QUEUE, {"q": "12012345678"})
    words = re.search(r'name="q" value="([^"]*)"', desk.get(FIND).content.decode())[1]
    page = desk.get(QUEUE, {"q": html.unescape(words), "status": "all"})
    assert (page.status_code, idea.receipt in page.content.decode()) == (200, True)


@pytest.mark.parametrize("typed", ["", "路灯", "JM26-7K3M9Q2T", "110", "2026", "湖滨路100号"])
def test_words_and_receipt_numbers_are_not_asked_about(desk, idea, typed):
    assert f'action="{FIND}"' not in desk.get(QUEUE, {"q": typed}).content.decode()


def test_an_auditor_is_neither_offered_nor_asked_anything(client, idea, auditor):
    client.force_login(auditor)
    answer = client.get(QUEUE, {"q": "12012345678", "status": "all"}, follow=True)
    assert answer.redirect_chain == [(f"{QUEUE}?status=all", 302)]
    assert (FIND in answer.content.decode(), "不在此处查找" in answer.content.decode()) == (False, True)
    assert client.post(FIND, ASKED).status_code == 403


def test_neither_address_nor_log_nor_database_holds_the_contact(desk, idea, manager):
    factories.resident_of(idea).delete()
    view = desk.post(FIND, ASKED).url
    assert "1201234" not in view
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert any("contact_searches" in row for row in kept)
    assert "1201234" not in str(kept) + str(list(OfficeEvent.objects.values()))


def test_the_log_says_what_for_and_how_many_were_found(desk, idea, manager):
    desk.post(FIND, ASKED)
    desk.force_login(manager)
    page = desk.get(reverse("admin:ideas_officeevent_changelist")).content.decode()
    for words in ("告知办理结果", "回电", "查找依据: 电话号码", "找到建议数: 1"):
        assert words in page, words


def test_the_search_costs_the_same_for_few_and_for_many(desk, campaign, idea):
    desk.get(QUEUE)
    counts = []
    for many in (1, 10):
        for _ in range(many):
            factories.make_idea(campaign)
        with CaptureQueriesContext(connection) as queries:
            view = desk.post(FIND, ASKED).url
        with CaptureQueriesContext(connection) as shown:
            desk.get(view)
        counts.append((len(queries), len(shown)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 20


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


def test_the_photo_of_a_slip_is_shown_to_those_who_screen_and_not_to_the_auditor(client, idea, moderator, auditor):
    """Name and telephone stand on it."""
    slip, photo = factories.add_photo(idea, is_slip=True), factories.add_photo(idea)
    seen = {}
    for user in (moderator, auditor):
        client.force_login(user)
        pages = [client.get(reverse(f"admin:ideas_idea_{name}", args=[idea.pk])) for name in ("change", "publish")]
        found = [[str(row.key) in page.content.decode() for page in pages] for row in (slip, photo)]
        seen[user] = [*found, client.get(reverse("photo", args=[slip.key])).status_code]
    assert seen == {moderator: [[True] * 2, [True] * 2, 200], auditor: [[False] * 2, [True] * 2, 404]}
