"""The triage desk: one waiting idea at a time, decided by a key or a button; then the next one is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.choices import Action, Channel, DeclineReason, Suspicion
from ideas.desks import contacts, referring, restricted, undo
from ideas.desks.pages import needs, page, press, render
from ideas.forms.triage import SKIP, TriageForm, replies_for
from ideas.models import Area, Campaign, Idea, Reply, Topic, Unit
from ideas.queries.access import screened_ideas
from ideas.queries.advice import advice_for, word_lists
from ideas.queries.duplicates import similar_to
from ideas.queries.history import history_for
from ideas.queries.stats import capped
from ideas.queries.trail import appealed_decision
from ideas.requests import StaffRequest, row_key
from ideas.rules.advice import Words
from ideas.rules.duplicates import differing
from ideas.services import screening, triage

SERVICES: dict[str, Callable[..., Any]] = {
    Action.ACCEPT: screening.accept_idea,
    Action.RETURN: screening.return_idea,
    Action.DECLINE: screening.decline_idea,
    Action.MERGE: screening.merge_idea,
    Action.TRANSFER: screening.transfer_idea,
    Action.CLASSIFY: screening.classify_idea,
    Action.NOTE: screening.note_idea,
    Action.UNDO: screening.undo_decision,
}
STAYS = frozenset({Action.CLASSIFY, Action.NOTE, Action.UNDO})  # the same idea stays open
LISTS_KEPT = 60  # seconds
# The acts that open a drawer: act, key, button, what is asked for in it.
DRAWERS = [
    (Action.RETURN, "2", gettext_lazy("Return with a question"), gettext_lazy("Question to the resident")),
    (Action.DECLINE, "3", gettext_lazy("Decline"), gettext_lazy("Reason told to the resident")),
    (Action.MERGE, "4", gettext_lazy("Merge"), ""),
    (Action.TRANSFER, "5", gettext_lazy("Pass to another channel"), gettext_lazy("What the resident is told")),
]
ORDER_WORDS = {
    triage.OLDEST: gettext_lazy("oldest first"),
    triage.SUSPICIOUS: gettext_lazy("most suspicious first"),
}


@needs("ideas.screen_idea")
def desk(request: StaffRequest, slug: str) -> HttpResponse:
    """GET shows the next waiting idea, or the one that `?idea=` names; POST does an act and leads to the next page.

    An act that is refused is answered with its idea, and what it carried stays in its fields.
    """
    lists = desk_lists(slug)
    if lists is None:
        raise Http404
    form, wished = None, request.GET.get("idea", "")
    if request.method == "POST":
        form = TriageForm(
            request.POST, campaign=lists.campaign, ideas=screened_ideas(request.user), replies=lists.replies
        )
        following = _press(request, form)
        if following is not None:
            return redirect(following)
        wished = request.POST.get("idea", "")
    order = _order(request)
    idea = _wished(request, lists.campaign, wished) if wished else None
    left = _left_over(request, wished) if form and idea is None else None
    if idea is None and left is None:
        form, idea = None, _next(request, lists.campaign, order)
    context = {
        "campaign": lists.campaign,
        "order": order,
        "orders": ORDER_WORDS,
        "waiting": capped(triage.waiting_ideas(lists.campaign.pk, request.user)),
        "undoable": undo.undoable(request),
        "form": form,
        "left": left,
        **(_about(request, idea, lists) if idea else {}),
    }
    status = 422 if form else 200
    return render(request, "admin/ideas/idea/triage.html", context, title=_("Triage"), model=Idea, status=status)


def _left_over(request: StaffRequest, key: str) -> Idea | None:
    """The idea that words were written about, if it is not for this desk any more: never are they put into the drawers
    of the next one, whose resident they would be sent to."""
    if not request.POST.get("words", "").strip():
        return None
    return get_object_or_404(screened_ideas(request.user), pk=row_key(key))


def _press(request: StaffRequest, form: TriageForm) -> str | None:
    """Do the act; returns the address of the page to show next, None if it was not done."""
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return None
    data = form.cleaned_data
    act, idea = data["act"], data["idea"]
    if act == SKIP:
        _skip(request, idea)
        return request.path
    given = {"expected_version": data["expected_version"], **form.given}

    def do() -> None:
        SERVICES[act](idea=idea, moderator=request.user, at=request.at, **given)

    done = _("%(receipt)s: %(act)s") % {"receipt": idea.receipt, "act": Action(act).label} if act in STAYS else ""
    is_done = press(request, do, done, prefix=f"{idea.receipt}: ")
    if act == Action.UNDO:
        undo.forget_one(request, idea)
    if not is_done:
        return None
    if act in STAYS:
        return f"{request.path}?idea={idea.pk}"
    undo.remember_one(request, idea)
    triage.release_claims(moderator=request.user)
    is_referred = act == Action.ACCEPT and "refer" in request.POST
    return referring.address_for([idea.pk], back=request.path) if is_referred else request.path


@dataclass(frozen=True)
class DeskLists:
    """What the drawers offer in a campaign."""

    campaign: Campaign
    replies: list[Reply]
    topics: list[Topic]
    areas: list[Area]
    units: list[Unit]
    words: list[Words]


def desk_lists(slug: str) -> DeskLists | None:
    """The lists of a campaign, read once a minute: they hardly change, and every idea's page needs them all."""
    key = f"desk-lists:{slug}"
    lists = cache.get(key)
    if lists is None:
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            return None
        topics, areas, units = list(campaign.topics.all()), list(Area.objects.all()), list(Unit.objects.all())
        lists = DeskLists(campaign, list(replies_for(campaign)), topics, areas, units, word_lists())
        cache.set(key, lists, LISTS_KEPT)
    return lists


