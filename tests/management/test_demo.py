"""A folder runs one portal at a time."""

import os
import subprocess
import sys
import textwrap

import pytest
from django.core.management import CommandError

from ideas.management.commands.demo import only_one

ENV = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
HOLD = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    import django
    django.setup()
    from ideas.management.commands.demo import only_one
    with only_one(Path(sys.argv[1]), "http://127.0.0.1:8000/"):
        print("held", flush=True)
        sys.stdin.read()
    """
)


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "demo.lock"


@pytest.fixture
def first_start(lock):
    """Another process that runs the portal from the same folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, lock], env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_start_in_one_folder_names_the_first(lock, first_start):
    refused = pytest.raises(CommandError, match=r"runs from this folder already: http://127\.0\.0\.1:8000/.*Ctrl-C")
    with refused, only_one(lock, "http://127.0.0.1:8080/"):
        pass
    assert lock.read_text() == "http://127.0.0.1:8000/"


def test_the_folder_is_free_again_however_the_first_start_ended(lock, first_start):
    first_start.kill()
    first_start.wait()
    with only_one(lock, "http://127.0.0.1:8080/"):
        assert lock.read_text() == "http://127.0.0.1:8080/"
