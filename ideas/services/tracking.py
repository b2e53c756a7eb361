"""What residents do with an own idea after sending it: open it, amend, answer, ask for review, withdraw, erase.

Staff and list stay invisible: every refusal is worded by what the resident may know (queries.tracking), never by
Idea.status.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Action, Naming
from ideas.errors import Refusal, Stale
from ideas.models import (
    Campaign,
    Draft,
    Idea,
    IdeaVersion,
    Message,
    Photo,
    Resident,
    ResidentStatement,
    ResidentVerdict,
    Shortlist,
    UnsentInput,
)
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.queries import access
from ideas.queries.search import contact_hashes, residents_with
from ideas.queries.tracking import story_of
from ideas.rules import receipts
from ideas.rules.throttle import sender_of
from ideas.rules.tracking import DAY, HOUR, Act
from ideas.rules.visible import as_read, required
from ideas.services.certificates import forget_receiver
from ideas.services.contact_releases import end_releases
from ideas.services.drafts import NoRoom, held_of, life_of
from ideas.services.duplicates import index_idea
from ideas.services.intake import chosen, hash_code
from ideas.services.mergers import lock_group, release_group
from ideas.services.messages import drop_messages, new_messages, tell_resident
from ideas.services.photos import delete_photos
from ideas.services.questions import forget_replies, take_reply
from ideas.services.referred import leave_leader, take_off
from ideas.services.throttle import consume, refund, reset, sender_key
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas, move_idea, seal_idea

# Scopes of services.throttle.
CODE_HOUR, CODE_DAY, NEW_CODE_HOUR, NEW_CODE_DAY = "code-hour", "code-day", "new-code-hour", "new-code-day"
ALARM, ALARM_TOLD = "code-alarm", "code-alarm-told"  # wrong codes of one number, from anywhere; and that it was said
log = logging.getLogger(__name__)


class RateLimited(Refusal):
    """A limit is reached; `wait` is when it helps to try again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(_("Too many tries."))
        self.wait = wait


def open_idea(*, receipt: str, code: str, address: str, at: datetime) -> Idea | None:
    """The idea of a number and code, or None for a wrong pair; TooOften once the wrong ones have used up a limit.

    Limits are each sender's own, for each number: what others try locks nobody out. Many wrong codes for one number
    are told in the log; with forty bits and ten tries an hour they are no danger.
    A token is taken before the code is looked at and given back when it is right, so that a thousand tries at once
    cannot test more codes than the limit. Whether the number exists changes nothing of it.
    """
    number = receipts.look_up_key(receipt)
    pair = f"{number} {sender_of(address)}"
    if not consume(CODE_HOUR, pair, most=conf.limit_code_hour(), per=HOUR, at=at):
        raise RateLimited(HOUR)
    if not consume(CODE_DAY, pair, most=conf.limit_code_day(), per=DAY, at=at):
        refund(CODE_HOUR, pair)
        raise RateLimited(DAY)
    idea = access.idea_by_code(receipt, code)
    if idea is not None:
        refund(CODE_HOUR, pair)
        refund(CODE_DAY, pair)
    elif not consume(ALARM, number, most=conf.alarm_code_day(), per=DAY, at=at):
        _sound_alarm(number, at)
    return idea


def _sound_alarm(number: str, at: datetime) -> None:
    """Once a day, and only for a number that there is: what was typed instead of one may be anything."""
    found = Idea.objects.filter(receipt=number).values_list("pk", flat=True).first()
    if found and consume(ALARM_TOLD, number, most=1, per=DAY, at=at):
        log.warning("idea %s: more than %s wrong query codes in a day", found, conf.alarm_code_day())


@in_one_transaction
def save_unsent_input(*, idea: Idea, act: Act, typed: Mapping[str, str], at: datetime, address: str = "") -> None:
    """Keep what was typed for an act that is not completed (yet), encrypted and for as long as a form, if at all."""
    try:
        before = UnsentInput.objects.filter(idea=idea, act=act).only("pk").first()
        life = life_of(held_of(address, at=at, but=before))
    except NoRoom:
        return
    kept = {"words": dict(typed), "expires_at": at + life, "sender": sender_key(address) if address else ""}
    UnsentInput.objects.update_or_create(idea=idea, act=act, defaults=kept)


@in_one_transaction
def amend_idea(*, idea: Idea, words: Mapping[str, str], at: datetime, expected_version: int) -> None:
    """Replace the wording of an idea that nobody has begun to screen; `words` are checked fields of forms.ideas."""
    locked = _begin(idea, Act.AMEND, at, expected_version)
    changes = _differences(locked, words)
    if not changes:
        raise Refusal(_("You have changed nothing."))
    _replace_words(locked, changes, at)


