"""Taking in a file of paper and telephone ideas."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from ideas.errors import Refusal
from ideas.forms.imports import check_file
from ideas.models import Campaign
from ideas.queries.imports import Twin, twins
from ideas.services.imports import import_rows


class Command(BaseCommand):
    help = "Import ideas from a CSV or XLSX file, all or nothing; every bad row is named. You vouch for the consents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--campaign", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--tell", action="store_true", help="send a receipt to each address given")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["campaign"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['campaign']!r}.")
        at = timezone.now()
        try:
            content = options["file"].read_bytes()
            checked = check_file(content, campaign=campaign, at=at, progress=self._bar("check", options))
            for fault in checked.faults:
                self.stderr.write(f"line {fault.line}, {fault.column}: {fault.reason}")
            if checked.faults:
                raise CommandError(f"{len(checked.faults)} faults; nothing was imported.")
            for twin in twins(campaign, checked.for_twins(), progress=self._bar("compare", options)):
                self.stdout.write(_about(twin))
            if options["dry_run"]:
                self.stdout.write(f"{len(checked.rows)} rows are good; nothing was imported.")
                return
            done = import_rows(
                campaign=campaign, rows=checked.rows, manager=None, at=at, tell=options["tell"],
                progress=self._bar("import", options),
            )  # fmt: skip
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{done} ideas imported.")

    def _bar(self, label: str, options: dict[str, Any]) -> Any:
        return lambda rows, total: tqdm(rows, desc=label, total=total, disable=options["quiet"], mininterval=0.5)


def _about(twin: Twin) -> str:
    if twin.row:
        return f"line {twin.line}: the same words as line {twin.row}"
    return f"line {twin.line}: {twin.percent} % alike: {twin.receipt} {twin.title}"
