"""What must be true of referrals; queries.invariants asks it with everything else."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from ideas.choices import AnswerState, ReferralAct, ReferralState, Runs
from ideas.models import Photo, Referral, ReferralAnswer, ReferralEvent, ReferralIdea, Supervision
from ideas.models.sealed import is_vouched
from ideas.queries.referrals import people_with
from ideas.rules.referrals import next_state
from ideas.rules.supervision import RUNS

BATCH = 2000


def every_open_referral_has_ideas_days_and_somebody_who_can_act() -> Iterator[str]:
    able = people_with("work_referral").filter(unit=OuterRef("unit"))
    alone = Q(unit__by_letter=False) & ~Q(Exists(able))
    for row in Referral.objects.open().filter(alone).select_related("campaign", "unit").iterator(BATCH):
        yield f"{row.shown_number}: nobody of {row.unit} can log in"
    empty = Referral.objects.filter(~Exists(ReferralIdea.objects.filter(referral=OuterRef("pk"))))
    for row in empty.select_related("campaign").iterator(BATCH):
        yield f"{row.shown_number}: about no idea"
    for row in Referral.objects.select_related("campaign").iterator(BATCH):
        if not row.due.is_in_order(row.state):
            yield f"{row.shown_number}: its days are not in order"


def an_idea_is_with_one_unit_at_a_time() -> Iterator[str]:
    rows = ReferralIdea.objects.filter(referral__in=Referral.objects.open()).values("idea__receipt")
    for row in rows.annotate(n=Count("id")).filter(n__gt=1).order_by("idea__receipt"):
        yield f"{row['idea__receipt']}: in {row['n']} open referrals"


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
    for number, event in enumerate(events, 1):
        if event.number != number:
            return number, state, f"event {number} is missing"
        if not is_vouched(event.seal, "referral", event.sealed_facts()):
            return number, state, f"event {number} was written past the portal"
        if (event.before or None) != state or next_state(state, event.act, asked_from) != event.after:
            return number, state, f"event {number} does not follow from the one before"
        asked_from = state if event.act == ReferralAct.ASK_RETURN else asked_from
        state = event.after
    return len(events), state, ""


def no_answer_is_public_that_head_and_office_have_not_let_go() -> Iterator[str]:
    known = Q(approved_by__isnull=False, approved_at__isnull=False, released_by__isnull=False)
    for answer in ReferralAnswer.objects.filter(state=AnswerState.RELEASED).exclude(known).iterator(BATCH):
        yield f"answer {answer.pk}: released, but nobody approved or released it"
    early = ReferralAnswer.objects.exclude(state=AnswerState.RELEASED).exclude(released_at=None)
    for answer in early.iterator(BATCH):
        yield f"answer {answer.pk}: not released, but with the moment of a release"


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


CHECKS = (
    every_open_referral_has_ideas_days_and_somebody_who_can_act,
    an_idea_is_with_one_unit_at_a_time,
    every_referral_is_what_its_events_say,
    no_answer_is_public_that_head_and_office_have_not_let_go,
    no_photo_of_a_place_is_public_that_the_office_has_not_released,
    no_step_of_supervision_is_taken_twice,
    nobody_is_supervised_while_no_day_of_theirs_runs,
)
