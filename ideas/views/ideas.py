"""Submitting an idea: form, check your answers, receipt (beside: receipts.py). No account; the form key ties all.

Whatever is posted is kept as a draft first, right or wrong, so that nothing typed is ever lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ideas import conf
from ideas.choices import Naming, Phase
from ideas.errors import Refusal
from ideas.forms import spam
from ideas.forms.ideas import IdeaForm, forget_lists
from ideas.models import Campaign, Draft
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.queries import access
from ideas.queries.duplicates import similar_shown
from ideas.requests import Request, read_key
from ideas.rules.photos import FULL_SIDE
from ideas.rules.telephones import line_of
from ideas.rules.visible import says_little
from ideas.services import drafts as services
from ideas.services.intake import ChoiceGone
from ideas.services.photos import copy_photos, drop_photo
from ideas.services.verification import confirm_phone, send_phone_code
from ideas.views import drafts
from ideas.views.fresh import MARKS, PAGE, fresh_page, is_fresh
from ideas.views.photos import take_photos
from ideas.views.privacy import as_chosen, remember_choices

GONE, CONFLICT = 410, 409
# Buttons of the form that lead back to the form with everything in it.
STAY = ("language", "elder", "save", "drop_photo")
ANOTHER = gettext_lazy(
    "Your idea %(receipt)s is in already. What you changed here since does not change it, but makes another idea if "
    "you send it. To change the first one, use “Track your idea”."
)
PHOTO_TOO_LATE = gettext_lazy("This idea is in already: the photo that you added now could not be taken any more.")


class Outcome(Enum):
    """What became of the words of a posted form."""

    KEPT = auto()  # under the form's own key
    KEPT_AS_ANOTHER = auto()  # under a new key: an idea of this form is in, and these are other words
    KEPT_ANEW = auto()  # under a new key: the form's own is another campaign's, or its idea came in long since
    KEPT_BESIDE = auto()  # under a new key: another tab has kept other words since
    IN_ALREADY = auto()  # not kept: they are an idea's already


@dataclass(frozen=True)
class Kept:
    outcome: Outcome
    draft: Draft
    other: Draft | None = None  # KEPT_BESIDE: what the other tab kept; KEPT_AS_ANOTHER: what is in


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: Request, slug: str) -> HttpResponse:
    """The form. Going back from the receipt and sending the same words again gives the same receipt."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    is_open = campaign.phase(request.at) == Phase.COLLECTING
    if is_open and is_fresh(request):
        return _to_begin(request, campaign)
    own = access.drafts(drafts.keys(request), campaign, request.at)
    unfinished = drafts.waiting(own)
    if not is_open:
        posted = read_key(request.POST.get("form_key", ""))
        named = [draft for draft in unfinished if draft.form_key == posted]
        return _not_collecting(request, campaign, next(iter(named or unfinished), None))
    if request.method == "POST":
        try:
            return _take(request, campaign, own)
        except services.NoRoom as refusal:
            return _not_kept(request, campaign, refusal)
    wished = request.GET.get("change", "")
    sent = [draft for draft in own if draft.idea_id]
    if named := [draft for draft in sent if drafts.tag(draft) == wished]:
        return redirect(drafts.address("done", named[0], own))
    draft = drafts.choose(unfinished, wished) if "change" in request.GET else None
    initial = {**(draft.content.typed or {}), "form_key": draft.form_key} if draft else None
    form = IdeaForm(campaign=campaign, initial=initial)
    form = _to_choose_again(draft, form) if draft else form
    known = {
        "unfinished": drafts.unnamed(unfinished, wished) if draft else unfinished,
        "sent": [*map(drafts.tag, sent), *drafts.forgotten(request)],
        "is_resumed": draft is not None,
    }
    return _show_form(request, form, draft, known)


def _to_begin(request: Request, campaign: Campaign) -> HttpResponse:
    """The empty form, rendered once for all who begin."""

    def rendered() -> HttpResponse:
        form = IdeaForm(campaign=campaign, initial={"form_key": MARKS["form_key"]})
        return _show_form(request, form, None, {"unfinished": [], "sent": [], "is_resumed": False, **MARKS})

    response = fresh_page(request, rendered)
    response.is_kept_for_back = True  # type: ignore[attr-defined]
    return response


