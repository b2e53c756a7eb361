"""gunicorn's threads, and one beside them that says that the process lives, whatever the others wait for.

gunicorn.conf.py names it, so that every start of the portal has it, with as many threads as it may be told.
"""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, ThreadWorker

HEALTH = (b"GET /healthz ", b"HEAD /healthz ")  # views.health: asks neither database nor disk


class Worker(ThreadWorker):
    def init_process(self) -> None:
        self.beside = ThreadPoolExecutor(max_workers=1)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Give a request to a thread. Who has sent nothing yet waits where no thread is bound."""
        head = _head(conn.sock)
        if head is None and self.alive and not conn.initialized:
            conn.sock.setblocking(False)
            conn.timeout = time.monotonic() + DEFAULT_WORKER_DATA_TIMEOUT + self.cfg.keepalive
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
        elif head and head.startswith(HEALTH):
            done = self.beside.submit(self.handle, conn)
            done.add_done_callback(lambda answer: self.method_queue.defer(self.finish_request, conn, answer))
        else:
            super().enqueue_req(conn)


def _head(sock: socket.socket) -> bytes | None:
    """The first bytes that lie there, left where they are; None if there are none yet."""
    try:
        return sock.recv(max(map(len, HEALTH)), socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return b""  # gone: a thread finds out
