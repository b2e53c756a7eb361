"""Word lists as the office types them: one word a line, none so short that it would stand in every second text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ideas.forms.fields import TextField
from ideas.models import WordList
from ideas.queries.advice import words_of
from ideas.rules.advice import SHORTEST, plain_word


class WordListForm(forms.ModelForm):
    words = TextField(
        label=pgettext_lazy("word list", "words"),
        widget=forms.Textarea(attrs={"rows": 20, "cols": 40}),
        help_text=_(
            "One a line, at least two characters each. Full-width, spaced and traditional forms, pinyin and characters "
            "that sound alike are found by themselves. What is found is marked for the moderators; nothing is refused."
        ),
    )

    class Meta:
        model = WordList
        fields = ("name", "category", "is_active", "words")

    def clean_words(self) -> str:
        words: Any = words_of(self.cleaned_data["words"])
        short = [word for word in words if len(plain_word(word)) < SHORTEST]
        if short:
            raise forms.ValidationError(
                _("Too short, two characters are the least: %(words)s"), params={"words": " ".join(short)}
            )
        return "\n".join(words)
