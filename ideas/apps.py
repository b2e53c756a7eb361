"""The one app: a citizen idea portal."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from ideas import conf


class IdeasConfig(AppConfig):
    name = "ideas"
    verbose_name = _("Desks")  # the breadcrumb above every admin page

    def ready(self) -> None:
        """Refuse to start with settings that would only fail later, in front of a resident."""
        conf.keys()
        conf.desks()
        checks.register(own_keys)


def own_keys(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every command that works with data refuses to start where another key hides under a name of IDEAS_KEYS."""
    from ideas.queries.health import strange_keys  # noqa: PLC0415 - there are no tables before ready()

    try:
        strange = strange_keys()
    except Exception:  # no database, or none made yet: nothing to compare with
        return []
    words = "IDEAS_KEYS: another key than the one that the data were made with stands under the name {}."
    return [checks.Error(words.format(name), id="ideas.E001") for name in strange]
