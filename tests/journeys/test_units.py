"""One idea at the units, page by page: given, returned, given to another, late and escalated, answered, done, doubted
by its resident, done at last."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from ideas.choices import ReferralState
from ideas.models import Idea, Photo, Referral, User
from ideas.queries.invariants import violations
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HEAR = "resident@example.com"


def day(number, hour=10):
    return datetime(2026, 3, 1, hour, tzinfo=clock.SHANGHAI) + timedelta(days=number - 1)


def reachable(unit, name):
    """The people of a unit with addresses to be told at."""
    for role, user in (("officer", factories.officer_of(unit)), ("head", factories.head_of(unit))):
        User.objects.filter(pk=user.pk).update(email=f"{role}@{name}.example.com")
    return unit


@pytest.fixture
def traffic(db):
    return reachable(factories.make_unit("交通管理单位"), "traffic")


@pytest.fixture
def works(db):
    return reachable(factories.make_unit("建设与市政单位"), "works")


def post(user, name, args=(), **data):
    """One press in a session of its own, on the page as it stands; a refusal would show the page again."""
    client = Client()
    client.force_login(user)
    answer = client.post(reverse(name, args=args), data)
    assert answer.status_code == 302, answer.content.decode()


def now():
    """The referral, and what its page shows of its version."""
    row = Referral.objects.get()
    return row.pk, {"seen": row.version}


def refer(staff, idea, unit):
    given = {"instruction": "请现场核查后答复。", "unit": unit.pk, "acknowledge": 1, "answer": 3, "finish": 7}
    seen = {f"seen-{idea.pk}": Idea.objects.get(pk=idea.pk).version}
    post(staff, "admin:ideas_referral_send", idea=idea.pk, **seen, **given)


def office(staff, act, **data):
    pk, seen = now()
    post(staff, "admin:ideas_referral_act", [pk, act], **seen, **data)


def show_photos(staff):
    for photo in Photo.objects.order_by("pk"):
        pk, seen = now()
        post(staff, "admin:ideas_referral_photo", [pk, photo.key], shown="on", **seen)


def desk(user, act, **data):
    pk, seen = now()
    post(user, "unit-act", [pk, act], **seen, **data)


def hand_in(user, kind, public, *, stage, colour, **data):
    """An answer with the photo that shows it."""
    place = Referral.objects.get().places.get()
    files = {"photos": factories.photo_file(colour=colour), "stage": stage, "place": place.pk}
    desk(user, "hand-in", draft="", internal="", kind=kind, public=public, **data, **files)


def submit(client, campaign):
    """A resident's idea through the form; returns (receipt, query code)."""
    key = str(uuid4())
    steps = [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]
    assert client.post(steps[0], factories.form_data(email=HEAR, form_key=key)).status_code == 302
    client.post(steps[1], {"form_key": key})
    body = client.get(steps[2]).content.decode()
    return re.search(r'id="receipt">([^<]+)<', body)[1], re.search(r'id="query-code">([^<]+)<', body)[1]


def track(receipt, code):
    resident = Client()
    resident.post("/track/", {"receipt": receipt, "code": code})
    return resident


def letters(outbox, to):
    return [mail for mail in outbox if mail.to == [to]]


def work(moment):
    with clock.at(moment):
        call_command("work", once=True, verbosity=0)


def test_an_idea_is_returned_late_escalated_done_doubted_and_done(
    campaign, moderator, traffic, works, mailoutbox, settings
):
    settings.IDEAS_LEADERS = ["leader@example.com"]
    with clock.at(day(18)):  # a Wednesday
        receipt, code = submit(Client(), campaign)
        idea = Idea.objects.get(receipt=receipt)
        post(moderator, "admin:ideas_idea_decide", [idea.pk, "accept"], **{"accept-seen": idea.event_count})
        refer(moderator, idea, traffic)

    with clock.at(day(19)):
        desk(factories.officer_of(traffic), "return", reason="人行道设施，不属本单位。", unit=works.pk)
    with clock.at(day(20)):
        office(moderator, "reassign", unit=works.pk, words="请建设与市政单位承办。")

    for number in range(21, 32):  # nobody acknowledges
        work(day(number, hour=9))
    assert [len(letters(mailoutbox, to)) for to in ("officer@traffic.example.com", "leader@example.com")] == [0, 1]
    assert len(letters(mailoutbox, "officer@works.example.com")) >= 2
    assert len(letters(mailoutbox, "head@works.example.com")) >= 1

    officer, head = factories.officer_of(works), factories.head_of(works)
    with clock.at(day(31)):
        desk(officer, "acknowledge")
        plan = {"adoption": "adopted", "finish_on": "2026-04-10"}
        hand_in(officer, "plan", "采纳，四月十日前装好两盏路灯。", stage="before", colour="grey", **plan)
        desk(head, "approve")
        office(moderator, "release", public="采纳，四月十日前装好两盏路灯。")
        page = track(receipt, code).get("/track/").content.decode()
        assert ("建设与市政单位" in page, "四月十日前装好两盏路灯" in page, "2026-04-10" in page) == (True, True, True)

    with clock.at(day(40)):
        hand_in(officer, "done", "两盏路灯已亮。", stage="after", colour="gold")
        desk(head, "approve")
        office(moderator, "release", public="两盏路灯已亮。")
        show_photos(moderator)
        office(moderator, "close", looked_on="2026-04-09", looked_by="周某", found="两盏路灯已亮。")
        assert Referral.objects.get().state == ReferralState.CLOSED
        page = track(receipt, code).get("/track/").content.decode()
        assert (page.count("/photos/"), "整改前" in page, "整改后" in page) == (4, True, True)
    work(day(40, hour=11))
    assert list(violations()) == []
