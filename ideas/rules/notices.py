"""Public notice 公示: how many working days a provisional list is shown, and which idea moves up 递补 for another.

The rule in one sentence: the next idea in the sealed order moves up that has two reviews or more, does not solve the
same problem as one on the list, and keeps the quotas that were kept; if none keeps them, the next in order.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from ideas.rules.ratings import Score
from ideas.rules.receipts import Draw, new_receipt
from ideas.rules.shortlist import Pair, Quota, counts
from ideas.rules.workdays import Calendar, due_day, due_moment

USUAL_DAYS, MOST_DAYS = 5, 60
LEAST_REVIEWS = 2  # as on every sealed list
MARK = "YY"  # 异议; behind the campaign's prefix, so that nobody takes the number for an idea's


def new_number(prefix: str, year: int, draw: Draw) -> str:
    """The number of an objection, for example JMYY26-7K3M9Q2T, read like a receipt number."""
    return new_receipt(f"{prefix}{MARK}", year, draw)


def runs_until(start: date, days: int, calendar: Calendar, tz: tzinfo) -> tuple[date, datetime]:
    """The last day of a notice that begins on `start`, which does not count, and the first moment that is too late."""
    last = due_day(start, days, calendar)
    return last, due_moment(last, tz)


def next_up(
    ranking: Sequence[Score],
    *,
    listed: Collection[Any],
    leaving: Any,
    eligible: Collection[Any],
    quotas: Sequence[Quota] = (),
    incompatible: Iterable[Pair] = (),
) -> Any | None:
    """The idea that moves up where `leaving` leaves the `listed`; None if there is none.

    `ranking` is the sealed order, best first; `eligible` are the ideas that could come onto the list at all.
    """
    staying = set(listed) - {leaving}
    rivals = {one for pair in incompatible for one, other in (pair, pair[::-1]) if other in staying}
    fit = [
        score.idea
        for score in ranking
        if score.idea in eligible
        and score.idea not in listed
        and score.idea not in rivals
        and score.reviews >= LEAST_REVIEWS
    ]
    kept = [quota for quota in quotas if _holds(quota, listed)]
    keeping = (idea for idea in fit if all(_holds(quota, staying | {idea}) for quota in kept))
    return next(keeping, fit[0] if fit else None)


def _holds(quota: Quota, listed: Collection[Any]) -> bool:
    number = counts(listed, [quota])[quota.kind, quota.name]
    return quota.least <= number and (quota.most is None or number <= quota.most)
