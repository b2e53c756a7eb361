"""In which phase a campaign is. Phases are half-open: an idea sent at the closing moment itself is late."""

from datetime import datetime

from ideas.choices import Phase


def phase_at(at: datetime, *, opens_at: datetime, closes_at: datetime, released_at: datetime | None) -> Phase:
    """The phase at a moment; `released_at` is when the winners were released, None before."""
    if released_at is not None and at >= released_at:
        return Phase.PUBLISHED
    if at < opens_at:
        return Phase.UPCOMING
    return Phase.COLLECTING if at < closes_at else Phase.REVIEWING


def rating_is_open(at: datetime, *, rating_from: datetime | None, rating_until: datetime | None) -> bool:
    """Whether panellists may rate: within [from, until); never where the campaign names no such time."""
    return rating_from is not None and rating_until is not None and rating_from <= at < rating_until
