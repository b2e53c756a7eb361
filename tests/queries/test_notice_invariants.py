"""What must never be of a notice and its objections; each is noticed when it is broken past the portal."""

from datetime import timedelta

import pytest

from ideas.choices import Role
from ideas.models import Campaign, Notice, NoticeTerm, Objection, Shortlist
from ideas.queries.invariants import violations
from ideas.queries.notices import next_for
from ideas.services.notices import decide_objection
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL
DAY = timedelta(days=1)
OVER = AT + 7 * DAY
RELEASED = "nothing is released before its notice is over"
SEALED = "a list on notice is the one that is sealed"
KEPT = "notices and objections are as they were kept"


@pytest.fixture(scope="module")
def told(people):
    """One list on notice with an upheld objection that waits for the second person; and one released after its own,
    with an objection that was rejected."""
    managers, judge = (people.manager, people.second), factories.make_user(Role.MANAGER)
    for outcome in ("upheld", "rejected"):
        shortlist = factories.seal(factories.noticed_campaign(people.moderator), managers)
        factories.put_on_notice(shortlist, people.manager)
        idea = shortlist.entries.get(rank=1).idea
        objection = factories.objection(shortlist.campaign, idea=idea)
        row = Shortlist.objects.get(pk=shortlist.pk)
        given = {"outcome": outcome, "reason": "经查属实。", "expected_next": next_for(row, idea).receipt}
        decide_objection(objection=objection, staff=judge, at=AT + DAY, expected_version=row.version, **given)
    factories.release_list(shortlist, managers, OVER + DAY)


def released():
    return Campaign.objects.exclude(released_at=None)


def upheld():
    return Objection.objects.filter(state="upheld")


def a_signer_decides():
    objection = upheld().get()
    objection.decided_by = objection.notice.sealed_by
    objection.keep()


NOTICED = {
    "winners appear during the notice": (lambda: Notice.objects.update(ends_at=OVER + 2 * DAY), RELEASED),
    "winners appear without a notice": (lambda: Notice.objects.update(stopped_at=AT + DAY), RELEASED),
    "an objection is open at the release": (
        lambda: Objection.objects.filter(state="rejected").update(
            state="open", decided_by=None, decided_at=None, reason=""
        ),
        RELEASED,
    ),
    "an objection is decided after the release": (
        lambda: Objection.objects.filter(state="rejected").update(decided_at=OVER + 2 * DAY),
        RELEASED,
    ),
    "a list is opened and stays on notice": (
        lambda: Shortlist.objects.filter(released_at=None).update(sealed_at=None),
        SEALED,
    ),
    "a list is on notice under a number that no record has": (lambda: Notice.objects.update(number=2), SEALED),
    "one person signed what is on notice": (
        lambda: [Notice.objects.filter(pk=row.pk).update(first_seal_by=row.sealed_by) for row in Notice.objects.all()],
        SEALED,
    ),
    "a signer decides": (a_signer_decides, "objections are decided by those who did not sign"),
    "an idea that was taken off is sealed again": (
        lambda: Shortlist.objects.filter(released_at=None).update(sealed_at=AT + 2 * DAY),
        "no list is sealed with an idea that an objection took off",
    ),
    "a person is erased and left": (
        lambda: Objection.objects.update(erased_at=AT),
        "an erased objection holds nothing of its person",
    ),
    "the days of a notice are changed": (lambda: Notice.objects.update(days=1), KEPT),
    "a ground is changed": (lambda: Objection.objects.update(ground="other"), KEPT),
    "a reason is changed": (lambda: upheld().update(reason="另一个理由。"), KEPT),
    "a campaign's notice is taken away": (
        lambda: NoticeTerm.objects.update(days=0),
        "campaigns are as they were saved",
    ),
}


def test_all_invariants_hold_at_the_end_of_the_story(told, db):
    assert (list(violations()), released().count(), upheld().count()) == ([], 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("case", NOTICED)
def test_a_broken_invariant_is_noticed(told, db, case):
    act, name = NOTICED[case]
    act()
    assert name in {invariant for invariant, _ in violations()}
