"""What every list of the admin shares: it can be narrowed by what its filters offer, and by nothing else.

Django lets whoever may see a list ask about every field of its rows, shown or not, and by any comparison. Letter by
letter that tells a hash, a draft's key, or who sits on a list; and a regular expression can hold a worker.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin import filters
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import DateField, QuerySet
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_date, parse_datetime

from ideas.forms.fields import YEARS, require_year
from ideas.requests import row_key

MOST_SEARCHED = 200  # characters: more words than a title has, and few enough for one statement of any database


class OfferedChangeList(ChangeList):
    """A list that answers every parameter that none of its filters reads, and every value that none of them offers,
    as Django answers what does not exist: with the plain list and `?e=1`."""

    def get_filters(self, request: HttpRequest) -> Any:
        asked = {name: list(values) for name, values in self.get_filters_params().items()}
        found = super().get_filters(request)
        specs, _has_filters, unread, *_rest = found
        if set(unread) - self._by_date():
            raise IncorrectLookupParameters(f"no filter offers {sorted(unread)}")
        for spec in specs:
            for name in map(str, spec.expected_parameters()):
                if not all(_offers(spec, name, value) for value in asked.get(name, ())):
                    raise IncorrectLookupParameters(f"no filter offers this value of {name}")
        return found

    def _by_date(self) -> set[str]:
        """What Django makes of the three parameters of the hierarchy of dates."""
        return {f"{self.date_hierarchy}__{end}" for end in ("gte", "lt")} if self.date_hierarchy else set()


def _offers(spec: Any, name: str, value: str) -> bool:
    """Whether a filter offers this value of one of its parameters."""
    if isinstance(spec, filters.SimpleListFilter):
        return not value or value in {
            str(key) for key, _label in (*spec.lookup_choices, *getattr(spec, "unlisted", ()))
        }
    if name.endswith("__isnull"):
        return value in ("True", "False", "1", "0")
    if isinstance(spec, filters.DateFieldListFilter):
        return _is_moment(value)
    if isinstance(spec, filters.BooleanFieldListFilter):
        return value in ("1", "0")
    choices: Sequence[Any] = getattr(spec, "lookup_choices", None) or getattr(spec.field, "flatchoices", None) or ()
    return value in {str(choice[0] if isinstance(choice, tuple) else choice) for choice in choices}


def _is_moment(value: str) -> bool:
    try:
        moment: date | None = parse_datetime(value) or parse_date(value)
    except ValueError:
        return False
    return moment is not None and moment.year in YEARS


class DeskAdmin(admin.ModelAdmin):
    """The base of every list and form of the staff's site; a test says that there is no other."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferedChangeList

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Every day and moment of a form is one that can be kept."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, DateField):
            field.validators.append(require_year)
        return field

    def get_search_results(self, request: Any, queryset: QuerySet, search_term: str) -> tuple[Any, bool]:
        return super().get_search_results(request, queryset, search_term[:MOST_SEARCHED])

    def response_action(self, request: Any, queryset: QuerySet, *more: Any, **named: Any) -> Any:
        """An act on the ticked rows; what no row can be called is not ticked."""
        posted = request.POST.copy()
        posted.setlist(ACTION_CHECKBOX_NAME, [key for key in posted.getlist(ACTION_CHECKBOX_NAME) if row_key(key)])
        request.POST = posted
        return super().response_action(request, queryset, *more, **named)

    def _get_obj_does_not_exist_redirect(self, request: Any, opts: Any, object_id: str) -> Any:
        """To somebody who was writing in a row that is gone, the page that gives the words back, not another list."""
        if request.method == "POST":
            raise Http404
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """A pop-up gives a row's primary key and nothing else of it."""
        return to_field == self.opts.pk.name


class ReadOnlyAdmin(DeskAdmin):
    """Rows that only services write: to be seen by those with the view permission, never added, edited or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
