"""The queue of ideas: filters, and views for the common cases."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, PrivateKind, ReferralState, Status
from ideas.desks.contacts import found_at, kept_searches
from ideas.desks.exports import CAMPAIGN
from ideas.models import Idea, IdeaEvent, Photo, ReferralIdea, Topic
from ideas.queries import access
from ideas.queries.search import with_contact
from ideas.requests import row_key
from ideas.rules.entry import BACK_DATED
from ideas.rules.workflow import VALID

# The order of the status column is everybody's, so it keeps what is on a list apart from nothing.
TOLD_STATUS = Case(
    When(status__in=VALID, campaign__released_at=None, then=Value(Status.ACCEPTED.value)), default=F("status")
)


class QueueFilter(admin.SimpleListFilter):
    """By status; without a choice, what is waiting to be screened."""

    title = _("status")
    parameter_name = "status"
    unlisted = ((Status.RECEIVED.value, ""),)  # what stands first without being asked for

    @staticmethod
    def words() -> dict[str, Any]:
        return {**dict(Status.choices), "all": gettext("All")}

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        hidden = {Status.RECEIVED}
        if not request.user.has_perm("ideas.view_shortlist"):
            hidden.add(Status.SHORTLISTED)
        return [(value, label) for value, label in self.words().items() if value not in hidden]

    def choices(self, changelist: Any) -> Any:
        rows = list(super().choices(changelist))
        rows[0]["display"] = Status.RECEIVED.label
        return rows

    def queryset(self, request: Any, queryset: QuerySet[Idea]) -> QuerySet[Idea]:
        searching = "q" in request.GET  # whoever looks for one idea does not know its status
        wished = self.value() or ("all" if searching else Status.RECEIVED)
        return queryset if wished == "all" else access.with_status(request.user, queryset, wished)


class YesNoFilter(admin.SimpleListFilter):
    """A question with two answers; `rows` narrows to those of one of them. Both together give every row: `exclude()`
    leaves out what has no value at all."""

    @staticmethod
    def words() -> dict[str, Any]:
        return {"yes": gettext("Yes"), "no": gettext("No")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.words().items())

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Idea]) -> QuerySet[Idea]:
        if self.value() not in ("yes", "no"):
            return queryset
        return self.rows(request, queryset, self.value() == "yes")


class SuspicionFilter(YesNoFilter):
    """What looks like junk, or does not."""

    title = _("suspicions")
    parameter_name = "suspicious"

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        return queryset.filter(suspicion_count__gt=0) if answer else queryset.filter(suspicion_count=0)


class PhotoFilter(YesNoFilter):
    title = _("photos")
    parameter_name = "photos"

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        has = Exists(Photo.objects.filter(idea=OuterRef("pk"), is_slip=False))
        return queryset.filter(has) if answer else queryset.exclude(has)


class ReviewFilter(YesNoFilter):
    """Whether the resident asked for a review of the decision."""

    title = _("review asked for")
    parameter_name = "review"

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        asked = Exists(IdeaEvent.objects.filter(idea=OuterRef("pk"), action=Action.APPEAL))
        return queryset.filter(asked) if answer else queryset.exclude(asked)


class UnitFilter(YesNoFilter):
    title = _("responsible unit assigned")
    parameter_name = "assigned"

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        return queryset.filter(unit__isnull=not answer)


class ReferredFilter(YesNoFilter):
    """Whether a unit has it, or has had it to the end: what was recalled or taken off is with nobody."""

    title = _("referred to a unit")
    parameter_name = "referred"

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        places = ReferralIdea.objects.standing().exclude(referral__state=ReferralState.RECALLED)
        has = Exists(places.filter(idea=OuterRef("pk")))
        return queryset.filter(has) if answer else queryset.exclude(has)


class TopicFilter(admin.SimpleListFilter):
    """Each topic once, though every campaign has rows of its own for it; of the chosen campaign only its own."""

    title = _("topic")
    parameter_name = "topic"

    @staticmethod
    def words() -> dict[str, Any]:
        return {topic.slug: str(topic) for topic in Topic.objects.order_by("-pk")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        topics = Topic.objects.all()
        if campaign := request.GET.get("campaign__id__exact"):
            topics = topics.filter(campaign=row_key(campaign))
        names: dict[str, str] = {}
        for topic in topics:
            names.setdefault(topic.slug, str(topic))
        return list(names.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Idea]) -> QuerySet[Idea]:
        return queryset.filter(topic__slug=self.value()) if self.value() else queryset


class WaitingFilter(admin.SimpleListFilter):
    """How long ago it came in."""

    title = _("waiting since")
    parameter_name = "waiting"
    DAYS = (1, 3, 7, 15)

    @classmethod
    def words(cls) -> dict[str, Any]:
        return {str(days): gettext("more than %(days)s days") % {"days": days} for days in cls.DAYS}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.words().items())

    def queryset(self, request: Any, queryset: QuerySet[Idea]) -> QuerySet[Idea]:
        days = {str(days): days for days in self.DAYS}.get(self.value() or "")
        return queryset.filter(received_at__lte=request.at - timedelta(days=days)) if days else queryset


class DueFilter(admin.SimpleListFilter):
    """How soon a returned idea lapses."""

    title = _("answer due")
    parameter_name = "due"

    @staticmethod
    def words() -> dict[str, Any]:
        return {"2": gettext("within two days")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.words().items())

    def queryset(self, request: Any, queryset: QuerySet[Idea]) -> QuerySet[Idea]:
        if self.value() != "2":
            return queryset
        return queryset.filter(status=Status.RETURNED, due_at__lte=request.at + timedelta(days=2))


class BackDatedFilter(YesNoFilter):
    """Typed in by the office more than a day after the day of the slip: what the auditor looks at."""

    title = _("entered later")
    parameter_name = "later"

    def rows(self, request: Any, queryset: QuerySet[Idea], answer: bool) -> QuerySet[Idea]:
        late = Q(entered_at__gt=F("received_at") + BACK_DATED)
        return queryset.filter(late) if answer else queryset.exclude(late)


class ContactFilter(admin.SimpleListFilter):
    """What the own searches by a contact have found; nobody else's, and for an hour."""

    title = _("search by a contact")
    parameter_name = "contact"

    @staticmethod
    def words() -> dict[str, Any]:
        """For the office's log, which keeps the number of the search."""
        return {}

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        self.found = {str(row["line"]): row for row in kept_searches(request)}
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        rows = self.found.items()
        return [(line, f"{found_at(row):%H:%M} · {PrivateKind(row['by']).label}") for line, row in rows]

    def has_output(self) -> bool:
        """Also where a view that is over, or another's, is asked for: it is refused, not answered with all ideas."""
        return bool(self.lookup_choices or self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Idea]) -> Any:
        row = self.found.get(self.value() or "")
        return with_contact(queryset, row["hashes"]) if row else queryset  # type: ignore[arg-type]


