"""Many hands at once, on real connections: what must happen once happens once. See bench/ for the large figures."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, BoundedSemaphore
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ideas.choices import OfficeAct, Role, Source, Status
from ideas.errors import Refusal
from ideas.models import Draft, Exchange, Idea, Mark, Message, OfficeEvent, Rating, Resident, Shortlist, User
from ideas.queries.invariants import violations
from ideas.queries.panel import panel_version
from ideas.services import drafts, intake, logins, throttle, tracking, triage
from ideas.services.contacts import show_contact
from ideas.services.exchange import consent_exchange, propose_exchange, refuse_exchange
from ideas.services.imports import Row, import_rows
from ideas.services.messages import claim
from ideas.services.panel import add_assignments, assign_first_round, remind_panel, replace_panellist, stand_aside
from ideas.services.proposal import propose_shortlist
from ideas.services.screening import accept_idea, decline_idea, merge_idea
from ideas.services.sealing import seal_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db(transaction=True)


CONNECTIONS = 20  # at a time: several test processes share the hundred that PostgreSQL takes


def at_once(acts):
    """Run all acts in threads of their own, started together; returns what each returned or raised.

    All of them are fired at once; on the way to the database there is room for so many connections, as behind a pool.
    """
    barrier, room = Barrier(len(acts)), BoundedSemaphore(CONNECTIONS)

    def run(act):
        barrier.wait()
        with room:
            try:
                return act()
            except Exception as error:
                return error
            finally:
                connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusals(outcomes):
    return [outcome for outcome in outcomes if isinstance(outcome, Refusal)]


def errors(outcomes):
    """What went wrong that is not a refusal, e.g. "database is locked"."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception) and not isinstance(outcome, Refusal)]


def test_one_form_sent_twenty_times_at_once_is_one_idea(campaign):
    for _ in range(10):
        key = uuid4()
        factories.make_draft(campaign, key=key)
        acts = [lambda key=key: drafts.send_draft(key=key, campaign=campaign, at=clock.DURING)] * 20
        outcomes = at_once(acts)
        assert errors(outcomes) == []
        assert len({(sent.idea.receipt, sent.code) for sent in outcomes}) == 1
    assert (Idea.objects.count(), Message.objects.count(), list(violations())) == (10, 10, [])


def test_the_same_form_posted_at_once_by_a_browser_gets_one_answer(campaign):
    data = factories.form_data(form_key=str(uuid4()))
    steps = [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]

    def post():
        client = Client()
        client.post(steps[0], data)
        client.post(steps[1], {"form_key": data["form_key"]})
        return tuple(re.findall(rb'id="(?:receipt|query-code)">([^<]+)<', client.get(steps[2]).content))

    with clock.at(clock.DURING):
        outcomes = at_once([post] * 12)
    assert (errors(outcomes), len(set(outcomes)), Idea.objects.count()) == ([], 1, 1)


@pytest.mark.parametrize("turns", [1, 2])
def test_one_file_taken_in_by_managers_and_the_command_at_once_goes_in_once_a_turn(campaign, managers, turns):
    rows = [Row(factories.answers(), Source.PAPER, clock.DURING.date()) for _ in range(5)]

    def press(manager, turn, number):
        at = clock.DURING + (turn * 10 + number) * clock.BLINK
        return import_rows(campaign=campaign, rows=rows, manager=manager, at=at, form="file", turn=turn)

    for turn in range(1, turns + 1):
        acts = [partial(press, manager, turn, number) for number, manager in enumerate([*managers, None] * 2)]
        assert at_once(acts) == [5] * 6
    assert (Idea.objects.count(), OfficeEvent.objects.count(), list(violations())) == (5 * turns, turns, [])


def test_many_residents_at_once_lose_nothing(campaign):
    def send(number):
        key = uuid4()
        factories.make_draft(campaign, key=key)
        return drafts.send_draft(key=key, campaign=campaign, at=clock.DURING).idea.receipt

    outcomes = at_once([lambda n=n: [send(n) for _ in range(5)] for n in range(32)])
    assert errors(outcomes) == []
    told = {receipt for outcome in outcomes for receipt in outcome}
    assert (len(told), set(Idea.objects.values_list("receipt", flat=True))) == (160, told)
    assert list(violations()) == []


