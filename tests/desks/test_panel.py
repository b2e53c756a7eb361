import re

import pytest
from django.urls import reverse

from ideas.choices import Role
from ideas.models import (
    Assignment,
    AssignmentRun,
    Conflict,
    MarkDecision,
    Message,
    OfficeEvent,
    Panellist,
    Rating,
    Unit,
    User,
)
from ideas.queries.invariants import violations
from ideas.queries.panel import panel_version
from ideas.services.panel import assign_first_round, declare_conflict, remind_panel
from ideas.services.proposal import propose_shortlist
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING):
        yield


@pytest.fixture
def rated(moderator):
    return factories.rated_campaign(moderator)


def address(name, *args):
    return reverse(f"admin:ideas_campaign_{name}", args=args)


def act(client, campaign, given):
    """Press a button of the panel's desk as it stands now."""
    return client.post(address("panel", campaign.pk), {"shown": panel_version(campaign), **given})


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 200), (Role.AUDITOR, 200), (Role.MODERATOR, 403)])
def test_the_standing_is_for_those_who_may_see_the_list(client, rated, role, status):
    client.force_login(factories.make_user(role))
    idea = rated.ideas.first()
    pages = (address("ranking", rated.pk), address("why", rated.pk, idea.pk))
    assert [client.get(page).status_code for page in pages] == [status] * 2


def test_a_panellist_sees_neither_standing_nor_desk(client, rated):
    client.force_login(rated.panellists.first().user)
    assert {client.get(address(name, rated.pk)).status_code for name in ("ranking", "panel")} == {302}


def test_the_standing_lists_the_ideas_in_their_order(client, manager, rated):
    client.force_login(manager)
    rows = client.get(address("ranking", rated.pk)).context["rows"]
    assert [idea.pk for _, idea in rows] == list(rated.ideas.by_receipt().values_list("id", flat=True))


@pytest.fixture
def long_standing(client, manager, moderator):
    """Fifty-two rated ideas with three places, before their manager."""
    client.force_login(manager)
    return factories.rated_campaign(moderator, 52)


def test_a_long_standing_comes_in_pages_with_its_cut_in_place(client, long_standing):
    page = address("ranking", long_standing.pk)
    shown = [client.get(f"{page}?page={number}") for number in (1, 2, 9)]
    ranks = [[line.rank for line, _idea in answer.context["rows"]] for answer in shown]
    assert ranks == [list(range(1, 51)), [51, 52], [51, 52]]
    first = shown[0].content.decode()
    assert first.index(f">{shown[0].context['rows'][2][1].receipt}<") < first.index('id="cut"')
    assert first.index('id="cut"') < first.index(f">{shown[0].context['rows'][3][1].receipt}<")
    assert 'href="?page=1#cut"' in first


def test_an_idea_is_found_in_a_long_standing(client, long_standing):
    page = address("ranking", long_standing.pk)
    last = client.get(page, {"page": 2}).context["rows"][-1][1]
    found = client.get(page, {"find": last.receipt.lower()})
    assert (found.context["page"].number, found.context["found"]) == (2, last.pk)
    assert re.search(
        rf'<tr class="[^"]* found">\s*<td class="number">\s*52</td>.*?>{last.receipt}<', found.content.decode(), re.S
    )
    assert client.get(page, {"find": last.receipt, "page": 1}).context["page"].number == 1


@pytest.mark.parametrize("number", ["JM22-XXXXXXXX", "", "elsewhere"])
def test_what_does_not_stand_there_is_not_found(client, long_standing, campaign, number):
    number = factories.make_idea(campaign).receipt if number == "elsewhere" else number
    answer = client.get(address("ranking", long_standing.pk), {"find": number})
    assert (answer.context["page"].number, answer.context["is_missing"]) == (1, True)
    assert "没有此编号" in answer.content.decode()


def test_the_standing_costs_as_many_queries_for_many_ideas(client, manager, moderator, django_assert_num_queries):
    client.force_login(manager)
    for ideas in (3, 9):
        campaign = factories.rated_campaign(moderator, ideas)
        with django_assert_num_queries(18):
            client.get(address("ranking", campaign.pk))


