"""Recompute a sealed record."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ideas.models import SealedRecord
from ideas.rules.record import first_difference


class Command(BaseCommand):
    help = "Recompute a sealed record (JSON file) from its marks, and say whether it holds or what differs first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, **options: Any) -> None:
        try:
            file = json.loads(options["file"].read_text(encoding="utf-8"))
            difference = first_difference(file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError(f"This is no whole record: {type(error).__name__}: {error}") from error
        if difference:
            raise CommandError(f"Does not hold: {difference}.")
        kept = SealedRecord.objects.filter(digest=file["digest"]).select_related("campaign").first()
        self.stdout.write(f"Holds: record {file['record']['number']}, {file['record']['edition']} edition.")
        self.stdout.write(f"Kept here as {kept.campaign.slug} {kept.number}." if kept else "Not kept in this portal.")
