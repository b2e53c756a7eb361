#!/usr/bin/env python
"""How fast the portal is, as a share of the least that Django can do on the same machine at the same time.

What is measured:

- winners, home, announcement, ideas: requests per second of the winners page (30 winners of 280 valid ideas), the home
  page, an announcement and the list of twenty ideas, each against a bare Django view that answers a constant body of
  the same size before compression, without middleware or templates;
- winners, nginx: the winners page behind nginx with the cache of docs/operations.md, against the bare view behind nginx
  without one (left out where there is no nginx);
- submission: whole submissions per second (form, check your answers, receipt: four requests with cookies, csrf token
  and a form key of its own), against a bare Django form that checks two fields and inserts one row (two requests).

How: both sides run under the same gunicorn command line, on the same kind of database with the same PRAGMAs, in a
temporary folder that is removed afterwards. Client processes on 127.0.0.1 load one side, then the other, in short
slices: whatever else the machine does hits both. Clients share the cores with the server that they load.

How to read it: the ratio of a round is the portal's rate by that of the bare side right beside it; 0.10 says that the
portal's page costs ten times what answering anything at all does. The median of the rounds is the figure, the quartiles
tell how far to trust it. Ratios travel between machines, requests per second do not.

At the end it is checked that nothing was counted that did not happen, and that each ratio reaches its bar (BARS);
otherwise the exit code is 1.
"""

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import day, start
from bench.client import (
    Browser,
    Clients,
    Outcome,
    Slice,
    Unexpected,
    Visit,
    read_page,
    read_winners,
    submit_entry,
    submit_idea,
)

WINNERS, VALID, LISTED = 30, 280, 20
DAY = ("release day", "memory", "log-ins within 1 s")  # bench/day.py has their bars
BARS = {
    "winners": 0.7, "home": 0.7, "announcement": 0.7, "ideas": 0.7, "winners, nginx": 0.9, "submission": 0.25,
}  # fmt: skip
PUBLISHED = ("--ideas=340", "--stage=published")
COLLECTING = ("--ideas=20", "--stage=collecting")
MAX_CLIENTS = 8
# Pages come over connections that are changed now and then, so that both workers of a server get their share.
PAGES_PER_CONNECTION = 25
PORTAL_ROWS = """
import json
from ideas.models import Draft, Idea, IdeaEvent, Message, Resident
rows = {model._meta.model_name: model.objects.count() for model in (Idea, Resident, IdeaEvent, Message)}
print(json.dumps({**rows, "sent draft": Draft.objects.filter(idea__isnull=False).count()}))
"""
VALID_IDEAS = "from ideas.models import Idea; print(Idea.objects.valid().filter(campaign__slug='{}').count())"
SHOW_IDEAS = "from ideas.models import Campaign; Campaign.objects.filter(slug='{}').update(show_ideas=True)"
TABLES = "from django.db import connection; print(len(connection.introspection.table_names()))"
ANSWERS = {
    "title": "学校侧门外的小路装一盏路灯",
    "problem": "侧门到公交站的小路没有路灯，冬天放学时天已经黑了，孩子和骑电动车的人抢一条道，上个月又摔了两次。" * 3,
    "proposal": "在侧门和公交站之间装两盏太阳能路灯，路口画一条斑马线，放学的半小时请一位志愿者看着。" * 3,
    "area": "unknown",
    "place": "侧门外公交站旁",
    "name": "林小明",
    "phone": "138 0013 8000",
    "email": "resident@example.com",
    "naming": "anonymous",
    "net_name": "",
    "age_14": "on",
    "consent": "on",
}


@dataclass
class Side:
    """A server under load, and all that it was asked in one measure."""

    task: Slice
    rates: list[float] = field(default_factory=list)
    counted: int = 0
    problems: list[str] = field(default_factory=list)

    def run(self, clients: Clients) -> float:
        outcome: Outcome = clients.run(self.task)
        self.counted += outcome.done
        self.problems += outcome.problems
        return outcome.per_second


@dataclass
class Measure:
    name: str
    portal: Side
    bare: Side
    ratios: list[float] = field(default_factory=list)

    def run(self, clients: Clients, rounds: int) -> None:
        for number in range(rounds + 1):
            portal, bare = self.portal.run(clients), self.bare.run(clients)
            if number == 0:  # warms both up
                continue
            self.portal.rates.append(portal)
            self.bare.rates.append(bare)
            ratio = portal / bare if bare else 0.0
            self.ratios.append(ratio)
            print(f"  {self.name} {number}/{rounds}: portal {portal:.1f}/s, bare {bare:.1f}/s, ratio {ratio:.3f}")

    def report(self) -> dict[str, Any]:
        rows = {"ratio": self.ratios, "portal_per_second": self.portal.rates, "bare_per_second": self.bare.rates}
        return {name: {**_quartiles(values), "rounds": values} for name, values in rows.items()}


