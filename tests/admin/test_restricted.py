"""A restricted idea exists for named staff only: nothing of it in any list, search, figure or page of anybody else."""

import pytest
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Assignment, Idea, Mark, Message
from ideas.queries.ratings import next_seat
from ideas.services.contacts import show_contact
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT, SECRET = clock.DURING, "举报某某收受好处"


@pytest.fixture
def idea(moderator):
    """Restricted after everything else happened to it: accepted, published, rated, a message waiting, a contact shown,
    merged with another."""
    campaign = factories.make_campaign(show_ideas=True)
    [idea] = factories.published(campaign, moderator, title=SECRET)
    factories.accepted(campaign, moderator)
    follower = factories.make_idea(campaign, title=f"{SECRET}二")
    merge_idea(idea=follower, into=idea, moderator=moderator, at=AT)
    factories.make_panel(campaign)
    for seat in factories.assigned(campaign):
        factories.rate(seat)
    show_contact(idea=idea, staff=moderator, at=AT, purpose="question")
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="涉及线索")
    idea.refresh_from_db()
    return idea


def pages(idea):
    """Lists, searches and filters of the admin, every page of a row of the idea, the public's lists and pages."""
    lists = ["idea", "message", "assignment", "recusal", "officeevent", "shortlist", "campaign", "panellist"]
    found = [reverse(f"admin:ideas_{name}_changelist") for name in lists]
    queue = reverse("admin:ideas_idea_changelist")
    queries = ("status=all", f"q={idea.receipt}", f"q={SECRET}", "status=accepted", "status=merged",
               f"status=all&topic__id__exact={idea.topic_id}", "photos=no&status=all")  # fmt: skip
    found += [f"{queue}?{query}" for query in queries]
    for row in Idea.objects.filter(restricted=True):
        found.append(reverse("admin:ideas_idea_change", args=[row.pk]))
    found += [reverse("admin:ideas_message_change", args=[m.pk]) for m in Message.objects.filter(idea=idea)]
    found += [reverse("admin:ideas_assignment_change", args=[a.pk]) for a in Assignment.objects.filter(idea=idea)]
    found += [reverse("admin:index"), reverse("admin:ideas_officeevent_mergers")]
    slug = idea.campaign.slug
    found += [
        reverse("admin:ideas_idea_triage", args=[slug]),
        reverse("admin:ideas_campaign_change", args=[idea.campaign_id]),
    ]
    found += [reverse("admin:ideas_idea_triage", args=[slug]) + f"?idea={idea.pk}"]
    found += [reverse("home"), reverse("campaign", args=[slug]), reverse("ideas", args=[slug])]
    return [*found, reverse("idea", args=[slug, idea.receipt])]


def leaks(client, idea):
    """Pages that name it, apart from a search's own words and the address that was asked for."""
    words = [SECRET, *Idea.objects.filter(restricted=True).values_list("receipt", flat=True)]
    found = []
    with clock.at(AT):
        for page in pages(idea):
            body = client.get(page).content.decode()
            for part in (f'value="{SECRET}"', f'value="{idea.receipt}"', f"q={idea.receipt}", f"/{idea.receipt}/"):
                body = body.replace(part, "")
            found += [page for word in words if word in body]
    return found


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MANAGER, Role.AUDITOR])
def test_nobody_else_meets_it_anywhere(client, idea, role):
    client.force_login(factories.make_user(role))
    assert leaks(client, idea) == []


def test_the_public_does_not_meet_it(client, idea):
    assert leaks(client, idea) == []


def test_named_staff_meet_it(client, idea, keeper):
    client.force_login(keeper)
    assert len(set(leaks(client, idea))) > 5


def test_no_panellist_has_it_on_the_desk(client, idea):
    seat = Assignment.objects.filter(idea=idea).select_related("panellist__user").first()
    client.force_login(seat.panellist.user)
    with clock.at(clock.RATING):
        desk, page = client.get(reverse("panel")), client.get(reverse("rate", args=[seat.pk]))
    assert (SECRET in desk.content.decode(), idea.receipt in desk.content.decode(), page.status_code) == (
        False,
        False,
        404,
    )


def test_a_panellist_is_not_led_to_it_from_another_idea(client, idea, moderator):
    """The next seat is the next one that exists for the panellist."""
    other = Assignment.objects.exclude(idea=idea).select_related("panellist__user", "panellist__campaign").first()
    restricted = Assignment.objects.get_or_create(
        panellist=other.panellist, idea=idea, defaults={"assigned_at": clock.RATING_FROM}
    )[0]
    if hasattr(restricted, "rating"):
        Mark.objects.filter(rating=restricted.rating).delete()
        restricted.rating.delete()
    assert next_seat(other) is None


def press(client, idea, act, **data):
    return client.post(reverse("admin:ideas_idea_guard", args=[idea.pk, act]), data)


def test_a_moderator_restricts_by_a_button_and_is_led_to_the_list(client, campaign, moderator):
    idea = factories.make_idea(campaign)
    client.force_login(moderator)
    answer = press(client, idea, "restrict", reason="线索", seen=idea.event_count)
    assert (answer.url, Idea.objects.get().restricted) == (reverse("admin:ideas_idea_changelist"), True)


def test_a_page_that_is_outdated_restricts_nothing(client, campaign, moderator):
    idea = factories.make_idea(campaign)
    client.force_login(moderator)
    press(client, idea, "restrict", reason="线索", seen=7)
    assert not Idea.objects.get().restricted


def test_a_moderator_cannot_lift_it(client, idea, moderator):
    client.force_login(moderator)
    assert press(client, idea, "lift", reason="误判", seen=idea.event_count).status_code == 404


def test_its_resident_reads_an_ordinary_status(client, campaign, moderator):
    sent = factories.receive(campaign)
    restrict_idea(idea=sent.idea, staff=moderator, at=AT, reason="涉及线索")
    with clock.at(AT):
        page = client.post(reverse("track"), {"receipt": sent.idea.receipt, "code": sent.code}, follow=True)
    body = page.content.decode()
    assert (sent.idea.title in body, "涉及线索" in body) == (True, False)
