"""Where the office asks for verified telephones, the check page sends a code before the idea."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from ideas.models import Idea, Message
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(campaign, settings):
    settings.IDEAS_VERIFY_PHONE = True
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    return [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]


@pytest.fixture
def data():
    return factories.form_data(form_key=str(uuid4()), phone="138 0013 8000", email="")


def digits():
    return Message.objects.get(template="verify").payload["variables"]["code"]


def test_the_idea_goes_after_the_right_digits(client, steps, data, during):
    key = {"form_key": data["form_key"]}
    client.post(steps[0], data)
    client.post(steps[1], {**key, "send_code": "1"})
    answer = client.post(steps[1], {**key, "sms_code": digits()})
    assert (answer.url, Idea.objects.get().resident.phone_verified_at is not None) == (steps[2], True)


def test_without_digits_nothing_is_sent_and_nothing_is_lost(client, steps, data, during):
    client.post(steps[0], data)
    answer = client.post(steps[1], {"form_key": data["form_key"]})
    assert (answer.status_code, Idea.objects.count(), data["problem"] in answer.content.decode()) == (422, 0, True)


def test_wrong_digits_are_told(client, steps, data, during):
    key = {"form_key": data["form_key"]}
    client.post(steps[0], data)
    client.post(steps[1], {**key, "send_code": "1"})
    answer = client.post(steps[1], {**key, "sms_code": "nonsense"})
    assert (answer.status_code, 'role="alert"' in answer.content.decode(), Idea.objects.count()) == (422, True, 0)


def test_the_page_never_shows_the_digits(client, steps, data, during):
    client.post(steps[0], data)
    client.post(steps[1], {"form_key": data["form_key"], "send_code": "1"})
    assert digits() not in client.get(steps[1]).content.decode()


@pytest.mark.parametrize("phone", ["", "0592-606 0000"], ids=["none", "landline"])
def test_a_number_that_takes_no_sms_is_refused_at_its_field(client, steps, data, during, phone):
    answer = client.post(steps[0], {**data, "phone": phone, "email": "name@example.com"})
    assert list(answer.context["form"].errors) == ["phone"]


def test_by_default_no_code_is_asked_for(client, steps, data, during, settings):
    settings.IDEAS_VERIFY_PHONE = False
    client.post(steps[0], data)
    assert "send_code" not in client.get(steps[1]).content.decode()


def test_somebody_elses_form_gets_no_code(client, steps, data, during):
    Client().post(steps[1], {"form_key": data["form_key"], "send_code": "1"})
    assert Message.objects.count() == 0
