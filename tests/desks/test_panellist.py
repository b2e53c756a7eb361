import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Assignment, Campaign, Rating, Unit
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rating_time():
    with clock.at(clock.RATING):
        yield


@pytest.fixture
def assignments(campaign, moderator):
    factories.accepted(campaign, moderator, 3)
    factories.make_panel(campaign, 3)
    return factories.assigned(campaign)


@pytest.fixture
def panellist(client, assignments):
    """The panellist of the first seat, logged in."""
    user = assignments[0].panellist.user
    client.force_login(user)
    return user


def own(user):
    return list(Assignment.objects.filter(panellist__user=user).order_by("id"))


def marks(assignment, value=7):
    return {f"criterion-{pk}": value for pk in assignment.panellist.campaign.criteria.values_list("id", flat=True)}


def address(assignment, name="rate"):
    return reverse(name, args=[assignment.pk])


def test_a_panellist_sees_own_ideas_and_progress(client, assignments, panellist):
    factories.rate(own(panellist)[0])
    body = client.get("/panel/").content.decode()
    shown = {assignment.idea.title for assignment in assignments if assignment.idea.title in body}
    assert shown == {assignment.idea.title for assignment in own(panellist)}
    assert "共2条，已评1条" in body


@pytest.mark.parametrize("page", ["panel", "rate"])
def test_a_month_that_is_left_is_no_january(client, panellist, page):
    assignment = own(panellist)[0]
    Campaign.objects.update(rating_until=clock.RATING + timedelta(days=40, minutes=1))
    body = client.get(reverse("panel") if page == "panel" else address(assignment)).content.decode()
    assert "还剩1个月1周" in re.sub(r"\s", "", body), body[body.index("还剩") - 20 :][:90]


def test_no_page_counts_time_in_the_words_of_django():
    pages = (Path(__file__).parents[2] / "templates").rglob("*.*")
    assert [page.name for page in pages if re.search(r"\|time(until|since)", page.read_text(encoding="utf-8"))] == []


def test_rating_leads_to_the_next_idea_and_then_to_the_desk(client, panellist):
    first, second = own(panellist)
    assert client.post(address(first), marks(first)).url == address(second)
    assert client.post(address(second), marks(second)).url == "/panel/"
    assert Rating.objects.count() == 2


def test_a_missing_mark_is_named_and_nothing_is_lost(client, panellist):
    assignment = own(panellist)[0]
    given = marks(assignment)
    missing = next(iter(given))
    given.pop(missing)
    answer = client.post(address(assignment), {**given, "comment": "值得试点"})
    assert list(answer.context["form"].errors) == [missing]
    assert "值得试点" in answer.content.decode()
    assert answer.content.decode().count("checked") == 3


def test_another_panellists_idea_does_not_exist(client, assignments, panellist):
    foreign = next(assignment for assignment in assignments if assignment.panellist.user != panellist)
    assert [client.get(address(foreign)).status_code, client.post(address(foreign), marks(foreign)).status_code] == [
        404
    ] * 2
    assert client.post(address(foreign, "recuse"), {"reason": "x"}).status_code == 404


def test_the_panel_is_blind(client, assignments, panellist):
    """Neither the proposer nor anybody else's mark stands in any byte of a panellist's pages."""
    colleague = next(s for s in assignments if s.idea_id == own(panellist)[0].idea_id and s.panellist.user != panellist)
    factories.rate(colleague, 9)
    pages = [
        client.get(path).content.decode()
        for path in ("/panel/", *(address(assignment) for assignment in own(panellist)))
    ]
    secrets = ("林小满", "海边的风", "12012345678", "120****", "resident@", colleague.panellist.user.name)
    assert [secret for secret in secrets if any(secret in page for page in pages)] == []
    assert not any("checked" in page for page in pages)


