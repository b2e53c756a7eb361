"""The worker: sends what waits in the outbox and does what must be done from time to time."""

import logging
import signal
import threading
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from ideas.models import Campaign
from ideas.services.campaigns import refresh_figures
from ideas.services.drafts import drop_expired_drafts
from ideas.services.duplicates import compare_new, count_terms
from ideas.services.messages import claim, deliver
from ideas.services.once import drop_used_keys
from ideas.services.photos import sweep_files
from ideas.services.screening import lapse_unanswered
from ideas.services.throttle import drop_ended
from ideas.services.triage import drop_lapsed_claims

log = logging.getLogger(__name__)
DUTIES_EVERY = timedelta(minutes=1)
SWEEP_EVERY = timedelta(days=1)
PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = "Send waiting messages and do the periodic duties, until stopped (or --once)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and end")

    def handle(self, **options: Any) -> None:
        if options["once"]:
            do_duties(timezone.now())
            sweep_files(at=timezone.now())
            while drain(timezone.now()):
                pass
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        work_until(stop)


def work_until(stop: threading.Event) -> None:
    """Work until told to stop; a database that is away for a while is waited for."""
    duties_due = sweep_due = timezone.now()
    while not stop.is_set():
        now = timezone.now()
        try:
            if now >= duties_due:
                do_duties(now)
                duties_due = now + DUTIES_EVERY
            if now >= sweep_due:
                sweep_files(at=now)
                sweep_due = now + SWEEP_EVERY
            busy = drain(now)
        except OperationalError as error:
            log.error("the database does not answer: %s", type(error).__name__)
            close_old_connections()
            busy = 0
        if not busy:
            stop.wait(PAUSE_SECONDS)


def drain(at: datetime) -> int:
    """Send what is due; gives how many were tried."""
    taken = claim(at=at)
    for message in taken:
        deliver(message, at=timezone.now())
    return len(taken)


def do_duties(at: datetime) -> None:
    """Forget expired drafts, sessions and claims; let unanswered ideas lapse; compare new ideas with the others;
    count the figures of campaigns that are still going on."""
    Session.objects.filter(expire_date__lte=at).delete()
    drop_expired_drafts(at=at)
    drop_ended(at=at)
    drop_used_keys(at=at)
    drop_lapsed_claims(at=at)
    lapse_unanswered(at=at)
    count_terms(at=at)
    compare_new()
    for campaign in Campaign.objects.announced(at).filter(released_at=None):
        refresh_figures(campaign=campaign, at=at)
