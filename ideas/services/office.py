"""The only writer of the office's log."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ideas.choices import OfficeAct
from ideas.models import Campaign, Idea, OfficeEvent, User
from ideas.models.sealed import vouch


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
    event = OfficeEvent(
        act=act, at=at, actor=actor, campaign=campaign, idea=idea, purpose=purpose, detail=dict(detail or {})
    )
    event.key = secrets.token_hex(16)
    event.seal = vouch("office", event.sealed_facts())
    event.save(force_insert=True)
    return event
