"""Give every role its permissions, and a new portal its first ready replies."""

from typing import Any

from django.core.management.base import BaseCommand

from ideas.services.replies import starter_replies
from ideas.services.roles import sync_roles


class Command(BaseCommand):
    help = "Give every role (group) exactly its permissions. Run it after each upgrade, as often as you like."

    def handle(self, **options: Any) -> None:
        sync_roles()
        self.stdout.write("Roles are in step.")
        if made := starter_replies():
            self.stdout.write(f"{made} ready replies for moderators were made.")
