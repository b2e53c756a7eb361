"""An own idea, found by its number and code: its page, the acts on it, and a new code where the old one is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ideas.errors import Refusal
from ideas.exports.tracking import own_data
from ideas.forms import tracking as forms
from ideas.forms.verdicts import VerdictForm
from ideas.models import Idea, UnsentInput
from ideas.queries import access
from ideas.queries.referral_photos import before_and_after
from ideas.queries.tracking import Story, at_work, share_of, story_of, whole_way
from ideas.queries.verdicts import until_when
from ideas.requests import Request
from ideas.rules.receipts import look_up_key
from ideas.rules.tracking import Act
from ideas.services import tracking, verdicts
from ideas.views.privacy import as_chosen, remember_choices

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TRACKED = "opened"  # in the session: [[primary key, until when, mark of the code], …], the one opened last first
MOST = 6  # ideas that one browser has open at a time
STAY = timedelta(minutes=30)
# What is worth copying of a form that could not be accepted, and what is carried on beside it.
TYPED = ("answer", "reasons", "words", "title", "problem", "proposal", "place", "name", "net_name")
CHOSEN = ("topic", "area", "naming", "publish_consent", "is_solved", "satisfaction")
SWITCHES = {"language", "elder"}  # buttons in the head that a form carries
ENDED = gettext_lazy("For your safety we show an idea for half an hour only; that is over. Nothing was changed.")
OTHER = gettext_lazy(
    "This page belongs to an idea that is not open in this browser any more; another one is. Nothing was changed."
)
UNNAMED = gettext_lazy(
    "Several ideas are open in this browser, and this page does not say which it belongs to. Nothing was changed."
)
NO_COOKIE = gettext_lazy(
    "Your browser did not send the cookie by which we know which idea you have opened. Nothing was changed. Please "
    "allow cookies for this site and open your idea again."
)
GONE = gettext_lazy("This is not possible any more. Nothing was changed.")


@dataclass(frozen=True)
class TrackedAct:
    """An act on the resident's own idea. Its address is track/<act>/, its page tracking/<act>.html."""

    form: type[forms.ActForm]
    service: Callable[..., None]  # takes the idea, the moment, and what the form gives
    done: "StrOrPromise"  # what is said when it is done
    # Nothing of the person is in the page: a browser may store it, so that going back after a failed post finds what
    # was typed.
    is_stored: bool = False


ACTS: dict[Act, TrackedAct] = {
    Act.AMEND: TrackedAct(
        forms.AmendForm, tracking.amend_idea, gettext_lazy("Your new text is saved."), is_stored=True
    ),
    Act.ANSWER: TrackedAct(
        forms.AnswerForm,
        tracking.answer_question,
        gettext_lazy("Thank you. The moderators have your answer."),
        is_stored=True,
    ),
    Act.REPLY: TrackedAct(
        forms.ReplyForm, tracking.answer_unit, gettext_lazy("Thank you. The unit reads your answer."), is_stored=True
    ),
    Act.VERDICT: TrackedAct(
        VerdictForm,
        verdicts.give_verdict,
        gettext_lazy("Thank you. Your verdict is kept; what comes of it stands here."),
        is_stored=True,
    ),
    Act.REVIEW: TrackedAct(
        forms.ReviewForm,
        tracking.ask_review,
        gettext_lazy("Another moderator will look at your idea again."),
        is_stored=True,
    ),
    Act.WITHDRAW: TrackedAct(forms.ActForm, tracking.withdraw_idea, gettext_lazy("Your idea is withdrawn.")),
    Act.NAMING: TrackedAct(
        forms.NamingForm, tracking.change_naming, gettext_lazy("How you wish to be named is saved.")
    ),
    Act.ERASE: TrackedAct(forms.ActForm, tracking.erase_person, gettext_lazy("Your personal data are erased.")),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: Request) -> HttpResponse:
    """POST a pair to open an idea for half an hour; GET shows the open one, or the form (`?receipt=` fills it in)."""
    if request.method == "POST":
        return _open(request)
    idea, asked = tracked(request), request.GET.get("receipt", "")
    if idea is None:
        others = [] if asked else own_ideas(request)
        form = forms.TrackForm(initial={"receipt": asked[:40]})
        return render(
            request, "tracking/track.html", {"form": form, "others": others, "is_over": "over" in request.GET}
        )
    story = story_of(idea, request.at)
    steps, to_come = whole_way(idea, story, today=localdate(request.at))
    context = {
        "idea": idea,
        "story": story,
        "steps": steps,
        "to_come": to_come,
        "at_work": at_work(to_come),
        "beside": before_and_after(idea) if len(steps) > len(story.steps) else [],
        "share": share_of(steps, to_come),
        "versions": idea.versions.select_related("topic", "area"),
        "photos": idea.photos.sent(),
        "until": until_when(story.to_judge) if story.to_judge else None,
    }
    return render(request, "tracking/idea.html", context)