def test_the_standing_says_what_of_paper_it_does_not_count(client, manager, rated):
    assignment = Assignment.objects.filter(panellist__campaign=rated).first()
    rating = assignment.rating
    rating.entered_by = manager
    rating.save()
    client.force_login(manager)
    answer = client.get(address("ranking", rated.pk))
    counted = sum(line.score.reviews for line, _idea in answer.context["rows"])
    assert (answer.context["waiting"], counted) == (1, 9)
    assert '<p class="advice">' in answer.content.decode()


def test_the_sheet_names_no_panellist(client, manager, rated):
    client.force_login(manager)
    body = client.get(address("why", rated.pk, rated.ideas.first().pk)).content.decode()
    assert [str(member) for member in rated.panellists.all() if f">{member}<" in body] == []


def test_a_manager_assigns_notes_a_conflict_and_reminds(client, manager, campaign, moderator):
    client.force_login(manager)
    factories.accepted(campaign, moderator, 2)
    member = factories.make_panel(campaign, 3)[0]
    receipt = campaign.ideas.first().receipt
    given = {"act": "conflict", "panellist": member.pk, "receipts": receipt, "reason": "亲属"}
    for data in (given, {"act": "first"}, {"act": "remind"}):
        assert act(client, campaign, data).status_code == 302
    assert (Conflict.objects.count(), Assignment.objects.count()) == (1, 4)
    assert not member.assignments.filter(idea__receipt=receipt).exists()


@pytest.fixture
def desk(client, manager, campaign, moderator):
    """The manager before the desk of a campaign whose three panellists share four ideas."""
    client.force_login(manager)
    factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign, 3)
    factories.assigned(campaign)
    return address("panel", campaign.pk)


def assignment_of(campaign):
    member = campaign.panellists.first()
    return member, member.assignments.order_by("id").first()


def test_ideas_are_put_on_a_desk_and_taken_off_by_hand(client, desk, campaign):
    member, assignment = assignment_of(campaign)
    given = {"panellist": member.pk, "receipts": assignment.idea.receipt, "reason": "专业对口"}
    assert act(client, campaign, {"act": "remove", **given}).status_code == 302
    assert not member.assignments.filter(idea=assignment.idea).exists()
    assert act(client, campaign, {"act": "add", **given}).status_code == 302
    assert member.assignments.filter(idea=assignment.idea).exists()


def test_several_ideas_are_moved_as_a_whole_or_not_at_all(client, desk, campaign):
    member, assignment = assignment_of(campaign)
    free = campaign.ideas.exclude(assignments__panellist=member).first()
    receipts = f"{free.receipt}、{assignment.idea.receipt}"
    before = member.assignments.count()
    for name in ("add", "remove"):
        answer = act(client, campaign, {"act": name, "panellist": member.pk, "receipts": receipts, "reason": "x"})
        assert (answer.status_code, member.assignments.count()) == (422, before)


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("first", "assign", {"reason": "分批评审"}),
        ("replace", "replace", {"reason": "出差"}),
        ("replace", "replace", {"panellist": "own", "reason": ""}),
        ("add", "seat", {"panellist": "own", "receipts": "JM22-XXXXXXXX", "reason": "专业对口"}),
        ("conflict", "conflict", {"panellist": "own", "reason": "亲属"}),
    ],
)
def test_a_refusal_stands_in_its_own_form_with_what_was_typed(client, desk, campaign, name, form, given):
    member, _assignment = assignment_of(campaign)
    given = {name: member.pk if value == "own" else value for name, value in given.items()}
    if name == "first":
        campaign.panellists.update(is_active=False)
    answer = act(client, campaign, {"act": name, **given})
    forms = answer.context["forms"]
    assert (answer.status_code, [name for name, one in forms.items() if one.errors]) == (422, [form])
    assert given["reason"] in answer.content.decode()
    assert not Conflict.objects.exists()


