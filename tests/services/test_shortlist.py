from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from ideas.choices import ExchangeState, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Campaign, Exchange, Idea, Message, PendingText, Quota, Rating, SealedRecord, Shortlist, Tier
from ideas.queries.invariants import violations
from ideas.queries.shortlist import members_of, quota_lines, why_lapsed
from ideas.services import exchange as exchanges
from ideas.services import proposal, sealing
from ideas.services.campaigns import vouch_campaign
from ideas.services.publishing import check_text, edit_published, release_text
from ideas.services.screening import classify_idea, decline_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL


@pytest.fixture(scope="module")
def told(people):
    return factories.rated_campaign(people.moderator).pk


@pytest.fixture
def rated(told, db):
    """Five rated ideas for three places; idea 0 is the best."""
    return Campaign.objects.get(pk=told)


@pytest.fixture
def proposed(rated, manager):
    return proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)


def ideas_of(campaign):
    return list(campaign.ideas.by_receipt())


def listed(shortlist):
    return [entry.idea_id for entry in shortlist.entries.order_by("rank")]


def exchange(shortlist, manager, out, put_in, **overrides):
    """Proposed by a manager, consented to by another one."""
    return factories.exchange(shortlist, (manager, factories.make_user(Role.MANAGER)), out, put_in, **overrides)


def seal(shortlist, manager, version=None):
    version = version or Shortlist.objects.get(pk=shortlist.pk).version
    return sealing.seal_shortlist(shortlist=shortlist, manager=manager, at=AT, expected_version=version)


def release(shortlist, manager):
    return factories.release_list(shortlist, (manager, factories.make_user(Role.MANAGER)))


def write_texts(shortlist, editor):
    for entry in shortlist.entries.select_related("idea"):
        edit_published(idea=entry.idea, editor=editor, at=AT, title="公开题目", text="公开正文")


def test_the_best_rated_fill_the_places(rated, proposed):
    assert listed(proposed) == [idea.pk for idea in ideas_of(rated)[:3]]
    assert [idea.status for idea in ideas_of(rated)] == [Status.SHORTLISTED] * 3 + [Status.ACCEPTED] * 2


def test_too_few_rated_ideas_are_refused(moderator):
    with pytest.raises(Refusal):
        proposal.propose_shortlist(campaign=factories.rated_campaign(moderator, places=6), at=AT)


def test_proposing_again_replaces_an_unsealed_list(rated, proposed, manager):
    exchange(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[4])
    again = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    assert listed(again) == [idea.pk for idea in ideas_of(rated)[:3]]


def test_a_tie_across_the_cut_is_written_down(moderator):
    campaign = factories.make_campaign(places=1)
    ideas = factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 2)
    for assignment in factories.assigned(campaign):
        factories.rate(assignment, 6)
    shortlist = proposal.propose_shortlist(campaign=campaign, at=AT)
    assert (listed(shortlist), shortlist.tied) == ([ideas[0].pk], [idea.receipt for idea in ideas])


def test_an_exchange_keeps_the_number_and_the_reason(rated, proposed, manager):
    best, _, _, fourth, _ = ideas_of(rated)
    exchange(proposed, manager, best, fourth, reason="与在办项目重复")
    best.refresh_from_db()
    fourth.refresh_from_db()
    assert (proposed.entries.count(), best.status, fourth.status) == (3, Status.ACCEPTED, Status.SHORTLISTED)
    assert proposed.exchanges.get().reason == "与在办项目重复"


def test_an_exchanged_idea_takes_the_place_of_its_score(rated, proposed, manager):
    first, second, third, fourth, _ = ideas_of(rated)
    exchange(proposed, manager, first, fourth)
    assert listed(proposed) == [second.pk, third.pk, fourth.pk]


def test_an_exchange_needs_a_reason(rated, proposed, manager):
    with pytest.raises(Refusal):
        exchange(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3], reason=" ")


def test_only_accepted_ideas_of_the_campaign_come_in(rated, proposed, manager, moderator):
    on_the_list, foreign = ideas_of(rated)[1], factories.accepted(factories.make_campaign(), moderator)[0]
    for idea in (on_the_list, foreign):
        with pytest.raises(Refusal):
            exchange(proposed, manager, ideas_of(rated)[0], idea)
    assert proposed.entries.count() == 3


def test_an_exchange_on_an_outdated_page_is_refused(rated, proposed, manager):
    first, second, _, fourth, fifth = ideas_of(rated)
    exchange(proposed, manager, first, fourth, expected_version=proposed.version)
    with pytest.raises(Stale):
        exchange(proposed, manager, second, fifth, expected_version=proposed.version)


