"""Every documented setting with a value that cannot be: it is named in plain words, at a check or at the start."""

import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from ideas import conf
from ideas.apps import sound_settings
from tests.servers import ROOT, portal_env
from tests.test_documents import READ_ELSEWHERE, settings_read, settings_table

SWITCH = ["maybe", "2", "-1"]
NUMBER = ["many", "-1", "1.5", "", "99999999999999", "１０ 万"]
KEY = "k1:" + "A" * 43 + "="
WRONG = {
    "SECRET_KEY": ["abc"],
    "IDEAS_KEYS": ["nonsense", "k1:short", "k1:€", "", f"{KEY},{KEY}"],
    "IDEAS_KEYS_RETIRED": ["k1", "k1:2026-13-01", "k1:2026-12-01T08:00"],
    "IDEAS_HEADS_FILE": ["/nowhere/at/all/heads.jsonl", "/"],
    "IDEAS_SITE_URL": ["nonsense", "ftp://host", "http://", "http://[bad", "http://host:port", "https://host/path", ""],
    "ALLOWED_HOSTS": ["https://host", "host:8000", "a b", "host/path"],
    "TRUSTED_PROXY": ["nginx", "10.0.0.1/8", "10.0.0.0/99"],
    "IDEAS_DESKS": ["everything", ""],
    "VAR_DIR": ["/proc/nowhere", "README.md"],
    "DATABASE_URL": ["nonsense", "mysql://a:secret@h/x", "postgres://u:secret@h:port/x", "http://[bad"],
    "EMAIL_URL": ["nonsense", "foo://a:secret@h", "smtp://u:secret@h:port", "smtp+tls://[bad"],
    "DEFAULT_FROM_EMAIL": ["nonsense", "a@b@c", ""],
    "IDEAS_EMAIL_GATEWAY": ["nonsense", "nope.Gateway", "ideas.gateways.email.Nope"],
    "IDEAS_SMS_GATEWAY": ["nonsense", "nope.Gateway"],
    "IDEAS_SMS_COUNTRIES": ["China", "+0", "-86", "+86123456"],
    "IDEAS_ESCALATION": ["boss:1", "head", "head:0", "head:3,office:2"],
    "IDEAS_LEADERS": ["leader", "13900000000", "a@b c@d"],
    "IDEAS_AREA_CODE": ["abc", "592", "-0592"],
    "PORTAL_ENV_FILE": ["nowhere.env"],
    # No number of these may be so small that nobody is served any more.
    "IDEAS_SEND_SECONDS": ["0"], "IDEAS_CLAIM_SECONDS": ["0"], "IDEAS_WORKER_WARN_SECONDS": ["0"],
    "IDEAS_OUTBOX_WARN_SECONDS": ["0"], "IDEAS_PHOTO_MEGABYTES": ["0"], "IDEAS_PHOTO_MEGAPIXELS": ["0"],
    "IDEAS_LIMIT_CODE_HOUR": ["0"], "IDEAS_LIMIT_CODE_DAY": ["0"],
}  # fmt: skip
# What the head and the foot of every page say: any words are right.
WORDS = {
    "IDEAS_DISTRICT", "IDEAS_DISTRICT_EN", "IDEAS_DATA_LICENCE",
    "IDEAS_ORGANISER", "IDEAS_ORGANISER_EN", "IDEAS_PHONE", "IDEAS_PHONE_HOURS", "IDEAS_PHONE_HOURS_EN", "IDEAS_ICP",
    "IDEAS_POLICE_RECORD", "IDEAS_SITE_CODE", "IDEAS_ADDRESS", "IDEAS_ADDRESS_EN",
}  # fmt: skip


def wrong_values():
    """name -> values that cannot be, of every documented setting but free words."""
    found = {name: list(values) for name, values in WRONG.items()}
    for name, default in settings_read().items():
        if isinstance(default, bool):
            found.setdefault(name, []).extend(SWITCH)
        elif isinstance(default, int):
            found.setdefault(name, []).extend(NUMBER)
    return found


CASES = [(name, value) for name, values in wrong_values().items() for value in values]


def test_every_documented_setting_is_tried():
    assert settings_table().keys() == wrong_values().keys() | WORDS | READ_ELSEWHERE


@pytest.fixture
def read(monkeypatch, settings, tmp_path):
    """Returns what is said against the environment with one setting changed."""
    kept = portal_env(tmp_path)
    for name in settings_table():
        monkeypatch.delenv(name, raising=False)
    for name, value in kept.items():
        monkeypatch.setenv(name, value)

    def said(name, value):
        monkeypatch.setenv(name, value)
        try:
            found = runpy.run_path(str(ROOT / "portal/settings.py"))
            for known in [known for known in found if known.startswith("IDEAS_")]:
                setattr(settings, known, found[known])
            for known in ("TRUSTED_PROXY", "DEFAULT_FROM_EMAIL", "SECRET_KEY"):
                setattr(settings, known, found[known])
            conf.keys()
            conf.desks()
        except ImproperlyConfigured as error:
            return [str(error)]
        return [problem.msg for problem in sound_settings(None)]

    return said


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_value_that_cannot_be_is_named_in_words(read, name, value):
    [words] = read(name, value)
    assert (name in words, "secret" in words) == (True, False)


def test_nothing_is_said_against_what_is_right(read):
    assert read("IDEAS_PHOTOS", "3") == []


@pytest.mark.parametrize(
    ("name", "value"), [("IDEAS_PHOTOS", "many"), ("DATABASE_URL", "nonsense"), ("IDEAS_DESKS", "everything")]
)
def test_a_command_says_it_without_a_traceback(tmp_path, name, value):
    env = portal_env(tmp_path, **{name: value})
    check = [sys.executable, "manage.py", "check"]
    done = subprocess.run(check, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith(name), "Traceback" in done.stderr) == (1, True, False)


@pytest.mark.parametrize("value", ["many", "-1", "0", "65536"])
def test_the_port_of_the_demo_is_one(value):
    with pytest.raises(CommandError, match=f"PORT={value}"):
        call_command("demo", f"--port={value}")
