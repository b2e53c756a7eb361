"""Photos that a unit, or the office on site, adds to a referral: of which place, before or after."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import PhotoStage, ReferralState
from ideas.forms.photos import PhotosField, photos_hint
from ideas.models import Referral, ReferralIdea

# A photo at a milestone comes with the report that it is done (forms.milestones).
STAGES = [(stage.value, stage.label) for stage in (PhotoStage.BEFORE, PhotoStage.AFTER)]


class PlacePhotosForm(forms.Form):
    """Stands in the form of an answer where there is one: its fields are named otherwise, and need not be filled in."""

    template_name = "plain/uni_form.html"
    place = forms.ChoiceField(label=_("Which idea they are about"), widget=forms.RadioSelect)
    stage = forms.ChoiceField(label=_("What they show"), choices=STAGES, widget=forms.RadioSelect)
    photos = PhotosField(label=_("Photos"), required=False)

    def __init__(
        self, *args: Any, referral: Referral, places: Sequence[tuple[ReferralIdea, str]], **kwargs: Any
    ) -> None:
        """`places` are those of the referral with the titles that the page shows."""
        is_answered = referral.state in (ReferralState.PLANNED, ReferralState.DONE)
        stage = PhotoStage.AFTER if is_answered else PhotoStage.BEFORE
        kwargs.setdefault("auto_id", "photos_%s")
        super().__init__(*args, **{"initial": {"stage": stage, "place": places[0][0].pk}, **kwargs})
        self.places = {str(place.pk): place for place, _title in places}
        self.fields["place"].choices = [(place.pk, title) for place, title in places]  # type: ignore[attr-defined]
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
        self.fields["photos"].help_text = photos_hint()
        for field in self.fields.values():
            field.one_of_two = True  # type: ignore[attr-defined]  # neither required by itself nor "optional"

    def chosen(self) -> tuple[ReferralIdea, PhotoStage]:
        return self.places[self.cleaned_data["place"]], PhotoStage(self.cleaned_data["stage"])
