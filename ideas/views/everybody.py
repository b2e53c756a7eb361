"""Pages that are the same for everybody, so that one rendering can serve all who ask (portal/finished.py)."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def for_everybody(*query: str) -> Callable[[View], View]:
    """A view whose page depends on nothing but its address, these names of the query, the language, the letters and
    the moment: no person, no session, no form token, no cookie. Other names in the query are dropped before it."""

    def mark(view: View) -> View:
        view.query_of_everybody = query  # type: ignore[attr-defined]
        return view

    return mark
