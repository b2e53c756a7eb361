"""Templates are code: hidden fields and words for scripts in one way each."""

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from ideas.templatetags.pages import WORDS

ROOT = Path(__file__).resolve().parent.parent


def render(source: str, **values: object) -> str:
    return Template("{% load i18n pages %}" + source).render(Context(values))


def test_carry_writes_hidden_fields_and_escapes_them():
    shown = render('{% carry idea=pk seen=seen %}{% carry "merge-seen" pk %}', pk=1234, seen='"<')
    assert shown == (
        '<input type="hidden" name="idea" value="1234"><input type="hidden" name="seen" value="&quot;&lt;">'
        '<input type="hidden" name="merge-seen" value="1234">'
    )


def test_joined_lines_have_no_space_between_and_values_keep_their_breaks():
    shown = render(
        "<b>\n  {% joined %}\n    <i>{{ text }}</i>\n    {% if text %}\n      and · {{ text }}\n    {% endif %}\n"
        "  {% endjoined %}\n</b>",
        text="a\n  b",
    )
    assert shown == "<b>\n  <i>a\n  b</i>and · a\n  b\n</b>"


@pytest.mark.parametrize("script", WORDS)
def test_every_script_finds_its_words_in_the_readers_language(script):
    """The script reads them by this id; each word that it uses is given, and none that it does not use."""
    source = (ROOT / f"ideas/static/ideas/{script}.js").read_text()
    assert f'JSON.parse(document.getElementById("{script}-words").text)' in source
    assert set(re.findall(r"\bwords\.(\w+)", source)) == set(WORDS[script])
    given = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            shown = render(f'{{% script_words "{script}" %}}')
        given[language] = json.loads(re.fullmatch(rf'<script id="{script}-words" [^>]*>(.*)</script>', shown)[1])
    assert set(given["en"]) == set(WORDS[script])
    assert not set(given["en"].values()) & set(given["zh-hans"].values())
