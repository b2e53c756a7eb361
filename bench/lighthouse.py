#!/usr/bin/env python
"""What a resident on an old phone waits for: Lighthouse on the pages that matter, median of some runs.

The portal runs in a temporary folder with the demo's data, served by gunicorn, DEBUG off. Lighthouse (an npm package;
`npx` fetches the pinned version) loads each page in Chromium and simulates a slow 4G line (1.6 Mbit/s, 150 ms) and a
processor four times slower. Exit code 1 if the form misses its targets.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start

LIGHTHOUSE = "lighthouse@12.8.2"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AUDITS = {
    "fcp": "first-contentful-paint",
    "lcp": "largest-contentful-paint",
    "cls": "cumulative-layout-shift",
    "tbt": "total-blocking-time",
    "bytes": "total-byte-weight",
    "server": "server-response-time",
    "index": "index",
}
WARM_UP = 16  # requests before a page is measured: every worker has read its templates, as in a portal that runs
NOT_RECORDED = "NO_NAVSTART"  # the browser's recording missed the start of the page: nothing was measured
TRIES = 5
FLAGS = [
    "--output=json", "--quiet", "--only-categories=performance", "--form-factor=mobile",
    "--throttling-method=simulate", "--throttling.rttMs=150", "--throttling.throughputKbps=1638.4",
    "--throttling.cpuSlowdownMultiplier=4", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
]  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Medians: milliseconds, a share for the shift of the layout, bytes over the wire.

    `index` is Lighthouse's own measure of how fast the machine was during the run.
    """

    fcp: float
    lcp: float
    cls: float
    tbt: float
    bytes: float
    server: float
    index: float

    def row(self) -> str:
        return (
            f"{self.fcp / 1000:.2f} s | {self.lcp / 1000:.2f} s | {self.cls:.3f} | {self.tbt:.0f} ms"
            f" | {self.bytes / 1024:.1f} KB | {self.server:.0f} ms | {self.index:.0f}"
        )

    def keeps_the_forms_targets(self) -> bool:
        return self.lcp <= 1000 and self.cls <= 0.01 and self.tbt == 0


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="lighthouse-") as folder:
        env = start.environment(Path(folder))
        print("Preparing a database and its data …")
        start.prepare(env)
        published = start.seed(env, "--ideas=340", "--stage=published")
        collecting = start.seed(env, "--ideas=20", "--stage=collecting")
        pages = {
            "form": f"/campaigns/{collecting}/submit/",
            "home": "/",
            "campaign": f"/campaigns/{collecting}/",
            "winners": f"/campaigns/{published}/winners/",
            "track": "/track/",
        }
        pages = {name: path for name, path in pages.items() if name in (options.page or pages)}
        with start.server("portal.wsgi", env) as port:
            found = {name: _measure(f"http://{start.HOST}:{port}{path}", options.runs) for name, path in pages.items()}
    print("\n| page | FCP | LCP | CLS | TBT | transferred | server | index |\n|---|---|---|---|---|---|---|---|")
    for name, figures in found.items():
        print(f"| {name} | {figures.row()} |")
    return 0 if all(found[name].keeps_the_forms_targets() for name in found if name == "form") else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the pages with Lighthouse.")
    parser.add_argument("--runs", type=int, default=3, help="of each page; the median is told")
    parser.add_argument("--page", action="append", help="only this page (may be repeated): form, home, …")
    return parser.parse_args()


def _measure(address: str, runs: int) -> Figures:
    print(f"  {address}")
    for _request in range(WARM_UP):
        urlopen(address).close()
    reports = [_report(address) for _run in range(runs)]
    return Figures(
        **{name: median(report[audit]["numericValue"] for report in reports) for name, audit in AUDITS.items()}
    )


def _report(address: str) -> dict[str, dict[str, float]]:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SystemExit(f"No browser found: none of {', '.join(BROWSERS)} is installed.")
    command = ["npx", "--yes", LIGHTHOUSE, address, *FLAGS]
    env = {**os.environ, "CHROME_PATH": browser}
    for _try in range(TRIES):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if NOT_RECORDED not in done.stderr:
            break
    if done.returncode:
        raise SystemExit(f"Lighthouse failed:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    return {**report["audits"], "index": {"numericValue": report["environment"]["benchmarkIndex"]}}


if __name__ == "__main__":
    sys.exit(main())
