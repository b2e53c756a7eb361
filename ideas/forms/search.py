"""Reading what somebody typed into a search box as a contact."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from ideas.forms.fields import PhoneField, WideEmailField
from ideas.rules.telephones import LONGEST


def contacts_in(words: str) -> tuple[str, str]:
    """(telephone number in E.164, e-mail address); "" for what it is not."""
    return _read(PhoneField(), words) or _as_shown(words), _read(WideEmailField(), words)


def _read(field: PhoneField | WideEmailField, words: str) -> str:
    try:
        return str(field.clean(words.strip()))
    except ValidationError:
        return ""


def _as_shown(words: str) -> str:
    """A number as our pages show it, though no operator uses such a one (any more): what is kept can be found."""
    digits = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", words[:LONGEST]))
    if re.fullmatch(r"1[0-9]{10}", digits):
        return f"+86{digits}"
    return digits if re.fullmatch(r"\+[0-9]{8,15}", digits) else ""
