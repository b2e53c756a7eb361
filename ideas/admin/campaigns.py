"""The manager's desk: a campaign with its announcement, topics, rubric and panel, and the buttons that move it on."""

from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from ideas.admin import panel
from ideas.admin.announcing import Announcing
from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.choices import Phase
from ideas.desks import certificates, dashboard, paper, ranking, shortlist
from ideas.desks import panel as panel_desk
from ideas.models import (
    Area,
    Campaign,
    CampaignDays,
    CampaignPapers,
    Criterion,
    NoticeTerm,
    OpenData,
    Quota,
    Tier,
    Topic,
)
from ideas.queries import access
from ideas.queries.papers import address_of
from ideas.queries.ratings import has_begun
from ideas.requests import row_key
from ideas.rules.notices import USUAL_DAYS


class TopicInline(admin.TabularInline):
    model = Topic
    extra = 0
    fields = ("position", "mark", "slug", "name", "name_en", "hint", "hint_en")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once there are ideas: Django's refusal would name those in the topic, restricted ones too."""
        return super().has_delete_permission(request, obj) and not (obj and obj.ideas.exists())


class CriterionInline(admin.StackedInline):
    """The rubric; fixed as soon as the first panellist has rated by it."""

    model = Criterion
    extra = 0

    def _is_open(self, campaign: Campaign | None) -> bool:
        return campaign is None or not has_begun(campaign)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._is_open(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_open(obj)

    fields = (
        ("position", "weight", "is_advice", "is_optional"),
        ("name", "name_en"),
        ("hint", "hint_en"),
        ("low", "low_en"),
        ("middle", "middle_en"),
        ("high", "high_en"),
    )


class _ListRuleInline(admin.TabularInline):
    """A rule by which the list is cut; fixed as soon as a list is proposed by it."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not hasattr(obj, "shortlist")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not hasattr(obj, "shortlist")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not hasattr(obj, "shortlist")


class TierInline(_ListRuleInline):
    model = Tier
    fields = ("position", "name", "name_en", "places")


class QuotaInline(_ListRuleInline):
    model = Quota
    fields = ("topic", "street", "least", "most")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only the campaign's own topics."""
        if db_field.name == "topic":
            match = request.resolver_match
            pk = match.kwargs.get("object_id", "") if match else ""
            kwargs["queryset"] = Topic.objects.filter(campaign_id=row_key(str(pk)))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class DaysInline(admin.TabularInline):
    """How long units have; what is sent already keeps its days."""

    model = CampaignDays
    can_delete = False
    fields = ("acknowledge", "answer", "finish", "show_way")


class PapersInline(admin.StackedInline):
    """What is printed."""

    model = CampaignPapers
    can_delete = False
    fields = (("drop_off", "drop_off_en"), ("certificate", "certificate_en"))


def _papers(campaign: Campaign) -> dict[str, str]:
    """The addresses of what an announced campaign prints, on the public site."""
    slip = campaign.phase(timezone.now()) == Phase.COLLECTING
    return {"poster": address_of(campaign, "poster"), "slip": address_of(campaign, "slip") if slip else ""}


class OpenDataInline(admin.TabularInline):
    model = OpenData
    can_delete = False
    fields = ("is_on",)


class TermFormSet(BaseInlineFormSet):
    """A new campaign has a notice unless somebody says otherwise; one of before has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial_extra = [{"days": USUAL_DAYS}]


class TermInline(_ListRuleInline):
    """For how long the list is on notice: announced, and so fixed as soon as a list is proposed."""

    model = NoticeTerm
    extra = 1
    formset = TermFormSet
    can_delete = False
    fields = ("days",)


@admin.register(Campaign)
class CampaignAdmin(Announcing, Versioned, DeskAdmin):
    list_display = ("__str__", "phase_now", "opens_at", "closes_at", "places")
    inlines = (
        TopicInline,
        CriterionInline,
        panel.PanellistInline,
        TierInline,
        QuotaInline,
        TermInline,
        DaysInline,
        PapersInline,
        OpenDataInline,
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "title_en"),
                    ("organiser", "organiser_en"),
                    ("summary", "summary_en"),
                    ("slug", "prefix"),
                )
            },
        ),
        (
            gettext_lazy("Dates"),
            {
                "fields": (
                    "announced_at",
                    ("opens_at", "closes_at"),
                    "entry_until",
                    ("rating_from", "rating_until"),
                    "results_on",
                )
            },
        ),
        (
            gettext_lazy("What residents are told and shown"),
            {"fields": ("answer_days", "return_days", "show_ideas", "two_checks")},
        ),
        (
            gettext_lazy("Choice of winners"),
            {
                "fields": (
                    "places",
                    ("score_method", "rounds", "reviews_per_idea"),
                    "comment_below",
                    ("tie_rule", "tie_rule_en"),
                    "publish_record",
                )
            },
        ),
        (
            gettext_lazy("Announcement"),
            {
                "fields": tuple(
                    (name, f"{name}_en")
                    for name in ("who", "content", "how", "method", "awards", "results_use", "originality", "privacy")
                )
            },
        ),
    )

    @admin.display(description=gettext_lazy("phase"))
    def phase_now(self, campaign: Campaign) -> str:
        return str(campaign.phase(timezone.now()).label)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        """What residents' receipts and links are made of stays; so does the method from the first rating on, and the
        places once the list is proposed."""
        fixed: tuple[str, ...] = ()
        if obj and obj.ideas.exists():
            fixed += ("slug", "prefix")
        if obj and hasattr(obj, "shortlist"):
            fixed += ("places",)
        if obj and has_begun(obj):
            fixed += ("score_method", "rounds", "reviews_per_idea", "comment_below", "tie_rule", "tie_rule_en")
        return fixed

    def get_urls(self) -> list[URLPattern]:
        desks = (dashboard.urls, ranking.urls, panel_desk.urls, paper.urls, shortlist.campaign_urls, certificates.urls)
        return [*(address for desk in desks for address in desk), *super().get_urls()]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """A new campaign has a notice, also where its usual days were left as they stood in the form."""
        if not change and not any(one.has_changed() for one in formsets if one.model is NoticeTerm):
            NoticeTerm.objects.get_or_create(campaign=form.instance, defaults={"days": USUAL_DAYS})
        super().save_related(request, form, formsets, change)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        proposed = getattr(campaign, "shortlist", None) if campaign else None
        reads = request.user.has_perm("ideas.view_shortlist")
        context = {
            "shortlist_url": reverse("admin:ideas_shortlist_change", args=[proposed.pk]) if proposed and reads else "",
            "may_assign": request.user.has_perm("ideas.assign_panel") and proposed is None,
            "may_see_ranking": reads,
            "may_see_paper": campaign is not None and access.may_see_paper(request.user, campaign),
            "papers": _papers(campaign) if campaign and campaign.is_announced(timezone.now()) else {},
            "may_issue": campaign is not None
            and campaign.is_released
            and request.user.has_perm("ideas.issue_certificate"),
            "may_propose": request.user.has_perm("ideas.propose_shortlist") and proposed is None,
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})


@admin.register(Area)
class AreaAdmin(Versioned, DeskAdmin):
    list_display = ("code", "street", "name")
    list_filter = ("street",)
    search_fields = ("code", "name")
