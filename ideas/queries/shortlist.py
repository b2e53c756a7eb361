"""What the list is made of: who could be on it, its quotas, pairs and tiers, and what an exchange does to them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ideas.choices import Action, Status
from ideas.models import Campaign, Exchange, Idea, IdeaEvent, IncompatiblePair, Quota, Shortlist, ShortlistEntry, Tier
from ideas.models.sealed import columns_of
from ideas.queries.ratings import ranking_among
from ideas.rules import shortlist as rules
from ideas.rules.ratings import Score
from ideas.rules.workflow import RATED


def candidates_of(campaign: Campaign) -> list[Idea]:
    """The ideas that can be chosen now, in the order of receipt."""
    ideas = campaign.ideas.unrestricted().filter(status__in=RATED).by_receipt()
    return list(ideas.only("id", "receipt", "status", "campaign_id", "restricted"))


def ids_of(shortlist: Shortlist, receipts: Sequence[str]) -> list[int]:
    """Primary keys of receipt numbers, in their order."""
    known = dict(shortlist.campaign.ideas.values_list("receipt", "id"))
    return [known[receipt] for receipt in receipts]


def ranking_for(shortlist: Shortlist) -> list[Score]:
    """The scores of all that could be chosen when the list was proposed, whatever has become of them since."""
    return ranking_among(shortlist.campaign, ids_of(shortlist, shortlist.candidates))


def why_lapsed(exchange: Exchange, entries: Mapping[int, ShortlistEntry]) -> str:
    """Why what was proposed does not fit the list as it stands, `picks` by idea; "" where it does."""
    words = {
        "off": _("%(receipt)s is not on the list."),
        "on": _("%(receipt)s is on the list already."),
        "unfit": _("%(receipt)s is not an accepted idea of this campaign."),
    }
    removed, added = exchange.removed, exchange.added
    down, up = entries.get(removed.pk), entries.get(added.pk)
    if down is None:
        return words["off"] % {"receipt": removed.receipt}
    if exchange.is_tier and up is None:
        return words["off"] % {"receipt": added.receipt}
    if up is not None and not (exchange.is_tier and _is_lower(up, down)):
        return words["on"] % {"receipt": added.receipt}
    if up is None and added.status != Status.ACCEPTED:
        return words["unfit"] % {"receipt": added.receipt}
    return ""


def _is_lower(one: ShortlistEntry, other: ShortlistEntry) -> bool:
    """Whether both have award tiers, and the first stands in a lower one."""
    return None not in (one.tier_id, other.tier_id) and one.tier_id != other.tier_id and one.rank > other.rank


def groups_of(campaign: Campaign) -> dict[int, dict[str, str]]:
    """Each idea's topic (short name) and street ("" where unknown); ideas of one group share one dict."""
    rows = campaign.ideas.values_list("id", "topic__slug", "area__street")
    known: dict[tuple[str, str], dict[str, str]] = {}
    return {
        idea: known.setdefault((topic, street or ""), {"topic": topic, "street": street or ""})
        for idea, topic, street in rows.iterator(5000)
    }


def quota_of(quota: Quota, groups: dict[int, dict[str, str]]) -> rules.Quota:
    kind, name = ("topic", quota.topic.slug) if quota.topic else ("street", quota.street)
    members = frozenset(idea for idea, names in groups.items() if names[kind] == name)
    return rules.Quota(kind, name, members, quota.least, quota.most)


def quotas_of(campaign: Campaign) -> list[rules.Quota]:
    quotas = list(campaign.quotas.select_related("topic"))
    groups = groups_of(campaign) if quotas else {}
    return [quota_of(quota, groups) for quota in quotas]


def pairs_of(campaign: Campaign) -> list[tuple[int, int]]:
    return list(campaign.incompatible.values_list("first_id", "second_id"))


def proposal_for(campaign: Campaign, ranking: Sequence[Score]) -> rules.Proposal:
    """The list that scores, quotas and incompatible pairs give."""
    return rules.propose(ranking, campaign.places, quotas_of(campaign), pairs_of(campaign))


