"""Supervision 督办: who is told of a referral's due day, and when.

A reminder on the working day before, a notice on the day, then one step after the other as many working days after it
as the settings say. Nothing happens on a day off: what falls on one happens on the next working day.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from ideas.choices import ReferralState, Runs, SupervisionStep
from ideas.rules.workdays import DAY, Calendar, due_day, is_workday, workday_before, workdays_between

ESCALATION = (SupervisionStep.OFFICER, SupervisionStep.HEAD, SupervisionStep.OFFICE, SupervisionStep.LEADER)
# Which step of the unit's a state waits for; in any other state the clock stands.
RUNS = {
    ReferralState.SENT: Runs.ACKNOWLEDGE,
    ReferralState.ACKNOWLEDGED: Runs.ANSWER,
    ReferralState.PLANNED: Runs.FINISH,
}
Escalation = Mapping[SupervisionStep, int]


def steps_due(due: date, today: date, calendar: Calendar, escalation: Escalation) -> list[SupervisionStep]:
    """The steps whose day has come, in their order; the same ones again on each later day, since who takes them counts.

    The reminder is for the days before only: on the day itself the notice says more. `escalation` says after how many
    working days each of the further steps comes; one that it does not name never comes.
    """
    if not is_workday(today, calendar) or today < workday_before(due, calendar):
        return []
    if today < due:
        return [SupervisionStep.REMIND]
    told_on = due_day(due - DAY, 1, calendar)  # the day itself, or the working day after it
    if today < told_on:
        return []
    late = workdays_between(told_on, today, calendar)
    further = [step for step in ESCALATION if step in escalation and late >= escalation[step]]
    return [SupervisionStep.NOTICE, *further]


def escalation_of(words: Sequence[str]) -> dict[SupervisionStep, int]:
    """The setting as a value: `head:2` is the unit's head two working days after the due day. Each step comes no
    earlier than the one before it; anything else is a ValueError."""
    found: dict[SupervisionStep, int] = {}
    for word in words:
        name, _colon, number = word.partition(":")
        step = SupervisionStep(name.strip())
        if step not in ESCALATION or step in found or not number.strip().isdecimal() or int(number) < 1:
            raise ValueError(word)
        found[step] = int(number)
    days = [found[step] for step in ESCALATION if step in found]
    if days != sorted(days):
        raise ValueError("each step comes after the one before it")
    return found


def shown_order(prefix: str, year: int, number: int) -> str:
    """How a supervision order is named on paper and screen: JM26-D003."""
    return f"{prefix}{year % 100:02d}-D{number:03d}"
