"""Which addresses are desks of staff."""

from typing import Any

from ideas import urls

# Logging in and out is no desk: whoever is at it has typed nothing that could be lost or done twice.
NAMES = frozenset(pattern.name for pattern in urls.staff) - {"login", "logout"}


def is_staff_address(match: Any) -> bool:
    """Whether a resolved address is a page of the admin (but its log-in) or of another desk."""
    if match is None:
        return False
    return match.url_name in NAMES or (match.app_names == ["admin"] and match.url_name not in ("login", "logout"))
