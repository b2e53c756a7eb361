"""Fill the campaign's places from the scores."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ideas.errors import Refusal
from ideas.models import Campaign
from ideas.services.proposal import propose_shortlist


class Command(BaseCommand):
    help = "Propose a campaign's shortlist from the panel's marks. Nothing of it is visible outside the office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["slug"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['slug']!r}.")
        try:
            shortlist = propose_shortlist(campaign=campaign, at=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for entry in shortlist.entries.select_related("idea"):
            self.stdout.write(f"{entry.rank:3d}  {entry.score:8.4f} {entry.reviews:2d}  {entry.idea}")
        for move in shortlist.moves:
            where = "on the list" if move["is_on"] else "off the list"
            self.stdout.write(f"{move['idea']} {where}: {move['rule']} {move['other']}".rstrip())
        if shortlist.tied:
            self.stdout.write(f"Tied at the cut, settled by reviews and receipt order: {', '.join(shortlist.tied)}")
