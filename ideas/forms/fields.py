"""Fields that read what people really type: full-width digits, spaces, +86, Windows line ends, unseen characters."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.rules import telephones
from ideas.rules.characters import nfkc
from ideas.rules.telephones import PhoneFault
from ideas.rules.visible import as_read

YEARS = range(1900, 9000)  # any time zone's moment in them can be kept, and a day or a month added
LONGEST_DOMAIN = 253  # RFC 1035


class TextField(forms.CharField):
    """Several lines of text as a reader sees them: what shows nothing is missing, limits count what is seen."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return as_read(str(super().to_python(value)))


class LineField(forms.CharField):
    """One line, as a reader sees it."""

    def to_python(self, value: Any) -> str:
        return as_read(str(super().to_python(value))).replace("\n", " ")


def require_year(moment: date) -> None:
    """No office means what Python can write besides: kept in another time zone, it may not even be a date."""
    if moment.year not in YEARS:
        raise ValidationError(_("Please check the year."))


class DayInput(forms.DateInput):
    """A day as browsers ask for it and as it comes back."""

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date"})


class DayField(forms.DateField):
    widget = DayInput
    default_validators = [require_year]


class MomentField(forms.SplitDateTimeField):
    default_validators = [require_year]


class PhoneField(LineField):
    """A telephone number, mainland China's if no country is given; cleaned as rules.telephones keeps it, or "".

    A local number is completed with the office's own area code, an extension and a note beside the number are kept.
    """

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return str(telephones.read_phone(text, area_code=conf.area_code()))
        except telephones.NotAPhone as error:
            raise ValidationError(_wrong(error)) from error


def _wrong(error: telephones.NotAPhone) -> Any:
    return {
        PhoneFault.NO_DIGITS: _("There is no number in it. Write it like 138 0013 8000 or 0592 606 0000."),
        PhoneFault.SEVERAL: _("These are several numbers. Please write the one under which we can reach you best."),
        PhoneFault.AREA: _("The area code is missing. Write it like 0592 606 0000."),
        PhoneFault.MOBILE_LENGTH: _("A mobile number has 11 digits; these are %(n)s."),
        PhoneFault.MOBILE: _("No mobile number begins like this. Please compare the digits."),
        PhoneFault.SHORT: _(
            "These digits are too few for a telephone number. Write it like 138 0013 8000 or 0592 606 0000."
        ),
        PhoneFault.LONG: _(
            "These digits are too many for one telephone number. An extension is written like 0592 606 0000 ext. 801."
        ),
        PhoneFault.UNKNOWN: _("This is not a telephone number. Write it like 138 0013 8000 or 0592 606 0000."),
    }[error.fault] % {"n": error.digits}


class WideEmailField(forms.EmailField):
    """An e-mail address; full-width characters from a Chinese keyboard are accepted.

    A domain in Chinese stays as people write it, whatever a browser makes of it on the way (xn--…).
    """

    def to_python(self, value: Any) -> str:
        text = nfkc(as_read(str(super().to_python(value)))).replace("。", ".")
        return in_letters(text)


def in_letters(address: str) -> str:
    """An e-mail address whose domain came as a machine writes it (xn--…), as its owner does."""
    local, at, domain = address.rpartition("@")
    if len(domain) > LONGEST_DOMAIN or "xn--" not in domain.casefold():
        return address
    try:
        shown = domain.encode("ascii").decode("idna")
        is_same = shown.encode("idna").decode("ascii") == domain.casefold()
    except UnicodeError:
        return address
    return f"{local}{at}{shown}" if is_same else address
