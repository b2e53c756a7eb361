"""The worker: one bad thing stops nothing else, media do not wait for each other, and it stops when told."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from ideas.choices import Medium, MessageState
from ideas.errors import GatewayError
from ideas.gateways import limited
from ideas.management.commands import work
from ideas.models import CalendarYear, Heartbeat, Message
from ideas.models.photos import photo_store
from ideas.services.messages import claim, deliver
from ideas.services.photos import SWEEP_AFTER, sweep_files
from tests import clock, factories, servers

pytestmark = pytest.mark.django_db
HANGS = threading.Event()


class Hanging:
    """A gateway of the office's own that waits for ever."""

    def send(self, **given):
        HANGS.wait(60)


class Kept:
    """A gateway that takes everything over."""

    def send(self, **given):
        pass


def duty(name, act, every=work.MINUTE):
    return work.Duty(name, every, act)


def fail(at):
    raise ValueError("secret@example.com")


@pytest.fixture
def both_media(settings):
    settings.IDEAS_SMS_GATEWAY = f"{__name__}.Kept"
    settings.IDEAS_SEND_SECONDS = 0.2
    HANGS.clear()
    yield
    HANGS.set()


def states():
    return dict(Message.objects.values_list("medium", "state"))


def test_a_duty_that_fails_stops_no_other_and_is_counted(caplog):
    done = []
    duties = [duty("one", fail), duty("two", done.append)]
    for _ in range(3):
        assert work.do_duties(clock.DURING, duties) == ["one"]
    assert (len(done), dict(Heartbeat.objects.values_list("name", "failures"))) == (3, {"one": 3, "two": 0})
    assert "ValueError in test_work.py" in caplog.text
    assert "secret" not in caplog.text
    assert work.do_duties(clock.DURING, [duty("one", done.append)]) == []
    assert Heartbeat.objects.get(name="one").failures == 0


def test_a_duty_that_fails_is_tried_again_soon_and_ever_later():
    duties = work.Duties([duty("daily", fail, timedelta(days=1))], threading.Event())
    with clock.at(clock.DURING):
        duties.step()
    assert duties.due["daily"] == clock.DURING + timedelta(minutes=1)
    with clock.at(clock.DURING + timedelta(minutes=1)):
        duties.step()
    assert duties.due["daily"] == clock.DURING + timedelta(minutes=3)


def test_the_worker_fills_in_the_calendar_every_day():
    [duty] = [duty for duty in work.DUTIES if duty.name == "fill in the calendar"]
    assert (duty.every, work.do_duties(clock.DURING, [duty])) == (work.DAY, [])
    assert CalendarYear.objects.filter(number=clock.DURING.year).exists()


def test_once_says_which_duties_failed(monkeypatch, campaign):
    factories.make_idea(campaign)
    monkeypatch.setattr(work, "DUTIES", [duty("one", fail)])
    with pytest.raises(CommandError, match="one"):
        call_command("work", once=True)
    assert Message.objects.get().state == MessageState.SENT


def ends_the_process(at):
    raise SystemExit(1)


def loses_its_connection(at):
    if connection.vendor == "postgresql":
        connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
    raise ValueError


@pytest.mark.django_db(transaction=True)
def test_the_loops_go_on_whatever_duties_raise_and_readyz_names_them(client, campaign, monkeypatch, caplog):
    """The worker's own threads: three duties that fail each in its way, one that is done, and a mail."""
    factories.make_idea(campaign)
    done, stop, ended = [], threading.Event(), []
    bad = {"raises": fail, "ends": ends_the_process, "loses": loses_its_connection}
    duties = [duty(name, act, timedelta(0)) for name, act in {**bad, "good": done.append}.items()]
    monkeypatch.setattr(work, "DUTIES", duties)
    monkeypatch.setattr(work, "PAUSE_SECONDS", 0.05)
    worker = threading.Thread(target=lambda: ended.append(work.work_until(stop)))
    worker.start()
    try:
        assert servers.eventually(lambda: Heartbeat.objects.filter(name__in=bad, failures__gte=3).count() == 3)
        assert servers.eventually(lambda: states()["email"] == "sent")
        assert len(done) >= 3
    finally:
        stop.set()
        worker.join(30)
    assert ended == [True]
    assert client.get("/readyz").json()["problems"] == ["duties: failed several times in a row: ends, loses, raises"]
    assert [name for name in bad if f"duty “{name}”" not in caplog.text] == []


STRAYS = [
    "Thumbs.db", ".DS_Store", "ab/Thumbs.db", "ab/.nfs0001", "ab/ab.jpg", "lost+found/x", "ab/folder/x.jpg", "zz/x.jpg",
    "ab/" + "c" * 32 + ".jpg", "ab/" + "a" * 200 + ".jpg", "ab/ab-0000-x.jpg", "0a",
]  # fmt: skip


@pytest.fixture
def strays(settings, tmp_path):
    """What other programs leave in a folder, and a real orphan among it; all of it two days old."""
    options = {"location": tmp_path}
    settings.STORAGES = settings.STORAGES | {"photos": settings.STORAGES["photos"] | {"OPTIONS": options}}
    root, orphan = photo_store().path(""), "ab/ab" + "0" * 30 + ".jpg"
    paths = [os.path.join(root, name).encode() for name in STRAYS] + [os.path.join(root, "ab/").encode() + b"\xff.jpg"]
    for path in paths:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"x")
        os.utime(path, (clock.DURING.timestamp(),) * 2)
    photo_store().save(orphan, ContentFile(b"x"))
    os.utime(photo_store().path(orphan), (clock.DURING.timestamp(),) * 2)
    return paths, orphan


