"""Reading marks: the weighted mark of every review of a campaign, and a panellist's progress."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, Sum

from ideas.models import Assignment, Campaign, Criterion, Idea, Panellist, Rating
from ideas.models.panel import DONE, AssignmentQuerySet
from ideas.models.ratings import RatingQuerySet, is_waiting
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
    counting = Rating.objects.counting().filter(assignment__panellist__campaign=campaign)
    if ideas is None:
        counting = counting.unrestricted().filter(assignment__idea__status__in=RATED)
    pair = ("assignment__idea_id", "assignment__panellist_id")
    rows = weighted(counting, weights_of(campaign), *pair).order_by(*pair)
    return [
        (idea, panellist, given / weight)
        for idea, panellist, given, weight in rows.iterator(chunk_size=5000)
        if ideas is None or idea in ideas
    ]


def weighted(rows: RatingQuerySet, weights: Iterable[int], *columns: str) -> Any:
    """(*columns, weighted points, weights) of those ratings that have points for a criterion that counts (`weights`).

    Both are sums of whole numbers, so that their quotient is rules.ratings.weighted_mark() to the last bit. The
    database adds them up: every single mark read takes as long as all that is done with them afterwards.
    """
    given, weight = F("marks__points"), F("marks__criterion__weight")
    counted = rows.filter(marks__criterion__in=list(weights)).values_list(*columns)
    return counted.annotate(given=Sum(given * weight), weight=Sum(weight)).filter(weight__gt=0)


def ranking_of(campaign: Campaign) -> list[ratings.Score]:
    """The scores of a campaign's rated ideas by its method, best first; `idea` is the primary key.

    Ties fall by receipt order at last.
    """
    return ranking_among(campaign, rated_in_order(campaign))


def ranking_among(campaign: Campaign, in_order: Sequence[int]) -> list[ratings.Score]:
    """The same for given ideas in the order of receipt, whatever has become of them."""
    rows = by_place(in_order, reviews_of(campaign, set(in_order)))
    return scores_by_key(in_order, ratings.ranking(rows, campaign.score_method, campaign.places))


def by_place(in_order: Sequence[int], reviews: Iterable[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Reviews with each idea's place in the order of receipt instead of its key: by it a ranking settles ties."""
    place = {idea: number for number, idea in enumerate(in_order)}
    return [(place[idea], panellist, mark) for idea, panellist, mark in reviews]


def scores_by_key(in_order: Sequence[int], ranking: Iterable[ratings.Score]) -> list[ratings.Score]:
    return [
        ratings.Score(in_order[row.idea], row.score, row.mean, row.reviews, row.error, row.chance, row.few)
        for row in ranking
    ]


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


class Seat(NamedTuple):
    """What a desk must know of each of its assignments to count and narrow them; the ideas of a page come later."""

    pk: int
    campaign: int
    state: str  # one of SEAT_STATES
    is_done: bool  # not of paper that waits for its second person


TO_DO = ("to_do", "put_off")
SEAT_STATES = (*TO_DO, "rated", "abstained")


def seats_of(assignments: AssignmentQuerySet) -> list[Seat]:
    """In the order of the desk; one query."""
    rows = assignments.in_turn().values_list(
        *("pk", "panellist__campaign", "skipped_at", "rating", "rating__abstained"),
        *("rating__entered_by", "rating__confirmed_by"),
    )
    return [
        Seat(pk, campaign, _state(rating, skipped_at, is_abstained), bool(rating) and not is_waiting(*people))
        for pk, campaign, skipped_at, rating, is_abstained, *people in rows
    ]


def _state(rating: int | None, skipped_at: Any, is_abstained: bool | None) -> str:
    if rating:
        return "abstained" if is_abstained else "rated"
    return "put_off" if skipped_at else "to_do"


@dataclass(frozen=True)
class Progress:
    """A panellist's desk in one campaign."""

    campaign: Campaign
    done: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.done


def progress_of(seats: Iterable[Seat]) -> list[Progress]:
    """One line per campaign of a panellist's desk, newest first; one query."""
    own: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        own[seat.campaign].append(seat)
    campaigns = Campaign.objects.in_bulk(own)
    rows = [Progress(campaigns[key], sum(seat.is_done for seat in part), len(part)) for key, part in own.items()]
    return sorted(rows, key=lambda row: row.campaign.opens_at, reverse=True)


def progress_in(panellist: Panellist) -> Progress:
    """A panellist's progress in the campaign of the assignment."""
    own = Assignment.objects.filter(panellist=panellist).not_recused().unrestricted()
    counts = own.aggregate(done=Count("pk", filter=DONE), total=Count("pk"))
    return Progress(panellist.campaign, counts["done"], counts["total"])


def next_assignment(assignment: Assignment) -> Assignment | None:
    """The next unrated idea on the same desk: the one after this, else the first; what was put off comes last."""
    to_do = Assignment.objects.to_do().unrestricted().filter(panellist=assignment.panellist_id)
    others = to_do.exclude(pk__in=[assignment.pk, *not_theirs(to_do)])
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
    rows = Rating.objects.counting().unrestricted().filter(assignment__panellist=panellist, assignment__recusal=None)
    if but:
        rows = rows.exclude(assignment=but)
    last_first = weighted(rows, weights, "assignment__idea_id", "rated_at").order_by("-rated_at", "assignment__idea_id")
    given = {idea: points / weight for idea, _at, points, weight in last_first}
    titles = anonymised_titles(list(given)[:LAST_MARKS])
    heights = Counter(int(mark + 0.5) for mark in given.values())
    return OwnMarks(
        last=[(titles[idea], given[idea]) for idea in titles],
        heights=[(height, heights[height]) for height in range(ratings.LOWEST, ratings.HIGHEST + 1)],
        count=len(given),
        mean=sum(given.values()) / len(given) if given else None,
    )
