"""Put personal data under the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from ideas.services.health import require_own_keys
from ideas.services.privacy import rotate_keys


class Command(BaseCommand):
    help = "Seal and hash personal data anew under the first key of IDEAS_KEYS. May be stopped and run again."

    def handle(self, **options: Any) -> None:
        require_own_keys()
        for table, rows in rotate_keys().items():
            self.stdout.write(f"{table}: {rows} rows sealed anew.")
