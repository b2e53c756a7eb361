"""Putting ideas on panellists' desks: by rule and seed, by hand, after somebody left; and standing aside from one."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import MessageTemplate, OfficeAct, RunKind, SeatMove
from ideas.errors import Refusal, Stale
from ideas.models import (
    Assignment,
    AssignmentRun,
    Campaign,
    Conflict,
    Idea,
    Panellist,
    Recusal,
    Unit,
    UnsentMarks,
    User,
)
from ideas.queries.access import require
from ideas.queries.eligibility import barred_pairs, bars_of_members, bars_of_person, open_barred_assignments
from ideas.queries.panel import counted_assignments, members_of, panel_version, to_rate, undecided
from ideas.queries.ratings import reviews_of
from ideas.rules import panel, wording
from ideas.rules.visible import as_read, required
from ideas.services.messages import mail_staff
from ideas.services.office import log_act
from ideas.services.transactions import in_one_transaction

ON_COMMAND_LINE = "assigned on the command line"  # a reason that the office's log translates


@dataclass(frozen=True)
class Assigned:
    """How many assignments were made, and the receipts of ideas that still lack panellists."""

    made: int
    short: list[str]


@dataclass(frozen=True)
class _Table:
    """What a round begins from: the ideas to rate (with their receipts), who can rate, what stands, who may not."""

    ideas: dict[int, str]
    reviewers: list[int]
    taken: list[panel.Pair]
    barred: set[panel.Pair]


@in_one_transaction
def assign_first_round(
    *,
    campaign: Campaign,
    per_idea: int,
    seed: int,
    at: datetime,
    manager: User | None = None,
    reason: str = "",
    expected_version: str | None = None,
) -> Assigned:
    """Give every accepted idea `per_idea` panellists, or the first two of them where the campaign has two rounds.

    What already stands is kept, recused assignments are filled again, and open ones of those who may not rate that
    idea any more go to colleagues. The same seed on the same data gives the same assignments. While ideas are
    undecided, `reason` says why the panel begins all the same; the office's log keeps whatever reason is given.
    `manager` is None on the command line only.
    """
    campaign = _locked(campaign, manager, expected_version)
    table = _table(campaign, per_idea)
    _log_reason(campaign, 1, reason, at, manager, waiting=_undecided(campaign, reason))
    wanted = min(panel.FIRST_ROUND, per_idea) if campaign.rounds == 2 else per_idea
    made = panel.assign(list(table.ideas), table.reviewers, wanted, seed, taken=table.taken, barred=table.barred)
    run = AssignmentRun(campaign=campaign, kind=RunKind.ROUND, round=1, seed=seed, per_idea=per_idea)
    _save_run(run, made, at, manager)
    short = panel.short(table.ideas, [*table.taken, *made], wanted)
    return Assigned(made=len(made), short=[table.ideas[idea] for idea in short])


@in_one_transaction
def assign_second_round(
    *,
    campaign: Campaign,
    per_idea: int,
    seed: int,
    at: datetime,
    manager: User | None = None,
    chosen: Collection[int] = (),
    reason: str = "",
    expected_version: str | None = None,
) -> Assigned:
    """Spend what the first round left of `per_idea` reviews for every idea, in total, on the leading ones, or on those
    `chosen` by the manager. No idea is short of panellists afterwards.

    `reason` says also why the panel goes on while reviews of the first round are missing; the rest is as there.
    """
    campaign = _locked(campaign, manager, expected_version)
    table = _table(campaign, per_idea)
    if campaign.rounds < 2:
        raise Refusal(_("This campaign has no such round."))
    waiting, missing = _undecided(campaign, reason), _missing_of_first(campaign, reason)
    _log_reason(campaign, 2, reason, at, manager, waiting=waiting, missing=missing)
    budget = max(0, per_idea * len(table.ideas) - sum(idea in table.ideas for idea, _ in table.taken))
    kind = RunKind.CHOSEN if chosen else RunKind.LEADERS
    made = _of_chosen(table, chosen, budget, seed) if chosen else _of_leaders(table, campaign, budget, seed)
    _save_run(AssignmentRun(campaign=campaign, kind=kind, round=2, seed=seed, per_idea=per_idea), made, at, manager)
    return Assigned(made=len(made), short=[])


def _table(campaign: Campaign, per_idea: int) -> _Table:
    """After open assignments of those who may not rate are cleared; refuses where the panel is too small."""
    open_barred_assignments(campaign).delete()
    reviewers = _active(campaign)
    if len(reviewers) < per_idea:
        raise Refusal(
            _("There are %(n)s active panellists; %(k)s reviews per idea need at least as many.")
            % {"n": len(reviewers), "k": per_idea}
        )
    return _Table(to_rate(campaign), reviewers, _pairs(campaign), barred_pairs(campaign))


def _of_chosen(table: _Table, chosen: Collection[int], budget: int, seed: int) -> list[panel.Pair]:
    picked = [idea for idea in table.ideas if idea in chosen]
    return panel.share(picked, table.reviewers, budget, seed, taken=table.taken, barred=table.barred)


def _of_leaders(table: _Table, campaign: Campaign, budget: int, seed: int) -> list[panel.Pair]:
    ideas, reviews = list(table.ideas), reviews_of(campaign)
    return panel.second_round(
        reviews, table.taken, ideas, table.reviewers, budget, campaign.places, seed, barred=table.barred
    )


def _locked(campaign: Campaign, manager: User | None, expected_version: str | None = None) -> Campaign:
    """The campaign for changing its panel's desks: nothing once the list is proposed.

    `expected_version` is that of the panel on the manager's page (queries.panel.panel_version), None where no page was.
    """
    if manager is not None:
        require(manager, "ideas.assign_panel")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if hasattr(campaign, "shortlist"):
        raise Refusal(_("The shortlist has been proposed; the panel's work is over."))
    _require_version(campaign, expected_version)
    return campaign


def _require_version(campaign: Campaign, expected_version: str | None) -> None:
    """Refuse an act on a panel that another one has changed meanwhile; the campaign is locked."""
    if expected_version is not None and expected_version != panel_version(campaign):
        raise Stale(_("The panel has changed since you opened this page. Nothing was done; please look again."))


def _active(campaign: Campaign) -> list[int]:
    """Those who can be given ideas: not who left, whose account is disabled, or who sees names."""
    members = list(campaign.panellists.filter(is_active=True).select_related("user").order_by("id"))
    barred = bars_of_members(members)
    return [member.pk for member in members if member.pk not in barred]


def require_may_sit(user: User) -> None:
    """Refuse somebody who may sit on no panel: nothing would be rated blindly, or at all."""
    bars = bars_of_person(user)
    if bars:
        why = " ".join(str(bar.label) for bar in bars)
        raise Refusal(_("%(name)s cannot sit on the panel: %(why)s.") % {"name": user, "why": why})


def _pairs(campaign: Campaign) -> list[panel.Pair]:
    return list(counted_assignments(campaign).values_list("idea_id", "panellist_id"))


def _log_reason(
    campaign: Campaign, round: int, reason: str, at: datetime, manager: User | None, *, waiting: int, missing: int = 0
) -> None:
    """Keep a reason that is given, needed or not, with what was undecided and missing then."""
    if not as_read(reason):
        return
    detail = {"undecided": waiting} if waiting else {"round": round}
    detail |= {"missing": missing} if missing else {}
    act = OfficeAct.EARLY_RATING if waiting else OfficeAct.PANEL_ASSIGNED
    log_act(act=act, at=at, actor=manager, campaign=campaign, purpose=as_read(reason), detail=detail)


def _undecided(campaign: Campaign, reason: str) -> int:
    """Every idea is judged beside the same others; whoever begins earlier says why."""
    waiting = undecided(campaign)
    if waiting:
        required(
            reason,
            _("%(n)s ideas are not decided yet. Screen them first, or say why rating begins all the same.")
            % {"n": waiting},
        )
    return waiting


def _missing_of_first(campaign: Campaign, reason: str) -> int:
    first = counted_assignments(campaign).unrestricted().filter(round=1)
    missing = first.count() - first.done().count()
    if missing:
        required(
            reason,
            _("%(n)s reviews of the first round are missing. Remind the panel, replace who left, or say why you go on.")
            % {"n": missing},
        )
    return missing


def _save_run(run: AssignmentRun, made: list[panel.Pair], at: datetime, manager: User | None) -> None:
    """Keep what the run was and the assignments that it made."""
    run.version, run.made, run.at, run.by = panel.VERSION, len(made), at, manager
    run.save()
    rows = (
        Assignment(idea_id=idea, panellist_id=member, assigned_at=at, round=run.round, run=run) for idea, member in made
    )
    Assignment.objects.bulk_create(rows, batch_size=2000)


@in_one_transaction
def replace_panellist(
    *,
    panellist: Panellist,
    manager: User,
    seed: int,
    at: datetime,
    reason: str,
    successor: User | None = None,
    expected_version: str | None = None,
) -> Assigned:
    """Somebody leaves the panel. What is rated stays theirs and counts; the other assignments go to the successor.

    What the successor may not rate or has already goes to colleagues, as does everything without a successor.
    """
    campaign = _locked(panellist.campaign, manager, expected_version)
    reason = _reason(reason)
    if not Panellist.objects.filter(pk=panellist.pk, is_active=True).update(is_active=False):
        raise Refusal(_("This panellist takes no part any more."))
    heir = _heir(panellist, successor)
    ideas, barred = to_rate(campaign), barred_pairs(campaign)
    before = Counter(idea for idea, _ in _pairs(campaign))
    left = Assignment.objects.to_do().filter(panellist=panellist)
    rounds = dict(left.values_list("idea_id", "round"))
    Assignment.objects.filter(pk__in=list(left.values_list("pk", flat=True))).delete()
    targets = {idea: before[idea] for idea in ideas if idea in rounds}
    taken = _pairs(campaign)
    made = _inherited(heir, targets, {*taken, *barred_pairs(campaign)})
    made += panel.fill(targets, _active(campaign), seed, taken=[*taken, *made], barred=barred)
    now = Counter(idea for idea, _ in [*taken, *made])
    run = AssignmentRun(campaign=campaign, kind=RunKind.REPLACE, round=max(rounds.values(), default=1), seed=seed)
    run.per_idea = campaign.reviews_per_idea
    _save_run(run, made, at, manager)
    detail = {"panellist": panellist.pk, "seats": len(rounds), "filled": len(made)}
    detail |= {"successor": heir.pk} if heir else {}
    act = OfficeAct.PANELLIST_LEFT
    log_act(act=act, at=at, actor=manager, campaign=campaign, purpose=reason, detail=detail)
    return Assigned(made=len(made), short=[ideas[idea] for idea in targets if now[idea] < targets[idea]])


def _heir(panellist: Panellist, successor: User | None) -> Panellist | None:
    if successor is None:
        return None
    if successor.pk == panellist.user_id:
        raise Refusal(_("Nobody follows themselves."))
    require_may_sit(successor)
    heir, is_new = Panellist.objects.get_or_create(campaign=panellist.campaign, user=successor)
    if not is_new and not heir.is_active:  # somebody comes back
        heir.is_active = True
        heir.save(update_fields=["is_active"])
    return heir


def _inherited(heir: Panellist | None, ideas: Collection[int], not_theirs: set[panel.Pair]) -> list[panel.Pair]:
    return [(idea, heir.pk) for idea in ideas if (idea, heir.pk) not in not_theirs] if heir else []


@in_one_transaction
def add_assignment(*, panellist: Panellist, idea: Idea, manager: User, at: datetime, reason: str) -> Assignment:
    """Put one idea on one desk by hand."""
    campaign = _locked(panellist.campaign, manager)
    reason = _reason(reason)
    if idea.pk not in to_rate(campaign):
        raise Refusal(_("%(receipt)s is not an accepted idea of this campaign.") % {"receipt": idea.receipt})
    if not panellist.is_active:
        raise Refusal(_("This panellist takes no part any more."))
    require_may_sit(panellist.user)
    if (idea.pk, panellist.pk) in barred_pairs(campaign):
        raise Refusal(_("This panellist may not rate %(receipt)s: conflict of interest.") % {"receipt": idea.receipt})
    if Assignment.objects.filter(panellist=panellist, idea=idea).exists():
        raise Refusal(_("%(receipt)s is on this desk already.") % {"receipt": idea.receipt})
    _log_assignment(SeatMove.ADDED, panellist, idea, manager=manager, reason=reason, at=at)
    return Assignment.objects.create(panellist=panellist, idea=idea, assigned_at=at, round=campaign.rounds)


@in_one_transaction
def remove_assignment(*, assignment: Assignment, manager: User, at: datetime, reason: str) -> None:
    """Take an idea off a desk by hand; never one that was rated or stood aside from."""
    _locked(assignment.panellist.campaign, manager)
    reason = _reason(reason)
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if hasattr(assignment, "rating") or hasattr(assignment, "recusal"):
        raise Refusal(_("This idea has been rated or stood aside from; the seat stays."))
    _log_assignment(SeatMove.REMOVED, assignment.panellist, assignment.idea, manager=manager, reason=reason, at=at)
    assignment.delete()


@in_one_transaction
def add_assignments(
    *,
    panellist: Panellist,
    ideas: Sequence[Idea],
    manager: User,
    at: datetime,
    reason: str,
    expected_version: str | None = None,
) -> None:
    """Put some ideas on one desk by hand: all of them, or none."""
    _locked(panellist.campaign, manager, expected_version)
    for idea in ideas:
        add_assignment(panellist=panellist, idea=idea, manager=manager, at=at, reason=reason)


@in_one_transaction
def remove_assignments(
    *,
    panellist: Panellist,
    ideas: Sequence[Idea],
    manager: User,
    at: datetime,
    reason: str,
    expected_version: str | None = None,
) -> None:
    """Take some ideas off one desk by hand: all of them, or none."""
    _locked(panellist.campaign, manager, expected_version)
    assignments = {
        assignment.idea_id: assignment for assignment in Assignment.objects.filter(panellist=panellist, idea__in=ideas)
    }
    for idea in ideas:
        if idea.pk not in assignments:
            raise Refusal(_("%(receipt)s is not on this desk.") % {"receipt": idea.receipt})
        remove_assignment(assignment=assignments[idea.pk], manager=manager, at=at, reason=reason)


def _log_assignment(
    done: SeatMove, panellist: Panellist, idea: Idea, *, manager: User, reason: str, at: datetime
) -> None:
    log_act(
        act=OfficeAct.SEAT,
        at=at,
        actor=manager,
        campaign=panellist.campaign,
        idea=idea,
        purpose=reason,
        detail={"panellist": panellist.pk, "seat": done.value},
    )


def _reason(words: str) -> str:
    return required(words, _("Say why; the office keeps it with the record."))


@in_one_transaction
def declare_conflict(
    *,
    panellist: Panellist,
    manager: User,
    reason: str,
    at: datetime,
    idea: Idea | None = None,
    unit: Unit | None = None,
) -> Conflict:
    """Note that a panellist must not rate an idea or any of a unit; unrated assignments of that kind are taken off."""
    require(manager, "ideas.assign_panel")
    reason = _reason(reason)
    if (idea is None) == (unit is None):
        raise Refusal(_("Name an idea or a unit, one of them."))
    Campaign.objects.select_for_update(no_key=True).get(pk=panellist.campaign_id)
    conflict = Conflict.objects.create(panellist=panellist, idea=idea, unit=unit, reason=reason, at=at, by=manager)
    assignments = Assignment.objects.to_do().filter(panellist=panellist)
    assignments = assignments.filter(idea=idea) if idea else assignments.filter(idea__unit=unit)
    Assignment.objects.filter(pk__in=list(assignments.values_list("pk", flat=True))).delete()
    return conflict


@in_one_transaction
def declare_conflicts(
    *,
    panellist: Panellist,
    unit: Unit | None,
    ideas: Sequence[Idea],
    manager: User,
    at: datetime,
    reason: str,
    expected_version: str | None = None,
) -> None:
    """Note several at once: a unit, some ideas, or both; what is noted already is named and nothing changes."""
    require(manager, "ideas.assign_panel")
    _require_version(Campaign.objects.select_for_update(no_key=True).get(pk=panellist.campaign_id), expected_version)
    noted = Conflict.objects.filter(panellist=panellist)
    twice = [idea.receipt for idea in ideas if noted.filter(idea=idea).exists()]
    twice += [unit.name] if unit and noted.filter(unit=unit).exists() else []
    if twice:
        raise Refusal(_("Noted already: %(what)s") % {"what": " ".join(twice)})
    if unit:
        declare_conflict(panellist=panellist, unit=unit, manager=manager, at=at, reason=reason)
    for idea in ideas:
        declare_conflict(panellist=panellist, idea=idea, manager=manager, at=at, reason=reason)


@in_one_transaction
def remind_panel(
    *, campaign: Campaign, manager: User, at: datetime, expected_version: str | None = None
) -> list[Panellist]:
    """Queue one e-mail to every active panellist who is behind and has an address; returns all who are behind.

    The office's log keeps when, so that two managers, each before a page without the other's reminder, send one.
    """
    campaign = _locked(campaign, manager, expected_version)
    behind = [member for member in members_of(campaign) if member.is_behind]
    until = wording.until(timezone.localtime(campaign.rating_until)) if campaign.rating_until else ""
    same = {"campaign": campaign.title, "until": until}
    same |= {"link": f"{conf.site_url()}/panel/", "phone": conf.office().phone}
    mails = [
        (member.panellist.user.email, {**same, "done": str(member.done), "total": str(member.total)})
        for member in behind
    ]
    mailed = mail_staff(mails, template=MessageTemplate.PANEL_REMINDER, at=at)
    if mailed:
        detail = {"behind": len(behind), "mailed": mailed}
        log_act(act=OfficeAct.PANEL_REMINDED, at=at, actor=manager, campaign=campaign, detail=detail)
    return [member.panellist for member in behind]


@in_one_transaction
def stand_aside(*, assignment: Assignment, panellist: User, reason: str, at: datetime) -> Recusal:
    """A panellist recuses from an idea; a rating already given by them on it is refused as too late."""
    Campaign.objects.select_for_update(no_key=True).get(pk=assignment.panellist.campaign_id)
    rows = Assignment.objects.select_for_update(of=("self",))
    assignment = rows.select_related("panellist__campaign", "panellist__user", "idea").get(pk=assignment.pk)
    is_own = assignment.panellist.user_id == panellist.pk and assignment.panellist.is_active
    if not is_own or assignment.idea.restricted or bars_of_person(assignment.panellist.user):
        raise Refusal(_("This idea is not on your desk."))
    reason = required(reason, _("Say why you stand aside; the office keeps it with the record."))
    if hasattr(assignment, "rating"):
        raise Refusal(_("You have already rated this idea."))
    if hasattr(assignment, "recusal"):
        return assignment.recusal
    if not assignment.panellist.campaign.rating_is_open(at):
        raise Refusal(_("Rating is not open now."))
    UnsentMarks.objects.filter(assignment=assignment).delete()
    return Recusal.objects.create(assignment=assignment, reason=reason, at=at)
