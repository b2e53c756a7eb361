"""Roles of staff: one group each, with the permissions that its work needs."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from ideas.choices import Role
from ideas.models import User
from ideas.services.transactions import in_one_transaction

_SEE_CAMPAIGN = (
    *(f"view_{model}" for model in ("campaign", "topic", "criterion", "area", "unit", "tier", "quota")),
    "view_campaigndays",
    "view_campaignpapers",
    "view_opendata",
    "view_referralrule",
    "view_noticeterm",
)
_EDIT = ("add", "change", "delete", "view")
_SCREEN = (
    *_SEE_CAMPAIGN,
    "view_idea",
    "screen_idea",
    "edit_published",
    "view_ideaevent",
    "view_message",
    "export_idea",
    "show_contact",
    "enter_rating",
    "refer_idea",
    "view_referral",
    "view_objection",
    "enter_objection",
)

PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.MANAGER: (
        *_SEE_CAMPAIGN,
        "add_campaign",
        "change_campaign",
        *(f"{verb}_{model}" for model in ("topic", "criterion", "panellist", "reply", "wordlist") for verb in _EDIT),
        *(f"{verb}_referralrule" for verb in _EDIT),
        *(
            f"{verb}_{model}"
            for model in ("tier", "quota", "calendaryear", "calendarday", "scorefigure")
            for verb in _EDIT
        ),
        *(
            f"{verb}_{model}"
            for model in ("area", "unit", "campaigndays", "opendata", "noticeterm")
            for verb in ("add", "change")
        ),
        *(f"{verb}_campaignpapers" for verb in ("add", "change")),
        "view_idea",
        "screen_idea",
        "edit_published",
        "view_ideaevent",
        "assign_panel",
        "enter_rating",
        "view_assignment",
        "view_recusal",
        "view_conflict",
        "view_assignmentrun",
        "view_user",
        "view_shortlist",
        "propose_shortlist",
        "seal_shortlist",
        "release_shortlist",
        "issue_certificate",
        "view_objection",
        "enter_objection",
        "decide_objection",
        "view_message",
        "enter_idea",
        "import_idea",
        "export_idea",
        "show_contact",
        "export_contact",
        "view_officeevent",
        "refer_idea",
        "view_referral",
    ),
    Role.MODERATOR: _SCREEN,
    Role.KEEPER: (*_SCREEN, "see_restricted"),  # who has this role alone can work with what it shows
    Role.CLERK: ("enter_idea",),
    Role.PANELLIST: (),
    Role.OFFICER: ("work_referral",),
    Role.HEAD: ("work_referral", "approve_referral"),
    Role.AUDITOR: (
        *_SEE_CAMPAIGN,
        "view_idea",
        "view_ideaevent",
        "view_shortlist",
        "view_objection",
        "view_recusal",
        "view_officeevent",
        "view_referral",
    ),
}


WITHOUT_ADMIN = ("enter_idea", "work_referral", "approve_referral")  # their desks are outside the admin


@in_one_transaction
def follow_roles(*, user: User) -> None:
    """Whether somebody may enter the admin follows from the roles alone; nobody ticks it beside them."""
    own = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    works_there = user.is_superuser or own.exclude(codename__in=WITHOUT_ADMIN).exists()
    if user.is_staff != works_there:
        user.is_staff = works_there
        user.save(update_fields=["is_staff"])


@in_one_transaction
def sync_roles() -> None:
    """Give every role's group exactly its permissions; run after each upgrade, as often as you like."""
    for role, codenames in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        permissions = list(Permission.objects.filter(content_type__app_label="ideas", codename__in=set(codenames)))
        unknown = set(codenames) - {permission.codename for permission in permissions}
        if unknown:
            raise LookupError(f"{role}: no such permissions: {', '.join(sorted(unknown))}")
        group.permissions.set(permissions)
    for user in User.objects.order_by("pk"):
        follow_roles(user=user)
