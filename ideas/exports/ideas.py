"""Lists of ideas to take away, as XLSX or CSV: logged once the file is there, before its first byte leaves.

The file is written before it is sent, in constant memory and from short readings: however slowly it is fetched, no
reading of the database lasts meanwhile, which would keep SQLite's write-ahead log and PostgreSQL's dead rows from being
cleared. A file that could not be written leaves no line: nothing was given out. The log counts what stands in the file.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import Any, Literal

from django.http import FileResponse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

from ideas.choices import OfficeAct
from ideas.models import Campaign, Idea, Resident, User
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import require, status_for
from ideas.rules import cells
from ideas.rules.telephones import plain_phone
from ideas.services.contacts import log_contacts_taken, require_purpose
from ideas.services.office import log_act

Form = Literal["xlsx", "csv"]
CHUNK = 2000
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_rows(
    queryset: IdeaQuerySet,
    *,
    user: User,
    at: datetime,
    contacts: bool = False,
    form: Form = "xlsx",
    campaign: Campaign | None = None,
    filters: str = "",
    purpose: str = "",
    words: str = "",
) -> FileResponse:
    """The file of a view of the queue. Restricted ideas are in none; contacts only for those who may export them and
    say what for (`purpose`, a ContactPurpose, and `words`): each person in the file counts as a contact given out.

    `filters` says which view it was (parameters of its address; no search words, which may be somebody's number).
    """
    require(user, "ideas.export_idea")
    rows = queryset.unrestricted().select_related("topic", "area", "campaign", "resident")
    if contacts:
        require_purpose(staff=user, purpose=purpose, words=words)
    counted: Counter[str] = Counter()
    write, content_type = (csv_file, CSV) if form == "csv" else (xlsx_file, XLSX)
    file = write(_lines(rows, user, contacts, counted))
    detail = {"rows": counted["rows"], "contacts": contacts, "form": form, "filters": filters}
    if contacts:
        why: dict[str, Any] = {"persons": counted["persons"], "purpose": purpose, "words": words}
        log_contacts_taken(staff=user, at=at, campaign=campaign, detail=detail, **why)
    else:
        log_act(act=OfficeAct.EXPORT, at=at, actor=user, campaign=campaign, detail=detail)
    name = f"ideas-{localtime(at):%Y%m%d-%H%M}.{form}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def persons_in(queryset: IdeaQuerySet) -> int:
    """How many persons a file of this view with contacts holds."""
    return queryset.unrestricted().filter(resident__isnull=False).count()


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return cells.harmless(ILLEGAL_CHARACTERS_RE.sub("", value))


def _lines(rows: IdeaQuerySet, user: User, contacts: bool, counted: Counter[str]) -> Iterator[list[str]]:
    """The head, then one line an idea. Counts the rows and their persons."""
    yield [str(head) for head, _value in (*_IDEA, *(_PERSON if contacts else ()))]
    for idea in in_short_readings(rows):
        line = [str(value(idea, user)) for _head, value in _IDEA]
        counted["rows"] += 1
        counted["persons"] += hasattr(idea, "resident")
        yield [harmless(text) for text in (*line, *(_person(idea) if contacts else ()))]


def in_short_readings(rows: IdeaQuerySet, chunk: int = 0) -> Iterator[Idea]:
    """All ideas in their order; one that has left the view since it was asked for is left out."""
    keys = list(dict.fromkeys(rows.values_list("pk", flat=True)))
    chunk = chunk or CHUNK
    for start in range(0, len(keys), chunk):
        found = rows.order_by().in_bulk(keys[start : start + chunk])
        yield from (found[key] for key in keys[start : start + chunk] if key in found)


def _person(idea: Idea) -> list[str]:
    resident: Resident | None = getattr(idea, "resident", None)  # gone when erased
    if resident is None:
        return [""] * len(_PERSON)
    contact = resident.contact
    return [str(value(resident, contact)) for _head, value in _PERSON]


def _moment(at: datetime | None) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}" if at else ""


# (head, value) of each column. What goes out comes back in: a new head belongs into forms.columns, too (HEADS, or
# GIVEN_ANEW if it is not read).
_IDEA: tuple[tuple[Any, Callable[[Idea, User], Any]], ...] = (
    (gettext_lazy("Receipt number"), lambda idea, _user: idea.receipt),
    (gettext_lazy("Status"), lambda idea, user: status_for(user, idea).label),  # what this person may know
    (gettext_lazy("Campaign"), lambda idea, _user: idea.campaign),
    (gettext_lazy("Topic"), lambda idea, _user: idea.topic),
    (gettext_lazy("Community"), lambda idea, _user: idea.area or ""),
    (gettext_lazy("Place"), lambda idea, _user: idea.place),
    (gettext_lazy("Title"), lambda idea, _user: idea.title),
    (gettext_lazy("Problem"), lambda idea, _user: idea.problem),
    (gettext_lazy("Proposal"), lambda idea, _user: idea.proposal),
    (gettext_lazy("Source"), lambda idea, _user: idea.get_source_display()),
    (gettext_lazy("Date of the slip"), lambda idea, _user: idea.slip_on or ""),
    (gettext_lazy("Received at"), lambda idea, _user: _moment(idea.received_at)),
    (gettext_lazy("Entered at"), lambda idea, _user: _moment(idea.entered_at)),
)
_PERSON: tuple[tuple[Any, Callable[[Resident, dict[str, Any]], Any]], ...] = (
    (gettext_lazy("Name"), lambda _resident, contact: contact.get("name", "")),
    # Mainland numbers without +86, which would have to be disarmed.
    (gettext_lazy("Telephone"), lambda _resident, contact: plain_phone(contact.get("phone", ""))),
    (gettext_lazy("E-mail"), lambda _resident, contact: contact.get("email", "")),
    (gettext_lazy("Naming"), lambda resident, _contact: resident.get_naming_display()),
    (gettext_lazy("Net name"), lambda _resident, contact: contact.get("net_name", "")),
    (
        gettext_lazy("Publish consent"),
        lambda resident, _contact: _("Yes") if resident.publish_consented_at else _("No"),
    ),
)


def csv_file(lines: Iterator[list[Any]]) -> Any:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    file = TemporaryFile()  # noqa: SIM115 - closed with the response
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows(lines)
    text.detach()
    file.seek(0)
    return file


def _cell(sheet: Any, value: str | int) -> Any:
    return value if isinstance(value, int) else _text_cell(sheet, cells.escaped(value))


def _text_cell(sheet: Any, text: str) -> Any:
    """A cell that holds text whatever it looks like: openpyxl would make an error of `#REF!` and a formula of `=`."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def xlsx_file(lines: Iterator[list[Any]], title: str = "") -> Any:
    """Texts and whole numbers; the sheet is called "Ideas" where nothing else is said."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title or _("Ideas"))
    file = TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        for line in lines:
            sheet.append([_cell(sheet, value) for value in line])
        book.save(file)
    except BaseException:
        # openpyxl keeps its own half file until the process ends: on a full disk nothing would fit any more.
        with suppress(Exception):
            sheet._writer.cleanup()
        raise
    file.seek(0)
    return file
