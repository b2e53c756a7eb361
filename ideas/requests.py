"""What our middleware adds to a request, for those who read and check types."""

from datetime import datetime
from typing import TYPE_CHECKING

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