def test_standing_aside_takes_the_idea_off_the_desk(client, panellist):
    assignment = own(panellist)[0]
    client.post(address(assignment, "recuse"), {"reason": "与建议人相识"})
    assert client.get(address(assignment)).status_code == 404
    assert assignment.idea.title not in client.get("/panel/").content.decode()


def test_standing_aside_without_a_reason_is_explained(client, panellist):
    answer = client.post(address(own(panellist)[0], "recuse"), {"reason": ""})
    assert (answer.status_code, "reason" in answer.context["recusal"].errors) == (200, True)


def test_after_the_end_marks_are_shown_and_cannot_change(client, panellist):
    assignment = own(panellist)[0]
    factories.rate(assignment, 4)
    with clock.at(clock.RATING_UNTIL):
        client.force_login(panellist)
        body = client.get(address(assignment)).content.decode()
        client.post(address(assignment), marks(assignment, 10))
    assert 'class="button"' not in body.split("<main")[1].split("</main>")[0]
    assert set(Rating.objects.get().marks.values_list("points", flat=True)) == {4}


def test_strangers_are_asked_to_log_in(client, assignments):
    assert client.get(address(assignments[0])).url.startswith("/login/?next=")


def test_queries_do_not_grow_with_the_desk(client, campaign, moderator, django_assert_num_queries):
    for ideas in (2, 6):
        factories.accepted(campaign, moderator, ideas)
        if ideas == 2:
            factories.make_panel(campaign, 2)
        assignments = factories.assigned(campaign)
        client.force_login(assignments[0].panellist.user)
        with django_assert_num_queries(12):
            client.get("/panel/")
        with django_assert_num_queries(13):
            client.get(address(assignments[0]))


@pytest.fixture
def long_desk(client, campaign, moderator):
    """One panellist with 32 ideas, the first one rated and the second one put off."""
    ideas = factories.accepted(campaign, moderator, 32)
    [member] = factories.make_panel(campaign, 1)
    Assignment.objects.bulk_create(
        Assignment(panellist=member, idea=idea, assigned_at=clock.RATING_FROM) for idea in ideas
    )
    client.force_login(member.user)
    first, second, *others = own(member.user)
    factories.rate(first)
    Assignment.objects.filter(pk=second.pk).update(skipped_at=clock.RATING)
    return [first, *others, second]


def shown(client, query=""):
    [block] = client.get(f"/panel/{query}").context["blocks"]
    return [assignment for assignment, _title in block["assignments"]]


def test_a_long_desk_comes_in_pages_what_was_put_off_on_the_last(client, long_desk):
    assert [shown(client, query) for query in ("", "?page=2")] == [long_desk[:30], long_desk[30:]]
    assert [shown(client, f"?page={number}") for number in ("99", "x")] == [long_desk[30:], long_desk[:30]]
    assert client.post(address(long_desk[-1]), marks(long_desk[-1])).status_code == 302


def test_a_long_desk_is_narrowed_to_a_state_and_its_pages_stay_so(client, long_desk):
    assert (shown(client, "?state=rated"), shown(client, "?state=put_off")) == ([long_desk[0]], [long_desk[-1]])
    Assignment.objects.filter(pk=long_desk[-1].pk).update(skipped_at=None)
    Rating.objects.all().delete()
    answer = client.get("/panel/?state=to_do")
    assert (len(shown(client, "?state=to_do&page=2")), 'href="?state=to_do&amp;page=2"' in answer.content.decode()) == (
        2, True,
    )  # fmt: skip


def test_the_head_of_a_desk_counts_all_of_it_on_every_page(client, long_desk):
    [block] = client.get("/panel/?page=2").context["blocks"]
    progress = block["progress"]
    assert (progress.done, progress.total, block["next"]) == (1, 32, long_desk[1].pk)


