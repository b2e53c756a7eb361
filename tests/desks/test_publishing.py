"""The publishing page: original beside published text, checks by two people, photos and their covers."""

import re

import pytest
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Idea, PendingText, Photo, WordList
from ideas.rules.photos import Cover
from ideas.services.photos import cover_photo, release_photo
from ideas.services.publishing import check_text, edit_published
from ideas.services.screening import merge_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


@pytest.fixture
def idea(campaign, moderator):
    return factories.accepted(campaign, moderator, title="路灯", problem="打13800138000。", proposal="修好。")[0]


@pytest.fixture
def guarded(moderator):
    """Its campaign takes two checks, and its words wait for the first."""
    [idea] = factories.accepted(factories.make_campaign(two_checks=True), moderator)
    edit_published(idea=idea, editor=moderator, at=AT, title="公开题目", text="公开正文")
    return idea


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    client.cookies["language"] = "en"
    return client


def address(name, idea, *more):
    return reverse(f"admin:ideas_idea_{name}", args=[idea.pk, *more])


def body(desk, idea):
    return desk.get(address("publish", idea)).content.decode()


def count(idea):
    return Idea.objects.get(pk=idea.pk).event_count


def edit(desk, idea, title="公开题目", text="公开正文", seen=None, **more):
    data = {"title": title, "text": text, "seen": count(idea) if seen is None else seen, **more}
    return desk.post(address("published", idea), {f"published-{name}": value for name, value in data.items()})


def test_private_data_that_somebody_types_into_the_published_text_is_published_only_on_purpose(desk, idea):
    text = "电话13812345678找王大妈"
    answer = edit(desk, idea, text=text)
    assert (answer.status_code, Idea.objects.get(pk=idea.pk).published_text) == (422, "")
    [told] = re.findall(r'name="published-sure" value="([^"]+13812345678)"', answer.content.decode())
    more = edit(desk, idea, text=f"{text}，或13912345678", sure=told)
    assert (more.status_code, "13912345678" in more.content.decode()) == (422, True)
    assert edit(desk, idea, text=text, sure=told).status_code == 302
    assert Idea.objects.get(pk=idea.pk).published_text == text


def test_the_original_is_marked_and_the_first_draft_is_without_private_data(desk, idea):
    page = body(desk, idea)
    assert '<mark class="private" title="telephone number">13800138000</mark>' in page
    assert "打［电话略］。\n\n修好。</textarea>" in page


def test_words_of_lists_are_marked_with_their_reason(desk, idea):
    WordList.objects.create(name="词", category="other", words="修好")
    assert '<mark class="word" title="matches “修好” of the list “词”">修好</mark>' in body(desk, idea)


def test_the_difference_is_shown_once_something_is_written(desk, idea):
    before = "<ins>" in body(desk, idea)
    edit(desk, idea, title="路灯", text="打［电话略］。\n\n修好。")
    page = body(desk, idea)
    assert (before, "打<del>13800138000</del><ins>［电话略］</ins>。" in page) == (False, True)


def test_the_original_never_changes(desk, idea):
    edit(desk, idea)
    saved = Idea.objects.get(pk=idea.pk)
    assert (saved.title, saved.problem, saved.proposal) == (idea.title, idea.problem, idea.proposal)
    assert (saved.published_title, saved.published_text) == ("公开题目", "公开正文")


def test_a_stale_page_changes_nothing_and_keeps_the_words(desk, idea):
    answer = edit(desk, idea, text="我写的正文", seen=1)
    assert (answer.status_code, "我写的正文" in answer.content.decode()) == (409, True)
    assert Idea.objects.get(pk=idea.pk).published_text == ""


def test_after_a_stale_page_the_words_can_be_sent_again(desk, idea):
    answer = edit(desk, idea, text="我写的正文", seen=1)
    assert f'name="published-seen" value="{count(idea)}"' in answer.content.decode()


def test_words_without_a_title_are_refused_at_their_field(desk, idea):
    assert edit(desk, idea, title="").status_code == 422


def press(desk, idea, step, seen=None):
    return desk.post(address("check", idea, step), {"seen": count(idea) if seen is None else seen}).status_code


