"""Every address, asked for by everybody: who gets an answer, who is sent to log in, for whom it does not exist."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from ideas.choices import Role
from tests import clock
from tests.addresses import address, names, routes

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parent.parent

NOBODY, ROLES = "nobody", ["nobody", *(role.value for role in Role)]
MANAGER, MODERATOR, AUDITOR, PANELLIST = (r.value for r in (Role.MANAGER, Role.MODERATOR, Role.AUDITOR, Role.PANELLIST))
CLERK, KEEPER = Role.CLERK.value, Role.KEEPER.value
OFFICER, HEAD = Role.OFFICER.value, Role.HEAD.value
EVERYBODY = set(ROLES)
IN_ADMIN = {MANAGER, MODERATOR, KEEPER, AUDITOR}
LOGGED_IN = EVERYBODY - {NOBODY}

# name of the address -> who gets 200 by GET; everybody else is sent to log in (302), refused (403) or told 404.
GET: dict[str, set[str]] = {
    "home": EVERYBODY,
    "robots": EVERYBODY,
    "manifest": EVERYBODY,
    "sitemap": EVERYBODY,
    "statistics": EVERYBODY,
    "feed": EVERYBODY,
    "feed-milestones": EVERYBODY,
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
    "notice": set(),
    "notice-object": set(),
    "winners": set(),
    "winner": set(),
    "record": set(),
    "record-file": set(),
    "record-script": set(),
    "slip": EVERYBODY,
    "poster": EVERYBODY,
    "entry": {CLERK, MANAGER},
    "entry-new": {CLERK, MANAGER},
    "entry-slip": {CLERK, MANAGER},
    "panel": LOGGED_IN,
    "password": LOGGED_IN,
    "rate": {PANELLIST},
    "unit": {OFFICER, HEAD},
    "unit-referral": {OFFICER, HEAD},
    "unit-milestones": {OFFICER, HEAD},
    "admin:ideas_referral_changelist": IN_ADMIN,
    "admin:ideas_referral_change": IN_ADMIN,
    "admin:ideas_referral_sheet": IN_ADMIN,
    "admin:ideas_referral_milestones": IN_ADMIN,
    "admin:ideas_referral_contact": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_referral_cover": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_referral_order": IN_ADMIN,
    "admin:ideas_referral_board": IN_ADMIN,
    "admin:ideas_referral_figures": IN_ADMIN,
    "admin:ideas_referral_figures_file": IN_ADMIN,
    "admin:ideas_referral_send": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_referral_send_named": {KEEPER},
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
    "admin:ideas_objection_changelist": IN_ADMIN,
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
    **{f"admin:ideas_calendaryear_{page}": {MANAGER} for page in ("changelist", "add", "change", "history", "delete")},
    **{f"admin:ideas_scorefigure_{page}": {MANAGER} for page in ("changelist", "add", "change", "history", "delete")},
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
    "unit-act": {OFFICER, HEAD},
    "unit-contact": {OFFICER, HEAD},
    "unit-photos": {OFFICER, HEAD},
    "admin:ideas_referral_act": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_decide": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_photo": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_contact": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_published": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_check": {MANAGER, MODERATOR, KEEPER},
    "admin:ideas_idea_undo": {MANAGER, MODERATOR, KEEPER},
}
# Nothing to read there, for nobody.
POST_ONLY = {"similar", "add-photos", "preferences", "logout", "admin:logout"}
# Where everybody is led who has not begun something there.
LED_AWAY = {
    **{f"track-{act}": "/track/" for act in ("amend", "answer", "reply", "review", "withdraw", "naming")},
    **{f"track-{act}": "/track/" for act in ("export", "erase")},
    "track-verdict": "/track/",
    "admin:login": "/login/",
    "favicon": "/static/ideas/icon.svg",
}
# Looked at by other tests: each says more than who may.
ELSEWHERE = {
    "readyz": "tests/views/test_health.py",
    **dict.fromkeys(("data", "data-package", "data-file"), "tests/views/test_open_data.py"),
    "sitemap-section": "tests/views/test_sitemaps.py",
    "certificate": "tests/views/test_certificates.py",
    **{
        f"admin:ideas_campaign_{name}": "tests/desks/test_certificates.py"
        for name in ("certificates", "certificate", "certificates_print", "issue")
    },
    "check": "tests/views/test_ideas.py",
    "resume": "tests/views/test_drafts.py",
    "photo": "tests/views/test_photos.py",
    "photo-thumb": "tests/views/test_photos.py",
    "desk": "tests/desks/test_account.py",
    **dict.fromkeys(("recuse", "abstain", "skip"), "tests/desks/test_panellist.py"),
    "entry-receipt": "tests/desks/test_clerk.py",
    **dict.fromkeys(
        ("admin:ideas_referral_photo", "admin:ideas_referral_photos"), "tests/desks/test_referral_photos.py"
    ),
    "admin:ideas_referral_named": "tests/desks/test_named.py",
    "admin:ideas_idea_export": "tests/desks/test_exports.py",
    "admin:ideas_idea_group": "tests/desks/test_mergers.py",
    "admin:ideas_idea_acted": "tests/desks/test_undo.py",
    "admin:ideas_idea_guard": "tests/desks/test_restricted.py",
    **{f"admin:ideas_campaign_{name}": "tests/desks/test_panel.py" for name in ("ranking", "why", "panel")},
    "admin:ideas_campaign_propose": "tests/admin/test_campaigns.py",
    **{
        f"admin:ideas_objection_{name}": "tests/desks/test_notices.py"
        for name in ("enter", "decide", "contact", "erase")
    },
    "admin:ideas_shortlist_notice": "tests/desks/test_notices.py",
    **{
        f"admin:ideas_shortlist_{name}": "tests/desks/test_shortlist.py"
        for name in (
            *("exchange", "press", "decide", "pair", "drop_pair", "unseal", "scan", "scan_file", "record", "release"),
        )
    },
}
# Django's own, and as Django has them.
DJANGOS = {
    "admin:password_change_done", "admin:app_list", "admin:autocomplete",
    "admin:auth_user_password_change",
}  # fmt: skip
# Pages that exist in Django's admin and that our desks close for everybody but an administrator.
CLOSED_VERBS = ("_add", "_delete", "_history", "_change", "_changelist")


def test_every_address_is_listed():
    closed = {name for name in names() if name.startswith("admin:ideas_") and name.endswith(CLOSED_VERBS)}
    listed = {*GET, *POST, *POST_ONLY, *LED_AWAY, *ELSEWHERE, *DJANGOS}
    assert (names() - listed - closed, listed - names()) == (set(), set())


@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_what_only_takes_a_form_cannot_be_read(client, manager, name):
    client.force_login(manager)
    assert client.get(re.sub(r"<[^>]+>", "1", routes()[name])).status_code == 405


@pytest.mark.parametrize("name", LED_AWAY)
def test_whoever_has_not_begun_is_led_away(client, name):
    assert client.get(reverse(name)).url.partition("?")[0] == LED_AWAY[name]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_test_that_is_said_to_look_at_it_does(name):
    source = (ROOT / ELSEWHERE[name]).read_text(encoding="utf-8")
    short = re.sub(r"^admin:ideas_[a-z]+_", "", name)
    path = re.split(r"<[^>]+>", routes()[name])
    assert re.search(rf"""["_]{short}["]|{"[^ ]+".join(re.escape(part) for part in path)}""", source)


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
        for model in ("idea", "shortlist", "message", "assignment", "officeevent", "referral")
        for verb in ("add", "delete")
    ]
    for person in story["people"].values():
        client.force_login(person)
        with clock.at(clock.DURING):
            answers = {name: client.get(address(name, story)).status_code for name in closed}
        assert set(answers.values()) <= {302, 403, 404}, answers