def test_conflicts_with_units_and_ideas_stand_beside_the_panellist(client, desk, campaign):
    member, assignment = assignment_of(campaign)
    unit = Unit.objects.create(name="城管局")
    given = {
        "act": "conflict",
        "panellist": member.pk,
        "receipts": assignment.idea.receipt,
        "unit": unit.pk,
        "reason": "亲属",
    }
    assert act(client, campaign, given).status_code == 302
    body = client.get(desk).content.decode()
    for what in ("城管局", assignment.idea.receipt):
        assert re.search(rf'<span class="conflict">\s*{what}', body)


def test_a_conflict_is_noted_once(client, desk, campaign):
    member, assignment = assignment_of(campaign)
    given = {"act": "conflict", "panellist": member.pk, "receipts": assignment.idea.receipt, "reason": "亲属"}
    assert [act(client, campaign, given).status_code for _ in range(2)] == [302, 422]
    assert Conflict.objects.count() == 1


def test_the_desk_says_who_gets_a_reminder_and_who_must_be_called(client, desk, campaign):
    mailed, *others = campaign.panellists.select_related("user")
    assert 'value="remind"' not in client.get(desk).content.decode()
    mailed.user.email = "juror@example.com"
    mailed.user.save()
    answer = client.get(desk)
    assert 'value="remind"' in answer.content.decode()
    assert [row.panellist for row in answer.context["silent"]] == others


def test_a_panellist_leaves_once(client, desk, campaign):
    member, _assignment = assignment_of(campaign)
    act(client, campaign, {"act": "replace", "panellist": member.pk, "reason": "出差"})
    assert act(client, campaign, {"act": "replace", "panellist": member.pk, "reason": "出差"}).status_code == 422
    assert not campaign.panellists.get(pk=member.pk).is_active


def test_the_desk_has_no_acts_once_the_list_is_proposed(client, manager, rated):
    propose_shortlist(campaign=rated, manager=manager, at=clock.RATING_UNTIL)
    client.force_login(manager)
    assert 'name="act"' not in client.get(address("panel", rated.pk)).content.decode()


def test_the_desk_costs_as_many_queries_for_many_panellists(client, manager, moderator, django_assert_num_queries):
    client.force_login(manager)
    for size in (2, 6):
        campaign = factories.make_campaign()
        factories.accepted(campaign, moderator, 2)
        factories.make_panel(campaign, size)
        factories.assigned(campaign)
        with django_assert_num_queries(23):
            client.get(address("panel", campaign.pk))


def post_rows(client, campaign, changes):
    """Post the campaign's page with some rows of its panel changed, {panellist's key: {field: value}}."""
    page = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    data = filled(client, page)
    for number, member in enumerate(campaign.panellists.order_by("id")):
        data |= {f"panellists-{number}-{name}": value for name, value in changes.get(member.pk, {}).items()}
    return client.post(page, data)


@pytest.mark.parametrize("page", ["campaign", "assignments"])
def test_pages_with_the_panel_cost_as_many_queries_for_many(client, manager, campaign, page, django_assert_num_queries):
    client.force_login(manager)
    pages = {
        "campaign": reverse("admin:ideas_campaign_change", args=[campaign.pk]),
        "assignments": reverse("admin:ideas_assignment_changelist"),
    }
    client.get(pages[page])
    for size in (2, 6):
        members = factories.make_panel(campaign, size)
        Conflict.objects.create(
            panellist=members[0], unit=Unit.objects.create(name=f"{size}"), reason="x", at=clock.DURING, by=manager
        )
        with django_assert_num_queries({"campaign": 57, "assignments": 8}[page]):
            assert client.get(pages[page]).status_code == 200


def test_a_row_of_the_panel_names_its_own_person_and_the_panellists_page_everybody(client, manager, campaign):
    client.force_login(manager)
    first, second = factories.make_panel(campaign, 2)
    page = client.get(reverse("admin:ideas_campaign_change", args=[campaign.pk])).content.decode()
    own = reverse("admin:ideas_panellist_change", args=[first.pk])
    offered = [
        set(re.findall(r'value="(\d+)"', re.search(rf'name="{name}".*?</select>', body, re.S)[0]))
        for name, body in (("panellists-0-user", page), ("user", client.get(own).content.decode()))
    ]
    assert offered == [{str(first.user_id)}, {str(first.user_id), str(second.user_id)}]
    assert own in page