def _to_choose_again(draft: Draft, form: IdeaForm) -> IdeaForm:
    """The form of a checked draft with faults, if something that was chosen in it is not offered any more."""
    answers = draft.content.answers
    if not answers or not form.lacks(answers):
        return form
    again = IdeaForm({**(draft.content.typed or {}), "form_key": str(draft.form_key)}, campaign=draft.campaign)
    again.name_gone(answers.get("labels", {}))
    return again


def _take(request: Request, campaign: Campaign, own: list[Draft]) -> HttpResponse:
    """Keep what was typed, check it unless a button only leads back to the form, and go on to "check your answers"."""
    key = read_key(request.POST.get("form_key", "")) or uuid4()
    if "discard" in request.POST:
        return _discard(request, campaign, key)
    form = IdeaForm({**request.POST.dict(), "form_key": str(key)}, campaign=campaign)
    stays = _stays(request)
    answers = form.answers(request.LANGUAGE_CODE) if not stays and form.is_valid() else None
    kept = _keep(request, key, form, answers, own)
    if kept.outcome is Outcome.IN_ALREADY:
        return _to_receipt(request, campaign, kept.draft, own)
    if kept.outcome is Outcome.KEPT_AS_ANOTHER and kept.other and kept.other.idea:
        messages.warning(request, ANOTHER % {"receipt": kept.other.idea.receipt})
    faults = take_photos(request, kept.draft)
    if stays:
        response = _stay(request, campaign, kept, faults)
    elif kept.outcome in (Outcome.KEPT_ANEW, Outcome.KEPT_BESIDE) or answers is None or faults:
        response = _show_again(request, form, kept, faults)
    else:
        response = redirect(drafts.address("check", kept.draft, drafts.waiting(own)))
    return drafts.remember(request, response, kept.draft.form_key)


def _keep(request: Request, key: UUID, form: IdeaForm, answers: dict[str, Any] | None, own: list[Draft]) -> Kept:
    """Keep the words of a form under its key; under a new one where it cannot take them, or other words would go."""
    for sent in own:
        if answers and services.is_same(sent, answers):
            return Kept(Outcome.IN_ALREADY, sent)
    keep_under = partial(_keep_under, request, form, answers)
    try:
        draft = keep_under(key)
    except services.DraftGone:
        return Kept(Outcome.KEPT_ANEW, keep_under(uuid4()))
    except services.DraftChanged:
        [other] = access.drafts([key], form.campaign, request.at)
        draft = keep_under(uuid4())
        copy_photos(source=other, target=draft, at=request.at)
        return Kept(Outcome.KEPT_BESIDE, draft, other)
    if draft.idea is None:
        return Kept(Outcome.KEPT, draft)
    if answers and services.is_same(draft, answers):  # sent from another page of this form
        return Kept(Outcome.IN_ALREADY, draft)
    return Kept(Outcome.KEPT_AS_ANOTHER, keep_under(uuid4()), draft)


def _not_kept(request: Request, campaign: Campaign, refusal: services.NoRoom) -> HttpResponse:
    """The form with all that was typed; nothing of it is kept here."""
    form = IdeaForm(request.POST.dict(), campaign=campaign)
    form.is_valid()
    form.add_error(None, str(refusal))
    return _show_form(request, form, None, status=429)


def _keep_under(request: Request, form: IdeaForm, answers: dict[str, Any] | None, key: UUID) -> Draft:
    return services.keep_draft(
        key=key,
        campaign=form.campaign,
        typed=form.typed(),
        answers=answers,
        suspicions=None if _stays(request) else spam.suspicions(request.POST, at=request.at),
        page=request.POST.get("page", "")[:PAGE],
        expected_version=request.POST.get("seen", ""),
        address=request.client_address,
        at=request.at,
    )


def _stays(request: Request) -> bool:
    return any(name in request.POST for name in STAY)


def _to_receipt(request: Request, campaign: Campaign, draft: Draft, own: list[Draft]) -> HttpResponse:
    """To the receipt of the same words; photos that came with them this time have no place any more."""
    if request.FILES:
        messages.error(request, PHOTO_TOO_LATE)
    if draft in own:
        return redirect(drafts.address("done", draft, own))
    return drafts.remember(request, redirect("done", slug=campaign.slug), draft.form_key)


