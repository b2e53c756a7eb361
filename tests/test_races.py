"""Many hands at once, on real connections: what must happen once happens once. See bench/ for the large figures."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ideas.choices import Role, Status
from ideas.errors import Refusal
from ideas.models import Draft, Idea, Mark, Message, Rating, Resident, Shortlist
from ideas.queries.invariants import violations
from ideas.services import residents
from ideas.services.messages import claim
from ideas.services.panel import assign_panel, stand_aside
from ideas.services.screening import accept_idea, decline_idea
from ideas.services.shortlist import exchange_idea, propose_shortlist, seal_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts):
    """Run all acts in threads of their own, started together; gives what each returned or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait()
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
        residents.save_draft(key=key, campaign=campaign, answers=factories.answers(), at=clock.DURING)
        acts = [lambda key=key: residents.send_draft(key=key, campaign=campaign, at=clock.DURING)] * 20
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
        return client.get(steps[2]).content

    with clock.at(clock.DURING):
        outcomes = at_once([post] * 12)
    assert (errors(outcomes), len(set(outcomes)), Idea.objects.count()) == ([], 1, 1)


def test_many_residents_at_once_lose_nothing(campaign):
    def send(number):
        key = uuid4()
        residents.save_draft(key=key, campaign=campaign, answers=factories.answers(), at=clock.DURING)
        return residents.send_draft(key=key, campaign=campaign, at=clock.DURING).idea.receipt

    outcomes = at_once([lambda n=n: [send(n) for _ in range(5)] for n in range(32)])
    assert errors(outcomes) == []
    told = {receipt for outcome in outcomes for receipt in outcome}
    assert (len(told), set(Idea.objects.values_list("receipt", flat=True))) == (160, told)
    assert list(violations()) == []


@pytest.mark.parametrize(("owner", "step"), [(residents, "queue"), (Resident, "save"), (Draft, "save")])
def test_a_failure_at_any_step_leaves_nothing_behind(campaign, monkeypatch, owner, step):
    """Idea, resident, event, message and the end of the draft are one transaction."""
    key = uuid4()
    residents.save_draft(key=key, campaign=campaign, answers=factories.answers(), at=clock.DURING)

    def broken(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr(owner, step, broken)
    with pytest.raises(RuntimeError):
        residents.send_draft(key=key, campaign=campaign, at=clock.DURING)
    assert (Idea.objects.count(), Message.objects.count(), Draft.objects.get().idea) == (0, 0, None)


def test_two_moderators_on_one_idea_decide_it_once(campaign, moderator):
    other = factories.make_user(Role.MODERATOR)
    for _ in range(10):
        idea = factories.make_idea(campaign)
        outcomes = at_once(
            [
                lambda idea=idea: accept_idea(idea=idea, moderator=moderator, at=clock.DURING, seen=1),
                lambda idea=idea: decline_idea(
                    idea=idea, moderator=other, at=clock.DURING, declined_as="insult", reason="x", seen=1
                ),
            ]
        )
        assert (len(refusals(outcomes)), errors(outcomes), idea.events.count()) == (1, [], 2)


def test_thirty_stay_thirty_under_fifty_exchanges_at_once(moderator, managers):
    campaign = factories.rated_campaign(moderator, ideas=14, places=6)
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    listed = list(campaign.ideas.filter(status=Status.SHORTLISTED))
    waiting = list(campaign.ideas.filter(status=Status.ACCEPTED))
    for _round in range(3):
        version = Shortlist.objects.get().version

        def exchange(number, version=version):
            return exchange_idea(
                shortlist=shortlist,
                out=listed[number % 6],
                put_in=waiting[number % 8],
                manager=managers[number % 2],
                reason="并行",
                at=clock.RATING,
                version=version + number % 3,  # some clicks come from pages that others have just made outdated
            )

        outcomes = at_once([lambda n=n: exchange(n) for n in range(50)])
        assert (errors(outcomes), shortlist.picks.count()) == ([], 6)
    assert campaign.ideas.filter(status=Status.SHORTLISTED).count() == 6
    assert list(violations()) == []


def test_one_manager_clicking_twice_at_once_does_not_seal(moderator, managers):
    campaign = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)

    def sign():
        version = Shortlist.objects.get(pk=shortlist.pk).version
        return seal_shortlist(shortlist=shortlist, manager=managers[0], at=clock.RATING, version=version)

    outcomes = at_once([sign] * 8)
    row = Shortlist.objects.get()
    assert (errors(outcomes), row.first_seal_by, row.is_sealed) == ([], managers[0], False)


def test_twenty_posts_of_one_rating_leave_one(campaign, moderator):
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign, 2)
    seat = factories.assigned(campaign)[0]
    outcomes = at_once([lambda n=n: factories.rate(seat, 1 + n % 10) for n in range(20)])
    assert (errors(outcomes), Rating.objects.count(), Mark.objects.count()) == ([], 1, 4)
    assert len(set(Mark.objects.values_list("points", flat=True))) == 1


def test_nobody_rates_and_stands_aside_at_once(campaign, moderator):
    factories.accepted(campaign, moderator, 10)
    factories.make_panel(campaign, 2)
    for seat in factories.assigned(campaign):
        user = seat.panellist.user
        outcomes = at_once(
            [
                lambda seat=seat: factories.rate(seat),
                lambda seat=seat, user=user: stand_aside(
                    assignment=seat, panellist=user, reason="认识建议人", at=clock.RATING
                ),
            ]
        )
        assert (len(refusals(outcomes)), errors(outcomes)) == (1, [])
    assert list(violations()) == []


def test_the_panel_is_assigned_once_by_two_clicks(campaign, moderator):
    factories.accepted(campaign, moderator, 6)
    factories.make_panel(campaign, 3)
    acts = [lambda: assign_panel(campaign=campaign, per_idea=2, seed=1, at=clock.RATING).made] * 4
    assert sorted(at_once(acts)) == [0, 0, 0, 12]


def test_workers_at_once_never_take_the_same_message(campaign):
    for _ in range(40):
        factories.make_idea(campaign)
    outcomes = at_once([lambda: [message.pk for message in claim(at=clock.DURING, most=10)]] * 6)
    taken = [pk for outcome in outcomes for pk in outcome]
    assert (errors(outcomes), len(taken), len(set(taken))) == ([], 40, 40)
