"""The resident's verdict on a place that the office closed: until when it is given, and what comes of "not solved"."""

from dataclasses import dataclass
from datetime import date, timedelta

from ideas.choices import Satisfaction
from ideas.rules.referrals import USUAL_DAYS

OPEN_FOR = timedelta(days=30)  # calendar days after whoever is asked could know of the closing
REOPENED_FOR = USUAL_DAYS.finish  # working days that the unit then has


@dataclass(frozen=True)
class Said:
    """What somebody says of a closing: satisfied or not, solved or not, in words."""

    satisfaction: Satisfaction
    is_solved: bool
    words: str = ""


def last_day(told_on: date) -> date:
    return told_on + OPEN_FOR


def is_asked(told_on: date, today: date) -> bool:
    """Whether a verdict is taken now, until the end of the last day."""
    return told_on <= today <= last_day(told_on)


def lacks_words(*, is_solved: bool, words: str) -> bool:
    """What is not solved is said in words: the unit must know what is left to do."""
    return not is_solved and not words.strip()


def goes_back(*, is_solved: bool, was_done: bool, went_back: bool, is_free: bool) -> bool:
    """Whether a place is taken up again by a verdict: what was reported done and is not solved, once.

    `went_back`: a verdict has led there before; the office decides from then on. `is_free`: the idea still stands, is
    with no other unit by now, and its own can act.
    """
    return not is_solved and was_done and not went_back and is_free
