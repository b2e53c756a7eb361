"""A form of staff acts once, however often and however parallel it is posted."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Idea, OfficeEvent, Reply, UsedKey
from ideas.queries.panel import panel_version
from ideas.services.once import LIFE, drop_used_keys
from ideas.services.screening import accept_idea
from tests import clock, factories

ADD = reverse("admin:ideas_reply_add")
IMPORT = reverse("admin:ideas_idea_import")
REPLY = {"kind": "decline", "declined_as": "", "name": "太笼统", "words": "请写明地点。", "position": "0"}
TABLE = "标题,类别,问题,收到日期\n增设路灯,道路,晚上很黑。,2026-03-18\n补种行道树,夜间,树死了。,2026-03-18\n"


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


def token(client, address):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w{64})"', client.get(address).content.decode())[1]


def in_parallel(user, post, times=6):
    """The same post from so many threads at once; gives the answers."""
    barrier = Barrier(times)

    def run(_number):
        client = Client()
        client.force_login(user)
        barrier.wait()
        try:
            return post(client)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.django_db
def test_an_add_form_posted_twice_makes_one_row_and_gives_the_first_result(desk):
    data = {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)}
    first, second = desk.post(ADD, data), desk.post(ADD, data)
    assert (first.status_code, second.status_code, second["Location"]) == (302, 302, first["Location"])
    assert Reply.objects.count() == 1


@pytest.mark.django_db
def test_the_second_press_is_told_so(desk):
    data = {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)}
    desk.post(ADD, data, follow=True)
    assert "只办理了一次" in desk.post(ADD, data, follow=True).content.decode()


@pytest.mark.django_db
def test_two_forms_opened_make_two_rows_though_the_words_are_the_same(desk):
    for _ in range(2):
        desk.post(ADD, {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)})
    assert Reply.objects.count() == 2


@pytest.mark.django_db
def test_going_back_and_writing_something_else_is_another_form(desk):
    data = {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)}
    desk.post(ADD, data)
    desk.post(ADD, {**data, "name": "太简短"})
    assert Reply.objects.count() == 2


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again(desk, campaign, moderator):
    factories.make_panel(campaign)
    waiting = factories.make_idea(campaign)
    address = reverse("admin:ideas_campaign_panel", args=[campaign.pk])
    data = {"csrfmiddlewaretoken": token(desk, address), "act": "first", "shown": panel_version(campaign)}
    assert "还有1条建议未审核完毕" in desk.post(address, data, follow=True).content.decode()
    accept_idea(idea=waiting, moderator=moderator, at=clock.DURING)
    desk.post(address, data)
    assert campaign.panellists.filter(assignments__isnull=False).exists()


@pytest.mark.django_db
def test_a_form_that_did_not_pass_may_be_sent_again(desk):
    data = {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)}
    assert desk.post(ADD, {**data, "name": ""}).status_code == 200
    assert not UsedKey.objects.exists()


@pytest.mark.django_db
def test_used_keys_are_forgotten_after_two_days(desk):
    desk.post(ADD, {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)})
    assert (drop_used_keys(at=clock.DURING + LIFE - clock.BLINK), UsedKey.objects.count()) == (0, 1)
    assert drop_used_keys(at=clock.DURING + LIFE) == 1


@pytest.mark.django_db
def test_a_form_whose_first_post_was_cut_off_is_not_done_again(desk, monkeypatch):
    monkeypatch.setattr("portal.once.WAIT_SECONDS", 0)
    data = {**REPLY, "csrfmiddlewaretoken": token(desk, ADD)}
    desk.post(ADD, data)
    UsedKey.objects.update(answer=None)
    answer = desk.post(ADD, data)
    assert (answer.status_code, Reply.objects.count()) == (409, 1)


@pytest.mark.django_db(transaction=True)
def test_an_add_form_posted_at_once_makes_one_row():
    user = factories.make_user(Role.MANAGER)
    client = Client()
    client.force_login(user)
    data = {**REPLY, "csrfmiddlewaretoken": token(client, ADD)}
    answers = in_parallel(user, lambda client: client.post(ADD, data))
    assert {answer.status_code for answer in answers} == {302}
    assert Reply.objects.count() == 1


def checked(client, campaign):
    """What the import page carries after a file was looked through: which file, and the turn of its button."""
    page = client.post(IMPORT, {"campaign": campaign.pk, "file": SimpleUploadedFile("a.csv", TABLE.encode())})
    return dict(re.findall(r'name="(kept|take)" value="([^"]+)"', page.content.decode()))


def take(client, campaign, shown):
    return client.post(IMPORT, {"campaign": campaign.pk, **shown})


@pytest.mark.django_db(transaction=True)
def test_take_in_pressed_at_once_takes_every_row_in_once():
    campaign, user = factories.make_campaign(), factories.make_user(Role.MANAGER)
    client = Client()
    client.force_login(user)
    shown = checked(client, campaign)
    answers = in_parallel(user, lambda client: take(client, campaign, shown))
    assert {answer.status_code for answer in answers} == {302}
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (2, 1)


@pytest.mark.django_db
def test_the_same_file_looked_through_anew_can_be_taken_in_again(desk, campaign):
    take(desk, campaign, checked(desk, campaign))
    with clock.at(clock.DURING + clock.BLINK * 5_000_000):
        take(desk, campaign, checked(desk, campaign))
    assert Idea.objects.count() == 4
