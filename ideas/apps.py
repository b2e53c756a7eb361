"""The one app: a citizen idea portal."""

import re
from email.utils import parseaddr
from ipaddress import ip_network
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.rules.supervision import escalation_of

SHORTEST_SECRET = 32


class IdeasConfig(AppConfig):
    name = "ideas"
    verbose_name = _("Desks")  # the breadcrumb above every admin page

    def ready(self) -> None:
        """Refuse to start with settings that would only fail later, in front of a resident."""
        conf.keys()
        conf.desks()
        checks.register(own_keys)
        checks.register(sound_settings)


def own_keys(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every command that works with data refuses to start where another key hides under a name of IDEAS_KEYS."""
    from ideas.queries.health import strange_keys  # noqa: PLC0415 - there are no tables before ready()

    try:
        strange = strange_keys()
    except Exception:  # no database, or none made yet: nothing to compare with
        return []
    words = "IDEAS_KEYS: another key than the one that the data were made with stands under the name {}."
    return [checks.Error(words.format(name), id="ideas.E001") for name in strange]


def sound_settings(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """What would only fail later, in front of a resident, or silently mean something else."""
    wrong = [
        f"{name}={value}: must be a number from 0 on."
        for name in dir(settings)
        if name.startswith("IDEAS_") and isinstance(value := getattr(settings, name), int) and value < 0
    ]
    for medium in ("email", "sms"):
        try:
            conf.gateway(medium)
        except Exception as error:  # of the office's own class, whatever it raises
            path = getattr(settings, f"IDEAS_{medium.upper()}_GATEWAY")
            wrong.append(f"IDEAS_{medium.upper()}_GATEWAY={path}: this class cannot be used ({type(error).__name__}).")
    try:
        conf.retired_keys()
    except ImproperlyConfigured as error:
        wrong.append(str(error))
    if conf.area_code() and not re.fullmatch(r"0\d{2,3}", conf.area_code()):
        wrong.append(f"IDEAS_AREA_CODE={conf.area_code()}: must be like 0592.")
    wrong += [
        f"TRUSTED_PROXY={name}: must be addresses or networks, like 127.0.0.1 or 10.0.0.0/8."
        for name in settings.TRUSTED_PROXY
        if not _is_network(name)
    ]
    wrong += _strange_words() + _strange_supervision()
    return [*_weak_secret(), *(checks.Error(words, id="ideas.E002") for words in wrong)]


def _strange_words() -> list[str]:
    wrong = [
        f"IDEAS_SMS_COUNTRIES={code}: must be country codes, like +86."
        for code in settings.IDEAS_SMS_COUNTRIES
        if not re.fullmatch(r"\+?[1-9]\d{0,3}", code)
    ]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(settings.DEFAULT_FROM_EMAIL)[1]):
        wrong.append(f"DEFAULT_FROM_EMAIL={settings.DEFAULT_FROM_EMAIL}: must be an e-mail address.")
    if conf.heads_file().is_dir() or not conf.heads_file().parent.is_dir():
        wrong.append(f"IDEAS_HEADS_FILE={conf.heads_file()}: must be a file in a folder that is there.")
    return wrong


def _strange_supervision() -> list[str]:
    """Whom nobody could tell of what is overdue."""
    wrong = []
    try:
        escalation_of(conf.escalation())
    except ValueError:
        given = ",".join(conf.escalation())
        wrong.append(f"IDEAS_ESCALATION={given}: must be like officer:1,head:2,office:3,leader:5.")
    return wrong + [
        f"IDEAS_LEADERS={word}: must be e-mail addresses, or mobile numbers with their country code, like +86."
        for word in conf.leaders()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+|\+[1-9]\d{6,14}", word)
    ]


def _weak_secret() -> list[checks.CheckMessage]:
    """A warning only: whoever has run with it would be locked out by more."""
    if len(settings.SECRET_KEY) >= SHORTEST_SECRET:
        return []
    words = f"SECRET_KEY has fewer than {SHORTEST_SECRET} characters and could be guessed; see .env.example."
    return [checks.Warning(words, id="ideas.W001")]


def _is_network(name: str) -> bool:
    try:
        ip_network(name)
    except ValueError:
        return False
    return True
