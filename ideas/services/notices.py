"""Public notice 公示: a sealed list is shown, objections come in, somebody who did not sign decides each.

An objection that is upheld opens no seal by itself: it asks for the opening and proposes who moves up, and a second
person consents to both, as to every exchange. Then the list is signed by two again, and its notice begins anew.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import (
    ExchangeCategory,
    MessageTemplate,
    ObjectionGround,
    ObjectionState,
    OfficeAct,
    Source,
)
from ideas.errors import NotPermitted, Refusal, Stale, lacking
from ideas.models import Campaign, Exchange, Idea, Message, Notice, Objection, Shortlist, Unsealing, User
from ideas.models.sealed import keyring
from ideas.queries import notices as queries
from ideas.queries.access import require, require_may_see
from ideas.rules.notices import new_number
from ideas.rules.privacy import NOTICE_VERSION
from ideas.rules.telephones import full_phone
from ideas.rules.throttle import sender_of
from ideas.rules.visible import required
from ideas.services.contacts import Contact, log_contact, purpose_said
from ideas.services.messages import messages_to, within_limits
from ideas.services.office import log_act
from ideas.services.record import keep_list
from ideas.services.throttle import consume
from ideas.services.transactions import in_one_transaction

FORM_PURPOSE = "objection-form"
WAYS = (Source.PHONE, Source.PAPER)  # in which the office hears of one
OVER = _("The public notice is over; no objections are taken any more.")


class TooMany(Refusal):
    """From one address came as many objections as are taken in an hour."""


@in_one_transaction
def start_notice(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int, last_day: date) -> Notice:
    """Show the sealed list to everybody, for the campaign's working days; `last_day` is what the page showed."""
    require(manager, "ideas.release_shortlist")
    row = shortlist.locked(expected_version)
    if why := queries.why_not_started(row):
        raise Refusal(why)
    span = queries.span_from(row.campaign, at)
    if span is None or row.first_seal_by is None or row.sealed_by is None:
        raise Refusal(_("This campaign has no public notice."))
    if span.last_day != last_day:
        raise Stale(_("The last day is another one since you opened the page. Please look again."))
    notice = Notice(
        campaign=row.campaign,
        number=queries.record_number(row.campaign),
        days=span.days,
        last_day=span.last_day,
        starts_at=at,
        ends_at=span.ends_at,
        started_by=manager,
        first_seal_by=row.first_seal_by,
        sealed_by=row.sealed_by,
    )
    notice.keep()
    keep_list(row)
    detail = {"until": span.last_day.isoformat()}
    log_act(act=OfficeAct.NOTICE_STARTED, at=at, actor=manager, campaign=row.campaign, detail=detail)
    return notice


def send_objection(
    *,
    campaign: Campaign,
    form_key: UUID,
    given: Mapping[str, str],
    ground: str,
    idea: Idea | None,
    language: str,
    suspicions: Sequence[str],
    address: str,
    at: datetime,
) -> Objection:
    """What somebody objects over the web; the same form sent twice is one objection."""
    if not consume("objection", sender_of(address), most=conf.limit_objections_hour(), per=timedelta(hours=1), at=at):
        raise TooMany(_("Too many objections came from your network within an hour. Please call us, or try later."))
    return _receive(
        campaign=campaign,
        form_key=form_key,
        at=at,
        address=address,
        given=given,
        ground=ObjectionGround(ground),
        idea=idea,
        language=language,
        suspicions=list(suspicions),
        received_on=localdate(at),
    )


@in_one_transaction
def enter_objection(
    *,
    campaign: Campaign,
    form_key: UUID,
    clerk: User,
    given: Mapping[str, str],
    ground: str,
    idea: Idea | None,
    source: str,
    received_on: date,
    at: datetime,
) -> Objection:
    """Type in what came by telephone or on paper, also after the notice, if it had come in time."""
    require(clerk, "ideas.enter_objection")
    if source not in WAYS:
        raise lacking("source", _("Choose how the objection came in."))
    if received_on > localdate(at):
        raise lacking("received_on", _("This day is still to come."))
    return _receive(
        campaign=campaign,
        form_key=form_key,
        at=at,
        given=given,
        ground=ObjectionGround(ground),
        idea=idea,
        source=Source(source),
        received_on=received_on,
        entered_by=clerk,
    )


