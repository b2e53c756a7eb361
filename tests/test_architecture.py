"""The house keeps its shape: imports point down, rooms of one floor do not import each other, rules stay pure."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Floors from the top. Rooms of one floor are separated by "|" in docs/architecture.md and do not import each other.
FLOORS = [
    ("urls", "apps"),
    ("admin", "management"),
    ("desks",),
    ("views",),
    ("demo",),
    ("forms", "exports", "templatetags", "requests"),
    ("services",),
    ("queries",),
    ("models",),
    ("rules", "gateways"),
    ("choices", "errors", "conf"),
]
LEVEL = {room: level for level, floor in enumerate(FLOORS) for room in floor}


def modules() -> list[Path]:
    return [path for path in sorted((ROOT / "ideas").rglob("*.py")) if "migrations" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(parsed(path)))


def imports_of(path: Path) -> list[str]:
    """Every imported module's dotted name, also inside functions, and models named as strings ("ideas.User")."""
    found = []
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("ForeignKey", "OneToOneField"):
            target = node.args[0] if node.args else None
            if isinstance(target, ast.Constant) and target.value != "self":
                found.append(f"ideas.models.<{target.value!s}>")
    return found


def room_of(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "ideas" and len(parts) > 1 else None


def own_room(path: Path) -> str:
    return path.relative_to(ROOT / "ideas").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    here = own_room(path)
    if here == "__init__":
        return
    wrong = []
    for name in imports_of(path):
        there = room_of(name)
        if name.split(".")[0] == "portal":
            wrong.append(f"{name}: ideas never imports portal")
        elif there and there != here and LEVEL[there] <= LEVEL[here]:
            wrong.append(f"{name}: {here} may not import {there}")
    assert wrong == []


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "ideas").iterdir() if path.is_dir()))
def test_no_files_of_a_room_import_each_other_in_a_circle(room):
    graph = {}
    for path in (ROOT / "ideas" / room).glob("*.py"):
        if path.stem != "__init__":
            inside = [name.split(".") for name in imports_of(path) if name.startswith(f"ideas.{room}.")]
            graph[path.stem] = {parts[2] for parts in inside if len(parts) > 2} - {path.stem}
    circle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


@pytest.mark.parametrize("path", sorted((ROOT / "ideas/migrations").rglob("*.py")), ids=lambda path: path.name)
def test_migrations_carry_all_that_they_need(path):
    """The portal's code moves on and a landed migration does not: what several share stands in migrations/frozen, also
    the field for sealed data, which `makemigrations` takes from the models."""
    ours = [name for name in imports_of(path) if name.split(".")[0] in ("ideas", "portal")]
    assert [name for name in ours if not name.startswith("ideas.migrations.frozen")] == []


LAZY_ROOMS = {"admin", "apps", "choices", "forms", "models", "services"}  # whose texts are declared, and said later


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_an_underscore_means_the_same_in_a_whole_room(path):
    """`_` is gettext_lazy where texts are declared, gettext where they are said; the other one goes by its own name."""
    meant = {
        alias.name
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname == "_"
    }
    assert meant <= {"gettext_lazy" if own_room(path) in LAZY_ROOMS else "gettext"}


def test_rules_are_importable_without_settings():
    stems = [path.stem for path in (ROOT / "ideas/rules").glob("*.py") if path.stem != "__init__"]
    code = f"import importlib\nfor s in {stems!r}: importlib.import_module('ideas.rules.' + s)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"PATH": ""}, check=True)


def test_rules_know_no_clock_no_database_and_no_settings():
    forbidden = ("django.db.connection", "django.conf", "django.utils.timezone", "time.", "ideas.conf", "ideas.models")
    found = [
        f"{path.name}: {name}"
        for path in (ROOT / "ideas/rules").glob("*.py")
        for name in imports_of(path)
        if name.startswith(forbidden)
    ]
    assert found == []


def test_only_one_function_writes_the_status():
    """`.status =` and `update(status=` on an idea stand in services/workflow.py only."""
    writers = []
    for path in modules():
        for node in nodes_of(path):
            if isinstance(node, ast.Assign):
                targets = [t for target in node.targets for t in getattr(target, "elts", [target])]
                writers += [path.stem for t in targets if isinstance(t, ast.Attribute) and t.attr == "status"]
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("update", "create"):
                writers += [path.stem for keyword in node.keywords if keyword.arg == "status"]
    assert set(writers) == {"workflow"}


def test_sets_of_statuses_have_their_names_in_the_rulebook():
    """Two or more in one tuple, list or set stand in rules/workflow.py only; everybody else says what is meant."""
    found = []
    for path in modules():
        for node in nodes_of(path):
            parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else []
            members = [part for part in parts if ast.unparse(part).startswith(("Status.", "PublicStatus."))]
            if len(members) > 1:
                found.append(f"{path.relative_to(ROOT / 'ideas')}: {ast.unparse(node)}")
    assert [line for line in found if not line.startswith("rules/workflow.py")] == []


def test_there_are_no_signals_and_no_utils():
    named = [path.name for path in modules() if path.name in ("signals.py", "utils.py", "helpers.py")]
    receivers = [path.name for path in modules() if any("dispatch" in n or "signals" in n for n in imports_of(path))]
    assert (named, receivers) == ([], [])


def test_every_admin_model_stands_on_a_desk():
    from django.contrib import admin

    from portal.admin import DESKS

    registered = {model.__name__ for model in admin.site._registry if model._meta.app_label == "ideas"}
    assert registered == {name for _, names in DESKS for name in names}


