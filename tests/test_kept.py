"""What staff typed is there again after the log-in, whatever took the session away meanwhile."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse

from ideas.choices import Role
from ideas.models import KeptPost, Reply
from ideas.services.kept import LIFE, MOST_CHARACTERS, MOST_FORMS, drop_old_posts, keep_post
from portal.addresses import is_staff_address
from portal.urls import patterns
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
WORDS = "这一句话写了很久，不能丢。"
NOTICE = "您填写的内容已恢复在下面"


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


def log_out_elsewhere():
    Session.objects.all().delete()


def here(client, user, address):
    """Logged in with the page open."""
    client.force_login(user)
    return client.get(address)


def write(client, page, address, **data):
    """Send the form of a page as a browser does."""
    return client.post(address, data, headers={"referer": f"http://testserver{page}"})


def back(client, user, answer):
    """Log in again and go where the log-in leads."""
    client.force_login(user)
    assert answer.url.startswith(reverse("login"))
    return client.get(re.sub(".*next=", "", answer.url))


def test_a_reason_is_back_in_its_form_after_the_session_ended(client, moderator, idea):
    page = reverse("admin:ideas_idea_change", args=[idea.pk])
    here(client, moderator, page)
    log_out_elsewhere()
    decline = reverse("admin:ideas_idea_decide", args=[idea.pk, "decline"])
    typed = {"decline-reason": WORDS, "decline-declined_as": "advertising", "decline-seen": "1"}
    text = back(client, moderator, write(client, page, decline, **typed)).content.decode()
    form = re.search(rf'<form[^>]*action="{decline}".*?</form>', text, re.DOTALL)[0]
    assert WORDS in form
    assert re.search(r'<option value="advertising" selected', form)
    assert NOTICE in text


def test_the_log_in_says_that_the_words_are_kept_and_to_nobody_else(client, moderator, idea):
    page, kept = reverse("admin:ideas_idea_change", args=[idea.pk]), "您刚才填写的内容已保留一天"
    here(client, moderator, page)
    log_out_elsewhere()
    before = client.get(reverse("login")).content.decode()
    answer = write(client, page, reverse("admin:ideas_idea_decide", args=[idea.pk, "accept"]), **{"accept-seen": "1"})
    told = client.get(answer.url).content.decode()
    other = Client().get(reverse("login")).content.decode()
    assert [kept in text for text in (before, told, other)] == [False, True, False]


def test_nothing_is_done_by_itself(client, moderator, idea):
    page = reverse("admin:ideas_idea_change", args=[idea.pk])
    here(client, moderator, page)
    log_out_elsewhere()
    answer = write(client, page, reverse("admin:ideas_idea_decide", args=[idea.pk, "accept"]), **{"accept-seen": "1"})
    back(client, moderator, answer)
    idea.refresh_from_db()
    assert idea.status == "received"


def test_a_form_of_the_admin_is_filled_again(client, manager):
    page = reverse("admin:ideas_reply_add")
    here(client, manager, page)
    log_out_elsewhere()
    answer = write(client, page, page, kind="decline", name="太笼统", words=WORDS, position="3")
    text = back(client, manager, answer).content.decode()
    assert f"\n{WORDS}</textarea>" in text
    assert 'value="太笼统"' in text


def test_once_sent_it_is_forgotten(client, manager):
    page = reverse("admin:ideas_reply_add")
    here(client, manager, page)
    log_out_elsewhere()
    data = {"kind": "decline", "name": "太笼统", "words": WORDS, "position": "3"}
    back(client, manager, write(client, page, page, **data))
    write(client, page, page, **data)
    assert (Reply.objects.count(), KeptPost.objects.count()) == (1, 0)
    assert NOTICE not in client.get(page).content.decode()


def test_a_comment_and_marks_are_back_on_the_panels_page(client, moderator, campaign):
    factories.accepted(campaign, moderator, 1)
    factories.make_panel(campaign)
    assignment = factories.assigned(campaign)[0]
    page = reverse("rate", args=[assignment.pk])
    with clock.at(clock.RATING):
        here(client, assignment.panellist.user, page)
        log_out_elsewhere()
        marks = {f"criterion-{row.pk}": "7" for row in campaign.criteria.all()}
        answer = write(client, page, page, comment=WORDS, **marks)
        text = back(client, assignment.panellist.user, answer).content.decode()
    assert f"\n{WORDS}</textarea>" in text


def test_a_slip_is_back_at_the_clerks_desk(client, campaign):
    clerk = factories.make_user(Role.CLERK)
    page = reverse("entry-new", args=[campaign.slug])
    here(client, clerk, page)
    log_out_elsewhere()
    text = back(client, clerk, write(client, page, page, title="修路灯", problem=WORDS, name="林小满")).content.decode()
    assert WORDS in text
    assert 'value="林小满"' in text


def test_a_token_that_was_rotated_by_another_log_in_costs_no_word(manager):
    client = Client(enforce_csrf_checks=True)
    page = reverse("admin:ideas_reply_add")
    here(client, manager, page)
    answer = write(client, page, page, kind="decline", words=WORDS, csrfmiddlewaretoken="x" * 64)
    assert (answer.status_code, answer.url) == (302, page)
    text = client.get(page).content.decode()
    assert WORDS in text
    assert "x" * 64 not in text


def test_what_a_foreign_page_sends_is_not_kept(manager):
    client = Client(enforce_csrf_checks=True)
    page = reverse("admin:ideas_reply_add")
    here(client, manager, page)
    client.post(page, {"words": WORDS}, headers={"origin": "https://evil.example"})
    assert not KeptPost.objects.exists()


def test_a_stranger_keeps_nothing(client):
    client.post(reverse("admin:ideas_reply_add"), {"words": WORDS})
    assert not KeptPost.objects.exists()


def test_another_person_at_the_same_browser_does_not_see_it(client, managers):
    page = reverse("admin:ideas_reply_add")
    here(client, managers[0], page)
    log_out_elsewhere()
    answer = write(client, page, page, words=WORDS)
    assert WORDS not in back(client, managers[1], answer).content.decode()


def test_passwords_and_files_are_not_kept(client, manager):
    keep_post(
        user=manager,
        path="/x/",
        page="/x/",
        typed={"password1": ["geheim"], "new_password2": ["geheim"], "name": ["林"], "csrfmiddlewaretoken": ["t"]},
        at=clock.DURING,
    )
    assert KeptPost.objects.get().payload == {"typed": {"name": ["林"]}}


def test_it_is_sealed_in_the_database(manager):
    keep_post(user=manager, path="/x/", page="/x/", typed={"words": [WORDS]}, at=clock.DURING)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT payload FROM {KeptPost._meta.db_table}")
        assert cursor.fetchone()[0].startswith("aesgcm:")


def test_a_day_later_it_is_gone(client, manager):
    keep_post(user=manager, path="/x/", page="/x/", typed={"words": [WORDS]}, at=clock.DURING)
    assert (drop_old_posts(at=clock.DURING + LIFE - clock.BLINK), drop_old_posts(at=clock.DURING + LIFE)) == (0, 1)


def test_the_longest_announcement_is_kept_and_more_than_any_form_holds_is_not(manager):
    """The honest case: all sixteen texts of an announcement with 5,000 characters each."""
    longest = {f"text-{number}": ["字" * 5000] for number in range(16)}
    assert keep_post(user=manager, path="/x/", page="/x/", typed=longest, at=clock.DURING)
    assert not keep_post(user=manager, path="/y/", page="/y/", typed={"a": ["字" * MOST_CHARACTERS]}, at=clock.DURING)


def test_of_many_forms_the_last_ones_are_kept(manager):
    for number in range(MOST_FORMS + 3):
        keep_post(user=manager, path=f"/{number}/", page="/", typed={"a": ["b"]}, at=clock.DURING)
    assert KeptPost.objects.count() == MOST_FORMS


def addresses():
    """Every address of staff, with numbers for its parts."""
    for pattern in patterns("staff"):
        yield from _under(pattern, "")


def _under(pattern, prefix):
    route = prefix + str(pattern.pattern)
    for part in getattr(pattern, "url_patterns", []):
        yield from _under(part, route)
    if hasattr(pattern, "callback"):
        yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: PARTS.get(found[1], "1"), route).lstrip("^").rstrip("$")


PARTS = {"slug": "campaign-1", "key": "6f2c1d1e-0000-4000-8000-000000000001", "act": "seal", "action": "accept"}
OPEN: tuple[str, ...] = (
    "/login/",
    "/logout/",
    "/photos/",
    "/preferences/",
    "/favicon.ico",
    "/robots.txt",
    "/site.webmanifest",
    "/healthz",
    "/readyz",
    "/admin/login/",
)
OPEN += ("/admin/logout/", "/admin/jsi18n/")


@pytest.mark.parametrize("address", sorted(set(addresses())))
def test_whatever_staff_post_to_any_address_waits_for_them(client, manager, address):
    if address.startswith(OPEN) or "(" in address:
        pytest.skip("no desk")
    here(client, manager, reverse("password"))
    log_out_elsewhere()
    client.post(address, {"reason": WORDS})
    match = resolve(address)
    assert (is_staff_address(match), KeptPost.objects.filter(path=address).exists()) == (True, True)
