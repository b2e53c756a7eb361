"""Who leads whom: groups of merged ideas, and those whose leader does not stand any more."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q

from ideas.choices import Action, Status
from ideas.models import Campaign, Idea, IdeaEvent, Shortlist
from ideas.models.ideas import IdeaQuerySet
from ideas.rules.workflow import STANDING


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
class Group:
    """A leading idea and those merged into it, in the order of receipt."""

    leader: Idea
    merged: list[Idea]

    @property
    def versions(self) -> str:
        return versions([self.leader, *self.merged])


def groups_of(campaign: Campaign, ideas: IdeaQuerySet, *, most: int = 50) -> list[Group]:
    """The groups of a campaign whose leader the asker may see (`ideas`), the one that grew last first."""
    own = ideas.filter(campaign=campaign)
    grown = own.exclude(merged_into=None).filter(merged_into__in=own.values("pk"))
    keys = list(dict.fromkeys(grown.order_by("-received_at", "-pk").values_list("merged_into", flat=True)))[:most]
    merged: dict[int | None, list[Idea]] = {}
    for idea in own.filter(merged_into__in=keys).select_related("area").by_receipt():
        merged.setdefault(idea.merged_into_id, []).append(idea)
    leaders = own.select_related("area").in_bulk(keys)
    return [Group(leaders[key], merged[key]) for key in keys]
