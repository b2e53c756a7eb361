#!/usr/bin/env python
"""The last seconds before a deadline: whether anybody who sent in time is refused.

    .venv/bin/python bench/rush.py [--ideas 400] [--rate 100] [--late 5] [--database-url …]

nginx as docs/operations.md says and gunicorn as its unit says, on 127.0.0.1 only, in a temporary folder. So many
residents have filled in their forms. In the last seconds the heads of their posts leave, so many a second, the last one
50 ms before the deadline; each body follows up to so many seconds later, most of them after it. A tenth more begin
50 ms after the deadline. Everybody who began before must get a receipt, all others must be refused; the exit code is 1
if not. It ends by itself, after two and a half minutes at most once the forms are filled in.
"""

import argparse
import asyncio
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import start
from bench.client import HOST, Browser, fill_in, hidden_fields
from bench.serve import ANSWERS, _first_topic

EDGE_SECONDS = 0.05  # between the last head in time, the deadline, and the first one that is late
MOST_IDEAS, MOST_RATE, MOST_LATE = 2000, 500, 30
ALL_SECONDS = 150
READY_SECONDS = 30  # to set the deadline and to let the residents get ready
THREADS = 8  # as the unit says


@dataclass(frozen=True)
class Post:
    """What a resident's browser is about to send."""

    head: bytes
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    is_receipt: bool
    seconds: float  # after the last byte was sent


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[int]:
    """nginx with the portal's server block of docs/operations.md, without TLS; Debian's other settings."""
    if start.NGINX is None:
        raise SystemExit("nginx is not installed.")
    words = (start.BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^server \{\n(.*?)^\}", words, re.M | re.S)
    block = next(block for block in blocks if "X-Request-Start" in block)
    block = re.sub(r"^ +(listen|ssl_|server_name|access_log /).*\n", "", block, flags=re.M)
    zone = re.search(r"^limit_req_zone .*;$", words, re.M)
    own = block.replace("http://127.0.0.1:8000", f"http://{HOST}:{upstream}")
    http = start.nginx_cache(folder)[0] + (zone[0] if zone else "")
    with start.nginx(folder, own, http) as port:
        yield port


def filled_in(port: int, path: str, number: int) -> Post:
    """A resident's form up to the last button."""
    with closing(Browser(port)) as browser:
        check = fill_in(browser, path=path, answers=ANSWERS | {"title": f"{ANSWERS['title']}{number}"})
        body = urlencode(hidden_fields(browser.get(check))).encode()
        head = (
            f"POST {check} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nCookie: {browser.cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
    return Post(head.encode(), body)


async def send(port: int, post: Post, at: float, wait: float) -> Answer:
    """The head at a moment, the body so much later."""
    await asyncio.sleep(max(at - 1 - time.time(), 0))
    reader, writer = await asyncio.open_connection(HOST, port)
    await asyncio.sleep(max(at - time.time(), 0))
    writer.write(post.head)
    await writer.drain()
    await asyncio.sleep(wait)
    writer.write(post.body)
    await writer.drain()
    sent = time.time()
    answer = (await reader.read()).decode("utf-8", "replace")
    writer.close()
    status = re.match(r"HTTP/1\.1 (\d+)", answer)
    is_receipt = bool(re.search(r"^Location: \S+/done/", answer, re.M))
    return Answer(int(status[1]) if status else 0, is_receipt, time.time() - sent)


async def rush(
    port: int, posts: list[Post], late: list[Post], closes: float, options: argparse.Namespace
) -> list[Answer]:
    dice = random.Random(1)
    moments = [closes - EDGE_SECONDS - number / options.rate for number in range(len(posts))]
    moments += [closes + EDGE_SECONDS] * len(late)
    tasks = [
        send(port, post, at, dice.uniform(0, options.late)) for post, at in zip([*posts, *late], moments, strict=True)
    ]
    async with asyncio.timeout(ALL_SECONDS):
        return await asyncio.gather(*tasks)


def measure(env: dict[str, str], slug: str, folder: Path, options: argparse.Namespace) -> bool:
    with start.server("portal.wsgi", env, THREADS) as upstream, nginx(folder, upstream) as port:
        path = f"/campaigns/{slug}/submit/"
        ANSWERS["topic"] = _first_topic(port, path)
        posts = [filled_in(port, path, number) for number in range(options.ideas + options.ideas // 10)]
        posts, late = posts[: options.ideas], posts[options.ideas :]
        before = counted(env, slug)
        closes = time.time() + READY_SECONDS + options.ideas / options.rate
        set_deadline(env, slug, closes)
        if time.time() > closes - options.ideas / options.rate - 1:
            raise SystemExit("This machine is too busy: the rush would begin late.")
        answers = asyncio.run(rush(port, posts, late, closes, options))
        taken = counted(env, slug) - before
    in_time, too_late = answers[: options.ideas], answers[options.ideas :]
    waits = sorted(answer.seconds for answer in in_time)
    print(f"{options.ideas} began before the deadline, {options.rate} a second, bodies up to {options.late} s later:")
    print(f"  {sum(answer.is_receipt for answer in in_time)} got a receipt; {dict(Counter(a.status for a in in_time))}")
    print(f"  from the last byte to the answer: median {median(waits):.1f} s, at most {waits[-1]:.1f} s")
    print(f"{len(too_late)} began after it: {dict(Counter(answer.status for answer in too_late))}")
    print(f"{taken} ideas are there.")
    are_in, are_out = all(answer.is_receipt for answer in in_time), not any(answer.is_receipt for answer in too_late)
    return are_in and are_out and taken == options.ideas


def counted(env: dict[str, str], slug: str) -> int:
    code = f"from ideas.models import Idea; print('=', Idea.objects.filter(campaign__slug='{slug}').count())"
    return int(start.run(env, "manage.py", "shell", "-c", code).rpartition("=")[2])


def set_deadline(env: dict[str, str], slug: str, closes: float) -> None:
    code = (
        "from datetime import datetime, UTC; from ideas.models import Campaign;"
        f"Campaign.objects.filter(slug='{slug}').update(closes_at=datetime.fromtimestamp({closes}, UTC))"
    )
    start.run(env, "manage.py", "shell", "-c", code)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ideas", type=int, default=400, help=f"posts in time (400, at most {MOST_IDEAS})")
    parser.add_argument("--rate", type=int, default=100, help=f"of them a second (100, at most {MOST_RATE})")
    parser.add_argument(
        "--late", type=float, default=5, help=f"seconds from head to body at most (5, at most {MOST_LATE})"
    )
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without")
    options = parser.parse_args()
    options.ideas, options.rate = min(options.ideas, MOST_IDEAS), min(options.rate, MOST_RATE)
    options.late = min(options.late, MOST_LATE)
    with TemporaryDirectory() as name:
        env = start.environment(Path(name), options.database_url) | {"TRUSTED_PROXY": HOST}
        start.prepare(env)
        slug = start.seed(env, "--ideas=5", "--stage=collecting")
        return int(not measure(env, slug, Path(name), options))


if __name__ == "__main__":
    sys.exit(main())
