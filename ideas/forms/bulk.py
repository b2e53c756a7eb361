"""What is asked for once when many ideas are decided alike."""

from django import forms
from django.utils.translation import gettext_lazy

from ideas.choices import Channel, DeclineReason
from ideas.forms.fields import TextField
from ideas.forms.kept import KeptWords
from ideas.models import Area, Topic, Unit


class AcceptMany(forms.Form):
    """Nothing is asked for; the page is there so that nobody accepts many by a slip of the hand."""


class ReturnMany(KeptWords):
    kept = ("question",)
    question = TextField(
        label=gettext_lazy("Question to the residents"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeclineMany(KeptWords):
    declined_as = forms.ChoiceField(
        label=gettext_lazy("Why they are not valid"), choices=[("", "—"), *DeclineReason.choices]
    )
    reason = TextField(
        label=gettext_lazy("Reason told to the residents"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class TransferMany(KeptWords):
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=[("", "—"), *Channel.choices])
    reason = TextField(
        label=gettext_lazy("What the residents are told"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class SortMany(forms.Form):
    """What is left empty stays as it is with each idea."""

    topic = forms.ModelChoiceField(Topic.objects.none(), label=gettext_lazy("Topic"), required=False)
    area = forms.ModelChoiceField(Area.objects.all(), label=gettext_lazy("Community"), required=False)
    unit = forms.ModelChoiceField(Unit.objects.all(), label=gettext_lazy("Responsible unit"), required=False)
