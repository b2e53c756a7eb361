"""The worker: sends what waits in the outbox and does what must be done from time to time.

Three loops, each in a thread of its own: the duties, e-mail, SMS. Whatever goes wrong in one of them, in one duty or
with one message is logged and stops nothing else.
"""

import logging
import os
import signal
import socket
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.utils import timezone

from ideas import conf
from ideas.choices import Medium
from ideas.gateways.limited import MOST_HANGING, hanging
from ideas.models import Campaign
from ideas.services.campaigns import refresh_figures
from ideas.services.drafts import drop_expired_drafts
from ideas.services.duplicates import compare_new, count_terms, refold
from ideas.services.health import beat, for_each, note_failure, require_own_keys, words_of
from ideas.services.kept import drop_old_posts
from ideas.services.mergers import look_after_mergers
from ideas.services.messages import claim, deliver, forget_given_up
from ideas.services.once import drop_used_keys
from ideas.services.photos import sweep_files
from ideas.services.questions import let_questions_lapse
from ideas.services.release import release_due
from ideas.services.restricted import remind_keepers
from ideas.services.screening import lapse_unanswered
from ideas.services.stamps import note_heads, stamp
from ideas.services.supervision import supervise
from ideas.services.throttle import drop_ended
from ideas.services.triage import drop_lapsed_claims
from ideas.services.workdays import seed_calendar

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
PAUSE_AFTER_FAILURE = 5.0
BEAT_EVERY = timedelta(seconds=20)
STOP_SECONDS = 10  # for what is in hand when we are told to stop
SILENCE_SECONDS = 30  # of a network partner for whom nobody set a limit


@dataclass(frozen=True)
class Duty:
    """Something to be done at the start and then every so often; `act` is given the moment."""

    name: str
    every: timedelta
    act: Callable[[datetime], object]


class GatewayHangs(Exception):
    """So many calls of a gateway hang that no further ones are made."""


def drop_sessions(at: datetime) -> None:
    Session.objects.filter(expire_date__lte=at).delete()


def count_figures(at: datetime) -> None:
    """Of the campaigns that are still going on."""
    campaigns = Campaign.objects.announced(at).filter(released_at=None)
    for_each(campaigns, lambda campaign: refresh_figures(campaign=campaign, at=at), what="figures of campaign")


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DUTIES = [
    Duty("forget expired sessions", MINUTE, drop_sessions),
    Duty("forget expired drafts", MINUTE, lambda at: drop_expired_drafts(at=at)),
    Duty("forget ended counts", MINUTE, lambda at: drop_ended(at=at)),
    Duty("forget used keys of forms", MINUTE, lambda at: drop_used_keys(at=at)),
    Duty("forget kept forms of staff", MINUTE, lambda at: drop_old_posts(at=at)),
    Duty("release winners", timedelta(seconds=5), lambda at: release_due(at=at)),
    Duty("forget lapsed claims", MINUTE, lambda at: drop_lapsed_claims(at=at)),
    Duty("forget messages given up", MINUTE, lambda at: forget_given_up(at=at)),
    Duty("let unanswered ideas lapse", MINUTE, lambda at: lapse_unanswered(at=at)),
    Duty("let unanswered questions of units lapse", MINUTE, lambda at: let_questions_lapse(at=at)),
    Duty("look after mergers", MINUTE, lambda at: look_after_mergers(at=at)),
    Duty("write words of an earlier fold anew", MINUTE, lambda at: refold(at=at)),
    Duty("count common words", MINUTE, lambda at: count_terms(at=at)),
    Duty("compare new ideas", timedelta(seconds=5), lambda _at: compare_new()),
    Duty("count figures", MINUTE, count_figures),
    Duty("fill in the calendar", DAY, lambda at: seed_calendar(at=at)),
    Duty("sweep photo files", DAY, lambda at: sweep_files(at=at)),
    Duty("remind keepers", MINUTE * 10, lambda at: remind_keepers(at=at)),
    Duty("supervise referrals", MINUTE * 10, lambda at: supervise(at=at)),
    Duty("stamp the audit trail", MINUTE * 10, lambda at: stamp(at=at)),
    Duty("note the last stamp outside", DAY, lambda at: note_heads(at=at, path=conf.heads_file())),
]


