"""The managers' desk for the list: look, exchange, sign, release. The admin shows it as the page of its row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from ideas.choices import Edition
from ideas.desks.pages import as_shown, button, needs, page, press, render
from ideas.forms.notices import StartForm
from ideas.forms.shortlist import ExchangeForm, ListForm, PairForm, ReasonForm, ReleaseForm
from ideas.models import Campaign, Exchange, Idea, Notice, Shortlist, ShortlistEntry, User
from ideas.queries import access
from ideas.queries.notices import objections_for, span_from, standing_notice, why_not_released, why_not_started
from ideas.queries.record import records_of
from ideas.queries.shortlist import (
    members_of,
    quota_lines,
    ranking_for,
    shown_digest,
    sorted_anew,
    still_follows,
    why_lapsed,
)
from ideas.queries.winners import cards_of
from ideas.requests import StaffRequest
from ideas.rules.ratings import Score
from ideas.services import exchange as exchanges
from ideas.services import proposal, sealing
from ideas.services import release as releases
from ideas.services.record import unseal_shortlist

NEXT_IN_LINE = 10
LIST = "admin:ideas_shortlist_change"


def shortlist_page(request: StaffRequest, pk: int) -> HttpResponse:
    releases.release_for_reader(at=request.at)
    return _show(request, _row(request, pk))


def _row(request: HttpRequest, pk: int) -> Shortlist:
    return get_object_or_404(access.shortlists(request.user), pk=pk)


@needs("ideas.view_campaign")
def propose(request: StaffRequest, pk: int) -> HttpResponse:
    """The button on a campaign's page: the list that its scores give."""
    campaign, made = get_object_or_404(Campaign, pk=pk), []

    def act() -> None:
        given: dict[str, Any] = {"manager": request.user, "expected_version": request.POST.get("seen", "")}
        made.append(proposal.propose_shortlist(campaign=campaign, at=request.at, **given))

    if press(request, act, _("The shortlist is proposed.")):
        return redirect(LIST, made[0].pk)
    return redirect("admin:ideas_campaign_change", pk)