def test_it_takes_two_people_to_seal(proposed, managers):
    assert not seal(proposed, managers[0]).is_sealed
    assert seal(proposed, managers[1]).is_sealed


def test_the_same_person_cannot_sign_twice(proposed, manager):
    seal(proposed, manager)
    with pytest.raises(NotPermitted):
        seal(proposed, manager)
    assert not Shortlist.objects.get(pk=proposed.pk).is_sealed


def test_the_database_itself_refuses_one_person_as_both(proposed, manager):
    with pytest.raises(IntegrityError), transaction.atomic():
        Shortlist.objects.filter(pk=proposed.pk).update(first_seal_by=manager, sealed_by=manager, sealed_at=AT)


def test_an_exchange_after_the_first_signature_takes_it_away(rated, proposed, managers):
    seal(proposed, managers[0])
    exchange(proposed, managers[1], ideas_of(rated)[0], ideas_of(rated)[3])
    assert not seal(proposed, managers[1]).is_sealed


def test_a_signature_is_given_to_the_list_that_was_seen(rated, proposed, managers):
    exchange(proposed, managers[0], ideas_of(rated)[0], ideas_of(rated)[3])
    with pytest.raises(Stale):
        seal(proposed, managers[1], version=proposed.version)


def test_a_sealed_list_does_not_change(rated, proposed, managers):
    for manager in managers:
        seal(proposed, manager)
    for act in (
        lambda: exchange(proposed, managers[0], ideas_of(rated)[0], ideas_of(rated)[3]),
        lambda: proposal.propose_shortlist(campaign=rated, manager=managers[0], at=AT),
        lambda: seal(proposed, managers[0]),
    ):
        with pytest.raises(Refusal):
            act()
    assert proposed.entries.count() == 3


def test_only_a_sealed_list_is_released(proposed, managers, moderator):
    write_texts(proposed, moderator)
    seal(proposed, managers[0])
    with pytest.raises(Refusal):
        release(proposed, managers[0])


def test_a_list_without_published_texts_is_not_released(proposed, managers):
    for manager in managers:
        seal(proposed, manager)
    with pytest.raises(Refusal):
        release(proposed, managers[0])
    assert not Campaign.objects.get(pk=proposed.campaign_id).is_released


def test_a_release_makes_winners_once(rated, proposed, managers, moderator):
    write_texts(proposed, moderator)
    for manager in managers:
        seal(proposed, manager)
    release(proposed, managers[0])
    with pytest.raises(Refusal):
        release(proposed, managers[1])
    assert [idea.status for idea in ideas_of(rated)] == [Status.AWARDED] * 3 + [Status.ACCEPTED] * 2
    assert list(violations()) == []


def test_nothing_is_told_before_the_release_and_one_answer_after(rated, proposed, managers, moderator):
    write_texts(proposed, moderator)
    exchange(proposed, managers[0], ideas_of(rated)[0], ideas_of(rated)[3])
    for manager in managers:
        seal(proposed, manager)
    results = Message.objects.exclude(template__in=("receipt", "accepted"))
    assert results.count() == 0
    edit_published(idea=ideas_of(rated)[3], editor=moderator, at=AT, title="公开题目", text="公开正文")
    release(proposed, managers[0])
    told = {idea.pk: [m.template for m in results.filter(idea=idea)] for idea in ideas_of(rated)}
    no, yes = ["not_selected"], ["winner"]
    assert list(told.values()) == [no, yes, yes, yes, no]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.AUDITOR, Role.PANELLIST])
