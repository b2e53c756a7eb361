"""The manager's acts on the panel's desks, a small form for each."""

import functools
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ideas.choices import Role
from ideas.errors import Refusal
from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm
from ideas.models import Assignment, Campaign, Conflict, Idea, Panellist, Unit, User
from ideas.queries.access import people_who_see_names
from ideas.queries.doubts import Group
from ideas.rules.receipts import read_receipt
from ideas.services.panel import require_may_sit

LISTED = 20  # doubtful marks of one panellist at once


def _reason(help_text: Any = "", *, required: bool = True) -> TextField:
    return TextField(
        label=_("Reason"),
        required=required,
        max_length=300,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why; the office keeps it with the record.")},
    )


def _panellist() -> forms.ModelChoiceField:
    missing = {"required": _("Choose a panellist.")}
    return forms.ModelChoiceField(Panellist.objects.none(), label=_("Panellist"), error_messages=missing)


def could_sit() -> QuerySet[User]:
    """Panellists by role who may sit on a panel."""
    return _could_sit().all()


@functools.cache  # the question, not its answer: a hundred rows of a panel ask it
def _could_sit() -> QuerySet[User]:
    people = User.objects.filter(groups__name=Role.PANELLIST.value, is_active=True)
    return people.exclude(pk__in=people_who_see_names()).order_by("name", "pk")