def test_names_and_contacts_inside_the_text_are_covered(client, campaign, moderator):
    words = {
        "title": "林小满建议加装路灯",
        "problem": "我是海边的风，这里很黑，打我电话 120 1234 5678。",
        "proposal": "加两盏灯，联系 resident@example.com，或 13900001111。",
    }
    factories.accepted(campaign, moderator, **words)
    factories.make_panel(campaign, 2)
    assignment = factories.assigned(campaign)[0]
    client.force_login(assignment.panellist.user)
    pages = [client.get(path).content.decode() for path in ("/panel/", address(assignment))]
    secrets = ("林小满", "海边的风", "120 1234 5678", "resident@example.com", "13900001111")
    assert [secret for secret in secrets if any(secret in page for page in pages)] == []
    assert "●●建议加装路灯" in pages[0]


def test_an_abstention_leads_on_and_is_not_a_recusal(client, panellist):
    first, second = own(panellist)
    assert client.post(address(first, "abstain"), {"reason": ""}).url == address(second)
    assert (Rating.objects.get().abstained, hasattr(first, "recusal")) == (True, False)


def test_what_is_put_off_comes_last(client, panellist):
    first, second = own(panellist)
    assert client.post(address(first, "skip")).url == address(second)
    assert client.post(address(second), marks(second)).url == address(first)


@pytest.mark.parametrize("act", ["abstain", "skip"])
def test_nobody_acts_at_another_desk(client, assignments, panellist, act):
    foreign = next(assignment for assignment in assignments if assignment.panellist.user != panellist)
    assert client.post(address(foreign, act)).status_code == 404


def test_a_page_of_the_rating_desk_takes_few_queries(client, panellist, django_assert_max_num_queries):
    first, second = own(panellist)
    factories.rate(first, 6)
    with django_assert_max_num_queries(15):
        client.get(address(second))


def test_who_stood_aside_from_everything_is_told_so(client, panellist):
    for assignment in own(panellist):
        client.post(address(assignment, "recuse"), {"reason": "认识建议人"})
    body = client.get("/panel/").content.decode()
    assert ("均已回避" in body, "目前没有分派给您" in body) == (True, False)


def test_a_desk_of_somebody_who_sees_names_by_now_is_empty_and_says_why(client, assignments, panellist):
    panellist.groups.add(factories.make_user(Role.MODERATOR).groups.get())
    assert "可查看建议人身份" in client.get("/panel/").content.decode()
    assert client.get(address(own(panellist)[0])).status_code == 404


def test_an_idea_in_conflict_leaves_the_desk_and_its_page_says_why(client, assignments, panellist):
    first, second = own(panellist)
    unit = Unit.objects.create(name="城管局")
    type(panellist).objects.filter(pk=panellist.pk).update(unit=unit)
    type(first.idea).objects.filter(pk=first.idea_id).update(unit=unit)
    body = client.get("/panel/").content.decode()
    assert (address(first) in body, address(second) in body) == (False, True)
    page = client.get(address(first)).content.decode()
    assert ('id="rating"' in page, "建议由本单位负责" in page) == (False, True)
    assert client.post(address(first), marks(first)).status_code == 200
    assert client.post(address(second), marks(second)).url == "/panel/"  # not to the one in conflict
    assert Rating.objects.count() == 1


WORDS = "这一句理由写了很久，不能丢。"


def form_of(body, action):
    return re.search(rf'<form[^>]*action="{action}".*?</form>', body, re.DOTALL)[0]


def from_paper(assignment):
    """Marks from paper are confirmed: the desk still shows its forms and the service refuses."""
    factories.rate(assignment)
    Rating.objects.update(entered_by=factories.make_user(), confirmed_by=factories.make_user())


@pytest.mark.parametrize("reason", [WORDS, WORDS * 30])
def test_a_refused_abstention_comes_back_with_its_reason_and_why(client, panellist, reason):
    """Confirmed marks from paper, and a reason that is too long."""
    assignment = own(panellist)[0]
    from_paper(assignment)
    body = client.post(address(assignment, "abstain"), {"reason": reason}).content.decode()
    form = form_of(body, address(assignment, "abstain"))
    assert (reason in form, 'class="field-error"' in form, "<details open>" in body) == (True, True, True)
    assert not Rating.objects.filter(abstained=True).exists()


