"""What keeps templates short: hidden fields, words for scripts, numbers of pages, lines that join without a space."""

import re
from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.utils.html import format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

register = template.Library()
LINE_END = re.compile(r"\n[ \t]*")
AFTER_A_STOP = re.compile(r"([。！？；：，](?:</\w+>)*)\s+")
# By script: what it says on a page. Scripts fill in what stands in braces.
WORDS: dict[str, dict[str, Any]] = {
    "form": {
        "count": gettext_lazy("{n} characters"),
        "long": gettext_lazy("{n} characters; {most} are the most"),
        "offline": gettext_lazy(
            "You are offline. What you typed is kept on this device; send it when you are connected again."
        ),
        "found": gettext_lazy("What you had typed here before is back."),
        "empty": gettext_lazy("Empty the form"),
        "sending": gettext_lazy("Sending the photo: {n} percent"),
        "skip": gettext_lazy("Go on without this photo"),
        "skipped": gettext_lazy("The photo was left out. What you typed is safe."),
        "added": gettext_lazy("The photo is added. Photos now: {n}"),
        "removed": gettext_lazy("The photo is removed. Photos now: {n}"),
        "soon": gettext_lazy("Collecting ends in {n} minutes. Please send your idea before."),
        "over": gettext_lazy(
            "Collecting has ended: the idea cannot be sent any more. What you typed stays on this page; "
            "copy it to keep it."
        ),
        "cookies": gettext_lazy(
            "Your browser keeps no cookies for this site. Without them neither photos nor the idea can be sent. "
            "Please allow them and load this page again."
        ),
        "failed": gettext_lazy(
            "The photo could not be sent. What you typed is safe; please try the photo again, or go on without it."
        ),
    },
    "recover-closed-form": {"typed": gettext_lazy("What you typed")},
    "read-aloud": {
        "start": gettext_lazy("Read this page aloud"),
        "stop": gettext_lazy("Stop reading"),
        "silent": gettext_lazy("This device has no voice to read with"),
        "chosen": gettext_lazy("chosen"),
    },
    "unsent": {
        "first": gettext_lazy("These words are not sent yet. Send them first, or empty the field; then press again."),
    },
}


@register.simple_tag
def carry(*pair: Any, **values: Any) -> SafeString:
    """Hidden fields that a form sends back as the page gave them: {% carry idea=idea.pk seen=idea.version %}.

    A name that is no word comes alone, before its value: {% carry "merge-seen" idea.version %}.
    """
    given = {**dict([pair] if pair else []), **values}
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', given.items())


@register.simple_tag
def script_words(script: str) -> SafeString:
    """The words of a script in the reader's language, where it looks for them."""
    return json_script(WORDS[script], f"{script}-words")


@register.filter
def nearby(page: Page) -> Iterator[int | str]:
    """The numbers of the pages around this one, of the first and of the last; an ellipsis where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.tag
def joined(parser: Parser, token: Token) -> Node:
    """Joins its lines up to {% endjoined %}, for places where a line break would be seen. Values keep theirs."""
    nodes = parser.parse(("endjoined",))
    parser.delete_first_token()
    texts: list[Any] = nodes.get_nodes_by_type(TextNode)
    for text in texts:
        text.s = LINE_END.sub("", text.s)
    return Joined(nodes)


class Joined(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Any) -> SafeString:
        return self.nodelist.render(context)


@register.tag
def sentences(parser: Parser, token: Token) -> Node:
    """Sentences up to {% endsentences %} that follow each other: with a space in English, without one in Chinese."""
    nodes = parser.parse(("endsentences",))
    parser.delete_first_token()
    return Sentences(nodes)


class Sentences(Joined):
    def render(self, context: Any) -> SafeString:
        return SafeString(AFTER_A_STOP.sub(r"\1", super().render(context)))
