"""What this person has just decided, on one idea or on many at once: kept in the session, offered, undone by a button.

The rule is that of services.screening.undo_decision, whoever asks: the triage desk, an idea's page, an act on many
rows, the page of groups. The session says only what is offered; keeping and offering it costs no query.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from secrets import token_hex
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ideas import conf
from ideas.choices import Action, Status
from ideas.desks.pages import needs, page, press, render
from ideas.forms.screening import DecisionForm
from ideas.models import Idea
from ideas.queries.access import screened_ideas
from ideas.requests import StaffRequest
from ideas.services import screening

KEPT = (
    "decided"  # of the session: acts on one idea {"idea", "seen", …}, acts on many {"key", "rows", …}, in their order
)
MOST_KEPT, MOST_LISTS = 20, 3
# What became of a row of an act on many.
DONE, REFUSED, UNDONE, STAYS = "done", "refused", "undone", "stays"


def remember_one(request: StaffRequest, idea: Idea) -> None:
    """A decision that was just made."""
    decided = {
        "idea": idea.pk,
        "receipt": idea.receipt,
        "seen": idea.version,
        "status": idea.status,
        "label": str(Status(idea.status).label),
        "at": request.at.isoformat(),
    }
    _keep(request, [*request.session.get(KEPT, []), decided])


def remember_many(
    request: StaffRequest,
    label: Any,
    done: Iterable[tuple[int, str, int]],
    *,
    refused: Sequence[tuple[int, str, str]] = (),
    undoable: bool = True,
) -> str:
    """An act on many ideas, each as (key, receipt number, version after it), in the order in which they were decided;
    and those where it was refused, as (key, receipt number, why). Returns the key of the page that shows it."""
    rows = [[pk, receipt, seen, DONE, ""] for pk, receipt, seen in done]
    rows += [[pk, receipt, 0, REFUSED, why] for pk, receipt, why in refused]
    act = {
        "key": token_hex(4),
        "label": str(label),
        "at": request.at.isoformat(),
        "count": sum(row[3] == DONE for row in rows) if undoable else 0,
        "rows": rows,
    }
    _keep(request, [*request.session.get(KEPT, []), act])
    return str(act["key"])


def _keep(request: StaffRequest, acts: list[dict[str, Any]]) -> None:
    """The last ones, of the long ones fewer: the session is read with every page."""
    long = [act for act in acts if "rows" in act][-MOST_LISTS:]
    request.session[KEPT] = [act for act in acts if "rows" not in act or act in long][-MOST_KEPT:]


def undoable(request: StaffRequest) -> dict[str, Any] | None:
    """The user's last act that can still be undone."""
    since = (request.at - timedelta(seconds=conf.undo_seconds())).isoformat()
    acts = [_in_words(act) for act in request.session.get(KEPT, [])]
    return next((act for act in reversed(acts) if act["at"] > since and act.get("count", 1)), None)


def note_referral(request: StaffRequest, ideas: Iterable[Idea], number: str) -> None:
    """These were given to a unit since: undoing their acceptance takes them off there, and the offer says so."""
    given = {idea.pk for idea in ideas}
    for act in request.session.get(KEPT, []):
        if given & {act.get("idea"), *(row[0] for row in act.get("rows", []))}:
            act["referral"] = number
            request.session.modified = True


def _in_words(act: dict[str, Any]) -> dict[str, Any]:
    """The status in the reader's language, which may have changed since."""
    return {**act, "label": str(Status(act["status"]).label)} if "status" in act else act


def forget_one(request: StaffRequest, idea: Idea) -> None:
    _keep(request, [act for act in request.session.get(KEPT, []) if act.get("idea") != idea.pk])


def undo_one(request: StaffRequest, pk: int) -> bool:
    """Undo the last decision on an idea, or say why not; False if the request does not say what its page showed."""
    idea = get_object_or_404(screened_ideas(request.user).select_related("campaign", "resident"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return False
    seen, done = form.cleaned_data["expected_version"], _("%(receipt)s: %(act)s")
    press(
        request,
        lambda: screening.undo_decision(idea=idea, moderator=request.user, at=request.at, expected_version=seen),
        done % {"receipt": idea.receipt, "act": Action.UNDO.label},
    )
    forget_one(request, idea)
    return True


@needs("ideas.screen_idea")
def results(request: StaffRequest, key: str) -> HttpResponse:
    """What came of an act on many ideas, for whoever did it; POST undoes it as far as it can still be undone."""
    act = next((act for act in request.session.get(KEPT, []) if act.get("key") == key), None)
    if act is None:
        raise Http404
    ideas = screened_ideas(request.user).select_related("campaign", "resident").in_bulk([row[0] for row in act["rows"]])
    if request.method == "POST":
        _undo_many(request, act, ideas)
        return redirect("admin:ideas_idea_acted", key)
    states = [row[3] for row in act["rows"]]
    acted = [ideas[row[0]] for row in act["rows"] if row[3] == DONE and row[0] in ideas]
    context = {
        "key": key,
        "results": [
            {"idea": ideas.get(pk), "receipt": receipt, "state": state, "why": why}
            for pk, receipt, _seen, state, why in act["rows"]
        ],
        **{state: states.count(state) for state in (DONE, REFUSED, UNDONE, STAYS)},
        "referral": act.get("referral", ""),
        "accepted": [idea.pk for idea in acted if idea.status == Status.ACCEPTED],
        "until": _until(act) if act["count"] and request.at < _until(act) else None,
    }
    return render(request, "admin/ideas/idea/acted.html", context, title=act["label"], model=Idea)


def _until(act: dict[str, Any]) -> Any:
    moment = parse_datetime(act["at"])
    assert moment is not None  # noqa: S101 - written by us
    return moment + timedelta(seconds=conf.undo_seconds())


def _undo_many(request: StaffRequest, act: dict[str, Any], ideas: dict[int, Idea]) -> None:
    """Undo what is still there to be undone, and note of each row what became of it."""
    open_rows = {row[0]: row for row in act["rows"] if act["count"] and row[3] == DONE}
    for pk, row in open_rows.items():
        if pk not in ideas:
            row[3:] = [STAYS, _("You do not see this idea any more; somebody has restricted it.")]
    decided = [(ideas[pk], row[2]) for pk, row in open_rows.items() if pk in ideas]
    for idea, refusal in screening.undo_decisions(decisions=decided, moderator=request.user, at=request.at):
        open_rows[idea.pk][3:] = [STAYS, str(refusal.message)] if refusal else [UNDONE, ""]
    act["count"] = 0
    request.session.modified = True


urls = [page("acts/<slug:key>/", results, "ideas_idea_acted")]
