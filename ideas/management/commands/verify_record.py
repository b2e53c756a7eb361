"""Recompute a sealed record."""

from argparse import ArgumentParser
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ideas.choices import Edition
from ideas.models import SealedRecord
from ideas.rules import members
from ideas.rules.record import first_difference

CHUNK = 1 << 20


class Command(BaseCommand):
    help = "Recompute a sealed record (JSON file) from its marks, and say whether it holds or what differs first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, **options: Any) -> None:
        try:
            file = members.read(partial(_chunks, options["file"]))
            difference = first_difference(file)
        except members.Unreadable as error:
            raise CommandError(f"This is no whole record: {printable(str(error))}.") from error
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            raise CommandError(f"This is no whole record: {type(error).__name__}: {printable(str(error))}") from error
        if difference:
            raise CommandError(f"Does not hold: {printable(difference)}.")
        self._say(file)

    def _say(self, file: dict[str, Any]) -> None:
        """That it holds, and which digest to compare with the signed minutes."""
        facts = file["record"]
        kept = SealedRecord.objects.filter(digest=file["digest"]).select_related("campaign").first()
        self.stdout.write(f"Holds: record {facts['number']}, {facts['edition']} edition.")
        self.stdout.write(f"Kept here as {kept.campaign.slug} {kept.number}." if kept else "Not kept in this portal.")
        self.stdout.write(f"SHA-256 of this edition: {file['digest']}")
        signed = facts["archive_digest"] if facts["edition"] == Edition.PUBLIC else file["digest"]
        self.stdout.write(f"Compare with the signed minutes: {signed}")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, CHUNK), b"")


def printable(line: str) -> str:
    """One line that no terminal takes for anything else: what is not ASCII or cannot be seen is escaped."""
    return "".join(sign if sign.isprintable() and sign.isascii() else ascii(sign)[1:-1] for sign in line)