def _open(request: Request) -> HttpResponse:
    if "close" in request.POST:
        request.session.pop(TRACKED, None)
        response = redirect("track")
        response.headers["Clear-Site-Data"] = '"cache"'  # what is_stored allowed
        return response
    act = Act(request.POST["act"]) if request.POST.get("act") in ACTS else None
    if act and SWITCHES & request.POST.keys():
        return _switched(request, lambda: _show_kept(request, act, forms.TrackForm(initial=request.POST.dict())))
    form = forms.TrackForm(request.POST)
    if form.is_valid():
        try:
            idea = tracking.open_idea(**form.cleaned_data, address=request.client_address, at=request.at)
        except tracking.RateLimited as refusal:
            return _too_often(request, refusal, "tracking/limit.html")
        if idea is not None:
            _remember(request, idea)
            return _go_on(request, idea, act)
        form.add_error(
            None, gettext_lazy("We know no idea with this number and code. Please compare both with your receipt.")
        )
    return _show_kept(request, act, form) if act else render(request, "tracking/track.html", {"form": form})


def _go_on(request: Request, idea: Idea, act: Act | None) -> HttpResponse:
    """To the idea; or, where words were carried over the end of the half hour, to the act that they are for."""
    if act is None:
        return _to(request, "track", idea)
    _keep(request, act, idea)
    return _to(request, f"track-{act}", idea)


def _remember(request: Request, idea: Idea) -> None:
    """Each opened idea has its own half hour; opening one leaves those of other tabs open."""
    request.session.cycle_key()
    others = [row for row in _rows(request) if row[0] != idea.pk]
    request.session[TRACKED] = [[idea.pk, (request.at + STAY).isoformat(), access.code_fingerprint(idea)], *others][
        :MOST
    ]


def _rows(request: Request) -> list[list[Any]]:
    rows = request.session.get(TRACKED) or []
    return rows if rows and isinstance(rows[0], list) else [rows] if rows else []


def opened(request: Request) -> list[access.TrackingGrant]:
    """What this browser has opened by number and code, each for half an hour, or until there is a new code."""
    return [
        access.TrackingGrant(key, mark)
        for key, until, mark in _rows(request)
        if datetime.fromisoformat(until) > request.at
    ]


def own_ideas(request: Request) -> list[Idea]:
    return [idea for idea in map(access.tracked_idea, opened(request)) if idea]


def tracked(request: Request) -> Idea | None:
    """The opened idea that the page or the form names: the tab decides, not what was opened last.

    Without a name it is the only one that is open; among several nobody guesses.
    """
    ideas, name = own_ideas(request), _name(request)
    found = [idea for idea in ideas if idea.receipt == look_up_key(name)] if name else ideas
    return found[0] if len(found) == 1 else None


def _name(request: Request) -> str:
    return request.POST.get("idea", "") if request.method == "POST" else request.GET.get("receipt", "")


def _to(request: Request, name: str, idea: Idea) -> HttpResponse:
    """To a page of this idea; it is named where the browser has others open."""
    response = redirect(name)
    if len(opened(request)) > 1:
        response["Location"] += f"?receipt={idea.receipt}"
    return response


def _too_often(request: Request, refusal: tracking.RateLimited, template: str) -> HttpResponse:
    typed = [(name, text) for name in TYPED if (text := request.POST.get(name, ""))]
    context = {"is_day": refusal.wait > timedelta(hours=1), "typed": typed}
    response = render(request, template, context, status=429)
    response["Retry-After"] = str(int(refusal.wait.total_seconds()))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def act_on(request: Request, act: Act) -> HttpResponse:
    """One act's page (GET) and the act (POST). What was typed is shown again whatever comes between."""
    is_post = request.method == "POST"
    response = _switched(request, lambda: _do(request, act)) if is_post else _offer(request, act)
    if is_post or response.status_code != 200 or not ACTS[act].is_stored:
        add_never_cache_headers(response)
    else:
        response.is_kept_for_back = True  # type: ignore[attr-defined]
    return response


def _offer(request: Request, act: Act) -> HttpResponse:
    """The page of an act, with what was typed there before unless a fresh one is asked for."""
    idea = tracked(request)
    if idea is None:
        return _to_open(request)
    story = story_of(idea, request.at)
    if act not in story.acts:
        return _to(request, "track", idea)
    kept = None
    if "fresh" not in request.GET:
        kept = UnsentInput.objects.filter(idea=idea, act=act, expires_at__gt=request.at).first()
    typed = kept.words if kept else {}
    form = ACTS[act].form(idea=idea, initial={**typed, **_shown(story)})
    return _show(request, act, story, form, kept=kept)


def _do(request: Request, act: Act) -> HttpResponse:
    """Keep what was typed and do the act, or show why not, with all the words."""
    idea = tracked(request)
    if idea is None:
        return _ended(request, act)
    _keep(request, act, idea)
    if SWITCHES & request.POST.keys():
        return _show_otherwise(request, act, idea)
    form = ACTS[act].form(request.POST, idea=idea)
    if not form.is_valid():
        return _show(request, act, story_of(idea, request.at), form)
    try:
        ACTS[act].service(idea=idea, at=request.at, **form.given())
    except Refusal as refusal:
        return _refused(request, act, idea, refusal)
    UnsentInput.objects.filter(idea=idea, act=act).delete()
    messages.success(request, ACTS[act].done)
    if form.warning:
        messages.warning(request, form.warning)
    return _to(request, "track", idea)


