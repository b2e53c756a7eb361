"""Before the release nothing tells who is on the list but to those who make it: not one byte of any answer.

The same campaign twice, rated the other way round, so that other ideas are listed: whatever anybody else can ask for
must be the same.
"""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from ideas.choices import Action, DeclineReason, Role, Status
from ideas.errors import Refusal
from ideas.models import DuplicateLink, Idea, IdeaEvent, User, append_only
from ideas.queries import access
from ideas.services import restricted, screening
from ideas.services.campaigns import refresh_figures
from ideas.services.photos import release_photo
from ideas.services.proposal import propose_shortlist
from ideas.services.publishing import edit_published
from ideas.services.sealing import seal_shortlist
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
LOOKS = ("view_idea", "view_ideaevent", "export_idea", "view_officeevent", "view_campaign")
STATUSES = (*Status.values, "all")


@pytest.fixture
def campaign(moderator, managers):
    """Rated, a list proposed; two of four are on it."""
    campaign = factories.rated_campaign(moderator, 4, places=2, show_ideas=True)
    propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    return campaign


def ideas_of(campaign):
    return list(campaign.ideas.order_by("pk"))


def swap(campaign):
    """The list as it would be had the panel found the others better: chains, statuses and places change hands."""
    connection.check_constraints()
    append_only.lift(connection)
    events = IdeaEvent.objects.filter(idea__campaign=campaign, action=Action.SHORTLIST)
    listed = list(campaign.ideas.filter(status=Status.SHORTLISTED).order_by("pk"))
    others = list(campaign.ideas.filter(status=Status.ACCEPTED).order_by("pk"))
    for one, other in zip(listed, others, strict=True):
        [event] = events.filter(idea=one)
        facts = {field.attname: getattr(event, field.attname) for field in event._meta.fields}
        IdeaEvent.objects.create(**{**facts, "id": None, "idea_id": other.pk})
        Idea.objects.filter(pk=other.pk).update(status=Status.SHORTLISTED, event_count=other.event_count + 1)
        Idea.objects.filter(pk=one.pk).update(status=Status.ACCEPTED, event_count=one.event_count - 1)
        event.delete()
        campaign.shortlist.entries.filter(idea=one).update(idea=other)


def addresses(campaign):
    """Whatever of a campaign, its ideas and their lists has an address."""
    queue = reverse("admin:ideas_idea_changelist")
    yield from (
        f"{queue}?status={status}{more}" for status in STATUSES for more in ("", "&o=3", "&o=-3", "&assigned=no")
    )
    yield from (f"{queue}?q={idea.receipt}" for idea in ideas_of(campaign))
    for name in ("ideas_idea_change", "ideas_idea_publish"):
        yield from (reverse(f"admin:{name}", args=[idea.pk]) for idea in ideas_of(campaign))
    yield reverse("admin:ideas_idea_restricted")
    for name in ("triage", "clusters"):
        yield reverse(f"admin:ideas_idea_{name}", args=[campaign.slug])
    for name in ("change", "dashboard", "history", "paper"):
        yield reverse(f"admin:ideas_campaign_{name}", args=[campaign.pk])
    for model in ("message", "pendingtext", "officeevent", "shortlist", "campaign", "assignment", "objection"):
        yield reverse(f"admin:ideas_{model}_changelist")
    yield from (reverse("admin:index"), reverse("entry"), reverse("panel"), reverse("home"))
    of_all = ("campaign", "ideas", "winners", "record", "statistics", "notice", "notice-object")
    yield from (reverse(name, args=[campaign.slug]) for name in of_all)
    yield from (reverse("idea", args=[campaign.slug, idea.receipt]) for idea in ideas_of(campaign))


def answers_for(client, campaign):
    """Every answer to one person, without what is new in each page, and as if nobody had asked before."""
    client.get(reverse("home"))  # the first answer sets a cookie
    with transaction.atomic():
        bodies = _crawled(client, campaign)
        transaction.set_rollback(True)  # the office's log of the files taken away
    return bodies


def _crawled(client, campaign):
    found = {address: client.get(address) for address in addresses(campaign)}
    for status in STATUSES:
        address = f"{reverse('admin:ideas_idea_export')}?status={status}"
        found[address] = client.post(address, {"form": "csv"})
    bodies = {}
    for address, answer in found.items():
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        bodies[address] = (answer.status_code, lasting(body))
    return bodies


def lasting(body):
    return re.sub(rb'(csrfmiddlewaretoken|nonce|once)"? value="[^"]*"', b"", body)


