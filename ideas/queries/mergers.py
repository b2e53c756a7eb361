"""Who leads whom: groups of merged ideas, and those whose leader does not stand any more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from ideas.choices import Action, Status
from ideas.models import Campaign, Idea, IdeaEvent, Shortlist
from ideas.models.ideas import IdeaQuerySet
from ideas.rules.workflow import STANDING, VALID

PART = 6  # ideas of one group that stand below its leader at once: so many somebody can compare


def erased(idea: Idea) -> bool:
    """Whether the resident had all personal data erased."""
    return idea.events.filter(action=Action.ERASE).exists()


def followers_without_leader() -> IdeaQuerySet:
    """Merged ideas whose leader does not stand: it is closed, restricted otherwise than they are, or its person was
    erased. Once there is a list, erasing leaves the group as it is; once the winners are published, so does taking one
    down: nobody would look at the others any more."""
    gone = IdeaEvent.objects.filter(idea=OuterRef("merged_into"), action=Action.ERASE)
    listed = Shortlist.objects.filter(campaign=OuterRef("campaign"))
    taken_down = Q(merged_into__status=Status.WITHDRAWN, campaign__released_at__isnull=False)
    lost = ~(Q(merged_into__status__in=STANDING) | taken_down) | ~Q(merged_into__restricted=F("restricted"))
    return Idea.objects.exclude(merged_into=None).filter(lost | (Exists(gone) & ~Exists(listed)))


def versions(ideas: Iterable[Idea]) -> str:
    """What a page shows of several ideas, as its form carries it: each with its version."""
    return ",".join(f"{idea.pk}:{idea.version}" for idea in sorted(ideas, key=lambda idea: idea.pk))


@dataclass(frozen=True)
class Part:
    """What one form of the page of groups holds: a whole group, or so many ideas of a large one.

    `keys` begin with the leader, in every part of its group, and go on in the order of receipt. `number` counts the
    parts of a group from 1, `of` is how many it has, `size` how many ideas.
    """

    keys: list[int]
    number: int
    of: int
    size: int


def parts_of(keys: list[int]) -> list[Part]:
    """A group's parts; its leader comes first."""
    leader, *others = keys
    chunks = [others[start : start + PART] for start in range(0, len(others), PART)]
    return [Part([leader, *chunk], number, len(chunks), len(keys)) for number, chunk in enumerate(chunks, 1)]


def present(part: Part, rows: Mapping[int, Idea]) -> list[Idea]:
    """The ideas of a part that were found, its leader first; none where the leader or all others were not: between two
    readings an idea may have been restricted."""
    found = [rows[key] for key in part.keys if key in rows]
    return found if len(found) > 1 and found[0].pk == part.keys[0] else []


@dataclass(frozen=True)
class Group:
    """A leading idea and those merged into it that a part names; `versions` are those of the whole group."""

    leader: Idea
    merged: list[Idea]
    versions: str
    part: Part

    @property
    def has_accepted(self) -> bool:
        """Whether the group can be referred to a unit: its first idea stands for all."""
        return self.leader.status in VALID

    @property
    def key(self) -> str:
        """Names this form among the others of the page."""
        return f"{self.leader.pk}-{self.part.number}"


def merged_in(campaign: Campaign, ideas: IdeaQuerySet) -> list[Part]:
    """The groups of a campaign whose leader the asker may see (`ideas`), the one that grew last first; one query."""
    own = ideas.filter(campaign=campaign)
    merged = own.exclude(merged_into=None).filter(merged_into__in=own.values("pk")).by_receipt()
    rows: Any = merged.values_list("merged_into", "pk")  # Any: no leader is None here
    groups: dict[int, list[int]] = {}
    for leader, key in rows:
        keys = groups.pop(leader, [leader])  # whoever grows comes last
        groups[leader] = [*keys, key]
    return [part for keys in reversed(groups.values()) for part in parts_of(keys)]


def groups_of(parts: Sequence[Part], ideas: IdeaQuerySet) -> list[Group]:
    """The ideas of some parts; two queries. What is not to be seen any more is left out, as in clusters_of()."""
    rows = ideas.select_related("area").in_bulk([key for part in parts for key in part.keys])
    there = [(part, found) for part in parts if (found := present(part, rows))]
    leaders = {part.keys[0] for part, _found in there}
    whole: dict[int, list[Idea]] = {key: [rows[key]] for key in leaders}
    for idea in ideas.filter(merged_into__in=leaders).only("pk", "version", "merged_into"):
        whole[idea.merged_into_id or 0].append(idea)
    return [Group(leader, merged, versions(whole[leader.pk]), part) for part, (leader, *merged) in there]