def _quartiles(values: list[float]) -> dict[str, float]:
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {"q1": low, "median": middle, "q3": high}


@dataclass(frozen=True)
class Seeded:
    """The two campaigns that are measured, by their addresses."""

    published: str
    collecting: str


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="bench-") as folder, closing(Clients(options.clients)) as clients:
        env = start.environment(Path(folder), options.database_url)
        env["BARE_DATABASE_URL"] = options.database_url or f"sqlite:///{Path(folder) / 'bare.sqlite3'}"
        print("Preparing a database and its data …")
        seeded = _prepare(env)
        before = _rows(env)
        with _both_servers(env) as ports:
            measures = [*_pages(ports, seeded, options), _submission(ports, seeded, options)]
            measures = [measure for measure in measures if _is_asked(options, measure.name)]
            for measure in measures:
                measure.run(clients, options.rounds)
            checks = _checks(env, seeded, measures, before)
            rows = [*_day(ports, seeded, clients, options)]
        rows += _long(env, seeded, options)
        start.run(env, "-m", "bench.bare", "drop")
    checks |= {f"{row.name}: {row.figure:.3g}, {row.bound} {row.bar:g} ({row.words})": row.holds for row in rows}
    report = _report(options, measures, rows, checks)
    _print(measures, checks)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if all(checks.values()) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the portal against the least that Django can do.")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a slice")
    parser.add_argument("--rounds", type=int, default=10, help="slices of each side")
    parser.add_argument("--clients", type=int, default=4, choices=range(1, MAX_CLIENTS + 1))
    parser.add_argument(
        "--database-url", default="", help="an empty scratch database; SQLite in a temporary folder if not given"
    )
    parser.add_argument("--only", action="append", choices=[*BARS, *DAY], help="this row alone; may be repeated")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures to this file")
    options = parser.parse_args()
    if options.rounds < 1 or not 0 < options.seconds <= 60:
        parser.error("at least one round, and slices of up to 60 seconds")
    return options


def _is_asked(options: argparse.Namespace, name: str) -> bool:
    return not options.only or name in options.only


def _ask(env: dict[str, str], code: str) -> str:
    return start.run(env, "manage.py", "shell", "--no-imports", "--command", code)


def _prepare(env: dict[str, str]) -> Seeded:
    if int(_ask(env, TABLES)):
        raise SystemExit(
            "The database is not empty. The measurement fills it with invented data: give it a scratch one."
        )
    start.prepare(env)
    start.run(env, "-m", "bench.bare", "create")
    seeded = Seeded(published=start.seed(env, *PUBLISHED), collecting=start.seed(env, *COLLECTING))
    _ask(env, SHOW_IDEAS.format(seeded.published))
    return seeded


@dataclass(frozen=True)
class Ports:
    """Of the portal and the bare side; behind nginx 0 where there is none."""

    portal: int
    bare: int
    portal_behind: int
    bare_behind: int


@contextmanager
def _both_servers(env: dict[str, str]) -> Iterator[Ports]:
    with ExitStack() as servers:
        portal = servers.enter_context(start.server("portal.wsgi", env))
        bare = servers.enter_context(start.server("bench.bare", env))
        folder = Path(env["VAR_DIR"])
        behind = [
            servers.enter_context(start.before(port, folder / f"nginx-{port}", is_caching=port == portal))
            for port in (portal, bare)
            if start.NGINX
        ]
        yield Ports(portal, bare, *(behind or (0, 0)))


def _pages(ports: Ports, seeded: Seeded, options: argparse.Namespace) -> Iterator[Measure]:
    """Pages that are the same for everybody, each against a bare one of its length."""
    campaign = f"/campaigns/{seeded.published}/"
    winners = partial(read_winners, path=f"{campaign}winners/", count=WINNERS)
    listed = partial(_holds, b'class="row-title"', LISTED)
    pages: dict[str, tuple[str, Visit]] = {
        "winners": (f"{campaign}winners/", winners),
        "home": ("/", partial(read_page, path="/", look=partial(_holds, campaign.encode(), 1))),
        "announcement": (campaign, partial(read_page, path=campaign, look=partial(_holds, b"<h1", 1))),
        "ideas": (f"{campaign}ideas/", partial(read_page, path=f"{campaign}ideas/", look=listed)),
    }
    for name, (path, visit) in pages.items():
        with closing(Browser(ports.portal)) as browser:
            length = len(browser.get(path))
        bare = partial(read_page, path=f"/page/{length}/", look=bool)
        behind = ("winners, nginx", ports.portal_behind, ports.bare_behind)
        for title, portal_port, bare_port in [
            (name, ports.portal, ports.bare),
            *([behind] if name == "winners" else []),
        ]:
            if portal_port:
                yield Measure(
                    title,
                    Side(Slice(visit, portal_port, options.seconds, PAGES_PER_CONNECTION)),
                    Side(Slice(bare, bare_port, options.seconds, PAGES_PER_CONNECTION)),
                )