# Where services open a transaction that is not begun anew after a deadlock, and why.
TRIED_ONCE = {
    "transactions.run": "is in_one_transaction itself",
    "duplicates._write": "is a part of each verb that brings words, and is tried with it",
    "imports._write_step": "its rows were made before; pressing again goes on after the last whole step",
    "photos.stored": "files are written beside it, and go again with it; whatever it locks is in a verb of its own",
    "once.claim_key": "a savepoint for one row that may be there already",
    "health.require_own_keys": "new rows at the start of a process",
    "privacy._vouch_anew": "a command for few rows at a time; it is run again",
    "privacy._reseal": "a command for few rows at a time; it is run again",
}


def test_a_verb_is_begun_anew_where_the_database_broke_it_off():
    found = set()
    for path in sorted((ROOT / "ideas/services").glob("*.py")):
        tree = parsed(path)
        inner = {id(part): node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
                 for part in ast.walk(node)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "atomic":
                found.add(f"{path.stem}.{inner[id(node)]}")
            if isinstance(node, ast.ImportFrom) and node.module == "django.db.transaction":
                found.add(f"{path.stem} imports from django.db.transaction")
    assert found == set(TRIED_ONCE)


# The only places, beside the QuerySets themselves, that ask whether ideas are restricted, and why.
ASK_IT_THEMSELVES = {
    "models/panel.py": "counts the seats of a panellist over a join",
    "queries/mergers.py": "looks for mergers of both kinds, which must not be",
    "queries/invariants.py": "compares the mark with the trail, whoever may see it",
    "services/restricted.py": "sets it",
}
# Where people are shown ideas, or figures of them, that nobody filters, and why.
SHOWN_ALL = {
    "admin/campaigns.py: has_delete_permission": "the database refuses to delete a campaign with any idea",
    "admin/campaigns.py: get_readonly_fields": "a campaign with any idea keeps its topics",
    "desks/shortlist.py: preview": "an idea is off the list before it can be restricted",
    "forms/mergers.py: clean_to": "among the ideas that the form was given",
    "forms/questions.py: offer": "among the ideas that the form was given",
    "forms/triage.py: _read_merge": "among the ideas that the form was given",
    "queries/access.py: idea_by_code": "the resident's own",
    "queries/access.py: is_held": "looks at the row in hand",
    "queries/access.py: public_winners": "an idea is off the list before it can be restricted",
    "queries/access.py: shown_ideas": "goes through _published",
    "queries/access.py: tracked_idea": "the resident's own",
    "queries/eligibility.py: bars_in": "shown of seats and marks only, which are filtered",
    "queries/eligibility.py: bars_on_desk": "of the ideas that it was given",
    "queries/eligibility.py: not_theirs": "of the seats that it was given",
    "queries/mergers.py: followers_without_leader": "repaired by the worker and counted by the invariants",
    "queries/panel.py: anonymised_titles": "of the ideas that it was given",
    "queries/shortlist.py: groups_of": "a list's own candidates are looked up in it",
    "queries/shortlist.py: ids_of": "of the numbers that it was given",
    "queries/shortlist.py: still_follows": "compares two lists, and shows neither",
}


def _rest_of_chain(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> list[str]:
    """What is called on `node`, and on that, in turn; an `visible_to(…)` round it ends the chain."""
    called = []
    while isinstance(parents.get(node), ast.Attribute | ast.Call):
        node = parents[node]
        if isinstance(node, ast.Attribute):
            called.append(node.attr)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "visible_to",
            "_published",
        ):
            called.append("visible_to")
    return called


def _shows_all() -> set[str]:
    found = set()
    for path in modules():
        room, tree = own_room(path), parsed(path)
        if room in ("models", "demo", "management", "rules") or path.stem in ("invariants", "tampering"):
            continue
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        inside = {part: node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
                  for part in ast.walk(node)}  # fmt: skip
        for node in ast.walk(tree):
            is_table = isinstance(node, ast.Attribute) and node.attr == "objects" and ast.unparse(node.value) == "Idea"
            is_related = isinstance(node, ast.Attribute) and node.attr == "ideas"
            rest = _rest_of_chain(node, parents) if is_table or is_related else []
            counted = {"count", "aggregate"} if room == "services" else {"filter", "exclude", "values_list", "valid",
                       "order_by", "all", "count", "aggregate", "select_related", "exists"}  # fmt: skip
            if counted.intersection(rest) and not {"unrestricted", "restricted", "visible_to", "none"} & set(rest):
                found.add(f"{path.relative_to(ROOT / 'ideas')}: {inside.get(node, '')}")
    return found


def test_restricted_ideas_are_left_out_by_the_querysets_alone():
    asking = set()
    for path in modules():
        for node in nodes_of(path):
            named = [key.arg or "" for key in node.keywords] if isinstance(node, ast.Call) else []
            if any(name == "restricted" or name.endswith("__restricted") for name in named):
                asking.add(str(path.relative_to(ROOT / "ideas")))
    querysets = {"models/ideas.py", "models/ratings.py", "models/photos.py"}
    assert asking - querysets - {"demo/texts.py"} == set(ASK_IT_THEMSELVES)


def test_no_list_and_no_figure_of_ideas_forgets_the_restricted_ones():
    assert _shows_all() == set(SHOWN_ALL)