@in_one_transaction
def _receive(
    *, campaign: Campaign, form_key: UUID, at: datetime, given: Mapping[str, str], address: str = "", **fields: Any
) -> Objection:
    """One at a time for a campaign: a form that is sent twice at once is found, and no release slips in between."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    found = queries.standing_notice(campaign)
    hashes = keyring().digests(form_key.bytes, FORM_PURPOSE)
    if known := Objection.objects.filter(form_hash__in=hashes).first():
        return known
    notice = _taking(found, fields["received_on"], at, is_typed="entered_by" in fields)
    idea = fields["idea"]
    if idea is not None and not queries.ideas_on_notice(notice).filter(pk=idea.pk).exists():
        raise lacking("idea", _("This idea is not on the list."))
    objection = Objection(
        notice=notice,
        number=_unused(campaign, at),
        form_hash=hashes[0],
        given=_kept(given),
        entered_at=at,
        consent_version=NOTICE_VERSION,
        **fields,
    )
    objection.keep()
    Message.objects.bulk_create(within_limits(_told(objection, MessageTemplate.OBJECTION, at), at=at, address=address))
    return objection


def _taking(notice: Notice | None, received_on: date, at: datetime, *, is_typed: bool) -> Notice:
    """The notice that takes what came in; refused if it came too late or too early."""
    if notice is None or notice.campaign.released_at is not None:
        raise Refusal(OVER)
    is_in_time = localdate(notice.starts_at) <= received_on <= notice.last_day if is_typed else notice.is_open(at)
    if not is_in_time:
        raise lacking("received_on", OVER) if is_typed else Refusal(OVER)
    return notice


def _kept(given: Mapping[str, str]) -> dict[str, str]:
    """Name, a way to reach, and words: none of them may be missing."""
    kept = {name: given.get(name, "").strip() for name in ("name", "phone", "email", "words")}
    required(kept["name"], _("Write your name."))
    required(kept["words"], _("Write what you object to, and why."))
    if not kept["phone"] and not kept["email"]:
        raise lacking("phone", _("Give a telephone number or an e-mail address, so that we can reach you."))
    return kept


def _unused(campaign: Campaign, at: datetime) -> str:
    while True:
        number = new_number(campaign.prefix, localdate(at).year, secrets.choice)
        if not Objection.objects.filter(number=number).exists():
            return number


def _told(objection: Objection, template: MessageTemplate, at: datetime) -> list[Message]:
    campaign = objection.notice.campaign
    with override(objection.language):
        variables = {
            "campaign": campaign.text("title")[0],
            "number": objection.number,
            "outcome": str(ObjectionState(objection.state).label),
            "reason": objection.reason,
            "last_day": objection.notice.last_day.isoformat(),
            "link": f"{conf.site_url()}/campaigns/{campaign.slug}/notice/",
            "phone": conf.office().phone,
            "language": objection.language,
        }
    return messages_to(objection.given, template=template, language=objection.language, at=at, variables=variables)


@in_one_transaction
def decide_objection(
    *,
    objection: Objection,
    staff: User,
    at: datetime,
    outcome: str,
    reason: str,
    expected_version: int,
    expected_next: str = "",
) -> Objection:
    """Uphold or reject, with a reason that the objector is told; not by one who signed the list.

    `expected_version` is the list's, `expected_next` the receipt number of the idea that the page said moves up: an
    upheld one proposes that exchange and asks for the seal to be taken off.
    """
    require(staff, "ideas.decide_objection")
    listed = Shortlist.objects.filter(campaign=objection.notice.campaign_id).first()
    if listed is None:
        raise Refusal(_("There is no list any more. Propose one first."))
    row = listed.locked(expected_version)
    asked = Objection.objects.select_for_update(of=("self",)).select_related("notice__campaign").get(pk=objection.pk)
    if asked.idea is not None:
        require_may_see(staff, asked.idea)
    if why := queries.why_not_by(staff, asked):
        raise NotPermitted(why)
    if not asked.is_waiting:
        raise Refusal(_("This objection has been decided already."))
    if outcome not in (ObjectionState.UPHELD, ObjectionState.REJECTED):
        raise lacking("outcome", _("Choose what is decided."))
    asked.reason = required(reason, _("Write the reason; the person who objected is told it."))
    asked.state, asked.decided_by, asked.decided_at = ObjectionState(outcome), staff, at
    if outcome == ObjectionState.UPHELD:
        _carry_out(row, asked, staff, at, expected_next)
    asked.keep()
    keep_list(row)
    detail = {"objection": asked.number, "outcome": str(outcome)}
    log_act(act=OfficeAct.OBJECTION_DECIDED, at=at, actor=staff, campaign=row.campaign, idea=asked.idea, detail=detail)
    Message.objects.bulk_create(_told(asked, MessageTemplate.OBJECTION_DECIDED, at))
    return asked


def _carry_out(row: Shortlist, asked: Objection, staff: User, at: datetime, expected_next: str) -> None:
    """Ask for the opening of the seal, and propose who moves up for the idea."""
    if row.released_at is not None:
        raise Refusal(_("The winners have been released already."))
    if row.release_asked_by_id is not None:
        raise Refusal(_("The release has been asked for. Stop it first."))
    if asked.idea is not None and row.entries.filter(idea=asked.idea).exists():
        asked.exchange = _exchange(row, asked, expected_next)
    elif asked.idea is not None:
        return  # it left the list meanwhile
    if not row.is_sealed:
        return
    number = queries.record_number(row.campaign)
    reason = gettext("Objection %(number)s was upheld: %(reason)s") % {"number": asked.number, "reason": asked.reason}
    Unsealing.objects.get_or_create(
        campaign=row.campaign, number=number, defaults={"reason": reason, "asked_by": staff, "asked_at": at}
    )


def _exchange(row: Shortlist, asked: Objection, expected_next: str) -> Exchange:
    """The exchange that waits for a second person; what another objection has proposed for the idea counts for both."""
    idea, by, at = asked.idea, asked.decided_by, asked.decided_at
    assert idea is not None and by is not None and at is not None  # noqa: S101, PT018 - _carry_out
    if waiting := row.exchanges.waiting().filter(removed=idea, is_tier=False).first():
        return waiting
    added = queries.next_for(row, idea)
    if added is None:
        raise Refusal(_("No idea can move up: none is left that fits the rules of the list."))
    if added.receipt != expected_next:
        raise Stale(_("Another idea moves up since you opened the page. Please look again."))
    return Exchange.objects.create(
        shortlist=row,
        removed=idea,
        added=added,
        category=ExchangeCategory.OBJECTION,
        reason=asked.reason,
        minutes_number=asked.number,
        minutes_on=localdate(at),
        proposed_by=by,
        proposed_at=at,
    )


@in_one_transaction
def show_objector(*, objection: Objection, staff: User, at: datetime, purpose: str, words: str = "") -> Contact:
    """Who objected, whole; the log line is written first."""
    require(staff, "ideas.show_contact")
    require(staff, "ideas.view_objection")
    if objection.idea is not None:
        require_may_see(staff, objection.idea)
    said = purpose_said(purpose, words)
    row = Objection.objects.select_related("notice__campaign").get(pk=objection.pk)
    if not row.given:
        raise Refusal(_("The personal data of this objection were erased."))
    detail = {"objection": row.number}
    log_contact(OfficeAct.SHOW_CONTACT, staff, at, said, campaign=row.notice.campaign, idea=row.idea, detail=detail)
    phone = full_phone(row.given.get("phone", ""))
    return Contact(name=row.given.get("name", ""), phone=phone, email=row.given.get("email", ""), net_name="")


@in_one_transaction
def erase_objector(*, objection: Objection, staff: User, at: datetime) -> Objection:
    """Who objected, and in which words, is gone; the decision stays. First it is decided: they are told of it."""
    require(staff, "ideas.decide_objection")
    row = Objection.objects.select_for_update(of=("self",)).select_related("notice__campaign").get(pk=objection.pk)
    if row.is_waiting:
        raise Refusal(_("Decide the objection first; its person is told of the decision."))
    if row.erased_at is not None:
        raise Refusal(_("The personal data of this objection were erased."))
    row.given, row.erased_at, row.form_hash = {}, at, None
    row.keep()
    detail = {"objection": row.number}
    log_act(act=OfficeAct.OBJECTION_ERASED, at=at, actor=staff, campaign=row.notice.campaign, detail=detail)
    return row