def test_stray_names_in_the_photo_folder_stop_nothing_and_stay(strays):
    paths, orphan = strays
    assert sweep_files(at=clock.DURING + 2 * SWEEP_AFTER) == 1
    assert (photo_store().exists(orphan), [path for path in paths if not os.path.exists(path)]) == (False, [])


def test_a_message_sealed_under_a_key_that_is_gone_stops_no_other(campaign, settings):
    factories.make_idea(campaign)
    own, settings.IDEAS_KEYS = settings.IDEAS_KEYS, ["t9:" + "C" * 43 + "="]
    factories.make_idea(campaign)
    settings.IDEAS_KEYS = own
    with clock.at(clock.DURING):
        assert work.drain(clock.DURING) == 2
    found = Message.objects.defer("payload").order_by("pk").values_list("state", "error")
    assert list(found) == [("sent", ""), ("queued", "CannotOpen")]


def test_a_gateway_that_hangs_is_left_behind(campaign, settings, both_media):
    settings.IDEAS_EMAIL_GATEWAY = f"{__name__}.Hanging"
    factories.make_idea(campaign)
    with clock.at(clock.DURING):
        work.drain(clock.DURING)
    assert (states(), Message.objects.get(medium="email").error) == (
        {"email": "queued", "sms": "sent"},
        "no answer within 0.2 seconds",
    )


def test_only_so_many_calls_of_a_gateway_may_hang(monkeypatch, both_media):
    monkeypatch.setattr(limited, "MOST_HANGING", 1)
    monkeypatch.setattr(work, "MOST_HANGING", 1)
    with pytest.raises(GatewayError):
        limited.within(0.05, lambda: Hanging().send(), medium=Medium.SMS)
    with pytest.raises(work.GatewayHangs):
        work.send_one(Medium.SMS)
    assert work.send_one(Medium.EMAIL) is False
    HANGS.set()
    assert servers.eventually(lambda: limited.hanging(Medium.SMS) == 0)
    assert work.send_one(Medium.SMS) is False


@pytest.mark.django_db(transaction=True)
def test_a_silent_mail_server_holds_no_sms_and_not_the_stop(campaign, tmp_path, settings):
    """A real worker, before a server that accepts and stays silent."""
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    factories.make_idea(campaign)
    with servers.silent_server() as port:
        env = servers.portal_env(
            tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{port}", IDEAS_SMS_GATEWAY="ideas.gateways.sms.FileSms"
        )
        with servers.running("manage.py", "work", env=env) as worker:
            assert servers.eventually(lambda: states().get("sms") == "sent"), servers.log_of(env)
            assert servers.eventually(lambda: Message.objects.get(medium="email").tries == 1)
            assert states()["email"] == "queued"
            began = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
            assert time.monotonic() - began < 25
    assert set(Heartbeat.objects.filter(name__in=("duties", "email", "sms")).values_list("failures", flat=True)) == {0}


@pytest.mark.django_db(transaction=True)
def test_an_idle_worker_stops_at_once(tmp_path):
    env = servers.portal_env(tmp_path)
    with servers.running("manage.py", "work", env=env) as worker:
        assert servers.eventually(lambda: Heartbeat.objects.filter(name="sms").exists()), servers.log_of(env)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(5) == 0


def suspend_between_writes(worker, write):
    """Stop it where our own write succeeds: on SQLite a writer that is suspended holds everybody."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 500")

    def is_ours():
        worker.send_signal(signal.SIGSTOP)
        try:
            return write() and True
        except OperationalError:
            worker.send_signal(signal.SIGCONT)

    assert servers.eventually(is_ours)
    connection.close()  # and with it the short patience


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_suspended_past_its_lease_writes_over_nothing(campaign, tmp_path, settings):
    """A real worker is stopped while it sends; another one sends and settles meanwhile; then it goes on."""
    factories.make_idea(campaign)
    with servers.mail_server() as (port, mailbox):
        mailbox.go.clear()
        env = servers.portal_env(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{port}")
        with servers.running("manage.py", "work", env=env) as worker:
            assert mailbox.begun.wait(60), servers.log_of(env)
            suspend_between_writes(worker, lambda: Message.objects.update(claimed_until=clock.DURING))
            settings.IDEAS_EMAIL_GATEWAY = f"{__name__}.Kept"
            now = timezone.now()
            for message in claim(at=now):
                deliver(message, at=now)
            worker.send_signal(signal.SIGCONT)
            mailbox.go.set()
            assert servers.eventually(lambda: "somebody else has settled it" in servers.log_of(env))
    message = Message.objects.get()
    assert (message.state, message.sent_at, message.tries, len(mailbox.mails)) == ("sent", now, 2, 1)


def test_a_message_whose_lease_is_over_is_not_sent(campaign):
    factories.make_idea(campaign)
    [message] = claim(at=clock.DURING)
    deliver(message, at=message.claimed_until)
    assert (Message.objects.get().state, Message.objects.get().claim) == (MessageState.QUEUED, message.claim)