def test_only_managers_touch_the_list(rated, proposed, role):
    user = factories.make_user(role)
    first, _, _, fourth, _ = ideas_of(rated)
    for act in (
        lambda: proposal.propose_shortlist(campaign=rated, manager=user, at=AT),
        lambda: exchange(proposed, user, first, fourth),
        lambda: seal(proposed, user),
        lambda: release(proposed, user),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_originals_become_published_texts_where_none_is_written(rated, proposed, manager, moderator):
    written = ideas_of(rated)[0]
    edit_published(idea=written, editor=moderator, at=AT, title="已写好", text="已写好的正文")
    made = sealing.publish_originals(shortlist=proposed, manager=manager, at=AT, expected_version=proposed.version)
    written.refresh_from_db()
    other = ideas_of(rated)[1]
    assert (made, written.published_title) == (2, "已写好")
    assert other.published_text == f"{other.problem}\n\n{other.proposal}"


def test_originals_wait_for_two_people_where_the_campaign_takes_two_checks(rated, proposed, managers, moderator):
    factories.change_campaign(rated, two_checks=True)

    def take():
        row = Shortlist.objects.get()
        return sealing.publish_originals(shortlist=row, manager=managers[0], at=AT, expected_version=row.version)

    assert (take(), take()) == (3, 0)  # what waits is not written over
    idea = Idea.objects.get(pk=ideas_of(rated)[0].pk)
    waits = PendingText.objects.get(idea=idea)
    assert (waits.title, waits.text, waits.edited_by) == (idea.title, f"{idea.problem}\n\n{idea.proposal}", managers[0])
    assert (PendingText.objects.count(), Idea.objects.exclude(published_text="").count()) == (3, 0)
    check_text(idea=idea, checker=managers[0], at=AT)
    with pytest.raises(NotPermitted):
        release_text(idea=idea, releaser=managers[0], at=AT)
    release_text(idea=idea, releaser=moderator, at=AT)
    idea.refresh_from_db()
    assert (idea.published_text, take(), list(violations())) == (waits.text, 0, [])


@pytest.mark.parametrize("at", [clock.CLOSES - clock.BLINK, clock.RATING_UNTIL - clock.BLINK])
def test_nothing_is_proposed_while_collecting_or_rating_goes_on(rated, manager, at):
    with pytest.raises(Refusal):
        proposal.propose_shortlist(campaign=rated, manager=manager, at=at)
    assert not Shortlist.objects.exists()


def test_nothing_is_proposed_while_ideas_await_screening(rated, manager):
    factories.make_idea(rated)
    with pytest.raises(Refusal, match="1"):
        proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)


def test_an_idea_that_nobody_rated_is_not_put_on(rated, proposed, manager, moderator):
    unrated = factories.accepted(rated, moderator)[0]
    with pytest.raises(Refusal, match=unrated.receipt):
        exchange(proposed, manager, ideas_of(rated)[0], unrated)
    assert [idea.status for idea in ideas_of(rated)[:3]] == [Status.SHORTLISTED] * 3


def ask(shortlist, manager, out, put_in, **overrides):
    """Propose an exchange and leave it waiting."""
    given = {"reason": "会议决定", "at": AT, **factories.MINUTES, **overrides}
    version = Shortlist.objects.get(pk=shortlist.pk).version
    return exchanges.propose_exchange(
        shortlist=shortlist, removed=out, added=put_in, manager=manager, **{"expected_version": version, **given}
    )


def decide(exchange, manager, act=exchanges.consent_exchange):
    version = Shortlist.objects.get(pk=exchange.shortlist_id).version
    return act(exchange=exchange, manager=manager, at=AT, expected_version=version)


def quota(campaign, slug, **limits):
    made = Quota.objects.create(campaign=campaign, topic=campaign.topics.get(slug=slug), **limits)
    vouch_campaign(campaign=campaign)
    return made


def at_night(*ideas):
    for idea in ideas:
        Idea.objects.filter(pk=idea.pk).update(topic=idea.campaign.topics.get(slug="night"))


def test_a_proposed_exchange_changes_nothing(rated, proposed, manager):
    ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3])
    assert listed(proposed) == [idea.pk for idea in ideas_of(rated)[:3]]


def test_the_proposer_of_an_exchange_cannot_consent(rated, proposed, manager):
    waiting = ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3])
    with pytest.raises(NotPermitted):
        decide(waiting, manager)
    assert listed(proposed) == [idea.pk for idea in ideas_of(rated)[:3]]


def test_the_database_itself_refuses_an_exchange_by_one_person(rated, proposed, manager):
    waiting = ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3])
    with pytest.raises(IntegrityError), transaction.atomic():
        Exchange.objects.filter(pk=waiting.pk).update(state=ExchangeState.MADE, decided_by=manager)


def test_an_exchange_is_decided_once(rated, proposed, managers):
    waiting = ask(proposed, managers[0], ideas_of(rated)[0], ideas_of(rated)[3])
    decide(waiting, managers[1])
    with pytest.raises(Refusal):
        decide(waiting, managers[1])


def test_an_exchange_is_refused_by_another_and_taken_back_by_its_proposer(rated, proposed, managers):
    first, _, third, fourth, fifth = ideas_of(rated)
    refused = decide(ask(proposed, managers[0], first, fourth), managers[1], exchanges.refuse_exchange)
    taken_back = decide(ask(proposed, managers[0], third, fifth), managers[0], exchanges.refuse_exchange)
    assert (refused.state, taken_back.state) == (ExchangeState.REFUSED, ExchangeState.TAKEN_BACK)
    assert listed(proposed) == [idea.pk for idea in ideas_of(rated)[:3]]


