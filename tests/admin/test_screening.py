import re
from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.choices import DeclineReason, Role, Status
from ideas.models import Idea, Photo, Unit, WordList
from ideas.services import tracking
from ideas.services.screening import accept_idea, decline_idea, return_idea
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


@pytest.mark.parametrize(("act", "fields"), [("decline", {"declined_as", "reason"}), ("return", {"question"})])
def test_a_refused_decision_names_its_fields_on_top(desk, idea, act, fields):
    answer = desk.post(reverse("admin:ideas_idea_decide", args=[idea.pk, act]), {f"{act}-seen": "1"})
    [top] = re.findall(r'<div class="error-summary".*?</div>', answer.content.decode(), re.S)
    assert set(re.findall(rf'href="#id_{act}-(\w+)"', top)) == fields


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
        with django_assert_num_queries(10):
            desk.get(reverse("admin:ideas_idea_changelist"))
        with django_assert_num_queries(15):
            desk.get(page(idea))


def test_the_address_of_a_button_leads_back_to_the_idea(desk, idea):
    assert desk.get(reverse("admin:ideas_idea_decide", args=[idea.pk, "accept"])).url == page(idea)


def test_managers_read_the_reviews_and_moderators_do_not(client, moderator, manager):
    campaign = factories.rated_campaign(moderator)
    assignment = campaign.panellists.first().assignments.first()
    assignment.rating.comment = "先在两处试点"
    assignment.rating.save()
    seen = {}
    for user in (manager, moderator):
        client.force_login(user)
        seen[user] = "先在两处试点" in client.get(page(assignment.idea)).content.decode()
    assert seen == {manager: True, moderator: False}


@pytest.fixture
def photo(campaign):
    idea = factories.make_idea(campaign)
    return Photo.objects.create(idea=idea, added_at=clock.DURING, width=3, height=2, size=1)


def press_photo(client, photo, **given):
    address = reverse("admin:ideas_idea_photo", args=[photo.idea_id, photo.key])
    return client.post(address, {"seen": photo.idea.event_count, **given}).status_code


def test_a_photo_is_released_and_taken_back_by_its_button(client, photo, moderator):
    client.force_login(moderator)
    shown = []
    for wish in ("on", "off"):
        photo.refresh_from_db()
        assert press_photo(client, photo, shown=wish) == 302
        shown.append(Photo.objects.get().shown_at is not None)
    assert shown == [True, False]


def test_a_photo_button_on_a_stale_page_changes_nothing(client, photo, moderator):
    client.force_login(moderator)
    assert (press_photo(client, photo, shown="on", seen=0), Photo.objects.get().shown_at) == (409, None)


def test_the_photos_stand_on_the_ideas_page_with_their_buttons(client, photo, moderator, auditor):
    pages = []
    for person in (moderator, auditor):
        client.force_login(person)
        pages.append(client.get(reverse("admin:ideas_idea_change", args=[photo.idea_id])).content.decode())
    assert [reverse("photo-thumb", args=[photo.key]) in page for page in pages] == [True, True]
    assert ['name="shown"' in page for page in pages] == [True, False]


def test_suspicious_ideas_say_why_and_can_be_listed(client, campaign, moderator):
    client.force_login(moderator)
    junk, good = factories.make_idea(campaign), factories.make_idea(campaign)
    Idea.objects.filter(pk=junk.pk).update(suspicions=["honeypot"], suspicion_count=1)
    client.cookies["language"] = "en"
    page = client.get(reverse("admin:ideas_idea_change", args=[junk.pk])).content.decode()
    assert "a field was filled in that people do not see" in page
    lists = [client.get(reverse("admin:ideas_idea_changelist"), {"suspicious": wish}) for wish in ("yes", "no")]
    assert [[row.pk for row in found.context["cl"].result_list] for found in lists] == [[junk.pk], [good.pk]]


def doubted(idea, moderator):
    """The moderator declined it and the resident asked for a review."""
    reason = {"declined_as": DeclineReason.UNCLEAR, "reason": "没有写明地点。"}
    decline_idea(idea=idea, moderator=moderator, at=clock.DURING, **reason)
    tracking.ask_review(idea=idea, reasons="地点写在标题里。", at=clock.DURING, expected_version=2)


def test_a_review_that_was_asked_for_is_shown_with_its_reasons(client, idea, moderator):
    doubted(idea, moderator)
    client.force_login(factories.make_user(Role.MODERATOR))
    client.cookies["language"] = "en"
    body = client.get(page(idea)).content.decode()
    assert all(words in body for words in ("地点写在标题里。", "review asked for", moderator.name, 'class="act'))


def test_whoever_decided_finds_no_button_for_the_review(desk, idea, moderator):
    doubted(idea, moderator)
    assert 'class="act act-accept' not in desk.get(page(idea)).content.decode()
    assert (decide(desk, idea, "accept", seen=3).status_code, status(idea)) == (409, Status.RECEIVED)


