"""The one app: a citizen idea portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ideas import conf


class IdeasConfig(AppConfig):
    name = "ideas"
    verbose_name = _("Desks")  # the breadcrumb above every admin page

    def ready(self) -> None:
        """Refuse to start with settings that would only fail later, in front of a resident."""
        conf.keys()
        conf.desks()
