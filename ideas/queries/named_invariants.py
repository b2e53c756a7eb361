"""What must be true of the referrals of restricted ideas; queries.invariants asks it with everything else."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import OuterRef, Subquery

from ideas.choices import ReferralAct
from ideas.models import Referral, ReferralEvent
from ideas.queries.referrals import people_with
from ideas.rules.referrals import NAMING, OPEN, WAITS_FOR_NAMES

BATCH = 2000


def a_referral_names_those_of_its_last_naming_as_long_as_an_idea_is_restricted() -> Iterator[str]:
    """Who is named reads it: somebody who was slipped in, or stays after the restriction, shows here."""
    found: dict[int, set[int]] = defaultdict(set)
    for referral, user in Referral.named.through.objects.values_list("referral_id", "user_id").iterator(BATCH):
        found[referral].add(user)
    events = ReferralEvent.objects.filter(act__in=NAMING | WAITS_FOR_NAMES).order_by("referral_id", "number")
    said = {event.referral_id: set(event.detail.get("named", ())) for event in events.iterator(BATCH)}
    for key in sorted(found.keys() | said.keys()):
        if found.get(key, set()) != said.get(key, set()):
            yield f"referral {key}: names others than its last naming"
    restricted = set(Referral.objects.restricted().values_list("pk", flat=True))
    for key in sorted(found.keys() - restricted):
        yield f"referral {key}: names people, and none of its ideas is restricted"


def a_restricted_ideas_referral_is_for_somebody_who_can_act_or_waits() -> Iterator[str]:
    last = ReferralEvent.objects.filter(referral=OuterRef("pk"), act__in=NAMING | WAITS_FOR_NAMES).order_by("-number")
    rows = Referral.objects.restricted().filter(state__in=OPEN).annotate(last=Subquery(last.values("act")[:1]))
    able = set(people_with("work_referral").values_list("pk", "unit"))
    named = rows.filter(last=ReferralAct.NAME).select_related("campaign").prefetch_related("named")
    for row in named.iterator(BATCH):
        if not any((person.pk, row.unit_id) in able for person in row.named.all()):
            yield f"{row.shown_number}: is for named people, and none of them can act"


CHECKS = (
    a_referral_names_those_of_its_last_naming_as_long_as_an_idea_is_restricted,
    a_restricted_ideas_referral_is_for_somebody_who_can_act_or_waits,
)
