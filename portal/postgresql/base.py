"""Django's PostgreSQL, but no wait for the server is without end.

The server ends statements and waits for locks by itself (portal.env sets its limits). A server that cannot be reached
any more ends nothing, and a connection whose partner is gone looks like one whose partner thinks. So whoever has waited
for some seconds knocks at the server by a new connection: no answer there, or none here for longer than the server may
take for anything, and the wait is over.
"""

from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import OperationalError, _WaitTimeout

from portal.line import STALLED_SECONDS, line

KNOCK_AFTER = 5.0  # seconds of waiting
KNOCK_SECONDS = 2  # within which a living server answers a knock
_knocking = Lock()
_knocked = {"at": 0.0, "answered": True}


class EndingConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that is gone."""

    patience: float | None = None  # seconds that one answer may take; None: any, as long as the server is there
    knock: dict[str, Any] = {}

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        began = monotonic()
        with line.waiting():
            while True:
                try:
                    result = super().wait(gen, interval, KNOCK_AFTER if not line.is_down else 1.0)
                except _WaitTimeout:
                    self._end_if_gone(monotonic() - began)
                except OperationalError:
                    if monotonic() - began > STALLED_SECONDS:
                        line.gave_up()
                    raise
                else:
                    line.is_up()
                    return result

    def _end_if_gone(self, waited: float) -> None:
        too_long = self.patience is not None and waited > self.patience
        if too_long or not _answers(self.knock):
            self.pgconn.finish()
            raise OperationalError("the database does not answer")


def _answers(params: dict[str, Any]) -> bool:
    """Whether the server answers a new connection, be it by a refusal; asked by one thread for all."""
    with _knocking:
        if monotonic() - _knocked["at"] > KNOCK_SECONDS:
            _knocked["answered"] = _knock(params)
            _knocked["at"] = monotonic()
        return bool(_knocked["answered"])


def _knock(params: dict[str, Any]) -> bool:
    try:
        psycopg.connect(**{**params, "connect_timeout": KNOCK_SECONDS}).close()
    except OperationalError as error:
        if error.sqlstate is None:  # not a word from the server
            line.went_down()
            return False
    return True


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self.patience = params.pop("patience", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            connection = EndingConnection.connect(**conn_params)
        except OperationalError as error:
            if error.sqlstate is None:
                line.went_down()
            raise
        line.is_up()
        connection.patience = self.patience
        plain = ("cursor_factory", "context", "prepare_threshold")
        connection.knock = {name: value for name, value in conn_params.items() if name not in plain}
        return connection
