"""Blind rating: a panellist asks for every address by every key there is, and finds nobody's name and nobody's mark."""

from itertools import product

import pytest
from django.urls import NoReverseMatch, reverse

from ideas.models import Area, Photo, Rating
from ideas.services.ratings import save_rating
from tests import clock, factories
from tests.test_access import names

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

COMMENT = "邻桌写下的评语"
TEXT = {
    "title": "林小满建议加装路灯",
    "problem": "我是海边的风，这里很黑，打我电话 120 1234 5678。",
    "proposal": "加两盏灯，联系 resident@example.com，微信同号12012345678。",
}
SECRETS = ("林小满", "海边的风", "12012345678", "120 1234 5678", "120****", "resident@", "林*", COMMENT, "8.85", "8.8")


@pytest.fixture
def campaign():
    return factories.make_campaign(show_ideas=True)


@pytest.fixture
def assignments(campaign, moderator):
    """Each panellist's desk; a colleague's marks with a comment lie on every idea, and a photo with the first one."""
    factories.accepted(campaign, moderator, 3, **TEXT)
    factories.make_panel(campaign, 3)
    assignments = factories.assigned(campaign)
    factories.add_photo(assignments[0].idea)
    return assignments


@pytest.fixture
def panellist(client, assignments):
    """The panellist of the first seat, logged in; the others have rated 8.85 in the weighted mean."""
    own = assignments[0].panellist
    criteria = list(own.campaign.criteria.values_list("id", flat=True))
    for assignment in assignments:
        if assignment.panellist_id != own.pk:
            user = assignment.panellist.user
            points = dict(zip(criteria, (9, 9, 9, 8), strict=True))
            save_rating(assignment=assignment, panellist=user, points=points, comment=COMMENT, at=clock.RATING)
    client.force_login(own.user)
    return own


def addresses(campaign):
    """Every address that can be made of every name with the keys of this campaign's rows, whoever they belong to."""
    numbers = sorted({1, *campaign.ideas.values_list("pk", flat=True)})
    numbers += [
        assignment
        for member in campaign.panellists.all()
        for assignment in member.assignments.values_list("pk", flat=True)
    ]
    numbers += [
        campaign.pk,
        *Area.objects.values_list("pk", flat=True)[:1],
        *Rating.objects.values_list("pk", flat=True),
    ]
    receipts = list(campaign.ideas.values_list("receipt", flat=True))
    photos = list(Photo.objects.values_list("key", flat=True))
    single = [*sorted(set(numbers)), campaign.slug, *photos]
    double = [
        *product([campaign.slug], receipts),
        *product(
            [campaign.pk, *campaign.ideas.values_list("pk", flat=True)],
            [*campaign.ideas.values_list("pk", flat=True), *photos, "accept"],
        ),
    ]
    for name in sorted(names()):
        for keys in [(), *((key,) for key in single), *double]:
            try:
                yield reverse(name, args=keys)
            except NoReverseMatch:
                continue


def leaks(client, pages, secrets):
    """(address, secret) for every answer that holds one."""
    found = []
    for page in pages:
        answer = client.get(page)
        body = b"".join(answer) if answer.streaming else answer.content
        text = body.decode(errors="replace") + str(answer.headers)
        found += [(page, secret) for secret in secrets if secret in text]
    return found


def test_a_panellist_finds_nobodys_name_and_nobodys_mark_at_any_address(client, campaign, panellist):
    with clock.at(clock.RATING):
        client.force_login(panellist.user)
        pages = set(addresses(campaign))
        assert {reverse("rate", args=[panellist.assignments.first().pk]), reverse("panel")} <= pages
        colleagues = [str(member) for member in campaign.panellists.exclude(pk=panellist.pk)]
        assert leaks(client, sorted(pages), [*SECRETS, *colleagues]) == []


def test_a_panellist_gets_no_photo_during_the_round(client, campaign, panellist):
    photo = Photo.objects.get()
    with clock.at(clock.RATING):
        client.force_login(panellist.user)
        answers = [client.get(reverse(name, args=[photo.key])).status_code for name in ("photo", "photo-thumb")]
    assert answers == [404, 404]