def test_the_residents_answer_and_earlier_wording_are_shown(desk, idea, moderator):
    return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪一侧？")
    words = {"title": "改过的标题", "topic": "road", "problem": "x", "proposal": "x", "area": "unknown", "place": ""}
    tracking.answer_question(idea=idea, answer="北门一侧。", words=words, at=clock.DURING, expected_version=2)
    desk.cookies["language"] = "en"
    body = desk.get(page(idea)).content.decode()
    shown = ("北门一侧。", idea.title, "改过的标题", "the text before is earlier wording 1", "Earlier wording 1, until")
    assert [words for words in shown if words not in body] == []


def test_an_erased_person_is_told_as_erased(desk, idea):
    tracking.erase_person(idea=idea, at=clock.DURING, expected_version=1)
    desk.cookies["language"] = "en"
    body = desk.get(page(idea)).content.decode()
    assert ("personal data erased on 2026-03-20 12:00" in body, "120****5678" in body) == (True, False)


def test_the_queue_works_for_an_erased_idea(desk, idea):
    tracking.erase_person(idea=idea, at=clock.DURING, expected_version=1)
    assert idea.receipt in desk.get(reverse("admin:ideas_idea_changelist")).content.decode()
    assert decide(desk, idea, "accept", seen=2).status_code == 302


def queue(desk, query=""):
    return desk.get(reverse("admin:ideas_idea_changelist") + query).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?suspicious=no",
        "?photos=no",
        "?review=no",
        "?assigned=no",
        "?waiting=3",
        "?source__exact=web",
        "?area__street=集美街道",
    ],
)
def test_each_filter_finds_what_it_names(desk, campaign, query):
    idea = factories.make_idea(campaign, at=clock.DURING - timedelta(days=4))
    assert idea.receipt in queue(desk, query)


@pytest.mark.parametrize(
    "query",
    ["?suspicious=yes", "?photos=yes", "?review=yes", "?assigned=yes", "?waiting=7", "?source__exact=paper", "?due=2"],
)
def test_each_filter_leaves_out_what_it_does_not_name(desk, campaign, query):
    idea = factories.make_idea(campaign, at=clock.DURING - timedelta(days=4))
    assert idea.receipt not in queue(desk, query)


def test_a_question_that_lapses_soon_is_found(desk, idea, moderator):
    return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪里？")
    Idea.objects.filter(pk=idea.pk).update(due_at=clock.DURING + timedelta(days=1))
    assert idea.receipt in queue(desk, "?status=returned&due=2")


def test_every_saved_view_opens(desk, idea):
    for view in desk.get(reverse("admin:ideas_idea_changelist")).context["views"]:
        assert desk.get(view["url"]).status_code == 200


def many(desk, name, ideas, **given):
    seen = {f"seen-{idea.pk}": Idea.objects.get(pk=idea.pk).version for idea in ideas}
    data = {"action": name, "_selected_action": [idea.pk for idea in ideas], **seen, **given}
    return desk.post(reverse("admin:ideas_idea_changelist") + "?status=all", data, follow=True)


def test_many_are_declined_with_one_reason_and_a_result_for_each(desk, campaign, idea):
    other = factories.make_idea(campaign)
    answer = many(desk, "decline_many", [idea, other], go=1, declined_as="advertising", reason="广告。")
    assert [result["state"] for result in answer.context["results"]] == ["done", "done"]
    assert [row.status for row in Idea.objects.all()] == [Status.DECLINED] * 2


def test_a_refused_row_stops_no_other_one(desk, campaign, idea, moderator):
    gone = factories.make_idea(campaign)
    decline_idea(idea=gone, moderator=moderator, at=clock.DURING, declined_as="insult", reason="不当。")
    answer = many(desk, "accept_many", [idea, gone], go=1)
    assert (answer.context["done"], answer.context["refused"], status(idea)) == (1, 1, Status.ACCEPTED)


def test_many_are_asked_for_the_reason_first(desk, idea):
    answer = many(desk, "decline_many", [idea])
    assert (answer.status_code, status(idea), 'name="reason"' in answer.content.decode()) == (
        200,
        Status.RECEIVED,
        True,
    )


def test_without_a_reason_nothing_is_declined(desk, idea):
    answer = many(desk, "decline_many", [idea], go=1, declined_as="advertising", reason="")
    assert (answer.status_code, status(idea)) == (422, Status.RECEIVED)


def test_many_are_assigned_to_a_unit_and_keep_the_rest(desk, campaign, idea):
    unit = Unit.objects.create(name="城管局")
    many(desk, "sort_many", [idea], go=1, unit=unit.pk)
    row = Idea.objects.get(pk=idea.pk)
    assert (row.unit, row.topic, row.area) == (unit, idea.topic, idea.area)


def test_the_auditor_is_offered_no_act_on_many(client, auditor, idea):
    client.force_login(auditor)
    many(client, "accept_many", [idea], go=1)
    assert status(idea) == Status.RECEIVED


def test_a_long_queue_is_counted_up_to_a_limit_only(desk, campaign, monkeypatch):
    monkeypatch.setattr("ideas.desks.pages.MOST_COUNTED", 2)
    for _ in range(4):
        factories.make_idea(campaign)
    assert "1,000+" in queue(desk)


