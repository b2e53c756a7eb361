"""Every address, asked for by everybody: who gets an answer, who is sent to log in, for whom it does not exist."""

import pytest
from django.contrib import admin

from ideas.choices import Role
from tests import clock
from tests.addresses import address, names

pytestmark = pytest.mark.django_db

NOBODY, ROLES = "nobody", ["nobody", *(role.value for role in Role)]
MANAGER, MODERATOR, AUDITOR, PANELLIST = (r.value for r in (Role.MANAGER, Role.MODERATOR, Role.AUDITOR, Role.PANELLIST))
CLERK, KEEPER = Role.CLERK.value, Role.KEEPER.value
EVERYBODY = set(ROLES)
IN_ADMIN = {MANAGER, MODERATOR, KEEPER, AUDITOR}
LOGGED_IN = EVERYBODY - {NOBODY}

# name of the address -> who gets 200 by GET; everybody else is sent to log in (302), refused (403) or told 404.
GET: dict[str, set[str]] = {
    "home": EVERYBODY,
    "campaign": EVERYBODY,
    "ideas": EVERYBODY,
    "idea": EVERYBODY,
    "submit": EVERYBODY,
    "done": EVERYBODY,
    "track": EVERYBODY,
    "track-lost": EVERYBODY,
    "privacy": EVERYBODY,
    "accessibility": EVERYBODY,
    "healthz": EVERYBODY,
    "login": EVERYBODY,
    "winners": set(),
    "winner": set(),
    "record": set(),
    "record-file": set(),
    "record-script": set(),
    "slip": EVERYBODY,
    "entry": {CLERK, MANAGER},
    "entry-new": {CLERK, MANAGER},
    "entry-slip": {CLERK, MANAGER},
    "panel": LOGGED_IN,
    "password": LOGGED_IN,
    "rate": {PANELLIST},
    "admin:index": IN_ADMIN,
    "admin:ideas_idea_changelist": IN_ADMIN,
    "admin:ideas_idea_change": IN_ADMIN,
    "admin:ideas_idea_triage": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_publish": IN_ADMIN,
    "admin:ideas_idea_cover": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_pendingtext_changelist": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_wordlist_changelist": {MANAGER},
    "admin:ideas_wordlist_add": {MANAGER},
    "admin:ideas_wordlist_change": {MANAGER},
    "admin:ideas_wordlist_history": {MANAGER},
    "admin:ideas_idea_clusters": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_find": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_restricted": {KEEPER},
    "admin:ideas_idea_import": {MANAGER},
    "admin:ideas_idea_import_template": {MANAGER},
    "admin:ideas_shortlist_changelist": {MANAGER, AUDITOR},
    "admin:ideas_shortlist_change": {MANAGER, AUDITOR},
    "admin:ideas_shortlist_preview": {MANAGER, AUDITOR},
    "admin:ideas_shortlist_minutes": {MANAGER, AUDITOR},
    "admin:ideas_campaign_changelist": IN_ADMIN,
    "admin:ideas_campaign_change": IN_ADMIN,
    "admin:ideas_campaign_add": {MANAGER},
    "admin:ideas_campaign_history": IN_ADMIN,
    "admin:ideas_campaign_dashboard": IN_ADMIN,
    "admin:ideas_campaign_paper": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_campaign_paper_sheet": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_campaign_paper_compare": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_campaign_paper_print": {MANAGER},
    "admin:ideas_area_changelist": IN_ADMIN,
    "admin:ideas_area_add": {MANAGER},
    "admin:ideas_area_change": IN_ADMIN,
    "admin:ideas_area_history": IN_ADMIN,
    "admin:ideas_reply_changelist": {MANAGER},
    "admin:ideas_reply_add": {MANAGER},
    "admin:ideas_reply_change": {MANAGER},
    "admin:ideas_reply_history": {MANAGER},
    "admin:ideas_reply_delete": {MANAGER},
    "admin:ideas_unit_changelist": IN_ADMIN,
    "admin:ideas_unit_add": {MANAGER},
    "admin:ideas_message_changelist": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_message_change": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_panellist_changelist": {MANAGER},
    "admin:ideas_panellist_add": {MANAGER},
    "admin:ideas_panellist_change": {MANAGER},
    "admin:ideas_panellist_history": {MANAGER},
    "admin:ideas_assignment_changelist": {MANAGER},
    "admin:ideas_assignment_change": {MANAGER},
    "admin:ideas_recusal_changelist": {MANAGER, AUDITOR},
    "admin:ideas_officeevent_changelist": {MANAGER, AUDITOR},
    "admin:ideas_officeevent_change": {MANAGER, AUDITOR},
    "admin:ideas_officeevent_mergers": {MANAGER, AUDITOR},
    "admin:ideas_user_changelist": {MANAGER},
    "admin:ideas_user_change": {MANAGER},
    "admin:password_change": IN_ADMIN,
    "admin:jsi18n": IN_ADMIN,
}
# POST only: who may press (302 or 422 for an empty form); for everybody else 302 to log in, 403 or 404.
POST: dict[str, set[str]] = {
    "admin:ideas_idea_decide": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_photo": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_contact": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_published": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_check": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_undo": {MANAGER, MODERATOR, KEEPER},
}
# Looked at by other tests, or without a page of their own.
ELSEWHERE = {
    "favicon": "tests/views/test_pages.py",
    "readyz": "503 where no worker runs, as here: tests/views/test_health.py",
    "check": "redirects to the form without a draft: tests/views/test_ideas.py",
    "resume": "redirects to the form: tests/views/test_drafts.py",
    "add-photos": "POST only: tests/views/test_photos.py",
    "photo": "each photo has its own viewers: tests/views/test_photos.py",
    "photo-thumb": "tests/views/test_photos.py",
    **{
        f"track-{act}": "redirects to the look-up before an idea is opened: tests/views/test_tracking.py"
        for act in ("amend", "answer", "review", "withdraw", "naming", "export", "erase")
    },
    "similar": "POST only: tests/views/test_duplicates.py",
    "preferences": "POST only: tests/views/test_privacy.py",
    "logout": "POST only, Django's own",
    "desk": "redirects to each one's desk: tests/views/test_people.py",
    "recuse": "tests/views/test_panel.py",
    "abstain": "POST only: tests/views/test_panel.py",
    "skip": "POST only: tests/views/test_panel.py",
    "entry-receipt": "each clerk's own: tests/views/test_entry.py",
    "admin:login": "redirects to /login/: tests/views/test_people.py",
    "admin:logout": "POST only, Django's own",
    "admin:password_change_done": "Django's own",
    "admin:view_on_site": "Django's own; no model has a public address",
    "admin:app_list": "the same list as the index",
    "admin:autocomplete": "no desk uses it",
    "admin:ideas_idea_export": "POST only: tests/admin/test_exports.py",
    "admin:ideas_idea_group": "tests/admin/test_mergers.py",
    "admin:ideas_idea_acted": "each one's own acts: tests/admin/test_undo.py",
    "admin:ideas_idea_guard": "tests/admin/test_restricted.py",
    "admin:ideas_campaign_standing": "tests/admin/test_panel.py",
    "admin:ideas_campaign_why": "tests/admin/test_panel.py",
    "admin:ideas_campaign_panel": "tests/admin/test_panel.py",
    "admin:ideas_campaign_propose": "tests/admin/test_campaigns.py",
    "admin:ideas_shortlist_exchange": "tests/admin/test_shortlist.py",
    "admin:ideas_shortlist_press": "tests/admin/test_shortlist.py",
    **{
        f"admin:ideas_shortlist_{name}": "tests/admin/test_shortlist.py"
        for name in ("decide", "pair", "drop_pair", "unseal", "scan", "scan_file", "record", "release")
    },
    "admin:auth_user_password_change": "Django's own, needs the right to change users",
}
# Pages that exist in Django's admin and that our desks close for everybody but an administrator.
CLOSED_VERBS = ("_add", "_delete", "_history", "_change", "_changelist")


