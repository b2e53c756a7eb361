"""Winners as public pages show them: what became of each at the units, and how many there are of what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas.choices import FollowUp, ReferralState
from ideas.models import Idea, Photo, Referral, ReferralIdea, Tier
from ideas.queries.verdicts import was_done

# Of the office's own states what everybody is told of a winner.
JUST_GIVEN = (ReferralState.SENT, ReferralState.RETURNED)


@dataclass(frozen=True)
class Card:
    """A winner in the list of winners; `follow_up` is None as long as no unit has it."""

    idea: Idea
    follow_up: FollowUp | None

    @property
    def rank(self) -> int:
        return self.idea.shortlist_entry.rank

    @property
    def tier(self) -> Tier | None:
        return self.idea.shortlist_entry.tier

    @property
    def photo(self) -> Photo | None:
        return next(iter(self.idea.carried_photos), None)

    @property
    def traits(self) -> dict[str, str]:
        """What the list can be narrowed by; "" where there is none."""
        street = self.idea.area.street if self.idea.area else ""
        return {"topic": self.idea.topic.slug, "street": street, "state": self.follow_up or ""}


def cards_of(ideas: Iterable[Idea]) -> list[Card]:
    """Winners with what became of them, in one query more."""
    rows = list(ideas)
    found = _follow_ups(rows)
    return [Card(idea, found.get(idea.pk)) for idea in rows]


def _follow_ups(ideas: Sequence[Idea]) -> dict[int, FollowUp]:
    """Of each idea that is with a unit, or was until it was closed, how far that is; the newest referral counts."""
    places = ReferralIdea.objects.standing().filter(idea__in=ideas, referral__in=Referral.objects.unrestricted())
    standing = places.exclude(referral__state=ReferralState.RECALLED).select_related("referral", "closing")
    return {place.idea_id: _follow_up(place) for place in standing.order_by("referral_id")}


def _follow_up(place: ReferralIdea) -> FollowUp:
    if place.closing:
        return FollowUp.DONE if was_done(place) else FollowUp.ANSWERED
    return FollowUp.GIVEN if place.referral.state in JUST_GIVEN else FollowUp.UNDER_WAY


@dataclass(frozen=True)
class Choice:
    """A value that the list can be narrowed to, with how many there are under the other choices made."""

    value: str
    label: Any
    number: int
    is_chosen: bool


def choices_of(cards: Sequence[Card], chosen: Mapping[str, str]) -> dict[str, list[Choice]]:
    """What the list can be narrowed by: topics in the campaign's order, streets by name, states in theirs. A trait of
    which there is only one value narrows nothing and is left out."""
    labels: dict[str, dict[str, Any]] = {"topic": {}, "street": {}, "state": {}}
    for card in sorted(cards, key=lambda card: (card.idea.topic.position, card.idea.topic_id)):
        labels["topic"][card.idea.topic.slug] = card.idea.topic
    labels["street"] = {street: street for street in sorted({card.traits["street"] for card in cards} - {""})}
    labels["state"] = {value: label for value, label in FollowUp.choices if any(c.follow_up == value for c in cards)}
    found = {}
    for name, values in labels.items():
        others = {key: value for key, value in chosen.items() if key != name}
        numbers = Counter(card.traits[name] for card in narrowed(cards, others))
        if len(values) > 1:
            found[name] = [Choice(v, label, numbers[v], chosen.get(name) == v) for v, label in values.items()]
    return found


def narrowed(cards: Sequence[Card], chosen: Mapping[str, str]) -> list[Card]:
    return [card for card in cards if all(card.traits[name] == value for name, value in chosen.items())]


@dataclass(frozen=True)
class Beside:
    """Where one goes on from a winner: those before and after it, and others of its topic."""

    before: Card | None
    after: Card | None
    alike: list[Card]


def beside(cards: Sequence[Card], idea: Idea, most: int = 3) -> Beside:
    """`cards` are all winners of the campaign, this one among them."""
    place = next(number for number, card in enumerate(cards) if card.idea == idea)
    alike = [card for card in cards if card.idea.topic_id == idea.topic_id and card.idea != idea]
    before = cards[place - 1] if place else None
    return Beside(before, cards[place + 1] if place + 1 < len(cards) else None, alike[:most])
