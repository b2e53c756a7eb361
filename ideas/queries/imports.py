"""Which rows of a file are there already, or twice in the file: the same words, whatever the spaces and marks."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ideas.models import Campaign

_NO_WORD = re.compile(r"[\W_]+")


def twins(campaign: Campaign, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, str]]:
    """(line, receipt or line of the earlier one) for each row that says the same as something before it."""
    columns = ("receipt", "title", "problem", "proposal")
    known = {
        _key(*words): receipt
        for receipt, *words in campaign.ideas.filter(restricted=False).values_list(*columns).iterator(2000)
    }
    for line, answers in rows:
        key = _key(answers["title"], answers["problem"], answers["proposal"])
        if key in known:
            yield line, known[key]
        else:
            known[key] = str(line)


def _key(*words: str) -> int:
    return hash(_NO_WORD.sub("", unicodedata.normalize("NFKC", "".join(words)).casefold()))