# The common cases, each a link over the list: words, query.
VIEWS = [
    (_("waiting"), ""),
    (_("waiting more than 3 days"), "waiting=3"),
    (_("suspicious"), "suspicious=yes"),
    (_("review asked for"), "review=yes"),
    (_("with photos"), "photos=yes"),
    (_("lapse within two days"), "status=returned&due=2"),
    (_("accepted, not referred yet"), "status=accepted&referred=no"),
    (_("entered later"), "status=all&later=yes"),
]


def saved_views(request: HttpRequest) -> list[dict[str, Any]]:
    """The common cases with their addresses, the one that is open marked."""
    here = request.GET.urlencode()
    base = reverse("admin:ideas_idea_changelist")
    return [
        {"words": words, "url": f"{base}?{query}" if query else base, "is_open": query == here}
        for words, query in VIEWS
    ]


def filters_in_words(text: str) -> str:
    """What an export noted of its view, as the queue's page names it; the campaign stands in the log beside it."""
    named = dict(_named_filters(admin.site.get_model_admin(Idea)))
    words = []
    for part in filter(None, text.split("&")):
        parameter, _sep, value = part.partition("=")
        title, values = named.get(parameter.partition("__")[0], (gettext("search"), dict))
        if parameter != CAMPAIGN:
            words.append(f"{title}: {values().get(value, value)}" if value else str(title))
    return gettext(", ").join(words) or "—"


def _named_filters(model_admin: Any) -> Iterator[tuple[str, tuple[Any, Callable[[], dict[str, Any]]]]]:
    """(the beginning of its parameter, its title and what gives its values in words) for each filter of the queue."""
    for row in model_admin.list_filter:
        if isinstance(row, str):
            field = get_fields_from_path(Idea, row)[-1]
            yield row.partition("__")[0], (field.verbose_name, partial(dict, field.flatchoices))
        else:
            yield row.parameter_name, (row.title, row.words)