def test_a_refused_recusal_comes_back_with_its_reason_and_why(client, panellist):
    """Rated in another tab meanwhile."""
    assignment = own(panellist)[0]
    factories.rate(assignment)
    body = client.post(address(assignment, "recuse"), {"reason": WORDS}).content.decode()
    assert WORDS in form_of(body, address(assignment, "recuse"))
    assert not hasattr(Assignment.objects.get(pk=assignment.pk), "recusal")


@pytest.mark.parametrize(
    ("act", "typed"), [("rate", {"comment": WORDS}), ("abstain", {"reason": WORDS}), ("recuse", {"reason": WORDS})]
)
def test_words_sent_after_the_end_are_shown(client, panellist, act, typed):
    assignment = own(panellist)[0]
    with clock.at(clock.RATING_UNTIL):
        client.force_login(panellist)
        body = client.post(address(assignment, act), marks(assignment) | typed).content.decode()
    assert WORDS in body
    assert not Rating.objects.exists()


def test_fields_of_the_three_forms_have_names_of_their_own(client, panellist):
    ids = re.findall(r' id="([^"]+)"', client.get(address(own(panellist)[0])).content.decode())
    assert sorted(ids) == sorted(set(ids))


def seen_on(client, assignment, act="rate"):
    return re.search(
        r'name="seen" value="(\w*)"',
        form_of(client.get(address(assignment)).content.decode(), address(assignment, act)),
    )[1]


def test_a_page_that_is_older_than_the_rating_takes_nothing_away(client, panellist):
    """Two tabs: the one saves marks and a long comment, the other other marks and an empty one."""
    assignment = own(panellist)[0]
    shown = {"seen": seen_on(client, assignment)}
    client.post(address(assignment), marks(assignment, 8) | shown | {"comment": WORDS})
    answer = client.post(address(assignment), marks(assignment, 5) | shown | {"comment": ""})
    rating, body = Rating.objects.get(), answer.content.decode()
    assert (rating.comment, set(rating.marks.values_list("points", flat=True))) == (WORDS, {8})
    assert f"期间已保存为：{WORDS}" in body
    assert len(re.findall(r'class="field-error"[^>]*>期间已保存为：8<', body)) == len(marks(assignment))
    assert len(re.findall(r'value="5"[^>]* checked', body)) == len(marks(assignment))
    again = re.search(r'name="seen" value="(\w+)"', form_of(body, address(assignment)))[1]
    assert (
        client.post(address(assignment), marks(assignment, 5) | {"seen": again, "comment": "改了"}).status_code == 302
    )
    assert Rating.objects.get().comment == "改了"


def test_an_older_page_does_not_take_marks_back_by_giving_none(client, panellist):
    assignment = own(panellist)[0]
    shown = {"seen": seen_on(client, assignment, "abstain")}
    factories.rate(assignment)
    body = client.post(address(assignment, "abstain"), shown | {"reason": WORDS}).content.decode()
    assert WORDS in form_of(body, address(assignment, "abstain"))
    assert not Rating.objects.get().abstained
    again = {"seen": seen_on(client, assignment, "abstain")}
    assert client.post(address(assignment, "abstain"), again | {"reason": WORDS}).status_code == 302
    assert Rating.objects.get().abstained


@pytest.mark.parametrize("act", ["recuse", "abstain"])
def test_what_is_refused_far_down_is_said_on_top_and_leads_there(client, panellist, act):
    assignment = own(panellist)[0]
    body = client.post(address(assignment, act), {"reason": "" if act == "recuse" else "长" * 301}).content.decode()
    summary = re.search(r'<div class="error-summary" role="alert" tabindex="-1" autofocus>.*?</div>', body, re.DOTALL)
    assert re.findall(r'<li><a href="#(\w+)">', summary[0]) == [f"{act}_reason"]
    assert f'id="{act}_reason"' in body.split("</h1>")[1]