@pytest.mark.parametrize("page", ["campaign", "panellist"])
def test_a_desk_with_ratings_is_never_given_to_somebody_else(client, manager, rated, page):
    client.force_login(manager)
    member, other = rated.panellists.first(), factories.make_user(Role.PANELLIST)
    before = set(Rating.objects.values_list("pk", "assignment__panellist__user"))
    elsewhere = factories.make_campaign()
    if page == "campaign":
        post_rows(client, rated, {member.pk: {"user": other.pk}})
    else:
        page = reverse("admin:ideas_panellist_change", args=[member.pk])
        client.post(page, {**filled(client, page), "campaign": elsewhere.pk, "user": other.pk, "is_active": "on"})
    assert set(Rating.objects.values_list("pk", "assignment__panellist__user")) == before
    assert (rated.panellists.count(), list(violations())) == (3, [])


def test_a_conflict_is_not_given_to_somebody_else_either(client, manager, campaign):
    client.force_login(manager)
    member, other = factories.make_panel(campaign, 1)[0], factories.make_user(Role.PANELLIST)
    Conflict.objects.create(
        panellist=member, unit=Unit.objects.create(name="城管局"), reason="亲属", at=clock.DURING, by=manager
    )
    page = reverse("admin:ideas_panellist_change", args=[member.pk])
    client.post(page, {**filled(client, page), "user": other.pk})
    assert Panellist.objects.get(pk=member.pk).user_id == member.user_id
    assert client.post(reverse("admin:ideas_panellist_delete", args=[member.pk]), {"post": "yes"}).status_code == 403


def test_a_wrong_choice_is_mended_before_anything_hangs_on_it(client, manager, campaign):
    client.force_login(manager)
    member, other = factories.make_panel(campaign, 1)[0], factories.make_user(Role.PANELLIST)
    assert post_rows(client, campaign, {member.pk: {"user": other.pk}}).status_code == 302
    assert Panellist.objects.get(pk=member.pk).user == other


def test_a_panellist_takes_a_break_and_comes_back_though_rated(client, manager, rated):
    client.force_login(manager)
    member = rated.panellists.first()
    for ticked in ({"is_active": ""}, {"is_active": "on"}):
        assert post_rows(client, rated, {member.pk: ticked}).status_code == 302
        assert Panellist.objects.get(pk=member.pk).is_active == bool(ticked["is_active"])


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MODERATOR, Role.CLERK, Role.AUDITOR])
def test_nobody_who_sees_names_is_seated(client, manager, campaign, role):
    client.force_login(manager)
    both = factories.make_user(Role.PANELLIST)
    both.groups.add(factories.make_user(role).groups.get())
    data = {"campaign": campaign.pk, "user": both.pk, "is_active": "on"}
    assert client.post(reverse("admin:ideas_panellist_add"), data).status_code == 200
    assert not campaign.panellists.exists()


def test_a_successor_takes_the_open_seats_and_no_mark(client, manager, campaign, moderator):
    client.force_login(manager)
    factories.accepted(campaign, moderator, 6)
    member = factories.make_panel(campaign, 3)[0]
    [first, *_others] = [
        assignment for assignment in factories.assigned(campaign) if assignment.panellist_id == member.pk
    ]
    rating = factories.rate(first)
    left = set(member.assignments.exclude(pk=first.pk).values_list("idea_id", flat=True))
    successor = factories.make_user(Role.PANELLIST)
    given = {"act": "replace", "panellist": member.pk, "successor": successor.pk, "reason": "出差"}
    assert act(client, campaign, given).status_code == 302
    heir = campaign.panellists.get(user=successor)
    assert set(heir.assignments.values_list("idea_id", flat=True)) == left
    rating.refresh_from_db()
    assert (rating.assignment.panellist_id, rating.given_by) == (member.pk, member.user)
    logged = OfficeEvent.objects.get(act="panellist_left")
    assert (logged.detail["successor"], logged.purpose, list(violations())) == (heir.pk, "出差", [])


