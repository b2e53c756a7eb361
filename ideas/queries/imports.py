"""Which rows of a file are there already: the same words, whatever the spaces and marks, or an idea alike."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from ideas.models import Campaign
from ideas.queries.duplicates import nearest, typed_text
from ideas.rules.characters import nfkc

FileRow = tuple[int, Mapping[str, Any], date]  # line, answers, day of the slip
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class PossibleDuplicate:
    """A row that looks like an earlier idea (`receipt`, `title`) or repeats an earlier row of the file (`row`)."""

    line: int
    score: float
    receipt: str = ""
    title: str = ""
    row: int = 0

    @property
    def percent(self) -> int:
        return round(100 * self.score)

    @property
    def earlier(self) -> str:
        return self.receipt or str(self.row)


class FileComparison:
    """A file's rows while they are compared with a campaign's ideas and with each other.

    Iterate it, which counts the rows compared; then `found` names, in the order of the file, each row that is there
    already or likely is: what it looks like. Never a reason to refuse it. Restricted ideas are not looked at, whoever
    asks.
    """

    def __init__(self, campaign: Campaign, rows: Iterable[FileRow]) -> None:
        self.found = list[PossibleDuplicate]()
        self._ideas, self._rows = campaign.ideas.unrestricted(), list(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        others = self._not_word_for_word()
        known, best = len(self._rows) - len(others), dict[int, tuple[int, float]]()
        asked = (typed_text(answers, _begin(day)) for _line, answers, day in others)
        for done, ((line, *_rest), alike) in enumerate(zip(others, nearest(asked, self._ideas), strict=True), 1):
            if alike:
                best[line] = alike
            yield known + done
        names = self._ideas.only("campaign", "receipt", "title").in_bulk({key for key, _score in best.values()})
        for line, (key, score) in best.items():
            if key in names:
                self.found.append(PossibleDuplicate(line, score, names[key].receipt, names[key].title))
        self.found.sort(key=lambda duplicate: duplicate.line)

    def _not_word_for_word(self) -> list[FileRow]:
        """The rows whose very words are neither an idea's nor an earlier row's; the others are found."""
        columns = ("receipt", "title", "problem", "proposal")
        known: dict[int, tuple[str, str, int]] = {
            _key(title, *words): (receipt, title, 0)
            for receipt, title, *words in self._ideas.values_list(*columns).iterator(2000)
        }
        others = list[FileRow]()
        for line, answers, day in self._rows:
            key = _key(answers["title"], answers["problem"], answers["proposal"])
            if key in known:
                self.found.append(PossibleDuplicate(line, 1.0, *known[key]))
            else:
                known[key] = "", "", line
                others.append((line, answers, day))
        return others


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _key(*words: str) -> int:
    return hash(_NO_WORD.sub("", nfkc("".join(words)).casefold()))
