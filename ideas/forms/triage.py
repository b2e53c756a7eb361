"""What a moderator presses in the triage desk: one form for every button, read by the act that it names."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Channel, DeclineReason, ReplyKind
from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords, still_asked
from ideas.forms.versions import VersionForm
from ideas.models import Area, Campaign, Idea, Reply, Topic, Unit
from ideas.models.ideas import IdeaQuerySet
from ideas.rules.receipts import read_receipt

SKIP = "skip"
_ACTIONS = (
    Action.ACCEPT,
    Action.RETURN,
    Action.DECLINE,
    Action.MERGE,
    Action.TRANSFER,
    Action.CLASSIFY,
    Action.NOTE,
    Action.UNDO,
)
ACTS = [*((action.value, action.label) for action in _ACTIONS), (SKIP, _("skip"))]


class TriageForm(VersionForm):
    """`given` holds, after validation, what the act's service takes besides idea, moderator, moment and version.

    A ready reply brings its words, its reason and its channel; words that were written beside it go first.
    """

    idea = forms.ModelChoiceField(
        Idea.objects.none(), error_messages={"invalid_choice": _("This idea is not open to you any more.")}
    )
    seen = forms.IntegerField()
    act = forms.ChoiceField(choices=ACTS)
    reply = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    words = TextField(max_length=500, required=False)
    sure = LineField(required=False)  # what of the words looks private and is meant
    declined_as = forms.ChoiceField(choices=[("", "—"), *DeclineReason.choices], required=False)
    channel = forms.ChoiceField(choices=[("", "—"), *Channel.choices], required=False)
    leader = LineField(max_length=40, required=False)  # an idea alike whose button was pressed
    into = LineField(max_length=40, required=False)
    topic = forms.ModelChoiceField(Topic.objects.none(), required=False)
    area = forms.ModelChoiceField(Area.objects.all(), required=False)
    unit = forms.ModelChoiceField(Unit.objects.all(), required=False)

    def __init__(self, data: Any, *, campaign: Campaign, ideas: IdeaQuerySet, replies: Iterable[Reply]) -> None:
        """`ideas` are those that the moderator may see, `replies` those of the campaign."""
        super().__init__(data)
        self.ideas, self.given = ideas, dict[str, Any]()
        self.fields["idea"].queryset = ideas.filter(campaign=campaign).select_related(  # type: ignore[attr-defined]
            "campaign", "resident", "topic", "area", "unit"
        )
        self.replies = {reply.pk: reply for reply in replies}
        self.fields["reply"].choices = [(key, key) for key in self.replies]  # type: ignore[attr-defined]
        self.fields["topic"].queryset = campaign.topics.all()  # type: ignore[attr-defined]

    private = ""  # found in the words, not ticked

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["reply"] = self.replies.get(data.get("reply") or 0)
        if told := still_asked([data.get("words", "")], data.get("sure", "")):
            self.private = told
            self.add_error("words", KeptWords.question % {"found": told})
        reader = getattr(self, f"_read_{data.get('act')}", None)
        if reader and not self.errors:
            self.given = reader(data)
        return data

    def _words(self, data: dict[str, Any], kind: ReplyKind, missing: str) -> str:
        reply: Reply | None = data["reply"]
        if reply and reply.kind != kind:
            raise forms.ValidationError(gettext("This reply belongs to another decision."))
        language = getattr(getattr(data["idea"], "resident", None), "language", "zh-hans")
        words = data["words"] or (reply.words_in(language) if reply else "")
        if not words:
            self.add_error("words", missing)
        return words

    def _read_return(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "question": self._words(
                data, ReplyKind.RETURN, gettext("Write the question that the resident is to answer.")
            )
        }

    def _read_decline(self, data: dict[str, Any]) -> dict[str, Any]:
        reply = data["reply"]
        reason = data["declined_as"] or (reply.declined_as if reply else "")
        if not reason:
            self.add_error("declined_as", gettext("Choose why the idea is not valid."))
        words = self._words(data, ReplyKind.DECLINE, gettext("Write the reason that the resident is told."))
        return {"declined_as": reason, "reason": words}

    def _read_transfer(self, data: dict[str, Any]) -> dict[str, Any]:
        reply = data["reply"]
        channel = data["channel"] or (reply.channel if reply else "")
        if not channel:
            self.add_error("channel", gettext("Choose the channel."))
        return {
            "channel": channel,
            "reason": self._words(data, ReplyKind.TRANSFER, gettext("Write what the resident is told.")),
        }

    def _read_merge(self, data: dict[str, Any]) -> dict[str, Any]:
        receipt = read_receipt(data["leader"] or data["into"])
        leader = self.ideas.filter(receipt=receipt).first() if receipt else None
        if leader is None:
            self.add_error("into", gettext("There is no idea with this receipt number."))
        return {"into": leader}

    def _read_sort(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["topic"] is None:
            self.add_error("topic", gettext("Choose a topic."))
        return {"topic": data["topic"], "area": data["area"], "unit": data["unit"]}

    def _read_note(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data["words"]:
            self.add_error("words", gettext("Write the note."))
        return {"note": data["words"]}


def replies_for(campaign: Campaign) -> Any:
    """The campaign's own ready replies and those for all campaigns, in their order."""
    return Reply.objects.filter(campaign=campaign) | Reply.objects.filter(campaign=None)
