"""Taking a view of the queue away: the same rows as on the page, for those who may, and a line in the office's log."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import OfficeAct, Role
from ideas.models import OfficeEvent
from ideas.services.screening import accept_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
URL = reverse("admin:ideas_idea_export")


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


def export(client, query="", **given):
    answer = client.post(f"{URL}?{query}", {"form": "csv", **given})
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content).decode()


def test_the_file_holds_what_the_view_shows(client, campaign, moderator):
    done, waiting = factories.make_idea(campaign), factories.make_idea(campaign)
    accept_idea(idea=done, moderator=moderator, at=clock.DURING)
    client.force_login(moderator)
    files = [export(client, query) for query in ("", "status=accepted", f"q={done.receipt}", "status=all")]
    held = [(done.receipt in text, waiting.receipt in text) for text in files]
    assert held == [(False, True), (True, False), (True, False), (True, True)]


def test_the_file_holds_every_page_of_the_view(client, campaign, moderator, monkeypatch):
    ideas = [factories.make_idea(campaign) for _ in range(3)]
    monkeypatch.setattr("ideas.admin.screening.IdeaAdmin.list_per_page", 1)
    client.force_login(moderator)
    text = export(client, "p=2")
    assert all(idea.receipt in text for idea in ideas)


def test_an_xlsx_comes_as_a_file_that_no_cache_keeps(client, campaign, moderator):
    factories.make_idea(campaign)
    client.force_login(moderator)
    answer = client.post(URL, {"form": "xlsx"})
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "no-store" in answer["Cache-Control"]


def test_the_log_names_the_view_without_the_words_searched_for(client, campaign, moderator):
    client.force_login(moderator)
    export(client, f"status=all&campaign__id__exact={campaign.pk}&q=12012345678")
    line = OfficeEvent.objects.get(act=OfficeAct.EXPORT)
    assert (line.campaign, line.actor) == (campaign, moderator)
    assert line.detail["filters"] == f"campaign__id__exact={campaign.pk}&status=all&q"


def test_contacts_are_only_in_the_files_of_managers_who_ask(client, campaign, moderator, manager):
    factories.make_idea(campaign, phone="+8612012345678")
    client.force_login(manager)
    assert "12012345678" in export(client, contacts="on", purpose="award")
    assert "12012345678" not in export(client)
    client.force_login(moderator)
    assert client.post(URL, {"form": "csv", "contacts": "on", "purpose": "award"}).status_code == 403


def test_a_file_with_contacts_asks_what_for_and_keeps_what_was_chosen(client, campaign, manager):
    for _ in range(3):
        idea = factories.make_idea(campaign)
    erase(idea)
    client.force_login(manager)
    answers = [client.post(f"{URL}?status=all", {"form": "xlsx", "contacts": "on", **given}) for given in UNSAID]
    for answer, (status, wrong) in zip(answers, [(200, []), (422, ["purpose"]), (422, ["words"])], strict=True):
        page = answer.content.decode()
        assert (answer.status_code, list(answer.context["form"].errors)) == (status, wrong)
        assert answer.context["persons"] == 2
        assert 'name="contacts" value="on"' in page
        assert 'name="form" value="xlsx"' in page
    assert "致谢" in answers[1].content.decode()
    assert not OfficeEvent.objects.exists()


UNSAID = ({}, {"purpose": "", "words": "致谢"}, {"purpose": "other", "words": ""})


def erase(idea):
    factories.resident_of(idea).delete()


def test_a_file_with_contacts_is_logged_with_its_purpose_and_the_number_of_persons(client, campaign, manager):
    for _ in range(3):
        idea = factories.make_idea(campaign)
    erase(idea)
    client.force_login(manager)
    export(client, "status=all", contacts="on", purpose="award", words="寄证书")
    line = OfficeEvent.objects.get()
    assert (line.act, line.purpose, line.detail) == (
        OfficeAct.EXPORT, "寄证书",
        {"purpose": "award", "rows": 3, "contacts": True, "form": "csv", "filters": "status=all", "persons": 2},
    )  # fmt: skip


def test_a_file_of_many_contacts_is_told_at_once_to_managers_and_auditors(
    client, campaign, managers, auditor, settings
):
    settings.IDEAS_CONTACT_ALERT = 2
    for _ in range(3):
        factories.make_idea(campaign)
    client.force_login(managers[0])
    asked = client.post(URL, {"form": "csv", "contacts": "on"})
    assert asked.context["is_told"]
    export(client)
    assert not OfficeEvent.objects.filter(act=OfficeAct.MANY_CONTACTS).exists()
    export(client, contacts="on", purpose="award")
    alert = OfficeEvent.objects.get(act=OfficeAct.MANY_CONTACTS)
    assert alert.detail == {"shown": 0, "searched": 0, "exported": 3}
    for user in (managers[1], auditor):
        client.force_login(user)
        page = client.get(reverse("admin:index")).content.decode()
        assert f"{managers[0].name}获取联系方式的数量异常：查看0次，查找0次，导出文件含3人" in page
    assert "颁奖联络" in client.get(reverse("admin:ideas_officeevent_changelist")).content.decode()


def test_the_question_costs_the_same_for_few_and_for_many(client, campaign, manager):
    client.force_login(manager)
    counts = []
    for many in (1, 10):
        for _ in range(many):
            factories.make_idea(campaign)
        with CaptureQueriesContext(connection) as queries:
            client.post(URL, {"form": "csv", "contacts": "on"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_box_for_contacts_is_shown_to_managers_only(client, campaign, moderator, manager):
    shown = {}
    for user in (moderator, manager):
        client.force_login(user)
        shown[user] = b'name="contacts"' in client.get(reverse("admin:ideas_idea_changelist")).content
    assert shown == {moderator: False, manager: True}


def test_above_the_queue_stand_two_rows_the_views_and_the_tools(client, campaign, manager, auditor):
    """Exports and import are folded away behind one word; who may do neither has not even that."""
    rows = {}
    for user in (manager, auditor):
        client.force_login(user)
        body = client.get(reverse("admin:ideas_idea_changelist")).content.decode()
        tools = body.partition('<div class="queue-tools">')[2].partition('<div class="module')[0]
        rows[user] = [words in tools for words in ("<details", 'name="contacts"', reverse("admin:ideas_idea_import"))]
        assert 'class="views"' in body
    assert rows == {manager: [True] * 3, auditor: [False] * 3}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST, Role.OFFICER])
def test_other_roles_take_nothing_away(client, campaign, role):
    client.force_login(factories.make_user(role))
    assert client.post(URL, {"form": "csv"}).status_code in (302, 403)
    assert not OfficeEvent.objects.exists()


def test_without_a_press_nothing_is_exported(client, campaign, moderator):
    client.force_login(moderator)
    answer = client.get(f"{URL}?status=all")
    assert answer.url == reverse("admin:ideas_idea_changelist") + "?status=all"
    assert not OfficeEvent.objects.exists()


def test_a_view_that_does_not_exist_is_refused_in_words(client, campaign, moderator):
    client.force_login(moderator)
    assert client.post(f"{URL}?topic=x", {"form": "csv"}, follow=True).status_code == 200
    assert not OfficeEvent.objects.exists()