def _holds(words: bytes, times: int, page: bytes) -> bool:
    return page.count(words) >= times


def _submission(ports: Ports, seeded: Seeded, options: argparse.Namespace) -> Measure:
    """Every submission comes from another person, over a connection of its own."""
    path = f"/campaigns/{seeded.collecting}/submit/"
    answers = ANSWERS | {"topic": _first_topic(ports.portal, path)}
    entry = {"title": ANSWERS["title"], "text": ANSWERS["problem"] + ANSWERS["proposal"]}
    portal = partial(submit_idea, path=path, answers=answers)
    bare = partial(submit_entry, path="/form/", answers=entry)
    return Measure(
        "submission",
        Side(Slice(portal, ports.portal, options.seconds, stay=1)),
        Side(Slice(bare, ports.bare, options.seconds, stay=1)),
    )


def _first_topic(port: int, path: str) -> str:
    with closing(Browser(port)) as browser:
        found = re.search(rb'name="topic" value="([^"]+)"', browser.get(path))
    if not found:
        raise Unexpected("the form offers no topic")
    return found[1].decode()


def _day(ports: Ports, seeded: Seeded, clients: Clients, options: argparse.Namespace) -> Iterator[day.Row]:
    if _is_asked(options, "release day"):
        yield day.release_day(ports.portal, **_mixed(ports.portal, seeded), clients=clients, seconds=options.seconds)


def _long(env: dict[str, str], seeded: Seeded, options: argparse.Namespace) -> Iterator[day.Row]:
    """What starts servers of its own."""
    if _is_asked(options, "memory"):
        yield day.memory(env, partial(_mixed, seeded=seeded))
    if _is_asked(options, "log-ins within 1 s") and not options.database_url:
        yield day.logins_beside_intake()


def _mixed(port: int, seeded: Seeded) -> dict[str, Any]:
    """What a mix of readers and senders asks for."""
    form = f"/campaigns/{seeded.collecting}/submit/"
    answers = ANSWERS | {"topic": _first_topic(port, form)}
    return {"page": f"/campaigns/{seeded.published}/winners/", "form": form, "answers": answers}


def _rows(env: dict[str, str]) -> dict[str, int]:
    """The rows that a submission makes, one of each, on both sides."""
    return json.loads(_ask(env, PORTAL_ROWS)) | {"bare entry": int(start.run(env, "-m", "bench.bare", "count"))}


def _checks(env: dict[str, str], seeded: Seeded, measures: list[Measure], before: dict[str, int]) -> dict[str, bool]:
    """Each claim behind the figures, and whether it holds."""
    checks = {}
    for measure in measures:
        for name, side in (("portal", measure.portal), ("bare", measure.bare)):
            claim = f"{measure.name}, {name}: {side.counted} counted, {len(side.problems)} unexpected answers"
            checks[claim + "".join(f"; {problem}" for problem in side.problems[:3])] = (
                not side.problems and side.counted > 0
            )
    valid, by_name = (
        int(_ask(env, VALID_IDEAS.format(seeded.published))),
        {measure.name: measure for measure in measures},
    )
    if winners := by_name.get("winners"):
        checks[f"winners: {WINNERS} on every page looked at, of {valid} valid ideas"] = (
            valid == VALID and not winners.portal.problems
        )
    if sent := by_name.get("submission"):
        for table, rows in _rows(env).items():
            counted = sent.bare.counted if table == "bare entry" else sent.portal.counted
            grown = rows - before[table]
            checks[f"submission: {grown} new rows of {table} for {counted} counted"] = grown == counted
    for measure in measures:
        ratio, bar = measure.report()["ratio"]["median"], BARS[measure.name]
        checks[f"{measure.name}: {ratio:.3f} of the bare side, at least {bar}"] = ratio >= bar
    return checks


def _report(
    options: argparse.Namespace, measures: list[Measure], rows: list[day.Row], checks: dict[str, bool]
) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": "postgresql" if options.database_url.startswith("postgres") else "sqlite",
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in ("django", "gunicorn")}},
        "clients": options.clients,
        "seconds": options.seconds,
        "measures": {measure.name: measure.report() for measure in measures},
        "rows": {row.name: row.figure for row in rows},
        "checks": checks,
    }


def _print(measures: list[Measure], checks: dict[str, bool]) -> None:
    print("\n                 portal     bare    portal/bare: median (quartiles)")
    for measure in measures:
        row = measure.report()
        rates = f"{row['portal_per_second']['median']:6.1f}/s {row['bare_per_second']['median']:6.0f}/s"
        ratio = row["ratio"]
        print(f"{measure.name:15s} {rates}    {ratio['median']:.3f} ({ratio['q1']:.3f} to {ratio['q3']:.3f})")
    print()
    for claim, holds in checks.items():
        print(f"{'holds' if holds else 'FAILS'}  {claim}")


if __name__ == "__main__":
    sys.exit(main())
