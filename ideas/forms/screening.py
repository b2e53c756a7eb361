"""One small form per decision of a moderator. `seen` is the event count that the page showed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import Caller, Channel, DeclineReason
from ideas.forms.fields import LineField, MomentField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm
from ideas.models import Idea
from ideas.rules.receipts import read_receipt


class DecisionForm(VersionForm):
    """Carries nothing but what the moderator saw; the base of the others."""

    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)


class ReturnForm(KeptWords, DecisionForm):
    kept = ("question",)
    question = TextField(
        label=_("Question to the resident"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sent as you write it."),
    )


class AnswerForm(KeptWords, DecisionForm):
    kept = ("answer",)
    answer = TextField(
        label=_("What the resident answered"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("By telephone for example. No names and numbers, please: the audit trail keeps it for good."),
    )


class DeclineForm(KeptWords, DecisionForm):
    declined_as = forms.ChoiceField(label=_("Why it is not valid"), choices=[("", "—"), *DeclineReason.choices])
    reason = TextField(
        label=_("Reason told to the resident"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Required. Sent as you write it."),
    )


class MergeForm(DecisionForm):
    into = LineField(
        label=_("Receipt number of the earlier idea"),
        max_length=40,
        help_text=_("The first submitter leads; this one's becomes a co-proposer."),
    )

    def clean_into(self) -> Idea:
        receipt = read_receipt(self.cleaned_data["into"])
        idea = Idea.objects.unrestricted().filter(receipt=receipt).first() if receipt else None
        if idea is None:
            raise forms.ValidationError(_("There is no idea with this receipt number."))
        return idea


class WithdrawForm(KeptWords, DecisionForm):
    caller = forms.ChoiceField(label=_("Who asked for it"), choices=[("", "—"), *Caller.choices])
    called_at = MomentField(
        label=_("When"),
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date"}, time_attrs={"type": "time"}, date_format="%Y-%m-%d", time_format="%H:%M"
        ),
        help_text=_("Make sure that it is the resident: compare the telephone number and the receipt number."),
    )
    reason = TextField(
        label=_("Why it is withdrawn"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("No names and numbers, please: the audit trail keeps it for good."),
    )


class TransferForm(KeptWords, DecisionForm):
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", "—"), *Channel.choices])
    reason = TextField(
        label=_("What the resident is told"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
