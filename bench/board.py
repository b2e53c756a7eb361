"""What the board of units costs the processor: 200 units, 50,000 referrals.

    createdb bench && .venv/bin/python bench/board.py --database-url=postgres://USER@127.0.0.1:5432/bench

Fills an empty database in bulk (many of the referrals overdue, half answered), asks for the page some times through
Django's test client, and tells the median with its quartiles: seconds of our processor, seconds until the answer was
there, and the queries. Fails where the median of the processor is above 300 ms.
"""

import argparse
import os
import random
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start

MOST_SECONDS, TIMES, SEED = 0.3, 21, 7
STATES = ("sent", "acknowledged", "planned", "done", "returned", "closed", "recalled")


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="bench-") as folder:
        env = start.environment(Path(folder), options.database_url)
        start.prepare(env)
        start.seed(env, "--ideas=20", "--stage=collecting", f"--seed={SEED}")
        os.environ.update(env, ALLOWED_HOSTS="testserver", DJANGO_SETTINGS_MODULE="portal.settings")
        import django

        django.setup()
        _fill(options.units, options.referrals)
        fine = [_tell(f"page {number}", f"?page={number}") for number in (1, 4)]
    return int(not all(fine))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--referrals", type=int, default=50_000)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without")
    return parser.parse_args()


def _fill(units: int, referrals: int) -> None:
    """Rows as they come to be in two years; no events, which the board does not read."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from ideas.models import Campaign, Idea, Referral, ReferralIdea, Unit

    chance, now = random.Random(SEED), timezone.now()
    campaign, idea = Campaign.objects.latest("pk"), Idea.objects.earliest("pk")
    Unit.objects.bulk_create(Unit(name=f"责任单位{number:03d}") for number in range(units))
    owners = list(Unit.objects.filter(name__startswith="责任单位"))
    first = (campaign.referrals.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    rows = []
    for number in range(first, first + referrals):
        sent = now - timedelta(days=chance.randrange(1, 700))
        state = chance.choice(STATES)
        is_over = state in ("done", "closed", "recalled") or chance.random() < 0.4
        end = (sent if is_over else now).date() + timedelta(days=chance.randrange(0, 12))
        is_answered = state in ("planned", "done", "closed")
        rows.append(
            Referral(
                campaign=campaign,
                number=number,
                unit=chance.choice(owners),
                instruction="请办理。",
                state=state,
                sent_at=sent,
                acknowledge_by=end,
                answer_by=end,
                finish_by=end,
                answered_at=sent + timedelta(days=2) if is_answered else None,
                answer_days=chance.randrange(1, 25) if is_answered else None,
                answer_in_time=chance.random() < 0.8 if is_answered else None,
                done_in_time=chance.random() < 0.8 if state in ("done", "closed") else None,
            )
        )
    made = Referral.objects.bulk_create(rows, batch_size=2000)
    ReferralIdea.objects.bulk_create((ReferralIdea(referral=row, idea=idea) for row in made), batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _tell(name: str, query: str) -> bool:
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from ideas.models import User

    client, queries = Client(), 0
    client.force_login(User.objects.get(username="manager1"), "django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:ideas_referral_board") + query

    def counted(execute: Any, *statement: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*statement)

    with connection.execute_wrapper(counted):
        size = len(client.get(address).getvalue())
    ours, until = [], []
    for _ in range(TIMES):
        begun, asked = time.process_time(), time.perf_counter()
        if client.get(address).status_code != 200:
            raise SystemExit(f"{address} was refused.")
        ours.append(time.process_time() - begun)
        until.append(time.perf_counter() - asked)
    print(f"{name}: processor {_spread(ours)}, until the answer {_spread(until)}, {queries} queries, {size // 1024} KB")
    return median(ours) <= MOST_SECONDS


def _spread(seconds: list[float]) -> str:
    low, _middle, high = quantiles(seconds, n=4)
    return f"{median(seconds) * 1000:.0f} ms ({low * 1000:.0f}–{high * 1000:.0f})"


if __name__ == "__main__":
    sys.exit(main())
