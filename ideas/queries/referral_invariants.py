"""What must be true of referrals; queries.invariants asks it with everything else."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils.timezone import localdate

from ideas.choices import AnswerState, ContactPurpose, MilestoneState, QuestionState, ReferralAct, ReferralState, Runs
from ideas.models import (
    ContactRelease,
    Idea,
    Milestone,
    Photo,
    Referral,
    ReferralAnswer,
    ReferralEvent,
    ReferralIdea,
    Resident,
    ResidentVerdict,
    Supervision,
    UnitQuestion,
)
from ideas.models.sealed import is_vouched
from ideas.queries.referrals import people_with
from ideas.rules.referrals import ASIDE, LONGEST_RELEASE, OPEN, OPEN_QUESTIONS, next_state
from ideas.rules.supervision import RUNS
from ideas.rules.workflow import CLOSED

BATCH = 2000


def every_open_referral_has_ideas_days_and_somebody_who_can_act() -> Iterator[str]:
    able = people_with("work_referral").filter(unit=OuterRef("unit"))
    alone = Q(unit__by_letter=False) & ~Q(Exists(able))
    for row in Referral.objects.open().filter(alone).select_related("campaign", "unit").iterator(BATCH):
        yield f"{row.shown_number}: nobody of {row.unit} can log in"
    about = ReferralIdea.objects.filter(referral=OuterRef("pk"))
    ended = ~Q(state__in=OPEN) & Exists(about)  # one that was recalled with its last idea
    empty = Referral.objects.filter(~Exists(about.filter(taken_off_at=None))).exclude(ended)
    for row in empty.select_related("campaign").iterator(BATCH):
        yield f"{row.shown_number}: about no idea"
    for row in Referral.objects.select_related("campaign").iterator(BATCH):
        if not row.due.is_in_order(row.state):
            yield f"{row.shown_number}: its days are not in order"


def an_idea_is_with_one_unit_at_a_time() -> Iterator[str]:
    rows = ReferralIdea.objects.standing().filter(referral__in=Referral.objects.open()).values("idea__receipt")
    for row in rows.annotate(n=Count("id")).filter(n__gt=1).order_by("idea__receipt"):
        yield f"{row['idea__receipt']}: in {row['n']} open referrals"


def no_unit_works_at_an_idea_that_stands_no_more() -> Iterator[str]:
    rows = ReferralIdea.objects.standing().filter(referral__in=Referral.objects.open(), closing=None)
    rows = rows.filter(idea__status__in=CLOSED)
    for row in rows.select_related("idea", "referral__campaign").iterator(BATCH):
        yield f"{row}: is with a unit, and is {row.idea.status}"


def every_referral_is_what_its_events_say() -> Iterator[str]:
    """A changed, removed or slipped-in event shows here, and a state that no event led to."""
    events = ReferralEvent.objects.order_by("referral_id", "number").iterator(BATCH)
    chains = {key: _told(list(chain)) for key, chain in groupby(events, key=lambda event: event.referral_id)}
    for row in Referral.objects.select_related("campaign").iterator(BATCH):
        count, state, fault = chains.get(row.pk, (0, None, "without any event"))
        if fault or (count, state) != (row.version, row.state):
            yield f"{row.shown_number}: {fault or 'its state is not its last event’s'}"


def _told(events: list[ReferralEvent]) -> tuple[int, str | None, str]:
    """(how many events, the state after the last, what is wrong with them)."""
    state: str | None = None
    asked_from: str | None = None
    recalled_from: str | None = None
    for number, event in enumerate(events, 1):
        if event.number != number:
            return number, state, f"event {number} is missing"
        if not is_vouched(event.seal, "referral", event.sealed_facts()):
            return number, state, f"event {number} was written past the portal"
        kept = recalled_from if event.act == ReferralAct.PUT_BACK else asked_from
        if (event.before or None) != state or next_state(state, event.act, kept) != event.after:
            return number, state, f"event {number} does not follow from the one before"
        asked_from = state if event.act in ASIDE else asked_from
        recalled_from = state if event.act == ReferralAct.RECALL else recalled_from
        state = event.after
    return len(events), state, ""


def a_referral_is_closed_with_its_last_place() -> Iterator[str]:
    """And a place by the event that says so; what is reported done has no place left that is not."""
    is_open = ReferralIdea.objects.standing().filter(referral=OuterRef("pk"), closing=None)
    rows = Referral.objects.select_related("campaign")
    for row in rows.filter(Exists(is_open), state=ReferralState.CLOSED).iterator(BATCH):
        yield f"{row.shown_number}: closed, but one of its places is not"
    for row in rows.open().filter(~Exists(is_open), places__isnull=False).distinct().iterator(BATCH):
        yield f"{row.shown_number}: each of its places is closed, it is not"
    for row in rows.filter(Exists(is_open.filter(done_at=None)), state=ReferralState.DONE).iterator(BATCH):
        yield f"{row.shown_number}: reported done, but one of its places is not"
    acts = (ReferralAct.CLOSE, ReferralAct.CLOSE_PLACE, ReferralAct.REOPEN)
    events = ReferralEvent.objects.filter(act__in=acts).order_by("referral_id", "number").iterator(BATCH)
    closed = {key: _closed_by(chain) for key, chain in groupby(events, key=lambda event: event.referral_id)}
    for place in ReferralIdea.objects.standing().select_related("idea", "referral__campaign").iterator(BATCH):
        by_place, by_all = closed.get(place.referral_id, ({}, None))
        if place.closing_id != by_place.get(place.idea.receipt, by_all):
            yield f"{place.referral.shown_number}: {place.idea.receipt} is not closed by the event that says so"


def a_resident_sends_a_place_back_once() -> Iterator[str]:
    """And a verdict is on a closing of its own referral, and led only to what it could."""
    ends = (ReferralAct.CLOSE, ReferralAct.CLOSE_PLACE)
    for row in ResidentVerdict.objects.exclude(closing__act__in=ends).select_related("idea").iterator(BATCH):
        yield f"{row.idea.receipt}: a verdict on what is no closing"
    back = ResidentVerdict.objects.exclude(reopening=None).select_related("idea", "closing", "reopening")
    sent: Counter[tuple[int, str]] = Counter()
    for row in back.iterator(BATCH):
        event, closing = row.reopening, row.closing
        if (
            event is None
            or row.is_solved
            or event.act != ReferralAct.REOPEN
            or event.referral_id != closing.referral_id
        ):
            yield f"{row.idea.receipt}: its verdict cannot have led to what is said"
        else:
            sent[event.referral_id, event.detail.get("place", "")] += 1
    for (_referral, place), times in sent.items():
        if times > 1:
            yield f"{place}: sent back by verdicts {times} times"


def _closed_by(events: Iterable[ReferralEvent]) -> tuple[dict[str, int | None], int | None]:
    """({receipt: the event by which the place is closed}, the one by which all others are)."""
    by_place: dict[str, int | None] = {}
    by_all = None
    for event in events:
        place = event.detail.get("place")
        if place:
            by_place[place] = None if event.act == ReferralAct.REOPEN else event.pk
        else:
            by_place = {receipt: key for receipt, key in by_place.items() if key}
            by_all = event.pk
    return by_place, by_all


def no_answer_is_public_that_head_and_office_have_not_let_go() -> Iterator[str]:
    known = Q(approved_by__isnull=False, approved_at__isnull=False, released_by__isnull=False)
    for answer in ReferralAnswer.objects.filter(state=AnswerState.RELEASED).exclude(known).iterator(BATCH):
        yield f"answer {answer.pk}: released, but nobody approved or released it"
    early = ReferralAnswer.objects.exclude(state=AnswerState.RELEASED).exclude(released_at=None)
    for answer in early.iterator(BATCH):
        yield f"answer {answer.pk}: not released, but with the moment of a release"


def no_milestone_is_public_that_head_and_office_have_not_let_go() -> Iterator[str]:
    """Who did it stands in the referral's events only, and these are vouched for."""
    rows = Milestone.objects.public()
    acts = (ReferralAct.PASS_STEP, ReferralAct.SHOW_STEP)
    let_go: set[tuple[str, str, int]] = set()
    events = ReferralEvent.objects.filter(act__in=acts, referral__in=rows.values("referral"))
    for event in events.iterator(BATCH):
        let_go |= {(event.act, what, key) for what in ("planned", "done") for key in event.detail.get(what, ())}
    for row in rows.iterator(BATCH):
        asked = ("planned", "done") if row.state == MilestoneState.DONE else ("planned",)
        if not let_go.issuperset((act, what, row.pk) for act in acts for what in asked):
            yield f"milestone {row.pk}: public, but no event says that head and office have let it go"
        if row.released_at is None or (row.state == MilestoneState.DONE) == (row.done_released_at is None):
            yield f"milestone {row.pk}: the moments of its release are not its state's"


