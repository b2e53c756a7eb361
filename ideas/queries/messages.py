"""Reading the outbox."""

from datetime import datetime

from ideas.models import Message


def oldest_due(at: datetime) -> datetime | None:
    """Since when the longest-waiting due message could have been sent; None if nothing waits."""
    return Message.objects.due(at).order_by("next_try_at").values_list("next_try_at", flat=True).first()
