"""The text that the public reads: written beside the original, checked by two people where the campaign wants it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import Action
from ideas.errors import NotPermitted, Refusal
from ideas.models import Idea, PendingText, User
from ideas.queries.access import require, require_may_see
from ideas.rules.visible import required
from ideas.services.duplicates import index_idea
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import move_idea, seal_idea


@in_one_transaction
def edit_published(
    *, idea: Idea, editor: User, at: datetime, title: str, text: str, expected_version: int | None = None
) -> None:
    """Write what the public will read; the original stays as it came.

    Where the campaign takes two checks the words wait for both, and a check of earlier words is void. Elsewhere they
    are published at once.
    """
    require(editor, "ideas.edit_published")
    require_may_see(editor, idea)
    title = required(title, _("Write the published title."))
    text = required(text, _("Write the published text."))
    move_idea(idea=idea, action=Action.EDIT_PUBLISHED, actor=editor, at=at, expected_version=expected_version)
    if idea.campaign.two_checks:
        words = {"title": title, "text": text, "edited_by": editor, "edited_at": at}
        PendingText.objects.update_or_create(idea=idea, defaults={**words, "checked_by": None, "checked_at": None})
    else:
        _publish(idea, title, text)


@in_one_transaction
def check_text(*, idea: Idea, checker: User, at: datetime, expected_version: int | None = None) -> None:
    """The first check 初审 of the words that wait; whoever wrote them may do it, and then not the final one."""
    require(checker, "ideas.edit_published")
    require_may_see(checker, idea)
    pending = _pending(idea)
    if pending.checked_by_id is not None:
        raise Refusal(_("The first check is done already."))
    move_idea(idea=idea, action=Action.CHECK_TEXT, actor=checker, at=at, expected_version=expected_version)
    pending.checked_by, pending.checked_at = checker, at
    pending.save(update_fields=["checked_by", "checked_at"])


@in_one_transaction
def release_text(*, idea: Idea, releaser: User, at: datetime, expected_version: int | None = None) -> None:
    """The final check 终审: the words that wait are published."""
    require(releaser, "ideas.edit_published")
    require_may_see(releaser, idea)
    pending = _pending(idea)
    if idea.campaign.two_checks:
        require_first_check(pending.checked_by_id, releaser)
    move_idea(idea=idea, action=Action.RELEASE_TEXT, actor=releaser, at=at, expected_version=expected_version)
    _publish(idea, pending.title, pending.text)


def require_first_check(checker: int | None, releaser: User) -> None:
    """Refuse a final check before the first one, and by the same person."""
    if checker is None:
        raise Refusal(_("The first check is missing."))
    if checker == releaser.pk:
        raise NotPermitted(_("You did the first check. The final check must be somebody else's."))


def _pending(idea: Idea) -> PendingText:
    """The words that wait, with the idea locked: nobody writes others meanwhile."""
    Idea.objects.select_for_update().get(pk=idea.pk)
    pending = PendingText.objects.filter(idea=idea).first()
    if pending is None:
        raise Refusal(_("No text is waiting to be checked."))
    return pending


def _publish(idea: Idea, title: str, text: str) -> None:
    PendingText.objects.filter(idea=idea).delete()
    idea.published_title, idea.published_text = title, text
    idea.save(update_fields=["published_title", "published_text"])
    seal_idea(idea)
    index_idea(idea=idea)
