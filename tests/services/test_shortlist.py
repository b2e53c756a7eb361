import pytest
from django.db import IntegrityError, transaction

from ideas.choices import Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Campaign, Message, Shortlist
from ideas.queries.invariants import violations
from ideas.services import shortlist as services
from ideas.services.screening import edit_published
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL


@pytest.fixture
def rated(moderator):
    """Five rated ideas for three places; idea 0 is the best."""
    return factories.rated_campaign(moderator)


@pytest.fixture
def proposed(rated, manager):
    return services.propose_shortlist(campaign=rated, manager=manager, at=AT)


def ideas_of(campaign):
    return list(campaign.ideas.by_receipt())


def listed(shortlist):
    return [pick.idea_id for pick in shortlist.picks.order_by("rank")]


def exchange(shortlist, manager, out, put_in, reason="会议决定", version=None):
    version = version or Shortlist.objects.get(pk=shortlist.pk).version
    return services.exchange_idea(
        shortlist=shortlist, out=out, put_in=put_in, manager=manager, reason=reason, at=AT, version=version
    )


def seal(shortlist, manager, version=None):
    version = version or Shortlist.objects.get(pk=shortlist.pk).version
    return services.seal_shortlist(shortlist=shortlist, manager=manager, at=AT, version=version)


def release(shortlist, manager):
    version = Shortlist.objects.get(pk=shortlist.pk).version
    return services.release_winners(shortlist=shortlist, manager=manager, at=AT, version=version)


def write_texts(shortlist, editor):
    for pick in shortlist.picks.select_related("idea"):
        edit_published(idea=pick.idea, editor=editor, at=AT, title="公开题目", text="公开正文")


def test_the_best_rated_fill_the_places(rated, proposed):
    assert listed(proposed) == [idea.pk for idea in ideas_of(rated)[:3]]
    assert [idea.status for idea in ideas_of(rated)] == [Status.SHORTLISTED] * 3 + [Status.ACCEPTED] * 2


def test_too_few_rated_ideas_are_refused(moderator):
    with pytest.raises(Refusal):
        services.propose_shortlist(campaign=factories.rated_campaign(moderator, places=6), at=AT)


def test_proposing_again_replaces_an_unsealed_list(rated, proposed, manager):
    exchange(proposed, manager, ideas_of(rated)[0], ideas_of(rated)[4])
    again = services.propose_shortlist(campaign=rated, manager=manager, at=AT)
    assert listed(again) == [idea.pk for idea in ideas_of(rated)[:3]]


def test_a_tie_across_the_cut_is_written_down(moderator):
    campaign = factories.make_campaign(places=1)
    ideas = factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 2)
    for seat in factories.assigned(campaign):
        factories.rate(seat, 6)
    shortlist = services.propose_shortlist(campaign=campaign, at=AT)
    assert (listed(shortlist), shortlist.tied) == ([ideas[0].pk], [idea.receipt for idea in ideas])


def test_an_exchange_keeps_the_number_and_the_reason(rated, proposed, manager):
    best, _, _, fourth, _ = ideas_of(rated)
    exchange(proposed, manager, best, fourth, reason="与在办项目重复")
    best.refresh_from_db()
    fourth.refresh_from_db()
    assert (proposed.picks.count(), best.status, fourth.status) == (3, Status.ACCEPTED, Status.SHORTLISTED)
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
    assert proposed.picks.count() == 3


def test_an_exchange_on_an_outdated_page_is_refused(rated, proposed, manager):
    first, second, _, fourth, fifth = ideas_of(rated)
    exchange(proposed, manager, first, fourth, version=proposed.version)
    with pytest.raises(Stale):
        exchange(proposed, manager, second, fifth, version=proposed.version)


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
        lambda: services.propose_shortlist(campaign=rated, manager=managers[0], at=AT),
        lambda: seal(proposed, managers[0]),
    ):
        with pytest.raises(Refusal):
            act()
    assert proposed.picks.count() == 3


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
        lambda: services.propose_shortlist(campaign=rated, manager=user, at=AT),
        lambda: exchange(proposed, user, first, fourth),
        lambda: seal(proposed, user),
        lambda: release(proposed, user),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_originals_become_published_texts_where_none_is_written(rated, proposed, manager, moderator):
    written = ideas_of(rated)[0]
    edit_published(idea=written, editor=moderator, at=AT, title="已写好", text="已写好的正文")
    made = services.publish_originals(shortlist=proposed, manager=manager, at=AT, version=proposed.version)
    written.refresh_from_db()
    other = ideas_of(rated)[1]
    assert (made, written.published_title) == (2, "已写好")
    assert other.published_text == f"{other.problem}\n\n{other.proposal}"


@pytest.mark.parametrize("at", [clock.CLOSES - clock.BLINK, clock.RATING_UNTIL - clock.BLINK])
def test_nothing_is_proposed_while_collecting_or_rating_goes_on(rated, manager, at):
    with pytest.raises(Refusal):
        services.propose_shortlist(campaign=rated, manager=manager, at=at)
    assert not Shortlist.objects.exists()


def test_nothing_is_proposed_while_ideas_await_screening(rated, manager):
    factories.make_idea(rated)
    with pytest.raises(Refusal, match="1"):
        services.propose_shortlist(campaign=rated, manager=manager, at=AT)


def test_an_idea_that_nobody_rated_is_not_put_on(rated, proposed, manager, moderator):
    unrated = factories.accepted(rated, moderator)[0]
    with pytest.raises(Refusal, match=unrated.receipt):
        exchange(proposed, manager, ideas_of(rated)[0], unrated)
    assert [idea.status for idea in ideas_of(rated)[:3]] == [Status.SHORTLISTED] * 3
