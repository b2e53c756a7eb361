import pytest
from django.urls import reverse

from ideas.models import WordList

pytestmark = pytest.mark.django_db
ADD = reverse("admin:ideas_wordlist_add")


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    client.cookies["language"] = "en"
    return client


def test_a_manager_adds_a_list_and_sees_its_number_of_words(desk):
    words = "加微信\r\n\r\n 秒杀 \r\n加微信"
    desk.post(ADD, {"name": "广告", "category": "advertising", "words": words, "is_active": "on"})
    assert WordList.objects.get().words == "加微信\n秒杀"
    body = desk.get(reverse("admin:ideas_wordlist_changelist")).content.decode()
    assert '<td class="field-number_of_words">2</td>' in body


def test_words_of_one_character_are_refused_by_name(desk):
    body = desk.post(ADD, {"name": "短", "category": "other", "words": "混\n秒杀\n。。"}).content.decode()
    assert ("two characters are the least: 混 。。" in body, WordList.objects.count()) == (True, 0)


def test_moderators_do_not_edit_lists(client, moderator):
    client.force_login(moderator)
    assert client.get(ADD).status_code == 403
