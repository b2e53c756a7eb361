"""The resident's verdict on the page of an own idea: asked for, given once, no word lost."""

from datetime import datetime, timedelta

import pytest

from ideas.models import Referral, ResidentVerdict
from ideas.services.reopening import reopen
from ideas.services.restricted import restrict_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
LATER = AT + timedelta(days=1)
NOT_SOLVED = {"is_solved": "no", "satisfaction": "not", "words": "夜里还是不亮。"}


@pytest.fixture
def sent(campaign):
    return factories.receive(campaign)


@pytest.fixture
def referral(sent, moderator):
    referral = factories.referred([sent.idea], factories.make_unit("城管局"), moderator)
    factories.reported(referral, AT)
    factories.closed(referral, moderator, AT)
    return Referral.objects.get()


@pytest.fixture
def own(client, sent, referral):
    """The browser in which the resident has opened the idea, a day later."""
    with clock.at(LATER):
        client.post("/track/", {"receipt": sent.idea.receipt, "code": sent.code})
        yield client


def shown(client):
    """The hidden fields of the page."""
    text = client.get("/track/verdict/").content.decode()
    return {name: text.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("seen", "closing", "idea")}


def test_the_page_of_a_closed_idea_asks_whether_it_is_solved(own):
    text = own.get("/track/").content.decode()
    assert ("问题解决了吗？" in text, "请在2026-04-22前评价" in text, "/track/verdict/" in text) == (True, True, True)


def test_what_is_open_is_not_asked_about(client, sent, moderator):
    factories.referred([sent.idea], factories.make_unit("城管局"), moderator)
    with clock.at(LATER):
        client.post("/track/", {"receipt": sent.idea.receipt, "code": sent.code})
        assert "/track/verdict/" not in client.get("/track/").content.decode()
        assert client.get("/track/verdict/").status_code == 302


def test_a_verdict_is_given_and_what_comes_of_it_stands_on_the_page(own):
    assert own.post("/track/verdict/", {**shown(own), **NOT_SOLVED}).status_code == 302
    text = own.get("/track/").content.decode()
    assert ("您的评价：不满意，未解决" in text, "城管局重新办理" in text, "夜里还是不亮。" in text) == (True,) * 3
    assert "/track/verdict/" not in text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"words": ""}, "请写明还有什么没有解决。"),
        ({"is_solved": ""}, "请选择问题是否解决。"),
        ({"satisfaction": ""}, "请选择是否满意。"),
        ({"satisfaction": "great"}, "great"),
        ({"words": "长" * 501}, "500"),
    ],
)
def test_what_lacks_is_said_and_nothing_typed_is_lost(own, given, told):
    typed = {**NOT_SOLVED, **given}
    text = own.post("/track/verdict/", {**shown(own), **typed}).content.decode()
    assert (told in text, typed["words"] in text, ResidentVerdict.objects.count()) == (True, True, 0)


def test_a_second_post_of_the_same_page_acts_once(own):
    page = shown(own)
    answers = [own.post("/track/verdict/", {**page, **NOT_SOLVED}) for _ in range(2)]
    assert ([answer.status_code for answer in answers], ResidentVerdict.objects.count()) == ([302, 302], 1)


def test_another_verdict_from_an_old_page_is_given_back_to_copy(own):
    page = shown(own)
    own.post("/track/verdict/", {**page, **NOT_SOLVED})
    answer = own.post("/track/verdict/", {**page, **NOT_SOLVED, "words": "还漏水。"})
    assert (answer.status_code, "还漏水。" in answer.content.decode()) == (409, True)
    assert ResidentVerdict.objects.get().words == "夜里还是不亮。"


def test_words_for_a_closing_that_was_taken_back_are_shown_again(own, referral, moderator):
    page = shown(own)
    reopen(referral=referral, staff=moderator, at=LATER, finish_by=LATER.date(), words="返工。")
    answer = own.post("/track/verdict/", {**page, **NOT_SOLVED})
    assert (answer.status_code, NOT_SOLVED["words"] in answer.content.decode()) == (409, True)
    factories.reported(Referral.objects.get(), LATER)
    factories.closed(referral, moderator, LATER)
    answer = own.post("/track/verdict/", {**page, **NOT_SOLVED})
    text = answer.content.decode()
    assert (answer.status_code, NOT_SOLVED["words"] in text, 'name="closing"' in text) == (409, True, True)


def test_a_restricted_idea_asks_nothing(own, sent, moderator):
    sent.idea.refresh_from_db()
    restrict_idea(idea=sent.idea, staff=moderator, at=LATER, reason="线索")
    assert "/track/verdict/" not in own.get("/track/").content.decode()


def test_without_number_and_code_there_is_nothing(client, referral):
    assert client.get("/track/verdict/").url == "/track/"
    client.post("/track/verdict/", NOT_SOLVED)
    assert ResidentVerdict.objects.count() == 0
