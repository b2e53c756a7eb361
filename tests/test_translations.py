"""Every word that a reader can see exists in both languages."""

import ast
import gettext
import re
from pathlib import Path

import django
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "portal/locale/zh_Hans/LC_MESSAGES/django"
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"), 0),
    **dict.fromkeys(("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"), 1),
}
CHINESE = re.compile(r"[\u3400-\u9fff]")
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SOURCES = [
    p for folder in ("ideas", "portal") for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts
]


def calls_in(source):
    """Every constant text that a piece of Python hands to gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            place = CALLS.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                context, *_rest = (getattr(given, "value", "") for given in node.args)
                yield (f"{context}\x04" if place else "") + ast.literal_eval(node.args[place])


def texts_of(path):
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return list(calls_in(source))
    # templatize gives something like Python with everything else blanked out by letters.
    one = r"(u?'''.*?'''|u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")"
    code = templatize(source)
    plain = re.findall(rf"(?<!p)(?:gettext|_)\({one}[,)]", code, re.S)
    within = re.findall(rf"pgettext\({one}, {one}[,)]", code, re.S)
    texts = [ast.literal_eval(line) for line in plain]
    return texts + ["\x04".join(map(ast.literal_eval, both)) for both in within]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_are_marked_by_names_that_the_extraction_knows(path):
    """Anything else, as `import gettext as say`, is never found and stays English on every page."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [name for node in imports if node.module == "django.utils.translation" for name in node.names]
    assert [name.asname for name in names if name.asname and name.asname != "_"] == []
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS]
    assert [ast.unparse(node) for node in made if any(isinstance(arg, ast.JoinedStr) for arg in node.args)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_is_translated_while_the_file_is_read(path):
    """Only a lazy one may stand outside of a function: the language is not known yet."""
    eager = {"gettext", "ngettext", "pgettext", "npgettext"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    here = {name.asname or name.name for node in imports for name in node.names if name.name in eager}

    def outside(node):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.Lambda):
                continue
            if isinstance(child, ast.Call) and getattr(child.func, "id", "") in here:
                yield ast.unparse(child)
            yield from outside(child)

    assert list(outside(tree)) == []


# Words of ours that Django has as well, with a Chinese of ours that means the same on Django's pages too.
SYNONYMS = {"Remove", "Log out", "History", "Views", "English", "Messages", "Clear", ", "}


def test_our_words_do_not_change_the_meaning_of_djangos_own(chinese):
    """Ours come before Django's: a word of both with another meaning is wrong on the pages of the admin."""
    theirs = {}
    for path in Path(django.__file__).parent.rglob("locale/zh_Hans/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            theirs |= gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    both = {text for text in theirs if text and chinese.get(text) not in (None, theirs[text])}
    assert both == SYNONYMS


@pytest.fixture(scope="module")
def chinese():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]


def test_the_texts_are_found():
    count = sum(len(texts_of(path)) for path in [*SOURCES, *TEMPLATES])
    assert count > 400


@pytest.mark.parametrize("path", [*SOURCES, *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_is_translated(path, chinese):
    missing = [text for text in texts_of(path) if not (chinese.get(text) or chinese.get((text, 0))) or text.isspace()]
    assert missing == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_says_anything_outside_a_translation(path):
    """What is left of a template without tags, comments and markup holds no letters."""
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"{%\s*blocktrans.*?endblocktrans\s*%}|{#.*?#}|{%.*?%}|{{.*?}}", " ", source, flags=re.S)
    source = re.sub(r"<!doctype[^>]*>|<[^>]*>|&\w+;", " ", source, flags=re.S | re.I)
    assert re.findall(r"[A-Za-z\u3400-\u9fff]+", source.replace("中文", "").replace("English", "")) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_string_is_chinese(path):
    """Chinese stands in the catalogue, in the demo's data, and where Chinese writing itself is the matter."""
    written = (
        "rules/characters.py",
        "rules/redaction.py",
        "rules/duplicates.py",
        "forms/columns.py",
        "forms/imports.py",
        "commands/import_ideas.py",
        "rules/telephones.py",
    )
    if "demo" in path.parts or path.name == "env.py" or any(map(path.match, written)):
        return
    constants = {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    docstrings = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    }
    assert [text for text in constants - docstrings if CHINESE.search(text)] == []


def test_no_translation_is_fuzzy_or_empty():
    entries = CATALOGUE.with_suffix(".po").read_text(encoding="utf-8").split("\n\n")
    assert [
        entry for entry in entries[1:] if "#, fuzzy" in entry or re.search(r'msgstr(\[0\])? ""$', entry.strip())
    ] == []


def test_the_thirty_are_never_called_by_the_word_for_another_round():
    assert "入围" not in CATALOGUE.with_suffix(".po").read_text(encoding="utf-8")


def test_restricted_is_called_by_one_name(chinese):
    """限制查看, as in the glossary: a reader must not look for a difference where there is none."""
    restricted = {key: words for key, words in chinese.items() if "estrict" in str(key)}
    assert len(restricted) > 10
    others = re.compile("限定|受限|限制件")
    assert {key: words for key, words in chinese.items() if others.search(words)} == {}
    assert {key: words for key, words in restricted.items() if key and "限制查看" not in words} == {}


def test_a_slip_is_called_by_one_name(chinese):
    assert {key: words for key, words in chinese.items() if re.search("纸质件|建议单", words)} == {}
