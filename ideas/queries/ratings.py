"""Reading marks: the weighted mark of every review of a campaign, and a panellist's progress."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from django.db.models import Count

from ideas.models import Assignment, Campaign, Criterion, Idea, Mark, Panellist, Rating
from ideas.models.panel import DONE
from ideas.queries.eligibility import not_theirs
from ideas.queries.panel import anonymised_titles
from ideas.rules import ratings
from ideas.rules.workflow import RATED

LAST_MARKS = 5


def weights_of(campaign: Campaign) -> dict[int, int]:
    """The weights of the criteria that count, in their order; those for advice are not among them."""
    counting = Criterion.objects.filter(campaign=campaign, is_advice=False).order_by("position", "id")
    return dict(counting.values_list("id", "weight"))


def has_begun(campaign: Campaign) -> bool:
    """Whether anybody has rated: from then on rubric and method stay as they are."""
    return Rating.objects.filter(assignment__panellist__campaign=campaign).exists()


def reviews_of(campaign: Campaign, ideas: Collection[int] | None = None) -> list[tuple[int, int, float]]:
    """(idea, panellist, weighted mark 1–10) for every rating that counts of an idea that could be on the list.

    Those who stood aside or abstained gave none; marks from paper count once confirmed; those of inactive panellists
    count. An idea that was restricted meanwhile is nobody's business here. `ideas` are looked at instead, if given,
    whatever has become of them.
    """
    weights = weights_of(campaign)
    counting = Rating.objects.counting().filter(assignment__panellist__campaign=campaign)
    if ideas is None:
        counting = counting.unrestricted().filter(assignment__idea__status__in=RATED)
    of = ("rating__assignment__idea_id", "rating__assignment__panellist_id")
    rows = Mark.objects.filter(rating__in=counting).order_by("rating_id").values_list(*of, "criterion_id", "points")
    found = []
    for (idea, panellist), marks in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0, 1)):
        if ideas is None or idea in ideas:
            mark = ratings.weighted_mark({criterion: value for *_of, criterion, value in marks}, weights)
            found += [] if mark is None else [(idea, panellist, mark)]
    return sorted(found)


def ranking_of(campaign: Campaign, reviews: list[tuple[int, int, float]] | None = None) -> list[ratings.Score]:
    """The scores of a campaign's rated ideas by its method, best first; `idea` is the primary key.

    Ties fall by receipt order at last. `reviews` are reviews_of(campaign), where they are at hand.
    """
    return ranking_among(campaign, rated_in_order(campaign), reviews)


def ranking_among(
    campaign: Campaign, in_order: Sequence[int], reviews: list[tuple[int, int, float]] | None = None
) -> list[ratings.Score]:
    """The same for given ideas in the order of receipt, whatever has become of them."""
    place = {idea: number for number, idea in enumerate(in_order)}
    rows = reviews_of(campaign, place) if reviews is None else reviews
    by_place = ((place[idea], panellist, mark) for idea, panellist, mark in rows)
    ranking = ratings.ranking(by_place, campaign.score_method, campaign.places)
    return [replace(score, idea=in_order[score.idea]) for score in ranking]


def rated_in_order(campaign: Campaign) -> list[int]:
    """The keys of the ideas that the panel rates, in the order of receipt."""
    ideas = Idea.objects.unrestricted().filter(campaign=campaign, status__in=RATED)
    return list(ideas.by_receipt().values_list("id", flat=True))


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
    waiting = rows.waiting().values("pk")
    for rating in rows.exclude(pk__in=waiting).prefetch_related("marks").order_by("assignment_id"):
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
    def left(self) -> int:
        return self.total - self.done


def progress_of(assignments: Iterable[Assignment]) -> list[Progress]:
    """One line per campaign of a panellist's assignments (with `rating` joined), newest first."""
    done: dict[int, list[bool]] = defaultdict(list)
    campaigns: dict[int, Campaign] = {}
    for assignment in assignments:
        campaigns[assignment.panellist.campaign_id] = assignment.panellist.campaign
        rating = getattr(assignment, "rating", None)
        done[assignment.panellist.campaign_id].append(rating is not None and not rating.is_waiting)
    rows = [Progress(campaigns[key], sum(flags), len(flags)) for key, flags in done.items()]
    return sorted(rows, key=lambda row: row.campaign.opens_at, reverse=True)


def progress_in(panellist: Panellist) -> Progress:
    """A panellist's progress in the campaign of the assignment."""
    own = Assignment.objects.filter(panellist=panellist).not_recused().unrestricted()
    counts = own.aggregate(done=Count("pk", filter=DONE), total=Count("pk"))
    return Progress(panellist.campaign, counts["done"], counts["total"])


def next_assignment(assignment: Assignment) -> Assignment | None:
    """The next unrated idea on the same desk: the one after this, else the first; what was put off comes last."""
    to_do = Assignment.objects.to_do().unrestricted().filter(panellist=assignment.panellist_id)
    rows = list(to_do.exclude(pk=assignment.pk).select_related("rating", "panellist__user"))
    others = to_do.exclude(pk__in=[assignment.pk, *not_theirs(rows)])
    return others.filter(skipped_at=None, pk__gt=assignment.pk).order_by("id").first() or others.in_turn().first()


def previous_assignment(assignment: Assignment) -> Assignment | None:
    """The idea that this panellist rated before this one."""
    rated = (
        Assignment.objects.not_recused().unrestricted().filter(panellist=assignment.panellist_id, rating__isnull=False)
    )
    rating = getattr(assignment, "rating", None)
    if rating:
        rated = rated.filter(rating__rated_at__lt=rating.rated_at)
    return rated.order_by("-rating__rated_at", "-id").first()


@dataclass(frozen=True)
class OwnMarks:
    """What a panellist has given so far, to compare the next mark with: the last few, and how many of each height."""

    last: list[tuple[str, float]]  # (title, weighted mark)
    heights: list[tuple[int, int]]  # (mark rounded to 1–10, how many)
    count: int
    mean: float | None


def own_marks(panellist: Panellist, weights: Mapping[int, int], *, but: Assignment | None = None) -> OwnMarks:
    """Three queries, however many marks there are."""
    rows = Mark.objects.filter(
        rating__in=Rating.objects.counting().unrestricted(),
        rating__assignment__panellist=panellist,
        rating__assignment__recusal=None,
    )
    if but:
        rows = rows.exclude(rating__assignment=but)
    points: dict[int, dict[int, int]] = defaultdict(dict)
    columns = rows.order_by("-rating__rated_at").values_list("rating__assignment__idea_id", "criterion_id", "points")
    for idea, criterion, value in columns:
        points[idea][criterion] = value
    marks = {idea: ratings.weighted_mark(given, weights) for idea, given in points.items()}
    given = {idea: mark for idea, mark in marks.items() if mark is not None}
    titles = anonymised_titles(list(given)[:LAST_MARKS])
    heights = Counter(int(mark + 0.5) for mark in given.values())
    return OwnMarks(
        last=[(titles[idea], given[idea]) for idea in titles],
        heights=[(height, heights[height]) for height in range(ratings.LOWEST, ratings.HIGHEST + 1)],
        count=len(given),
        mean=sum(given.values()) / len(given) if given else None,
    )
