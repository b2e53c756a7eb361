"""Ask everything that must be true of the data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ideas.queries.invariants import INVARIANTS, violations


class Command(BaseCommand):
    help = "Check what must be true of the data at any moment; exit status 1 and one line for each violation."

    def handle(self, **options: Any) -> None:
        found = 0
        for name, line in violations():
            found += 1
            self.stdout.write(f"{name}: {line}")
        if found:
            raise CommandError(f"{found} violations.")
        self.stdout.write(f"{len(INVARIANTS)} invariants hold.")
