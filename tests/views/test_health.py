from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder

from ideas.models import Message
from ideas.views import health
from tests import clock, factories

pytestmark = pytest.mark.django_db


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, {name for name, good in answer.json().items() if not good}


def test_a_healthy_portal_is_ready(client):
    assert ready(client) == (200, set())


def test_a_stuck_outbox_shows(client, campaign):
    factories.make_idea(campaign)
    with clock.at(clock.DURING + timedelta(minutes=14)):
        assert ready(client) == (200, set())
    with clock.at(clock.DURING + timedelta(minutes=16)):
        assert ready(client) == (503, {"outbox"})


def test_a_message_that_waits_for_its_next_try_is_not_stuck(client, campaign):
    factories.make_idea(campaign)
    Message.objects.update(next_try_at=clock.LATER)
    with clock.at(clock.LATER - timedelta(minutes=1)):
        assert ready(client) == (200, set())


def test_a_missing_migration_shows(client):
    MigrationRecorder.Migration.objects.filter(app="ideas").latest("id").delete()
    assert ready(client) == (503, {"migrations"})


def test_a_full_disk_shows(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_DISK_BYTES", 10**18)
    assert ready(client) == (503, {"disk"})
