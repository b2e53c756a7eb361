"""What keeps two runs of the tests from taking each other's database away."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests import databases

HOLD = "from tests import databases; databases._hold('sqlite:///held-by-a-test'); print('held', flush=True); input()"


def test_a_second_run_is_refused_a_database_until_the_first_has_ended():
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, stdin=pipe, stdout=pipe, text=True) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(RuntimeError, match="Another run of the tests"):
            databases._hold("sqlite:///held-by-a-test")
        first.communicate("\n")
    databases._hold("sqlite:///held-by-a-test")


@pytest.mark.xdist_group("together")
def test_what_belongs_together_goes_to_one_worker(request):
    """Some pairs of pytest and pytest-xdist group nothing, without a word: what is slow to make is then made by each
    worker."""
    is_worker = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@together") == is_worker
