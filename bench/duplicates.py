"""How well the portal finds ideas alike, beside plain cosines of character pairs and triples, on labelled messages.

The messages go through the portal's own receiving (services.intake.receive_idea) into a temporary database; then
each labelled message is looked up among all (queries.duplicates.similar_to). Printed for each grouping:

    recall@5     share of the labelled messages with at least one other of their group among the first five
    precision@5  share of the first five that belong to the group, over all labelled messages
    pairs        of the judged pairs that reach the threshold, the share that is the same issue; and how many reach it

The baseline: cosine of tf-idf vectors (1 + ln tf, ln((N + 1) / (df + 1)) + 1) of the pairs and triples of characters
in title, title again and the first 400 characters, without blanks.
"""

import argparse
import csv
import json
import math
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
FILES = {"messages": "citizen_messages.csv", "issues": "same_issue.csv", "pairs": "same_issue_pairs.csv"}
ZONE = ZoneInfo("Asia/Shanghai")
FIRST = 5
TITLE_MOST = 60  # characters that an idea's title may have


@dataclass(frozen=True)
class Message:
    key: str
    title: str
    body: str
    at: datetime


@dataclass(frozen=True)
class Labels:
    """`groups`: name of the grouping -> issue -> keys; `pairs`: two keys and whether they are the same issue."""

    groups: dict[str, dict[str, set[str]]]
    pairs: list[tuple[str, str, bool]]


Scores = Callable[[str], Mapping[str, float]]  # of a message: the others with their likeness


