"""Which rows of a file are there already: the same words, whatever the spaces and marks, or an idea alike."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from ideas.models import Campaign
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.duplicates import nearest, typed_text
from ideas.rules.characters import nfkc

Progress = Callable[[Iterable[Any], int], Iterable[Any]]
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


def possible_duplicates(
    campaign: Campaign,
    rows: Iterable[FileRow],
    progress: Progress = lambda rows, total: rows,
) -> list[PossibleDuplicate]:
    """In the order of the file, each row that is there already or likely is: what it looks like.

    Never a reason to refuse it. Restricted ideas are not looked at, whoever asks.
    """
    ideas = campaign.ideas.unrestricted()
    columns = ("receipt", "title", "problem", "proposal")
    known: dict[int, tuple[str, str, int]] = {
        _key(title, *words): (receipt, title, 0)
        for receipt, title, *words in ideas.values_list(*columns).iterator(2000)
    }
    found, others = list[PossibleDuplicate](), list[FileRow]()
    for line, answers, day in rows:
        key = _key(answers["title"], answers["problem"], answers["proposal"])
        if key in known:
            found.append(PossibleDuplicate(line, 1.0, *known[key]))
        else:
            known[key] = "", "", line
            others.append((line, answers, day))
    found += _alike(ideas, others, progress)
    return sorted(found, key=lambda duplicate: duplicate.line)


def _alike(ideas: IdeaQuerySet, rows: Sequence[FileRow], progress: Progress) -> Iterator[PossibleDuplicate]:
    asked = (typed_text(answers, _begin(day)) for _line, answers, day in progress(rows, len(rows)))
    best = {line: found for (line, *_rest), found in zip(rows, nearest(asked, ideas), strict=True) if found}
    names = ideas.only("campaign", "receipt", "title").in_bulk({key for key, _score in best.values()})
    for line, (key, score) in best.items():
        if key in names:
            yield PossibleDuplicate(line, score, names[key].receipt, names[key].title)


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _key(*words: str) -> int:
    return hash(_NO_WORD.sub("", nfkc("".join(words)).casefold()))
