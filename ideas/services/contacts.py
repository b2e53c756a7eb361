"""Giving contacts of residents to staff: shown, looked for, or in a file; never without a purpose and a trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import ContactPurpose, OfficeAct, PrivateKind
from ideas.errors import Refusal
from ideas.models import Campaign, Idea, OfficeEvent, Resident, User
from ideas.queries.access import require, require_may_see, screened_ideas
from ideas.queries.contacts import day_of, given_out, span
from ideas.queries.search import ContactHashes, contact_hashes, with_contact
from ideas.rules.telephones import full_phone
from ideas.rules.visible import as_read, required
from ideas.services.office import log_act
from ideas.services.transactions import in_one_transaction


@dataclass(frozen=True)
class Contact:
    """What was given with an idea; "" where nothing was."""

    name: str
    phone: str
    email: str
    net_name: str


@dataclass(frozen=True)
class Search:
    """A search by a contact: its line in the log, and what finds the ideas again without the contact."""

    event: OfficeEvent
    hashes: ContactHashes


@in_one_transaction
def show_contact(*, idea: Idea, staff: User, at: datetime, purpose: str, words: str = "") -> Contact:
    """The contact of one idea. The log line is written first; an unusual number in a day is told to the managers."""
    require(staff, "ideas.show_contact")
    require_may_see(staff, idea)
    said = purpose_said(purpose, words)
    resident = Resident.objects.filter(idea=idea).first()
    if resident is None:
        raise Refusal(_("The personal data of this idea were erased."))
    log_contact(OfficeAct.SHOW_CONTACT, staff, at, said, campaign=idea.campaign, idea=idea)
    return contact_of(resident)


def contact_of(resident: Resident) -> Contact:
    """Call it after the log line only."""
    given = {name: resident.contact.get(name, "") for name in ("name", "phone", "email", "net_name")}
    return Contact(**{**given, "phone": full_phone(given["phone"])})


@in_one_transaction
def search_contact(
    *, staff: User, at: datetime, purpose: str, words: str = "", phone: str = "", email: str = ""
) -> Search:
    """Look for the ideas of a whole telephone number (as rules.telephones keeps it) or e-mail address.

    That somebody sent an idea, or none, is told by the search itself: it is logged before anything is shown, with the
    number of ideas that this person may see, and without the contact. The log only grows, so it holds no hash either:
    one would outlive the erasure of its person.
    """
    require(staff, "ideas.show_contact")
    said = purpose_said(purpose, words)
    hashes = contact_hashes(phone=phone, email=email)
    if not hashes:
        raise Refusal(_("Type a whole telephone number or e-mail address."))
    found = with_contact(screened_ideas(staff), hashes).count()
    by = PrivateKind.PHONE if phone else PrivateKind.EMAIL
    event = log_contact(OfficeAct.SEARCH_CONTACT, staff, at, said, detail={"by": by.value, "found": found})
    return Search(event, hashes)


@in_one_transaction
def log_contacts_taken(
    *,
    staff: User,
    at: datetime,
    purpose: str,
    words: str,
    persons: int,
    campaign: Campaign | None,
    detail: Mapping[str, Any],
) -> None:
    """Note that a file with the contacts of so many persons leaves; call it when it is there, before the first byte."""
    said = require_purpose(staff=staff, purpose=purpose, words=words)
    log_contact(OfficeAct.EXPORT, staff, at, said, campaign=campaign, detail={**detail, "persons": persons})


def require_purpose(*, staff: User, purpose: str, words: str) -> tuple[ContactPurpose, str]:
    """Refuse a file with contacts before it is written."""
    require(staff, "ideas.export_contact")
    return purpose_said(purpose, words)


def purpose_said(purpose: str, words: str) -> tuple[ContactPurpose, str]:
    """What for: a purpose of the closed list, and words, which "other" needs."""
    if purpose not in ContactPurpose.values:
        raise Refusal(_("Choose what the contact is needed for."))
    if purpose == ContactPurpose.OTHER:
        required(words, _("Write what the contact is needed for."))
    return ContactPurpose(purpose), as_read(words)


def log_contact(
    act: OfficeAct,
    staff: User,
    at: datetime,
    said: tuple[ContactPurpose, str],
    *,
    campaign: Campaign | None = None,
    idea: Idea | None = None,
    detail: Mapping[str, Any] | None = None,
) -> OfficeEvent:
    """The line, and the alert if it is one too many for the day."""
    purpose, words = said
    # One at a time for each person, so that parallel looks are counted and the alert comes exactly once.
    User.objects.select_for_update(no_key=True).get(pk=staff.pk)
    facts = {"purpose": purpose.value, **(detail or {})}
    event = log_act(act=act, at=at, actor=staff, campaign=campaign, idea=idea, purpose=words, detail=facts)
    _alert(staff, at)
    return event


def _alert(staff: User, at: datetime) -> None:
    """One alert for a person and a day, as soon as more contacts were given than usual."""
    today = (staff.pk, day_of(at))
    given = given_out([today])[today]
    if given.total <= conf.contact_alert():
        return
    begins, over = span(today[1], today[1])
    earlier = OfficeEvent.objects.filter(actor=staff, act=OfficeAct.MANY_CONTACTS, at__gte=begins, at__lt=over)
    if not earlier.exists():
        detail = {"shown": given.shown, "searched": given.searched, "exported": given.exported}
        log_act(act=OfficeAct.MANY_CONTACTS, at=at, actor=staff, detail=detail)
