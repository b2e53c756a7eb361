"""Refusals: what a service says when it will not do a thing. Their text may be shown to whoever asked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise as _StrPromise


class Refusal(Exception):
    """The rules do not allow it. `message` is a plain, translated sentence without personal data."""

    def __init__(self, message: "str | _StrPromise") -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotPermitted(Refusal):
    """The person lacks the right to do it."""


class WrongRole(NotPermitted):
    """It is not for the person's role at all, whoever else may have done what: no page offers it."""


class Stale(Refusal):
    """The row has changed since the person looked at it."""


class Lacking(Refusal):
    """Something of a form is missing or wrong; `fields` are those that it is about, each with its sentence."""

    def __init__(self, message: "str | _StrPromise", fields: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.fields = dict(fields)


def lacking(field: str, message: "str | _StrPromise") -> Lacking:
    """The refusal of what stands in one field."""
    return Lacking(message, {field: message})


class GatewayError(Exception):
    """A message could not be handed over. `permanent` says that trying again makes no sense."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
