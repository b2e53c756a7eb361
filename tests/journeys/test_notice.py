"""From the sealed list over an upheld objection to the winners, by the pages that each person opens."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ideas.choices import Role, Status
from ideas.models import Message, Notice, Objection, SealedRecord, Shortlist, User
from ideas.queries.invariants import violations
from ideas.queries.record import facts_in
from ideas.rules import members, record
from ideas.services.release import release_due
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]
AT = clock.RATING_UNTIL  # a Saturday
DAY = timedelta(days=1)
AGAIN = AT + 4 * DAY  # the Wednesday on which the second list goes on notice
OVER = AT + 12 * DAY  # Thursday: five working days later are Wednesday, the sixth of May


def staff(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def field(page, name):
    """The value of a hidden field of a page."""
    tag = re.search(rf'<input[^>]* name="{name}"[^>]*>', page.content.decode())[0]
    found = re.search(r' value="([^"]*)"', tag)
    return found[1] if found else ""


class Story:
    def __init__(self, campaign, managers, judge, clerk):
        self.campaign = campaign
        self.one, self.two, self.judge, self.clerk = (staff(user) for user in (*managers, judge, clerk))
        self.shortlist = Shortlist.objects.get(campaign=campaign)
        self.list_page = reverse("admin:ideas_shortlist_change", args=[self.shortlist.pk])
        self.public = reverse("notice", args=[campaign.slug])

    def press(self, client, name, *args, **data):
        """Post to a desk of the list with the version that its page shows."""
        version = field(client.get(self.list_page), "version")
        address = reverse(f"admin:ideas_shortlist_{name}", args=[self.shortlist.pk, *args])
        answer = client.post(address, {"version": version, **data}, follow=True)
        assert answer.status_code == 200
        return answer

    def start(self, client):
        return self.press(client, "notice", last_day=field(client.get(self.list_page), "last_day"))

    def listed(self):
        return set(self.shortlist.entries.values_list("idea__receipt", flat=True))

    def shown(self):
        return set(re.findall(r'<li id="([^"]+)"', Client().get(self.public).content.decode()))

    def shown_at(self, at):
        with clock.at(at):
            return self.shown()

    def object_to(self, idea):
        address, anybody = reverse("notice-object", args=[self.campaign.slug]), Client()
        form = anybody.get(address)
        answer = anybody.post(
            address,
            {
                "form_key": field(form, "form_key"),
                "opened": field(form, "opened"),
                "about": idea.receipt,
                "ground": "copied",
                "words": "这是我三年前提过的。",
                "name": "林小满",
                "email": "objector@example.com",
                "consent": "on",
            },
        )
        assert answer.status_code == 200
        return Objection.objects.get(number=re.search(r"JMYY26-\w{8}", answer.content.decode())[0])

    def decide(self, objection, outcome):
        page = self.judge.get(reverse("admin:ideas_objection_change", args=[objection.pk]))
        data = {name: field(page, name) for name in ("version", "moves_up")}
        address = reverse("admin:ideas_objection_decide", args=[objection.pk])
        self.judge.post(address, {**data, "outcome": outcome, "reason": "经查属实。"})
        objection.refresh_from_db()
        assert objection.state == outcome

    def release(self, client, step):
        preview = client.get(reverse("admin:ideas_shortlist_preview", args=[self.shortlist.pk]))
        return self.press(client, "release", step, seen=field(preview, "seen"))


@pytest.fixture
def told(moderator, managers):
    campaign = factories.noticed_campaign(moderator)
    factories.seal(campaign, managers)
    return Story(campaign, managers, factories.make_user(Role.MANAGER), moderator)


def test_from_the_seal_over_an_upheld_objection_to_the_winners(told):
    first = told.listed()
    with clock.at(AT):
        assert Client().get(told.public).status_code == 404
        told.start(told.one)
        assert told.shown() == first
        leaving = told.shortlist.entries.get(rank=1).idea
        objection = told.object_to(leaving)
    with clock.at(AT + DAY):
        assert "1件异议" in told.one.get(told.list_page).content.decode()
        told.decide(objection, "upheld")
        messages = Message.objects.filter(template__startswith="objection").order_by("pk")
        assert [(row.template, row.payload["address"]) for row in messages] == [
            ("objection", "objector@example.com"),
            ("objection_decided", "objector@example.com"),
        ]
        told.press(told.one, "unseal")  # a second person consents to the opening, and to the exchange
        assert told.shown() == set()
        told.press(told.one, "decide", objection.exchange_id, "consent")
        told.press(told.one, "press", "seal")
        told.press(told.two, "press", "seal")
    added = objection.exchange.added
    second = first - {leaving.receipt} | {added.receipt}
    assert told.listed() == second
    with clock.at(AGAIN):
        assert told.shown() == set()
        told.start(told.two)
        assert told.shown() == second
        assert list(violations()) == []
    with clock.at(OVER - clock.BLINK):
        told.press(told.one, "release", "ask")
        assert Shortlist.objects.get().release_asked_by is None
    with clock.at(OVER):
        told.release(told.one, "ask")
        told.release(told.two, "confirm")
        release_due(at=OVER + DAY)
    with clock.at(OVER + DAY):
        winners = Client().get(reverse("winners", args=[told.campaign.slug])).content.decode()
        assert set(re.findall(r'<li id="([^"]+)"', winners)) == second
    leaving.refresh_from_db()
    assert (leaving.status, list(violations())) == (Status.ACCEPTED, [])


def test_both_records_stay_and_the_second_one_follows_from_the_first_by_the_exchange(told):
    with clock.at(AT):
        told.start(told.one)
        objection = told.object_to(told.shortlist.entries.get(rank=1).idea)
        told.decide(objection, "upheld")
        told.press(told.one, "unseal")
        told.press(told.one, "decide", objection.exchange_id, "consent")
        for client in (told.one, told.two):
            told.press(client, "press", "seal")
    kept = SealedRecord.objects.filter(edition="archive").order_by("number")
    assert [record.first_difference(members.read(row.file)) for row in kept] == [None, None]
    [exchange] = facts_in(kept[1])["exchanges"]
    assert (exchange["category"], exchange["minutes_number"]) == ("objection", objection.number)
    assert [row["number"] for row in facts_in(kept[1])["unsealings"]] == [1]


def test_an_objection_that_came_by_telephone_is_typed_in_and_rejected(told):
    with clock.at(AT + DAY):
        told.start(told.one)
        address = reverse("admin:ideas_objection_enter", args=[Notice.objects.get().pk])
        form = told.clerk.get(address)
        data = {
            "form_key": field(form, "form_key"),
            "source": "phone",
            "received_on": "2026-04-26",
            "about": "list",
            "ground": "unfair",
            "words": "评委名单没有公开。",
            "name": "陈一",
            "phone": "13800138000",
            "consent": "on",
        }
        page = told.clerk.post(address, data, follow=True)
        objection = Objection.objects.get()
        assert objection.number in page.content.decode()
        told.decide(objection, "rejected")
    assert (told.shown_at(AT + 2 * DAY), list(violations())) == (told.listed(), [])


def test_a_manager_who_signed_is_offered_no_decision(told):
    with clock.at(AT):
        told.start(told.one)
        objection = told.object_to(told.shortlist.entries.get(rank=1).idea)
        address = reverse("admin:ideas_objection_change", args=[objection.pk])
        pages = [client.get(address).content.decode() for client in (told.one, told.judge)]
    assert ['name="outcome"' in page for page in pages] == [False, True]