@pytest.mark.parametrize("role", [None, Role.MODERATOR, Role.KEEPER, "reader"])
def test_no_answer_tells_which_ideas_are_listed(role, campaign):
    client = Client()
    if role == "reader":  # somebody who may look at ideas and not at the list
        client.force_login(looker())
    elif role:
        client.force_login(factories.make_user(role))
    late = factories.make_idea(campaign)
    restricted.restrict_idea(idea=late, staff=factories.make_keeper(), at=clock.LATER, reason="线索")
    with clock.at(clock.LATER):
        first = answers_for(client, campaign)
        swap(campaign)
        second = answers_for(client, campaign)
    assert [address for address in first if first[address] != second[address]] == []
    assert any(status == 200 for status, _body in first.values())


def test_the_crawl_sees_a_list_where_one_is_shown(campaign, auditor):
    """The same comparison as somebody who may see the list: it differs."""
    client = Client()
    client.force_login(auditor)
    with clock.at(clock.LATER):
        first = answers_for(client, campaign)
        swap(campaign)
        second = answers_for(client, campaign)
    assert len([address for address in first if first[address] != second[address]]) > 5


def test_the_page_of_ideas_alike_tells_nothing(client, campaign, moderator):
    """A late idea is like all others, and each leads a group: neither a box nor a word tells which one is listed."""
    late = factories.make_idea(campaign)
    for idea in ideas_of(campaign)[:-1]:
        DuplicateLink.objects.create(idea=idea, other=late, score=0.9)
        merged = factories.make_idea(campaign)
        Idea.objects.filter(pk=merged.pk).update(status=Status.MERGED, merged_into=idea)
    client.force_login(moderator)
    address = reverse("admin:ideas_idea_clusters", args=[campaign.slug])
    first = [client.get(page).content for page in (address, f"{address}?merged=1")]
    swap(campaign)
    second = [client.get(page).content for page in (address, f"{address}?merged=1")]
    assert [lasting(page) for page in second] == [lasting(page) for page in first]
    assert (late.receipt.encode() in first[0], merged.receipt.encode() in first[1]) == (True, True)


def looker() -> User:
    user = factories.make_user(Role.AUDITOR)
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=LOOKS))
    return user


# --- Acts ------------------------------------------------------------------------------------------------------------


def decisions(idea, moderator):
    given = {"idea": idea, "moderator": moderator, "at": clock.LATER}
    other = Idea.objects.exclude(pk=idea.pk).order_by("pk").first()
    return [
        lambda: screening.decline_idea(**given, declined_as=DeclineReason.OUTSIDE_AREA, reason="不在本区"),
        lambda: screening.merge_idea(**given, into=other),
        lambda: screening.transfer_idea(**given, channel="12345", reason="请拨打"),
        lambda: screening.undo_decision(**given),
        lambda: restricted.restrict_idea(idea=idea, staff=moderator, at=clock.LATER, reason="线索"),
    ]


def refusal(act):
    with pytest.raises(Refusal) as refused:
        act()
    return str(refused.value)


def test_a_decision_is_refused_alike_for_listed_and_other_ideas(campaign, moderator):
    listed, other = (campaign.ideas.filter(status=status).last() for status in (Status.SHORTLISTED, Status.ACCEPTED))
    said = [{refusal(act) for act in decisions(idea, moderator)} for idea in (listed, other)]
    assert (said[0] == said[1], len(said[0])) == (True, 1)


@pytest.mark.parametrize("stage", ["proposed", "sealed", "held"])
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.KEEPER])
def test_restricting_is_refused_alike_at_every_stage_of_a_list(campaign, managers, stage, role):
    """Whoever does not know the list learns nothing by trying, also of ideas merged into others; nothing changes."""
    shortlist = campaign.shortlist
    ideas = ideas_of(campaign)
    for idea in ideas:
        publish(idea, managers[0])
    if stage != "proposed":
        for manager in managers:
            shortlist.refresh_from_db()
            seal_shortlist(
                shortlist=shortlist, manager=manager, at=clock.RATING_UNTIL, expected_version=shortlist.version
            )
    if stage == "held":
        factories.hold_list(shortlist, managers, clock.LATER)
    staff, before = factories.make_user(role), list(Idea.objects.order_by("pk").values())
    given = {"staff": staff, "at": clock.LATER, "reason": "线索"}
    said = {refusal(lambda idea=idea: restricted.restrict_idea(idea=idea, **given)) for idea in ideas}
    assert (len(said), list(Idea.objects.order_by("pk").values())) == (1, before)


