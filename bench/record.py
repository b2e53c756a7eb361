#!/usr/bin/env python
"""How long a large list takes to be sealed and its record to be recomputed, and how much memory that needs.

A campaign of the wanted size is seeded as far as its list; then each step runs in a process of its own, whose time and
largest resident memory are told: both signatures, the download of both editions, `manage.py verify_record`, and
`verify_record.py`, the program that stands alone. Exit code 1 where a step needs more than 1 GB.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.start import environment, run, seed
from portal.env import BASE_DIR

MOST = 1_000_000_000  # bytes
SEAL = """
from django.utils import timezone
from ideas.models import Shortlist, User
from ideas.services.sealing import seal_shortlist
row = Shortlist.objects.get()
for name in ("manager1", "manager2"):
    version = Shortlist.objects.values_list("version", flat=True).get()
    manager = User.objects.get(username=name)
    row = seal_shortlist(shortlist=row, manager=manager, at=timezone.now(), expected_version=version)
"""
DOWNLOAD = """
from ideas.exports.record import record_file
from ideas.models import SealedRecord
with open({path!r}, "wb") as file:
    for chunk in record_file(SealedRecord.objects.get(edition={edition!r})):
        file.write(chunk)
"""


class Step(NamedTuple):
    """What a process took."""

    name: str
    seconds: float
    memory: int  # bytes, at most at one moment


def measured(name: str, env: dict[str, str], *arguments: str) -> Step:
    """Run Python with arguments to its end; what it prints stays unseen unless it fails."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        started = subprocess.Popen([sys.executable, *arguments], cwd=BASE_DIR, env=env, stdout=said, stderr=said)
        _pid, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        if started.returncode:
            said.seek(0)
            raise SystemExit(f"{name} failed:\n{said.read().decode()}")
    step = Step(name, time.perf_counter() - begun, usage.ru_maxrss * 1024)
    print(f"{step.name:45} {step.seconds:8.1f} s {step.memory / 1e6:8.0f} MB", flush=True)
    return step


def measure(env: dict[str, str], folder: Path) -> list[Step]:
    """Seal the only list of the database, and recompute what that leaves."""
    steps = [measured("two signatures", env, "manage.py", "shell", "--no-imports", "-c", SEAL)]
    for edition in ("archive", "public"):
        path = folder / f"{edition}.json"
        code = DOWNLOAD.format(path=str(path), edition=edition)
        steps.append(measured(f"{edition}: download", env, "manage.py", "shell", "--no-imports", "-c", code))
        print(f"{edition}: {path.stat().st_size / 1e6:.0f} MB", flush=True)
        steps.append(measured(f"{edition}: manage.py verify_record", env, "manage.py", "verify_record", str(path)))
        steps.append(measured(f"{edition}: verify_record.py", env, "ideas/exports/verify_record.py", str(path)))
    return steps


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ideas", type=int, default=20_000)
    parser.add_argument("--database-url", default="", help="an empty scratch database; it is left filled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = environment(folder, options.database_url)
        run(env, "manage.py", "migrate", "--verbosity=0")
        seed(env, f"--ideas={options.ideas}", "--stage=shortlist")
        steps = measure(env, folder)
    return int(any(step.memory > MOST for step in steps))


if __name__ == "__main__":
    sys.exit(main())
