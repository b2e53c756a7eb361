"""Reading what somebody typed into a search box as a contact."""

from django.core.exceptions import ValidationError

from ideas.forms.fields import PhoneField, WideEmailField


def contacts_in(words: str) -> tuple[str, str]:
    """(telephone number in E.164, e-mail address); "" for what it is not."""
    return _read(PhoneField(), words), _read(WideEmailField(), words)


def _read(field: PhoneField | WideEmailField, words: str) -> str:
    try:
        return str(field.clean(words.strip()))
    except ValidationError:
        return ""
