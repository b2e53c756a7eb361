"""What must be true of the data at any moment. `manage.py check_invariants` asks all of it; so do the tests.

An invariant is a function that yields a line for each violation and nothing where all is well.
"""

from collections.abc import Callable, Iterator
from itertools import groupby

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q

from ideas.choices import Action, MessageState, Status
from ideas.models import (
    Assignment,
    Campaign,
    Draft,
    Idea,
    IdeaEvent,
    Mark,
    Message,
    Pick,
    Rating,
    Resident,
    Shortlist,
    append_only,
)
from ideas.models.sealed import keyring
from ideas.rules import receipts, record
from ideas.rules.workflow import next_status

Invariant = Callable[[], Iterator[str]]
INVARIANTS: dict[str, Invariant] = {}
BATCH = 2000


def invariant(function: Invariant) -> Invariant:
    """Enter a function into the list under its name in words."""
    INVARIANTS[function.__name__.replace("_", " ")] = function
    return function


def violations() -> Iterator[tuple[str, str]]:
    """(invariant, what is wrong) for everything that is not as it must be."""
    for name, function in INVARIANTS.items():
        for line in function():
            yield name, line


@invariant
def the_audit_trail_is_guarded_by_triggers() -> Iterator[str]:
    for name in append_only.missing(connection):
        yield f"trigger {name} is missing"


@invariant
def every_audit_chain_is_whole() -> Iterator[str]:
    """Edited, deleted, swapped, inserted or cut-off events show here."""
    events = IdeaEvent.objects.order_by("idea_id", "number").iterator(BATCH)
    chains = groupby(events, key=lambda event: event.idea_id)
    key, chain = next(chains, (None, iter(())))
    ideas = Idea.objects.order_by("id").values_list("id", "receipt", "event_count", "event_head")
    for pk, receipt, count, head in ideas.iterator(BATCH):
        own = list(chain) if key == pk else []
        if own:
            key, chain = next(chains, (None, iter(())))
        links = [(event.facts(receipt), event.previous, event.digest) for event in own]
        broken = record.first_break(keyring(), links, count=count, head=head)
        if broken:
            yield f"{receipt}: {broken}"


@invariant
def every_idea_was_submitted_once_and_first() -> Iterator[str]:
    first = IdeaEvent.objects.filter(idea=OuterRef("pk"), number=1, action=Action.SUBMIT, at=OuterRef("received_at"))
    again = IdeaEvent.objects.filter(idea=OuterRef("pk"), number__gt=1, action=Action.SUBMIT)
    for idea in Idea.objects.filter(~Exists(first) | Exists(again)).iterator(BATCH):
        yield f"{idea.receipt}: its first event is not its one submission"


@invariant
def the_status_is_what_the_last_event_says() -> Iterator[str]:
    last = IdeaEvent.objects.filter(idea=OuterRef("pk"), number=OuterRef("event_count"), after=OuterRef("status"))
    for idea in Idea.objects.filter(~Exists(last)).iterator(BATCH):
        yield f"{idea.receipt}: status {idea.status} is not its last event's"


@invariant
def every_event_follows_the_rulebook() -> Iterator[str]:
    kinds = IdeaEvent.objects.values_list("before", "action", "after").annotate(n=Count("id"))
    for before, action, after, number in kinds.order_by("before", "action", "after"):
        if next_status(before or None, action) != after:
            yield f"{number} events lead from {before!r} by {action} to {after}"


@invariant
def every_idea_has_a_resident_and_a_receipt_message() -> Iterator[str]:
    person = Resident.objects.filter(idea=OuterRef("pk"))
    told = Message.objects.filter(idea=OuterRef("pk"), template="receipt")
    for idea in Idea.objects.filter(~Exists(person)).iterator(BATCH):
        yield f"{idea.receipt}: nobody stands behind it"
    # Every office has e-mail; whether it had SMS at that moment cannot be known later.
    for idea in Idea.objects.exclude(resident__email_hash="").filter(Exists(person), ~Exists(told)).iterator(BATCH):
        yield f"{idea.receipt}: no receipt was queued"


@invariant
def every_receipt_number_is_well_formed() -> Iterator[str]:
    for receipt, prefix in Idea.objects.values_list("receipt", "campaign__prefix").iterator(BATCH):
        if receipts.read_receipt(receipt) != receipt or not receipt.startswith(prefix):
            yield f"{receipt}: not a receipt number of its campaign"


