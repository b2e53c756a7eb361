"""What filling the panel's desks must know: who may not rate what, who is behind; an idea's text without its person."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from ideas.choices import Status
from ideas.models import Assignment, Campaign, Conflict, Idea, Panellist, Recusal, Resident
from ideas.models.panel import AssignmentQuerySet
from ideas.models.sealed import keyring
from ideas.rules.privacy import cover
from ideas.rules.telephones import line_of

UNDECIDED = (Status.RECEIVED, Status.RETURNED)


@dataclass(frozen=True)
class Blind:
    """An idea as a panellist reads it."""

    title: str
    place: str
    problem: str
    proposal: str


# The panel's desk meets a resident in the next three functions only. What comes out is covered text; the row itself
# never leaves them, so that no template can show it.


def blind(idea: Idea) -> Blind:
    """The idea with its proposer's names and contacts covered."""
    return blind_texts([idea])[idea.pk]


def blind_texts(ideas: Sequence[Idea]) -> dict[int, Blind]:
    """The same of many ideas, by key, in the order given."""
    words = {row.idea_id: _own_words(row) for row in Resident.objects.filter(idea__in=[idea.pk for idea in ideas])}
    fields = ("title", "place", "problem", "proposal")

    def covered(idea: Idea) -> Blind:
        return Blind(*(cover(getattr(idea, field), words.get(idea.pk, ())) for field in fields))

    return {idea.pk: covered(idea) for idea in ideas}


def blind_titles(ideas: Sequence[int]) -> dict[int, str]:
    """Covered titles by key, in the order asked for."""
    titles = dict(Idea.objects.filter(pk__in=ideas).values_list("id", "title"))
    words = {row.idea_id: _own_words(row) for row in Resident.objects.filter(idea__in=ideas)}
    return {idea: cover(titles[idea], words.get(idea, ())) for idea in ideas}


def _own_words(resident: Resident) -> list[str]:
    contact = resident.contact
    words = [contact.get(field, "") for field in ("name", "net_name", "email")]
    return [*words, line_of(contact.get("phone", "")).removeprefix("+86")]


def undecided(campaign: Campaign) -> int:
    return campaign.ideas.filter(status__in=UNDECIDED).count()


def to_rate(campaign: Campaign) -> dict[int, str]:
    """{key: receipt} of the ideas that the panel rates, in the order of receipt; restricted ones never reach it."""
    ideas = campaign.ideas.filter(status=Status.ACCEPTED, restricted=False).by_receipt()
    return dict(ideas.values_list("id", "receipt"))


def standing_seats(campaign: Campaign) -> AssignmentQuerySet:
    return Assignment.objects.standing().filter(panellist__campaign=campaign).order_by("id")


def barred_pairs(campaign: Campaign) -> set[tuple[int, int]]:
    """(idea, panellist) that may not be: stood aside, a declared conflict, the same unit, the same e-mail address."""
    recused = Recusal.objects.filter(assignment__panellist__campaign=campaign)
    found = set(recused.values_list("assignment__idea_id", "assignment__panellist_id"))
    declared = Conflict.objects.filter(panellist__campaign=campaign)
    found |= set(declared.filter(idea__isnull=False).values_list("idea_id", "panellist_id"))
    units = set(declared.filter(unit__isnull=False).values_list("unit_id", "panellist_id"))
    members = campaign.panellists.select_related("user")
    units |= {(member.user.unit_id, member.pk) for member in members if member.user.unit_id}
    of_unit = defaultdict(list)
    for idea, unit in campaign.ideas.filter(unit__isnull=False).values_list("id", "unit_id"):
        of_unit[unit].append(idea)
    found |= {(idea, member) for unit, member in units for idea in of_unit[unit]}
    return found | _own_ideas(campaign, members)


def _own_ideas(campaign: Campaign, members: Iterable[Panellist]) -> set[tuple[int, int]]:
    """Ideas sent from a panellist's own e-mail address, found by the keyed hash under every key of the ring."""
    owner = {
        digest: member.pk
        for member in members
        if member.user.email
        for digest in keyring().digests(member.user.email.casefold().encode(), "email")
    }
    rows = Resident.objects.filter(idea__campaign=campaign, email_hash__in=owner).values_list("idea_id", "email_hash")
    return {(idea, owner[digest]) for idea, digest in rows}


@dataclass(frozen=True)
class Member:
    """A panellist's desk as the office sees it: how many seats, how many of them rated, on paper only so far."""

    panellist: Panellist
    total: int
    done: int
    waiting: int = 0  # typed in from paper, not confirmed: not done, but no longer the panellist's turn

    @property
    def is_behind(self) -> bool:
        return self.panellist.is_active and self.done + self.waiting < self.total


def members_of(campaign: Campaign) -> list[Member]:
    standing = Q(assignments__isnull=False, assignments__recusal=None)
    typed = standing & Q(assignments__rating__entered_by__isnull=False)
    rated = standing & Q(assignments__rating__isnull=False)
    waits = typed & Q(assignments__rating__confirmed_by=None)
    members = campaign.panellists.select_related("user__unit").prefetch_related("conflicts__idea", "conflicts__unit")
    counted = members.annotate(total=Count("assignments", filter=standing), given=Count("assignments", filter=rated))
    counted = counted.annotate(waits=Count("assignments", filter=waits)).order_by("id")
    return [Member(row, row.total, row.given - row.waits, row.waits) for row in counted]


def seats_per_idea(campaign: Campaign) -> Counter[int]:
    return Counter(standing_seats(campaign).values_list("idea_id", flat=True))
