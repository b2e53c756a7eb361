"""How long a resident waits who sends an idea while a file is being taken in.

    VAR_DIR=var/beside DATABASE_URL=… python bench/beside_import.py --rows 3000

Two processes on a database of their own: one takes in the rows, the other one sends ideas, one after the other.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def begin() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()


def answers(number: int) -> dict[str, object]:
    words = {"problem": "晚上很黑，看不清台阶。" * 12, "proposal": "加两盏路灯。", "place": ""}
    person = {"name": "林小满", "phone": "", "email": "", "naming": "anonymous", "net_name": ""}
    title = f"建议在第{number}个路口增设路灯"
    return {**words, **person, "title": title, "topic": "road", "area": "unknown", "language": "zh-hans"}


def send(campaign: int, over: object, waits: object) -> None:
    begin()
    from django.utils import timezone

    from ideas.models import Campaign
    from ideas.services.intake import receive_idea

    row, number = Campaign.objects.get(pk=campaign), 0
    while not over.is_set():  # type: ignore[attr-defined]
        since, number = time.perf_counter(), number + 1
        try:
            receive_idea(campaign=row, answers=answers(-number), at=timezone.now())
            waits.put(time.perf_counter() - since)  # type: ignore[attr-defined]
        except Exception as error:
            waits.put(repr(error))  # type: ignore[attr-defined]
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    rows = parser.parse_args().rows
    begin()
    from django.core.management import call_command
    from django.utils import timezone

    from ideas.choices import Source
    from ideas.models import Campaign, Topic
    from ideas.services.imports import Row, import_rows

    call_command("migrate", verbosity=0)
    at = timezone.now()
    campaign = Campaign.objects.create(
        slug=f"beside-{at:%H%M%S}", prefix="JM", title="x", opens_at=at - timedelta(days=3),
        closes_at=at + timedelta(days=3), announced_at=at - timedelta(days=4),
    )  # fmt: skip
    Topic.objects.create(campaign=campaign, slug="road", name="道路", name_en="Roads", position=1)
    apart = multiprocessing.get_context("spawn")
    over, waits = apart.Event(), apart.Queue()
    resident = apart.Process(target=send, args=(campaign.pk, over, waits))
    resident.start()
    time.sleep(5)
    while not waits.empty():
        waits.get()
    since, day = time.perf_counter(), timezone.localdate(at) - timedelta(days=1)
    import_rows(campaign=campaign, rows=[Row(answers(n), Source.PAPER, day) for n in range(rows)], manager=None, at=at)
    took = time.perf_counter() - since
    found = []
    while not waits.empty():
        found.append(waits.get())
    over.set()
    resident.join(30)
    good = [wait for wait in found if isinstance(wait, float)]
    print(f"{rows} rows in {took:.1f} s; meanwhile {len(good)} ideas sent, {len(found) - len(good)} failed;")
    print(f"a resident waited {statistics.median(good):.2f} s (median), {max(good):.2f} s at most.")


if __name__ == "__main__":
    main()
