"""WeChat's browser on old phones is a Chromium 78: nothing in our sheets and scripts may need a newer one.

What is listed came later. Properties that an old browser merely skips (text-wrap, accent-color) are allowed.
"""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parent.parent / "ideas/static/ideas"
LATER_CSS = {
    ":is()": r":is\(", ":where()": r":where\(", ":has()": r":has\(", ":focus-visible": r":focus-visible",
    "min(), max(), clamp()": r"(?<![\w-])(?:min|max|clamp)\(", "aspect-ratio": r"aspect-ratio\s*:",
    "inset": r"(?<![\w-])inset\s*:", "flex gap": r"(?<![\w-])(?:row-|column-)?gap\s*:", "nesting": r"\{[^{}@]*&",
    "layers": r"@layer", "containers": r"@container", "light-dark()": r"light-dark\(",
    ":not() of several": r":not\([^()]*,", "logical sides": r"(?:margin|padding|border)-(?:inline|block)\s*:",
    "media ranges": r"@media[^{]*[<>]", "dynamic heights": r"\d[dsl]v[hwb]\b",
    "overflow-wrap: anywhere alone": r"overflow-wrap:\s*anywhere(?!;\s*word-break:)",
    "::file-selector-button": r"::file-selector",
}  # fmt: skip
LATER_SCRIPT = {
    "optional chaining": r"\?\.(?!\d)", "nullish": r"\?\?", "logical assignment": r"(?:\|\||&&)=",
    "private members": r"this\.#", "later methods": r"\.(?:replaceAll|at|replaceChildren|findLast)\(",
    "later globals": r"\b(?:structuredClone|WeakRef|Promise\.any)\b", "modules": r"^\s*(?:import|export)\b",
    "numeric separators": r"\b\d+_\d",
}  # fmt: skip


def without_comments(source: str) -> str:
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return re.sub(r"(?:^|(?<=\s))//.*$", "", source, flags=re.MULTILINE)


@pytest.mark.parametrize("name", sorted(path.name for path in STATIC.iterdir() if path.suffix in (".css", ".js")))
def test_nothing_needs_a_newer_browser(name):
    source = without_comments((STATIC / name).read_text(encoding="utf-8"))
    later = LATER_CSS if name.endswith(".css") else LATER_SCRIPT
    assert [what for what, pattern in later.items() if re.search(pattern, source, re.M)] == []
