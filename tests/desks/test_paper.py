import re

import pytest
from django.urls import reverse

from ideas.choices import Role
from ideas.desks.paper import LINES
from ideas.models import Assignment, Idea, Panellist, Rating, Recusal
from ideas.services.paper import confirm_rating, enter_rating
from tests import clock, factories

pytestmark = pytest.mark.django_db

TEXT = {
    "title": "林小满建议加装路灯",
    "problem": "我是海边的风，这里很黑，打我电话 120 1234 5678。",
    "proposal": "加两盏灯，联系 resident@example.com。",
}
SECRETS = ("林小满", "海边的风", "120 1234 5678", "resident@")


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING):
        yield


@pytest.fixture
def member(campaign, moderator):
    """The panellist of three ideas whose texts name their proposer."""
    factories.accepted(campaign, moderator, 3, **TEXT)
    members = factories.make_panel(campaign, 2)
    factories.assigned(campaign)
    return members[0]


@pytest.fixture
def assignments(member):
    return list(member.assignments.order_by("id"))


@pytest.fixture
def clerk(client, managers):
    client.force_login(managers[0])
    return managers[0]


def address(member, name="sheet"):
    return reverse(f"admin:ideas_campaign_paper_{name}", args=[member.campaign_id, member.pk])


def line(assignment, *values, seen="", **more):
    """What the page posts of one line."""
    criteria = assignment.panellist.campaign.criteria.values_list("id", flat=True)
    cells = {f"criterion-{pk}": value for pk, value in zip(criteria, values, strict=False)}
    return {
        f"seat-{assignment.pk}-{name}": value for name, value in {**cells, "seen": seen, "comment": "", **more}.items()
    }


def enter(assignment, clerk, value=6):
    points = dict.fromkeys(assignment.panellist.campaign.criteria.values_list("id", flat=True), value)
    return enter_rating(assignment=assignment, clerk=clerk, points=points, comment="", at=clock.RATING)


def typed(assignment):
    marks = Rating.objects.get(assignment=assignment).marks.order_by("criterion")
    return list(marks.values_list("points", flat=True))


def test_the_print_has_a_box_for_every_idea_and_criterion_and_names_no_proposer(client, clerk, member, assignments):
    body = client.get(f"{address(member, 'print')}?texts").content.decode()
    assert all(assignment.idea.receipt in body for assignment in assignments)
    assert body.count('<td class="box"></td>') == 3 * 4
    assert str(member) in body
    assert [secret for secret in SECRETS if secret in body] == []


def test_every_page_for_paper_covers_the_proposer(client, clerk, managers, member, assignments):
    enter(assignments[0], managers[1])
    for name in ("sheet", "compare"):
        body = client.get(address(member, name)).content.decode()
        assert assignments[0].idea.receipt in body
        assert [secret for secret in SECRETS if secret in body] == []


def test_restricted_and_recused_ideas_are_not_printed(client, clerk, member, assignments):
    Idea.objects.filter(pk=assignments[0].idea_id).update(restricted=True)
    Recusal.objects.create(assignment=assignments[1], reason="x", at=clock.RATING)
    body = client.get(address(member, "print")).content.decode()
    assert [assignment.idea.receipt in body for assignment in assignments] == [False, False, True]
    assert '<td class="no">3</td>' in body


def test_a_long_sheet_is_printed_in_parts_with_and_without_texts(client, clerk, campaign, moderator):
    ideas = factories.accepted(campaign, moderator, 102)
    [member] = factories.make_panel(campaign, 1)
    Assignment.objects.bulk_create(
        Assignment(panellist=member, idea=idea, assigned_at=clock.RATING_FROM) for idea in ideas
    )
    sheet = address(member, "print")
    numbers = [[row.number for row in client.get(f"{sheet}?page={page}").context["rows"]] for page in (1, 2, 9)]
    assert numbers == [list(range(1, 101)), [101, 102], [101, 102]]
    assert 'href="?texts=1&amp;page=2"' in client.get(f"{sheet}?texts=1").content.decode()


