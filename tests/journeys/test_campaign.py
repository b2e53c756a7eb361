"""The whole job once, through the same doors as in life: 340 submissions, 280 valid, 30 chosen, published."""

import re
from random import Random
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from ideas.choices import Action, MessageState, Role, Status
from ideas.demo.campaigns import make_campaign
from ideas.demo.start import SEED
from ideas.demo.texts import in_order_of_receipt, texts_of
from ideas.models import Assignment, Idea, Message, Panellist, Shortlist
from ideas.queries.invariants import violations
from ideas.services.workflow import move_idea
from tests import clock, factories

# Two thousand requests, whose verbs and pages are each tried on the second database by tests of their own.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]


@pytest.fixture
def campaign():
    """The demo's announcement with the tests' dates: thirty places, three reviews per idea."""
    dates = {
        "announced_at": clock.ANNOUNCED,
        "opens_at": clock.OPENS,
        "closes_at": clock.CLOSES,
        "rating_from": clock.RATING_FROM,
        "rating_until": clock.RATING_UNTIL,
    }
    return make_campaign("safer", slug="journey", at=clock.DURING, **dates)


def texts():
    return in_order_of_receipt(texts_of("safer"), Random(SEED))


def submit(campaign, text):
    """One resident in a browser of their own; returns (receipt, query code)."""
    client = Client()
    steps = [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]
    key = str(uuid4())
    form = {name: getattr(text, name) for name in ("title", "topic", "problem", "proposal", "area", "place")}
    person = {"email": f"{text.key}@example.com", "naming": "net_name", "net_name": "集美居民", "publish_consent": "on"}
    answer = client.post(steps[0], {**form, **person, "form_key": key, "age_14": "on", "consent": "on"})
    assert answer.status_code == 302, answer.context["form"].errors
    client.post(steps[1], {"form_key": key})
    body = client.get(steps[2]).content.decode()
    return re.search(r'id="receipt">([^<]+)<', body)[1], re.search(r'id="query-code">([^<]+)<', body)[1]


def screen(client, text, receipts):
    """One moderator's decision in the admin, as the demo's office made it."""
    acts = {"accepted": "accept", "returned": "return", "declined": "decline", "merged": "merge"}
    action = {**acts, "transferred": "transfer"}.get(text.outcome)
    idea = Idea.objects.get(receipt=receipts[text.key])
    if action is None:  # the resident thought better of it
        move_idea(idea=idea, action=Action.WITHDRAW, at=clock.CLOSES)
        return
    given = {
        "return": {"question": text.reason},
        "decline": {"declined_as": text.declined_as, "reason": text.reason},
        "merge": {"into": receipts.get(text.into)},
        "transfer": {"channel": text.channel, "reason": text.reason},
    }.get(action, {})
    data = {f"{action}-{name}": value for name, value in {"seen": idea.event_count, **given}.items()}
    answer = client.post(reverse("admin:ideas_idea_decide", args=[idea.pk, action]), data)
    assert answer.status_code == 302, text.key


def rate_everything(panel, qualities):
    for panellist in panel:
        client = Client()
        client.force_login(panellist.user)
        criteria = list(panellist.campaign.criteria.values_list("id", flat=True))
        for assignment in Assignment.objects.filter(panellist=panellist):
            quality = qualities[assignment.idea_id]
            marks = {f"criterion-{pk}": max(1, min(10, quality + (pk + assignment.pk) % 3 - 1)) for pk in criteria}
            assert client.post(reverse("rate", args=[assignment.pk]), marks).status_code == 302


def test_from_announcement_to_thirty_winners(client, campaign, managers, moderator, mailoutbox, settings):
    settings.IDEAS_LIMIT_MESSAGES_SENDER_HOUR = 1000  # all ideas come from one address here
    written = texts()
    with clock.at(clock.DURING):
        sent = {text.key: submit(campaign, text) for text in written}
    receipts = {key: receipt for key, (receipt, _code) in sent.items()}
    assert (len(written), len(set(receipts.values()))) == (340, 340)

    with clock.at(clock.CLOSES):
        client.force_login(moderator)
        for text in written:
            screen(client, text, receipts)
    assert campaign.ideas.filter(status=Status.ACCEPTED).count() == 280

    panel = [Panellist.objects.create(campaign=campaign, user=factories.make_user(Role.PANELLIST)) for _ in range(12)]
    call_command("assign_panel", campaign.slug, per_idea=3, seed=1, verbosity=0)
    assert {member.assignments.count() for member in panel} == {70}
    by_receipt = {receipts[text.key]: text.quality for text in written}
    qualities = {idea.pk: by_receipt[idea.receipt] for idea in campaign.ideas.all()}
    with clock.at(clock.RATING):
        rate_everything(panel, qualities)

    with clock.at(clock.RATING_UNTIL):
        call_command("propose_shortlist", campaign.slug, verbosity=0)
        shortlist = Shortlist.objects.get()
        assert client.get(reverse("winners", args=[campaign.slug])).status_code == 404
        for manager in managers:
            client.force_login(manager)
            press = reverse("admin:ideas_shortlist_press", args=[shortlist.pk, "texts"])
            client.post(press, {"version": Shortlist.objects.get().version})
            press = reverse("admin:ideas_shortlist_press", args=[shortlist.pk, "seal"])
            client.post(press, {"version": Shortlist.objects.get().version})
        for manager, step in zip(managers, ("ask", "confirm"), strict=True):
            client.force_login(manager)
            seen = client.get(reverse("admin:ideas_shortlist_preview", args=[shortlist.pk])).context["release_form"]
            client.post(reverse("admin:ideas_shortlist_release", args=[shortlist.pk, step]), seen.initial)
        assert client.get(reverse("winners", args=[campaign.slug])).status_code == 404  # held

    with clock.at(clock.LATER):
        body = Client().get(reverse("winners", args=[campaign.slug])).content.decode()
        winners = list(campaign.ideas.filter(status=Status.AWARDED))
        assert (len(winners), all(idea.title in body for idea in winners)) == (30, True)
        losers = campaign.ideas.exclude(status=Status.AWARDED)
        assert not any(receipt in body for receipt in losers.values_list("receipt", flat=True))
        resident = Client()
        key = next(key for key, receipt in receipts.items() if receipt == winners[0].receipt)
        resident.post("/track/", {"receipt": sent[key][0], "code": sent[key][1]})
        assert "优秀金点子" in resident.get("/track/").content.decode()
        call_command("work", once=True, verbosity=0)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
    decided = sum(text.outcome != "withdrawn" for text in written)
    assert len(mailoutbox) == 340 + decided + 280  # receipts, decisions, results
    call_command("check_invariants", verbosity=0)
    assert list(violations()) == []
