"""A class is one thing: whatever bears it is dressed in one place of our sheets, so that no name is taken twice."""

import re
from itertools import pairwise
from pathlib import Path

STATIC = Path(__file__).parent.parent / "ideas/static/ideas"
NEAR = 10  # lines between rules of one class that stand together
THEMES = {"elder"}  # dresses everything below it


def places(*names):
    """(sheet, line) of every rule for a class alone, by class."""
    found = {}
    for name in names:
        sheet = re.sub(r"/\*.*?\*/", lambda note: "\n" * note[0].count("\n"), (STATIC / name).read_text(), flags=re.S)
        for rule in re.finditer(r"^([^@{}\s][^{}]*)\{", sheet, re.M):
            for selector in rule[1].split(","):
                if re.fullmatch(r"\.[\w-]+", selector.strip()):
                    line = sheet.count("\n", 0, rule.start())
                    found.setdefault(selector.strip()[1:], []).append((name, line))
    return found


def test_no_class_is_dressed_in_two_places():
    for sheets in (("site.css", "entry.css"), ("site.css", "paper.css"), ("admin.css",)):
        found = places(*sheets)
        assert len(found) > 20, sheets
        apart = {
            name: rules
            for name, rules in found.items()
            if any(one[0] != other[0] or other[1] - one[1] > NEAR for one, other in pairwise(rules))
        }
        assert apart.keys() - THEMES == set(), sheets