def test_a_sheet_is_typed_in_at_once(client, clerk, member, assignments):
    given = (
        line(assignments[0], 8, 7, 6, 5, comment="可行") | line(assignments[1], "９", 9, 9, 10) | line(assignments[2])
    )
    assert client.post(address(member), given).status_code == 302
    assert (typed(assignments[0]), typed(assignments[1])) == ([8, 7, 6, 5], [9, 9, 9, 10])
    assert set(Rating.objects.values_list("entered_by", flat=True)) == {clerk.pk}


@pytest.mark.parametrize("bad", ["11", "0", "7.5", "七", ""])
def test_a_bad_cell_is_named_good_lines_are_kept_and_nothing_typed_is_lost(client, clerk, member, assignments, bad):
    answer = client.post(
        address(member), line(assignments[0], 8, bad, 6, 5, comment="留着") | line(assignments[1], 9, 9, 9, 9)
    )
    body = answer.content.decode()
    criterion = list(member.campaign.criteria.all())[1]
    assert (answer.status_code, typed(assignments[1])) == (422, [9, 9, 9, 9])
    assert f"{assignments[0].idea.receipt} {criterion}" in answer.context["faults"][0][1]
    assert f'href="#id_seat-{assignments[0].pk}-criterion-{criterion.pk}"' in body
    assert "留着" in body
    assert not bad or f'value="{bad}"' in body
    assert not Rating.objects.filter(assignment=assignments[0]).exists()


def test_a_line_is_marks_or_no_mark_or_aside(client, clerk, member, assignments):
    given = line(assignments[0], 8, 8, 8, 8, abstained="on") | line(assignments[1], abstained="on", aside="on")
    assert client.post(address(member), given).status_code == 422
    assert (Rating.objects.count(), Recusal.objects.count()) == (0, 0)


def test_no_mark_and_standing_aside_are_typed_in(client, clerk, member, assignments):
    given = line(assignments[0], abstained="on") | line(assignments[1], aside="on", comment="本单位承办")
    assert client.post(address(member), given).status_code == 302
    assert Rating.objects.get(assignment=assignments[0]).abstained
    assert Recusal.objects.get(assignment=assignments[1]).reason == "本单位承办"


def test_why_somebody_stands_aside_is_asked_for_beside_the_line(client, clerk, member, assignments):
    answer = client.post(address(member), line(assignments[0], aside="on"))
    assert (answer.status_code, answer.context["faults"][0][0]) == (422, f"line-{assignments[0].pk}")


def test_saving_again_makes_nobody_else_the_one_who_typed_it(client, clerk, managers, member, assignments):
    rating = enter(assignments[0], managers[1])
    client.post(address(member), line(assignments[0], 6, 6, 6, 6, seen=rating.version))
    assert Rating.objects.get().entered_by == managers[1]


def test_an_emptied_line_is_taken_away(client, clerk, member, assignments):
    rating = enter(assignments[0], clerk)
    assert client.post(address(member), line(assignments[0], seen=rating.version)).status_code == 302
    assert Rating.objects.count() == 0


def test_a_line_changed_meanwhile_is_shown_beside_what_was_typed(client, clerk, managers, member, assignments):
    enter(assignments[0], managers[1], 9)
    answer = client.post(address(member), line(assignments[0], 3, 3, 3, 3))
    body = answer.content.decode()
    assert (answer.status_code, typed(assignments[0])) == (422, [9] * 4)
    assert "9 9 9 9" in body
    assert body.count('value="3"') == 4
    [kept] = re.findall(rf'name="seat-{assignments[0].pk}-seen" value="(\w*)"', body)
    assert client.post(address(member), line(assignments[0], 3, 3, 3, 3, seen=kept)).status_code == 302


def test_a_line_that_left_the_sheet_comes_back_in_words_and_the_others_are_kept(client, clerk, member, assignments):
    first, second, *_rest = assignments
    lines = {**line(first, 9, 8, 7, 6, comment="写了很久的话"), **line(second, 5, 5, 5, 5)}
    Idea.objects.filter(pk=first.idea_id).update(restricted=True)
    answer = client.post(address(member), lines, follow=True)
    said = "".join(map(str, answer.context["messages"]))
    assert ("9 · 8 · 7 · 6 · 写了很久的话" in said, first.idea.receipt in said) == (True, False)
    assert list(Rating.objects.values_list("assignment", flat=True)) == [second.pk]


