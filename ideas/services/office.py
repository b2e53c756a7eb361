"""The only writer of the office's log."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import TextChoices

from ideas.choices import Bar, ContactPurpose, Medium, MessageTemplate, ObjectionState, OfficeAct, PrivateKind, SeatMove
from ideas.models import Campaign, Idea, OfficeEvent, User
from ideas.models.sealed import vouch

_CONTACTS = frozenset({"rows", "persons", "contacts", "form", "filters", "purpose"})
# What may stand in the detail of each act. The office's log (admin/office.py) has words for every one of them.
FACTS: dict[OfficeAct, frozenset[str]] = {
    OfficeAct.SHOW_CONTACT: frozenset({"purpose", "unit", "referral", "objection"}),
    OfficeAct.RELEASE_CONTACT: frozenset({"purpose", "unit", "referral", "until", "agreed"}),
    OfficeAct.CONTACT_BACK: frozenset({"unit", "referral"}),
    OfficeAct.SEARCH_CONTACT: frozenset({"purpose", "by", "found"}),
    OfficeAct.MANY_CONTACTS: frozenset({"shown", "searched", "exported"}),
    OfficeAct.EXPORT: _CONTACTS,
    OfficeAct.IMPORT: frozenset({"rows", "told"}),
    OfficeAct.HAND_OVER: frozenset({"to", "reference"}),
    OfficeAct.EARLY_RATING: frozenset({"undecided", "missing"}),
    OfficeAct.PANEL_ASSIGNED: frozenset({"round", "missing"}),
    OfficeAct.SEAT: frozenset({"panellist", "seat"}),
    OfficeAct.PANELLIST_LEFT: frozenset({"panellist", "seats", "filled", "successor"}),
    OfficeAct.PANEL_REMINDED: frozenset({"behind", "mailed"}),
    OfficeAct.PAPER_BACK: frozenset({"panellist", "typed_in_by"}),
    OfficeAct.PAPER_AWAY: frozenset({"panellist", "typed_in_by", "seat", "rating"}),
    OfficeAct.PAPER_ASIDE: frozenset({"panellist"}),
    OfficeAct.MARK_DECISION: frozenset({"panellist", "grounds", "counts", "before"}),
    OfficeAct.CAMPAIGN_CHANGED: frozenset({"changes"}),
    OfficeAct.RELEASE_ASKED: frozenset(),
    OfficeAct.RELEASE_CONFIRMED: frozenset({"from"}),
    OfficeAct.RELEASE_STOPPED: frozenset(),
    OfficeAct.MESSAGE_AGAIN: frozenset({"template", "medium"}),
    OfficeAct.MESSAGE_CLOSED: frozenset({"template", "medium"}),
    OfficeAct.CERTIFICATES: frozenset({"rows"}),
    OfficeAct.CERTIFICATE_GIVEN: frozenset({"on"}),
    OfficeAct.CERTIFICATE_OFF: frozenset(),
    OfficeAct.NOTICE_STARTED: frozenset({"until"}),
    OfficeAct.OBJECTION_DECIDED: frozenset({"objection", "outcome"}),
    OfficeAct.OBJECTION_ERASED: frozenset({"objection"}),
}
# Facts whose words are codes of a closed list, and those that are names, numbers and the like, shown as they stand.
CODES: dict[str, type[TextChoices]] = {
    "purpose": ContactPurpose,
    "by": PrivateKind,
    "seat": SeatMove,
    "grounds": Bar,
    "template": MessageTemplate,
    "medium": Medium,
    "outcome": ObjectionState,
}
AS_THEY_STAND = frozenset(
    {
        "form",
        "filters",
        "to",
        "reference",
        "typed_in_by",
        "from",
        "changes",
        "unit",
        "referral",
        "until",
        "on",
        "objection",
    }
)


def log_act(
    *,
    act: OfficeAct,
    at: datetime,
    actor: User | None,
    campaign: Campaign | None = None,
    idea: Idea | None = None,
    purpose: str = "",
    detail: Mapping[str, Any] | None = None,
) -> OfficeEvent:
    """Note an act in the transaction of the act itself; `actor` is None on the command line only."""
    _require_words(act, detail or {})
    event = OfficeEvent(
        act=act, at=at, actor=actor, campaign=campaign, idea=idea, purpose=purpose, detail=dict(detail or {})
    )
    event.key = secrets.token_hex(16)
    event.seal = vouch("office", event.sealed_facts())
    event.save(force_insert=True)
    return event


def _require_words(act: OfficeAct, detail: Mapping[str, Any]) -> None:
    """Nothing is written that the log would show raw."""
    if unknown := detail.keys() - FACTS[act]:
        raise ValueError(f"{act}: FACTS lacks {sorted(unknown)}")
    for name, value in detail.items():
        codes = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
        if name not in AS_THEY_STAND and not set(codes) <= set(CODES[name].values if name in CODES else ()):
            raise ValueError(f"{act}: {name} has no words for {codes}")