@pytest.mark.parametrize(("owner", "step"), [(intake, "new_messages"), (Resident, "save"), (Draft, "save")])
def test_a_failure_at_any_step_leaves_nothing_behind(campaign, monkeypatch, owner, step):
    """Idea, resident, event, message and the end of the draft are one transaction."""
    key = uuid4()
    factories.make_draft(campaign, key=key)

    def broken(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr(owner, step, broken)
    with pytest.raises(RuntimeError):
        drafts.send_draft(key=key, campaign=campaign, at=clock.DURING)
    assert (Idea.objects.count(), Message.objects.count(), Draft.objects.get().idea) == (0, 0, None)


def test_two_moderators_on_one_idea_decide_it_once(campaign, moderator):
    other = factories.make_user(Role.MODERATOR)
    for _ in range(10):
        idea = factories.make_idea(campaign)
        outcomes = at_once(
            [
                lambda idea=idea: accept_idea(idea=idea, moderator=moderator, at=clock.DURING, expected_version=1),
                lambda idea=idea: decline_idea(
                    idea=idea, moderator=other, at=clock.DURING, declined_as="insult", reason="x", expected_version=1
                ),
            ]
        )
        assert (len(refusals(outcomes)), errors(outcomes), idea.events.count()) == (1, [], 2)


def test_thirty_stay_thirty_under_fifty_exchanges_at_once(moderator, managers):
    """Proposals, consents and refusals of both managers, some from pages that others have just made outdated.

    Who is faster is chance: the rounds go on until an exchange was made too.
    """
    campaign = factories.rated_campaign(moderator, ideas=14, places=6)
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    given = {"reason": "并行", "at": clock.RATING_UNTIL, **factories.MINUTES}
    for played in range(20):
        if played >= 4 and Exchange.objects.made().exists():
            break
        listed = list(campaign.ideas.filter(status=Status.SHORTLISTED).by_receipt())
        outside = list(campaign.ideas.filter(status=Status.ACCEPTED).by_receipt())
        waiting = list(Exchange.objects.waiting())
        version = Shortlist.objects.get().version

        def act(number, version=version, listed=listed, outside=outside, waiting=waiting):
            page = {"manager": managers[number % 2], "expected_version": version + number % 4}
            if waiting and number % 3:
                decide = refuse_exchange if number % 7 == 0 else consent_exchange
                return decide(exchange=waiting[number % len(waiting)], at=clock.RATING_UNTIL, **page)
            out, put_in = listed[number % 6], outside[number % 8]
            return propose_exchange(shortlist=shortlist, removed=out, added=put_in, **page, **given)

        outcomes = at_once([lambda n=n: act(n) for n in range(50)])
        assert (errors(outcomes), shortlist.entries.count()) == ([], 6)
    assert campaign.ideas.filter(status=Status.SHORTLISTED).count() == 6
    assert Exchange.objects.made().exists()
    assert list(violations()) == []


def test_one_exchange_is_made_once_by_twenty_consents(moderator, managers):
    campaign = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    best, *_, worst = campaign.ideas.by_receipt()
    given = {"reason": "并行", "at": clock.RATING_UNTIL, **factories.MINUTES}
    asked = propose_exchange(
        shortlist=shortlist, removed=best, added=worst, manager=managers[0], expected_version=1, **given
    )
    acts = [
        lambda: consent_exchange(exchange=asked, manager=managers[1], at=clock.RATING_UNTIL, expected_version=2)
    ] * 20
    outcomes = at_once(acts)
    assert (len(refusals(outcomes)), errors(outcomes), shortlist.entries.count()) == (19, [], 3)
    assert list(violations()) == []


def test_one_manager_clicking_twice_at_once_does_not_seal(moderator, managers):
    campaign = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)

    def sign():
        version = Shortlist.objects.get(pk=shortlist.pk).version
        return seal_shortlist(shortlist=shortlist, manager=managers[0], at=clock.RATING, expected_version=version)

    outcomes = at_once([sign] * 8)
    row = Shortlist.objects.get()
    assert (errors(outcomes), row.first_seal_by, row.is_sealed) == ([], managers[0], False)


def test_of_a_thousand_wrong_codes_at_once_ten_are_looked_at(campaign):
    sent = factories.receive(campaign)

    def guess(start):
        client, pair = Client(), {"receipt": sent.idea.receipt}
        codes = (f"{start + number:08d}" for number in range(20))
        return [client.post("/track/", {**pair, "code": code}).status_code for code in codes]

    with clock.at(clock.DURING):
        outcomes = at_once([lambda n=n: guess(20 * n) for n in range(50)])
    statuses = [status for outcome in outcomes if not isinstance(outcome, Exception) for status in outcome]
    assert (errors(outcomes), statuses.count(200), statuses.count(429)) == ([], 10, 990)


