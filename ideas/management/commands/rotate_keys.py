"""Put personal data under the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from ideas.services.privacy import rotate_keys


class Command(BaseCommand):
    help = "Seal and hash personal data anew under the first key of IDEAS_KEYS. May be stopped and run again."

    def handle(self, **options: Any) -> None:
        for table, rows in rotate_keys().items():
            self.stdout.write(f"{table}: {rows} rows sealed anew.")