class ReceiptsField(LineField):
    """Receipt numbers as people separate them; the ideas are looked up by the form, which knows the campaign."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, help_text=_("Several are separated by spaces."), **kwargs)


class ActForm(VersionForm):
    """An act on the panel that the page showed (queries.panel.panel_version)."""

    template_name = "plain/uni_form.html"
    use_required_attribute = False
    carried = "shown"
    shown = LineField(max_length=2000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        members = self.fields.get("panellist")
        if members:
            active = campaign.panellists.filter(is_active=True).select_related("user").order_by("id")
            members.queryset = active  # type: ignore[attr-defined]

    def clean_receipts(self) -> list[Idea]:
        for mark in ",，、;；":
            self.cleaned_data["receipts"] = self.cleaned_data["receipts"].replace(mark, " ")
        words = self.cleaned_data["receipts"].split()
        there = {
            idea.receipt: idea
            for idea in self.campaign.ideas.unrestricted().filter(receipt__in=map(read_receipt, words))
        }
        unknown = [word for word in words if read_receipt(word) not in there]
        if unknown:
            raise forms.ValidationError(
                _("There is no idea with this receipt number in this campaign: %(words)s")
                % {"words": " ".join(unknown)}
            )
        return list(there.values())


class AssignForm(KeptWords, ActForm):
    reason = _reason(_("Needed while ideas are undecided."), required=False)


class SecondForm(KeptWords, ActForm):
    receipts = ReceiptsField(label=_("Receipt numbers"), required=False)
    reason = _reason(_("Needed while ideas are undecided or reviews of the first round are missing."), required=False)


class RemindForm(ActForm):
    pass


class ReplaceForm(KeptWords, ActForm):
    panellist = _panellist()
    successor = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Successor"),
        required=False,
        help_text=_("Gets the ideas that are not rated yet. Without one, colleagues share them."),
    )
    reason = _reason()

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, campaign=campaign, **kwargs)
        sitting = campaign.panellists.filter(is_active=True).values("user")
        self.fields["successor"].queryset = could_sit().exclude(pk__in=sitting)  # type: ignore[attr-defined]


class AssignmentForm(KeptWords, ActForm):
    panellist = _panellist()
    receipts = ReceiptsField(label=_("Receipt numbers"), error_messages={"required": _("Name at least one idea.")})
    reason = _reason()


class ConflictForm(KeptWords, ActForm):
    panellist = _panellist()
    unit = forms.ModelChoiceField(Unit.objects.all(), label=_("Responsible unit"), required=False)
    receipts = ReceiptsField(label=_("Receipt numbers"), required=False)
    reason = _reason()

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not given.get("unit") and not given.get("receipts") and "receipts" not in self.errors:
            self.add_error("receipts", _("Name an idea or a unit."))
        return given


class DoubtForm(KeptWords):
    """Marks of one panellist that stand in doubt for the same grounds: which of them, and why.

    Of very many the undecided ones come first, so many at once as somebody reads (`listed`), and one box is for all.
    """

    template_name = "plain/uni_form.html"
    use_required_attribute = False
    ratings = forms.TypedMultipleChoiceField(
        label=_("Marks for"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    whole = forms.BooleanField(label=_("All marks of this group, also those not listed"), required=False)
    reason = _reason()
    shown = LineField(max_length=100_000, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, group: Group) -> None:
        self.group = group
        self.listed = sorted(group.doubts, key=lambda doubt: not doubt.is_open)[:LISTED]
        initial = {"ratings": [doubt.rating.pk for doubt in self.listed], "shown": group.version}
        super().__init__(data, auto_id=f"doubt-{group.key}-%s", initial=initial)
        field: Any = self.fields["ratings"]
        names = {doubt.rating.pk: doubt.rating.assignment.idea.receipt for doubt in group.doubts}
        field.choices = list(names.items())  # what was listed when the page was made may not be listed now
        field.widget.choices = [(doubt.rating.pk, names[doubt.rating.pk]) for doubt in self.listed]
        if not self.unlisted:
            del self.fields["whole"]

    @property
    def unlisted(self) -> int:
        return len(self.group.doubts) - len(self.listed)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("whole"):
            given["ratings"] = [doubt.rating.pk for doubt in self.group.doubts]
        if not given.get("ratings") and "ratings" not in self.errors:
            self.add_error("ratings", _("Choose at least one idea."))
        return given

    def clean_shown(self) -> dict[int, str]:
        """When each mark had been decided last, as the page showed it."""
        pairs = (part.partition("=") for part in self.cleaned_data["shown"].split(","))
        return {int(key): when for key, _equals, when in pairs if key.isdecimal()}


class PanellistForm(forms.ModelForm):
    """A row of the panel. Whose it is stays fixed once anything hangs on it; replacing is an act of its own."""

    class Meta:
        model = Panellist
        fields = ("campaign", "user", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_fixed = has_history(self.instance)
        for name in ("campaign", "user"):
            if name in self.fields:
                self.fields[name].disabled = self.is_fixed
        if "user" in self.fields:
            people = Q(pk=self.instance.user_id)
            if not self.is_fixed:
                people |= Q(pk__in=could_sit())
            self.fields["user"].queryset = User.objects.filter(people)  # type: ignore[attr-defined]
            if self.is_fixed:
                self.fields["user"].help_text = _("To put somebody else here, replace the panellist on the panel desk.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("user") and given.get("is_active") and {"user", "is_active"} & set(self.changed_data):
            try:
                require_may_sit(given["user"])
            except Refusal as refusal:
                self.add_error("user", str(refusal.message))
        return given


def with_history(members: QuerySet[Panellist]) -> QuerySet[Panellist]:
    """The same panellists with their users, each knowing what has_history() asks: for many at once."""
    seats, conflicts = (Exists(rows.objects.filter(panellist=OuterRef("pk"))) for rows in (Assignment, Conflict))
    return members.select_related("user").annotate(history=seats | conflicts)


def has_history(panellist: Panellist) -> bool:
    """Whether assignments (with marks and recusals) or declared conflicts would go to somebody else with this row."""
    if panellist.pk is None:
        return False
    known = getattr(panellist, "history", None)
    return known if known is not None else panellist.assignments.exists() or panellist.conflicts.exists()


class PanelFormSet(forms.BaseInlineFormSet):
    """The panel on the campaign's page: no row that anything hangs on can be deleted.

    A row names its own person only, since a panel of a hundred would offer everybody a hundred times; the panellist's
    own page offers all who could sit.
    """

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if forms.formsets.DELETION_FIELD_NAME in form.fields and form.is_fixed:
            form.fields[forms.formsets.DELETION_FIELD_NAME].disabled = True
        if "user" in form.fields and form.instance.pk:
            form.fields["user"].widget = forms.Select(choices=[(form.instance.user_id, str(form.instance.user))])