def _discard(request: Request, campaign: Campaign, key: UUID) -> HttpResponse:
    services.drop_draft(key=key, campaign=campaign)
    messages.success(request, _("The form is deleted."))
    return drafts.forget_one(request, redirect("submit", slug=campaign.slug), key)


def _stay(request: Request, campaign: Campaign, kept: Kept, faults: list[str]) -> HttpResponse:
    """The form again with all that was typed: in another language or size, saved for later, with or without photos."""
    draft = kept.draft
    if photo := read_key(request.POST.get("drop_photo", "")):
        drop_photo(draft=draft, key=photo)
    with as_chosen(request):
        form = IdeaForm(initial={**(draft.content.typed or {}), "form_key": draft.form_key}, campaign=campaign)
        shown = {"faults": faults, "saved": "save" in request.POST}
        response = _show_kept(request, form, kept, shown)
        response.headers["Content-Language"] = translation.get_language()
    remember_choices(request, response)
    return response


def _show_again(request: Request, form: IdeaForm, kept: Kept, faults: list[str]) -> HttpResponse:
    """The form with its faults, or with why it is kept elsewhere than before."""
    for fault in faults:
        form.add_error("photos", fault)
    form.data = {**form.data, "form_key": str(kept.draft.form_key)}
    if kept.outcome is Outcome.KEPT_ANEW:
        return _show_form(request, form, kept.draft, {"gone": True}, status=GONE)
    return _show_kept(request, form, kept, {})


def _show_kept(request: Request, form: IdeaForm, kept: Kept, shown: Mapping[str, Any]) -> HttpResponse:
    """The form of kept words; where another tab has kept other ones, with the way to those."""
    if kept.outcome is not Outcome.KEPT_BESIDE or kept.other is None:
        return _show_form(request, form, kept.draft, shown)
    other = {"other": kept.other, "other_tag": drafts.tag(kept.other)}
    return _show_form(request, form, kept.draft, {**shown, **other}, status=CONFLICT)


