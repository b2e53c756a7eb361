"""The manager's word lists: what a moderator's attention is drawn to."""

from django.contrib import admin
from django.utils.translation import pgettext_lazy

from ideas.admin.lists import DeskAdmin
from ideas.admin.versions import Versioned
from ideas.forms.advice import WordListForm
from ideas.models import WordList
from ideas.queries.advice import words_of


@admin.register(WordList)
class WordListAdmin(Versioned, DeskAdmin):
    form = WordListForm
    list_display = ("name", "category", "number_of_words", "is_active")
    list_filter = ("category", "is_active")

    @admin.display(description=pgettext_lazy("word list", "words"))
    def number_of_words(self, row: WordList) -> int:
        return len(words_of(row.words))
