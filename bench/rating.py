#!/usr/bin/env python
"""How long a panellist waits for the next idea, from Enter to the next page, both requests of it.

The portal runs as in life (gunicorn, the real middleware) on a database with a campaign that is being rated. One
panellist logs in and rates one idea after the other with a mark for each criterion. Exit code 1 where the 95th
percentile is over 150 ms. As in triage.py the same run times an answer that does nothing (/healthz).
"""

import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.client import Browser
from bench.triage import HIDDEN, log_in, run_desk, timed

FIRST = re.compile(r'href="(/panel/[^"]*\d+/)"')
POINTS = re.compile(r'type="radio" name="([^"]+)"')


def measure(port: int, folder: Path, _slug: str, ratings: int) -> tuple[list[float], list[float]]:
    """Seconds for each rating with the page after it, and for each answer that does nothing."""
    browser = Browser(port)
    log_in(browser, folder / "logins.txt", "panel01")
    path = FIRST.findall(browser.get("/panel/").decode())[0]
    page = browser.get(path).decode()
    waits: list[float] = []
    nothing: list[float] = []
    while len(waits) < ratings and POINTS.search(page):
        form = page[page.index('id="rating"') :]
        form = form[: form.index("</form>")]
        marks = {
            name: str(1 + (len(waits) + place) % 5 + 5) for place, name in enumerate(sorted(set(POINTS.findall(form))))
        }
        begun = time.perf_counter()
        path = browser.post(path, dict(HIDDEN.findall(form)) | marks | {"comment": ""})
        body = browser.get(path)
        waits.append(time.perf_counter() - begun)
        page = body.decode()
        nothing.append(timed(lambda: browser.get("/healthz")))
    return waits, nothing


if __name__ == "__main__":
    sys.exit(run_desk(__doc__, measure, stage="rating", ideas=1000, times=100))