def test_of_a_thousand_wrong_codes_at_once_from_one_address_ten_are_looked_at(campaign):
    """And nobody elsewhere is locked out: the right code opens the idea from another address meanwhile."""
    sent = factories.receive(campaign)

    def guess(start):
        client, statuses = Client(), []
        for number in range(start, start + 20):
            pair = {"receipt": sent.idea.receipt, "code": f"{number:08d}"}
            statuses.append(client.post("/track/", pair, REMOTE_ADDR="203.0.113.7").status_code)
        right = {"receipt": sent.idea.receipt, "code": sent.code}
        assert client.post("/track/", right, REMOTE_ADDR=f"198.51.100.{start // 20}").status_code == 302
        return statuses

    with clock.at(clock.DURING):
        outcomes = at_once([lambda n=n: guess(20 * n) for n in range(50)])
    statuses = [status for outcome in outcomes if not isinstance(outcome, Exception) for status in outcome]
    assert (errors(outcomes), statuses.count(200), statuses.count(429)) == ([], 10, 990)


def let_in(number, address):
    try:
        logins.begin_login(username="su", address=address, at=clock.DURING)
    except logins.Locked:
        return False
    return True


def test_of_a_hundred_log_ins_at_once_from_one_sender_ten_passwords_are_looked_at():
    outcomes = at_once([lambda n=n: let_in(n, f"2001:db8:1:2::{n:x}") for n in range(100)])
    assert (errors(outcomes), outcomes.count(True)) == ([], logins.MOST)


def test_of_a_hundred_log_ins_at_once_from_as_many_senders_the_name_takes_its_ceiling():
    outcomes = at_once([lambda n=n: let_in(n, f"203.0.113.{n}") for n in range(100)])
    assert (errors(outcomes), outcomes.count(True)) == ([], logins.CEILING)


def test_a_window_that_begins_anew_for_many_at_once_lets_all_of_them_through():
    throttle.consume("test", "a", most=20, per=timedelta(hours=1), at=clock.DURING)
    later = clock.DURING + timedelta(hours=1)
    outcomes = at_once([lambda: throttle.consume("test", "a", most=20, per=timedelta(hours=1), at=later)] * 20)
    assert outcomes == [True] * 20


def test_new_codes_for_two_ideas_of_one_contact_are_limited_exactly_at_once(campaign, settings):
    settings.IDEAS_LIMIT_MESSAGES_CONTACT_DAY = 6
    receipts = [factories.make_idea(campaign).receipt for _ in range(2)]
    before = Message.objects.count()

    def ask(number):
        given = {"phone": "", "email": "resident@example.com", "address": f"198.51.100.{number}"}
        tracking.send_new_code(receipt=receipts[number % 2], **given, at=clock.DURING)

    outcomes = at_once([lambda n=n: ask(n) for n in range(12)])
    assert (errors(outcomes), Message.objects.filter(template="new_code").count()) == ([], 6), before


def test_of_twenty_amendments_of_one_page_one_is_taken(campaign):
    idea = factories.make_idea(campaign)
    words = {"topic": "road", "problem": "x", "proposal": "x", "area": "unknown", "place": ""}

    def amend(number):
        given = {**words, "title": f"第{number}次"}
        tracking.amend_idea(idea=idea, words=given, at=clock.DURING, expected_version=1)

    outcomes = at_once([lambda n=n: amend(n) for n in range(20)])
    assert (len(refusals(outcomes)), errors(outcomes), idea.versions.count()) == (19, [], 1)
    assert list(violations()) == []


def test_an_idea_is_not_merged_into_one_that_is_withdrawn_at_the_same_time(campaign, moderator):
    for _ in range(8):
        lead = factories.make_idea(campaign)
        others = [factories.make_idea(campaign, at=clock.DURING + clock.BLINK) for _ in range(3)]
        acts = [
            lambda other=other, lead=lead: merge_idea(idea=other, into=lead, moderator=moderator, at=clock.DURING)
            for other in others
        ]
        acts.append(lambda lead=lead: tracking.withdraw_idea(idea=lead, at=clock.DURING, expected_version=1))
        assert errors(at_once(acts)) == []
        assert (Idea.objects.get(pk=lead.pk).status, lead.merged.count()) == (Status.WITHDRAWN, 0)
    assert list(violations()) == []


def test_twenty_posts_of_one_rating_leave_one(campaign, moderator):
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign, 2)
    assignment = factories.assigned(campaign)[0]
    outcomes = at_once([lambda n=n: factories.rate(assignment, 1 + n % 10) for n in range(20)])
    assert (errors(outcomes), Rating.objects.count(), Mark.objects.count()) == ([], 1, 4)
    assert len(set(Mark.objects.values_list("points", flat=True))) == 1


