"""What unit and office write about the milestones of a referral."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import DayField, LineField, TextField
from ideas.forms.photos import PhotosField, photos_hint
from ideas.forms.referrals import ReferralForm
from ideas.models import Milestone, ReferralIdea


class PlanForm(ReferralForm):
    """One milestone more."""

    kept = ("words",)
    day = DayField(label=_("Planned for"))
    words = LineField(
        label=_("What will be done by then"),
        max_length=100,
        help_text=_("Read by everybody once the office releases it."),
    )


class OneMilestoneForm(ReferralForm):
    """Which of those that the act is for."""

    milestone = forms.ChoiceField(label=_("Milestone"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, milestones: Sequence[Milestone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["milestone"].choices = [(row.pk, str(row)) for row in milestones]  # type: ignore[attr-defined]
        self.fields["milestone"].error_messages["required"] = _("Choose a milestone.")


class ReportForm(OneMilestoneForm):
    """It is done: when, what, with photos of one of the places."""

    kept = ("words",)
    day = DayField(label=_("Done on"))
    words = TextField(
        label=_("What was done"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Read by everybody once the office releases it."),
    )
    place = forms.ChoiceField(label=_("Which idea the photos are about"), widget=forms.RadioSelect)
    photos = PhotosField(label=_("Photos"), required=False)

    def __init__(self, *args: Any, places: Sequence[tuple[ReferralIdea, str]], **kwargs: Any) -> None:
        """`places` are those of the referral with the titles that the page shows."""
        super().__init__(*args, **kwargs)
        self.places = {str(place.pk): place for place, _title in places}
        self.fields["place"].choices = [(place.pk, title) for place, title in places]  # type: ignore[attr-defined]
        self.fields["place"].initial = places[0][0].pk
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
        self.fields["photos"].help_text = photos_hint()


class TakeBackForm(OneMilestoneForm):
    kept = ("words",)
    words = TextField(label=_("Why it is taken back"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
