"""Everybody can recompute a published list where the campaign says so, and nobody learns anything before."""

import json

import pytest
from django.urls import reverse

from ideas.exports import verify_record
from ideas.models import Campaign, SealedRecord
from tests import clock, factories

pytestmark = pytest.mark.django_db
ADDRESSES = ("record", "record-file", "record-script")


@pytest.fixture(autouse=True)
def later():
    with clock.at(clock.LATER):
        yield


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.released_campaign(people.moderator, (people.manager, people.second))
    Campaign.objects.update(publish_record=True)
    return campaign.pk


@pytest.fixture
def released(told, db):
    return Campaign.objects.get(pk=told)


def statuses(client, campaign):
    return [client.get(reverse(name, args=[campaign.slug])).status_code for name in ADDRESSES]


@pytest.mark.slow
def test_the_record_is_there_once_released_and_switched_on(client, released):
    assert statuses(client, released) == [200] * 3
    Campaign.objects.update(publish_record=False)
    assert statuses(client, released) == [404] * 3


def test_before_the_release_there_is_none(client, moderator, managers):
    campaign = factories.rated_campaign(moderator, publish_record=True)
    factories.seal(campaign, managers)
    assert statuses(client, campaign) == [404] * 3


def test_the_downloaded_record_holds_and_names_nobody(client, released, managers):
    answer = client.get(reverse("record-file", args=[released.slug]))
    text = answer.content.decode()
    assert verify_record.check(json.loads(text)) is None
    staff = [*managers, *(assignment.user for assignment in released.panellists.all())]
    private = [*(person.name for person in staff), *(person.username for person in staff), "林小满", "海边的风"]
    assert [word for word in private if f'"{word}"' in text] == []


def test_a_large_record_is_downloaded_part_by_part(client, moderator, managers, monkeypatch):
    monkeypatch.setattr(SealedRecord, "PART", 500)
    campaign = factories.released_campaign(moderator, managers)
    Campaign.objects.update(publish_record=True)
    answer = client.get(reverse("record-file", args=[campaign.slug]))
    parts = list(answer.streaming_content)
    assert (answer["Content-Type"], len(parts) > 5) == ("application/json", True)
    assert answer["Content-Disposition"] == f'attachment; filename="{campaign.slug}-record-1-public.json"'
    assert verify_record.check(json.loads(b"".join(parts))) is None


@pytest.mark.slow
def test_the_downloaded_program_is_the_one_that_is_tested(client, released):
    answer = client.get(reverse("record-script", args=[released.slug]))
    assert b"def calibrated(rows)" in answer.content
    assert answer["Content-Disposition"] == 'attachment; filename="verify_record.py"'


def test_the_page_shows_the_digest_and_the_winners_page_leads_to_it(client, released):
    page = client.get(reverse("record", args=[released.slug])).content.decode()
    digest = client.get(reverse("record-file", args=[released.slug])).json()["digest"]
    winners = client.get(reverse("winners", args=[released.slug])).content.decode()
    assert (digest in page, reverse("record", args=[released.slug]) in winners) == (True, True)
