"""Looking an own idea up, and one small form per act on it. `seen` is how many events the page showed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.choices import UNKNOWN_AREA, Naming
from ideas.forms.fields import LineField, PhoneField, TextField, WideEmailField
from ideas.forms.ideas import IdeaForm
from ideas.forms.versions import VersionForm
from ideas.models import Idea, Resident
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.rules.characters import nfkc
from ideas.rules.visible import says_little

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WORDS = ("title", "topic", "problem", "proposal", "area", "place")
NAMING = ("naming", "name", "net_name", "publish_consent")


def short_field(
    label: "StrOrPromise", help_text: "StrOrPromise", missing: "StrOrPromise", *, longest: int = 40
) -> LineField:
    """One line to be copied from somewhere: no browser shall complete or correct it."""
    return LineField(
        label=label,
        max_length=longest,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": missing},
    )


def receipt_field() -> LineField:
    return short_field(
        _("Receipt number"),
        _("For example JM22-7K3M9Q2T. Capital or small letters, with or without the hyphen."),
        _("Write the receipt number."),
    )


class TrackForm(forms.Form):
    template_name = "plain/uni_form.html"

    receipt = receipt_field()
    code = short_field(
        _("Query code"),
        _("The eight characters that you were shown after sending."),
        _("Write the query code."),
    )


class LostForm(forms.Form):
    """The number, and the contact that was given; cleaned, `contact` is {"phone", "email"}, one of them ""."""

    template_name = "plain/uni_form.html"

    receipt = receipt_field()
    contact = short_field(
        _("Telephone or e-mail"),
        _("The one that you gave when you sent the idea. The new code goes there and nowhere else."),
        _("Write the telephone number or the e-mail address that you gave."),
        longest=120,
    )

    def clean_contact(self) -> dict[str, str]:
        typed = self.cleaned_data["contact"]
        if "@" not in nfkc(typed):
            return {"phone": PhoneField().clean(typed), "email": ""}
        try:
            return {"phone": "", "email": WideEmailField().clean(typed)}
        except ValidationError as error:
            message = _("This is not an e-mail address. Write it like name@example.com.")
            raise ValidationError(message, code="invalid") from error


class ActForm(VersionForm):
    """Carries nothing but what the resident saw: enough to confirm an act; the base of the others."""

    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, idea: Idea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idea = idea

    def given(self) -> dict[str, Any]:
        """What the service takes from the form."""
        return dict(self.cleaned_data)

    @property
    def warning(self) -> str:
        """What to think of after it is done."""
        return ""


class AmendForm(ActForm):
    """The text of the idea, checked as the form checks it in which it was first written."""

    def __init__(self, *args: Any, idea: Idea, **kwargs: Any) -> None:
        initial = {**words_of(idea), **(kwargs.pop("initial", None) or {})}
        super().__init__(*args, idea=idea, initial=initial, **kwargs)
        fields = IdeaForm(campaign=idea.campaign).fields
        self.fields.update({name: fields[name] for name in WORDS})

    def given(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return {"words": {name: data.pop(name) for name in WORDS}, **data}

    @property
    def warning(self) -> str:
        if not says_little(self.cleaned_data["title"]):
            return ""
        return gettext("Your title is a single letter or sign. Will others understand from it what should be done?")


class AnswerForm(AmendForm):
    """An answer in words, a changed text, or both."""

    answer = TextField(
        label=_("Your answer"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("You can also change the text of your idea below instead, or as well."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].widget.attrs.pop("maxlength", None)
        self.fields["answer"].one_of_two = True  # type: ignore[attr-defined]  # this or a changed text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data["answer"] and {name: data[name] for name in WORDS} == words_of(self.idea):
            self.add_error("answer", _("Write an answer, or change the text of your idea."))
        return data

    @property
    def is_text_open(self) -> bool:
        """Whether the text is to be shown unfolded: it was changed, or something in it must be mended."""
        return self.is_bound and bool(set(WORDS) & {*self.changed_data, *self.errors})


class ReplyForm(ActForm):
    """What a unit wanted to know."""

    answer = TextField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The unit reads it without your name and your contact."),
        error_messages={"required": _("Write an answer.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].widget.attrs.pop("maxlength", None)


class ReviewForm(ActForm):
    reasons = TextField(
        label=_("Why should the decision be looked at again?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What was overlooked or misunderstood. You can ask once."),
        error_messages={"required": _("Write why the decision should be looked at again.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].widget.attrs.pop("maxlength", None)


class NamingForm(ActForm):
    """How to be named, with the same questions as in the form in which the idea was written."""

    def __init__(self, *args: Any, idea: Idea, **kwargs: Any) -> None:
        resident = Resident.objects.filter(idea=idea).first()
        initial = {**(naming_of(resident) if resident else {}), **(kwargs.pop("initial", None) or {})}
        super().__init__(*args, idea=idea, initial=initial, **kwargs)
        fields = IdeaForm(campaign=idea.campaign).fields
        self.fields.update({name: fields[name] for name in NAMING})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("naming") == Naming.REAL and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("To be named by your real name, write it here."))
        if data.get("naming") == Naming.NET_NAME and not data.get("net_name") and "net_name" not in self.errors:
            self.add_error("net_name", _("Write the net name to be used."))
        return data

    def given(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return {"may_publish": data.pop("publish_consent"), **data}

    @property
    def warning(self) -> str:
        data = self.cleaned_data
        if data["naming"] == Naming.ANONYMOUS or data["publish_consent"]:
            return ""
        return gettext(
            "You chose to be named, but did not agree to the publication of the name: as it stands, your idea would be "
            "published without one."
        )


def words_of(idea: Idea) -> dict[str, str]:
    """The wording of an idea as the form's fields have it."""
    texts = {name: getattr(idea, name) for name in ORIGINAL_TEXTS}
    return {**texts, "topic": idea.topic.slug, "area": idea.area.code if idea.area else UNKNOWN_AREA}


def naming_of(resident: Resident) -> dict[str, Any]:
    contact = resident.contact
    return {
        "naming": resident.naming,
        "name": contact.get("name", ""),
        "net_name": contact.get("net_name", ""),
        "publish_consent": resident.publish_consented_at is not None,
    }