def test_two_people_press_the_two_buttons(desk, guarded, client):
    first = press(desk, guarded, "check")
    own = "Final check: release" in body(desk, guarded)
    client.force_login(factories.make_user(Role.MODERATOR))
    other = "Final check: release" in body(client, guarded)
    assert (first, own, other, press(client, guarded, "release")) == (302, False, True, 302)
    assert Idea.objects.get(pk=guarded.pk).published_text == "公开正文"


def test_one_person_alone_releases_nothing(desk, guarded):
    press(desk, guarded, "check")
    assert (press(desk, guarded, "release"), Idea.objects.get(pk=guarded.pk).published_text) == (409, "")


def test_a_stale_check_is_refused(desk, guarded):
    assert (press(desk, guarded, "check", seen=1), PendingText.objects.get().checked_by) == (409, None)


def test_there_is_no_third_step(desk, guarded):
    assert press(desk, guarded, "publish") == 404


def test_auditors_read_the_page_and_find_no_button(client, guarded, auditor):
    factories.add_photo(guarded)
    client.force_login(auditor)
    answer = client.get(address("publish", guarded))
    assert (answer.status_code, b'class="act' in answer.content) == (200, False)


def test_auditors_are_not_told_that_a_name_is_the_proposers(client, desk, campaign, moderator, auditor):
    [idea] = factories.accepted(campaign, moderator, problem="林小满说很黑。")
    told = "<mark" in body(desk, idea)
    client.force_login(auditor)
    assert (told, "<mark" in body(client, idea)) == (True, False)


@pytest.mark.parametrize("photos", [1, 4])
def test_the_page_takes_the_same_queries_for_many_photos(desk, guarded, photos, django_assert_num_queries):
    for _photo in range(photos):
        factories.add_photo(guarded)
    desk.get(address("publish", guarded))
    with django_assert_num_queries(8):
        desk.get(address("publish", guarded))


def press_photo(desk, idea, photo, wish, seen=None):
    data = {"shown": wish, "seen": count(photo.idea) if seen is None else seen}
    return desk.post(address("photo", idea, photo.key), data).status_code


def test_a_photo_takes_its_two_checks_by_two_people(desk, guarded, client):
    photo = factories.add_photo(guarded)
    answers = [press_photo(desk, guarded, photo, wish) for wish in ("check", "on")]
    client.force_login(factories.make_user(Role.MODERATOR))
    answers.append(press_photo(client, guarded, photo, "on"))
    assert (answers, Photo.objects.get().shown_at) == ([302, 409, 302], AT)


def test_photos_of_merged_ideas_are_released_on_the_leaders_page(desk, idea, campaign, moderator):
    later = factories.make_idea(campaign, at=AT + clock.BLINK)
    photo = factories.add_photo(later)
    merge_idea(idea=later, into=idea, moderator=moderator, at=AT)
    assert f"from {later.receipt}" in body(desk, idea)
    assert (press_photo(desk, idea, photo, "on"), Photo.objects.get().shown_at) == (302, AT)


def test_a_photo_of_another_idea_is_not_found_under_this_one(desk, idea, campaign):
    photo = factories.add_photo(factories.make_idea(campaign))
    assert press_photo(desk, idea, photo, "on") == 404
    assert desk.get(address("cover", idea, photo.key)).status_code == 404


@pytest.fixture
def photo(idea):
    return factories.add_photo(idea)


def cover(desk, photo, *rectangles, **more):
    columns = (
        dict(zip(("left", "top", "width", "height"), zip(*rectangles, strict=True), strict=True)) if rectangles else {}
    )
    data = {"seen": count(photo.idea), **columns, **more}
    return desk.post(address("cover", photo.idea, photo.key), data)


def test_rectangles_are_saved_as_a_covered_copy(desk, photo):
    answer = cover(desk, photo, ["10", "20", "30", "40"], ["", "", "", ""], ["600", "440", "100", "100"])
    copy = Photo.objects.exclude(copy_of=None).get()
    assert (answer.status_code, copy.copy_of, copy.covers) == (302, photo, [[10, 20, 30, 40], [600, 440, 40, 40]])


@pytest.mark.parametrize(
    "row", ["", ",,,", "9,9,,9", "a,1,1,1", "640,0,5,5", "1e999,0,5,5", "nan,0,5,5", "5,5,0,9", "-9,0,5,5"]
)
def test_rectangles_that_are_none_are_refused_in_words(desk, photo, row):
    answer = cover(desk, photo, *([row.split(",")] if row else []))
    assert (answer.status_code, Photo.objects.count(), b"errornote" in answer.content) == (422, 1, True)