def still_follows(shortlist: Shortlist, ranking: Sequence[Score]) -> bool:
    """Whether scores, quotas and pairs still give the list that was proposed: its record says that they do."""
    proposal = proposal_for(shortlist.campaign, ranking)
    ideas = [score.idea for score in proposal.chosen]
    moved = [(move.idea, move.is_on, move.rule) for move in proposal.moves]
    known = dict(shortlist.campaign.ideas.values_list("receipt", "id"))
    kept = [(known[move["idea"]], move["is_on"], move["rule"]) for move in shortlist.moves]
    return (ideas, moved) == ([known[receipt] for receipt in shortlist.proposed], kept)


def sorted_anew(shortlist: Shortlist) -> list[str]:
    """Receipt numbers of ideas that could be chosen and got another topic or community since the list was proposed."""
    events = IdeaEvent.objects.filter(
        idea__campaign=shortlist.campaign_id, action=Action.CLASSIFY, at__gte=shortlist.proposed_at
    ).select_related("idea")
    found = {event.idea.receipt for event in events if {"topic", "area"} & event.detail.keys()}
    return [receipt for receipt in shortlist.candidates if receipt in found]


def swaps_of(exchanges: Iterable[Exchange]) -> list[rules.Swap]:
    return [rules.Swap(exchange.removed_id, exchange.added_id, exchange.is_tier) for exchange in exchanges]


def arranged(
    shortlist: Shortlist, ranking: Sequence[Score], exchanges: Iterable[Exchange], tiers: Sequence[Tier]
) -> list[rules.Placed]:
    """The list as it was proposed, with some exchanges made."""
    proposed = ids_of(shortlist, shortlist.proposed)
    places = [tier.places for tier in tiers]
    return rules.arrange([score.idea for score in ranking], proposed, places, swaps_of(exchanges))


def rivals_of(shortlist: Shortlist, idea: Idea, leaving: Idea | None = None) -> list[str]:
    """Receipt numbers of listed ideas that may not be on the list together with `idea`."""
    pairs = IncompatiblePair.objects.filter(Q(first=idea) | Q(second=idea), campaign=shortlist.campaign_id)
    others = {pk for pair in pairs.values_list("first_id", "second_id") for pk in pair} - {idea.pk}
    if leaving:
        others -= {leaving.pk}
    return list(shortlist.entries.filter(idea__in=others).values_list("idea__receipt", flat=True))


def shown_digest(shortlist: Shortlist) -> str:
    """The digest of what the office publishes: the winners' texts in their order. Names are the residents' own."""
    entries = shortlist.entries.order_by("rank")
    shown = entries.values_list("idea__receipt", "idea__published_title", "idea__published_text")
    return hashlib.sha256(json.dumps(list(shown)).encode()).hexdigest()


@dataclass(frozen=True)
class QuotaLine:
    """A quota and how many of its group are listed; `after` is what an exchange would make of that."""

    quota: Quota
    listed: int
    after: int | None = None

    def _holds(self, number: int) -> bool:
        return self.quota.least <= number and (self.quota.most is None or number <= self.quota.most)

    @property
    def holds(self) -> bool:
        return self._holds(self.listed)

    @property
    def breaks(self) -> bool:
        """Whether the exchange would break a quota that holds now."""
        return self.after is not None and self.holds and not self._holds(self.after)


Members = list[tuple[Quota, frozenset[int]]]


def members_of(shortlist: Shortlist) -> Members:
    """The campaign's quotas, each with the ideas of its group."""
    quotas = list(shortlist.campaign.quotas.select_related("topic"))
    groups = groups_of(shortlist.campaign) if quotas else {}
    return [(quota, quota_of(quota, groups).ideas) for quota in quotas]


def quota_lines(members: Members, listed: Iterable[int], exchange: Exchange | None = None) -> list[QuotaLine]:
    """All quotas with their counts; only those that an exchange changes, if one is given."""
    now = set(listed)
    if exchange is None:
        return [QuotaLine(quota, len(ideas & now)) for quota, ideas in members]
    later = now if exchange.is_tier else now - {exchange.removed_id} | {exchange.added_id}
    lines = [QuotaLine(quota, len(ideas & now), len(ideas & later)) for quota, ideas in members]
    return [line for line in lines if line.listed != line.after]


def vouched_list(row: Shortlist) -> dict[str, Any]:
    """What the portal gives its word for: a list with its signatures, ranks, figures and exchanges."""
    parts = (row.entries.order_by("pk"), row.exchanges.order_by("pk"))
    entries, exchanges = ([columns_of(part) for part in found] for found in parts)
    return {"list": columns_of(row, "seal"), "picks": entries, "exchanges": exchanges}
