"""E-mail against a real server on a socket, which answers at each step as it is told."""

import socketserver
import threading
from contextlib import contextmanager

import pytest

from ideas.errors import GatewayError
from ideas.gateways import Rendered
from ideas.gateways.email import DjangoEmail

STEPS = ["connect", "EHLO", "MAIL", "RCPT", "DATA", "."]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True
    answers: dict[str, str] = {}


class Talk(socketserver.StreamRequestHandler):
    def say(self, step, usual):
        answer = self.server.answers.get(step, usual)
        if answer == "gone":
            raise ConnectionError
        self.wfile.write(f"{answer} words about <resident@example.com>\r\n".encode())

    def handle(self):
        try:
            self.say("connect", "220")
            while line := self.rfile.readline().decode():
                verb = line[:4].strip().upper()
                if verb == "QUIT":
                    return self.wfile.write(b"221 bye\r\n")
                self.say("EHLO" if verb == "HELO" else verb, "354" if verb == "DATA" else "250")
                if verb == "DATA" and "DATA" not in self.server.answers:
                    while self.rfile.readline() not in (b".\r\n", b""):
                        pass
                    self.say(".", "250")
        except ConnectionError:
            return None


@contextmanager
def server(settings, **answers):
    with Server(("127.0.0.1", 0), Talk) as running:
        running.answers = answers
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield
        running.shutdown()


def send(address="resident@example.com"):
    rendered = Rendered("subject", "body\n")
    DjangoEmail().send(template="receipt", variables={}, rendered=rendered, address=address, key="k")


def fault(settings, **answers):
    """(whether it is final, what the admin reads)"""
    with server(settings, **answers), pytest.raises(GatewayError) as caught:
        send()
    return caught.value.permanent, str(caught.value)


def test_a_mail_is_handed_over(settings):
    with server(settings):
        send()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("code", "is_final"), [("421", False), ("450", False), ("550", True), ("554", True)])
def test_4xx_is_temporary_and_5xx_final_wherever_it_is_said(settings, step, code, is_final):
    assert fault(settings, **{step: code})[0] == is_final


@pytest.mark.parametrize("step", STEPS)
def test_a_line_that_breaks_is_temporary(settings, step):
    assert fault(settings, **{step: "gone"})[0] is False


def test_a_server_that_is_not_there_is_temporary(settings):
    with server(settings):
        pass
    with pytest.raises(GatewayError) as caught:
        send()
    assert caught.value.permanent is False


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_the_admin_reads_the_code_and_not_the_words(settings, step):
    reason = fault(settings, **{step: "450"})[1]
    assert ("450" in reason, "resident" in reason) == (True, False)