def test_the_search_finds_short_words(desk, idea):
    assert idea.receipt in desk.get(reverse("admin:ideas_idea_changelist"), {"q": "路灯"}).content.decode()


@pytest.mark.parametrize("typed", ["1201234", "resident@", "example.com", "12012345678", "Resident@example.com"])
def test_a_search_for_words_finds_nobody_by_a_contact(desk, idea, typed):
    assert idea.receipt not in desk.get(reverse("admin:ideas_idea_changelist"), {"q": typed}).content.decode()


def test_the_auditor_finds_nobody_by_a_contact(client, auditor, idea):
    client.force_login(auditor)
    answer = client.get(reverse("admin:ideas_idea_changelist"), {"q": "resident@example.com"})
    assert idea.receipt not in answer.content.decode()


@pytest.mark.parametrize(("days", "found"), [(0.5, False), (3, True)])
def test_the_auditor_lists_what_was_entered_later_than_its_slip(client, auditor, idea, days, found):
    Idea.objects.filter(pk=idea.pk).update(source="paper", entered_at=idea.received_at + timedelta(days=days))
    client.force_login(auditor)
    answer = client.get(reverse("admin:ideas_idea_changelist") + "?status=all&later=yes")
    assert (idea.receipt in answer.content.decode()) == found


WORDS = {"problem": "乐天路中央公园路段晚上没有路灯，老人散步看不清台阶。", "proposal": "请在乐天路增设六盏路灯。"}


def alike(campaign, **more):
    """Two ideas with nearly the same words, the earlier first."""
    later = {**WORDS, "proposal": "请在乐天路增设太阳能路灯，并修剪遮光的树。"} | more
    earlier = factories.make_idea(campaign, **WORDS)
    return earlier, factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=1), **later)


def test_the_page_marks_private_data_and_words_of_lists_as_triage_does(desk, campaign, moderator):
    WordList.objects.create(name="广告", category="advertising", words="加微信")
    idea = factories.make_idea(campaign, problem="我叫林小满，加微信13912345678。", place="林小满家楼下", name="林小满")
    text, triage = (
        desk.get(address).content.decode()
        for address in (page(idea), reverse("admin:ideas_idea_triage", args=[campaign.slug]))
    )
    assert text.count('<mark class="private"') == triage.count('<mark class="private"') + 1 == 3  # and the place
    assert text.count('<mark class="word"') == triage.count('<mark class="word"') == 1
    assert all('class="advice"' in body for body in (text, triage))


def test_an_auditor_is_not_told_by_a_mark_who_the_proposer_is(client, auditor, campaign):
    idea = factories.make_idea(campaign, problem="林小满说，电话13912345678。", name="林小满")
    client.force_login(auditor)
    text = client.get(page(idea)).content.decode()
    assert re.findall(r'<mark class="private"[^>]*>([^<]+)', text) == ["13912345678"]


def test_the_page_names_the_unit(desk, campaign):
    idea = factories.make_idea(campaign)
    Idea.objects.filter(pk=idea.pk).update(unit=Unit.objects.create(name="市政处"))
    assert "市政处" in desk.get(page(idea)).content.decode()


def test_the_page_shows_ideas_alike_and_merges_by_one_press(desk, campaign):
    earlier, later = alike(campaign)
    answer = desk.get(page(later))
    text = answer.content.decode()
    assert [(other["idea"], other["likely"]) for other in answer.context["similar"]] == [(earlier, True)]
    assert "<mark>六盏</mark>" in text
    [form] = [
        part for part in re.findall(r"<form.*?</form>", text, re.S) if "<button" in part and earlier.receipt in part
    ]
    fields = dict(re.findall(r'name="(merge-\w+)" value="([^"]*)"', form))
    assert fields == {"merge-seen": str(later.version), "merge-into": earlier.receipt}
    assert desk.post(reverse("admin:ideas_idea_decide", args=[later.pk, "merge"]), fields).status_code == 302
    assert Idea.objects.get(pk=later.pk).merged_into == earlier


def test_only_an_earlier_idea_and_only_those_who_may_merge_get_the_button(client, desk, auditor, campaign):
    earlier, later = alike(campaign)
    assert 'name="merge-into" value="' not in desk.get(page(earlier)).content.decode()
    client.force_login(auditor)
    text = client.get(page(later)).content.decode()
    assert (earlier.title in text, 'name="merge-into" value="' in text) == (True, False)


def test_ideas_alike_that_are_restricted_stay_with_their_keepers(client, desk, campaign):
    earlier, later = alike(campaign)
    Idea.objects.filter(pk=earlier.pk).update(restricted=True)
    assert not desk.get(page(later)).context["similar"]
    client.force_login(factories.make_keeper())
    assert client.get(page(later)).context["similar"]


@pytest.mark.parametrize("count", [1, 8])
def test_ideas_alike_cost_no_more_queries_when_there_are_more(desk, campaign, count, django_assert_num_queries):
    for _ in range(count):
        _earlier, idea = alike(campaign)
    desk.get(page(idea))
    with django_assert_num_queries(15):
        desk.get(page(idea))