def _skip(request: StaffRequest, idea: Idea) -> None:
    """Put an idea aside for this moderator and log-in; the others get it."""
    aside = request.session.get("skipped", [])
    request.session["skipped"] = [*aside, idea.pk][-200:]
    triage.release_claims(moderator=request.user)


def _order(request: StaffRequest) -> str:
    """The order asked for, kept in the session for the next idea."""
    wished = request.GET.get("order") or request.session.get("triage_order", triage.OLDEST)
    order = wished if wished in triage.ORDERS else triage.OLDEST
    if request.session.get("triage_order", triage.OLDEST) != order:
        request.session["triage_order"] = order
    return order


def _wished(request: StaffRequest, campaign: Campaign, key: str) -> Idea | None:
    """A certain waiting idea, if nobody else has it open."""
    idea = triage.opened(triage.waiting_ideas(campaign.pk, request.user)).filter(pk=row_key(key)).first()
    if idea is None:
        return None
    if not triage.claim(idea=idea, moderator=request.user, at=request.at):
        messages.warning(request, _("%(receipt)s: a colleague has it open now.") % {"receipt": idea.receipt})
        return None
    return idea


def _next(request: StaffRequest, campaign: Campaign, order: str) -> Idea | None:
    """The next one; when only skipped ones are left, those come again."""
    skipped = request.session.get("skipped", [])

    def find(passed_over: list[int]) -> Idea | None:
        return triage.claim_next(
            campaign_id=campaign.pk, moderator=request.user, at=request.at, order=order, skipped=passed_over
        )

    idea = find(skipped)
    if idea is None and skipped:
        request.session["skipped"] = []
        idea = find([])
    return idea


def _about(request: StaffRequest, idea: Idea, lists: DeskLists) -> dict[str, Any]:
    """What the page shows of the open idea, and the ready replies with the keys that press them."""
    events = list(idea.events.all())
    amended = any(event.action == Action.AMEND for event in events)
    return {
        **contacts.context(request),
        **restricted.context(request, idea),
        "idea": idea,
        "resident": getattr(idea, "resident", None),
        "history": history_for(request.user, events),
        "doubted": appealed_decision(events),
        "suspicions": [Suspicion(name).label for name in idea.suspicions],
        "photos": idea.photos.all(),
        "versions": idea.versions.select_related("topic", "area") if amended else [],
        "acts": [
            {
                "kind": action.value,
                "key": key,
                "label": label,
                "ask": ask,
                "replies": [reply for reply in lists.replies if reply.kind == action.value],
            }
            for action, key, label, ask in DRAWERS
        ],
        "reasons": DeclineReason.choices,
        "channels": Channel.choices,
        "lists": lists,
        "similar": beside(request, idea),
        "advice": advice_for(idea, lists=lists.words),
    }


def beside(request: StaffRequest, idea: Idea) -> list[dict[str, Any]]:
    """The three most similar ideas of the campaign; of those that are likely the same, the text with what differs."""
    own = f"{idea.problem}\n{idea.proposal}"
    alike = similar_to(idea, screened_ideas(request.user).filter(campaign=idea.campaign_id))
    for found in alike:
        found.idea.campaign = idea.campaign
    return [
        {
            "idea": found.idea,
            "likely": found.likely,
            "leads": found.may_lead,
            "parts": [
                {"text": text, "differs": differs}
                for text, differs in differing(own, f"{found.idea.problem}\n{found.idea.proposal}")
            ]
            if found.likely
            else [],
        }
        for found in alike
    ]


urls = [page("triage/<slug:slug>/", desk, "ideas_idea_triage")]
