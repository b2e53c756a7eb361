"""Invented data of any size."""

import gc
from argparse import ArgumentParser
from datetime import timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from ideas.demo.campaigns import make_campaign
from ideas.demo.seeding import STAGES, SeedPlan, seed_campaign
from ideas.demo.start import cast, prepare_staff
from ideas.demo.texts import many
from ideas.errors import Refusal
from ideas.models import Campaign
from ideas.services.workdays import seed_calendar

# Days from now: opens, closes, rating from, rating until, end of the story.
DAYS = {
    "collecting": (-20, 10, 12, 25, 0),
    "screening": (-20, 10, 12, 25, 0),
    "rating": (-40, -10, -8, 6, 0),
    "shortlist": (-50, -20, -18, -2, 0),
    "published": (-60, -30, -28, -10, -1),
    "followed": (-80, -50, -48, -30, 0),
}
PLACES, WRITTEN = 30, 340  # places for so many ideas; fewer ideas compete for fewer


class Command(BaseCommand):
    help = "Make a new campaign with invented ideas, taken as far as a stage. The same seed gives the same data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ideas", type=int, default=340, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--stage", choices=STAGES, default="published")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, **options: Any) -> None:
        count, seed, stage = options["ideas"], options["seed"], options["stage"]
        slug = f"demo-{stage}-{count}-{seed}"
        if count < 1:
            raise CommandError("--ideas must be at least 1.")
        if Campaign.objects.filter(slug=slug).exists():
            raise CommandError(f"The campaign {slug!r} is already there.")
        # A million rows make the collector look again and again at what is alive anyway.
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)
        prepare_staff(settings.VAR_DIR / "logins.txt")
        now = timezone.now().replace(minute=0, second=0, microsecond=0)
        seed_calendar(at=now)
        opens, closes, rating_from, rating_until, until = (now + timedelta(days=days) for days in DAYS[stage])
        results = rating_until + timedelta(days=10)
        campaign = make_campaign(
            "safer",
            slug=slug,
            at=now,
            announced_at=opens,
            opens_at=opens,
            closes_at=closes,
            rating_from=rating_from,
            rating_until=rating_until,
            results_on=results.date(),
            places=max(1, min(PLACES, count * PLACES // WRITTEN)),
        )

        def progress(rows: Any, label: str, total: int) -> Any:
            return tqdm(rows, desc=label, total=total, disable=options["quiet"], mininterval=0.5)

        story = SeedPlan(
            campaign=campaign,
            stage=stage,
            until=until,
            seed=seed,
            cast=cast(),
            progress=progress,
            released_at=min(results, until),
        )
        texts = many("safer", count, Random(f"{seed} texts"))  # noqa: S311
        try:
            seed_campaign(story, texts, count)
        except Refusal as refusal:
            campaign.delete()
            raise CommandError(f"{count} ideas of seed {seed} do not get to {stage!r}: {refusal}") from refusal
        except Exception:
            campaign.delete()
            raise
        self.stdout.write(f"/campaigns/{slug}/  {campaign.ideas.count()} ideas, stage {stage}.")
