"""One idea at the units, page by page: given, returned, given to another, late and escalated, answered, done, doubted
by its resident, done at last."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from ideas.choices import ReferralState
from ideas.demo.campaigns import make_campaign
from ideas.demo.handling import Course, hand_out
from ideas.demo.people import UNITS
from ideas.demo.seeding import SeedPlan, seed_campaign
from ideas.demo.start import cast, prepare_staff
from ideas.demo.texts import texts_of
from ideas.models import Idea, Photo, Referral, Supervision, User
from ideas.queries.board import board
from ideas.queries.invariants import violations
from ideas.services.roles import sync_roles
from ideas.services.screening import accept_idea
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
    answer = as_user(user).post(reverse(name, args=args), data)
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


def say(receipt, code, **verdict):
    """What the resident makes of it, on the page that asks."""
    resident = track(receipt, code)
    form = resident.get("/track/verdict/").context["form"]
    seen = {name: form.get_initial_for_field(form.fields[name], name) for name in ("seen", "closing")}
    answer = resident.post("/track/verdict/", {**seen, **verdict})
    assert answer.status_code == 302, answer.content.decode()


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


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
        office(moderator, "release", public="采纳，四月十日前装好两盏路灯。", finish_by="2026-04-10")
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
        say(receipt, code, is_solved="no", satisfaction="not", words="东门往南还有八十米没有灯。")
        assert Referral.objects.get().state == ReferralState.PLANNED
        assert (
            "东门往南还有八十米没有灯"
            in as_user(officer).get(reverse("unit-referral", args=[now()[0]])).content.decode()
        )
    work(day(40, hour=11))
    assert len([mail for mail in letters(mailoutbox, "head@works.example.com") if "JM26-J001" in mail.body]) >= 2

    with clock.at(day(44)):
        hand_in(officer, "done", "南段八十米也已亮灯。", stage="after", colour="ivory")
        desk(head, "approve")
        office(moderator, "release", public="南段八十米也已亮灯。")
        office(moderator, "close", looked_on="2026-04-13", looked_by="周某", found="全段已亮。")
        say(receipt, code, is_solved="yes", satisfaction="satisfied", words="")
        referral, page = Referral.objects.get(), track(receipt, code).get("/track/").content.decode()
        assert (referral.state, "南段八十米也已亮灯" in page) == (ReferralState.CLOSED, True)
    work(day(44, hour=11))
    told = [mail.subject for mail in letters(mailoutbox, HEAR)]
    assert len(told) == 7  # received, accepted, three answers, and twice that it is closed
    assert list(violations()) == []


COURSE_NAMES = [
    *("on time", "late", "sent back", "kept", "returned", "planned", "overdue", "done", "quick", "answered"),
    *("acknowledged", "unanswered", "returned now", "sent", "not adopted"),
]


def sixty_days(count):
    """A campaign of so many accepted ideas, each given to one of twelve units on the way that the dice choose; and the
    moment at which it is counted."""
    until = day(18, hour=18) + timedelta(days=60)
    dates = {"announced_at": day(1), "opens_at": day(18, hour=0), "closes_at": until, "rating_from": None}
    campaign = make_campaign("safer", slug="sixty-days", at=until, **dates, rating_until=None)
    actors = cast()
    plan = SeedPlan(campaign=campaign, stage="collecting", until=day(48, hour=9), seed=7, cast=actors)
    seed_campaign(plan, [replace(text, outcome="received", restricted="") for text in texts_of("safer")[:count]], count)
    with transaction.atomic():
        for idea in campaign.ideas.all():
            accept_idea(idea=idea, moderator=actors.moderator, at=idea.received_at)
    dice = Random(7)
    units = [key for key, _name, _english in UNITS]
    courses = [
        Course(
            idea,
            unit=units[number % 12],
            course=(course := dice.choice(COURSE_NAMES)),
            plan="未采纳。现有条件下办不成。" if course == "not adopted" else "采纳。下月办完。",
            done="已办完。",
            reason="不属本单位。",
            better=units[(number + 1) % 12],
            keep="请继续办理。",
        )
        for number, idea in enumerate(campaign.ideas.by_receipt())
    ]
    hand_out(campaign, courses, office=actors.managers[0], until=until, dice=dice)
    return campaign, until


def counted_by_hand(referral, today):
    """What the board says of one referral, told from its events alone."""
    events = list(referral.events.order_by("number"))
    begun = max(event.number for event in events if event.act in ("send", "reassign"))
    own = [event for event in events if event.number >= begun]
    state, due = events[-1].after, {"sent": "acknowledge_by", "acknowledged": "answer_by", "planned": "finish_by"}
    day_that_runs = getattr(referral, due[state]) if state in due else None
    return {
        "all": 1,
        "open": int(state not in ("closed", "recalled")),
        "due": int(day_that_runs is not None and today <= day_that_runs <= today + timedelta(days=1)),
        "overdue": int(day_that_runs is not None and day_that_runs < today),
        "returned": int(state == "returned"),
        "answered": int(any(event.act in ("plan", "report") for event in own)),
    }


@pytest.mark.any_database  # what the board counts is tried on both by its own tests
def test_the_sheet_of_a_campaign_of_sixty_days_adds_up_to_the_last_row(tmp_path):
    sync_roles()
    prepare_staff(tmp_path / "logins.txt")
    campaign, until = sixty_days(280)
    today, hand = localdate(until), defaultdict(Counter)
    for referral in campaign.referrals.select_related("unit"):
        hand[referral.unit.name].update(counted_by_hand(referral, today))
    manager = User.objects.get(username="manager1")
    shown = {row.label: row.tally for row in board(manager, until, campaign).rows}
    assert (len(shown), campaign.referrals.count()) == (12, 280)
    for name, counts in hand.items():
        assert {key: shown[name][key] for key in counts} == dict(counts), name
    for by in ("unit", "topic", "street"):
        whole = board(manager, until, campaign, by=by)
        assert sum((row.tally.counts for row in whole.rows), Counter())["all"] == whole.total["all"] == 280
        assert whole.total.counts == board(manager, until, campaign).total.counts
    assert all(sum(counts[key] for counts in hand.values()) for key in ("open", "overdue", "returned", "answered"))
    told = Supervision.objects.values_list("referral", "unit", "order", "runs", "due_on", "step")
    assert len(told) == len(set(told)) > 280
    assert list(violations()) == []