def _keep(request: Request, act: Act, idea: Idea) -> None:
    """Keep what was posted with the act until it is done: an error, a lost line or a closed tab costs no word."""
    typed = {name: request.POST[name] for name in (*TYPED, *CHOSEN) if name in request.POST}
    if typed and act in story_of(idea, request.at).acts:
        tracking.save_unsent_input(idea=idea, act=act, typed=typed, at=request.at, address=request.client_address)


def _show(
    request: Request, act: Act, story: Story, form: forms.ActForm, *, status: int = 200, kept: UnsentInput | None = None
) -> HttpResponse:
    context = {"idea": form.idea, "story": story, "form": form, "carry_form": "act-form", "kept": kept}
    context["until"] = until_when(story.to_judge) if story.to_judge else None
    context["stored"] = ACTS[act].is_stored
    return render(request, f"tracking/{act}.html", context, status=status)


def _refused(request: Request, act: Act, idea: Idea, refusal: Refusal) -> HttpResponse:
    """Say why, with the typed words: in the form, which now knows what is new, or to be copied if it is of no use."""
    fresh = access.tracked_idea(access.TrackingGrant(idea.pk, access.code_fingerprint(idea))) or idea
    story = story_of(fresh, request.at)
    if act not in story.acts:
        return _show_kept(request, act, refusal=refusal.message)
    form = ACTS[act].form({**request.POST.dict(), **_shown(story)}, idea=fresh)
    form.is_valid()
    form.add_error(None, refusal.message)
    return _show(request, act, story, form, status=409)


def _to_open(request: Request) -> HttpResponse:
    """The page of an act on an idea that is not open: its number and code are asked for, and why is said."""
    response = redirect("track")
    name = request.GET.get("receipt", "")
    if name:
        response["Location"] += f"?{urlencode({'receipt': name, 'over': ''})}"
    return response


def _ended(request: Request, act: Act) -> HttpResponse:
    """The half hour was over before the form was sent, or the form is another idea's than those that are open: whoever
    opens the idea again goes on with the same words."""
    form = forms.TrackForm(initial={"receipt": _name(request)[:40]})
    return _show_kept(request, act, form, _why_closed(request))


def _why_closed(request: Request) -> str | Promise:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return NO_COOKIE
    if own_ideas(request):
        return OTHER if _name(request) else UNNAMED
    return ENDED


def _shown(story: Story) -> dict[str, Any]:
    """What a page of an act shows, for its form to carry: how many events, and which closing."""
    return {"seen": story.version, "closing": story.to_judge.closing_id if story.to_judge else None}


def _show_kept(
    request: Request, act: Act, form: forms.TrackForm | None = None, refusal: str | Promise = ENDED
) -> HttpResponse:
    """What was typed, to be copied; with the form that opens the idea again it is sent along."""
    context = {
        "act": act,
        "form": form,
        "refusal": refusal,
        "typed": [(name, text) for name in TYPED if (text := request.POST.get(name, "")).strip()],
        "chosen": [(name, request.POST[name]) for name in CHOSEN if name in request.POST],
        "carry_form": "kept-form",
        "idea_name": _name(request),
    }
    return render(request, "tracking/kept.html", context, status=403 if form else 409)


def _show_otherwise(request: Request, act: Act, idea: Idea) -> HttpResponse:
    """The page in another language or size, with all that was typed: the buttons in the head send it along."""
    story = story_of(idea, request.at)
    if act not in story.acts:
        return _show_kept(request, act, refusal=GONE)
    return _show(request, act, story, ACTS[act].form(initial=request.POST.dict(), idea=idea))


def _switched(request: Request, show: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer in the language and the size of the button in the head that was pressed, if it was one of those."""
    with as_chosen(request):
        response = show()
        response.headers["Content-Language"] = translation.get_language()
    remember_choices(request, response)
    return response


@never_cache
@require_safe
def export(request: Request) -> HttpResponse:
    idea = tracked(request)
    if idea is None:
        return _to_open(request)
    response = HttpResponse(own_data(idea, request.at), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{idea.receipt}.zip"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: Request) -> HttpResponse:
    """A new code to the contact that was given. The answer is the same whether number and contact belong together."""
    if request.method != "POST":
        form = forms.LostForm(initial={"receipt": request.GET.get("receipt", "")[:40]})
        return render(request, "tracking/lost.html", {"form": form, "is_sent": "sent" in request.GET})
    form = forms.LostForm(request.POST)
    if not form.is_valid():
        return render(request, "tracking/lost.html", {"form": form})
    receipt, contact = form.cleaned_data["receipt"], form.cleaned_data["contact"]
    try:
        tracking.send_new_code(receipt=receipt, **contact, address=request.client_address, at=request.at)
    except tracking.RateLimited as refusal:
        return _too_often(request, refusal, "tracking/limit_lost.html")
    response = redirect("track-lost")
    response["Location"] += "?sent"
    return response
