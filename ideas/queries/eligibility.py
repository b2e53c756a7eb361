"""Who may not rate what, asked anew each time: when assigning, at the rating page, before a reminder, of marks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from ideas.choices import Bar, OfficeAct
from ideas.models import Assignment, Campaign, Conflict, Idea, OfficeEvent, Panellist, Recusal, Resident, User
from ideas.models.panel import AssignmentQuerySet
from ideas.models.sealed import keyring
from ideas.queries.access import people_who_see_names, sees_names


class Pair(NamedTuple):
    """An idea and a panellist, by their keys."""

    idea: int
    panellist: int


Bars = dict[Pair, set[Bar]]


def bars_of_person(user: User) -> set[Bar]:
    """Why this person may sit on no panel at all."""
    if not user.is_active:
        return {Bar.DISABLED}
    return {Bar.NAMES} if sees_names(user) else set()


def bars_of_members(members: Iterable[Panellist]) -> dict[int, set[Bar]]:
    """The same of many panellists (with their users), by key; one query."""
    rows = list(members)
    see = set(people_who_see_names().filter(pk__in=[row.user_id for row in rows]).values_list("pk", flat=True))
    found: dict[int, set[Bar]] = {}
    for row in rows:
        if not row.user.is_active:
            found[row.pk] = {Bar.DISABLED}
        elif row.user_id in see:
            found[row.pk] = {Bar.NAMES}
    return found


def bars_between(members: Sequence[Panellist], ideas: QuerySet[Idea]) -> Bars:
    """Why a panellist may not rate an idea, as things stand now; at most six queries, however many there are."""
    found: Bars = defaultdict(set)
    for bar, pairs in (
        (Bar.CONFLICT, _declared(members, ideas)),
        (Bar.UNIT, _of_units({(row.user.unit_id, row.pk) for row in members if row.user.unit_id}, ideas)),
        (Bar.ADDRESS, _own(members, ideas)),
        (Bar.KNOWN, _known(members, ideas)),
    ):
        for pair in pairs:
            found[pair].add(bar)
    return dict(found)


def bars_in(campaign: Campaign) -> Bars:
    return bars_between(list(campaign.panellists.select_related("user")), campaign.ideas.all())


def barred_pairs(campaign: Campaign) -> set[tuple[int, int]]:
    """(idea, panellist) that may not be: what `bars_in` says, and where somebody stood aside."""
    recused = Recusal.objects.filter(assignment__panellist__campaign=campaign)
    return {*recused.values_list("assignment__idea_id", "assignment__panellist_id"), *bars_in(campaign)}


def bars_of_assignment(assignment: Assignment) -> set[Bar]:
    """Why this assignment's panellist may not rate its idea, as things stand now."""
    return bars_of_person(assignment.panellist.user) | bars_on_desk(assignment)


def bars_on_desk(assignment: Assignment) -> set[Bar]:
    """The same of an assignment of `access.assignments()`, which asked already whether the person may rate at all."""
    pairs = bars_between([assignment.panellist], Idea.objects.filter(pk=assignment.idea_id))
    return pairs.get(Pair(assignment.idea_id, assignment.panellist_id), set())


def not_theirs(assignments: AssignmentQuerySet) -> set[int]:
    """The keys of those of some assignments without marks that their panellist may not rate any more."""
    rows = list(assignments.filter(rating=None).order_by().values_list("pk", "idea_id", "panellist_id"))
    members = Panellist.objects.filter(pk__in={member for _pk, _idea, member in rows}).select_related("user")
    bars = bars_between(list(members), Idea.objects.filter(pk__in=[idea for _pk, idea, _member in rows]))
    return {pk for pk, idea, member in rows if Pair(idea, member) in bars}


def open_barred_assignments(campaign: Campaign) -> QuerySet[Assignment]:
    """Seats without marks whose panellist may not rate that idea any more; colleagues are to get them."""
    assignments = Assignment.objects.to_do().unrestricted().filter(panellist__campaign=campaign)
    bars = bars_in(campaign)
    rows = assignments.values_list("pk", "idea_id", "panellist_id") if bars else []
    return Assignment.objects.filter(pk__in=[pk for pk, idea, member in rows if Pair(idea, member) in bars])


def _declared(members: Sequence[Panellist], ideas: QuerySet[Idea]) -> set[Pair]:
    rows = list(Conflict.objects.filter(panellist__in=members).values_list("idea_id", "unit_id", "panellist_id"))
    named = [idea for idea, _unit, _member in rows if idea]
    there = set(ideas.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    units = {(unit, member) for _idea, unit, member in rows if unit}
    return {Pair(idea, member) for idea, _unit, member in rows if idea in there} | _of_units(units, ideas)


def _of_units(units: set[tuple[int, int]], ideas: QuerySet[Idea]) -> set[Pair]:
    """`units`: (unit, panellist)."""
    if not units:
        return set()
    of_unit = defaultdict(list)
    for idea, unit in ideas.filter(unit__in={unit for unit, _member in units}).values_list("pk", "unit_id"):
        of_unit[unit].append(idea)
    return {Pair(idea, member) for unit, member in units for idea in of_unit[unit]}


def _own(members: Sequence[Panellist], ideas: QuerySet[Idea]) -> set[Pair]:
    """Ideas sent from a panellist's own e-mail address, found by the keyed hash under every key of the ring."""
    owner = {
        digest: member.pk
        for member in members
        if member.user.email
        for digest in keyring().digests(member.user.email.casefold().encode(), "email")
    }
    if not owner:
        return set()
    rows = Resident.objects.filter(idea__in=ideas, email_hash__in=owner).values_list("idea_id", "email_hash")
    return {Pair(idea, owner[digest]) for idea, digest in rows}


def _known(members: Sequence[Panellist], ideas: QuerySet[Idea]) -> set[Pair]:
    """Ideas that a panellist typed in from a slip, or whose contact a panellist was shown, in an earlier role."""
    member = {row.user_id: row.pk for row in members}
    typed = ideas.order_by().filter(entered_by__in=member).values_list("pk", "entered_by_id")
    shown = OfficeEvent.objects.order_by().filter(act=OfficeAct.SHOW_CONTACT, actor__in=member, idea__in=ideas)
    return {Pair(idea, member[user]) for idea, user in typed.union(shown.values_list("idea_id", "actor_id"))}
