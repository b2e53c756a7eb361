import pytest
from django.urls import reverse

from ideas.choices import Status
from ideas.models import Idea
from ideas.services.screening import accept_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    return client


def decide(desk, idea, action, seen=1, **given):
    data = {f"{action}-{name}": value for name, value in {"seen": seen, **given}.items()}
    return desk.post(reverse("admin:ideas_idea_decide", args=[idea.pk, action]), data)


def page(idea):
    return reverse("admin:ideas_idea_change", args=[idea.pk])


def status(idea):
    return Idea.objects.get(pk=idea.pk).status


def test_the_queue_shows_what_is_waiting(desk, campaign, idea, moderator):
    done = factories.make_idea(campaign)
    accept_idea(idea=done, moderator=moderator, at=clock.DURING)
    body = desk.get(reverse("admin:ideas_idea_changelist")).content.decode()
    assert (idea.receipt in body, done.receipt in body) == (True, False)


@pytest.mark.parametrize("query", ["status=accepted", "status=all", "q={receipt}", "q=路灯", "q=路灯&status=accepted"])
def test_the_queue_can_be_filtered_and_searched(desk, campaign, moderator, query):
    done = factories.make_idea(campaign)
    accept_idea(idea=done, moderator=moderator, at=clock.DURING)
    address = reverse("admin:ideas_idea_changelist") + "?" + query.format(receipt=done.receipt)
    assert done.receipt in desk.get(address).content.decode()


def test_after_a_decision_the_next_idea_is_there(desk, campaign, idea):
    following = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    assert decide(desk, idea, "accept").url == page(following)
    assert decide(desk, following, "accept").url == reverse("admin:ideas_idea_changelist")


@pytest.mark.parametrize(
    ("action", "given", "after"),
    [
        ("accept", {}, Status.ACCEPTED),
        ("return", {"question": "哪一侧？"}, Status.RETURNED),
        ("decline", {"declined_as": "outside_area", "reason": "不在本区。"}, Status.DECLINED),
        ("transfer", {"channel": "12345", "reason": "请拨打12345。"}, Status.TRANSFERRED),
    ],
)
def test_each_button_does_its_act(desk, idea, action, given, after):
    decide(desk, idea, action, **given)
    assert status(idea) == after


def test_a_duplicate_is_merged_by_the_receipt_number_as_typed(desk, campaign, idea):
    later = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    decide(desk, later, "merge", into=f" {idea.receipt.lower()} ")
    assert (status(later), Idea.objects.get(pk=later.pk).merged_into) == (Status.MERGED, idea)


def test_a_decline_without_a_reason_keeps_the_page_open(desk, idea):
    answer = decide(desk, idea, "decline", declined_as="insult", reason="")
    assert (answer.status_code, status(idea)) == (422, Status.RECEIVED)
    assert "<details open>" in answer.content.decode()


def test_a_refused_merge_says_why_and_keeps_what_was_typed(desk, idea):
    answer = decide(desk, idea, "merge", into=idea.receipt)
    assert (answer.status_code, status(idea)) == (409, Status.RECEIVED)
    assert all(words in answer.content.decode() for words in ("不能", f'value="{idea.receipt}"'))


def test_an_outdated_page_changes_nothing(desk, idea, moderator):
    accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    answer = decide(desk, idea, "decline", declined_as="insult", reason="x")
    assert (answer.status_code, status(idea)) == (409, Status.ACCEPTED)


def test_the_history_stands_under_the_idea(desk, idea, moderator):
    decide(desk, idea, "return", question="哪一侧？")
    body = desk.get(page(idea)).content.decode()
    assert all(word in body for word in ("哪一侧？", moderator.name, "2026-03-20 12:00"))


def test_contacts_are_masked(desk, idea):
    body = desk.get(page(idea)).content.decode()
    assert [word in body for word in ("120****5678", "r***@example.com", "林**")] == [True] * 3
    assert [word in body for word in ("12012345678", "resident@", "林小满")] == [False] * 3


def test_the_published_text_is_written_beside_the_original(desk, idea):
    data = {"published-seen": 1, "published-title": "公开题目", "published-text": "公开正文"}
    desk.post(reverse("admin:ideas_idea_published", args=[idea.pk]), data)
    saved = Idea.objects.get(pk=idea.pk)
    assert (saved.published_title, saved.published_text, saved.problem) == ("公开题目", "公开正文", idea.problem)


def test_an_auditor_reads_and_finds_no_button(client, auditor, idea):
    client.force_login(auditor)
    body = client.get(page(idea)).content.decode()
    assert (idea.problem in body, 'class="act' in body) == (True, False)
    assert decide(client, idea, "accept").status_code == 403


@pytest.mark.parametrize("pk", ["0", "999999", "nonsense"])
def test_an_unknown_idea_is_404(desk, pk):
    assert desk.get(f"/admin/ideas/idea/{pk}/change/").status_code == 404


def test_markup_in_an_idea_is_shown_as_text(desk, campaign):
    attack = "<script>alert(1)</script>"
    idea = factories.make_idea(campaign, title=attack, problem=attack, place=attack, name=attack)
    bodies = [desk.get(path).content.decode() for path in (page(idea), reverse("admin:ideas_idea_changelist"))]
    assert not any(attack in body for body in bodies)


def test_queries_do_not_grow(desk, campaign, django_assert_num_queries):
    for count in (2, 20):
        for _ in range(count):
            idea = factories.make_idea(campaign)
        with django_assert_num_queries(9):
            desk.get(reverse("admin:ideas_idea_changelist"))
        with django_assert_num_queries(7):
            desk.get(page(idea))


def test_the_address_of_a_button_leads_back_to_the_idea(desk, idea):
    assert desk.get(reverse("admin:ideas_idea_decide", args=[idea.pk, "accept"])).url == page(idea)


def test_managers_read_the_reviews_and_moderators_do_not(client, moderator, manager):
    campaign = factories.rated_campaign(moderator)
    seat = campaign.panellists.first().assignments.first()
    seat.rating.comment = "先在两处试点"
    seat.rating.save()
    seen = {}
    for user in (manager, moderator):
        client.force_login(user)
        seen[user] = "先在两处试点" in client.get(page(seat.idea)).content.decode()
    assert seen == {manager: True, moderator: False}
