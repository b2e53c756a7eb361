"""Roles of staff: one group each, with the permissions that its work needs."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from ideas.choices import Role

_SEE_CAMPAIGN = ("view_campaign", "view_topic", "view_criterion", "view_area", "view_unit")
_EDIT = ("add", "change", "delete", "view")

PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.MANAGER: (
        *_SEE_CAMPAIGN,
        "add_campaign",
        "change_campaign",
        *(f"{verb}_{model}" for model in ("topic", "criterion", "panellist") for verb in _EDIT),
        *(f"{verb}_{model}" for model in ("area", "unit") for verb in ("add", "change")),
        "view_idea",
        "screen_idea",
        "edit_published",
        "view_ideaevent",
        "assign_panel",
        "view_assignment",
        "view_recusal",
        "view_user",
        "view_shortlist",
        "propose_shortlist",
        "seal_shortlist",
        "release_shortlist",
        "view_message",
    ),
    Role.MODERATOR: (*_SEE_CAMPAIGN, "view_idea", "screen_idea", "edit_published", "view_ideaevent", "view_message"),
    Role.CLERK: (),
    Role.PANELLIST: (),
    Role.OFFICER: (),
    Role.AUDITOR: (*_SEE_CAMPAIGN, "view_idea", "view_ideaevent", "view_shortlist", "view_recusal"),
}


@transaction.atomic
def sync_roles() -> None:
    """Give every role's group exactly its permissions; run after each upgrade, as often as you like."""
    for role, codenames in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        permissions = list(Permission.objects.filter(content_type__app_label="ideas", codename__in=set(codenames)))
        unknown = set(codenames) - {permission.codename for permission in permissions}
        if unknown:
            raise LookupError(f"{role}: no such permissions: {', '.join(sorted(unknown))}")
        group.permissions.set(permissions)
