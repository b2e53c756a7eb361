"""Giving a unit a contact: of which idea, what for, until when."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.contacts import ContactForm
from ideas.forms.fields import DayField
from ideas.forms.versions import VersionForm
from ideas.models import Idea
from ideas.rules.referrals import LONGEST_RELEASE


class IdeaField(forms.ModelChoiceField):
    """An idea of a referral by number and title."""

    def label_from_instance(self, idea: Idea) -> str:
        return f"{idea.receipt} {idea.title}"


class ReleaseContactForm(ContactForm, VersionForm):
    field_order = ("idea", "purpose", "words", "until", "agreed")
    seen = forms.IntegerField(widget=forms.HiddenInput)
    idea = IdeaField(Idea.objects.none(), label=_("Of which idea"), empty_label=None)
    until = DayField(label=_("Until"))
    agreed = forms.BooleanField(label=_("I have asked the resident, who agrees"), required=False)

    def __init__(self, *args: Any, ideas: Mapping[int, str], to_ask: Collection[str] = (), **kwargs: Any) -> None:
        """`to_ask` are the receipts of those whose consent names no units."""
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["idea"]
        chosen.queryset = Idea.objects.unrestricted().filter(pk__in=ideas)
        days = _("At most %(days)s days; it ends by itself, also when the referral is closed or given to another unit.")
        self.fields["until"].help_text = days % {"days": LONGEST_RELEASE.days}
        if to_ask:
            needed = _("Needed for %(receipts)s: the privacy notice of that time did not name units.")
            self.fields["agreed"].help_text = needed % {"receipts": " ".join(to_ask)}
        else:
            del self.fields["agreed"]
