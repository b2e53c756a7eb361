"""Templates are code: lines that can be read, one cell a line, hidden fields and words for scripts in one way each."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from ideas.templatetags.pages import WORDS

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
COLUMNS, LONGEST_TAG = 120, 400
TEMPLATE_TAG = r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}"
HTML_TAG = rf"<[a-zA-Z](?:{TEMPLATE_TAG}|\"(?:{TEMPLATE_TAG}|[^\"])*\"|[^<>\"])*>"
TAG = re.compile(f"{TEMPLATE_TAG}|{HTML_TAG}", re.DOTALL)
TITLE = re.compile(r"\{% block title(?:_prefix)? %\}(.*?)\{% endblock %\}", re.DOTALL)
JOINED = re.compile(r"\{% joined %\}.*\{% endjoined %\}", re.DOTALL)
CELL = re.compile(r"<t[dh][ >]")


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def lines():
    for path in TEMPLATES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def render(source: str, **values: object) -> str:
    return Template("{% load i18n pages %}" + source).render(Context(values))


def test_no_line_is_longer_than_120_columns():
    assert [where for where, line in lines() if columns(line) > COLUMNS] == []


def test_no_tag_is_longer_than_a_short_paragraph():
    long = [(path.name, tag) for path in TEMPLATES for tag in TAG.findall(path.read_text()) if len(tag) > LONGEST_TAG]
    assert long == []


def test_tables_are_written_one_cell_a_line():
    assert [where for where, line in lines() if len(CELL.findall(line)) > 1] == []


def test_no_hidden_field_is_written_by_hand():
    assert [where for where, line in lines() if 'type="hidden"' in line] == []


def test_a_title_has_no_line_break_that_would_be_a_space():
    """Behind “错误：”, for example: what is broken into lines there is joined again."""
    blocks = [(path.name, block) for path in TEMPLATES for block in TITLE.findall(path.read_text())]
    assert len(blocks) > 20
    assert [name for name, block in blocks if "\n" in block and not JOINED.fullmatch(block)] == []


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
