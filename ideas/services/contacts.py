"""Showing a resident's contact to a member of staff: one at a time, for a purpose, never without a trace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import ContactPurpose, OfficeAct
from ideas.errors import Refusal
from ideas.models import Idea, OfficeEvent, Resident, User
from ideas.queries.access import require
from ideas.rules.telephones import full_phone
from ideas.rules.visible import as_read
from ideas.services.office import log_act
from ideas.services.transactions import in_one_transaction


@dataclass(frozen=True)
class Contact:
    """What was given with an idea; "" where nothing was."""

    name: str
    phone: str
    email: str
    net_name: str


@in_one_transaction
def show_contact(*, idea: Idea, staff: User, at: datetime, purpose: ContactPurpose, words: str = "") -> Contact:
    """The contact of one idea. The log line is written first; an unusual number in a day is told to the managers."""
    require(staff, "ideas.show_contact")
    if idea.restricted:
        require(staff, "ideas.see_restricted")
    purpose = ContactPurpose(purpose)
    if purpose == ContactPurpose.OTHER and not as_read(words):
        raise Refusal(_("Write what the contact is needed for."))
    resident = Resident.objects.filter(idea=idea).first()
    if resident is None:
        raise Refusal(_("The personal data of this idea were erased."))
    # One at a time for each person, so that parallel looks are counted and the alert comes exactly once.
    User.objects.select_for_update(no_key=True).get(pk=staff.pk)
    log_act(
        act=OfficeAct.SHOW_CONTACT,
        at=at,
        actor=staff,
        campaign=idea.campaign,
        idea=idea,
        purpose=as_read(words),
        detail={"purpose": purpose.value},
    )
    _alert(staff, at)
    given = {name: resident.contact.get(name, "") for name in ("name", "phone", "email", "net_name")}
    return Contact(**{**given, "phone": full_phone(given["phone"])})


def _alert(staff: User, at: datetime) -> None:
    """One alert for a person and a day, as soon as there are more looks than usual."""
    begins = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    today = OfficeEvent.objects.filter(actor=staff, at__gte=begins, at__lt=begins + timedelta(days=1))
    shown = today.filter(act=OfficeAct.SHOW_CONTACT).count()
    if shown > conf.contact_alert() and not today.filter(act=OfficeAct.MANY_CONTACTS).exists():
        log_act(act=OfficeAct.MANY_CONTACTS, at=at, actor=staff, detail={"shown": shown})