@pytest.mark.parametrize("missing", [{"minutes_number": " "}, {"minutes_on": None}])
def test_an_exchange_names_its_minutes(rated, proposed, manager, missing):
    with pytest.raises(Refusal):
        ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3], **missing)


@pytest.mark.parametrize("days", [date(1, 1, 1), clock.OPENS.date() - timedelta(days=1), AT.date() + timedelta(days=1)])
def test_an_exchange_rests_on_a_meeting_that_can_have_been(rated, proposed, manager, days):
    with pytest.raises(Refusal, match="2026-04"):
        ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3], minutes_on=days)


def test_one_exchange_is_proposed_once_while_it_waits(rated, proposed, managers):
    first, _, _, fourth, fifth = ideas_of(rated)
    waiting = ask(proposed, managers[0], first, fourth)
    with pytest.raises(Refusal, match="已提出"):
        ask(proposed, managers[1], first, fourth)
    ask(proposed, managers[1], first, fifth)
    decide(waiting, managers[1], exchanges.refuse_exchange)
    ask(proposed, managers[1], first, fourth)


def test_what_became_impossible_meanwhile_keeps_nobody_from_signing(rated, proposed, managers):
    first, _, _, fourth, fifth = ideas_of(rated)
    made, late = ask(proposed, managers[0], first, fourth), ask(proposed, managers[0], first, fifth)
    with pytest.raises(Refusal, match="待"):
        seal(proposed, managers[0])
    decide(made, managers[1])
    assert first.receipt in why_lapsed(
        Exchange.objects.get(pk=late.pk), {entry.idea_id: entry for entry in proposed.entries.all()}
    )
    seal(proposed, managers[0])
    assert seal(proposed, managers[1]).is_sealed
    assert list(violations()) == []


def test_what_became_impossible_meanwhile_is_not_made(rated, proposed, managers):
    first, _, third, fourth, _ = ideas_of(rated)
    late = ask(proposed, managers[0], third, fourth)
    decide(ask(proposed, managers[0], first, fourth), managers[1])
    with pytest.raises(Refusal, match=fourth.receipt):
        decide(late, managers[1])


def test_a_waiting_exchange_keeps_the_list_from_being_sealed(rated, proposed, manager):
    ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[3])
    with pytest.raises(Refusal):
        seal(proposed, manager)


def test_tiers_take_the_ranks_in_their_order(rated, manager):
    for position, (name, places) in enumerate((("一等奖", 1), ("二等奖", 2))):
        Tier.objects.create(campaign=rated, name=name, places=places, position=position)
    row = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    assert [entry.tier.name for entry in row.entries.all()] == ["一等奖", "二等奖", "二等奖"]


def test_tiers_that_do_not_fill_the_places_are_refused(rated, manager):
    Tier.objects.create(campaign=rated, name="一等奖", places=2)
    with pytest.raises(Refusal):
        proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)


def test_an_exchange_between_tiers_moves_one_up_and_one_down(rated, managers):
    for position, (name, places) in enumerate((("一等奖", 1), ("二等奖", 2))):
        Tier.objects.create(campaign=rated, name=name, places=places, position=position)
    row = proposal.propose_shortlist(campaign=rated, manager=managers[0], at=AT)
    first, second, third, *_ = ideas_of(rated)
    made = factories.exchange(row, managers, first, third)
    assert (made.is_tier, listed(row)) == (True, [third.pk, first.pk, second.pk])
    assert [entry.tier.name for entry in row.entries.all()] == ["一等奖", "二等奖", "二等奖"]


def test_without_tiers_a_listed_idea_does_not_come_in_again(rated, proposed, manager):
    with pytest.raises(Refusal):
        ask(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[2])


def test_a_quota_is_kept_and_its_moves_are_written_down(rated, manager):
    first, second, third, _, fifth = ideas_of(rated)
    at_night(fifth)
    quota(rated, "night", least=1)
    row = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    assert listed(row) == [first.pk, second.pk, fifth.pk]
    assert row.moves == [
        {"idea": third.receipt, "is_on": False, "rule": "at_least", "other": "night"},
        {"idea": fifth.receipt, "is_on": True, "rule": "at_least", "other": "night"},
    ]


def test_quotas_that_cannot_be_kept_are_refused_by_name(rated, manager):
    quota(rated, "night", least=1)
    with pytest.raises(Refusal, match="夜间"):
        proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)