def _show_form(
    request: Request, form: IdeaForm, draft: Draft | None, shown: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The form; `shown` is what stands on some of its pages only."""
    context = {
        "campaign": form.campaign,
        "form": form,
        "draft": draft,
        "photos": draft.photos.all() if draft else [],
        "stamp": spam.carried(request.POST, since=draft.created_at if draft else request.at),
        "page": request.POST.get("page", "")[:PAGE] or uuid4().hex[:PAGE],
        "seen": services.version_of(draft),
        "carry_form": "idea-form",
        "side": FULL_SIDE,
        **(shown or {}),
    }
    if context.get("saved") and draft:
        context["link"] = conf.site_url() + reverse("resume", args=[form.campaign.slug, draft.pk])
    response = render(request, "ideas/form.html", context, status=status)
    if draft and request.method != "POST":
        add_never_cache_headers(response)
    else:
        response.is_kept_for_back = True  # type: ignore[attr-defined]
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, slug: str) -> HttpResponse:
    """What was answered, to be read once more; posting it sends the idea."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if request.method == "POST":
        return _send(request, campaign)
    own = access.drafts(drafts.keys(request), campaign, request.at)
    draft = drafts.choose(own, request.GET.get("form", ""))
    if draft is None:
        return redirect("submit", slug=slug)
    if draft.idea_id:
        return redirect(drafts.address("done", draft, own))
    answers = draft.content.answers
    form = IdeaForm(campaign=campaign, initial=answers)
    if not answers or form.lacks(answers):
        return redirect(f"{reverse('submit', args=[slug])}?change={drafts.tag(draft)}")
    others = drafts.waiting(drafts.unnamed(own, request.GET.get("form", "")))
    return _show_check(request, draft, form=form, waiting=others)


def _send(request: Request, campaign: Campaign) -> HttpResponse:
    key = read_key(request.POST.get("form_key", ""))
    found = access.drafts([key], campaign, request.at) if key else []
    if key is None or not found:
        return _show_form(request, IdeaForm(campaign=campaign), None, {"gone": True}, status=GONE)
    try:
        return _do_send(request, campaign, found[0])
    except services.CampaignClosed:
        return _not_collecting(request, campaign, found[0])
    except services.DraftGone:
        return _show_form(request, IdeaForm(campaign=campaign), None, {"gone": True}, status=GONE)
    except (services.DraftUnchecked, ChoiceGone):
        forget_lists(campaign)
        return drafts.remember(
            request, redirect(f"{reverse('submit', args=[campaign.slug])}?change={drafts.tag(found[0])}"), key
        )
    except Refusal as refusal:
        return _show_check(request, found[0], refusal=str(refusal))


def _is_outdated(request: Request, draft: Draft) -> bool:
    """Whether the form was kept again, in another tab, since this check page was shown (`seen`, where it says so)."""
    seen = request.POST.get("seen", "")
    is_checked = draft.idea_id is None and draft.content.answers is not None
    return bool(seen) and is_checked and seen != services.version_of(draft)


def _do_send(request: Request, campaign: Campaign, draft: Draft) -> HttpResponse:
    """Send the draft; where the office verifies telephone numbers, that comes first."""
    if _is_outdated(request, draft):
        raise Refusal(_("You have changed this form elsewhere since you opened this page. Please check it once more."))
    which: dict[str, Any] = {"key": draft.form_key, "campaign": campaign, "at": request.at}
    if conf.verify_phone() and draft.idea_id is None:
        if "send_code" in request.POST:
            send_phone_code(**which, address=request.client_address)
            return drafts.remember(request, redirect(drafts.address("check", draft, [])), draft.form_key)
        if "sms_code" in request.POST and not confirm_phone(**which, code=request.POST["sms_code"].strip()):
            raise Refusal(_("This is not the code that we sent, or its time is over. You can have a new one sent."))
    services.send_draft(**which, address=request.client_address, seen=None if conf.verify_phone() else draft)
    others = [key for key in drafts.keys(request) if key != draft.form_key]
    sent = [other for other in access.drafts(others, campaign, request.at) if other.idea_id]
    return drafts.remember(request, redirect(drafts.address("done", draft, sent)), draft.form_key)


def _show_check(
    request: Request,
    draft: Draft,
    *,
    refusal: str = "",
    form: IdeaForm | None = None,
    waiting: Sequence[Draft] = (),
) -> HttpResponse:
    content = draft.content
    answers = content.answers or {}
    form = form or IdeaForm(campaign=draft.campaign, initial=answers)
    context = {
        "campaign": draft.campaign,
        "draft": draft,
        "tag": drafts.tag(draft),
        "waiting": waiting,
        "rows": form.answer_rows(),
        "photos": draft.photos.all(),
        "similar": similar_shown(answers, at=request.at),
        "refusal": refusal,
        "is_short": says_little(answers["title"]),
        "is_unnamed": answers["naming"] != Naming.ANONYMOUS and not answers.get("publish_consent"),
        "must_verify": conf.verify_phone() and content.verified != line_of(answers["phone"]),
        "code_sent": content.phone_code is not None and content.phone_code.phone == line_of(answers["phone"]),
    }
    return render(request, "ideas/check.html", context, status=422 if refusal else 200)


def _not_collecting(request: Request, campaign: Campaign, draft: Draft | None) -> HttpResponse:
    """Not open yet 403, closed 410; what somebody typed and uploaded is shown to be copied."""
    early = campaign.phase(request.at) == Phase.UPCOMING
    typed = request.POST if "title" in request.POST else ((draft.content.typed or {}) if draft else {})
    context = {
        "campaign": campaign,
        "early": early,
        "typed": [(name, text) for name in ORIGINAL_TEXTS if (text := typed.get(name, "")).strip()],
        "photos": draft.photos.all() if draft else [],
        "photos_unread": bool(request.FILES) or "photos_unread" in request.POST,
        "form_key": draft.form_key if draft else "",
        "forgotten": drafts.forgotten(request),
    }
    context["carry_form"] = "late-form" if context["typed"] else ""
    with as_chosen(request):
        response = render(request, "ideas/closed.html", context, status=403 if early else 410)
        response.headers["Content-Language"] = translation.get_language()
    remember_choices(request, response)
    if draft or context["typed"]:
        add_never_cache_headers(response)
    return response