def test_whoever_knows_the_list_is_told_what_must_come_first(campaign, managers, manager):
    """On the list: take it off. Sealed: open it first. Released: it is public, and what can be done about that."""
    shortlist = campaign.shortlist
    listed = shortlist.entries.first().idea
    given = {"idea": listed, "staff": manager, "at": clock.LATER, "reason": "线索"}
    assert "调出" in refusal(lambda: restricted.restrict_idea(**given))
    for idea in ideas_of(campaign):
        publish(idea, manager)
    for one in managers:
        shortlist.refresh_from_db()
        seal_shortlist(shortlist=shortlist, manager=one, at=clock.RATING_UNTIL, expected_version=shortlist.version)
    assert "封存" in refusal(lambda: restricted.restrict_idea(**given))
    factories.release_list(shortlist, managers, clock.LATER)
    assert "公开稿" in refusal(lambda: restricted.restrict_idea(**given))


def publish(idea, manager):
    edit_published(idea=idea, editor=manager, at=clock.LATER, title=idea.title, text="公开稿。")


def test_a_late_find_is_noted_by_the_moderator_and_decided_by_a_manager(campaign, moderator, manager):
    """The honest case of the refusal above; and what is not on the list can still be declined."""
    other = campaign.ideas.filter(status=Status.ACCEPTED).last()
    screening.note_idea(idea=other, moderator=moderator, at=clock.LATER, note="与去年的工程重复")
    screening.decline_idea(
        idea=other, moderator=manager, at=clock.LATER, declined_as=DeclineReason.OUTSIDE_AREA, reason="不在本区"
    )
    assert other.status == Status.DECLINED


def test_before_there_is_a_list_a_moderator_decides_late_finds(moderator):
    campaign = factories.rated_campaign(moderator, 3)
    idea = campaign.ideas.first()
    screening.decline_idea(
        idea=idea, moderator=moderator, at=clock.RATING, declined_as=DeclineReason.OUTSIDE_AREA, reason="不在本区"
    )
    assert idea.status == Status.DECLINED


def test_a_page_from_before_the_list_is_not_outdated_by_it(campaign, moderator):
    listed = campaign.ideas.filter(status=Status.SHORTLISTED).first()
    screening.note_idea(idea=listed, moderator=moderator, at=clock.LATER, note="已电话核实", expected_version=2)
    with pytest.raises(Refusal):
        screening.note_idea(idea=listed, moderator=moderator, at=clock.LATER, note="晚了一步", expected_version=2)


# --- What the public reads -------------------------------------------------------------------------------------------


def write(idea, moderator, at):
    edit_published(idea=idea, editor=moderator, at=at, title=f"公开：{idea.receipt}", text="公开稿。")


def test_texts_written_for_the_list_become_public_with_it(campaign, moderator, managers):
    """What was public before stays so; what is written for the list waits, and the desk says so."""
    listed = list(campaign.ideas.filter(status=Status.SHORTLISTED))
    other = campaign.ideas.filter(status=Status.ACCEPTED).first()
    write(other, moderator, clock.RATING)
    for idea in listed:
        write(idea, moderator, clock.LATER)
    write(other, moderator, clock.LATER)  # a slip of the pen mended
    assert set(access.public_ideas(campaign)) == set(access.shown_ideas(clock.LATER)) == {other}
    assert [access.is_held(idea) for idea in (*listed, other)] == [True, True, False]


def test_the_release_shows_what_waited(moderator, managers):
    campaign = factories.rated_campaign(moderator, 3, places=2, show_ideas=True)
    shortlist = factories.seal(campaign, managers)
    for idea in campaign.ideas.all():
        write(idea, moderator, clock.LATER)
    assert access.public_ideas(campaign).count() == 0
    shortlist.refresh_from_db()
    factories.release_list(shortlist, managers, clock.LATER)
    assert access.public_ideas(campaign).count() == 3


def test_a_photo_released_for_the_list_waits_too(campaign, moderator):
    idea = campaign.ideas.filter(status=Status.SHORTLISTED).first()
    write(idea, moderator, clock.RATING)
    early, late = (factories.add_photo(idea) for _number in range(2))
    for photo, at in ((early, clock.RATING), (late, clock.LATER)):
        release_photo(photo=photo, editor=moderator, at=at, shown=True)
    assert list(access.released_photos(idea)) == [early]
    anybody = {"user": factories.make_user(), "draft_keys": [], "opened": None, "at": clock.LATER}
    assert [access.photo(photo.key, **anybody) for photo in (early, late)] == [early, None]


def test_while_ideas_are_collected_a_text_is_public_at_once(moderator):
    campaign = factories.make_campaign(show_ideas=True)
    [idea] = factories.published(campaign, moderator)
    refresh_figures(campaign=campaign, at=clock.DURING)
    assert list(access.public_ideas(campaign)) == [idea]