@needs("ideas.propose_shortlist")
def exchange(request: StaffRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    form = ExchangeForm(request.POST, shortlist=row)
    if not form.is_valid():
        return _show(request, row, exchange_form=form, status=422)

    def act() -> None:
        exchanges.propose_exchange(shortlist=row, manager=request.user, at=request.at, **form.exchange())

    if not press(request, act, _("Proposed. It is made when a second person consents."), form):
        return _show(request, _row(request, pk), exchange_form=form, status=409)
    return redirect(LIST, pk)


def decide(request: StaffRequest, pk: int, exchange: int, answer: str) -> HttpResponse:
    """Consent to an exchange, or refuse it."""
    answers: dict[str, tuple[Callable[..., Any], str]] = {
        "consent": (exchanges.consent_exchange, _("Exchanged. The list needs both signatures.")),
        "refuse": (exchanges.refuse_exchange, _("The exchange is off.")),
    }
    asked = get_object_or_404(_row(request, pk).exchanges, pk=exchange)
    if answer not in answers:
        raise Http404
    service, done = answers[answer]
    return _with_version(request, pk, partial(service, exchange=asked), done)


@needs("ideas.propose_shortlist")
def pair(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that only one of two ideas may be listed."""
    row = _row(request, pk)
    form = PairForm(request.POST, shortlist=row)
    if not form.is_valid():
        return _show(request, row, pair_form=form, status=422)

    def act() -> None:
        proposal.note_pair(campaign=row.campaign, manager=request.user, at=request.at, **form.cleaned_data)

    if not press(request, act, _("Noted. Only one of the two may be listed."), form):
        return _show(request, _row(request, pk), pair_form=form, status=409)
    return redirect(LIST, pk)


def drop_pair(request: StaffRequest, pk: int, pair: int) -> HttpResponse:
    noted = get_object_or_404(_row(request, pk).campaign.incompatible, pk=pair)
    form = ListForm(request.POST)
    if form.is_valid():
        act = partial(proposal.drop_pair, pair=noted, manager=request.user, **form.cleaned_data)
        press(request, act, _("The pair is no longer noted."))
    return redirect(LIST, pk)


def unseal(request: StaffRequest, pk: int) -> HttpResponse:
    row, form = _row(request, pk), ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    act = partial(unseal_shortlist, shortlist=row, reason=reason)
    return _with_version(request, pk, act, _("Noted. The old record stays."), reason_form=form)


def press_button(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """Sign, take the originals as published texts, drop the list."""
    buttons: dict[str, tuple[Callable[..., Any], Any]] = {
        "seal": (sealing.seal_shortlist, _("Signed.")),
        "texts": (
            sealing.publish_originals,
            _("The originals are taken where no text was written; where two people release, they wait."),
        ),
        "withdraw": (proposal.withdraw_list, _("The list is dropped; the panel can go on.")),
    }
    if act not in buttons:
        raise Http404
    service, done = buttons[act]
    return _with_version(request, pk, partial(service, shortlist=_row(request, pk)), done)


def release(request: StaffRequest, pk: int, step: str) -> HttpResponse:
    """One step of the release; asking and confirming carry what the preview showed, stopping says why."""
    asked = _("Asked for. A second person looks at the preview and confirms.")
    confirmed = _("Confirmed. The winners appear when the hold is over.")
    steps: dict[str, tuple[Callable[..., Any], str, Any]] = {
        "ask": (releases.ask_release, "expected_preview", asked),
        "confirm": (releases.confirm_release, "expected_preview", confirmed),
        "stop": (releases.stop_release, "reason", _("The release is stopped; nothing has appeared.")),
    }
    if step not in steps:
        raise Http404
    row, form, (service, needed, done) = _row(request, pk), ReleaseForm(request.POST), steps[step]
    given = {needed: form.cleaned_data[needed] if form.is_valid() else ""}
    typed = {"stop_form": ReasonForm(request.POST, auto_id="stop_%s")} if step == "stop" else {}
    return _with_version(request, pk, partial(service, shortlist=row, **given), done, **typed)


def _with_version(
    request: StaffRequest, pk: int, act: Callable[..., Any], done: str, **typed: ReasonForm
) -> HttpResponse:
    """Do an act that needs nothing more but who, when, and the version that the page showed.

    `typed` is the page's form in which a reason was written: refused, it comes back with it.
    """
    form, is_done = ListForm(request.POST), False
    if form.is_valid():
        given = {"manager": request.user, "at": request.at, **form.cleaned_data}
        is_readable = all(one.is_valid() for one in typed.values())
        is_done = is_readable and press(request, partial(act, **given), done, next(iter(typed.values()), None))
    row = access.shortlists(request.user).filter(pk=pk).first()
    if row is None:
        return redirect("admin:ideas_shortlist_changelist")
    if not is_done and any(one.data.get("reason") for one in typed.values()):
        return _show(request, row, status=409, **typed)
    return redirect(LIST, pk)


def preview(request: StaffRequest, pk: int) -> HttpResponse:
    """The winners' page as it would be; names are for those who release it, not for those who oversee."""
    row = _row(request, pk)
    ideas = Idea.objects.filter(shortlist_entry__shortlist=row)
    context = {
        "campaign": row.campaign,
        "cards": cards_of(
            ideas.select_related("topic", "area", "resident", "shortlist_entry__tier").order_by("shortlist_entry__rank")
        ),
        "is_preview": True,
        "hides_names": not (row.released_at or request.user.has_perm("ideas.propose_shortlist")),
        "shortlist": row,
        "release_form": ReleaseForm(initial={"version": row.version, "seen": shown_digest(row)}),
        "release_step": _release_step(row, request.user, request.at),
    }
    return TemplateResponse(request, "shortlist/winners.html", context)


def _show(request: StaffRequest, row: Shortlist, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; `forms` are those that were refused, with what was typed in them."""
    user, version = request.user, {"version": row.version}
    for form in forms.values():
        as_shown(form, **version)
    board, may = Board(row, user), Rights(row, user)
    context = {
        "shortlist": row,
        "board": board,
        "may": may,
        "version_form": ListForm(initial=version),
        "reason_form": ReasonForm(initial=version),
        "exchange_form": ExchangeForm(initial=version, shortlist=row),
        "pair_form": PairForm(initial=version, shortlist=row),
        "release_step": _release_step(row, user, request.at),
        "stop_form": ReasonForm(initial=version, auto_id="stop_%s"),
        **_notice(row, user, request.at),
        # What was written in a form that this page does not offer any more.
        "words": [form.data.get("reason", "") for name, form in forms.items() if not may.use(name, board)],
        **forms,
    }
    template, title = "admin/ideas/shortlist/list.html", str(row.campaign)
    return render(request, template, context, title=title, model=Shortlist, status=status)


def _notice(row: Shortlist, user: User, at: datetime) -> dict[str, Any]:
    """The list's public notice: how it stands, and the press that begins it."""
    span, why_not = span_from(row.campaign, at), why_not_started(row)
    may_start = span is not None and not why_not and user.has_perm("ideas.release_shortlist")
    shown = {"version": row.version, "last_day": span.last_day.isoformat()} if span else {}
    return {
        "span": span,
        "notice": standing_notice(row.campaign),
        "notices": Notice.objects.filter(campaign=row.campaign_id),
        "notice_form": StartForm(initial=shown, auto_id="notice_%s") if may_start else None,
        "against_notice": why_not,
        "against_release": why_not_released(row, at) if row.is_sealed and not row.released_at else "",
        "objections": objections_for(user).filter(notice__campaign=row.campaign_id),
    }


def _release_step(row: Shortlist, user: User, at: datetime) -> str:
    """What this person may do for the release now: ask for it, confirm somebody else's asking, or nothing."""
    if not row.is_sealed or row.released_at is not None or not user.has_perm("ideas.release_shortlist"):
        return ""
    if why_not_released(row, at):
        return ""
    if row.release_asked_by_id is None:
        return "ask"
    return "confirm" if row.release_at is None and row.release_asked_by_id != user.pk else ""


@dataclass(frozen=True)
class Rights:
    """What a person may do with a list as it stands."""

    row: Shortlist
    user: User

    @property
    def exchange(self) -> bool:
        return not self.row.is_sealed and self.user.has_perm("ideas.propose_shortlist")

    @property
    def seal(self) -> bool:
        return self.user.has_perm("ideas.seal_shortlist")

    @property
    def sign(self) -> bool:
        return not self.row.is_sealed and self.seal and self.row.first_seal_by_id != self.user.pk

    @property
    def write(self) -> bool:
        return self.row.released_at is None and self.user.has_perm("ideas.edit_published")

    @property
    def issue(self) -> bool:
        return self.row.released_at is not None and self.user.has_perm("ideas.issue_certificate")

    @property
    def stop(self) -> bool:
        is_asked = self.row.release_asked_by is not None and self.row.released_at is None
        return is_asked and self.user.has_perm("ideas.release_shortlist")

    def use(self, form: str, board: "Board") -> bool:
        """Whether the page offers this form."""
        is_unsealable = self.seal and self.row.is_sealed and not self.row.released_at and not board.opening
        offered = {"exchange_form": self.exchange, "pair_form": self.exchange, "stop_form": self.stop}
        return bool({**offered, "reason_form": is_unsealable}[form])


class Board:
    """The list by tiers, who comes next, quotas, exchanges, papers, as one person may see them.

    Live scores are computed, sealed ones kept. Each part is looked up once.
    """

    def __init__(self, row: Shortlist, user: User) -> None:
        self.row, self.user = row, user
        self.members = members_of(row)
        self.ranking: list[Score] = [] if row.is_sealed else ranking_for(row)
        self.entries = self._with_live_scores()
        self.listed = {entry.idea_id for entry in self.entries}

    def _with_live_scores(self) -> list[ShortlistEntry]:
        live = {score.idea: score for score in self.ranking}
        entries = list(self.row.entries.select_related("idea__topic", "idea__area", "tier"))
        for entry in entries:
            if entry.idea_id in live:
                entry.score, entry.reviews = live[entry.idea_id].score, live[entry.idea_id].reviews
        return entries

    @property
    def tiers(self) -> list[tuple[Any, list[ShortlistEntry]]]:
        return [(tier, list(group)) for tier, group in groupby(self.entries, key=lambda entry: entry.tier)]

    @cached_property
    def tied(self) -> list[str]:
        return access.mask_restricted_receipts(self.user, self.row.tied)

    @cached_property
    def moves(self) -> list[dict[str, Any]]:
        """What quotas and pairs changed; a move names ideas, or an idea and a group."""
        moves = self.row.moves
        named = [str(move.get(name) or "") for move in moves for name in ("idea", "other")]
        names = iter(access.mask_restricted_receipts(self.user, named))
        return [{**move, "idea": next(names), "other": next(names)} for move in moves]

    @cached_property
    def strays(self) -> bool:
        """Whether scores, quotas and pairs would give another list today."""
        return not self.row.is_sealed and bool(self.row.candidates) and not still_follows(self.row, self.ranking)

    @cached_property
    def anew(self) -> list[str]:
        return access.mask_restricted_receipts(self.user, sorted_anew(self.row)) if self.strays else []

    @property
    def unready(self) -> int:
        return sum(not entry.idea.is_ready_to_publish for entry in self.entries)

    @property
    def unrated(self) -> int:
        return len(self.row.candidates) - len(self.ranking) if self.ranking else 0

    @property
    def single(self) -> list[str]:
        """Those that one panellist alone has rated."""
        return [entry.idea.receipt for entry in self.entries if entry.reviews < 2]

    @cached_property
    def next_in_line(self) -> list[dict[str, Any]]:
        waiting = [score for score in self.ranking if score.idea not in self.listed][:NEXT_IN_LINE]
        rows = access.visible_to(self.user, Idea.objects.select_related("topic", "area"), "restricted")
        ideas = rows.in_bulk([score.idea for score in waiting])
        return [{"score": score, "idea": ideas[score.idea]} for score in waiting if score.idea in ideas]

    @cached_property
    def quotas(self) -> Sequence[Any]:
        return quota_lines(self.members, self.listed)

    @cached_property
    def _exchanges(self) -> list[Exchange]:
        told = self.row.exchanges.select_related("removed", "added", "proposed_by", "decided_by")
        return list(access.visible_to(self.user, told, "removed__restricted", "added__restricted"))

    @cached_property
    def _lapsed(self) -> Mapping[Exchange, str]:
        """Each exchange that waits, with why it is not possible any more; "" where it is."""
        by_idea = {entry.idea_id: entry for entry in self.entries}
        return {one: why_lapsed(one, by_idea) for one in self._exchanges if one.state == "waiting"}

    @cached_property
    def waiting(self) -> list[tuple[Exchange, Sequence[Any]]]:
        """The exchanges that wait, each with the quotas that it would change."""
        return [(one, quota_lines(self.members, self.listed, one)) for one, why in self._lapsed.items() if not why]

    @property
    def lapsed(self) -> list[tuple[Exchange, str]]:
        return [(one, why) for one, why in self._lapsed.items() if why]

    @property
    def decided(self) -> list[Exchange]:
        return [one for one in self._exchanges if one.state != "waiting"]

    @cached_property
    def pairs(self) -> Any:
        noted = self.row.campaign.incompatible.select_related("first", "second")
        return access.visible_to(self.user, noted, "first__restricted", "second__restricted")

    @cached_property
    def records(self) -> list[Any]:
        return list(records_of(self.row.campaign).defer("text"))

    @property
    def archive(self) -> Any:
        """The newest whole record."""
        return next((kept for kept in reversed(self.records) if kept.edition == Edition.ARCHIVE), None)

    @cached_property
    def opening(self) -> Any:
        """A seal that somebody has asked to be taken off."""
        return self.row.campaign.unsealings.filter(consented_by=None).select_related("asked_by").last()

    @cached_property
    def scans(self) -> Any:
        return self.row.campaign.signed_minutes.select_related("added_by")


urls = [
    button("<int:pk>/exchange/", exchange, "ideas_shortlist_exchange", row=LIST),
    button("<int:pk>/decide/<int:exchange>/<str:answer>/", decide, "ideas_shortlist_decide", row=LIST),
    button("<int:pk>/pair/", pair, "ideas_shortlist_pair", row=LIST),
    button("<int:pk>/pair/<int:pair>/drop/", drop_pair, "ideas_shortlist_drop_pair", row=LIST),
    button("<int:pk>/unseal/", unseal, "ideas_shortlist_unseal", row=LIST),
    button("<int:pk>/release/<str:step>/", release, "ideas_shortlist_release", row=LIST),
    button("<int:pk>/press/<str:act>/", press_button, "ideas_shortlist_press", row=LIST),
    page("<int:pk>/preview/", preview, "ideas_shortlist_preview"),
]
campaign_urls = [
    button("<int:pk>/propose/", propose, "ideas_campaign_propose", row="admin:ideas_campaign_change"),
]
