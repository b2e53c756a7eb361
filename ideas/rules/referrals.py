"""The rulebook of a referral 交办单: which act leads from where to where, by whom, and until when each step is due.

A referral has states of its own and never touches the status of an idea: it waits for no rating and no list.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from ideas.choices import Adoption, AnswerKind, QuestionState, ReferralAct, ReferralState

S, A = ReferralState, ReferralAct

# Somebody still has to do something.
OPEN = frozenset({S.SENT, S.ACKNOWLEDGED, S.RETURNED, S.ASKED, S.PLANNED, S.DONE})
# The unit's turn; in the others the office decides or the resident is asked, and no day of the unit's runs.
WITH_UNIT = frozenset({S.SENT, S.ACKNOWLEDGED, S.PLANNED})
BEFORE_ANSWER = WITH_UNIT - {S.PLANNED}
# Photos of its places come while somebody is at work, and until the office has looked at what is reported done.
TAKES_PHOTOS = WITH_UNIT | {S.ASKED, S.DONE}
MILESTONE_ACTS = frozenset({A.PLAN_STEP, A.REPORT_STEP, A.PASS_STEP, A.SHOW_STEP, A.BACK_STEP})
PHOTO_ACTS = frozenset({A.ADD_PHOTO, A.DROP_PHOTO, A.CHECK_PHOTO, A.COVER_PHOTO, A.SHOW_PHOTO, A.HIDE_PHOTO})
# What puts a referral aside, and what leads it back to where it stood before.
ASIDE = frozenset({A.ASK_RETURN, A.PASS_ON})
BACK = {S.RETURNED: frozenset({A.KEEP}), S.ASKED: frozenset({A.REPLY, A.LAPSE, A.SETTLE})}
# A question that somebody still has to answer; and what makes it pointless.
OPEN_QUESTIONS = frozenset({QuestionState.OFFICE, QuestionState.RESIDENT})
ENDS_QUESTIONS = frozenset({A.REASSIGN, A.REPORT, A.CLOSE, A.RECALL})
# Acts by which a referral follows what happens to its ideas.
FOLLOWING = frozenset({A.TAKE_OFF, A.PUT_BACK, A.ADD, A.HIDE, A.SHOW})
NAMING = frozenset({A.HIDE, A.NAME, A.SHOW})
# From one of these on (of a restricted idea) nobody of the unit can act, until somebody is named.
WAITS_FOR_NAMES = frozenset({A.HIDE, A.REASSIGN})
# Acts that may give the days of a pause back.
GIVES_BACK = frozenset({A.PUT_BACK, A.NAME, A.SHOW}).union(*BACK.values())
# Acts by which the office itself says by when it is to be done.
SETS_DAY = frozenset({A.CHANGE_DUE, A.NOT_YET, A.REOPEN})
# Words of the office that the unit has to read; what the unit does about them.
SAYS_TO_UNIT = frozenset({A.KEEP, A.NOT_YET, A.REOPEN, A.CHANGE_DUE})
ANSWERS_OFFICE = frozenset({A.HAND_IN, A.ASK_RETURN, A.CLOSE, A.RECALL})
# Another place of the same problem may still join: nobody has reported it done.
MAY_JOIN = OPEN - {S.DONE}
# Where the idea with which it was recalled can be given back to; a question has ended with the recall.
MAY_GO_ON = OPEN - {S.ASKED}
# What ends that the unit may see a contact: of all places, or of those that the event names.
LONGEST_RELEASE = timedelta(days=30)
ENDS_PLACE = frozenset({A.CLOSE_PLACE, A.TAKE_OFF})
ENDS_CONTACTS = frozenset({A.REASSIGN, A.CLOSE, A.RECALL}) | ENDS_PLACE

# (state before, act) -> state after. An act that is neither here nor in BACK is refused, but for PUT_BACK of what was
# recalled with its last idea, which leads to where it stood before.
MOVES: dict[tuple[ReferralState | None, ReferralAct], ReferralState] = {
    (None, A.SEND): S.SENT,
    (S.SENT, A.ACKNOWLEDGE): S.ACKNOWLEDGED,
    **{(state, A.ASK_RETURN): S.RETURNED for state in sorted(WITH_UNIT)},
    (S.RETURNED, A.REASSIGN): S.SENT,
    **{(state, act): state for state in (S.ACKNOWLEDGED, S.PLANNED) for act in (A.ASK, A.SETTLE)},
    (S.ACKNOWLEDGED, A.PASS_ON): S.ASKED,
    (S.PLANNED, A.PASS_ON): S.ASKED,
    (S.ACKNOWLEDGED, A.HAND_IN): S.ACKNOWLEDGED,
    (S.PLANNED, A.HAND_IN): S.PLANNED,
    (S.ACKNOWLEDGED, A.PASS_BACK): S.ACKNOWLEDGED,
    (S.PLANNED, A.PASS_BACK): S.PLANNED,
    (S.ACKNOWLEDGED, A.PLAN): S.PLANNED,
    (S.PLANNED, A.PLAN): S.PLANNED,
    (S.ACKNOWLEDGED, A.REPORT): S.DONE,
    (S.PLANNED, A.REPORT): S.DONE,
    # Of several places some are done: what comes next is due when it is to be finished.
    (S.ACKNOWLEDGED, A.REPORT_PLACE): S.PLANNED,
    (S.PLANNED, A.REPORT_PLACE): S.PLANNED,
    (S.PLANNED, A.RELEASE): S.PLANNED,
    (S.DONE, A.RELEASE): S.DONE,
    (S.DONE, A.NOT_YET): S.PLANNED,
    (S.PLANNED, A.NOT_YET): S.PLANNED,  # a place of several
    (S.PLANNED, A.CLOSE_PLACE): S.PLANNED,
    (S.DONE, A.CLOSE_PLACE): S.DONE,
    (S.PLANNED, A.CLOSE): S.CLOSED,  # of what the unit does not adopt
    (S.DONE, A.CLOSE): S.CLOSED,
    # A place that was closed is taken up again, whatever has become of the others.
    (S.CLOSED, A.REOPEN): S.PLANNED,
    (S.DONE, A.REOPEN): S.PLANNED,
    **{(state, A.REOPEN): state for state in sorted(OPEN - {S.DONE})},
    **{(state, A.CHANGE_DUE): state for state in sorted(WITH_UNIT)},
    **{(state, A.SUPERVISE): state for state in sorted(WITH_UNIT)},
    **{(state, A.RECALL): S.RECALLED for state in sorted(OPEN)},
    **{(state, act): state for act in (A.ADD_PHOTO, A.DROP_PHOTO) for state in sorted(TAKES_PHOTOS)},
    **{(state, A.PLAN_STEP): state for state in (S.ACKNOWLEDGED, S.PLANNED)},
    **{(state, act): state for act in (A.REPORT_STEP, A.PASS_STEP, A.SHOW_STEP) for state in sorted(TAKES_PHOTOS)},
    **{(state, A.BACK_STEP): state for state in S},
    **{(state, act): state for act in (A.CHECK_PHOTO, A.COVER_PHOTO, A.SHOW_PHOTO, A.HIDE_PHOTO) for state in S},
    # What happens to an idea leaves the state of its referral as it is, as long as another one stands in it.
    **{(state, act): state for act in (A.TAKE_OFF, A.PUT_BACK) for state in sorted(OPEN)},
    **{(state, A.ADD): state for state in sorted(MAY_JOIN)},
    **{(state, A.NAME): state for state in sorted(OPEN)},
    **{(state, act): state for act in (A.HIDE, A.SHOW) for state in S},
}


def next_state(state: str | None, act: str, kept_from: str | None = None) -> ReferralState | None:
    """The state after an act, or None if it is not allowed from there; `kept_from` is where it was put aside, or
    recalled from."""
    if act in _back_from(state):
        return ReferralState(kept_from) if kept_from in WITH_UNIT else None
    if (state, act) == (S.RECALLED, A.PUT_BACK):
        return ReferralState(kept_from) if kept_from in MAY_GO_ON else None
    return MOVES.get((None if state is None else ReferralState(state), ReferralAct(act)))


def possible_acts(state: str) -> frozenset[ReferralAct]:
    """What office and unit may do. Acts on photos and milestones stand beside these; what follows an idea the portal
    does by itself."""
    possible = frozenset(act for (before, act) in MOVES if before == state)
    return possible - PHOTO_ACTS - MILESTONE_ACTS - FOLLOWING | _back_from(state)


def _back_from(state: str | None) -> frozenset[ReferralAct]:
    return frozenset() if state is None else BACK.get(ReferralState(state), frozenset())


@dataclass(frozen=True)
class Days:
    """How many working days a unit has for each step, counted from the day on which the referral was sent."""

    acknowledge: int
    answer: int
    finish: int

    def __post_init__(self) -> None:
        if not 1 <= self.acknowledge <= self.answer <= self.finish:
            raise ValueError("each step takes at least as long as the one before it")


USUAL_DAYS = Days(acknowledge=1, answer=3, finish=7)  # 一三七
MOST_DAYS = Days(acknowledge=90, answer=180, finish=360)
USUALLY = timedelta(days=21)  # what seven working days may take over a holiday


@dataclass(frozen=True)
class Due:
    """The last days on which each step is in time."""

    acknowledge: date
    answer: date
    finish: date

    def of(self, state: str) -> date | None:
        """The day that runs in a state; None while no step is the unit's."""
        steps = {S.SENT: self.acknowledge, S.ACKNOWLEDGED: self.answer, S.PLANNED: self.finish}
        return steps.get(ReferralState(state))

    def is_in_order(self, state: str) -> bool:
        """Whether each step that is still to come in a state is due after the one before: what is answered may well be
        done before the day by which an answer was due."""
        days = {S.SENT: (self.acknowledge, self.answer, self.finish), S.ACKNOWLEDGED: (self.answer, self.finish)}
        to_come = days.get(ReferralState(state), ())
        return list(to_come) == sorted(to_come)


