"""Word lists that mark an idea for a closer look. They advise; nothing is refused for them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import WordCategory


class WordList(models.Model):
    """Words of one category, one a line, edited by the office."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    category = models.CharField(_("category"), max_length=12, choices=WordCategory)
    words = models.TextField(_("words"), help_text=_("One a line."))
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("word list")
        verbose_name_plural = _("word lists")
        ordering = ("category", "name")

    def __str__(self) -> str:
        return self.name