def test_a_line_that_moved_to_the_page_before_is_kept(client, clerk, campaign, moderator, member):
    factories.accepted(campaign, moderator, LINES)
    factories.assigned(campaign)
    assignments = list(member.assignments.order_by("id"))
    Idea.objects.filter(pk=assignments[0].idea_id).update(restricted=True)
    first_of_second_page = assignments[LINES]  # by now the last one of the first page
    client.post(f"{address(member)}?page=2", line(first_of_second_page, 5, 5, 5, 5))
    assert list(Rating.objects.values_list("assignment", flat=True)) == [first_of_second_page.pk]


def test_an_empty_line_is_no_act_on_what_the_panellist_rates_at_the_desk_meanwhile(client, clerk, member, assignments):
    factories.rate(assignments[0], 9)
    assert client.post(address(member), line(assignments[0])).status_code == 302
    assert typed(assignments[0]) == [9] * 4


def test_a_line_that_was_not_sent_shows_what_it_holds_beside_a_bad_one(client, clerk, managers, member, assignments):
    enter(assignments[0], managers[1], 9)
    answer = client.post(address(member), line(assignments[1], 12, 3, 3, 3))
    body = answer.content.decode()
    assert (answer.status_code, body.count('value="9"'), body.count('value="3"')) == (422, 4, 3)
    assert list(Rating.objects.values_list("assignment", "entered_by")) == [(assignments[0].pk, managers[1].pk)]


def test_what_was_typed_stays_to_be_read_where_the_line_was_confirmed_meanwhile(
    client, clerk, managers, member, assignments
):
    rating = enter(assignments[0], managers[1], 9)
    confirm_rating(assignment=assignments[0], clerk=clerk, expected_version=rating.version, at=clock.RATING)
    answer = client.post(address(member), line(assignments[0], 3, 3, 3, 3, seen=rating.version))
    body = answer.content.decode()
    assert (answer.status_code, typed(assignments[0]), body.count('value="3"')) == (422, [9] * 4, 4)
    assert f"seat-{assignments[0].pk}-seen" not in client.get(address(member)).content.decode()


def test_a_sheet_without_lines_has_nothing_to_save(client, clerk, member):
    Idea.objects.update(restricted=True)
    assert "act-accept" not in client.get(address(member)).content.decode()


def test_the_other_person_confirms_a_line(client, clerk, managers, member, assignments):
    rating = enter(assignments[0], managers[1])
    given = {"act": "confirm", "seat": assignments[0].pk, "seen": rating.version}
    assert client.post(address(member, "compare"), given).status_code == 302
    assert Rating.objects.get().confirmed_by == clerk


def test_who_typed_it_in_gets_no_button_and_cannot_confirm(client, clerk, member, assignments):
    rating = enter(assignments[0], clerk)
    page = address(member, "compare")
    assert 'value="confirm"' not in client.get(page).content.decode()
    client.post(page, {"act": "confirm", "seat": assignments[0].pk, "seen": rating.version})
    client.post(page, {"act": "all", "line": f"{assignments[0].pk}:{rating.version}", "compared": "on"})
    assert Rating.objects.get().confirmed_by is None


def test_a_page_is_confirmed_after_it_was_compared(client, clerk, managers, member, assignments):
    given = {
        "act": "all",
        "line": [f"{assignment.pk}:{enter(assignment, managers[1]).version}" for assignment in assignments],
    }
    client.post(address(member, "compare"), given)
    assert Rating.objects.counting().count() == 0
    client.post(address(member, "compare"), {**given, "compared": "on"})
    assert Rating.objects.counting().count() == 3


def test_a_wrong_line_goes_back_with_a_word(client, clerk, managers, member, assignments):
    rating = enter(assignments[0], managers[1])
    page, given = address(member, "compare"), {"act": "back", "seat": assignments[0].pk, "seen": rating.version}
    assert client.post(page, {**given, "why": " "}).status_code == 422
    answer = client.post(page, {**given, "seen": "old", "why": "第二栏是5分"})
    assert (answer.status_code, "第二栏是5分" in answer.content.decode()) == (422, True)
    assert client.post(page, {**given, "why": "第二栏是5分"}).status_code == 302
    assert "第二栏是5分" in client.get(address(member)).content.decode()