def test_what_an_exchange_does_to_quotas_is_known_before(rated, manager):
    _, _, third, fourth, _ = ideas_of(rated)
    at_night(third)
    night, road = quota(rated, "night", least=1), quota(rated, "road", most=2)
    row = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    lines = quota_lines(members_of(row), listed(row), ask(row, manager, third, fourth))
    assert [(line.quota, line.listed, line.after, line.breaks) for line in lines] == [
        (night, 1, 0, True),
        (road, 2, 3, True),
    ]


def pair(campaign, manager, one, other):
    return proposal.note_pair(campaign=campaign, one=one, other=other, reason="同一路口", manager=manager, at=AT)


def test_of_an_incompatible_pair_one_is_listed(rated, manager):
    first, second, third, fourth, _ = ideas_of(rated)
    pair(rated, manager, second, first)
    row = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    assert listed(row) == [first.pk, third.pk, fourth.pk]


def test_an_exchange_does_not_bring_a_pair_together(rated, manager):
    first, second, third, _, _ = ideas_of(rated)
    pair(rated, manager, first, second)
    row = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    with pytest.raises(Refusal, match=first.receipt):
        ask(row, manager, third, second)
    assert ask(row, manager, first, second).state == ExchangeState.WAITING


def test_a_pair_that_is_found_late_keeps_the_list_from_being_sealed(rated, proposed, manager):
    first, second, *_ = ideas_of(rated)
    found = pair(rated, manager, first, second)
    with pytest.raises(Refusal, match=second.receipt):
        seal(proposed, manager)
    proposal.drop_pair(pair=found, manager=manager)
    assert seal(proposed, manager).first_seal_by == manager


def test_an_idea_with_one_review_is_not_sealed(rated, proposed, manager):
    one = ideas_of(rated)[1]
    Rating.objects.filter(assignment__idea=one).first().delete()
    again = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    with pytest.raises(Refusal, match=one.receipt):
        seal(again, manager)


def test_a_withdrawn_list_lets_the_panel_go_on(rated, proposed, manager):
    proposal.withdraw_list(shortlist=proposed, manager=manager, at=AT, expected_version=proposed.version)
    assert not Shortlist.objects.exists()
    assert {idea.status for idea in ideas_of(rated)} == {Status.ACCEPTED}


def test_what_becomes_of_an_idea_after_the_proposal_changes_nobodys_score(rated, proposed, managers):
    """An exchanged idea is declined later: the record still follows from all marks that were given."""
    first, _, _, fourth, _ = ideas_of(rated)
    exchange(proposed, managers[0], first, fourth)
    decline_idea(idea=first, moderator=managers[0], at=AT, declined_as="already_handled", reason="已在办")
    for manager in managers:
        seal(proposed, manager)
    assert SealedRecord.objects.count() == 2


@pytest.fixture
def broken_by_sorting(rated, moderator, manager):
    """The least of a quota was kept by an idea that a moderator has sorted elsewhere since."""
    ideas = ideas_of(rated)
    Idea.objects.filter(pk=ideas[3].pk).update(topic=rated.topics.get(slug="night"))
    quota(rated, "night", least=1)
    row = proposal.propose_shortlist(campaign=rated, manager=manager, at=AT)
    sort(ideas[3], moderator, "road")
    return row


def sort(idea, moderator, slug):
    fresh = Idea.objects.get(pk=idea.pk)
    topic = fresh.campaign.topics.get(slug=slug)
    classify_idea(idea=fresh, moderator=moderator, at=AT, topic=topic, area=fresh.area, unit=fresh.unit)


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "重新归类"), ("en", "sorted anew")])
def test_a_list_whose_quota_was_broken_by_sorting_is_refused_at_the_first_signature(
    rated, manager, broken_by_sorting, language, word
):
    with translation.override(language), pytest.raises(Refusal) as refused:
        seal(broken_by_sorting, manager)
    with translation.override(language):
        said = str(refused.value.message)
    assert (word in said, ideas_of(rated)[3].receipt in said) == (True, True)


def test_sorted_back_the_list_is_signed(rated, moderator, managers, broken_by_sorting):
    sort(ideas_of(rated)[3], moderator, "night")
    for manager in managers:
        seal(broken_by_sorting, manager)
    assert Shortlist.objects.get().is_sealed


def test_sorting_that_touches_no_quota_hinders_no_signature(rated, moderator, managers):
    quota(rated, "road", least=1)
    row = proposal.propose_shortlist(campaign=rated, manager=managers[0], at=AT)
    sort(ideas_of(rated)[4], moderator, "night")
    for manager in managers:
        seal(row, manager)
    assert (Shortlist.objects.get().is_sealed, list(violations())) == (True, [])
