"""From the words of an editor to what the public reads: at once, or after two checks by two people."""

import pytest

from ideas.choices import Action, Role
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Idea, PendingText
from ideas.services.publishing import check_text, edit_published, release_text
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING
WORDS = {"title": "公开题目", "text": "公开正文"}


@pytest.fixture
def second(db):
    """Wu screens ideas too."""
    return factories.make_user(Role.MODERATOR)


@pytest.fixture
def idea(moderator):
    """An accepted idea of a campaign that takes two checks."""
    return factories.accepted(factories.make_campaign(two_checks=True), moderator)[0]


@pytest.fixture
def waiting(idea, moderator):
    """Its words wait for the first check."""
    edit_published(idea=idea, editor=moderator, at=AT, **WORDS)
    return idea


def published(idea):
    idea = Idea.objects.get(pk=idea.pk)
    return idea.published_title, idea.published_text


def acts(idea):
    return [event.action for event in idea.events.order_by("number")][2:]


def test_without_two_checks_words_are_published_at_once(campaign, moderator):
    [idea] = factories.accepted(campaign, moderator)
    edit_published(idea=idea, editor=moderator, at=AT, **WORDS)
    assert (published(idea), PendingText.objects.count()) == (("公开题目", "公开正文"), 0)


def test_with_two_checks_words_wait(waiting, moderator):
    pending = PendingText.objects.get()
    assert (pending.idea, pending.title, pending.text) == (waiting, "公开题目", "公开正文")
    assert (pending.edited_by, pending.checked_by, published(waiting)) == (moderator, None, ("", ""))


def test_two_people_check_and_the_words_are_published(waiting, moderator, second):
    check_text(idea=waiting, checker=second, at=AT)
    release_text(idea=waiting, releaser=moderator, at=AT)
    assert (published(waiting), PendingText.objects.count()) == (("公开题目", "公开正文"), 0)
    assert acts(waiting) == [Action.EDIT_PUBLISHED, Action.CHECK_TEXT, Action.RELEASE_TEXT]


def test_whoever_wrote_the_words_may_do_the_first_check_and_not_the_final_one(waiting, moderator, second):
    check_text(idea=waiting, checker=moderator, at=AT)
    with pytest.raises(NotPermitted):
        release_text(idea=waiting, releaser=moderator, at=AT)
    release_text(idea=waiting, releaser=second, at=AT)
    assert published(waiting) == ("公开题目", "公开正文")


def test_the_final_check_comes_after_the_first(waiting, second):
    with pytest.raises(Refusal):
        release_text(idea=waiting, releaser=second, at=AT)
    assert published(waiting) == ("", "")


def test_a_second_first_check_is_refused(waiting, moderator, second):
    check_text(idea=waiting, checker=moderator, at=AT)
    with pytest.raises(Refusal):
        check_text(idea=waiting, checker=second, at=AT)
    assert PendingText.objects.get().checked_by == moderator


def test_another_edit_drops_the_check(waiting, moderator, second):
    check_text(idea=waiting, checker=second, at=AT)
    edit_published(idea=waiting, editor=second, at=AT, title="改过的题目", text="改过的正文")
    pending = PendingText.objects.get()
    assert (pending.title, pending.checked_by, pending.checked_at) == ("改过的题目", None, None)
    with pytest.raises(Refusal):
        release_text(idea=waiting, releaser=moderator, at=AT)


def test_published_words_stay_until_new_ones_are_released(waiting, moderator, second):
    check_text(idea=waiting, checker=moderator, at=AT)
    release_text(idea=waiting, releaser=second, at=AT)
    edit_published(idea=waiting, editor=moderator, at=AT, title="新题目", text="新正文")
    assert published(waiting) == ("公开题目", "公开正文")


def test_where_nothing_waits_nothing_is_checked(idea, moderator):
    for act in (lambda: check_text(idea=idea, checker=moderator, at=AT),) * 2:
        with pytest.raises(Refusal):
            act()
    with pytest.raises(Refusal):
        release_text(idea=idea, releaser=moderator, at=AT)
    assert acts(idea) == []


def test_a_check_of_an_outdated_page_is_refused(waiting, second):
    seen = Idea.objects.get(pk=waiting.pk).event_count
    edit_published(idea=waiting, editor=second, at=AT, title="改过的题目", text="改过的正文")
    with pytest.raises(Stale):
        check_text(idea=waiting, checker=second, at=AT, expected_version=seen)
    assert PendingText.objects.get().checked_by is None


def test_readers_do_not_check(waiting, auditor, moderator):
    with pytest.raises(NotPermitted):
        check_text(idea=waiting, checker=auditor, at=AT)
    check_text(idea=waiting, checker=moderator, at=AT)
    with pytest.raises(NotPermitted):
        release_text(idea=waiting, releaser=auditor, at=AT)


def test_where_the_campaign_takes_one_check_only_any_more_one_releases_what_waits(waiting, moderator):
    waiting.campaign.two_checks = False
    waiting.campaign.save()
    release_text(idea=waiting, releaser=moderator, at=AT)
    assert published(waiting) == ("公开题目", "公开正文")


@pytest.mark.parametrize("words", [{"title": " ", "text": "正文"}, {"title": "题目", "text": "\n"}])
def test_empty_words_are_refused(idea, moderator, words):
    with pytest.raises(Refusal):
        edit_published(idea=idea, editor=moderator, at=AT, **words)
    assert PendingText.objects.count() == 0
