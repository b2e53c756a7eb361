"""People: users with their roles, and the units."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.choices import Role
from ideas.forms.people import StaffForm
from ideas.forms.units import UnitForm
from ideas.models import Unit, User
from ideas.queries.units import open_at, open_numbers
from ideas.services.roles import follow_roles

# Roles and their permissions are set by services.roles.sync_roles(), not by hand.
admin.site.unregister(Group)


def role_label(group: Group) -> str:
    """The role's official wording; a group of the office's own keeps its name."""
    return str(Role(group.name).label) if group.name in Role.values else group.name


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Role.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


class RoleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, group: Group) -> str:
        return role_label(group)


@admin.register(User)
class UserAdmin(Versioned, DeskAdmin, DjangoUserAdmin):
    """Users are deactivated, not deleted: the audit trail names them. Who may enter here follows from the roles."""

    form = StaffForm

    list_display = ("username", "name", "unit", "roles", "is_active")
    list_filter = (RoleFilter, "is_active")
    list_select_related = ("unit",)
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()  # of a handful of roles each is ticked
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "unit", "email", "phone")}),
        (_("Rights"), {"fields": ("is_active", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the password for whoever only reads: beside it stands a link to set a new one."""
        rows = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return rows
        return [(title, {**more, "fields": [f for f in more["fields"] if f != "password"]}) for title, more in rows]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        follow_roles(user=form.instance)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return " · ".join(role_label(group) for group in user.groups.all())

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"form_class": RoleField, "widget": forms.CheckboxSelectMultiple}
            kwargs |= {"label": _("roles"), "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Unit)
class UnitAdmin(Versioned, DeskAdmin):
    """A unit that is switched off ends what it has; whoever switches it off reads what that is."""

    form = UnitForm

    list_display = ("name", "name_en", "is_active", "by_letter", "one_person")
    list_filter = ("is_active", "by_letter")
    search_fields = ("name", "name_en")

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changed = form.changed_data if change else ()
        if "is_active" in changed and not obj.is_active:
            self._tell(request, obj, gettext("%(unit)s gets no new referrals and ends those that it has: %(numbers)s"))
        if "by_letter" in changed and obj.by_letter:
            self._tell(request, obj, gettext("The office types in what %(unit)s replies from now on: %(numbers)s"))

    def _tell(self, request: HttpRequest, obj: Unit, words: str) -> None:
        """What becomes of the open referrals of a unit that was changed."""
        if open_at(obj).exists():
            where = f"{reverse('admin:ideas_referral_changelist')}?unit__id__exact={obj.pk}"
            told = {"unit": obj, "numbers": open_numbers(obj)}
            link = format_html('{} <a href="{}">{}</a>', words % told, where, gettext("See them all"))
            self.message_user(request, link, level="warning")
