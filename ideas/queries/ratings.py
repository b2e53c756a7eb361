"""Reading marks: the weighted mark of every review of a campaign, and a panellist's progress."""

from collections import defaultdict
from dataclasses import dataclass

from ideas.choices import Status
from ideas.models import Assignment, Campaign, Criterion, Idea, Mark, Panellist, Rating, User
from ideas.queries.access import seats
from ideas.rules import ratings


def weights_of(campaign: Campaign) -> dict[int, int]:
    return dict(Criterion.objects.filter(campaign=campaign).order_by("position", "id").values_list("id", "weight"))


def reviews_of(campaign: Campaign) -> list[tuple[int, int, float]]:
    """(idea, panellist, weighted mark 1–10) for every rating of an idea that could be on the list.

    Ratings by panellists who later stood aside do not exist; those of inactive panellists count.
    """
    weights = weights_of(campaign)
    rows = Mark.objects.filter(
        rating__assignment__panellist__campaign=campaign,
        rating__assignment__idea__status__in=(Status.ACCEPTED, Status.SHORTLISTED),
    ).values_list("rating__assignment__idea_id", "rating__assignment__panellist_id", "criterion_id", "points")
    points: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for idea, panellist, criterion, value in rows.iterator(chunk_size=5000):
        points[idea, panellist][criterion] = value
    marks = ((pair, ratings.weighted_mark(given, weights)) for pair, given in sorted(points.items()))
    return [(idea, panellist, mark) for (idea, panellist), mark in marks if mark is not None]


def standing_of(campaign: Campaign) -> list[ratings.Score]:
    """The scores of a campaign's rated ideas, best first; `idea` is the primary key, ties fall by receipt order."""
    reviews = reviews_of(campaign)
    in_order = list(
        Idea.objects.filter(campaign=campaign, status__in=(Status.ACCEPTED, Status.SHORTLISTED))
        .by_receipt()
        .values_list("id", flat=True)
    )
    place = {idea: number for number, idea in enumerate(in_order)}
    scores = ratings.scores((place[idea], panellist, mark) for idea, panellist, mark in reviews)
    return [
        ratings.Score(idea=in_order[score.idea], score=score.score, mean=score.mean, reviews=score.reviews)
        for score in scores
    ]


@dataclass(frozen=True)
class Review:
    """One panellist's judgement of one idea: points by criterion in their order, the weighted mark, the comment."""

    panellist: str
    points: list[int]
    mark: float | None
    comment: str


def reviews_for(idea: Idea) -> list[Review]:
    """What the panel said of an idea, for those who may see the list."""
    weights = weights_of(idea.campaign)
    rows = Rating.objects.filter(assignment__idea=idea).select_related("assignment__panellist__user")
    found = []
    for rating in rows.prefetch_related("marks").order_by("assignment_id"):
        points = {mark.criterion_id: mark.points for mark in rating.marks.all()}
        in_order = [points[criterion] for criterion in weights if criterion in points]
        name = str(rating.assignment.panellist)
        found.append(Review(name, in_order, ratings.weighted_mark(points, weights), rating.comment))
    return found


@dataclass(frozen=True)
class Progress:
    """A panellist's desk in one campaign."""

    campaign: Campaign
    done: int
    total: int

    @property
    def share(self) -> int:
        """Percent done, rounded down, so that 100 means all."""
        return self.done * 100 // self.total if self.total else 0


def progress_of(user: User) -> list[Progress]:
    """One line per campaign in which the user has a seat, newest first."""
    done: dict[int, list[bool]] = defaultdict(list)
    campaigns: dict[int, Campaign] = {}
    for seat in seats(user).select_related("rating"):
        campaigns[seat.idea.campaign_id] = seat.panellist.campaign
        done[seat.idea.campaign_id].append(hasattr(seat, "rating"))
    rows = [Progress(campaigns[key], sum(flags), len(flags)) for key, flags in done.items()]
    return sorted(rows, key=lambda row: row.campaign.opens_at, reverse=True)


def progress_in(panellist: Panellist) -> Progress:
    """A panellist's progress in the campaign of the seat."""
    standing = Assignment.objects.standing().filter(panellist=panellist)
    return Progress(panellist.campaign, standing.exclude(rating=None).count(), standing.count())


def next_seat(seat: Assignment) -> Assignment | None:
    """The next unrated idea on the same desk: the one after this, else the first."""
    to_do = Assignment.objects.to_do().filter(panellist=seat.panellist_id).order_by("id")
    return to_do.filter(pk__gt=seat.pk).first() or to_do.first()