def no_photo_of_a_place_is_public_that_the_office_has_not_released() -> Iterator[str]:
    released = Photo.objects.exclude(place=None).exclude(shown_at=None)
    acts = (ReferralAct.SHOW_PHOTO, ReferralAct.HIDE_PHOTO)
    events = ReferralEvent.objects.filter(act__in=acts, referral__places__photos__in=released).order_by("number")
    last = {event.detail.get("photo"): event for event in events.iterator(BATCH)}
    for photo in released.iterator(BATCH):
        event = last.get(str(photo.key))
        if event is None or event.act != ReferralAct.SHOW_PHOTO or event.at != photo.shown_at:
            yield f"photo {photo.key}: released, but the last event of its referral does not say so"


def no_step_of_supervision_is_taken_twice() -> Iterator[str]:
    rows = Supervision.objects.values("referral", "unit", "order", "runs", "due_on", "step").order_by("referral")
    for row in rows.annotate(n=Count("id")).filter(n__gt=1):
        yield f"referral {row['referral']}: {row['step']} of {row['due_on']} ({row['runs']}) taken {row['n']} times"


def nobody_is_supervised_while_no_day_of_theirs_runs() -> Iterator[str]:
    """Each step is about what its referral waited for when it was taken, as the referral's own events say."""
    state = ReferralEvent.objects.filter(referral=OuterRef("referral"), number=OuterRef("version"))
    rows = Supervision.objects.annotate(
        state=Subquery(state.values("after")[:1]), led=Subquery(state.values("unit")[:1])
    )
    for pk, runs, state_then, unit, led in rows.values_list("pk", "runs", "state", "unit", "led").iterator(BATCH):
        waited = RUNS.get(ReferralState(state_then)) if state_then else None
        if waited is None or runs not in (waited, Runs.ORDER) or unit != led:
            yield f"step {pk} of supervision: nothing of this unit's was due"


