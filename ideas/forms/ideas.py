"""The resident's form. Its field names are part of the portal's interface (DESIGN)."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.cache import cache
from django.utils.choices import flatten_choices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import UNKNOWN_AREA, Naming
from ideas.forms.fields import LineField, PhoneField, TextField, WideEmailField
from ideas.forms.photos import PhotosField, photos_hint
from ideas.models import Area, Campaign
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.rules.privacy import takes_sms
from ideas.rules.telephones import show_phone

CHOSEN = ("topic", "area")  # from lists that the office may change
NOT_KEPT = ("form_key", "photos")  # the draft's own key, and what is kept beside it


class IdeaForm(forms.Form):
    """What a resident is asked. `answers()` gives what is kept of it."""

    template_name = "plain/uni_form.html"

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    title = LineField(
        label=_("Title of your idea"),
        max_length=60,
        help_text=_(
            "One sentence: what should be done, and where. For example: a street lamp at the school's side gate."
        ),
        error_messages={"required": _("Give your idea a title.")},
    )
    topic = forms.ChoiceField(
        label=_("Topic"),
        widget=forms.RadioSelect,
        help_text=_("Choose the nearest one; we sort it if need be."),
        error_messages={
            "required": _("Choose a topic."),
            "invalid_choice": _("What you chose is not offered any more. Choose another topic."),
        },
    )
    problem = TextField(
        label=_("What is the problem?"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What happens, when, and to whom. Some 50 to 300 characters are usually enough."),
        error_messages={"required": _("Describe the problem.")},
    )
    proposal = TextField(
        label=_("What do you propose?"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One matter per idea. Please name nobody and give no number plates."),
        error_messages={"required": _("Describe what you propose.")},
    )
    area = forms.ChoiceField(
        label=_("Community where the problem is"),
        help_text=_("So that the right unit gets it. It need not be where you live."),
        error_messages={
            "required": _("Choose a community, or “several or unknown”."),
            "invalid_choice": _("What you chose is not offered any more. Choose another community."),
        },
    )
    place = LineField(
        label=_("Place, in your words"),
        required=False,
        max_length=100,
        help_text=_("A landmark, bus stop, gate or lamp-post number."),
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
    )
    phone = PhoneField(
        label=_("Telephone"),
        required=False,
        max_length=60,
        help_text=_(
            "Telephone or e-mail, one is enough. So that we can ask back and tell you the result; never published."
        ),
    )
    email = WideEmailField(
        label=_("E-mail"),
        required=False,
        max_length=120,
        # No type="email": browsers hand a domain in Chinese over as xn--…, and some refuse one.
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
        help_text=_("For example name@example.com. The receipt goes here too."),
        error_messages={"invalid": _("This is not an e-mail address. Write it like name@example.com.")},
    )
    naming = forms.ChoiceField(
        label=_("If your idea wins, how shall we name you?"),
        choices=Naming.choices,
        initial=Naming.ANONYMOUS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how to be named.")},
    )
    name = LineField(
        label=_("Your name"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Needed only if you wish to be named by your real name."),
    )
    net_name = LineField(
        label=_("Net name"),
        required=False,
        max_length=20,
        help_text=_("Needed only if you wish to be named by your net name."),
    )
    publish_consent = forms.BooleanField(
        label=_("I agree that the name chosen above is published if my idea wins."),
        required=False,
        help_text=_("A consent of its own: without it your idea is published without a name."),
    )
    age_14 = forms.BooleanField(
        label=_("I am 14 or older, or a parent or guardian is sending this."),
        error_messages={"required": _("Tick this, or ask a parent or guardian to send it.")},
    )
    consent = forms.BooleanField(
        label=_("I have read the privacy notice and agree to the use of my data for this campaign."),
        error_messages={"required": _("Without this consent we may not keep your idea.")},
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        for name, choices in _lists_of(campaign).items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in (*ORIGINAL_TEXTS, "phone"):
            # A browser cuts a pasted text at maxlength without a word; the server says what is too long.
            self.fields[name].widget.attrs.pop("maxlength", None)
        for field in self.fields.values():
            field.error_messages["max_length"] = _("At most %(limit_value)d characters; these are %(show_value)d.")
        self.fields["photos"].help_text = photos_hint()
        self.fields["phone"].help_text = _phone_hint(self.fields["phone"].help_text)
        for name in ("phone", "email"):
            self.fields[name].one_of_two = True  # type: ignore[attr-defined]  # not "optional": one must be given
        self.fields["form_key"].initial = self.fields["form_key"].initial or uuid.uuid4

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_contact(data)
        if data.get("naming") == Naming.REAL and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("To be named by your real name, write it here."))
        if data.get("naming") == Naming.NET_NAME and not data.get("net_name") and "net_name" not in self.errors:
            self.add_error("net_name", _("Write the net name to be used."))
        return data

    def check_contact(self, data: dict[str, Any]) -> None:
        """Somebody who writes here must be reachable."""
        reachable = {"phone", "email"} & self.errors.keys() or data.get("phone") or data.get("email")
        if not reachable:
            self.add_error("phone", _("Give a telephone number or an e-mail address, so that we can reach you."))
        phone = data.get("phone") or ""
        if (
            conf.verify_phone()
            and "phone" not in self.errors
            and not (phone and takes_sms(phone, conf.sms_countries()))
        ):
            self.add_error("phone", _("Give a mobile number: we send it a code before the idea is taken."))

    def typed(self) -> dict[str, str]:
        """What was posted, right or wrong, as it may be put into the form again."""
        return {name: str(self.data[name]) for name in self.fields if name not in NOT_KEPT and name in self.data}

    def answer_rows(self) -> list[tuple[forms.BoundField, str]]:
        """Every answer of a kept draft (given as `initial`) in words, for "check your answers"."""
        return [(field, self._in_words(field)) for field in self.visible_fields()]

    def _in_words(self, bound: forms.BoundField) -> str:
        value: Any = self.initial.get(bound.name) or ""
        if isinstance(bound.field, forms.BooleanField):
            return str(_("Yes") if value else _("No"))
        if isinstance(bound.field, forms.ChoiceField):
            choices: Any = bound.field.choices
            return str(dict(flatten_choices(choices)).get(value, ""))
        return show_phone(value) if isinstance(bound.field, PhoneField) else str(value)

    def answers(self, language: str) -> dict[str, Any]:
        """The checked answers as a draft keeps them; all values are text or yes/no, but `labels`: what was chosen, in
        words, to be named should it not be offered any more when the idea is sent."""
        kept = {name: value for name, value in self.cleaned_data.items() if name not in NOT_KEPT}
        return {**kept, "language": language, "labels": {name: self._label(name) for name in CHOSEN}}

    def _label(self, name: str) -> str:
        return str(self._offered(name).get(self.cleaned_data[name], ""))

    def _offered(self, name: str) -> dict[Any, Any]:
        choices: Any = self.fields[name].choices  # type: ignore[attr-defined]
        return dict(flatten_choices(choices))

    def lacks(self, answers: Mapping[str, Any]) -> bool:
        """Whether something that was chosen in these answers is not offered any more."""
        return any(answers[name] not in self._offered(name) for name in CHOSEN)

    def name_gone(self, labels: Mapping[str, str]) -> None:
        """Say of what is not offered any more how it was called."""
        for name in CHOSEN:
            codes = [error.code for error in self.errors.as_data().get(name, ())]
            if codes == ["invalid_choice"] and labels.get(name):
                del self.errors[name]
                self.add_error(
                    name, _("“%(choice)s” is not offered any more. Choose another.") % {"choice": labels[name]}
                )


def _phone_hint(hint: Any) -> str:
    """Where no SMS goes is said before somebody counts on one."""
    if conf.gateway("sms") is None:
        return str(hint)
    only = _("SMS go to mobile numbers with %(codes)s only.") % {"codes": " ".join(conf.sms_countries())}
    return f"{hint} {only}"


def _lists_of(campaign: Campaign) -> dict[str, list[Any]]:
    """What can be chosen, asked for once a second: whether an answer is still offered when the idea is sent,
    services.intake.chosen() asks the database."""
    lists: dict[str, list[Any]] | None = cache.get(_lists_key(campaign))
    if lists is None:
        lists = {"topic": [(topic.slug, str(topic)) for topic in campaign.topics.all()], "area": _area_choices()}
        cache.set(_lists_key(campaign), lists, timeout=conf.page_seconds())
    return lists


def forget_lists(campaign: Campaign) -> None:
    """Ask anew what can be chosen: something on the lists is not offered any more."""
    cache.delete(_lists_key(campaign))


def _lists_key(campaign: Campaign) -> str:
    return f"offered:{campaign.pk}:{get_language()}"


def _area_choices() -> list[Any]:
    """The communities grouped by street, after "several or unknown"."""
    streets: dict[str, list[tuple[str, str]]] = {}
    for code, name, street in Area.objects.values_list("code", "name", "street"):
        streets.setdefault(street, []).append((code, name))
    return [("", _("Please choose")), (UNKNOWN_AREA, _("Several or unknown")), *streets.items()]