def test_whoever_sees_names_is_no_successor(client, manager, campaign, moderator):
    client.force_login(manager)
    member = factories.make_panel(campaign, 3)[0]
    given = {"act": "replace", "panellist": member.pk, "successor": moderator.pk, "reason": "出差"}
    assert act(client, campaign, given).status_code == 422
    assert Panellist.objects.get(pk=member.pk).is_active


def test_a_disabled_account_is_neither_seated_nor_reminded_and_the_desk_says_so(client, manager, campaign, moderator):
    client.force_login(manager)
    factories.accepted(campaign, moderator, 3)
    gone, *others = factories.make_panel(campaign, 3)
    User.objects.filter(pk=gone.user_id).update(is_active=False, email="gone@example.com")
    assign_first_round(campaign=campaign, per_idea=2, seed=1, at=clock.RATING)
    assert (gone.assignments.count(), [member.assignments.count() for member in others]) == (0, [3, 3])
    page = client.get(address("panel", campaign.pk))
    assert [row.panellist for row in page.context["unfit"]] == [gone]
    assert gone not in [row.panellist for row in page.context["behind"]]


def decide(client, campaign, act, **overrides):
    page = client.get(address("ranking", campaign.pk))
    form = page.context["doubts"][0]
    chosen = [doubt.rating.pk for doubt in form.group.doubts]
    data = {"group": form.group.key, "ratings": chosen, "reason": "会议决定", "act": act, "shown": form.group.version}
    data |= overrides
    return client.post(address("ranking", campaign.pk), data)


@pytest.fixture
def doubted(client, manager, rated):
    """A rated campaign; after rating, the unit of the first idea's panellist became the idea's own."""
    client.force_login(manager)
    assignment = Assignment.objects.filter(panellist__campaign=rated).order_by("idea_id", "id").first()
    unit = Unit.objects.create(name="城管局")
    User.objects.filter(pk=assignment.panellist.user_id).update(unit=unit)
    rated.ideas.filter(pk=assignment.idea_id).update(unit=unit)
    return assignment


def test_a_mark_that_may_not_count_is_shown_and_decided(client, rated, doubted):
    page = client.get(address("ranking", rated.pk))
    [form] = page.context["doubts"]
    assert [doubt.rating.pk for doubt in form.group.doubts] == [doubted.rating.pk]
    assert decide(client, rated, "leave").status_code == 302
    scores = {idea.pk: line.score.reviews for line, idea in client.get(address("ranking", rated.pk)).context["rows"]}
    assert scores[doubted.idea_id] == 1
    logged = OfficeEvent.objects.get(act="mark_decision")
    assert (logged.idea, logged.purpose, logged.detail["counts"]) == (doubted.idea, "会议决定", False)


@pytest.fixture
def all_doubted(client, manager, moderator):
    """A rated campaign in which one panellist's twenty-two marks are in doubt: that account was closed."""
    client.force_login(manager)
    campaign = factories.rated_campaign(moderator, 33)
    gone = campaign.panellists.first()
    User.objects.filter(pk=gone.user_id).update(is_active=False)
    return campaign


def listed(client, campaign):
    [form] = client.get(address("ranking", campaign.pk)).context["doubts"]
    return [doubt.rating.pk for doubt in form.listed]


def test_of_many_doubtful_marks_the_undecided_ones_come_first_some_at_a_time(client, all_doubted):
    first = listed(client, all_doubted)
    page = client.get(address("ranking", all_doubted.pk)).content.decode()
    assert (len(first), page.count('type="checkbox" name="ratings"'), "另有2" in page) == (20, 20, True)
    assert decide(client, all_doubted, "count", ratings=first).status_code == 302
    then = listed(client, all_doubted)
    assert (set(then[:2]) & set(first), len(then)) == (set(), 20)
    assert decide(client, all_doubted, "leave", ratings=[then[0], first[0]]).status_code == 302