@invariant
def merged_ideas_have_an_earlier_leader() -> Iterator[str]:
    for idea in Idea.objects.filter(Q(status=Status.MERGED) ^ Q(merged_into__isnull=False)).iterator(BATCH):
        yield f"{idea.receipt}: merged without a leader, or a leader without being merged"
    later = Q(merged_into__received_at__gt=F("received_at"))
    elsewhere = ~Q(merged_into__campaign=F("campaign"))
    chained = Q(merged_into__status=Status.MERGED)
    led = Idea.objects.filter(merged_into__isnull=False)
    for idea in led.filter(later | elsewhere | chained).iterator(BATCH):
        yield f"{idea.receipt}: its leader came later, is merged itself, or belongs to another campaign"


@invariant
def topics_belong_to_the_campaign() -> Iterator[str]:
    for idea in Idea.objects.exclude(topic__campaign=F("campaign")).iterator(BATCH):
        yield f"{idea.receipt}: its topic is another campaign's"


@invariant
def every_list_has_exactly_its_places() -> Iterator[str]:
    for row in Shortlist.objects.annotate(n=Count("picks")).exclude(n=F("places")):
        yield f"list {row.pk}: {row.n} ideas for {row.places} places"


@invariant
def the_listed_ideas_are_those_with_the_status() -> Iterator[str]:
    on_list = (Status.SHORTLISTED, Status.AWARDED)
    for idea in Idea.objects.filter(status__in=on_list, pick=None).iterator(BATCH):
        yield f"{idea.receipt}: {idea.status} but on no list"
    wrong = Q(shortlist__released_at=None) & ~Q(idea__status=Status.SHORTLISTED)
    wrong |= Q(shortlist__released_at__isnull=False) & ~Q(idea__status=Status.AWARDED)
    wrong |= ~Q(idea__campaign=F("shortlist__campaign"))
    for pick in Pick.objects.filter(wrong).select_related("idea"):
        yield f"{pick.idea.receipt}: on the list, but {pick.idea.status}"


@invariant
def lists_are_sealed_by_two_people_before_release() -> Iterator[str]:
    one = Q(sealed_at__isnull=False) & (Q(sealed_by=None) | Q(first_seal_by=None) | Q(sealed_by=F("first_seal_by")))
    early = Q(released_at__isnull=False) & Q(sealed_at=None)
    for row in Shortlist.objects.filter(one | early):
        yield f"list {row.pk}: not sealed by two people"
    listed = Shortlist.objects.filter(campaign=OuterRef("pk"), released_at=OuterRef("released_at"))
    for campaign in Campaign.objects.filter(~Exists(listed), released_at__isnull=False):
        yield f"campaign {campaign.slug}: released without a released list"


@invariant
def every_winner_has_a_published_text() -> Iterator[str]:
    bare = Q(published_title="") | Q(published_text="")
    for idea in Idea.objects.filter(bare, status=Status.AWARDED).iterator(BATCH):
        yield f"{idea.receipt}: a winner without a published text"


@invariant
def ratings_are_complete_and_by_the_campaigns_own_panel() -> Iterator[str]:
    foreign = Assignment.objects.exclude(idea__campaign=F("panellist__campaign"))
    for pk in foreign.values_list("id", flat=True).iterator(BATCH):
        yield f"assignment {pk}: the idea is another campaign's"
    strange = Mark.objects.exclude(criterion__campaign=F("rating__assignment__panellist__campaign"))
    for pk in strange.values_list("id", flat=True).iterator(BATCH):
        yield f"mark {pk}: the criterion is another campaign's"
    needed = dict(Campaign.objects.annotate(n=Count("criteria")).values_list("id", "n"))
    ratings = Rating.objects.annotate(n=Count("marks")).values_list("id", "assignment__panellist__campaign_id", "n")
    for pk, campaign, number in ratings.iterator(BATCH):
        if number != needed[campaign]:
            yield f"rating {pk}: {number} marks instead of {needed[campaign]}"


@invariant
def nobody_rated_an_idea_they_stood_aside_from() -> Iterator[str]:
    for seat in Assignment.objects.exclude(recusal=None).exclude(rating=None):
        yield f"assignment {seat.pk}: rated and recused"


@invariant
def ended_messages_hold_no_personal_data() -> Iterator[str]:
    for message in Message.objects.exclude(state=MessageState.QUEUED).exclude(payload={}).iterator(BATCH):
        yield f"message {message.key}: {message.state}, but not emptied"


@invariant
def a_draft_became_the_idea_of_its_form() -> Iterator[str]:
    for draft in Draft.objects.exclude(idea=None).exclude(idea__form_key=F("key")):
        yield f"draft {draft.key}: its idea came from another form"