class Command(BaseCommand):
    help = "Send waiting messages and do the periodic duties, until stopped (or --once)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and end")

    def handle(self, **options: Any) -> None:
        require_own_keys()
        if options["once"]:
            failed = do_duties(timezone.now())
            while drain(timezone.now()):
                pass
            if failed:
                raise CommandError(f"These duties failed: {', '.join(failed)}")
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        socket.setdefaulttimeout(SILENCE_SECONDS)
        if not work_until(stop):
            logging.shutdown()
            os._exit(1)  # a thread that hangs would keep the process


def work_until(stop: threading.Event) -> bool:
    """Work until told to stop; False if a loop ended by itself or has not ended soon after it was told to."""
    steps: dict[str, Callable[[], bool]] = {"duties": Duties(DUTIES, stop).step}
    steps |= {str(medium): partial(send_one, medium) for medium in Medium}
    threads = [
        threading.Thread(target=loop, args=(name, step, stop), name=name, daemon=True) for name, step in steps.items()
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(PAUSE_SECONDS) and all(thread.is_alive() for thread in threads):
        pass
    was_told = stop.is_set()
    stop.set()
    deadline = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        log.warning("cut off while stopping: %s", ", ".join(late))
    return was_told and not late


def loop(name: str, step: Callable[[], bool], stop: threading.Event) -> None:
    """Take step after step until told to stop, and leave a sign of life now and then. A step says whether to hurry."""
    beat_due = timezone.now()
    while not stop.is_set():
        now, pause = timezone.now(), PAUSE_SECONDS
        try:
            if now >= beat_due:
                beat(name=name, at=now)
                beat_due = now + BEAT_EVERY
            pause = 0 if step() else PAUSE_SECONDS
        except Exception as error:  # the database is away, or whatever it is: the loop goes on
            log.error("%s: %s", name, words_of(error))
            close_old_connections()
            pause = PAUSE_AFTER_FAILURE
        if pause:
            stop.wait(pause)
    connections.close_all()


def send_one(medium: Medium) -> bool:
    """Send one message that is due, if there is one."""
    if hanging(medium) >= MOST_HANGING:
        raise GatewayHangs
    taken = claim(at=timezone.now(), medium=medium, most=1)
    for message in taken:
        deliver(message, at=timezone.now())
    return bool(taken)


def drain(at: datetime) -> int:
    """Send what is due; returns how many were tried."""
    taken = claim(at=at)
    for message in taken:
        deliver(message, at=timezone.now())
    return len(taken)


class Duties:
    """When each duty is due. One that failed is tried again after a minute, then ever later, up to its own time."""

    def __init__(self, duties: list[Duty], stop: threading.Event) -> None:
        self.duties, self.stop = duties, stop
        self.due: dict[str, datetime] = {}
        self.failures: dict[str, int] = {}

    def step(self) -> bool:
        now = timezone.now()
        for duty in self.duties:
            if not self.stop.is_set() and now >= self.due.get(duty.name, now):
                done = do_duty(duty, now)
                self.failures[duty.name] = 0 if done else self.failures.get(duty.name, 0) + 1
                again = duty.every if done else min(duty.every, MINUTE * self.failures[duty.name])
                self.due[duty.name] = timezone.now() + again
        return False


def do_duties(at: datetime, duties: list[Duty] | None = None) -> list[str]:
    """Do every duty now; returns the names of those that failed."""
    return [duty.name for duty in duties or DUTIES if not do_duty(duty, at)]


def _note(duty: Duty, at: datetime, error: BaseException) -> None:
    """On a new connection where the duty has cost us the old one: else no duty after it would ever have its turn."""
    try:
        note_failure(name=duty.name, at=at, error=error)
    except (OperationalError, InterfaceError):
        close_old_connections()
        note_failure(name=duty.name, at=at, error=error)


def do_duty(duty: Duty, at: datetime) -> bool:
    """Do one duty; if it fails, note it where /readyz sees it. A database that is away is not the duty's failure."""
    try:
        duty.act(at)
    except (Exception, SystemExit) as error:  # a library that ends the process would end our thread
        log.error("duty “%s”: %s", duty.name, words_of(error))
        _note(duty, at, error)
        return False
    beat(name=duty.name, at=at)
    return True
