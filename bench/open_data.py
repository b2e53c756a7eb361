#!/usr/bin/env python
"""How much memory and time the open data of a large campaign take: 100,000 public ideas.

    .venv/bin/python bench/open_data.py [--ideas 100000] [--database-url postgres://USER@127.0.0.1:5432/EMPTY]

Fills an empty database in bulk and asks for `ideas` as CSV, JSON and XLSX through Django's test client, each in a
process of its own that has answered a small file before. Tells by how much its largest resident memory grew, the size
and the seconds. Exit code 1 where it grew by more than 50 MB.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.start import environment, prepare, seed
from portal.env import BASE_DIR

MOST = 50_000_000  # bytes
FILL = """
from datetime import timedelta
from django.utils import timezone
from ideas.models import Area, Campaign, Idea, OpenData
campaign = Campaign.objects.latest("pk")
Campaign.objects.filter(pk=campaign.pk).update(show_ideas=True)
OpenData.objects.create(campaign=campaign, is_on=True)
topics, areas, now = list(campaign.topics.all()), list(Area.objects.all()), timezone.now()
for start in range(0, {ideas}, 2000):
    Idea.objects.bulk_create(
        Idea(
            campaign=campaign, receipt=f"XX26-{{number:09}}", code_hash="-", status="accepted",
            title="原文", problem="原文", proposal="原文",
            received_at=now - timedelta(seconds=number), topic=topics[number % len(topics)],
            area=areas[number % len(areas)],
            published_title=f"公开的标题{{number}}", published_text="公开的正文。" * 50,
        )
        for number in range(start, start + 2000)
    )
"""
ASK = """
import json, resource, sys, time
from django.test import Client
from ideas.models import Campaign
client, slug = Client(), Campaign.objects.latest("pk").slug
def ask(table, form):
    answer, size = client.get(f"/campaigns/{slug}/data/{table}.{form}"), 0
    for chunk in answer.streaming_content:
        size += len(chunk)
    return size
def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
ask("winners", FORM)
before, begun = most(), time.perf_counter()
size = ask("ideas", FORM)
print(json.dumps([most() - before, size, time.perf_counter() - begun]))
"""


def shell(env: dict[str, str], code: str) -> str:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "-c", code]
    return subprocess.run(command, cwd=BASE_DIR, env=env, check=True, capture_output=True, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ideas", type=int, default=100_000)
    parser.add_argument("--database-url", default="", help="an empty scratch database; it is left filled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        env = environment(Path(name), options.database_url) | {"ALLOWED_HOSTS": "testserver"}
        prepare(env)
        seed(env, "--ideas=20", "--stage=collecting")
        shell(env, FILL.format(ideas=options.ideas))
        grown = []
        for form in ("csv", "json", "xlsx"):
            memory, size, seconds = json.loads(shell(env, ASK.replace("FORM", repr(form))))
            print(
                f"{form:5} memory grows by {memory / 1e6:4.0f} MB, {size / 1e6:5.0f} MB, {seconds:5.1f} s", flush=True
            )
            grown.append(memory)
    return int(any(memory > MOST for memory in grown))


if __name__ == "__main__":
    sys.exit(main())
