"""Putting what somebody had typed back into the form of a page: HTML in, HTML out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

Typed = Mapping[str, Sequence[str]]
NEVER = frozenset({"csrfmiddlewaretoken"})
BUTTONS = frozenset({"submit", "button", "image", "reset", "file", "password"})


@dataclass
class _Form:
    """A form of the page: its names, and what to replace from where to where."""

    names: set[str] = field(default_factory=set)
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    end: int = 0


class _Reader(HTMLParser):
    """Finds the forms that are posted to `path`, with the edits that fill them; details around them are opened."""

    def __init__(self, html: str, page: str, path: str, typed: Typed) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.path, self.typed = page, path, typed
        self.forms: list[_Form] = []
        self.main = 0  # where the page's content begins
        self._starts = [0]
        for line in html.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._form: _Form | None = None
        self._used: dict[str, int] = {}
        self._select = ""
        self._text = 0
        self._details: list[tuple[int, int, str]] = []
        self.feed(html)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw, here, given = self.get_starttag_text() or "", self._here(), {name: value or "" for name, value in attrs}
        if not self.main and (tag == "main" or given.get("id") == "content"):
            self.main = here + len(raw)
        if tag == "details":
            opened = raw if "open" in given else f"{raw[:-1]} open>"
            self._details.append((here, here + len(raw), opened))
        elif tag == "form":
            self._begin(given)
        elif self._form is not None:
            self._field(tag, given, here, raw)

    def _begin(self, given: dict[str, str]) -> None:
        target = urlsplit(urljoin(self.page, given.get("action") or self.page)).path
        if given.get("method", "").lower() != "post" or target != self.path:
            return
        self._form, self._used = _Form(), {}
        self._form.edits += self._details

    def _field(self, tag: str, given: dict[str, str], here: int, raw: str) -> None:
        form, name, kind = self._form, given.get("name", ""), given.get("type", "text").lower()
        if form is None or name in NEVER:
            return
        if tag == "option":
            self._mark(tag, given.get("value", "") in self.typed.get(self._select, ()), given, (here, here + len(raw)))
        elif tag == "select":
            self._select = name
            form.names.add(name)
        elif tag == "textarea":
            self._text = here + len(raw)
            form.names.add(name)
            self._select = name
        elif tag == "button" or (tag == "input" and kind in BUTTONS):
            form.names.add(name)
        elif tag == "input" and kind in ("checkbox", "radio"):
            form.names.add(name)
            self._mark(tag, given.get("value", "on") in self.typed.get(name, ()), given, (here, here + len(raw)))
        elif tag == "input" and name:
            form.names.add(name)
            value = self._next(name)
            if value is not None:
                form.edits.append((here, here + len(raw), _tag("input", {**given, "value": value})))

    def _mark(self, tag: str, is_chosen: bool, given: dict[str, str], where: tuple[int, int]) -> None:
        """Choose an option or a box, or not."""
        word = "selected" if tag == "option" else "checked"
        kept = {key: text for key, text in given.items() if key != word}
        if self._form is not None:
            self._form.edits.append((*where, _tag(tag, {**kept, **({word: ""} if is_chosen else {})})))

    def _next(self, name: str) -> str | None:
        """The next of the values that were typed under a name."""
        values, used = self.typed.get(name, ()), self._used.get(name, 0)
        self._used[name] = used + 1
        return values[used] if used < len(values) else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "details" and self._details:
            self._details.pop()
        if self._form is None:
            return
        if tag == "textarea":
            value = self._next(self._select)
            if value is not None:
                self._form.edits.append((self._text, self._here(), "\n" + escape(value)))
        elif tag == "form":
            self._form.end = self._here()
            self.forms.append(self._form)
            self._form = None


def _tag(name: str, given: Mapping[str, str]) -> str:
    return f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in given.items()) + ">"


def _rest(typed: Typed, names: set[str]) -> str:
    """Fields for what has none in the form, e.g. rows that a script had added."""
    left = [(name, value) for name, values in typed.items() if name not in names for value in values if value.strip()]
    return "".join(
        f'<p class="kept-field"><label>{escape(name)}<br>'
        f'<textarea name="{escape(name)}" rows="2" cols="60">\n{escape(value)}</textarea></label></p>'
        for name, value in left
    )


def refill(html: str, *, page: str, path: str, typed: Typed, notice: str, bare: str) -> str | None:
    """The page with the words back in its form that is sent to `path`, and a notice at its top.

    Without such a form: None, or, if this is the page where it stood (`bare` is given), with a form of its own:
    `bare` holds its fields that guard it, and its button.
    """
    reader = _Reader(html, page, path, typed)
    form = max(reader.forms, key=lambda one: len(one.names & typed.keys()), default=None)
    if form is None and not bare:
        return None
    if form is None:
        words = f'<form method="post" action="{escape(path)}">{_rest(typed, set())}{bare}</form>'
        edits = [(reader.main, reader.main, notice + words)]
    else:
        edits = [*form.edits, (form.end, form.end, _rest(typed, form.names)), (reader.main, reader.main, notice)]
    return _edited(html, edits)


def _edited(html: str, edits: list[tuple[int, int, str]]) -> str:
    parts, done = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[0]):
        parts += [html[done:start], text]
        done = end
    return "".join([*parts, html[done:]])
