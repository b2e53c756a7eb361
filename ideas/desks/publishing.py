"""The publishing page of an idea: original beside published text, its photos with their covers, and who checks them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from ideas.choices import Action
from ideas.desks.pages import as_shown, button, needs, page, press, render
from ideas.desks.photos import PHOTO_DONE, PhotoRow, act_of, cover_page, press_cover, row_of
from ideas.forms.publishing import CoverForm, PhotoForm, PublishedForm
from ideas.forms.screening import DecisionForm
from ideas.models import Idea, PendingText, Photo, User
from ideas.queries import access
from ideas.queries.advice import advice_for
from ideas.queries.publishing import photos_of, photos_to_check, texts_to_check
from ideas.requests import StaffRequest
from ideas.rules.wording import difference
from ideas.rules.workflow import VALID, possible_actions
from ideas.services import publishing

PERMISSION = "ideas.edit_published"


def publish(request: StaffRequest, pk: int) -> HttpResponse:
    return _show(request, pk)


@needs(PERMISSION)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Save the published title and text."""
    idea = _idea(request, pk)
    form = PublishedForm.for_idea(idea, request.POST)
    if not form.is_valid():
        return _show(request, pk, form, status=422)

    def act() -> None:
        publishing.edit_published(idea=idea, editor=request.user, at=request.at, **form.words())

    waits = idea.campaign.two_checks
    done = _("Saved; it waits for its checks.") if waits else _("The published text is saved.")
    if not press(request, act, done, form):
        return _show(request, pk, form, status=409)
    return redirect("admin:ideas_idea_publish", pk)


@needs(PERMISSION)
def check(request: StaffRequest, pk: int, step: str) -> HttpResponse:
    """The first or the final check of a text."""
    idea = _idea(request, pk)
    steps: dict[str, Callable[..., None]] = {
        "check": partial(publishing.check_text, checker=request.user),
        "release": partial(publishing.release_text, releaser=request.user),
    }
    if step not in steps:
        raise Http404
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, status=422)
    done = _("The first check is done.") if step == "check" else _("The text is released.")
    if not press(
        request,
        partial(steps[step], idea=idea, at=request.at, expected_version=form.cleaned_data["expected_version"]),
        done,
    ):
        return _show(request, pk, status=409)
    return redirect("admin:ideas_idea_publish", pk)


@needs(PERMISSION)
def press_photo(request: StaffRequest, pk: int, key: UUID) -> HttpResponse:
    """The first check of a photo, its release, or the end of its release."""
    _idea(request, pk)
    photo = _photo(request, pk, key)
    form = PhotoForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, status=422)
    wish, seen = form.cleaned_data["shown"], form.cleaned_data["expected_version"]
    act = partial(act_of(wish, request.user), photo=photo, at=request.at, expected_version=seen)
    if not press(request, act, str(PHOTO_DONE[wish])):
        return _show(request, pk, status=409)
    return redirect("admin:ideas_idea_publish", pk)


@needs(PERMISSION)
def cover(request: StaffRequest, pk: int, key: UUID) -> HttpResponse:
    """Cover faces and plates: by drawing with a pointer, or by numbers."""
    idea = _idea(request, pk)
    photo = _photo(request, pk, key)
    if photo.is_slip or photo.copy_of_id:
        raise Http404
    if request.method != "POST":
        return _show_cover(request, idea, CoverForm(photo=photo))
    form = CoverForm(request.POST, photo=photo)
    status = press_cover(request, form)
    if status == 409:
        form = CoverForm(request.POST, photo=_photo(request, pk, key))
    return _show_cover(request, idea, form, status) if status else redirect("admin:ideas_idea_publish", pk)


def _idea(request: HttpRequest, pk: int) -> Idea:
    rows = access.screened_ideas(request.user)
    return get_object_or_404(
        rows.select_related("campaign", "topic", "area", "resident", "pending_text__edited_by", "merged_into"), pk=pk
    )


def _photo(request: HttpRequest, pk: int, key: UUID) -> Photo:
    """A photo of an idea or of one that was merged into it."""
    rows = access.visible_to(request.user, Photo.objects.select_related("idea__campaign"), "idea__restricted")
    return get_object_or_404(rows.filter(Q(idea=pk) | Q(idea__merged_into=pk)), key=key)


