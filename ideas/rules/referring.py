"""Which unit the office's own rules name for an idea: by its topic, its street, and words in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ideas.rules.characters import fold

Key = TypeVar("Key")
BETWEEN = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True)
class Rule:
    """What an idea must have; "" and no words: anything."""

    topic: str = ""
    street: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traits:
    """What rules look at of an idea."""

    topic: str
    street: str
    text: str


def read_words(text: str) -> tuple[str, ...]:
    """The words of a list as somebody types it, by blanks or commas, each once."""
    return tuple(dict.fromkeys(word for word in BETWEEN.split(text) if word))


def suits(rule: Rule, idea: Traits) -> bool:
    """Whether all that the rule says holds, of its words at least one. A rule that says nothing suits nothing."""
    if rule == Rule():
        return False
    if rule.topic not in ("", idea.topic) or rule.street not in ("", idea.street):
        return False
    text = fold(idea.text)
    return not rule.words or any(fold(word) in text for word in rule.words)


def first_that_suits(rules: Iterable[tuple[Key, Rule]], ideas: Sequence[Traits]) -> Key | None:
    """The first of the rules, in the office's order, that suits each of the ideas of a referral."""
    return next((key for key, rule in rules if ideas and all(suits(rule, idea) for idea in ideas)), None)
