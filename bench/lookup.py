"""How fast ideas alike are looked up among many, and what it costs in memory.

    bench/lookup.py [--ideas 100000] [--lookups 300] [--database-url postgres://…] [--json OUT]

Fills an empty database with invented Chinese texts (seeded; some ten thousand words whose use follows Zipf's law,
people's phrases around them, places with numbers), counts the terms as the worker does, then times
queries.duplicates.similar_to for ideas drawn at random, with and without a title of everyday words only. Exit code 1 if
the 95th percentile is over 15 ms.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start

WORST_P95 = 0.015
WORDS, CHUNK, SEED = 12_000, 5000, 20261125
BEGAN = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
PHRASES = (
    "建议",
    "希望有关部门尽快",
    "我们小区",
    "晚上",
    "老人和孩子",
    "存在安全隐患",
    "增加",
    "加强管理",
    "附近的",
    "经常",
)


class Writer:
    """Invents texts: two or three characters make a word, words make sentences, some words are far commoner."""

    def __init__(self) -> None:
        self.dice = Random(SEED)
        # The commoner characters come first, as in every language.
        letters = [chr(0x4E00 + 7 * number) for number in range(2500)]
        weights = list(accumulate(1 / (rank + 8) for rank in range(len(letters))))
        self.words = [
            "".join(self.dice.choices(letters, cum_weights=weights, k=self.dice.choice((2, 2, 2, 3, 4))))
            for _ in range(WORDS)
        ]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))

    def _some(self, count: int) -> list[str]:
        return self.dice.choices(self.words, cum_weights=self.weights, k=count)

    def title(self) -> str:
        return "".join([*self._some(2), self.dice.choice(PHRASES), *self._some(3)])[:60]

    def body(self) -> str:
        """80 to 500 characters."""
        sentences = []
        for _ in range(self.dice.randint(3, 16)):
            words = self._some(self.dice.randint(6, 12))
            words.insert(self.dice.randrange(len(words)), self.dice.choice(PHRASES))
            sentences.append("".join(words) + "，。"[self.dice.random() < 0.5])
        return "".join(sentences)


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="bench-") as folder:
        os.environ.update(
            start.environment(Path(folder), options.database_url), DJANGO_SETTINGS_MODULE="portal.settings"
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        report = _measure(options)
    print(json.dumps(report, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if report["p95_ms"] <= WORST_P95 * 1000 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure how fast ideas alike are found.")
    parser.add_argument("--ideas", type=int, default=100_000)
    parser.add_argument("--lookups", type=int, default=300)
    parser.add_argument("--database-url", default="", help="an empty scratch database; SQLite if not given")
    parser.add_argument("--json", type=Path, metavar="OUT")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import connection

    from ideas.models import Idea
    from ideas.services.duplicates import count_terms

    if Idea.objects.exists():
        raise SystemExit("The database is not empty: give it a scratch one.")
    began = time.perf_counter()
    _fill(options.ideas)
    filled = time.perf_counter()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    counting = time.perf_counter()
    count_terms(at=BEGAN, always=True)
    counted = time.perf_counter()
    return {
        "database": connection.vendor,
        "ideas": options.ideas,
        "fill_s": round(filled - began, 1),
        "count_s": round(counted - counting, 1),
        **_lookups(options.ideas, options.lookups),
    }


def _lookups(ideas: int, lookups: int) -> dict[str, Any]:
    from ideas.models import Idea
    from ideas.queries.duplicates import similar_to

    dice = Random(SEED + 1)
    first = Idea.objects.order_by("pk").values_list("pk", flat=True)[0]
    chosen = [Idea.objects.get(pk=first + dice.randrange(ideas)) for _ in range(lookups)]
    times, work, before = [], [], 0
    for number, idea in enumerate(chosen):
        if number % 10 == 0:
            idea.title = "希望有关部门尽快加强管理"
        began, worked = time.perf_counter(), time.process_time()
        similar_to(idea, Idea.objects.all())
        times.append(time.perf_counter() - began)
        work.append(time.process_time() - worked)
        if number == lookups // 10:
            before = _memory()
    work = work[lookups // 10 :]
    times = times[lookups // 10 :]  # the first ones read the counts and warm the caches up
    return {
        "median_ms": round(1000 * median(times), 2),
        "p95_ms": round(1000 * quantiles(times, n=20)[18], 2),
        "own_cpu_p95_ms": round(1000 * quantiles(work, n=20)[18], 2),
        "worst_ms": round(1000 * max(times), 2),
        "peak_memory_mib": _memory(),
        "grown_while_looking_up_mib": _memory() - before,
    }


def _memory() -> int:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _fill(count: int) -> None:
    from ideas.models import Campaign, Idea, PendingComparison, Topic
    from ideas.services.duplicates import index_ideas

    campaign = Campaign.objects.create(
        slug="bench", prefix="BN", title="bench", announced_at=BEGAN, opens_at=BEGAN, closes_at=BEGAN
    )
    topic = Topic.objects.create(campaign=campaign, slug="topic", name="topic", position=1)
    rows = _ideas(campaign, topic, count)
    while chunk := list(islice(rows, CHUNK)):
        Idea.objects.bulk_create(chunk)
        index_ideas(chunk)
        PendingComparison.objects.all().delete()


def _ideas(campaign: Any, topic: Any, count: int) -> Iterator[Any]:
    from ideas.models import Idea

    writer = Writer()
    for number in range(count):
        yield Idea(
            campaign=campaign,
            topic=topic,
            receipt=f"BN{number:08d}",
            received_at=BEGAN + timedelta(minutes=number),
            title=writer.title(),
            problem=writer.body(),
            proposal="",
            place=f"{number % 977}号",
        )


if __name__ == "__main__":
    sys.exit(main())