@in_one_transaction
def answer_question(*, idea: Idea, answer: str, words: Mapping[str, str], at: datetime, expected_version: int) -> None:
    """Answer the office's question in words, by changing the text, or both; the idea goes back to the moderators."""
    locked = _begin(idea, Act.ANSWER, at, expected_version)
    changes = _differences(locked, words)
    if not as_read(answer) and not changes:
        raise Refusal(_("Write an answer, or change the text of your idea."))
    if changes:
        _replace_words(locked, changes, at)
    event = move_idea(idea=locked, action=Action.ANSWER, at=at)
    if as_read(answer):
        ResidentStatement.objects.create(event=event, text=as_read(answer))


@in_one_transaction
def answer_unit(*, idea: Idea, answer: str, at: datetime, expected_version: int) -> None:
    """Answer what a unit wants to know; nothing of the idea itself changes."""
    locked = _begin(idea, Act.REPLY, at, expected_version)
    take_reply(idea=locked, words=answer, at=at)


@in_one_transaction
def ask_review(*, idea: Idea, reasons: str, at: datetime, expected_version: int) -> None:
    """Ask once that another moderator looks at a declined or merged idea again."""
    _hold_campaign(idea)
    locked = _begin(idea, Act.REVIEW, at, expected_version)
    reasons = required(reasons, _("Write why the decision should be looked at again."))
    event = move_idea(idea=locked, action=Action.APPEAL, at=at)
    if locked.merged_into_id:
        Idea.objects.filter(pk=idea.pk).update(merged_into=None)
        leave_leader(locked, at=at, actor=None)
    ResidentStatement.objects.create(event=event, text=reasons)


@in_one_transaction
def withdraw_idea(*, idea: Idea, at: datetime, expected_version: int) -> None:
    """Take an idea back. Ideas that were merged into it stand for themselves again and go back to the moderators."""
    _hold_campaign(idea)
    followers = lock_group(idea)
    locked = _begin(idea, Act.WITHDRAW, at, expected_version)
    move_idea(idea=locked, action=Action.WITHDRAW, at=at)
    take_off(locked, why=Action.WITHDRAW, at=at, actor=None)
    tell_resident(idea=locked, template="withdrawn", at=at)
    release_group(followers, leader=locked, at=at)


@in_one_transaction
def change_naming(
    *, idea: Idea, naming: Naming, name: str, net_name: str, may_publish: bool, at: datetime, expected_version: int
) -> None:
    """How to be named if the idea wins, and whether at all: the separate consent may be withdrawn at any time."""
    locked = _begin(idea, Act.NAMING, at, expected_version)
    resident = Resident.objects.select_for_update().get(idea=locked)
    resident.contact = {**resident.contact, "name": name, "net_name": net_name}
    resident.naming = Naming(naming)
    resident.publish_consented_at = at if may_publish else None
    resident.save(update_fields=["contact", "naming", "publish_consented_at"])
    move_idea(idea=locked, action=Action.NAME, at=at)


@in_one_transaction
def erase_person(*, idea: Idea, at: datetime, expected_version: int) -> None:
    """Delete everything that leads to the person; the idea's text stays, without one.

    That is: the resident, their statements, answers to units and words of verdicts, the draft, photos that are not
    released (files once this is committed), and what waits in the outbox. Ideas that were merged into it stand for
    themselves again, unless there is a list by then, of which nobody may learn whether this idea is on it.
    """
    _hold_campaign(idea)
    followers = lock_group(idea)
    locked = _begin(idea, Act.ERASE, at, expected_version)
    move_idea(idea=locked, action=Action.ERASE, at=at)
    if not Shortlist.objects.filter(campaign=idea.campaign_id).exists():
        release_group(followers, leader=locked, at=at)
    forget_replies(locked, at=at)
    end_releases([locked], at=at)
    forget_receiver(locked)
    ResidentStatement.objects.filter(event__idea=locked).delete()
    ResidentVerdict.objects.filter(idea=locked).update(words="")  # the figures stay
    Resident.objects.filter(idea=locked).delete()
    locked.photos.released().update(copy_of=None)  # a released copy outlives the photo that it covers
    delete_photos(Photo.objects.filter(idea=locked, shown_at=None))
    Draft.objects.filter(idea=locked).delete()
    UnsentInput.objects.filter(idea=locked).delete()
    drop_messages(locked, why="erased")


