"""Announcing a campaign, and changing an announced one: what cannot work is refused, a change is previewed first."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.forms.campaigns import CampaignForm
from ideas.models import Campaign
from ideas.queries.campaigns import Changes, Facts, changes_between, facts_of, under_way
from ideas.requests import StaffRequest
from ideas.rules.visible import is_visible
from ideas.services.campaigns import note_change, vouch_campaign, why_not_announced

MOST_SHOWN = 60  # characters of a text before and after, in the preview


@dataclass
class _Before:
    """The campaign as it stood: whether it was announced, what it was made of, and the faults that it had."""

    was_announced: bool
    facts: Facts
    faults: list[str]


class _NotYet(Exception):
    """Everything was saved to see what it comes to, and is rolled back: these sentences must be read first."""

    def __init__(self, words: list[str], preview: str = "") -> None:
        super().__init__(words)
        self.words, self.preview = words, preview


class Announcing:
    """For the campaign's ModelAdmin. The form is saved, looked at, and undone if something speaks against it."""

    form: Any = CampaignForm

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        except _NotYet as not_yet:
            request.not_yet = not_yet
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        if not_yet := getattr(request, "not_yet", None):
            form.refused, form.preview = not_yet.words, not_yet.preview
        return form

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """The reason stands last, where the button is, once the campaign is announced."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or not _is_announced(obj, request) or not self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return fieldsets
        return (*fieldsets, (_("Change while under way"), {"fields": ("reason",)}))

    def save_model(self, request: Any, obj: Campaign, form: Any, change: bool) -> None:
        stood = Campaign.objects.filter(pk=obj.pk).first() if change else None
        request.before = (
            _Before(_is_announced(stood, request), facts_of(stood), why_not_announced(stood)) if stood else None
        )
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """With the portal's word for it: the row and its parts are written here, and nowhere else in the admin."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        campaign: Campaign = Campaign.objects.get(pk=form.instance.pk)
        faults, before = why_not_announced(campaign), request.before
        if before and before.was_announced:
            _change(request, campaign, before, faults, form.cleaned_data)
        elif campaign.announced_at and faults:
            campaign.announced_at = form.instance.announced_at = None
            campaign.save(update_fields=["announced_at"])
            for words in [gettext("Saved, but not announced:"), *faults]:
                self.message_user(request, words, level="warning")  # type: ignore[attr-defined]
        vouch_campaign(campaign=campaign)


def _is_announced(campaign: Campaign, request: StaffRequest) -> bool:
    return campaign.is_announced(request.at)


def _change(request: Any, campaign: Campaign, before: _Before, faults: list[str], given: dict[str, Any]) -> None:
    """A change under way: nothing that cannot work is added, it was previewed, and it is noted with its reason."""
    changes = changes_between(before.facts, facts_of(campaign))
    if not changes:
        return
    if new := [words for words in faults if words not in before.faults]:
        raise _NotYet(new)
    reason, digest = given.get("reason", ""), salted_hmac("ideas.preview", repr(changes)).hexdigest()
    if given.get("previewed") != digest or not is_visible(reason):
        raise _NotYet(_preview(campaign, changes, request), digest)
    note_change(campaign=campaign, manager=request.user, at=request.at, reason=reason, changes=changes)


def _preview(campaign: Campaign, changes: Changes, request: StaffRequest) -> list[str]:
    """What is going on, and each change, in words."""
    going_on = under_way(campaign, request.at)
    lines = [
        gettext("The campaign is announced. Read what changes, say why below, and save again."),
        gettext(
            "%(received)s ideas have come in, %(waiting)s wait for a decision or an answer, %(drafts)s forms are being "
            "filled in, %(ratings)s ratings are given."
        )
        % vars(going_on),
    ]
    if "announced_at" in changes and not _is_announced(campaign, request):
        lines.append(gettext("Nobody outside the office will see the campaign any more."))
    return [*lines, *told(changes)]


def told(changes: Changes) -> list[str]:
    """Each change with its values before and after."""
    words = gettext("%(field)s: from “%(before)s” to “%(after)s”")
    found = {name: (_field(name), pair) for name, pair in changes.items()}
    return [
        words % {"field": _label(name), "before": _value(field, pair[0]), "after": _value(field, pair[1])}
        for name, (field, pair) in found.items()
    ]


def _field(name: str) -> Any:
    relation, _dot, field = name.rpartition(".")
    model: Any = Campaign._meta.get_field(relation.partition(".")[0]).related_model if relation else Campaign
    return model._meta.get_field(field)


def _label(name: str) -> str:
    """A field as the form names it; a row of a part by its number."""
    relation, field = name.rpartition(".")[0], _field(name)
    if not relation:
        return str(field.verbose_name)
    return f"{field.model._meta.verbose_name} {relation.partition('.')[2]}, {field.verbose_name}"


def _value(field: Any, text: str) -> str:
    """A value as the form shows it: facts hold the codes of choices and switches."""
    switches = {"True": gettext("Yes"), "False": gettext("No")} if isinstance(field, BooleanField) else {}
    return _short(str({**switches, **{str(key): words for key, words in field.flatchoices}}.get(text, text)))


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
