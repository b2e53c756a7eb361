"""The list on notice: begun by one act, objected to, decided by somebody who did not sign, sealed and shown anew."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from ideas.choices import ObjectionState, OfficeAct, Role, Status
from ideas.errors import Lacking, NotPermitted, Refusal, Stale, WrongRole
from ideas.models import Campaign, Message, NoticeTerm, Objection, OfficeEvent, Shortlist, Unsealing
from ideas.queries import notices as queries
from ideas.queries.invariants import violations
from ideas.queries.shortlist import shown_digest
from ideas.services import notices as services
from ideas.services.exchange import consent_exchange, propose_exchange, refuse_exchange
from ideas.services.record import unseal_shortlist
from ideas.services.release import ask_release, release_due
from ideas.services.sealing import seal_shortlist
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
AT = clock.RATING_UNTIL  # a Saturday: five working days end on Friday, the first of May
LAST_DAY = date(2026, 5, 1)
DAY = timedelta(days=1)
OVER = AT + 7 * DAY


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.noticed_campaign(people.moderator)
    return factories.seal(campaign, (people.manager, people.second)).pk


@pytest.fixture
def sealed(told, db):
    return Shortlist.objects.select_related("campaign").get(pk=told)


@pytest.fixture
def notice(sealed, manager):
    return factories.put_on_notice(sealed, manager)


@pytest.fixture
def judge(db):
    """A manager who has signed nothing."""
    return factories.make_user(Role.MANAGER)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def decide(objection, staff, outcome="upheld", **overrides):
    row = Shortlist.objects.get(campaign=objection.notice.campaign_id)
    added = queries.next_for(row, objection.idea) if objection.idea else None
    given = {"reason": "经查属实。", "expected_version": row.version, "expected_next": added.receipt if added else ""}
    return services.decide_objection(
        objection=objection, staff=staff, at=AT + DAY, outcome=outcome, **{**given, **overrides}
    )


def listed(shortlist):
    return [entry.idea for entry in shortlist.entries.select_related("idea").order_by("rank")]


def ask(shortlist, manager, at):
    row = fresh(shortlist)
    return ask_release(
        shortlist=row, manager=manager, at=at, expected_version=row.version, expected_preview=shown_digest(row)
    )


def said(act):
    with pytest.raises(Refusal) as refused:
        act()
    return str(refused.value)


# --- The notice ------------------------------------------------------------------------------------------------------


def test_a_notice_runs_for_the_working_days_of_its_campaign(notice, sealed, manager):
    kept = {"number": 1, "days": 5, "last_day": LAST_DAY, "starts_at": AT, "ends_at": OVER, "stopped_at": None}
    assert {name: getattr(notice, name) for name in kept} == kept
    assert notice.signers == {sealed.first_seal_by_id, sealed.sealed_by_id}
    event = OfficeEvent.objects.get(act=OfficeAct.NOTICE_STARTED)
    assert (event.actor, event.detail) == (manager, {"until": "2026-05-01"})
    assert list(violations()) == []


def test_only_who_may_release_puts_a_list_on_notice(sealed, moderator):
    with pytest.raises(WrongRole):
        factories.put_on_notice(sealed, moderator)


def test_a_list_is_put_on_notice_once(notice, sealed, manager):
    assert "已在公示" in said(lambda: factories.put_on_notice(sealed, manager))


def test_a_list_that_is_not_sealed_is_not_put_on_notice(moderator, managers):
    campaign = factories.noticed_campaign(moderator)
    shortlist = factories.seal(campaign, managers)
    for manager in managers:
        unseal_shortlist(
            shortlist=shortlist, manager=manager, at=AT, expected_version=fresh(shortlist).version, reason="再看"
        )
    assert "封存" in said(lambda: factories.put_on_notice(shortlist, managers[0]))


def test_a_list_without_texts_is_not_put_on_notice(moderator, managers):
    campaign = factories.rated_campaign(moderator, 4)
    NoticeTerm.objects.create(campaign=campaign, days=3)
    shortlist = factories.seal(campaign, managers)
    assert listed(shortlist)[0].receipt in said(lambda: factories.put_on_notice(shortlist, managers[0]))


def test_the_last_day_must_be_the_one_that_the_page_showed(sealed, manager):
    with pytest.raises(Stale):
        services.start_notice(
            shortlist=sealed, manager=manager, at=AT, expected_version=sealed.version, last_day=LAST_DAY + DAY
        )


def test_a_campaign_without_a_notice_starts_none_and_is_released_as_before(moderator, managers):
    campaign = factories.noticed_campaign(moderator, days=0)
    shortlist = factories.seal(campaign, managers)
    row = fresh(shortlist)
    start = {"manager": managers[0], "at": AT, "expected_version": row.version, "last_day": LAST_DAY}
    assert "不设公示" in said(lambda: services.start_notice(shortlist=row, **start))
    factories.release_list(shortlist, managers)
    assert list(violations()) == []


# --- The release -----------------------------------------------------------------------------------------------------


def test_nothing_is_released_before_there_was_a_notice(sealed, manager):
    assert "先公示" in said(lambda: ask(sealed, manager, OVER))


def test_nothing_is_released_while_the_notice_runs(notice, sealed, manager):
    assert "公示至" in said(lambda: ask(sealed, manager, OVER - clock.BLINK))
    assert ask(sealed, manager, OVER).release_asked_by == manager


def test_nothing_is_released_while_an_objection_is_open(notice, sealed, manager, judge):
    objection = factories.objection(sealed.campaign)
    assert "1件异议" in said(lambda: ask(sealed, manager, OVER))
    decide(objection, judge, "rejected")
    assert ask(sealed, manager, OVER).release_asked_by == manager


def test_an_objection_that_is_typed_in_late_stops_a_release_that_is_held(notice, sealed, managers, moderator):
    factories.hold_list(sealed, managers, OVER + DAY)
    enter(sealed.campaign, moderator, at=OVER + timedelta(hours=1), received_on=LAST_DAY)
    release_due(at=OVER + DAY)
    assert (fresh(sealed).released_at, fresh(sealed).release_asked_by) == (None, None)
    assert OfficeEvent.objects.filter(act=OfficeAct.RELEASE_STOPPED).count() == 1


def test_after_the_notice_the_winners_are_released(notice, sealed, managers):
    factories.release_list(sealed, managers, OVER + DAY)
    assert (fresh(sealed.campaign).is_released, list(violations())) == (True, [])


# --- Objections ------------------------------------------------------------------------------------------------------


def enter(campaign, clerk, at=AT, **overrides):
    person = {"name": "林小满", "phone": "+8612012345678", "email": "", "words": "名单有误。"}
    fields = {"form_key": uuid4(), "ground": "facts", "idea": None, "source": "phone", "received_on": at.date()}
    return services.enter_objection(campaign=campaign, clerk=clerk, at=at, given=person, **{**fields, **overrides})


def test_an_objection_gets_a_number_that_its_contact_is_told(notice, sealed):
    idea = listed(sealed)[1]
    objection = factories.objection(sealed.campaign, idea=idea)
    assert (objection.idea, objection.state, objection.number[:4]) == (idea, ObjectionState.OPEN, "JMYY")
    message = Message.objects.get(template="objection")
    assert (message.idea, message.payload["address"]) == (None, "objector@example.com")
    assert message.payload["variables"]["number"] == objection.number


def test_who_objects_is_kept_encrypted(notice, sealed):
    factories.objection(sealed.campaign)
    with connection.cursor() as cursor:
        cursor.execute("SELECT given, reason FROM ideas_objection")
        [(given, reason)] = cursor.fetchall()
    assert (given.startswith("aesgcm:"), "林小满" in given, reason) == (True, False, "")


def test_the_same_form_sent_twice_is_one_objection(notice, sealed):
    key = uuid4()
    first, second = (factories.objection(sealed.campaign, form_key=key) for _time in range(2))
    assert (first.pk, Message.objects.filter(template="objection").count()) == (second.pk, 1)


@pytest.mark.parametrize(("at", "is_taken"), [(OVER - clock.BLINK, True), (OVER, False)])
def test_objections_are_taken_until_the_end_of_the_last_day(notice, sealed, at, is_taken):
    if is_taken:
        assert factories.objection(sealed.campaign, at=at).notice == notice
    else:
        assert "公示已结束" in said(lambda: factories.objection(sealed.campaign, at=at))


def test_without_a_notice_no_objection_is_taken(sealed):
    assert "公示已结束" in said(lambda: factories.objection(sealed.campaign))


@pytest.mark.parametrize("lacks", [{"name": " "}, {"words": ""}, {"phone": "", "email": ""}])
def test_name_contact_and_words_are_required(notice, sealed, lacks):
    with pytest.raises(Refusal):
        factories.objection(sealed.campaign, given=lacks)


def test_an_idea_that_is_not_listed_is_not_objected_to(notice, sealed):
    other = sealed.campaign.ideas.get(receipt=next(r for r in sealed.candidates if r not in sealed.proposed))
    with pytest.raises(Lacking):
        factories.objection(sealed.campaign, idea=other)


def test_one_address_sends_so_many_in_an_hour(notice, sealed, settings):
    settings.IDEAS_LIMIT_OBJECTIONS_HOUR = 1
    factories.objection(sealed.campaign)
    with pytest.raises(services.TooMany):
        factories.objection(sealed.campaign)
    assert factories.objection(sealed.campaign, at=AT + timedelta(hours=1)).is_waiting


def test_what_came_by_telephone_in_time_is_typed_in_after_the_notice(notice, sealed, moderator):
    objection = enter(sealed.campaign, moderator, at=OVER + DAY, received_on=LAST_DAY)
    assert (objection.source, objection.entered_by, objection.received_on) == ("phone", moderator, LAST_DAY)


@pytest.mark.parametrize("day", [LAST_DAY + DAY, AT.date() - DAY])
def test_what_came_too_late_or_too_early_is_not_typed_in(notice, sealed, moderator, day):
    with pytest.raises(Lacking):
        enter(sealed.campaign, moderator, at=OVER + DAY, received_on=day)


def test_a_panellist_types_in_nothing(notice, sealed):
    with pytest.raises(WrongRole):
        enter(sealed.campaign, factories.make_user(Role.PANELLIST))


# --- Decisions -------------------------------------------------------------------------------------------------------


def test_a_rejected_objection_changes_nothing_and_is_told_with_its_reason(notice, sealed, judge):
    objection = factories.objection(sealed.campaign, idea=listed(sealed)[0])
    decided = decide(objection, judge, "rejected", reason="不属实。")
    assert (decided.state, decided.decided_by, decided.reason) == (ObjectionState.REJECTED, judge, "不属实。")
    assert (fresh(sealed).is_sealed, Unsealing.objects.exists()) == (True, False)
    told = Message.objects.get(template="objection_decided").payload["variables"]
    assert (told["outcome"], told["reason"]) == ("不成立", "不属实。")


def test_who_signed_the_list_decides_nothing(notice, sealed, managers):
    objection = factories.objection(sealed.campaign)
    for manager in managers:
        with pytest.raises(NotPermitted):
            decide(objection, manager)
    assert fresh(objection).is_waiting


def test_a_moderator_decides_nothing(notice, sealed, moderator):
    with pytest.raises(WrongRole):
        decide(factories.objection(sealed.campaign), moderator)


def test_a_decision_needs_a_reason_and_is_made_once(notice, sealed, judge):
    objection = factories.objection(sealed.campaign)
    with pytest.raises(Refusal):
        decide(objection, judge, reason=" ")
    decide(objection, judge, "rejected")
    assert "已有决定" in said(lambda: decide(objection, judge))


def test_the_database_itself_takes_no_decision_without_a_reason(notice, sealed):
    objection = factories.objection(sealed.campaign)
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(state="upheld")


def test_an_upheld_objection_proposes_the_next_and_asks_for_the_opening(notice, sealed, judge):
    leaving = listed(sealed)[0]
    decided = decide(factories.objection(sealed.campaign, idea=leaving), judge)
    exchange, asked = decided.exchange, Unsealing.objects.get()
    assert (exchange.removed, exchange.added.receipt) == (leaving, sealed.candidates[3])
    assert (exchange.state, exchange.category, exchange.minutes_number) == ("waiting", "objection", decided.number)
    assert (asked.asked_by, asked.consented_by, decided.number in asked.reason) == (judge, None, True)
    assert fresh(sealed).is_sealed


def test_the_page_must_have_shown_who_moves_up(notice, sealed, judge):
    objection = factories.objection(sealed.campaign, idea=listed(sealed)[0])
    with pytest.raises(Stale):
        decide(objection, judge, expected_next=sealed.candidates[4])


def test_two_upheld_objections_move_up_two_ideas(notice, sealed, judge):
    for idea in listed(sealed)[:2]:
        decide(factories.objection(sealed.campaign, idea=idea), judge)
    waiting = [exchange.added.receipt for exchange in sealed.exchanges.waiting().order_by("pk")]
    assert waiting == sealed.candidates[3:5]


def test_two_objections_to_one_idea_share_the_exchange(notice, sealed, judge):
    idea = listed(sealed)[0]
    both = [factories.objection(sealed.campaign, idea=idea) for _time in range(2)]
    first, second = (decide(objection, judge) for objection in both)
    assert first.exchange == second.exchange


def test_where_nobody_can_move_up_nothing_is_decided(notice, sealed, judge):
    sealed.campaign.ideas.filter(status=Status.ACCEPTED).update(restricted=True)
    objection = factories.objection(sealed.campaign, idea=listed(sealed)[0])
    assert "递补" in said(lambda: decide(objection, judge))
    assert fresh(objection).is_waiting


def test_an_upheld_objection_to_the_whole_list_asks_for_the_opening_only(notice, sealed, manager, judge):
    decide(factories.objection(sealed.campaign), judge)
    assert (Unsealing.objects.count(), sealed.exchanges.count()) == (1, 0)
    assert "解除封存" in said(lambda: ask(sealed, manager, OVER))


def test_what_was_upheld_is_not_released_though_its_exchange_is_refused(notice, sealed, manager, judge):
    idea = listed(sealed)[0]
    decided = decide(factories.objection(sealed.campaign, idea=idea), judge)
    row = fresh(sealed)
    refuse_exchange(exchange=decided.exchange, manager=manager, at=AT + DAY, expected_version=row.version)
    assert idea.receipt in said(lambda: ask(sealed, manager, OVER))


def opened(sealed, manager):
    """A second person consents to the opening."""
    unseal_shortlist(
        shortlist=sealed, manager=manager, at=AT + 2 * DAY, expected_version=fresh(sealed).version, reason=""
    )


def test_opening_the_seal_stops_the_notice(notice, sealed, manager, judge):
    decide(factories.objection(sealed.campaign, idea=listed(sealed)[0]), judge)
    opened(sealed, manager)
    assert (fresh(notice).stopped_at, list(queries.ideas_on_notice(fresh(notice)))) == (AT + 2 * DAY, [])
    assert "公示已结束" in said(lambda: factories.objection(sealed.campaign, at=AT + 2 * DAY))
    assert list(violations()) == []


def test_a_list_is_not_sealed_with_an_idea_that_was_taken_off(notice, sealed, manager, judge):
    idea = listed(sealed)[0]
    decided = decide(factories.objection(sealed.campaign, idea=idea), judge)
    opened(sealed, manager)
    row = fresh(sealed)
    refuse_exchange(exchange=decided.exchange, manager=manager, at=AT + 2 * DAY, expected_version=row.version)
    row = fresh(sealed)
    seal = {"manager": manager, "at": AT + 2 * DAY, "expected_version": row.version}
    assert idea.receipt in said(lambda: seal_shortlist(shortlist=row, **seal))


def test_an_idea_that_was_taken_off_does_not_come_back(notice, sealed, managers, judge):
    """Somebody could exchange it in again by hand; then it cannot be sealed."""
    idea = listed(sealed)[0]
    decided = decide(factories.objection(sealed.campaign, idea=idea), judge)
    opened(sealed, managers[0])
    at = AT + 2 * DAY
    row = fresh(sealed)
    consent_exchange(exchange=decided.exchange, manager=managers[0], at=at, expected_version=row.version)
    row, words = fresh(sealed), {"category": "other", "reason": "会议决定", **factories.MINUTES}
    back = propose_exchange(
        shortlist=row,
        removed=decided.exchange.added,
        added=idea,
        manager=managers[0],
        at=at,
        expected_version=row.version,
        **words,
    )
    consent_exchange(exchange=back, manager=judge, at=at, expected_version=fresh(sealed).version)
    row = fresh(sealed)
    seal = {"manager": managers[0], "at": at, "expected_version": row.version}
    assert idea.receipt in said(lambda: seal_shortlist(shortlist=row, **seal))


# --- Persons ---------------------------------------------------------------------------------------------------------


def test_a_contact_is_shown_for_a_purpose_and_logged(notice, sealed, manager):
    objection = factories.objection(sealed.campaign)
    assert objection.masked_contact != "+8612012345678"
    contact = services.show_objector(objection=objection, staff=manager, at=AT, purpose="question")
    assert (contact.name, contact.email) == ("林小满", "objector@example.com")
    event = OfficeEvent.objects.get(act=OfficeAct.SHOW_CONTACT)
    assert event.detail == {"purpose": "question", "objection": objection.number}


def test_no_contact_is_shown_to_those_who_oversee(notice, sealed, auditor):
    with pytest.raises(WrongRole):
        services.show_objector(objection=factories.objection(sealed.campaign), staff=auditor, at=AT, purpose="question")


def test_an_erased_objection_keeps_its_decision_only(notice, sealed, judge):
    objection = factories.objection(sealed.campaign)
    erase = {"objection": objection, "staff": judge, "at": AT + DAY}
    assert "先" in said(lambda: services.erase_objector(**erase))
    decide(objection, judge, "rejected")
    erased = services.erase_objector(**erase)
    assert (erased.given, erased.reason, erased.masked_contact) == ({}, "经查属实。", "")
    assert list(violations()) == []


def test_a_campaign_of_before_has_no_notice_and_its_old_word_holds(campaign):
    assert (queries.days_of(Campaign.objects.get(pk=campaign.pk)), list(violations())) == (0, [])
