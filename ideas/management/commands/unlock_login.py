"""Let somebody log in again after too many wrong tries."""

from argparse import ArgumentParser
from typing import Any

from axes.models import AccessAttempt
from django.core.management.base import BaseCommand, CommandError

from ideas.models import User
from ideas.services.logins import unlock


class Command(BaseCommand):
    help = "Forget the wrong tries of a user name, wherever they came from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, **options: Any) -> None:
        name = options["username"]
        if not User.objects.filter(username__iexact=name).exists():
            raise CommandError(f"There is no user {name}.")
        attempts = AccessAttempt.objects.filter(username__iexact=name)
        unlock(username=name, addresses=[row.ip_address or "" for row in attempts])
        self.stdout.write(f"{name} may try to log in again.")
