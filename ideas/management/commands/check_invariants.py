"""Ask everything that must be true of the data."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ideas import conf
from ideas.queries.invariants import INVARIANTS, violations
from ideas.queries.stamps import differing_heads


class Command(BaseCommand):
    help = "Check what must be true of the data at any moment; exit status 1 and one line for each violation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--against", type=Path, metavar="FILE", help="compare with heads noted outside, as mailed")

    def handle(self, **options: Any) -> None:
        found = 0
        for name, line in (*violations(), *_differing(options["against"])):
            found += 1
            self.stdout.write(f"{name}: {line}")
        if found:
            raise CommandError(f"{found} violations.")
        self.stdout.write(f"{len(INVARIANTS)} invariants hold.")


def _differing(path: Path | None) -> Iterator[tuple[str, str]]:
    """Against a file of heads: the one given, and the worker's own if there is one."""
    for noted in dict.fromkeys([path, conf.heads_file()]):
        if noted is not None and (noted == path or noted.exists()):
            for line in differing_heads(noted):
                yield "the chain of stamps is the one noted outside", line