def test_a_stale_page_covers_nothing_and_keeps_the_numbers(desk, photo):
    answer = cover(desk, photo, ["11", "22", "33", "44"], seen=1)
    assert (answer.status_code, Photo.objects.count(), b'value="33"' in answer.content) == (409, 1, True)


def test_the_page_shows_the_rectangles_of_the_copy_and_discards_it(desk, photo):
    cover(desk, photo, ["11", "22", "33", "44"])
    page = desk.get(address("cover", photo.idea, photo.key)).content.decode()
    assert ('name="width" value="33"' in page, 'name="discard"' in page) == (True, True)
    assert (cover(desk, photo, discard="yes").status_code, Photo.objects.count()) == (302, 1)


def test_slips_and_covered_copies_are_not_covered(desk, idea, photo):
    others = [factories.add_photo(idea, is_slip=True), factories.add_photo(idea, copy_of=photo)]
    assert [desk.get(address("cover", idea, other.key)).status_code for other in others] == [404, 404]


def test_the_photo_of_a_slip_has_no_button(desk, idea):
    factories.add_photo(idea, is_slip=True)
    page = body(desk, idea)
    assert ("photo of the slip: never released" in page, 'name="shown"' in page, "Cover faces" in page) == (
        True,
        False,
        False,
    )


QUEUE = reverse("admin:ideas_pendingtext_changelist")


def test_what_waits_stands_in_one_list_that_the_index_leads_to(desk, guarded, idea):
    edit(desk, idea)
    photo = factories.add_photo(idea)
    page = desk.get(QUEUE).content.decode()
    shown = (guarded.receipt, idea.receipt, reverse("photo-thumb", args=[photo.key]), address("publish", guarded))
    assert [part for part in shown if part not in page] == []
    assert QUEUE in desk.get(reverse("admin:index")).content.decode()


def test_a_row_leads_to_the_page_of_its_idea(desk, guarded):
    row = reverse("admin:ideas_pendingtext_change", args=[PendingText.objects.get().pk])
    assert desk.get(row).url == address("publish", guarded)


def test_the_list_says_which_check_comes_next(desk, guarded, moderator):
    before = desk.get(QUEUE).content.decode()
    check_text(idea=guarded, checker=moderator, at=AT)
    after = desk.get(QUEUE).content.decode()
    said = [re.findall(r">\s*(first check|final check)\s*<", page) for page in (before, after)]
    assert said == [["first check"], ["final check"]]


def test_auditors_have_no_such_list(client, auditor):
    client.force_login(auditor)
    assert client.get(QUEUE).status_code == 403


def test_a_text_is_called_public_only_where_everybody_reads_it(desk, moderator):
    campaign = factories.make_campaign(show_ideas=True)
    waiting, [shown] = factories.make_idea(campaign), factories.published(campaign, moderator)
    edit_published(idea=waiting, editor=moderator, at=AT, title="公开题目", text="公开正文")
    pages = [body(desk, idea) for idea in (waiting, shown)]
    assert ["the idea is not accepted" in page for page in pages] == [True, False]
    assert [">released<" in page for page in pages] == [False, True]


def test_a_text_of_a_campaign_that_shows_no_ideas_waits_for_the_winners(desk, idea, moderator):
    edit_published(idea=idea, editor=moderator, at=AT, title="公开题目", text="公开正文")
    page = body(desk, idea)
    assert (">released<" in page, "if the idea is among the winners" in page) == (False, True)


def test_a_photo_says_whether_its_covered_copy_is_released(desk, idea, moderator):
    copy = cover_photo(photo=factories.add_photo(idea), covers=[Cover(0, 0, 10, 10)], editor=moderator, at=AT)
    assert "its covered copy waits" in body(desk, idea)
    release_photo(photo=copy, editor=moderator, at=AT, shown=True)
    assert "its covered copy is released" in body(desk, idea)


def test_nobody_is_offered_to_write_a_text_who_may_not(client, idea, auditor, moderator):
    page, words = reverse("admin:ideas_idea_change", args=[idea.pk]), "撰写公开稿"
    shown = []
    for user in (moderator, auditor):
        client.force_login(user)
        shown.append(words in client.get(page).content.decode())
    assert shown == [True, False]
