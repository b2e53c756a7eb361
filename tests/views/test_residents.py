import re
from datetime import timedelta

import pytest

from ideas.choices import DeclineReason
from ideas.services import screening
from ideas.services.shortlist import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(campaign):
    return factories.receive(campaign)


def track(client, sent, **change):
    return client.post("/track/", {"receipt": sent.idea.receipt, "code": sent.code, **change})


def test_a_right_pair_opens_the_idea(client, sent, during):
    answer = track(client, sent)
    assert (answer.status_code, answer.url) == (302, "/track/")
    assert sent.idea.title in client.get("/track/").content.decode()


def test_every_wrong_pair_gets_the_same_answer(client, sent, during):
    wrong = [track(client, sent, code="0" * 8), track(client, sent, receipt="JM26-22222222")]
    wrong.append(track(client, sent, receipt="nonsense"))
    texts = {answer.content.decode().split("</h2>")[1].split("<form")[0] for answer in wrong}
    assert ([answer.status_code for answer in wrong], len(texts)) == ([200] * 3, 1)


def test_a_wrong_pair_keeps_what_was_typed(client, sent, during):
    assert 'value="nonsense"' in track(client, sent, receipt="nonsense").content.decode()


def test_an_open_idea_closes_after_half_an_hour(client, sent):
    with clock.at(clock.DURING):
        track(client, sent)
    with clock.at(clock.DURING + timedelta(minutes=30)):
        assert sent.idea.title not in client.get("/track/").content.decode()


def test_an_idea_can_be_left(client, sent, during):
    track(client, sent)
    client.post("/track/", {"close": "1"})
    assert sent.idea.title not in client.get("/track/").content.decode()


def test_the_offices_words_are_shown(client, sent, moderator, during):
    screening.decline_idea(
        idea=sent.idea,
        moderator=moderator,
        at=clock.DURING,
        declined_as=DeclineReason.OUTSIDE_AREA,
        reason="此处属于同安区。",
    )
    track(client, sent)
    body = client.get("/track/").content.decode()
    assert "此处属于同安区。" in body
    assert moderator.name not in body


def test_a_listed_idea_looks_like_every_other_before_release(client, moderator, during):
    campaign = factories.rated_campaign(moderator)
    bodies = {}
    propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    for idea in (campaign.ideas.earliest("id"), campaign.ideas.latest("id")):
        client.session.flush()
        session = client.session
        session["tracked"] = [idea.pk, clock.LATER.isoformat()]
        session.save()
        client.cookies["session"] = session.session_key
        body = client.get("/track/").content.decode()
        body = re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", body)
        for own in (idea.receipt, idea.title, idea.problem, idea.proposal):
            body = body.replace(own, "…")
        bodies[idea.status] = body
    assert set(bodies) == {"shortlisted", "accepted"}
    assert bodies["shortlisted"] == bodies["accepted"]
    assert "评审中" in bodies["accepted"]


@pytest.mark.parametrize(("place", "word"), [("earliest", "优秀金点子"), ("latest", "未入选")])
def test_after_release_the_result_is_told(client, moderator, managers, place, word):
    campaign = factories.released_campaign(moderator, managers)
    idea = getattr(campaign.ideas, place)("id")
    with clock.at(clock.LATER):
        session = client.session
        session["tracked"] = [idea.pk, (clock.LATER + timedelta(minutes=5)).isoformat()]
        session.save()
        client.cookies["session"] = session.session_key
        body = client.get("/track/").content.decode()
    assert f'class="tag tag-{idea.public_status}">{word}' in body
