"""Let somebody log in again after too many wrong tries."""

from argparse import ArgumentParser
from typing import Any

from axes.models import AccessAttempt
from django.core.management.base import BaseCommand

from ideas.services.logins import unlock


class Command(BaseCommand):
    help = "Forget the wrong tries of a user name, wherever they came from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, **options: Any) -> None:
        attempts = AccessAttempt.objects.filter(username__iexact=options["username"])
        unlock(username=options["username"], addresses=[row.ip_address or "" for row in attempts])
