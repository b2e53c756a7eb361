"""The rows of serve.py that are no rates: a release day, log-ins beside a large intake, memory after many requests."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from bench import start
from bench.client import Browser, Clients, Slice, hidden_fields, submit_idea
from portal.env import BASE_DIR

READS = 9  # of ten requests
IMPORTED, LOGINS, SECOND = 20_000, 100, 1.0
EARLY, LATE = 10_000, 100_000  # requests, after which the memory is looked at
STEP = 40  # of them, the last four are a submission
PASSWORD = "lamp-post at the side gate"
PREPARE_INTAKE = """
import datetime
from django.utils import timezone
from ideas.choices import Source
from ideas.models import Campaign, User, PendingComparison
from ideas.services import imports
user = User.objects.get(username="manager1")
user.set_password({password!r}); user.save()
campaign, day = Campaign.objects.get(slug={slug!r}), timezone.localdate()
person = dict(name="林小满", phone="", email="", naming="anonymous", net_name="", place="")
topic = campaign.topics.first().slug
def row(number):
    problem = f"第{{number % 997}}号公交站的小路晚上很黑，上个月又摔了{{number % 7}}次。" * 3
    proposal = f"加{{number % 5}}盏太阳能路灯，画一条斑马线。"
    words = dict(title=f"在第{{number}}个路口增设路灯", problem=problem, proposal=proposal)
    answers = dict(words, **person, topic=topic, area="unknown", language="zh-hans")
    return imports.Row(answers, Source.IMPORT, day)
imports.let_others_write = lambda: None
imports.import_rows(campaign=campaign, rows=[row(n) for n in range({rows})], manager=user, at=timezone.now())
print(PendingComparison.objects.count())
"""
WAITING = "from ideas.models import PendingComparison; print(PendingComparison.objects.count())"


@dataclass(frozen=True)
class Row:
    """A figure with its bar; `is_most` where it may not be more, else not less."""

    name: str
    figure: float
    bar: float
    words: str
    is_most: bool = True

    @property
    def bound(self) -> str:
        return "at most" if self.is_most else "at least"

    @property
    def holds(self) -> bool:
        return self.figure <= self.bar if self.is_most else self.figure >= self.bar


def release_day(port: int, *, page: str, form: str, answers: dict[str, str], clients: Clients, seconds: float) -> Row:
    """How long submissions take where nine of ten requests read the winners, by how long they take without readers:
    the same clients, which read between the requests of a submission, so that some read while others send."""
    tasks = [
        Slice(partial(send_beside, path=form, answers=answers, page=page, reads=reads), port, seconds, stay=1)
        for reads in (0, READS)
    ]
    rounds: list[list[float]] = [[], []]
    for number in range(5):
        for told, task in zip(rounds, tasks, strict=True):
            outcome = clients.run(task)
            if outcome.problems:
                raise SystemExit("\n".join(outcome.problems[:3]))
            if number:  # the first round warms up
                told.extend(outcome.seconds)
    alone, together = (quantiles(took, n=20)[-1] for took in rounds)
    words = f"p95 {1000 * together:.0f} ms by {1000 * alone:.0f} ms, {len(rounds[1])} submissions"
    return Row("release day", together / alone, 2.0, words)


def send_beside(browser: Browser, *, path: str, answers: dict[str, str], page: str, reads: int) -> float:
    """One submission with so many readings of a page before each of its requests; the seconds of its own requests."""
    took = 0.0

    def timed(step: Callable[[], bytes | str]) -> bytes | str:
        nonlocal took
        for _ in range(reads):
            browser.get_unread(page)
        since = time.perf_counter()
        answer = step()
        took += time.perf_counter() - since
        return answer

    form = timed(lambda: browser.get(path))
    check = str(timed(lambda: browser.post(path, answers | hidden_fields(form))))  # type: ignore[arg-type]
    shown = timed(lambda: browser.get(check))
    done = str(timed(lambda: browser.post(check, hidden_fields(shown))))  # type: ignore[arg-type]
    if not done.endswith("/done/"):
        raise SystemExit(f"the check page led to {done}")
    return took


def logins_beside_intake(database_url: str = "") -> Row:
    """How many of a hundred log-ins are answered within a second while the worker compares what was imported."""
    with TemporaryDirectory(prefix="bench-") as folder:
        env = start.environment(Path(folder), database_url) | {"IDEAS_DEMO": "on"}
        start.prepare(env)
        slug = start.seed(env, "--ideas=20", "--stage=collecting")
        code = PREPARE_INTAKE.format(slug=slug, rows=IMPORTED, password=PASSWORD)
        start.run(env, "manage.py", "shell", "--no-imports", "--command", code)
        with start.server("portal.wsgi", env) as port, _worker(env):
            time.sleep(5)  # until it compares
            took = [_log_in(port) for _ in range(LOGINS)]
        left = int(start.run(env, "manage.py", "shell", "--no-imports", "--command", WAITING))
    if not 0 < left < IMPORTED:
        raise SystemExit(f"{left} of {IMPORTED} comparisons wait at the end: the worker was not at work all the time")
    in_time = sum(seconds <= SECOND for seconds in took)
    words = f"the slowest {max(took):.2f} s; {left} comparisons were left"
    return Row("log-ins within 1 s", in_time, LOGINS, words, is_most=False)


@contextmanager
def _worker(env: dict[str, str]) -> Iterator[None]:
    running = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=BASE_DIR, env=env, start_new_session=True)
    try:
        yield
    finally:
        running.terminate()
        running.wait(60)


def _log_in(port: int) -> float:
    """The seconds from pressing "Log in" to the answer."""
    with closing(Browser(port)) as browser:
        token = {"csrfmiddlewaretoken": hidden_token(browser.get("/login/"))}
        since = time.perf_counter()
        browser.post("/login/", {**token, "username": "manager1", "password": PASSWORD})
        return time.perf_counter() - since


def hidden_token(page: bytes) -> str:
    found = page.decode().partition('name="csrfmiddlewaretoken" value="')[2]
    return found.partition('"')[0]


def memory(env: dict[str, str], mix: Callable[[int], dict[str, Any]]) -> Row:
    """Resident memory of a web process after 100,000 mixed requests by that after 10,000: pages,
    unknown names in queries, whole submissions. `mix` gives what to ask for at a port."""
    early = late = 0
    with start.server("portal.wsgi", env) as port, closing(Browser(port)) as browser:
        asked = mix(port)
        for requests in range(0, LATE + 1, STEP):
            if requests == EARLY:
                early = _resident(port)
            for number in range(STEP - 4):
                browser.get_unread(asked["page"] if number % 4 else f"/?utm={requests + number}")
            with closing(Browser(port)) as person:
                submit_idea(person, path=asked["form"], answers=asked["answers"])
        late = _resident(port)
    words = f"{late / 1024:.0f} MB by {early / 1024:.0f} MB"
    return Row("memory", late / early, 1.1, words)


def _resident(port: int) -> int:
    """KB of the largest process that serves this port."""
    found = 0
    for folder in Path("/proc").iterdir():
        try:
            if f"--bind={start.HOST}:{port}" in (folder / "cmdline").read_text():
                lines = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
                found = max(found, int(lines["VmRSS"].split()[0]))
        except (OSError, KeyError, ValueError):
            continue
    if not found:
        raise SystemExit(f"no process serves port {port} ({os.name})")
    return found
