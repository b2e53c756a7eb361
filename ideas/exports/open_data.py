"""Open data of a campaign as CSV, JSON and XLSX, and the data package that describes them.

What stands in a file is a list of named fields: a new column of a table is private until somebody names it here. Files
are written before they are sent, in constant memory and from short readings (exports/ideas.py).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, Literal, get_args

from django.http import FileResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from ideas import conf
from ideas.exports.ideas import CSV, XLSX, csv_file, harmless, in_short_readings, xlsx_file
from ideas.models import Campaign
from ideas.queries.access import public_winners
from ideas.queries.open_data import data_figures, data_ideas, data_marks
from ideas.queries.record import public_record
from ideas.queries.statistics import statistics_of

Form = Literal["csv", "json", "xlsx"]
FORMS: tuple[Form, ...] = get_args(Form)
TYPES: dict[Form, str] = {"csv": CSV, "json": "application/json", "xlsx": XLSX}
Value = str | int | None
CHUNK = 500  # ideas with their texts that are in memory at once


@dataclass(frozen=True)
class Field:
    """A column: its name for programs, its kind as data packages call it, and what it says."""

    name: str
    kind: Literal["string", "integer", "date"]
    title: Any
    value: Callable[[Any], Value]


@dataclass(frozen=True)
class Table:
    name: str
    title: Any
    about: Any
    fields: tuple[Field, ...]
    rows: Callable[[Campaign, datetime], Iterable[Any]]
    is_there: Callable[[Campaign], bool] = lambda _campaign: True


def _address(name: str) -> Callable[[Any], str]:
    return lambda idea: conf.site_url() + reverse(name, args=[idea.campaign.slug, idea.receipt])


def _page_of(idea: Any) -> str:
    return _address("idea" if idea.campaign.show_ideas else "winner")(idea)


_RECEIPT = Field("receipt", "string", gettext_lazy("Receipt number"), lambda idea: idea.receipt)
_TEXTS = (
    Field("title", "string", gettext_lazy("Published title"), lambda idea: idea.published_title),
    Field("text", "string", gettext_lazy("Published text"), lambda idea: idea.published_text),
    Field("topic", "string", gettext_lazy("Topic"), lambda idea: idea.topic.name),
    Field("topic_en", "string", gettext_lazy("Topic in English"), lambda idea: idea.topic.name_en),
    Field("street", "string", gettext_lazy("Street or town"), lambda idea: idea.area.street if idea.area else ""),
    Field("community", "string", gettext_lazy("Community"), lambda idea: idea.area.name if idea.area else ""),
    Field(
        "community_code",
        "string",
        gettext_lazy("Code of the community (National Bureau of Statistics)"),
        lambda idea: idea.area.code if idea.area else "",
    ),
    Field("received_on", "date", gettext_lazy("Received on"), lambda idea: localdate(idea.received_at).isoformat()),
)
_PAGE = gettext_lazy("Address of its page")
TABLES = {
    table.name: table
    for table in (
        Table(
            "ideas",
            gettext_lazy("Ideas that everybody can read"),
            gettext_lazy("Accepted ideas with their published texts, where the campaign shows them, and the winners."),
            (
                _RECEIPT,
                Field("status", "string", gettext_lazy("Status for everybody"), lambda idea: str(idea.public_status)),
                *_TEXTS,
                Field("address", "string", _PAGE, _page_of),
            ),
            lambda campaign, at: in_short_readings(data_ideas(campaign, at), CHUNK),
        ),
        Table(
            "winners",
            gettext_lazy("Winners"),
            gettext_lazy("In the order of the list, once it is published. Names stand on the winners' page only."),
            (
                Field("rank", "integer", gettext_lazy("Rank"), lambda idea: idea.shortlist_entry.rank),
                _RECEIPT,
                *_TEXTS,
                Field("address", "string", _PAGE, _address("winner")),
            ),
            lambda campaign, _at: _with_campaign(public_winners(campaign)),
        ),
        Table(
            "statistics",
            pgettext_lazy("open data", "Figures"),
            gettext_lazy("The figures of the campaign's page; an empty count is of fewer than five people."),
            (
                Field("table", "string", gettext_lazy("What is counted by"), lambda row: row.table),
                Field("key", "string", gettext_lazy("Short name that stays"), lambda row: row.key),
                Field("name", "string", gettext_lazy("Name in Chinese"), lambda row: row.names[0]),
                Field("name_en", "string", gettext_lazy("Name in English"), lambda row: row.names[1]),
                Field("count", "integer", gettext_lazy("Ideas, or answers of a unit"), lambda row: row.count),
                Field(
                    "working_days",
                    "integer",
                    gettext_lazy("Working days, middle answer of a unit"),
                    lambda row: row.days,
                ),
            ),
            lambda campaign, at: data_figures(statistics_of(campaign, at)),
        ),
        Table(
            "record",
            gettext_lazy("Marks of the panel"),
            gettext_lazy("Every mark of the sealed record under random pseudonyms. As JSON it is the record itself."),
            (
                Field("idea", "string", gettext_lazy("Receipt number"), lambda row: row["idea"]),
                Field("reviewer", "string", gettext_lazy("Pseudonym of a panellist"), lambda row: row["reviewer"]),
                Field("criterion", "string", gettext_lazy("Criterion"), lambda row: row["criterion"]),
                Field("points", "integer", gettext_lazy("Points from 1 to 10"), lambda row: row["points"]),
            ),
            lambda campaign, _at: data_marks(campaign),
            lambda campaign: public_record(campaign) is not None,
        ),
    )
}


def _with_campaign(winners: Any) -> Any:
    return winners.select_related("campaign", "topic", "area", "shortlist_entry").prefetch_related(None)


def tables_of(campaign: Campaign) -> list[Table]:
    return [table for table in TABLES.values() if table.is_there(campaign)]


def data_file(table: Table, campaign: Campaign, at: datetime, form: Form) -> FileResponse:
    rows = table.rows(campaign, at)
    if form == "json":
        file = _json(table, rows)
    elif form == "csv":
        file = csv_file(_lines(table, rows))
    else:
        file = xlsx_file(_lines(table, rows), table.name)
    name = f"{campaign.slug}-{table.name}.{form}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[form])


def _lines(table: Table, rows: Iterable[Any]) -> Iterator[list[Any]]:
    """The head, then one line a row; texts made harmless, numbers as numbers, nothing as nothing."""
    yield [field.name for field in table.fields]
    for row in rows:
        values = [field.value(row) for field in table.fields]
        yield [harmless(value) if isinstance(value, str) else "" if value is None else value for value in values]


def _json(table: Table, rows: Iterable[Any]) -> Any:
    """A list of objects, one a line."""
    file = TemporaryFile()  # noqa: SIM115 - closed with the response
    before = b"[\n"
    for row in rows:
        values = {field.name: field.value(row) for field in table.fields}
        file.write(before + json.dumps(values, ensure_ascii=False).encode())
        before = b",\n"
    file.write(b"[]\n" if before == b"[\n" else b"\n]\n")
    file.seek(0)
    return file


def data_package(campaign: Campaign) -> dict[str, Any]:
    """The descriptor (Data Package, specs.frictionlessdata.io): titles are Chinese, `title_en` English."""
    page = conf.site_url() + reverse("data", args=[campaign.slug])
    return {
        "profile": "data-package",
        "name": f"golden-ideas-{campaign.slug.lower()}",
        "id": page,
        "homepage": page,
        **_titles("title", campaign.title, campaign.title_en or campaign.title),
        **_titles("description", campaign.summary, campaign.summary_en or campaign.summary),
        **_licences(),
        "resources": [_resource(table) for table in tables_of(campaign)],
    }


def _resource(table: Table) -> dict[str, Any]:
    fields = [{"name": field.name, "type": field.kind, **_both("title", field.title)} for field in table.fields]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_both("title", table.title),
        **_both("description", table.about),
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _both(name: str, words: Any) -> dict[str, str]:
    said = []
    for language in ("zh-hans", "en"):
        with override(language):
            said.append(str(words))
    return _titles(name, *said)


def _titles(name: str, chinese: str, english: str) -> dict[str, str]:
    return {name: chinese, f"{name}_en": english}


def _licences() -> Mapping[str, Any]:
    licence = conf.data_licence()
    if licence is None:
        return {}
    found = {"name": licence.name, "title": licence.title, "path": licence.address}
    return {"licenses": [{key: text for key, text in found.items() if text}]}


def as_form(text: str) -> Form | None:
    return next((form for form in FORMS if form == text), None)