@in_one_transaction
def send_new_code(*, receipt: str, phone: str, email: str, address: str, at: datetime) -> None:
    """Send a new query code to the contact that was typed (one of the two), if it is the one given with the idea.

    Nothing tells the asker whether it is. The same work is done either way: where nothing matches, on some other idea,
    and undone.
    """
    number = receipts.look_up_key(receipt)
    if not consume(NEW_CODE_HOUR, sender_of(address), most=conf.limit_new_code_hour(), per=HOUR, at=at):
        raise RateLimited(HOUR)
    pair = f"{number} {sender_of(address)}"
    if not consume(NEW_CODE_DAY, pair, most=conf.limit_new_code_day(), per=DAY, at=at):
        raise RateLimited(DAY)
    whose = residents_with(contact_hashes(phone=phone, email="" if phone else email))
    match = whose.select_related("idea__campaign").filter(idea__receipt=number).first()
    stand_in = Resident.objects.select_related("idea__campaign").order_by("pk").first()
    resident = match or stand_in
    if resident is None:
        return
    mark = transaction.savepoint()
    # Locked before the address is used: an erasure that is under way ends first, what is left then counts. All ideas
    # of the contact are locked: two of them, asked for at once, are counted one after the other.
    hold_ideas({resident.idea_id, *whose.values_list("idea_id", flat=True)})
    is_there = Resident.objects.filter(pk=resident.pk).exists()  # asked either way: a match takes no question more
    sent = Message.objects.filter(template="new_code", queued_at__gt=at - DAY, idea__in=whose.values("idea")).count()
    if not is_there or sent >= conf.limit_messages_contact_day():
        match = None  # erased meanwhile; or the contact has enough of them today, and the last one stays good
    resident.contact = {"phone": phone, "email": email}  # in memory: only there the code goes
    _replace_code(resident, at)
    reset(CODE_DAY, pair)
    reset(CODE_HOUR, pair)
    if match:
        transaction.savepoint_commit(mark)
    else:
        transaction.savepoint_rollback(mark)


def _replace_code(resident: Resident, at: datetime) -> None:
    """The old code stops working; where the new one cannot be sent (any more today), nothing changes."""
    code, idea = receipts.new_code(secrets.choice), resident.idea
    messages = new_messages(resident, template="new_code", at=at, variables={"code": receipts.show_code(code)})
    if not messages:
        return
    move_idea(idea=idea, action=Action.NEW_CODE, at=at)
    Idea.objects.filter(pk=idea.pk).update(code_hash=hash_code(code, secrets.token_hex(8)))
    seal_idea(idea)
    Message.objects.bulk_create(messages)


def _hold_campaign(idea: Idea) -> None:
    """Keep the list from being proposed while an idea leaves or comes back.

    Not its key: whoever writes one of its ideas twice waits for that when committing, while we wait for the idea.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=idea.campaign_id)


def _begin(idea: Idea, act: Act, at: datetime, expected_version: int) -> Idea:
    """The idea for writing; refused if the resident's page was outdated or the act is not possible."""
    locked = Idea.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=idea.pk)
    story = story_of(locked, at)
    if story.version != expected_version:
        raise Stale(
            _("Something has happened to your idea since you opened this page. Nothing was changed; please look again.")
        )
    if act == Act.WITHDRAW and story.must_call:
        raise Refusal(_("The winners are being chosen. To withdraw your idea now, please call the office."))
    if act not in story.acts:
        raise Refusal(_("This is not possible any more. Nothing was changed."))
    return locked


def _differences(idea: Idea, words: Mapping[str, str]) -> dict[str, Any]:
    """The columns of the idea that these words would change, with their new values."""
    topic, area = chosen(idea.campaign, words)
    new = {
        **{name: words[name] for name in ORIGINAL_TEXTS},
        "topic_id": topic.pk,
        "area_id": area.pk if area else None,
    }
    return {column: value for column, value in new.items() if getattr(idea, column) != value}


def _replace_words(idea: Idea, changes: Mapping[str, Any], at: datetime) -> None:
    """Keep the wording as it is as an earlier one, then change it; the published text stays."""
    columns = (*ORIGINAL_TEXTS, "topic_id", "area_id")
    number = idea.versions.count() + 1
    earlier = {column: getattr(idea, column) for column in columns}
    IdeaVersion.objects.create(idea=idea, number=number, replaced_at=at, **earlier)
    move_idea(idea=idea, action=Action.AMEND, at=at, detail={"version": number})
    Idea.objects.filter(pk=idea.pk).update(**changes)
    seal_idea(idea)
    index_idea(idea=idea)