def _show(request: StaffRequest, pk: int, form: PublishedForm | None = None, status: int = 200) -> HttpResponse:
    """The page as things are now; a form that was refused keeps what was typed."""
    idea = _idea(request, pk)
    pending = getattr(idea, "pending_text", None)
    if form is not None:  # whoever looks at this page has seen what it shows
        as_shown(form, seen=idea.version)
    may_edit = request.user.has_perm(PERMISSION) and Action.EDIT_PUBLISHED in possible_actions(idea.status)
    shown = (pending.title, pending.text) if pending else (idea.published_title, idea.published_text)
    context = {
        "idea": idea,
        "advice": advice_for(idea, named=request.user.has_perm(PERMISSION)),
        "pending": pending,
        "steps": _steps(idea, pending, request.user) if may_edit else [],
        "not_public": _why_not_public(idea, request.at) if idea.is_ready_to_publish else "",
        "waits_for_other": bool(pending and pending.checked_by_id == request.user.pk and idea.campaign.two_checks),
        "title_difference": difference(idea.title, shown[0]) if all(shown) else None,
        "text_difference": difference(f"{idea.problem}\n\n{idea.proposal}", shown[1]) if all(shown) else None,
        "photos": [_photo_row(photo, idea, request.user) for photo in photos_of(idea, request.user)],
        "form": (form or PublishedForm.for_idea(idea)) if may_edit else None,
    }
    title = _("Published text")
    return render(request, "admin/ideas/idea/publish.html", context, title=title, model=Idea, status=status)


def _steps(idea: Idea, pending: PendingText | None, user: User) -> list[tuple[str, str]]:
    """The buttons for the words that wait, as (step, label)."""
    if pending is None:
        return []
    if not idea.campaign.two_checks:
        return [("release", _("Release the text"))]
    if pending.checked_by_id is None:
        return [("check", _("First check: pass"))]
    return [] if pending.checked_by_id == user.pk else [("release", _("Final check: release the text"))]


def _photo_row(photo: Photo, idea: Idea, user: User) -> PhotoRow:
    may_release = Action.SHOW_PHOTO in possible_actions(photo.idea.status if photo.idea else "")
    row = row_of(
        photo,
        user,
        may_act=user.has_perm(PERMISSION),
        may_release=may_release,
        two_checks=idea.campaign.two_checks,
    )
    return replace(row, is_carried=photo.idea_id != idea.pk)


def _why_not_public(idea: Idea, at: datetime) -> str:
    """Why nobody outside reads a text that is written; "" where everybody does."""
    if access.shown_ideas(at).filter(pk=idea.pk).exists():
        return ""
    if idea.restricted:
        return _("Nobody outside reads it: the idea is restricted.")
    if idea.status not in VALID:
        return _("Nobody outside reads it: the idea is not accepted.")
    if access.is_held(idea):
        return _("Becomes public with the winners: while they are being chosen, no further idea is shown.")
    return _("Becomes public if the idea is among the winners: this campaign does not show its ideas before.")


def _show_cover(request: StaffRequest, idea: Idea, form: CoverForm, status: int = 200) -> HttpResponse:
    context = {"idea": idea, **cover_page(form)}
    title = _("Cover parts of a photo")
    return render(request, "admin/ideas/idea/cover.html", context, title=title, model=Idea, status=status)


@needs(PERMISSION)
def to_check(request: StaffRequest) -> HttpResponse:
    """What waits for a check: texts, and photos."""
    context = {"texts": texts_to_check(request.user), "photos": photos_to_check(request.user)}
    title = _("Texts and photos to be checked")
    return render(request, "admin/ideas/idea/to_check.html", context, title=title, model=PendingText)


IDEA = "admin:ideas_idea_change"
urls = [
    page("<int:pk>/publish/", publish, "ideas_idea_publish"),
    button("<int:pk>/published/", edit, "ideas_idea_published", row=IDEA),
    button("<int:pk>/publish/<str:step>/", check, "ideas_idea_check", row=IDEA),
    button("<int:pk>/photos/<uuid:key>/", press_photo, "ideas_idea_photo", row=IDEA),
    page("<int:pk>/photos/<uuid:key>/cover/", cover, "ideas_idea_cover"),
]
