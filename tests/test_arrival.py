"""When a request arrived: what a trusted proxy noted as it came, however long its body took and the queue was."""

import http.server
import re
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from portal.middleware import arrive
from tests import clock, servers
from tests.servers import ROOT

PROXY = "10.0.0.1"


def arrival(noted, sender=PROXY):
    request = RequestFactory().get("/", REMOTE_ADDR=sender, HTTP_X_REQUEST_START=noted)
    with clock.at(clock.DURING):
        arrive(lambda _request: HttpResponse())(request)
    return request.at  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def proxy(settings):
    settings.TRUSTED_PROXY = ["10.0.0.0/24"]


def noted(before=timedelta()):
    return f"t={(clock.DURING - before).timestamp():.3f}"


def test_the_moment_that_a_trusted_proxy_noted_counts():
    assert arrival(noted(timedelta(seconds=90))) == clock.DURING - timedelta(seconds=90)


def test_a_stranger_cannot_come_earlier():
    assert arrival(noted(timedelta(seconds=90)), sender="203.0.113.9") == clock.DURING


@pytest.mark.parametrize(
    "words",
    [
        noted(timedelta(minutes=11)),
        noted(timedelta(seconds=-1)),
        "t=",
        "t=yesterday",
        "1",
        "t=-5",
        "t=1e9",
        "",
        "t=" + "9" * 40,
    ],
)
def test_what_cannot_be_is_not_believed(words):
    assert arrival(words) == clock.DURING


@pytest.mark.django_db
def test_a_deadline_is_held_by_whoever_arrived_in_time(client, campaign, settings):
    """The body of the last minute comes through after the deadline; somebody without a trusted proxy is late."""
    address = f"/campaigns/{campaign.slug}/submit/"
    before = f"t={(clock.CLOSES - timedelta(seconds=1)).timestamp():.3f}"
    with clock.at(clock.CLOSES + timedelta(seconds=5)):
        in_time = client.get(address, REMOTE_ADDR=PROXY, headers={"x-request-start": before})
        late = client.get(address, REMOTE_ADDR="203.0.113.9", headers={"x-request-start": before})
    assert (in_time.status_code, late.status_code) == (200, 410)


class Upstream(http.server.BaseHTTPRequestHandler):
    """Notes what the proxy passes on, and when."""

    got: list[tuple[str, float]] = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["X-Request-Start"], time.time()))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def nginx(tmp_path):
    """The real nginx with the lines that docs/operations.md gives it; returns its port."""
    words = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ +(set \$arrived .*;|proxy_set_header X-Request-Start .*;)", words, re.M)
    assert len(lines) == 2
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    own = "\n".join(lines)
    server = f"{own} location / {{ proxy_pass http://127.0.0.1:{upstream.server_address[1]}; }}"
    with servers.nginx(tmp_path, server) as port:
        yield port
    upstream.shutdown()


def test_nginx_notes_when_the_head_came_although_it_collects_the_body(nginx):
    """The head leaves, the body follows two seconds later: the noted moment is the head's."""
    Upstream.got.clear()
    with socket.create_connection(("127.0.0.1", nginx)) as line:
        began = time.time()
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Request-Start: t=1\r\nContent-Length: 4\r\n\r\n")
        time.sleep(2)
        line.sendall(b"body")
        line.recv(1000)
    [(words, passed_on)] = Upstream.got
    assert abs(float(words.removeprefix("t=")) - began) < 0.5
    assert passed_on - began >= 2
