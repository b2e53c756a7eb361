#!/usr/bin/env python
"""How long a moderator waits for the next idea, with a long queue.

The portal runs as in life (gunicorn, the real middleware) on a database with many waiting ideas. One moderator logs in
and decides one idea after the other, a third each by accepting, declining and returning it with a ready reply. What is
timed is from the press to the next idea's page, both requests of it. Exit code 1 where the 95th percentile is over
150 ms. The time is this machine's and of this moment; the same run also times an answer that does nothing (/healthz),
so that two machines can be compared by the ratio.
"""

import argparse
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start
from bench.client import Browser

WORST_P95 = 0.150
HIDDEN = re.compile(r'<input type="hidden" name="(idea|seen|csrfmiddlewaretoken)" value="([^"]*)"')
REPLY = re.compile(r'name="reply" value="(\d+)"')


def log_in(browser: Browser, logins: Path, user: str) -> None:
    password = next(line.split()[1] for line in logins.read_text().splitlines() if line.split()[:1] == [user])
    token = dict(HIDDEN.findall(browser.get("/login/").decode()))["csrfmiddlewaretoken"]
    browser.post("/login/", {"csrfmiddlewaretoken": token, "username": user, "password": password})


def decision(page: str, number: int) -> dict[str, str]:
    """What the buttons of the page send: accept, decline and return in turn."""
    acts = page[page.index('class="desk-side triage-acts"') :]
    fields = dict(HIDDEN.findall(acts[: acts.index("</form>")]))
    act = ("accept", "decline", "return")[number % 3]
    if act == "accept":
        return fields | {"act": act}
    drawer = acts[acts.index(f'name="act" value="{act}"') :]
    return fields | {"act": act, "reply": REPLY.search(drawer)[1]}  # type: ignore[index]


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def measure(port: int, folder: Path, slug: str, decisions: int) -> tuple[list[float], list[float]]:
    """Seconds for each decision with the page after it, and for each answer that does nothing."""
    browser, path = Browser(port), f"/admin/ideas/idea/triage/{slug}/"
    log_in(browser, folder / "logins.txt", "moderator")
    page = browser.get(path).decode()
    waits, nothing = [], []
    for number in range(decisions):
        fields = decision(page, number)
        begun = time.perf_counter()
        browser.post(path, fields)
        body = browser.get(path)
        waits.append(time.perf_counter() - begun)
        following = body.decode()
        if following == page or 'class="desk-side triage-acts"' not in following:
            raise SystemExit("The next idea did not come.")
        page = following
        nothing.append(timed(lambda: browser.get("/healthz")))
    return waits, nothing


def main() -> int:
    return run_desk(__doc__, measure, stage="collecting", ideas=100_000, times=300)


def run_desk(
    what: str | None,
    measure: Callable[[int, Path, str, int], tuple[list[float], list[float]]],
    *,
    stage: str,
    ideas: int,
    times: int,
) -> int:
    """Seed a campaign at that stage, measure a desk and tell; also for rating.py. The exit code."""
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ideas", type=int, default=ideas, help=f"received ideas ({ideas})")
    parser.add_argument("--times", type=int, default=times, help=f"decisions or ratings ({times})")
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        env = start.environment(folder, options.database_url)
        start.prepare(env)
        start.run(env, "manage.py", "sync_roles")
        slug = start.seed(env, f"--ideas={options.ideas}", f"--stage={stage}")
        with start.server("portal.wsgi", env) as port:
            waits, nothing = measure(port, folder, slug, options.times)
    p95 = quantiles(waits, n=20)[-1]
    print(f"{options.ideas:,} ideas received, {len(waits)} times")
    print(f"next idea: median {median(waits) * 1000:.0f} ms, 95th percentile {p95 * 1000:.0f} ms (at most 150)")
    print(f"an answer that does nothing: {median(nothing) * 1000:.1f} ms; ratio {median(waits) / median(nothing):.0f}")
    return int(p95 > WORST_P95)


if __name__ == "__main__":
    sys.exit(main())