def is_overdue(due: date | None, today: date) -> bool:
    """In time until the last moment of the day; `today` is the office's own date."""
    return due is not None and today > due


def what_lacks(kind: str, adoption: str, *, public: str, finish_on: date | None, today: date) -> frozenset[str]:
    """The names of the fields without which an answer cannot leave the unit, or whose day is over already.

    Public words always: a refusal says why. What is done some day says when.
    """
    is_plan = kind == AnswerKind.PLAN
    lacks = {
        "public": not public.strip(),
        "adoption": is_plan and not adoption,
        "finish_on": is_plan
        and adoption not in ("", Adoption.NOT_ADOPTED)
        and (finish_on is None or finish_on < today),
    }
    return frozenset(name for name, is_lacking in lacks.items() if is_lacking)


@dataclass(frozen=True)
class Look:
    """A look on site 现场核查: when, by whom, and what was found."""

    on: date | None = None
    by: str = ""
    found: str = ""


def what_lacks_to_close(look: Look, *, reason: str, has_photo: bool, sent_on: date, today: date) -> frozenset[str]:
    """The names of what is missing or wrong before a place is closed as done: a photo after and a look on site, or a
    reason why there is none, one for both. A look that is begun to be told is told whole."""
    is_told = look.on is not None or bool(look.by.strip() or look.found.strip())
    lacks = {
        "looked_on": is_told and (look.on is None or not sent_on <= look.on <= today),
        "looked_by": is_told and not look.by.strip(),
        "found": is_told and not look.found.strip(),
        "reason": not (is_told and has_photo) and not reason.strip(),
    }
    return frozenset(name for name, is_lacking in lacks.items() if is_lacking)


def shown_number(prefix: str, year: int, number: int) -> str:
    """How a referral is named on paper and screen: JM26-J007."""
    return f"{prefix}{year % 100:02d}-J{number:03d}"
