"""Write the index of ideas alike anew."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ideas.services.duplicates import reindex


class Command(BaseCommand):
    help = "Write the index by which ideas alike are found and searched anew. May be stopped and run again."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{reindex(at=timezone.now())} ideas indexed.")
