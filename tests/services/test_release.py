"""The release: asked for by one, confirmed by another, held, and stopped by either."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from ideas import conf
from ideas.choices import OfficeAct, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.management.commands.work import do_duties
from ideas.models import Campaign, Idea, Message, OfficeEvent, Shortlist
from ideas.queries.invariants import violations
from ideas.queries.shortlist import shown_digest
from ideas.services import release as services
from ideas.services.health import SomeFailed
from ideas.services.publishing import edit_published
from ideas.services.record import unseal_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL
HOLD = timedelta(seconds=600)


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.rated_campaign(people.moderator)
    for idea in campaign.ideas.all():
        edit_published(idea=idea, editor=people.moderator, at=AT, title="公开题目", text="公开正文")
    return factories.seal(campaign, (people.manager, people.second)).pk


@pytest.fixture
def sealed(told, db):
    return Shortlist.objects.get(pk=told)


def act(verb, shortlist, manager, at=AT, **given):
    row = Shortlist.objects.get(pk=shortlist.pk)
    given = given or {"expected_preview": shown_digest(row)}
    return verb(shortlist=row, manager=manager, at=at, expected_version=row.version, **given)


@pytest.fixture
def held(sealed, managers):
    act(services.ask_release, sealed, managers[0])
    return act(services.confirm_release, sealed, managers[1])


def statuses(shortlist):
    return sorted({idea.status for idea in shortlist.campaign.ideas.filter(shortlist_entry__isnull=False)})


@pytest.mark.slow
def test_a_list_that_cannot_be_released_stops_no_other_and_no_page(client, held, moderator, managers):
    stuck = factories.seal(factories.rated_campaign(moderator, 3, places=1), managers)
    for idea in stuck.campaign.ideas.all():
        edit_published(idea=idea, editor=moderator, at=AT, title="公开题目", text="公开正文")
    factories.hold_list(stuck, managers, AT + HOLD - clock.BLINK)
    Idea.objects.filter(shortlist_entry__shortlist=stuck).update(
        status=Status.DECLINED
    )  # an award is not possible from there
    with pytest.raises(SomeFailed):
        services.release_due(at=AT + HOLD)
    assert (statuses(held), Shortlist.objects.get(pk=stuck.pk).released_at) == (["awarded"], None)
    with clock.at(AT + HOLD):
        pages = [client.get(f"/campaigns/{row.campaign.slug}/winners/").status_code for row in (held, stuck)]
    assert pages == [200, 404]


def test_a_confirmed_release_is_held_for_the_setting(held):
    assert (conf.release_hold_seconds(), held.release_at) == (600, AT + HOLD)


def test_nothing_differs_before_the_hold_is_over_and_everything_at_its_end(held):
    told = Message.objects.filter(template__in=("winner", "not_selected"))
    assert (services.release_due(at=AT + HOLD - clock.BLINK), statuses(held), told.count()) == (0, ["shortlisted"], 0)
    assert services.release_due(at=AT + HOLD) == 1
    assert (statuses(held), told.count()) == ([Status.AWARDED], 5)


def test_the_moment_of_the_release_is_the_end_of_the_hold_whenever_it_is_noticed(held):
    services.release_due(at=AT + HOLD + timedelta(minutes=3))
    assert {Campaign.objects.get(pk=held.campaign_id).released_at, Shortlist.objects.get().released_at} == {AT + HOLD}
    assert list(violations()) == []


def test_the_worker_releases(held):
    do_duties(AT + HOLD)
    assert Shortlist.objects.get().released_at == AT + HOLD


def test_it_is_released_once(held):
    assert (services.release_due(at=AT + HOLD), services.release_due(at=AT + HOLD)) == (1, 0)


def test_one_person_alone_cannot_release(sealed, managers):
    act(services.ask_release, sealed, managers[0])
    with pytest.raises(NotPermitted):
        act(services.confirm_release, sealed, managers[0])
    with pytest.raises(Refusal):
        services.release_winners(shortlist=sealed, at=AT + HOLD)


def test_nor_does_the_database_let_one_person(held, managers):
    with pytest.raises(IntegrityError), transaction.atomic():
        Shortlist.objects.update(release_confirmed_by=managers[0])


def test_without_somebody_asking_nothing_is_confirmed(sealed, managers):
    with pytest.raises(Refusal):
        act(services.confirm_release, sealed, managers[1])


@pytest.mark.slow
@pytest.mark.parametrize("who", [0, 1], ids=["who-asked", "who-confirmed"])
def test_either_stops_it_during_the_hold(held, managers, who):
    act(services.stop_release, held, managers[who], at=AT + HOLD - clock.BLINK, reason="名字写错了。")
    assert (services.release_due(at=AT + HOLD), statuses(held)) == (0, ["shortlisted"])
    note = OfficeEvent.objects.get(act=OfficeAct.RELEASE_STOPPED)
    assert (note.actor, note.purpose) == (managers[who], "名字写错了。")


def test_at_the_end_of_the_hold_it_is_too_late_to_stop(held, managers):
    with pytest.raises(Refusal):
        act(services.stop_release, held, managers[0], at=AT + HOLD, reason="太晚了。")


@pytest.mark.parametrize("reason", [" ", "\u200b\u3164"])
def test_stopping_says_why(held, managers, reason):
    with pytest.raises(Refusal):
        act(services.stop_release, held, managers[0], reason=reason)


def test_after_a_stop_it_can_be_asked_for_again(held, managers):
    act(services.stop_release, held, managers[0], reason="再看一遍。")
    factories.release_list(held, managers, at=AT + HOLD)
    assert statuses(held) == [Status.AWARDED]


def test_what_was_not_looked_at_is_not_asked_for(sealed, managers, moderator):
    seen = shown_digest(sealed)
    idea = sealed.entries.first().idea
    edit_published(idea=idea, editor=moderator, at=AT, title="另一个题目", text="公开正文")
    with pytest.raises(Stale):
        act(services.ask_release, sealed, managers[0], expected_preview=seen)


def test_a_text_changed_during_the_hold_stops_the_release_and_says_so(held, moderator):
    edit_published(idea=held.entries.first().idea, editor=moderator, at=AT, title="另一个题目", text="公开正文")
    assert (services.release_due(at=AT + HOLD), statuses(held)) == (0, ["shortlisted"])
    assert OfficeEvent.objects.get(act=OfficeAct.RELEASE_STOPPED).actor is None
    assert Shortlist.objects.get().release_asked_by is None


def test_a_resident_who_changes_the_naming_during_the_hold_stops_nothing(held):
    idea = held.entries.first().idea
    idea.resident.naming = "anonymous"
    idea.resident.save()
    assert services.release_due(at=AT + HOLD) == 1


def test_the_seal_stays_while_a_release_is_under_way(held, managers):
    with pytest.raises(Refusal):
        act(unseal_shortlist, held, managers[0], reason="改一下。")


def test_every_step_stands_in_the_office_log(held, managers):
    acts = OfficeEvent.objects.filter(campaign=held.campaign).order_by("id").values_list("act", "actor")
    assert list(acts)[-2:] == [("release_asked", managers[0].pk), ("release_confirmed", managers[1].pk)]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.AUDITOR, Role.PANELLIST])
def test_only_managers_release(sealed, role):
    with pytest.raises(NotPermitted):
        act(services.ask_release, sealed, factories.make_user(role))


def test_only_managers_stop(held):
    with pytest.raises(NotPermitted):
        act(services.stop_release, held, factories.make_user(Role.MODERATOR), reason="不要。")
