"""Staff: users with one full name (Chinese names have no order to get wrong) and the units that carry ideas out."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Localized

MOBILE = r"^(1[2-9]\d{9}|\+[1-9]\d{6,14})$"


class Unit(Localized):
    """A responsible unit 责任单位: a bureau, a street office, a team of the police."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    is_active = models.BooleanField(
        _("takes referrals"), default=True, help_text=_("Switched off, it gets no new ones and ends those that it has.")
    )
    by_letter = models.BooleanField(
        _("is written to"),
        default=False,
        help_text=_("It has no log-in here: the referral is printed as a letter, and the office types in the reply."),
    )
    one_person = models.BooleanField(
        _("one person drafts and approves"),
        default=False,
        help_text=_("Otherwise what an officer hands in leaves the unit when its head has approved it."),
    )

    class Meta:
        verbose_name = _("responsible unit")
        verbose_name_plural = _("responsible units")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.text("name")[0]


class User(AbstractUser):
    """A member of staff or a panellist; residents have no account. Users are deactivated, never deleted."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("full name"), max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("unit"))
    phone = models.CharField(
        _("mobile number"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(MOBILE, _("Write a mobile number of eleven digits, or with its country code."))],
        help_text=_("Reminders go there by SMS where there is no e-mail address."),
    )

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.username