def test_nobody_rates_and_stands_aside_at_once(campaign, moderator):
    factories.accepted(campaign, moderator, 10)
    factories.make_panel(campaign, 2)
    for assignment in factories.assigned(campaign):
        user = assignment.panellist.user
        outcomes = at_once(
            [
                lambda assignment=assignment: factories.rate(assignment),
                lambda assignment=assignment, user=user: stand_aside(
                    assignment=assignment, panellist=user, reason="认识建议人", at=clock.RATING
                ),
            ]
        )
        assert (len(refusals(outcomes)), errors(outcomes)) == (1, [])
    assert list(violations()) == []


def test_the_panel_is_assigned_once_by_two_clicks(campaign, moderator):
    factories.accepted(campaign, moderator, 6)
    factories.make_panel(campaign, 3)
    acts = [lambda: assign_first_round(campaign=campaign, per_idea=2, seed=1, at=clock.RATING).made] * 4
    assert sorted(at_once(acts)) == [0, 0, 0, 12]


def test_two_managers_who_remind_at_once_send_one_reminder(campaign, moderator, managers):
    """Each before a page that shows no reminder by the other."""
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 3)
    factories.assigned(campaign)
    User.objects.update(email="juror@example.com")
    seen = {"at": clock.RATING, "expected_version": panel_version(campaign)}
    acts = [
        lambda manager=manager: remind_panel(campaign=campaign, manager=manager, **seen) for manager in managers * 3
    ]
    outcomes = at_once(acts)
    mails = Message.objects.filter(template="panel_reminder").count()
    assert (len(refusals(outcomes)), errors(outcomes), mails) == (5, [], 3)


def test_nobody_is_given_an_idea_by_one_manager_while_another_replaces_them(campaign, moderator, managers):
    for _ in range(5):
        campaign = factories.make_campaign()
        ideas = factories.accepted(campaign, moderator, 4)
        member = factories.make_panel(campaign, 3)[0]
        factories.assigned(campaign)
        free = next(idea for idea in ideas if not idea.assignments.filter(panellist=member).exists())
        seen = {"at": clock.RATING, "expected_version": panel_version(campaign)}
        common = {"panellist": member, "reason": "专业对口", **seen}
        outcomes = at_once(
            [
                lambda common=common, free=free: add_assignments(ideas=[free], manager=managers[0], **common),
                lambda common=common: replace_panellist(seed=1, manager=managers[1], **common),
            ]
        )
        assert (len(refusals(outcomes)), errors(outcomes)) == (1, [])
    assert list(violations()) == []


def test_workers_at_once_never_take_the_same_message(campaign):
    for _ in range(40):
        factories.make_idea(campaign)
    outcomes = at_once([lambda: [message.pk for message in claim(at=clock.DURING, most=10)]] * 6)
    taken = [pk for outcome in outcomes for pk in outcome]
    assert (errors(outcomes), len(taken), len(set(taken))) == ([], 40, 40)


def test_five_moderators_screen_one_queue_of_five_hundred_without_meeting(campaign):
    texts = factories.answers()
    for number in range(500):
        intake.receive_idea(campaign=campaign, answers=texts, at=clock.OPENS + timedelta(minutes=number))
    people = [factories.make_user(Role.MODERATOR) for _ in range(5)]

    def screen(moderator):
        done = []
        while idea := triage.claim_next(campaign_id=campaign.pk, moderator=moderator, at=clock.DURING):
            accept_idea(idea=idea, moderator=moderator, at=clock.DURING, expected_version=idea.event_count)
            triage.release_claims(moderator=moderator)
            done.append(idea.pk)
        return done

    outcomes = at_once([lambda m=m: screen(m) for m in people])
    assert errors(outcomes) == []
    screened = [pk for done in outcomes for pk in done]
    assert (len(screened), len(set(screened))) == (500, 500)
    assert set(campaign.ideas.values_list("status", flat=True)) == {Status.ACCEPTED}


def test_one_idea_is_claimed_by_one_of_twenty(campaign):
    idea = factories.make_idea(campaign)
    people = [factories.make_user(Role.MODERATOR) for _ in range(20)]
    outcomes = at_once([lambda m=m: triage.claim(idea=idea, moderator=m, at=clock.DURING) for m in people])
    assert (errors(outcomes), outcomes.count(True)) == ([], 1)


def test_many_looks_at_once_alert_once(campaign, moderator, settings):
    """The counting stands in the transaction of the look, one person's looks one after another."""
    settings.IDEAS_CONTACT_ALERT = 5
    idea = factories.make_idea(campaign)
    look = {"idea": idea, "staff": moderator, "at": clock.DURING, "purpose": "question"}
    outcomes = at_once([lambda: show_contact(**look)] * 12)
    acts = list(OfficeEvent.objects.values_list("act", flat=True))
    assert (errors(outcomes), acts.count(OfficeAct.SHOW_CONTACT), acts.count(OfficeAct.MANY_CONTACTS)) == ([], 12, 1)
