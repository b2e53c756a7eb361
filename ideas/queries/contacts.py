"""How many contacts of residents each member of staff was given in a day, whichever way: shown, found, in a file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, IntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from ideas.choices import OfficeAct
from ideas.models import OfficeEvent

COUNTED = (OfficeAct.SHOW_CONTACT, OfficeAct.SEARCH_CONTACT, OfficeAct.EXPORT)
Day = tuple[int, date]  # of whom, when


@dataclass(frozen=True)
class Given:
    """Contacts shown, searches by a contact, and persons in exported files, each look and each file counted."""

    shown: int = 0
    searched: int = 0
    exported: int = 0

    @property
    def total(self) -> int:
        return self.shown + self.searched + self.exported


def day_of(at: datetime) -> date:
    return timezone.localtime(at).date()


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which some days begin and are over."""
    begins, over = (datetime.combine(day, time.min) for day in (first, last + timedelta(days=1)))
    return timezone.make_aware(begins), timezone.make_aware(over)


def given_out(days: Collection[Day]) -> dict[Day, Given]:
    """What was given to these people on these days, from the office's log, in one query."""
    if not days:
        return {}
    begins, over = span(min(day for _who, day in days), max(day for _who, day in days))
    rows = OfficeEvent.objects.filter(
        actor__in={who for who, _day in days}, act__in=COUNTED, at__gte=begins, at__lt=over
    ).order_by()
    persons = Sum(Cast(KT("detail__persons"), IntegerField()))  # of files without contacts none are noted
    days_of = rows.annotate(day=TruncDate("at")).values_list("actor", "day", "act")
    counted = days_of.annotate(n=Count("id"), persons=persons)
    found = {(who, day, act): (number, sum_) for who, day, act, number, sum_ in counted}
    none = (0, 0)
    return {
        (who, day): Given(
            shown=found.get((who, day, OfficeAct.SHOW_CONTACT), none)[0],
            searched=found.get((who, day, OfficeAct.SEARCH_CONTACT), none)[0],
            exported=found.get((who, day, OfficeAct.EXPORT), none)[1] or 0,
        )
        for who, day in days
    }
