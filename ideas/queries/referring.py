"""What the form of a new referral begins with: the campaign's days, and which unit is suggested, with the reason.

A unit is suggested by the office's rules, and by where ideas alike went. Nothing of it is sent by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q

from ideas.choices import ReferralState
from ideas.models import Campaign, CampaignDays, Idea, Referral, ReferralIdea, ReferralRule, Unit
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.duplicates import original_text, similar_to
from ideas.rules.referrals import USUAL_DAYS, Days
from ideas.rules.referring import Traits, first_that_suits

ALIKE, MOST_SUGGESTED = 10, 3
# The unit has taken it on: it has not returned it, and nobody has recalled it.
TAKEN = (ReferralState.ACKNOWLEDGED, ReferralState.PLANNED, ReferralState.DONE, ReferralState.CLOSED)


def days_of(campaign: Campaign) -> Days:
    """How many working days a campaign gives; asked for each time, so that a change counts from then on."""
    row = CampaignDays.objects.filter(campaign=campaign).first()
    return row.days if row else USUAL_DAYS


@dataclass
class Suggestion:
    """A unit, and why: a rule of the office, and referrals of ideas alike that it took on."""

    unit: Unit
    rule: ReferralRule | None = None
    referrals: list[Referral] = field(default_factory=list)


def suggested_units(ideas: Sequence[Idea], among: IdeaQuerySet) -> list[Suggestion]:
    """Whom some ideas of one campaign may be referred to, the rule's unit first, then the one that took most of those
    alike; `among` are the ideas that the asker may see. Ideas alike are looked for by the first one, and the number of
    queries does not grow with them."""
    if not ideas:
        return []
    rule = _rule_for(ideas)
    found = {rule.unit_id: Suggestion(rule.unit, rule)} if rule else {}
    taken = sorted(_taken_by(ideas, among).values(), key=lambda rows: (-len(rows), -rows[0].pk))
    for rows in taken:
        found.setdefault(rows[0].unit_id, Suggestion(rows[0].unit)).referrals = rows
    return list(found.values())[:MOST_SUGGESTED]


def _rule_for(ideas: Sequence[Idea]) -> ReferralRule | None:
    campaigns = Q(campaign=None) | Q(campaign=ideas[0].campaign_id)
    rules = {row.pk: row for row in ReferralRule.objects.filter(campaigns, unit__is_active=True).select_related("unit")}
    traits = [_traits(idea) for idea in ideas]
    return rules.get(first_that_suits(((pk, row.rule) for pk, row in rules.items()), traits) or 0)


def _traits(idea: Idea) -> Traits:
    text = original_text(idea)
    street = idea.area.street if idea.area else ""
    return Traits(idea.topic.name, street, "\n".join((text.title, text.body, text.place)))


def _taken_by(ideas: Sequence[Idea], among: IdeaQuerySet) -> dict[int, list[Referral]]:
    """The referrals of ideas alike by the unit that took them on, each once, those of the most alike first."""
    places = ReferralIdea.objects.standing().filter(referral__state__in=TAKEN, referral__unit__is_active=True)
    with_units = among.exclude(pk__in=[idea.pk for idea in ideas]).filter(Exists(places.filter(idea=OuterRef("pk"))))
    alike = {one.idea.pk: one.score for one in similar_to(ideas[0], with_units, most=ALIKE) if one.likely}
    rows: Any = places.filter(idea__in=alike, referral__in=Referral.objects.unrestricted())
    found: dict[int, list[Referral]] = {}
    rows = rows.select_related("referral__unit", "referral__campaign")
    for place in sorted(rows, key=lambda row: -alike[row.idea_id]):
        own = found.setdefault(place.referral.unit_id, [])
        if place.referral not in own:
            own.append(place.referral)
    return found


def shows_way(campaign: Campaign) -> bool:
    """Whether everybody reads what units do about ideas that are no winners (or not yet). Asks nothing where the
    campaign was read with its `referral_days`."""
    days: CampaignDays | None = getattr(campaign, "referral_days", None)
    return days is not None and days.show_way
