"""Before the release the pages of an own idea tell nobody whether it is on the list."""

import io
import re
import zipfile

import pytest
from django.http import HttpResponse
from django.test import Client

from ideas.choices import Status
from ideas.models import Campaign
from ideas.services.proposal import propose_shortlist
from ideas.views.tracking import ACTS
from tests import clock, factories
from tests.views.tracked import opened, without_token, words

pytestmark = pytest.mark.django_db
PAGES = ["/track/", *(f"/track/{act}/" for act in ACTS)]


def bodies_by_status(campaign, at, ask):
    """What `ask(client, idea)` gets for a listed idea and for one that is not, without what is the idea's own."""
    found = {}
    for idea in (campaign.ideas.earliest("id"), campaign.ideas.latest("id")):
        answer = ask(opened(Client(), idea, at), idea)
        body = without_token(answer)
        for own in (idea.receipt, idea.title, idea.problem, idea.proposal):
            body = body.replace(own, "…")
        found[idea.status] = (answer.status_code, answer.headers.get("Location"), body)
    return found


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.rated_campaign(people.moderator)
    propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    # Nothing but the list says that the choice has begun.
    Campaign.objects.update(rating_from=None, rating_until=None)
    return campaign.pk


@pytest.fixture
def listed(told, db):
    with clock.at(clock.RATING_UNTIL):
        yield Campaign.objects.get(pk=told)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_of_a_listed_idea_looks_like_every_other(listed, address):
    found = bodies_by_status(listed, clock.RATING_UNTIL, lambda client, _idea: client.get(address))
    assert set(found) == {Status.SHORTLISTED, Status.ACCEPTED}
    assert found[Status.SHORTLISTED] == found[Status.ACCEPTED]


@pytest.mark.parametrize("address", PAGES[1:])
def test_every_act_on_a_listed_idea_is_answered_like_every_other(listed, address):
    def ask(client, idea):
        given = words(idea, seen=2, answer="答", reasons="因", naming="anonymous")
        return client.post(address, given)

    found = bodies_by_status(listed, clock.RATING_UNTIL, ask)
    assert set(found) == {Status.SHORTLISTED, Status.ACCEPTED} or address.endswith("withdraw/")
    assert len(set(found.values())) == 1


def test_the_export_of_a_listed_idea_tells_nothing(listed):
    def data(client, _idea):
        archive = zipfile.ZipFile(io.BytesIO(client.get("/track/export/").content))
        read = archive.read("data.json").decode()
        return HttpResponse(re.sub(r"第\d+个|海边的风", "", read))

    found = bodies_by_status(listed, clock.RATING_UNTIL, data)
    assert found[Status.SHORTLISTED] == found[Status.ACCEPTED]
    assert "under_review" in found[Status.ACCEPTED][2]


def test_a_valid_idea_is_told_to_call(listed, client):
    client.cookies["language"] = "en"
    body = opened(client, listed.ideas.earliest("id"), clock.RATING_UNTIL).get("/track/").content.decode()
    assert ("please call the office" in body, "/track/withdraw/" in body) == (True, False)
