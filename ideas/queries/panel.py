"""What filling the panel's desks must know: who may not rate what, who is behind; an idea's text without its person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Subquery

from ideas.choices import Bar, OfficeAct, Status
from ideas.models import (
    Assignment,
    AssignmentRun,
    Campaign,
    Conflict,
    Idea,
    OfficeEvent,
    Panellist,
    Resident,
    UnitQuestion,
    User,
)
from ideas.models.panel import ON_DESK, AssignmentQuerySet
from ideas.queries.access import sees_names
from ideas.queries.eligibility import bars_of_members, open_barred_assignments
from ideas.rules.redaction import covered
from ideas.rules.telephones import line_of
from ideas.rules.workflow import UNDECIDED

PANEL_ACTS = (OfficeAct.SEAT, OfficeAct.PANELLIST_LEFT, OfficeAct.PANEL_REMINDED)


@dataclass(frozen=True)
class AnonymisedIdea:
    """An idea as a panellist reads it."""

    title: str
    place: str
    problem: str
    proposal: str


# The desks of panel and units meet a resident in the next five functions only. What comes out is covered text; the row
# itself never leaves them, so that no template can show it.


def anonymised(idea: Idea) -> AnonymisedIdea:
    """The idea with its proposer's names and contacts covered."""
    return blind_texts([idea])[idea.pk]


def blind_texts(ideas: Sequence[Idea]) -> dict[int, AnonymisedIdea]:
    """The same of many ideas, by key, in the order given."""
    words = {row.idea_id: _own_words(row) for row in Resident.objects.filter(idea__in=[idea.pk for idea in ideas])}

    def text_of(idea: Idea) -> AnonymisedIdea:
        names, own = words.get(idea.pk, ([], []))
        title, problem, proposal = (covered(text, names, own) for text in (idea.title, idea.problem, idea.proposal))
        return AnonymisedIdea(title, covered(idea.place, names, own, is_place=True), problem, proposal)

    return {idea.pk: text_of(idea) for idea in ideas}


def anonymised_words(said: Sequence[tuple[int, str]]) -> list[str]:
    """What residents wrote later about their ideas, each with the idea's key, covered in the same way."""
    words = {row.idea_id: _own_words(row) for row in Resident.objects.filter(idea__in=[idea for idea, _text in said])}
    return [covered(text, *words.get(idea, ([], []))) for idea, text in said]


def anonymised_titles(ideas: Sequence[int]) -> dict[int, str]:
    """Covered titles by key, in the order asked for."""
    titles = dict(Idea.objects.filter(pk__in=ideas).values_list("id", "title"))
    words = {row.idea_id: _own_words(row) for row in Resident.objects.filter(idea__in=ideas)}
    return {idea: covered(titles[idea], *words.get(idea, ([], []))) for idea in ideas}


def blind_replies(questions: Sequence[UnitQuestion]) -> dict[int, str]:
    """What residents answered units, by the question's key, with the names and contacts of whoever wrote it covered."""
    asked = [row.idea_id for row in questions if row.reply]
    words = {row.idea_id: _own_words(row) for row in Resident.objects.filter(idea__in=asked)} if asked else {}
    return {row.pk: covered(row.reply, *words.get(row.idea_id or 0, ([], []))) for row in questions}


def _own_words(resident: Resident) -> tuple[list[str], list[str]]:
    """(names, numbers and addresses) by which a proposer could be recognised."""
    contact = resident.contact
    names = [contact.get(field, "") for field in ("name", "net_name")]
    return names, [each for each in (line_of(contact.get("phone", "")), contact.get("email", "")) if each]


def undecided(campaign: Campaign) -> int:
    return campaign.ideas.unrestricted().filter(status__in=UNDECIDED).count()


def to_rate(campaign: Campaign) -> dict[int, str]:
    """{key: receipt} of the ideas that the panel rates, in the order of receipt; restricted ones never reach it."""
    ideas = campaign.ideas.unrestricted().filter(status=Status.ACCEPTED).by_receipt()
    return dict(ideas.values_list("id", "receipt"))


def counted_assignments(campaign: Campaign) -> AssignmentQuerySet:
    return Assignment.objects.not_recused().filter(panellist__campaign=campaign).order_by("id")


def why_empty(user: User) -> str:
    """Why a panellist's desk shows nothing: "names" (another role shows them), "aside" (from all), "" (nothing yet)."""
    assignments = Assignment.objects.unrestricted().filter(panellist__user=user, panellist__is_active=True)
    if assignments.exists() and sees_names(user):
        return "names"
    return "aside" if assignments.exists() and not assignments.not_recused().exists() else ""


@dataclass(frozen=True)
class Member:
    """A panellist's desk as the office sees it: how many assignments, how many of them rated, on paper only so far.

    Ideas that they may not rate any more are not among the assignments that they are behind with: see `barred`.
    """

    panellist: Panellist
    total: int
    done: int
    waiting: int = 0  # typed in from paper, not confirmed: not done, but no longer the panellist's turn
    barred: int = 0  # open assignments for colleagues: a conflict of interest arose
    bar: Bar | None = None  # why this person may rate nothing at all

    @property
    def is_behind(self) -> bool:
        return self.may_rate and self.done + self.waiting + self.barred < self.total

    @property
    def may_rate(self) -> bool:
        return self.panellist.is_active and self.bar is None


def members_of(campaign: Campaign) -> list[Member]:
    typed = ON_DESK & Q(assignments__rating__entered_by__isnull=False)
    rated = ON_DESK & Q(assignments__rating__isnull=False)
    waits = typed & Q(assignments__rating__confirmed_by=None)
    members = campaign.panellists.select_related("user__unit").prefetch_related("conflicts__idea", "conflicts__unit")
    counted = members.annotate(total=Count("assignments", filter=ON_DESK), given=Count("assignments", filter=rated))
    counted = counted.annotate(waits=Count("assignments", filter=waits)).order_by("id")
    rows = list(counted)
    bars, barred = (
        bars_of_members(rows),
        Counter(open_barred_assignments(campaign).values_list("panellist_id", flat=True)),
    )
    return [
        Member(row, row.total, row.given - row.waits, row.waits, barred[row.pk], next(iter(bars.get(row.pk, ())), None))
        for row in rows
    ]


def last_reminder(campaign: Campaign) -> OfficeEvent | None:
    reminders = OfficeEvent.objects.filter(campaign=campaign, act=OfficeAct.PANEL_REMINDED)
    return reminders.select_related("actor").order_by("pk").last()


def panel_version(campaign: Campaign) -> str:
    """The state of the panel that a page shows, for acts on it: the office's last acts, and who takes part.

    What panellists do at their desks is not in it: it changes all the time and outdates no act of the office.
    """
    acts = OfficeEvent.objects.filter(campaign=campaign, act__in=PANEL_ACTS)
    rows = (
        AssignmentRun.objects.filter(campaign=campaign),
        Conflict.objects.filter(panellist__campaign=campaign),
        acts,
    )
    last = [Subquery(found.order_by("-pk").values("pk")[:1]) for found in rows]
    marks = Campaign.objects.filter(pk=campaign.pk).values_list(*last).get()
    active = campaign.panellists.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    return ":".join([*(str(mark or 0) for mark in marks), ",".join(map(str, active))])
