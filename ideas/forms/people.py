"""The staff's log-in, the own password, and what a member of staff may be."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserChangeForm, UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ideas.forms.units import faults_of_worker
from ideas.models import Panellist, User
from ideas.queries.access import NAME_PERMISSIONS
from ideas.rules.passwords import is_ones_name
from ideas.rules.visible import as_read
from ideas.services.logins import Locked, begin_login, end_login


class NameField(UsernameField):
    """A user name as a reader sees it: a stray sign copied along is no other name."""

    def to_python(self, value: Any) -> str:
        return as_read(str(super().to_python(value)))


class StaffLoginForm(AuthenticationForm):
    """`locked` says why the password was not even looked at."""

    template_name = "plain/uni_form.html"
    username = NameField(widget=forms.TextInput(attrs={"autofocus": True}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].error_messages["required"] = _("Write your user name.")
        self.fields["password"].error_messages["required"] = _("Write your password.")
        self.locked: Locked | None = None

    def clean(self) -> dict[str, Any]:
        request: Any = self.request
        username, data = self.cleaned_data.get("username"), self.cleaned_data
        if username and self.cleaned_data.get("password"):
            if not request.client_address:
                raise ValidationError(_("We cannot see where this log-in comes from. Please tell your administrator."))
            who = {"username": username, "address": request.client_address, "at": request.at}
            try:
                begin_login(**who)
            except Locked as refusal:
                self.locked = refusal
                raise ValidationError(str(refusal)) from refusal
            data = super().clean()
            end_login(**who)
        return data


class OwnPasswordForm(PasswordChangeForm):
    template_name = "plain/uni_form.html"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].error_messages["required"] = _("Write the password that you have now.")
        for name in ("new_password1", "new_password2"):
            self.fields[name].error_messages["required"] = _("Write the new password, both times.")


class OwnNameValidator:
    """Refuses a password that is the own name, also in pinyin, with or without digits (AUTH_PASSWORD_VALIDATORS)."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        names = (user.username or "", user.name or "", (user.email or "").partition("@")[0])
        if is_ones_name(password, names):
            raise ValidationError(
                _("This password is little more than the name. Choose one that nobody can guess from it."),
                code="password_is_own_name",
            )

    def get_help_text(self) -> str:
        return str(_("Your password can’t be your own name, in characters or in pinyin, with a number behind it."))


class StaffForm(UserChangeForm):
    """Roles of a user. Nobody gets one that shows names while sitting on the panel of a campaign that goes on."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk and {"groups", "unit", "is_active"} <= data.keys():
            for field, words in list(faults_of_worker(self.instance, data, self.changed_data)):
                self.add_error(field, words)
        return data

    def clean_groups(self) -> Any:
        groups = self.cleaned_data["groups"]
        shows = Group.objects.filter(pk__in=groups, permissions__codename__in=NAME_PERMISSIONS).exists()
        memberships = Panellist.objects.filter(user=self.instance.pk, is_active=True, campaign__released_at=None)
        if shows and memberships.exists():
            campaigns = " ".join(str(member.campaign) for member in memberships.select_related("campaign"))
            raise forms.ValidationError(
                _("This role shows who proposed what, and the person sits on the panel of: %(campaigns)s. Replace the "
                  "panellist on the panel desk first.")
                % {"campaigns": campaigns}
            )  # fmt: skip
        return groups
