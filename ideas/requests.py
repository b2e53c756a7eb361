"""What our middleware adds to a request, for those who check types; and how a number or a key in one is read."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest

if TYPE_CHECKING:
    from ideas.models import User


class Request(HttpRequest):
    """`at`: the moment of arrival, the one that all rules use. `client_address`: the sender, through our proxies."""

    at: datetime
    client_address: str
    LANGUAGE_CODE: str


class StaffRequest(Request):
    """A request behind a log-in: `user` is somebody."""

    user: "User"


KEY_DIGITS = 18  # what the columns of both databases hold


def number_in(text: str) -> int | None:
    """The whole number that a request writes in plain digits, as our pages do; none for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS else None


def row_key(text: str) -> int:
    """The primary key that a request names; 0, which is nobody's, for whatever cannot be one."""
    return number_in(text) or 0


def read_key(text: str) -> UUID | None:
    """The key of a form or a photo that a request names."""
    try:
        return UUID(text)
    except ValueError:
        return None
