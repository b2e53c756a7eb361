"""Taking in a file of paper and telephone ideas."""

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from ideas.errors import Refusal
from ideas.forms.columns import HEADS, Column
from ideas.forms.imports import Checked, FileCheck
from ideas.models import Campaign
from ideas.queries.imports import FileComparison, PossibleDuplicate
from ideas.services.imports import form_of, has_begun, rows_going_in


class Command(BaseCommand):
    help = "Import ideas from a CSV or XLSX file, all or nothing; every bad row is named. You vouch for the consents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--campaign", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--tell", action="store_true", help="send a receipt to each address given")
        parser.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="of rows without a date")
        parser.add_argument(
            "--column", action="append", default=[], metavar="HEAD=FIELD",
            help="what a column with an unknown head is (联系人=姓名), or HEAD= to leave it out; repeat it",
        )  # fmt: skip
        parser.add_argument("--again", action="store_true", help="take in once more what was imported already")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["campaign"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['campaign']!r}.")
        at = timezone.now()
        try:
            content = options["file"].read_bytes()
            checked = self._check(content, campaign, at, options)
            for note in checked.notes:
                self.stdout.write(note)
            for fault in checked.faults:
                self.stderr.write(f"line {fault.line}, {fault.column}: {fault.reason}")
            if checked.faults:
                raise CommandError(f"{len(checked.faults)} faults; nothing was imported.")
            if checked.undecided:
                raise CommandError("\n".join([_asked(column) for column in checked.undecided]))
            comparison = FileComparison(campaign, checked.for_comparison())
            self._count("compare", comparison, options)
            for duplicate in comparison.found:
                self.stdout.write(_about(duplicate))
            if options["dry_run"]:
                self.stdout.write(f"{len(checked.rows)} rows are good; nothing was imported.")
                return
            self._take_in(checked, campaign, content, at, options)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _take_in(
        self, checked: Checked, campaign: Campaign, content: bytes, at: datetime, options: dict[str, Any]
    ) -> None:
        rows, form, done, turn = checked.rows, form_of(content, campaign), 0, 1
        if begun := has_begun(form):
            if begun.is_in and not options["again"]:
                raise CommandError(
                    f"This file was imported already, at {timezone.localtime(begun.at):%Y-%m-%d %H:%M}; nothing was "
                    "imported twice. If its ideas are to come in a second time, say --again."
                )
            done, turn = (0, begun.turn + 1) if begun.is_in else (begun.done, begun.turn)
        if done:
            self.stdout.write(f"{done} of {len(rows)} rows are in already; going on.")
        with tqdm(desc="import", total=len(rows), initial=done, disable=options["quiet"], mininterval=0.5) as bar:
            for done in rows_going_in(
                campaign=campaign, rows=rows, manager=None, at=at, tell=options["tell"], form=form, turn=turn
            ):
                bar.update(done - bar.n)
        self.stdout.write(f"{done} ideas imported.")

    def _check(self, content: bytes, campaign: Campaign, at: datetime, options: dict[str, Any]) -> Checked:
        """With what was said of columns, by their heads."""
        said = dict(given.rpartition("=")[::2] for given in options["column"])
        given = {"campaign": campaign, "at": at, "day": options["day"]}
        check = FileCheck(content, **given)
        if said:
            columns = {
                column.place: _field(said.get(column.head) or said.get(column.letter) or "")
                for column in check.checked.columns
                if column.head in said or column.letter in said
            }
            check = FileCheck(content, columns=columns, **given)
        self._count("check", check, options)
        return check.checked

    def _count(self, label: str, steps: FileCheck | FileComparison, options: dict[str, Any]) -> None:
        for _done in tqdm(steps, desc=label, disable=options["quiet"], mininterval=0.5):
            pass


def _field(head: str) -> str:
    found = next((name for name, heads in HEADS.items() if head in (name, *heads)), "")
    if head and not found:
        raise CommandError(
            f"There is no column {head!r}. There are: {', '.join(heads[0] for heads in HEADS.values())}."
        )
    return found


def _asked(column: Column) -> str:
    head = column.head or column.letter
    return (
        f"Is column {column.letter} “{head}” meant as “{column.likely_head}”? "
        f"Say --column {head}={column.likely_head}, or --column {head}= to leave it out."
    )


def _about(duplicate: PossibleDuplicate) -> str:
    if duplicate.row:
        return f"line {duplicate.line}: the same words as line {duplicate.row}"
    return f"line {duplicate.line}: {duplicate.percent} % alike: {duplicate.receipt} {duplicate.title}"
