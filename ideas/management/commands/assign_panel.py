"""Put accepted ideas on panellists' desks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ideas.errors import Refusal
from ideas.models import Campaign
from ideas.services.panel import ON_COMMAND_LINE, assign_first_round, assign_second_round


class Command(BaseCommand):
    help = "Give every accepted idea of a campaign its panellists; what stands is kept, open seats are filled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--per-idea", type=int, metavar="K", help="reviews per idea (default: the campaign's)")
        parser.add_argument("--round", type=int, default=1, choices=(1, 2), help="2: spend what is left on the leaders")
        parser.add_argument("--reason", default=ON_COMMAND_LINE, help="why rating begins while ideas are undecided")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed, the same assignment")

    def handle(self, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["slug"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['slug']!r}.")
        per_idea = options["per_idea"] or campaign.reviews_per_idea
        assign = assign_first_round if options["round"] == 1 else assign_second_round
        try:
            result = assign(
                campaign=campaign,
                per_idea=per_idea,
                seed=options["seed"],
                at=timezone.now(),
                reason=options["reason"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{result.made} new assignments.")
        if result.short:
            raise CommandError(f"Too few panellists are free for: {', '.join(result.short)}")