def main() -> int:
    options = _options()
    with TemporaryDirectory(prefix="bench-") as folder:
        _portal(Path(folder))
        messages, labels = _from_files(options) if options.messages else _from_demo()
        print(f"{len(messages)} messages, {sum(len(i) for g in labels.groups.values() for i in g.values())} labels")
        portal = _portal_scores(messages)
        from ideas.rules.duplicates import LIKELY

        report = {
            "messages": len(messages),
            "threshold": LIKELY,
            "portal": figures(portal, labels, LIKELY),
            "baseline": figures(baseline(messages), labels, LIKELY),
        }
    _print(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure how well ideas alike are found.")
    for name, file in FILES.items():
        there = DATA / file
        parser.add_argument(f"--{name}", type=Path, default=there if there.exists() else None, metavar="F")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures to this file")
    options = parser.parse_args()
    given = [bool(getattr(options, name)) for name in FILES]
    if any(given) and not all(given):
        parser.error("messages, issues and pairs belong together")
    return options


def _portal(folder: Path) -> None:
    """A portal of its own in this process, with an empty database."""
    os.environ.update(start.environment(folder), DJANGO_SETTINGS_MODULE="portal.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _from_files(options: argparse.Namespace) -> tuple[dict[str, Message], Labels]:
    messages = {
        row["id"]: Message(row["id"], row["title"].strip(), row["body"].strip(), _moment(row["received_at"]))
        for row in _rows(options.messages)
    }
    groups: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in _rows(options.issues):
        groups[row["issue"][0]][row["issue"]].add(row["id"])
    pairs = [(row["id1"], row["id2"], row["same_issue"] == "1") for row in _rows(options.pairs)]
    return messages, Labels({name: dict(issues) for name, issues in sorted(groups.items())}, pairs)


def _moment(text: str) -> datetime:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    return datetime(*numbers[:6], tzinfo=ZONE)  # type: ignore[misc, arg-type]


def _from_demo() -> tuple[dict[str, Message], Labels]:
    """Our own demo ideas: what the office merged is one issue; a leader and some other idea of its topic are not."""
    from ideas.demo.texts import texts_of

    texts = [text for campaign in ("safer", "liveable") for text in texts_of(campaign)]
    began = datetime(2026, 1, 1, tzinfo=ZONE)
    messages = {
        text.key: Message(text.key, text.title, f"{text.problem}\n{text.proposal}", began + timedelta(hours=number))
        for number, text in enumerate(texts)
    }
    issues: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        if text.into:
            issues[text.into] |= {text.into, text.key}
    of_topic = {text.topic: text.key for text in texts if not text.into and text.key not in issues}
    pairs = [(text.into, text.key, True) for text in texts if text.into]
    pairs += [(text.key, of_topic[text.topic], False) for text in texts if text.key in issues]
    return messages, Labels({"merged": dict(issues)}, pairs)


def _portal_scores(messages: Mapping[str, Message]) -> Scores:
    """Everything received by the portal; returns its look-up."""
    from ideas.models import Idea
    from ideas.queries.duplicates import similar_to
    from ideas.services.duplicates import count_terms

    ideas = _received(messages)
    count_terms(at=max(message.at for message in messages.values()), always=True)
    keys = {pk: key for key, pk in ideas.items()}
    found: dict[str, dict[str, float]] = {}

    def scores(key: str) -> Mapping[str, float]:
        if key not in found:
            idea = Idea.objects.get(pk=ideas[key])
            similar = similar_to(idea, Idea.objects.all(), most=FIRST * 4)
            found[key] = {keys[one.idea.pk]: one.score for one in similar}
        return found[key]

    return scores


def _received(messages: Mapping[str, Message]) -> dict[str, int]:
    from django.db import transaction

    from ideas.models import Campaign, Topic
    from ideas.services.intake import receive_idea

    at = min(message.at for message in messages.values())
    campaign = Campaign.objects.create(
        slug="bench", prefix="BN", title="bench", announced_at=at, opens_at=at, closes_at=at + timedelta(days=9999)
    )
    Topic.objects.create(campaign=campaign, slug="topic", name="topic", position=1)
    nobody = dict.fromkeys(("area", "place", "name", "phone", "email", "net_name"), "")
    ideas = {}
    with transaction.atomic():
        for key, message in messages.items():
            answers = {
                **nobody,
                "topic": "topic",
                "title": message.title[:TITLE_MOST],
                "problem": message.body,
                "proposal": "",
                "naming": "anonymous",
                "language": "zh-hans",
            }
            ideas[key] = receive_idea(campaign=campaign, answers=answers, at=message.at).idea.pk
    return ideas


def baseline(messages: Mapping[str, Message]) -> Scores:
    vectors = {key: _grams(message) for key, message in messages.items()}
    holders = Counter(gram for vector in vectors.values() for gram in vector)
    rows: dict[str, list[tuple[str, float]]] = defaultdict(list)
    unit: dict[str, dict[str, float]] = {}
    for key, vector in vectors.items():
        weights = {
            gram: (1 + math.log(count)) * (math.log((len(vectors) + 1) / (holders[gram] + 1)) + 1)
            for gram, count in vector.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        unit[key] = {gram: weight / length for gram, weight in weights.items()}
        for gram, weight in unit[key].items():
            rows[gram].append((key, weight))

    def scores(key: str) -> Mapping[str, float]:
        found: dict[str, float] = defaultdict(float)
        for gram, weight in unit[key].items():
            for other, value in rows[gram]:
                found[other] += weight * value
        found.pop(key, None)
        return found

    return scores


def _grams(message: Message) -> Counter[str]:
    text = re.sub(r"\s+", "", (message.title * 2 + message.body[:400]).lower())
    return Counter(text[start : start + size] for size in (2, 3) for start in range(len(text) - size + 1))


def figures(scores: Scores, labels: Labels, threshold: float) -> dict[str, Any]:
    report: dict[str, Any] = {}
    for name, issues in labels.groups.items():
        hits = [_hits(scores(one), members) for members in issues.values() for one in sorted(members)]
        report[name] = {
            "labelled": len(hits),
            "recall@5": round(sum(hit > 0 for hit in hits) / len(hits), 4),
            "precision@5": round(sum(hits) / (FIRST * len(hits)), 4),
        }
    judged = [(max(scores(one).get(other, 0), scores(other).get(one, 0)), same) for one, other, same in labels.pairs]
    reached = [same for score, same in judged if score >= threshold]
    report["pairs"] = {
        "judged": len(judged),
        "reached": len(reached),
        "precision": round(sum(reached) / len(reached), 4) if reached else None,
        "recall": round(sum(reached) / max(1, sum(same for _score, same in judged)), 4),
    }
    return report


def _hits(found: Mapping[str, float], members: set[str]) -> int:
    return sum(key in members for key in nlargest(FIRST, found, key=lambda key: found[key]))


def _print(report: dict[str, Any]) -> None:
    print(f"threshold {report['threshold']}\n\n                          portal  baseline    more")
    for name, row in report["portal"].items():
        for measure, value in row.items():
            other = report["baseline"][name][measure]
            more = f"{value - other:+7.3f}" if isinstance(value, float) and isinstance(other, float) else ""
            print(f"{name:8s} {measure:14s} {_shown(value)}  {_shown(other)}  {more}")


def _shown(value: Any) -> str:
    return f"{value:8.3f}" if isinstance(value, float) else f"{value!s:>8s}"


if __name__ == "__main__":
    sys.exit(main())
