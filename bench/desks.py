#!/usr/bin/env python
"""How much work each page of the staff is for the processor, in campaigns of ten thousand ideas.

    bench/desks.py [--ideas 10000] [--panel 100] [--only WORD] [--database-url postgres://…]

Three campaigns of that size are invented in one database: one that collects, with its pairs of ideas alike; one that is
rated, with a large panel, paper and doubtful marks; one whose list is proposed. Each page is asked for by the person
whose desk it is, through Django's test client: once to warm up and to count its queries, then three times with an empty
cache. Told is the median of the processor's time of this process; what PostgreSQL works is in no figure. Exit code 1
where a page takes more than half a second or is larger than 300 KB.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start

MOST_SECONDS, MOST_BYTES = 0.5, 300 * 1024
STAGES, SEED = ("collecting", "rating", "shortlist"), 7
RESTRICTED, RETYPED, CONFLICTS = 300, 40, 30  # ideas, lines of one sheet, declared by one panellist


class Page(NamedTuple):
    """A page and whose it is."""

    name: str
    user: str
    address: str


class Cost(NamedTuple):
    """What a page came to: seconds of the processor, queries, bytes."""

    seconds: float
    queries: int
    size: int

    @property
    def is_fine(self) -> bool:
        return self.seconds <= MOST_SECONDS and self.size <= MOST_BYTES


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="bench-") as folder:
        env = start.environment(Path(folder), options.database_url)
        start.prepare(env)
        slugs = {stage: _seeded(env, options.ideas, stage) for stage in STAGES}
        os.environ.update(env, ALLOWED_HOSTS="testserver", DJANGO_SETTINGS_MODULE="portal.settings")
        import django

        django.setup()
        _complete(slugs, options.panel)
        costs = {
            page: _cost(page)
            for stage, slug in slugs.items()
            for page in _pages(stage, slug)
            if options.only in page.name
        }
    print(f"{options.ideas:,} ideas a campaign, {options.panel} panellists")
    for page, cost in sorted(costs.items(), key=lambda pair: -pair[1].seconds):
        missed = "" if cost.is_fine else "   MISSED"
        print(f"{page.name:34}{cost.seconds * 1000:7.0f} ms{cost.queries:5} queries{cost.size / 1024:6.0f} KB{missed}")
    return int(not all(cost.is_fine for cost in costs.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ideas", type=int, default=10_000, help="of each campaign (10000)")
    parser.add_argument("--panel", type=int, default=100, help="panellists of the campaign that is rated (100)")
    parser.add_argument("--only", default="", help="only pages with this word in their name")
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without")
    return parser.parse_args()


def _seeded(env: dict[str, str], ideas: int, stage: str) -> str:
    return start.seed(env, f"--ideas={ideas}", f"--seed={SEED}", f"--stage={stage}")


def _complete(slugs: dict[str, str], panel: int) -> None:
    """What the demo has little of: pairs of ideas alike, restricted ideas, many panellists, paper, conflicts."""
    from django.contrib.auth.models import Group
    from django.utils import timezone

    from ideas.choices import Role
    from ideas.models import Campaign, Idea, PendingComparison, Rating, User
    from ideas.services.duplicates import compare_new
    from ideas.services.panel import declare_conflict
    from ideas.services.restricted import restrict_idea

    at, users = timezone.now(), {user.username: user for user in User.objects.all()}
    collecting, rating = (Campaign.objects.get(slug=slugs[stage]) for stage in STAGES[:2])
    PendingComparison.objects.exclude(idea__campaign=collecting).delete()
    while compare_new():
        pass
    for idea in collecting.ideas.order_by("-pk")[:RESTRICTED]:
        restrict_idea(idea=idea, staff=users["keeper"], at=at, reason="涉及个人隐私")
    for number in range(rating.panellists.count(), panel):
        user = User.objects.create(username=f"juror{number:03d}", name=f"评委{number:03d}")
        user.groups.add(Group.objects.get(name=Role.PANELLIST.value))
        rating.panellists.create(user=user)
    first, second = rating.panellists.order_by("pk")[:2]
    lines = Rating.objects.filter(assignment__panellist=second).order_by("pk").values("pk")[:RETYPED]
    Rating.objects.filter(pk__in=list(lines.values_list("pk", flat=True))).update(entered_by=users["manager2"])
    for idea in Idea.objects.filter(assignments__panellist=first).order_by("pk")[:CONFLICTS]:
        declare_conflict(panellist=first, idea=idea, manager=users["manager1"], at=at, reason="亲属")


def _pages(stage: str, slug: str) -> Iterator[Page]:
    """The pages that a campaign of that stage has, and with the first one those that are of no campaign."""
    from django.urls import reverse

    from ideas.models import Campaign

    campaign = Campaign.objects.get(slug=slug)

    def page(name: str, user: str, view: str, *args: Any, query: str = "") -> Page:
        return Page(name, user, reverse(view, args=args) + query)

    yield page(f"campaign form, {stage}", "manager1", "admin:ideas_campaign_change", campaign.pk)
    yield page(f"dashboard, {stage}", "manager1", "admin:ideas_campaign_dashboard", campaign.pk)
    yield page(f"panel, {stage}", "manager1", "admin:ideas_campaign_panel", campaign.pk)
    yield page(f"groups alike, {stage}", "moderator", "admin:ideas_idea_clusters", slug)
    yield page(f"merged groups, {stage}", "moderator", "admin:ideas_idea_clusters", slug, query="?merged=1")
    yield page(f"triage, {stage}", "moderator", "admin:ideas_idea_triage", slug)
    if stage == "collecting":
        yield page("groups alike, last page", "moderator", "admin:ideas_idea_clusters", slug, query="?page=9999")
        idea = campaign.ideas.order_by("pk")[campaign.ideas.count() // 2]
        for view, name in (("change", "idea"), ("publish", "published text")):
            yield page(name, "moderator", f"admin:ideas_idea_{view}", idea.pk)
        yield from _everywhere(page)
    else:
        yield from _of_panel(page, stage, campaign)


def _everywhere(page: Any) -> Iterator[Page]:
    queue = "admin:ideas_idea_changelist"
    yield page("first page, moderator", "moderator", "admin:index")
    yield page("first page, manager", "manager1", "admin:index")
    yield page("queue", "moderator", queue)
    yield page("queue, all, last page", "moderator", queue, query="?status=all&p=20")
    yield page("queue, found", "moderator", queue, query="?status=all&q=路灯")
    yield page("queue, entered later", "moderator", queue, query="?status=all&later=yes")
    yield page("restricted", "keeper", "admin:ideas_idea_restricted")
    yield page("texts and photos to check", "moderator", "admin:ideas_pendingtext_changelist")
    yield page("search by contact", "moderator", "admin:ideas_idea_find")
    yield page("import", "manager1", "admin:ideas_idea_import")
    yield page("mergers", "auditor", "admin:ideas_officeevent_mergers")
    yield page("clerk", "clerk", "entry")
    lists = ("campaign", "panellist", "assignment", "recusal", "message", "officeevent", "area", "unit", "shortlist")
    for model in lists:
        yield page(f"list of {model}s", "manager1", f"admin:ideas_{model}_changelist")
    yield page("list of users", "admin", "admin:ideas_user_changelist")


def _of_panel(page: Any, stage: str, campaign: Any) -> Iterator[Page]:
    first, second = campaign.panellists.order_by("pk")[:2]
    assignment = first.assignments.order_by("pk").last()
    yield page(f"ranking, {stage}", "manager1", "admin:ideas_campaign_ranking", campaign.pk)
    yield page(f"why, {stage}", "manager1", "admin:ideas_campaign_why", campaign.pk, assignment.idea_id)
    yield page(f"own ideas, {stage}", "panel01", "panel")
    yield page(f"own ideas, last page, {stage}", "panel01", "panel", query="?page=9999")
    yield page(f"rate, {stage}", "panel01", "rate", assignment.pk)
    yield page(f"paper, {stage}", "manager1", "admin:ideas_campaign_paper", campaign.pk)
    for view in ("sheet", "compare", "print"):
        yield page(f"paper {view}, {stage}", "manager1", f"admin:ideas_campaign_paper_{view}", campaign.pk, second.pk)
    texts = ("manager1", "admin:ideas_campaign_paper_print", campaign.pk, second.pk)
    yield page(f"paper with texts, {stage}", *texts, query="?texts")
    if stage == "shortlist":
        for view, name in (("change", "list"), ("minutes", "minutes of the list"), ("preview", "winners to be")):
            yield page(name, "manager1", f"admin:ideas_shortlist_{view}", campaign.shortlist.pk)


def _cost(page: Page) -> Cost:
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client

    from ideas.models import User

    client, queries = Client(), 0
    client.force_login(User.objects.get(username=page.user), "django.contrib.auth.backends.ModelBackend")

    def counted(execute: Any, *statement: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*statement)

    cache.clear()
    with connection.execute_wrapper(counted):
        _seen(client, page)
    times, size = [], 0
    for _ in range(3):
        cache.clear()
        begun = time.process_time()
        size = _seen(client, page)
        times.append(time.process_time() - begun)
    return Cost(median(times), queries, size)


def _seen(client: Any, page: Page) -> int:
    """How many bytes the page has."""
    answer = client.get(page.address)
    if answer.status_code != 200:
        raise SystemExit(f"{page.address} answered {answer.status_code} to {page.user}.")
    return len(answer.getvalue())


if __name__ == "__main__":
    sys.exit(main())