PRIVATE, TOLD = "张三13800138000要求", "电话号码 13800138000"


def test_a_comment_that_looks_private_is_asked_about_once(client, clerk, member, assignments):
    given = line(assignments[0], 7, 7, 7, 7, comment=PRIVATE)
    answer = client.post(address(member), given)
    assert (answer.status_code, f'value="{TOLD}"' in answer.content.decode()) == (422, True)
    assert not Rating.objects.exists()
    client.post(address(member), {**given, f"seat-{assignments[0].pk}-sure": TOLD})
    rating = Rating.objects.get()
    assert rating.comment == PRIVATE
    kept = line(assignments[0], 7, 7, 7, 8, comment=PRIVATE, seen=rating.version)
    assert (client.post(address(member), kept).status_code, typed(assignments[0])) == (302, [7, 7, 7, 8])


def test_why_a_line_goes_back_is_asked_about_too(client, clerk, managers, member, assignments):
    rating = enter(assignments[0], managers[1])
    page = address(member, "compare")
    given = {"act": "back", "seat": assignments[0].pk, "seen": rating.version, "why": PRIVATE}
    answer = client.post(page, given)
    assert (answer.status_code, f'value="{TOLD}"' in answer.content.decode()) == (422, True)
    assert client.post(page, {**given, "sure": TOLD}).status_code == 302
    assert Rating.objects.get().returned_why == PRIVATE


def test_a_seat_of_another_sheet_is_not_there(client, clerk, managers, member, assignments):
    other = Assignment.objects.exclude(panellist=member).first()
    rating = enter(other, managers[1])
    given = {"act": "confirm", "seat": other.pk, "seen": rating.version}
    assert client.post(address(member, "compare"), given).status_code == 404


def test_who_sits_on_the_panel_sees_no_sheet(client, clerk, member):
    Panellist.objects.create(campaign=member.campaign, user=clerk)
    assert {client.get(address(member, name)).status_code for name in ("sheet", "compare", "print")} == {403}


def test_a_moderator_types_in_and_prints_nothing(client, moderator, member):
    client.force_login(moderator)
    pages = ("sheet", "compare", "print")
    assert [client.get(address(member, name)).status_code for name in pages] == [200, 200, 403]


def test_the_first_page_says_what_waits_for_the_other_person(client, managers, member, assignments):
    enter(assignments[0], managers[1])
    page = reverse("admin:ideas_campaign_paper", args=[member.campaign_id])
    for person, told in ((managers[0], True), (managers[1], False)):
        client.force_login(person)
        assert (page in client.get("/admin/").content.decode()) is told


def test_who_typed_in_and_who_confirmed_stands_on_the_sheet_of_the_rank(client, clerk, managers, assignments):
    enter(assignments[0], managers[1])
    confirm_rating(
        assignment=assignments[0], clerk=clerk, expected_version=Rating.objects.get().version, at=clock.RATING
    )
    page = reverse("admin:ideas_campaign_why", args=[assignments[0].panellist.campaign_id, assignments[0].idea_id])
    body = client.get(page).content.decode()
    main = body[body.index('<div class="standing panel-desk">') :]
    assert str(managers[0]) in main
    assert str(managers[1]) in main


def test_pages_for_paper_cost_as_many_queries_for_many_ideas(client, managers, moderator, django_assert_num_queries):
    client.force_login(managers[0])
    client.get("/admin/")
    for ideas in (2, 8):
        campaign = factories.make_campaign()
        factories.accepted(campaign, moderator, ideas)
        [member, _other] = factories.make_panel(campaign, 2)
        for assignment in factories.assigned(campaign):
            enter(assignment, managers[1])
        for name, most in (("sheet", 13), ("compare", 14), ("print", 13)):
            with django_assert_num_queries(most):
                assert client.get(address(member, name)).status_code == 200


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_others_see_no_sheet(client, member, role):
    client.force_login(factories.make_user(role))
    assert client.get(address(member)).status_code in (302, 403)
