"""Fields that read what people really type: full-width digits, spaces, +86, Windows line ends."""

import unicodedata
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CHINA = 86


class TextField(forms.CharField):
    """Several lines of text; line ends become one character, so that limits count what the writer sees."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class PhoneField(forms.CharField):
    """A telephone number, mainland China's if no country is given; cleaned to E.164 ("+8613…") or ""."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def clean(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", super().clean(value))
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "CN")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(_("This is not a telephone number. Write it like 138 0013 8000 or 0592 606 0000."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(number: str) -> str:
    """A cleaned number as people write it: without +86 in mainland China."""
    if not number:
        return ""
    parsed = phonenumbers.parse(number)
    is_own = parsed.country_code == CHINA
    kind = phonenumbers.PhoneNumberFormat.NATIONAL if is_own else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, kind)


class WideEmailField(forms.EmailField):
    """An e-mail address; full-width characters from a Chinese keyboard are accepted."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", str(super().to_python(value))).replace("。", ".")
