"""What the documents list is what the code has: settings, message templates, rooms, decisions, words, licences."""

import ast
import gettext
import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from django.urls import resolve, reverse

from ideas.choices import MessageTemplate
from portal.bodies import largest_body
from tests.test_architecture import FLOORS

ROOT = Path(__file__).parent.parent
# env("A"), number("A", default=5), names("A"), on_or_off("A", default=…)
READERS = ("env", "names", "on_or_off", "number", "folder", "site", "host_names")
# Read elsewhere than in the settings: by `manage.py demo`, and before there are settings.
READ_ELSEWHERE = {"PORT", "PORTAL_ENV_FILE"}
CHINESE = ROOT / "portal/locale/zh_Hans/LC_MESSAGES/django.mo"


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def rows(markdown):
    """The cells of every row of every table."""
    lines = (line.strip() for line in markdown.splitlines())
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")]


def settings_read():
    """name -> default of every setting that portal/settings.py reads from the environment (None: computed or none)."""
    found = {}
    for node in ast.walk(ast.parse(text("portal/settings.py"))):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        reader = getattr(node.func, "value", node.func)
        if getattr(reader, "id", "") in READERS:
            default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), None)
            found[node.args[0].value] = default.value if isinstance(default, ast.Constant) else None
    return found


def settings_table():
    """name -> default in words, from the tables of docs/operations.md."""
    chapter = text("docs/operations.md").split("\n## Settings\n")[1].split("\n## ")[0]
    return {
        name: cells[1]
        for cells in rows(chapter)
        for name in re.findall(r"`([A-Z][A-Z_]+)`", cells[0])
        if len(cells) == 3
    }


def settings_example():
    """name -> value, from .env.example."""
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", text(".env.example"), re.M))


def test_the_settings_are_found():
    assert {"IDEAS_KEYS", "DEBUG", "IDEAS_PHOTOS", "TRUSTED_PROXY", "EMAIL_URL"} <= settings_read().keys()


def test_every_setting_stands_in_the_tables_and_no_other():
    assert settings_table().keys() == settings_read().keys() | READ_ELSEWHERE


def test_every_setting_stands_in_the_example_and_no_other():
    assert settings_example().keys() | READ_ELSEWHERE == settings_read().keys() | READ_ELSEWHERE


def test_numbers_and_switches_have_the_same_default_everywhere():
    """HTTPS is the exception: the example is for a real portal, the default for a first look."""
    read = {name: value for name, value in settings_read().items() if isinstance(value, int) and name != "HTTPS"}
    words = {name: ("off", "on")[value] if isinstance(value, bool) else str(value) for name, value in read.items()}
    table, example = settings_table(), settings_example()
    assert {name: (table[name], example[name]) for name in read} == {
        name: (f"`{value}`", value) for name, value in words.items()
    }


def test_every_message_template_stands_in_the_table_for_gateways():
    chapter = text("docs/operations.md").split("Templates to register")[1].split("\n#")[0]
    assert {cells[0].strip("`") for cells in rows(chapter)[2:]} == set(MessageTemplate.values)


def test_the_floors_stand_in_their_order():
    drawn = re.findall(r"│ (\w+)", text("docs/architecture.md").split("## Imports point down")[1])
    assert drawn == ["portal", *(room for floor in FLOORS for room in floor)]


def test_every_decision_is_listed_with_its_title():
    files = sorted((ROOT / "docs/decisions").glob("0*.md"))
    titles = {path.name: path.read_text(encoding="utf-8").split("\n")[0] for path in files}
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((\S+)\)$", text("docs/decisions/README.md"), re.M)
    assert {name: f"# {number}. {title}" for number, title, name in listed} == titles


def test_the_glossary_says_what_the_catalogue_says():
    """In every table but the last two the English is a source string and the Chinese its translation."""
    tables = text("docs/glossary.md").split("\n## Said in sentences\n")[0]
    with CHINESE.open("rb") as file:
        words = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    meant = {}
    for key, value in words.items():
        source = key[0] if isinstance(key, tuple) else key  # a plural is known by (singular, which)
        meant.setdefault(source.rpartition("\x04")[2], set()).add(value)
    wrong = [
        (english, chinese, meant.get(english))
        for english, chinese, *_more in (cells for cells in rows(tables) if len(cells) > 1)
        if english != "English" and chinese not in meant.get(english, ())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "bench/README.md",
        *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_between_documents_lead_somewhere(name):
    targets = re.findall(r"\]\(([^)#:]+)\)", text(name))
    assert [target for target in targets if not ((ROOT / name).parent / target).exists()] == []


def test_each_block_of_the_example_explains_itself_and_holds_one_matter():
    """A line that stands under another setting's explanation has none."""
    for block in text(".env.example").split("\n\n"):
        named = re.findall(r"^#?([A-Z][A-Z_]+)=", block, re.M)
        if not named:
            continue
        assert block.lstrip("\n").startswith("# "), named
        first, *others = (name.removeprefix("IDEAS_") for name in named)
        assert all(other[:5] == first[:5] for other in others), f"{named} are no one matter"


def test_the_proxys_example_lets_through_what_the_portal_takes(settings):
    """Each address that takes more than a megabyte, by the first location of the example that stands for it."""
    places = re.findall(r"location (~|\^~)? ?(\S+) \{(.*?)\n    \}", text("docs/operations.md"), re.DOTALL)
    for name, more in (("submit", ["a"]), ("add-photos", ["a"]), ("entry-new", ["a"]), ("admin:ideas_idea_import", []),
                       ("admin:ideas_shortlist_scan", [1])):  # fmt: skip
        address = reverse(name, args=more)
        fits = [body for kind, place, body in places if kind and re.match(place, address)]
        given = re.search(r"client_max_body_size (\d+)m", fits[0]) if fits else None
        assert int(given[1] if given else 1) * 2**20 >= largest_body(resolve(address)), address


def test_the_licence_is_the_one_that_the_package_names_in_both_languages():
    assert tomllib.loads(text("pyproject.toml"))["project"]["license"] == "MulanPSL-2.0"
    chinese, english = text("LICENSE").split("\nMulan Permissive Software License，Version 2\n")
    assert chinese.startswith("木兰宽松许可证, 第2版")
    assert "\n条款结束\n" in chinese
    assert "\nEND OF THE TERMS AND CONDITIONS\n" in english


def licences():
    """package -> what its own metadata say of its licence, of every locked package that is installed here."""
    found = {}
    for name in re.findall(r"^([\w-]+)==", text("requirements.txt"), re.M):
        try:
            said = metadata(name)
        except PackageNotFoundError:  # locked for another kind of machine
            continue
        words = [said["License-Expression"] or said["License"] or "", *(said.get_all("Classifier") or [])]
        found[name] = " ".join(word for word in words if "::" not in word or word.startswith("License"))
    return found


def test_what_we_run_on_lets_a_program_under_another_licence_import_it():
    lets = r"\b(MIT|BSD|0BSD|BSD-\d-Clause|Apache|PSF|MPL|LGPL)\b"
    refused = {name: said for name, said in licences().items()
               if not re.search(lets, said) or re.search(r"\bA?GPL\b|GNU (Affero )?General", said)}  # fmt: skip
    assert refused == {}
