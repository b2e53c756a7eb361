"""E-mail against a real server on a socket, which answers at each step as it is told."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy

import pytest

from ideas.errors import GatewayError
from ideas.gateways import Rendered
from ideas.gateways.email import DjangoEmail

STEPS = ["connect", "EHLO", "MAIL", "RCPT", "DATA", "."]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True
    answers: dict[str, str] = {}

    def __init__(self, *given):
        super().__init__(*given)
        self.taken = []  # (who sends, to whom, the lines of the mail), as they came over the wire


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def say(self, step, usual):
        answer = self.server.answers.get(step, usual)
        if answer == "gone":
            raise ConnectionError
        self.wfile.write(f"{answer} words about <resident@example.com>\r\n".encode())

    def handle(self):
        try:
            self.say("connect", "220")
            envelope = {"MAIL": [], "RCPT": []}
            while line := self.rfile.readline().decode():
                verb = line[:4].strip().upper()
                if verb == "QUIT":
                    return self.wfile.write(b"221 bye\r\n")
                self.say("EHLO" if verb == "HELO" else verb, "354" if verb == "DATA" else "250")
                if verb in envelope:
                    envelope[verb].append(line.split("<", 1)[1].split(">", 1)[0])
                if verb == "DATA" and "DATA" not in self.server.answers:
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    self.server.taken.append((*envelope["MAIL"], envelope["RCPT"], lines))
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
        yield running
        running.shutdown()


def send(address="resident@example.com", subject="subject", body="body\n"):
    rendered = Rendered(subject, body)
    DjangoEmail().send(template="receipt", variables={}, rendered=rendered, address=address, key="k")


def fault(settings, **answers):
    """(whether it is final, what the admin reads)"""
    with server(settings, **answers), pytest.raises(GatewayError) as caught:
        send()
    return caught.value.permanent, str(caught.value)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("subject", "body\n"),
        ("我们已收到您的建议 JM-0001", "您好：\n\n您的建议已收到。\nhttps://ideas.example/track/?receipt=JM-0001\n"),
        ("“Großes” & é – 金点子" * 6, ".\n..two dots\n.hidden\nFrom the street\n" + "很长的一行" * 400 + "\n𠮷\n"),
    ],
    ids=["plain", "chinese", "odd"],
)
@pytest.mark.parametrize("address", ["resident@example.com", "o'neil+ideas@例子.example"])
def test_a_mail_is_handed_over(settings, subject, body, address):
    settings.DEFAULT_FROM_EMAIL = "金点子 <office@ideas.example>"
    with server(settings) as running:
        send(address, subject, body)
    [(sender, takers, lines)] = running.taken
    assert all(len(line) <= 1000 for line in lines)  # RFC 5321
    whole = b"".join(line.removeprefix(b".") for line in lines)
    mail = message_from_bytes(whole, policy=policy.default)
    on_the_wire = address.replace("例子", "xn--fsqu00a")
    assert (sender, takers) == ("office@ideas.example", [on_the_wire])
    assert str(mail["Subject"]).strip() == subject  # a long first word begins on the next line, after a space
    assert mail.get_content().replace("\r\n", "\n") == body
    assert [(one.display_name, one.addr_spec) for one in mail["From"].addresses] == [("金点子", "office@ideas.example")]
    assert [one.addr_spec for one in mail["To"].addresses] == [on_the_wire]
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<k@golden-ideas>", "auto-generated")
    assert mail.get_content_type() == "text/plain"


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
