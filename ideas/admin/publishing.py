"""The publishing page of an idea: original beside published text, its photos with their covers, and who checks them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.admin.buttons import ReadOnlyAdmin, as_shown, press
from ideas.admin.lists import row_key
from ideas.choices import Action
from ideas.forms.publishing import EDGES, CoverForm, PhotoForm, PublishedForm
from ideas.forms.screening import DecisionForm
from ideas.models import Idea, PendingText, Photo, User
from ideas.queries import access
from ideas.queries.advice import advice_for
from ideas.queries.publishing import photos_of, photos_to_check, texts_to_check
from ideas.requests import StaffRequest
from ideas.rules.wording import difference
from ideas.rules.workflow import VALID, possible_actions
from ideas.services import photos, publishing

PERMISSION = "ideas.edit_published"
SPARE_ROWS = 4  # empty rows of numbers for whoever covers a photo without script
PHOTO_DONE = {
    "check": gettext_lazy("The first check of the photo is done."),
    "on": gettext_lazy("The photo is released."),
    "off": gettext_lazy("Taken back."),
}


def urls(model_admin: Any) -> list[URLPattern]:
    """The addresses of these pages, for the admin of ideas."""
    view, posted = model_admin.admin_site.admin_view, model_admin.posted

    def page(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return partial(function, model_admin)

    return [
        path("<int:pk>/publish/", view(page(publish)), name="ideas_idea_publish"),
        path("<int:pk>/published/", view(posted(page(edit))), name="ideas_idea_published"),
        path("<int:pk>/publish/<str:step>/", view(posted(page(check))), name="ideas_idea_check"),
        path("<int:pk>/photos/<uuid:key>/", view(posted(page(press_photo))), name="ideas_idea_photo"),
        path("<int:pk>/photos/<uuid:key>/cover/", view(page(cover)), name="ideas_idea_cover"),
    ]


def publish(model_admin: Any, request: StaffRequest, pk: int) -> HttpResponse:
    return _show(model_admin, request, pk)


def edit(model_admin: Any, request: StaffRequest, pk: int) -> HttpResponse:
    """Save the published title and text."""
    idea = _editable(model_admin, request, pk)
    form = PublishedForm.for_idea(idea, request.POST)
    if not form.is_valid():
        return _show(model_admin, request, pk, form, status=422)

    def act() -> None:
        publishing.edit_published(idea=idea, editor=request.user, at=request.at, **form.words())

    waits = idea.campaign.two_checks
    done = _("Saved; it waits for its checks.") if waits else _("The published text is saved.")
    if not press(request, act, done, form):
        return _show(model_admin, request, pk, form, status=409)
    return redirect("admin:ideas_idea_publish", pk)


def check(model_admin: Any, request: StaffRequest, pk: int, step: str) -> HttpResponse:
    """The first or the final check of a text."""
    idea = _editable(model_admin, request, pk)
    steps: dict[str, Callable[..., None]] = {
        "check": partial(publishing.check_text, checker=request.user),
        "release": partial(publishing.release_text, releaser=request.user),
    }
    if step not in steps:
        raise Http404
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(model_admin, request, pk, status=422)
    done = _("The first check is done.") if step == "check" else _("The text is released.")
    if not press(
        request,
        partial(steps[step], idea=idea, at=request.at, expected_version=form.cleaned_data["expected_version"]),
        done,
    ):
        return _show(model_admin, request, pk, status=409)
    return redirect("admin:ideas_idea_publish", pk)


def press_photo(model_admin: Any, request: StaffRequest, pk: int, key: UUID) -> HttpResponse:
    """The first check of a photo, its release, or the end of its release."""
    _editable(model_admin, request, pk)
    photo = _photo(request, pk, key)
    form = PhotoForm(request.POST)
    if not form.is_valid():
        return _show(model_admin, request, pk, status=422)
    wish, seen = form.cleaned_data["shown"], form.cleaned_data["expected_version"]
    act: Callable[..., None] = partial(photos.release_photo, editor=request.user, shown=wish == "on")
    if wish == "check":
        act = partial(photos.check_photo, checker=request.user)
    if not press(request, partial(act, photo=photo, at=request.at, expected_version=seen), str(PHOTO_DONE[wish])):
        return _show(model_admin, request, pk, status=409)
    return redirect("admin:ideas_idea_publish", pk)


def cover(model_admin: Any, request: StaffRequest, pk: int, key: UUID) -> HttpResponse:
    """Cover faces and plates: by drawing with a pointer, or by numbers."""
    idea = _editable(model_admin, request, pk)
    photo = _photo(request, pk, key)
    if photo.is_slip or photo.copy_of_id:
        raise Http404
    if request.method != "POST":
        return _show_cover(model_admin, request, idea, CoverForm(photo=photo))
    form = CoverForm(request.POST, photo=photo)
    is_discarded = "discard" in request.POST
    seen_form = DecisionForm(request.POST) if is_discarded else form
    if not seen_form.is_valid():
        return _show_cover(model_admin, request, idea, form, status=422)
    covers, seen = [] if is_discarded else form.cleaned_data["covers"], seen_form.cleaned_data["expected_version"]

    def act() -> None:
        photos.cover_photo(photo=photo, covers=covers, editor=request.user, at=request.at, expected_version=seen)

    done = _("The covered copy is discarded.") if is_discarded else _("The covered copy is saved. Release it here.")
    if not press(request, act, done):
        return _show_cover(
            model_admin, request, idea, CoverForm(request.POST, photo=_photo(request, pk, key)), status=409
        )
    return redirect("admin:ideas_idea_publish", pk)


def _idea(model_admin: Any, request: HttpRequest, pk: int) -> Idea:
    rows = model_admin.get_queryset(request)
    return get_object_or_404(
        rows.select_related("campaign", "topic", "area", "resident", "pending_text__edited_by", "merged_into"), pk=pk
    )


def _editable(model_admin: Any, request: HttpRequest, pk: int) -> Idea:
    idea = _idea(model_admin, request, pk)
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    return idea


def _photo(request: HttpRequest, pk: int, key: UUID) -> Photo:
    """A photo of an idea or of one that was merged into it."""
    rows = access.visible_to(request.user, Photo.objects.select_related("idea__campaign"), "idea__restricted")
    return get_object_or_404(rows.filter(Q(idea=pk) | Q(idea__merged_into=pk)), key=key)


def _show(
    model_admin: Any, request: StaffRequest, pk: int, form: PublishedForm | None = None, status: int = 200
) -> HttpResponse:
    """The page as things are now; a form that was refused keeps what was typed."""
    idea = _idea(model_admin, request, pk)
    pending = getattr(idea, "pending_text", None)
    if form is not None:  # whoever looks at this page has seen what it shows
        as_shown(form, seen=idea.version)
    may_edit = request.user.has_perm(PERMISSION) and Action.EDIT_PUBLISHED in possible_actions(idea.status)
    shown = (pending.title, pending.text) if pending else (idea.published_title, idea.published_text)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Published text"),
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
    return TemplateResponse(request, "admin/ideas/idea/publish.html", context, status=status)


def _steps(idea: Idea, pending: PendingText | None, user: User) -> list[tuple[str, str]]:
    """The buttons for the words that wait, as (step, label)."""
    if pending is None:
        return []
    if not idea.campaign.two_checks:
        return [("release", _("Release the text"))]
    if pending.checked_by_id is None:
        return [("check", _("First check: pass"))]
    return [] if pending.checked_by_id == user.pk else [("release", _("Final check: release the text"))]


@dataclass(frozen=True)
class PhotoRow:
    """A photo on the page, with what it is, and its buttons as (wish, label)."""

    photo: Photo
    is_carried: bool
    state: str
    buttons: list[tuple[str, str]]
    may_cover: bool


def _photo_row(photo: Photo, idea: Idea, user: User) -> PhotoRow:
    state, buttons = _photo_state(photo, idea, user)
    is_sent = not photo.is_slip and photo.copy_of_id is None
    may_act = user.has_perm(PERMISSION)
    return PhotoRow(photo, photo.idea_id != idea.pk, state, buttons if may_act else [], is_sent and may_act)


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


def _photo_state(photo: Photo, idea: Idea, user: User) -> tuple[str, list[tuple[str, str]]]:
    """What the photo waits for, in words, and the buttons for it."""
    if photo.is_slip:
        return _("photo of the slip: never released"), []
    if photo.shown_at:
        return _("released"), [("off", _("Take back"))]
    if photo.copies.all():
        is_shown = any(copy.shown_at for copy in photo.copies.all())
        return _("private; its covered copy is released") if is_shown else _("private; its covered copy waits"), []
    if Action.SHOW_PHOTO not in possible_actions(photo.idea.status if photo.idea else ""):
        return _("private"), []
    if idea.campaign.two_checks:
        return _check_state(photo, user)
    return _("private"), [("on", _("Release"))]


def _check_state(photo: Photo, user: User) -> tuple[str, list[tuple[str, str]]]:
    """Which of the two checks comes next."""
    if photo.checked_by_id is None:
        return _("waits for the first check"), [("check", _("First check: pass"))]
    if photo.checked_by_id == user.pk:
        return _("first check by you; somebody else does the final one"), []
    return _("waits for the final check"), [("on", _("Final check: release"))]


def _show_cover(
    model_admin: Any, request: StaffRequest, idea: Idea, form: CoverForm, status: int = 200
) -> HttpResponse:
    rows = form.rows()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Cover parts of a photo"),
        "idea": idea,
        "photo": form.photo,
        "form": form,
        "seen": form.photo.idea.version if form.photo.idea else 0,
        "rows": [*rows, *(dict.fromkeys(EDGES, "") for _spare in range(SPARE_ROWS))],
        "has_copy": form.photo.copies.exists(),
    }
    return TemplateResponse(request, "admin/ideas/idea/cover.html", context, status=status)


@admin.register(PendingText)
class PendingTextAdmin(ReadOnlyAdmin):
    """A list only: what waits for a check. Each row leads to the publishing page of its idea."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Texts and photos to be checked"),
            "texts": texts_to_check(request.user),
            "photos": photos_to_check(request.user),
        }
        return TemplateResponse(request, "admin/ideas/idea/to_check.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        rows = PendingText.objects.filter(idea__in=access.screened_ideas(request.user))
        return redirect("admin:ideas_idea_publish", get_object_or_404(rows, pk=row_key(object_id)).idea_id)