def a_referral_waits_for_a_resident_as_long_as_one_is_asked() -> Iterator[str]:
    """And somebody is there to be asked, until a day: no referral waits for ever."""
    asked = UnitQuestion.objects.filter(state=QuestionState.RESIDENT)
    for row in Referral.objects.filter(state=ReferralState.ASKED).exclude(pk__in=asked.values("referral")):
        yield f"{row.shown_number}: waits for a resident whom nobody asks"
    person = Resident.objects.filter(idea=OuterRef("idea"))
    bare = Q(due_at=None) | Q(passed_by=None) | ~Q(Exists(person)) | ~Q(referral__state=ReferralState.ASKED)
    for pk in asked.filter(bare).values_list("pk", flat=True):
        yield f"question {pk}: waits for nobody, without a day, or its referral goes on"
    over = UnitQuestion.objects.filter(state__in=OPEN_QUESTIONS).exclude(referral__state__in=OPEN)
    for pk in over.values_list("pk", flat=True):
        yield f"question {pk}: open, but its referral has ended"


def a_released_contact_has_a_purpose_an_end_and_a_unit_that_has_the_referral() -> Iterator[str]:
    rows = ContactRelease.objects.filter(ended_at=None)
    person = Resident.objects.filter(idea=OuterRef("idea"))
    over = ~Q(referral__state__in=OPEN) | ~Q(referral__unit=F("unit")) | Q(idea__in=Idea.objects.restricted())
    for pk in rows.filter(over | ~Q(Exists(person))).values_list("pk", flat=True):
        yield f"released contact {pk}: still given, but what it was given for has ended"
    for row in ContactRelease.objects.iterator(BATCH):
        if row.purpose not in ContactPurpose.values or row.until > localdate(row.given_at) + LONGEST_RELEASE:
            yield f"released contact {row.pk}: without a purpose, or for longer than it may be"


CHECKS = (
    every_open_referral_has_ideas_days_and_somebody_who_can_act,
    an_idea_is_with_one_unit_at_a_time,
    no_unit_works_at_an_idea_that_stands_no_more,
    every_referral_is_what_its_events_say,
    a_referral_is_closed_with_its_last_place,
    a_resident_sends_a_place_back_once,
    no_answer_is_public_that_head_and_office_have_not_let_go,
    no_milestone_is_public_that_head_and_office_have_not_let_go,
    no_photo_of_a_place_is_public_that_the_office_has_not_released,
    no_step_of_supervision_is_taken_twice,
    nobody_is_supervised_while_no_day_of_theirs_runs,
    a_referral_waits_for_a_resident_as_long_as_one_is_asked,
    a_released_contact_has_a_purpose_an_end_and_a_unit_that_has_the_referral,
)
