"""The managers' desk for the list: look, exchange, sign, release."""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from ideas.admin import record
from ideas.admin.buttons import ButtonsMixin, ReadOnlyAdmin, as_shown, press
from ideas.admin.lists import row_key
from ideas.choices import Edition
from ideas.forms.shortlist import ExchangeForm, ListForm, PairForm, ReasonForm, ReleaseForm
from ideas.models import Idea, Shortlist, User
from ideas.queries import access
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
from ideas.requests import StaffRequest
from ideas.services import release as releases
from ideas.services import shortlist as services
from ideas.services.record import unseal_shortlist

NEXT_IN_LINE = 10


@admin.register(Shortlist)
class ShortlistAdmin(ButtonsMixin, ReadOnlyAdmin):
    change_form_template = "admin/ideas/shortlist/list.html"
    list_display = ("campaign", "places", "proposed_at", "sealed_at", "released_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shortlist]:
        return access.shortlists(request.user)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        posted: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "exchange": ("exchange/", self.exchange),
            "decide": ("decide/<int:exchange>/<str:answer>/", self.decide),
            "pair": ("pair/", self.pair),
            "drop_pair": ("pair/<int:pair>/drop/", self.drop_pair),
            "unseal": ("unseal/", self.unseal),
            "release": ("release/<str:step>/", self.release),
            "press": ("press/<str:act>/", self.press_button),
        }
        pages: dict[str, tuple[str, Callable[..., Any]]] = {
            "preview": ("preview/", self.preview),
            "minutes": ("minutes/", record.minutes),
            "scan": ("scan/", record.attach),
            "scan_file": ("scan/<uuid:key>/", record.scan),
            "record": ("record/<int:number>/<str:edition>.json", record.record),
        }
        acts = {name: (end, self.posted(act)) for name, (end, act) in posted.items()}
        return [
            *(
                path(f"<int:pk>/{end}", view(page), name=f"ideas_shortlist_{name}")
                for name, (end, page) in (acts | pages).items()
            ),
            *super().get_urls(),
        ]

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        pk = row_key(object_id)
        releases.release_for_reader(at=request.at)
        return self._show(request, self._row(request, pk))

    def _row(self, request: HttpRequest, pk: int) -> Shortlist:
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def exchange(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = self._row(request, pk)
        _require_maker(request)
        form = ExchangeForm(request.POST, shortlist=row)
        if not form.is_valid():
            return self._show(request, row, exchange_form=form, status=422)

        def act() -> None:
            services.propose_exchange(shortlist=row, manager=request.user, at=request.at, **form.exchange())

        if not press(request, act, _("Proposed. It is made when a second person consents."), form):
            return self._show(request, self._row(request, pk), exchange_form=form, status=409)
        return redirect("admin:ideas_shortlist_change", pk)

    def decide(self, request: StaffRequest, pk: int, exchange: int, answer: str) -> HttpResponse:
        answers: dict[str, tuple[Callable[..., Any], str]] = {
            "consent": (services.consent_exchange, _("Exchanged. The list needs both signatures.")),
            "refuse": (services.refuse_exchange, _("The exchange is off.")),
        }
        asked = get_object_or_404(self._row(request, pk).exchanges, pk=exchange)
        if answer not in answers:
            raise Http404
        service, done = answers[answer]
        return self._with_version(request, pk, lambda act: service(exchange=asked, **act), done)

    def pair(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = self._row(request, pk)
        _require_maker(request)
        form = PairForm(request.POST, shortlist=row)
        if not form.is_valid():
            return self._show(request, row, pair_form=form, status=422)

        def act() -> None:
            services.note_pair(campaign=row.campaign, manager=request.user, at=request.at, **form.cleaned_data)

        if not press(request, act, _("Noted. Only one of the two may be listed."), form):
            return self._show(request, self._row(request, pk), pair_form=form, status=409)
        return redirect("admin:ideas_shortlist_change", pk)

    def drop_pair(self, request: StaffRequest, pk: int, pair: int) -> HttpResponse:
        noted = get_object_or_404(self._row(request, pk).campaign.incompatible, pk=pair)
        form = ListForm(request.POST)
        if form.is_valid():
            act = partial(
                services.drop_pair,
                pair=noted,
                manager=request.user,
                expected_version=form.cleaned_data["expected_version"],
            )
            press(request, act, _("The pair is no longer noted."))
        return redirect("admin:ideas_shortlist_change", pk)

    def unseal(self, request: StaffRequest, pk: int) -> HttpResponse:
        row, form = self._row(request, pk), ReasonForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        done = _("Noted. The old record stays.")
        return self._with_version(
            request, pk, lambda act: unseal_shortlist(shortlist=row, reason=reason, **act), done, reason_form=form
        )

    def press_button(self, request: StaffRequest, pk: int, act: str) -> HttpResponse:
        buttons: dict[str, tuple[Callable[..., Any], Any]] = {
            "seal": (services.seal_shortlist, _("Signed.")),
            "texts": (
                services.publish_originals,
                _("The originals are taken where no text was written; where two people release, they wait."),
            ),
            "withdraw": (services.withdraw_list, _("The list is dropped; the panel can go on.")),
        }
        if act not in buttons:
            raise Http404
        row, (service, done) = self._row(request, pk), buttons[act]
        return self._with_version(request, pk, lambda given: service(shortlist=row, **given), done)

    def release(self, request: StaffRequest, pk: int, step: str) -> HttpResponse:
        """One step of the release; asking and confirming carry what the preview showed, stopping says why."""
        steps: dict[str, tuple[Callable[..., Any], str, Any]] = {
            "ask": (
                releases.ask_release,
                "expected_preview",
                _("Asked for. A second person looks at the preview and confirms."),
            ),
            "confirm": (
                releases.confirm_release,
                "expected_preview",
                _("Confirmed. The winners appear when the hold is over."),
            ),
            "stop": (releases.stop_release, "reason", _("The release is stopped; nothing has appeared.")),
        }
        if step not in steps:
            raise Http404
        row, form, (service, needed, done) = self._row(request, pk), ReleaseForm(request.POST), steps[step]
        given = {needed: form.cleaned_data[needed] if form.is_valid() else ""}
        typed = {"stop_form": ReasonForm(request.POST, auto_id="stop_%s")} if step == "stop" else {}
        return self._with_version(request, pk, lambda act: service(shortlist=row, **given, **act), done, **typed)

    def _with_version(
        self, request: StaffRequest, pk: int, act: Callable[[Any], Any], done: str, **typed: ReasonForm
    ) -> HttpResponse:
        """Do an act that needs nothing but who, when, and the version that the page showed.

        `typed` is the page's form in which a reason was written: refused, it comes back with it.
        """
        form = ListForm(request.POST)
        is_done = False
        if form.is_valid():
            given = {
                "manager": request.user,
                "at": request.at,
                "expected_version": form.cleaned_data["expected_version"],
            }
            is_readable = all(one.is_valid() for one in typed.values())
            is_done = is_readable and press(request, lambda: act(given), done, next(iter(typed.values()), None))
        words = [one for one in typed.values() if one.data.get("reason")]
        if words and not is_done and self.get_queryset(request).filter(pk=pk).exists():
            return self._show(request, self._row(request, pk), status=409, **typed)
        if not self.get_queryset(request).filter(pk=pk).exists():
            return redirect("admin:ideas_shortlist_changelist")
        return redirect("admin:ideas_shortlist_change", pk)

    def preview(self, request: StaffRequest, pk: int) -> HttpResponse:
        """The winners' page as it would be; names are for those who release it, not for those who oversee."""
        row = self._row(request, pk)
        ideas = Idea.objects.filter(shortlist_entry__shortlist=row).select_related(
            "topic", "area", "resident", "shortlist_entry"
        )
        context = {
            "campaign": row.campaign,
            "winners": ideas.order_by("shortlist_entry__rank"),
            "is_preview": True,
            "hides_names": not (row.released_at or request.user.has_perm("ideas.propose_shortlist")),
            "shortlist": row,
            "release_form": ReleaseForm(initial={"version": row.version, "seen": shown_digest(row)}),
            "release_step": _release_step(row, request.user),
        }
        return TemplateResponse(request, "shortlist/winners.html", context)

    def _show(self, request: StaffRequest, row: Shortlist, status: int = 200, **forms: Any) -> HttpResponse:
        user, version = request.user, {"version": row.version}
        for form in forms.values():
            as_shown(form, **version)
        board = _board(row, user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row.campaign),
            "shortlist": row,
            **board,
            "version_form": ListForm(initial=version),
            "reason_form": ReasonForm(initial=version),
            "exchange_form": ExchangeForm(initial=version, shortlist=row),
            "pair_form": PairForm(initial=version, shortlist=row),
            "may_exchange": not row.is_sealed and user.has_perm("ideas.propose_shortlist"),
            "may_sign": not row.is_sealed and user.has_perm("ideas.seal_shortlist") and row.first_seal_by_id != user.pk,
            "may_seal": user.has_perm("ideas.seal_shortlist"),
            "may_write": row.released_at is None and user.has_perm("ideas.edit_published"),
            "release_step": _release_step(row, user),
            "may_stop": row.release_asked_by is not None
            and row.released_at is None
            and user.has_perm("ideas.release_shortlist"),
            "stop_form": ReasonForm(initial=version, auto_id="stop_%s"),
            **forms,
        }
        open_forms = {"exchange_form": context["may_exchange"], "pair_form": context["may_exchange"]}
        open_forms["stop_form"] = context["may_stop"]
        open_forms["reason_form"] = context["may_seal"] and row.is_sealed and not row.released_at
        open_forms["reason_form"] = open_forms["reason_form"] and not board["opening"]
        context["words"] = [form.data.get("reason", "") for name, form in forms.items() if not open_forms[name]]
        return TemplateResponse(request, self.change_form_template, context, status=status)


def _release_step(row: Shortlist, user: User) -> str:
    """What this person may do for the release now: ask for it, confirm somebody else's asking, or nothing."""
    if not row.is_sealed or row.released_at is not None or not user.has_perm("ideas.release_shortlist"):
        return ""
    if row.release_asked_by_id is None:
        return "ask"
    return "confirm" if row.release_at is None and row.release_asked_by_id != user.pk else ""


def _board(row: Shortlist, user: User) -> dict[str, Any]:
    """The list by tiers, who comes next, quotas, exchanges, papers. Live scores are computed, sealed ones kept."""
    entries = list(row.entries.select_related("idea__topic", "idea__area", "tier"))
    listed, members = {entry.idea_id for entry in entries}, members_of(row)
    ranking = [] if row.is_sealed else ranking_for(row)
    strays = not row.is_sealed and bool(row.candidates) and not still_follows(row, ranking)
    live = {score.idea: score for score in ranking}
    for entry in entries:
        if entry.idea_id in live:
            entry.score, entry.reviews = live[entry.idea_id].score, live[entry.idea_id].reviews
    waiting = [score for score in ranking if score.idea not in listed][:NEXT_IN_LINE]
    ideas = access.visible_to(user, Idea.objects.select_related("topic", "area"), "restricted").in_bulk(
        [score.idea for score in waiting]
    )
    told = row.exchanges.select_related("removed", "added", "proposed_by", "decided_by")
    exchanges = list(access.visible_to(user, told, "removed__restricted", "added__restricted"))
    open_ones = [exchange for exchange in exchanges if exchange.state == "waiting"]
    by_idea = {entry.idea_id: entry for entry in entries}
    lapsed = {exchange: why_lapsed(exchange, by_idea) for exchange in open_ones}
    records = list(records_of(row.campaign).defer("text"))
    return {
        "tied": access.mask_restricted_receipts(user, row.tied),
        "moves": _moves(row, user),
        "tiers": [(tier, list(group)) for tier, group in groupby(entries, key=lambda entry: entry.tier)],
        "strays": strays,
        "anew": access.mask_restricted_receipts(user, sorted_anew(row)) if strays else [],
        "unready": sum(not entry.idea.is_ready_to_publish for entry in entries),
        "unrated": len(row.candidates) - len(ranking) if ranking else 0,
        "single": [entry.idea.receipt for entry in entries if entry.reviews < 2],
        "next_in_line": [{"score": score, "idea": ideas[score.idea]} for score in waiting if score.idea in ideas],
        "quotas": quota_lines(members, listed),
        "waiting": [(one, quota_lines(members, listed, one)) for one in open_ones if not lapsed[one]],
        "lapsed": [(one, why) for one, why in lapsed.items() if why],
        "decided": [exchange for exchange in exchanges if exchange.state != "waiting"],
        "pairs": access.visible_to(
            user, row.campaign.incompatible.select_related("first", "second"), "first__restricted", "second__restricted"
        ),
        "records": records,
        "archive": next((kept for kept in reversed(records) if kept.edition == Edition.ARCHIVE), None),
        "opening": row.campaign.unsealings.filter(consented_by=None).select_related("asked_by").last(),
        "scans": row.campaign.signed_minutes.select_related("added_by"),
    }


def _moves(row: Shortlist, user: User) -> list[dict[str, Any]]:
    """What quotas and pairs changed; a move names ideas, or an idea and a group."""
    names = iter(
        access.mask_restricted_receipts(
            user, [str(move.get(name) or "") for move in row.moves for name in ("idea", "other")]
        )
    )
    return [{**move, "idea": next(names), "other": next(names)} for move in row.moves]


def _require_maker(request: HttpRequest) -> None:
    """Before the form is read: what somebody who may not send it wrote in it is not discussed."""
    if not request.user.has_perm("ideas.propose_shortlist"):
        raise PermissionDenied
