"""The staff's log-in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.utils.translation import gettext_lazy as _

from ideas.rules.visible import as_read


class NameField(UsernameField):
    """A user name as a reader sees it: a stray sign copied along is no other name."""

    def to_python(self, value: Any) -> str:
        return as_read(str(super().to_python(value)))


class StaffLoginForm(AuthenticationForm):
    template_name = "plain/uni_form.html"
    username = NameField(widget=forms.TextInput(attrs={"autofocus": True}))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].error_messages["required"] = _("Write your user name.")
        self.fields["password"].error_messages["required"] = _("Write your password.")