def test_every_address_is_listed():
    closed = {name for name in names() if name.startswith("admin:ideas_") and name.endswith(CLOSED_VERBS)}
    assert names() - set(GET) - set(POST) - set(ELSEWHERE) - closed == set()
    assert (set(GET) | set(POST)) - names() == set()


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_is_theirs_and_nothing_else(client, story, role):
    with clock.at(clock.DURING):
        if role != NOBODY:
            client.force_login(story["people"][role])
        got = {name for name in GET if client.get(address(name, story)).status_code == 200}
    assert got == {name for name, allowed in GET.items() if role in allowed}


@pytest.mark.parametrize("role", ROLES)
def test_buttons_work_for_those_who_may_press_them(client, story, role):
    with clock.at(clock.DURING):
        if role != NOBODY:
            client.force_login(story["people"][role])
        got = {name for name in POST if client.post(address(name, story)).status_code == 422}
    assert got == {name for name, allowed in POST.items() if role in allowed}


def test_closed_pages_are_closed_for_every_role(client, story):
    """Nobody adds, edits or deletes through the admin what only services write."""
    closed = [
        f"admin:ideas_{model}_{verb}"
        for model in ("idea", "shortlist", "message", "assignment", "officeevent")
        for verb in ("add", "delete")
    ]
    for person in story["people"].values():
        client.force_login(person)
        with clock.at(clock.DURING):
            answers = {name: client.get(address(name, story)).status_code for name in closed}
        assert set(answers.values()) <= {302, 403, 404}, answers


def test_no_row_of_another_campaign_is_in_the_admin_registry_twice():
    assert len({model.__name__ for model in admin.site._registry}) == len(admin.site._registry)
