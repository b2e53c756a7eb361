"""What every template may use: the office, the reader's language and letters, the addresses of this page."""

from typing import Any

from django.http import HttpRequest

from ideas import conf, urls
from ideas.views.privacy import letters_of
from portal.kept import waits_for_writer
from portal.languages import addresses_of

PUBLIC = frozenset(str(pattern.name) for pattern in urls.public)


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "office": conf.office(),
        "is_demo": conf.is_demo(),
        "desks": conf.desks(),
        "language_switch": conf.language_switch(),
        "elder": letters_of(request),
        "address": _public_address(request),
        "share": addresses_of(request),
        "is_choice_lost": getattr(request, "is_choice_lost", False),
        "is_kept": lambda: waits_for_writer(request),
        # The page to come back to after choosing a language; a form that was posted is asked for again.
        "here": request.get_full_path(),
    }


def _public_address(request: HttpRequest) -> str:
    """For the foot of a printed page; none on pages of staff, whose address leads nobody else anywhere."""
    match = request.resolver_match
    return conf.site_url() + request.path if match and match.view_name in PUBLIC else ""