def test_all_doubtful_marks_of_a_panellist_are_decided_at_once(client, all_doubted):
    assert decide(client, all_doubted, "leave", ratings=[], whole="on").status_code == 302
    assert list(MarkDecision.objects.values_list("counts", flat=True)) == [False] * 22


def test_doubts_cost_as_many_queries_for_many(client, moderator, manager, django_assert_num_queries):
    client.force_login(manager)
    for ideas in (3, 9):
        campaign = factories.rated_campaign(moderator, ideas)
        User.objects.filter(pk=campaign.panellists.first().user_id).update(is_active=False)
        with django_assert_num_queries(22):
            client.get(address("ranking", campaign.pk))


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"ratings": []}])
def test_a_decision_needs_a_reason_and_marks(client, rated, doubted, wrong):
    answer = decide(client, rated, "count", **wrong)
    assert (answer.status_code, MarkDecision.objects.count()) == (422, 0)


def test_a_decision_on_what_the_page_no_longer_shows_is_refused(client, rated, doubted):
    answer = decide(client, rated, "count", group=f"{doubted.panellist_id}-address", reason="写了很久的理由")
    assert (answer.status_code, MarkDecision.objects.count()) == (409, 0)
    assert "写了很久的理由" in answer.content.decode()


def test_a_decision_that_somebody_else_has_made_since_is_not_turned_round_unseen(client, rated, doubted):
    shown = client.get(address("ranking", rated.pk)).context["doubts"][0].group.version
    decide(client, rated, "leave")
    answer = decide(client, rated, "count", shown=shown, reason="写了很久的理由")
    body = answer.content.decode()
    assert (answer.status_code, MarkDecision.objects.get().counts, "写了很久的理由" in body) == (422, False, True)
    again = re.search(r'name="shown" value="([^"]*)"', body)[1]
    assert decide(client, rated, "count", shown=again).status_code == 302
    assert MarkDecision.objects.get().counts


def test_an_auditor_sees_the_doubt_and_decides_nothing(client, rated, doubted, auditor):
    client.force_login(auditor)
    assert decide(client, rated, "count").status_code == 403
    assert not MarkDecision.objects.exists()


def test_the_desk_says_who_reminded_last(client, manager, desk, campaign):
    User.objects.update(email="juror@example.com")
    act(client, campaign, {"act": "remind"})
    assert str(manager) in client.get(desk).content.decode().partition('value="remind"')[0].rpartition("<h2>")[2]


@pytest.mark.parametrize("name", ["first", "remind", "replace", "add", "remove", "conflict"])
def test_an_act_is_refused_on_a_panel_that_somebody_else_has_changed(client, desk, campaign, managers, name):
    """Whatever the other one did; nothing happens, and the same press on the page shown then is done."""
    User.objects.update(email="juror@example.com")
    member, assignment = assignment_of(campaign)
    free = campaign.ideas.exclude(assignments__panellist=member).first()
    receipt = (free if name == "add" else assignment.idea).receipt
    given = {"act": name, "panellist": member.pk, "receipts": receipt, "reason": "写了很久的理由"}
    page = client.get(desk)
    other = campaign.panellists.exclude(pk=member.pk).first()
    tables = (Assignment, Conflict, Message, OfficeEvent, AssignmentRun)
    for change in (
        lambda: assign_first_round(campaign=campaign, per_idea=2, seed=1, at=clock.RATING, manager=managers[1]),
        lambda: remind_panel(campaign=campaign, manager=managers[1], at=clock.RATING),
        lambda: declare_conflict(panellist=other, idea=free, manager=managers[1], at=clock.RATING, reason="亲属"),
        lambda: Panellist.objects.filter(pk=other.pk).update(is_active=False),
    ):
        shown = page.context["forms"]["remind"]["shown"].value()
        change()
        stood = [table.objects.count() for table in tables]
        page = client.post(desk, {**given, "shown": shown})
        assert (page.status_code, [table.objects.count() for table in tables]) == (422, stood)
        assert name in ("first", "remind") or "写了很久的理由" in page.content.decode()
    [form] = [form for form in page.context["forms"].values() if form.errors]
    assert client.post(desk, {**given, "shown": form["shown"].value()}).status_code == 302
