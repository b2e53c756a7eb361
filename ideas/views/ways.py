"""What became of an idea at the units, for the pages on which everybody reads of it."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from ideas.models import Idea
from ideas.queries.referral_photos import before_and_after
from ideas.queries.tracking import share_of, way_at_units


def way_of(idea: Idea, at: datetime) -> dict[str, Any]:
    """For shortlist/way.html: the steps done and to come, the share that is done, photos before and after."""
    steps, to_come = way_at_units(idea, today=localdate(at))
    beside = before_and_after(idea) if steps else []
    return {"steps": steps, "to_come": to_come, "beside": beside, "share": share_of(steps, to_come)}
