"""The rules by which a unit is suggested."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.forms.referring import RuleForm
from ideas.models import ReferralRule


@admin.register(ReferralRule)
class ReferralRuleAdmin(Versioned, DeskAdmin):
    form = RuleForm
    list_display = ("about", "unit", "takes_referrals", "campaign", "position")
    list_filter = ("unit", "campaign")
    list_select_related = ("unit", "campaign")
    fieldsets = (
        (
            None,
            {
                "fields": ("campaign", ("topic", "street"), "words", "unit", "position"),
                "description": _(
                    "A rule suggests a unit where an idea is referred; nobody is sent anything by it. All that it says "
                    "must hold. Where several ideas are referred together, it must hold for each."
                ),
            },
        ),
    )

    @admin.display(description=_("suits"))
    def about(self, row: ReferralRule) -> str:
        return row.about

    @admin.display(description=_("takes referrals"), boolean=True)
    def takes_referrals(self, row: ReferralRule) -> bool:
        return row.unit.is_active
