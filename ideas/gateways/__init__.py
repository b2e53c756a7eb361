"""Ways out of the house. A gateway is a class named in the settings with one method:

    send(*, template: str, variables: dict[str, str], rendered: Rendered, address: str, key: str) -> None

`template` and `variables` serve providers that hold registered templates (every SMS provider in China), `rendered`
those that take words. `key` is the same at every try, so that a provider can drop repeats. Raise
errors.GatewayError, with `permanent=True` where trying again makes no sense. A gateway never sees a model.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rendered:
    """The words of a message; `subject` is empty for an SMS."""

    subject: str
    body: str
