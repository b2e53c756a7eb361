"""What must be true of the data at any moment. `manage.py check_invariants` asks all of it; so do the tests.

An invariant is a function that yields a line for each violation and nothing where all is well.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from ideas.choices import Action, ContactPurpose, Edition, MessageState, OfficeAct, Status
from ideas.models import (
    Assignment,
    Campaign,
    Draft,
    Exchange,
    Idea,
    IdeaEvent,
    Mark,
    Message,
    OfficeEvent,
    Panellist,
    Photo,
    Rating,
    Resident,
    ResidentStatement,
    ResidentVerdict,
    SealedRecord,
    Shortlist,
    ShortlistEntry,
    UnitQuestion,
    Unsealing,
    UnsentInput,
    append_only,
)
from ideas.models.ideas import ALL_TEXTS
from ideas.models.sealed import keyring
from ideas.queries import named_invariants, notice_invariants, referral_invariants, tampering
from ideas.queries.access import people_who_see_names
from ideas.queries.mergers import followers_without_leader
from ideas.queries.record import facts_in, latest_record, list_of
from ideas.rules import receipts, record
from ideas.rules.duplicates import Text, folded, terms_of
from ideas.rules.workflow import LIST_ACTS, ON_LIST, ON_RELEASED_LIST, next_status

Invariant = Callable[[], Iterator[str]]
INVARIANTS: dict[str, Invariant] = {}
BATCH = 2000
GIVES_CONTACTS = (OfficeAct.SHOW_CONTACT, OfficeAct.SEARCH_CONTACT, OfficeAct.RELEASE_CONTACT)
HASHED = 5  # the version of UUID that queries.access.form_hashes makes; browsers and clients make others


def invariant(function: Invariant) -> Invariant:
    """Enter a function into the list under its name in words."""
    INVARIANTS[function.__name__.replace("_", " ")] = function
    return function


for _check in (
    *tampering.CHECKS,
    *referral_invariants.CHECKS,
    *named_invariants.CHECKS,
    *notice_invariants.CHECKS,
):
    invariant(_check)


def violations() -> Iterator[tuple[str, str]]:
    """(invariant, what is wrong) for everything that is not as it must be."""
    for name, function in INVARIANTS.items():
        for line in function():
            yield name, line


@invariant
def the_audit_trail_is_guarded_by_triggers() -> Iterator[str]:
    yield from append_only.faults(connection)


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
        if next_status(before or None, action, restores=after) != after:
            yield f"{number} events lead from {before!r} by {action} to {after}"


@invariant
def the_version_of_an_idea_counts_its_acts_without_those_of_the_list() -> Iterator[str]:
    listed = Count("events", filter=Q(events__action__in=LIST_ACTS))
    ideas = Idea.objects.annotate(listed=listed).exclude(version=F("event_count") - F("listed"))
    for idea in ideas.iterator(BATCH):
        yield f"{idea.receipt}: version {idea.version}, but {idea.event_count} acts, {idea.listed} of them of the list"


@invariant
def every_idea_has_a_resident_and_a_receipt_message() -> Iterator[str]:
    person = Resident.objects.filter(idea=OuterRef("pk"))
    told = Message.objects.filter(idea=OuterRef("pk"), template="receipt")
    for idea in Idea.objects.filter(~Exists(person), ~Exists(_erasure("pk"))).iterator(BATCH):
        yield f"{idea.receipt}: nobody stands behind it"
    # Every office has e-mail; whether it had SMS at that moment cannot be known later.
    due = Idea.objects.exclude(resident__email_hash="").exclude(Exists(_untold_import()), form_hash=None)
    for idea in due.filter(Exists(person), ~Exists(told)).iterator(BATCH):
        yield f"{idea.receipt}: no receipt was queued"


def _untold_import() -> QuerySet[OfficeEvent]:
    """The import that an idea without a form came with, if the office said that it tells the residents itself."""
    same = {"campaign": OuterRef("campaign"), "at": OuterRef("entered_at")}
    return OfficeEvent.objects.filter(act=OfficeAct.IMPORT, detail__told=False, **same)


def _erasure(idea: str) -> QuerySet[IdeaEvent]:
    return IdeaEvent.objects.filter(idea=OuterRef(idea), action=Action.ERASE)


@invariant
def an_erased_idea_holds_nothing_of_its_person() -> Iterator[str]:
    rows: dict[str, tuple[QuerySet, str]] = {
        "its resident": (Resident.objects.all(), "idea"),
        "a draft": (Draft.objects.all(), "idea"),
        "unsent input": (UnsentInput.objects.all(), "idea"),
        "a photo that is not released": (Photo.objects.filter(shown_at=None), "idea"),
        "a filled message": (Message.objects.exclude(payload={}), "idea"),
        "a statement": (ResidentStatement.objects.all(), "event__idea"),
        "an answer to a unit": (UnitQuestion.objects.exclude(reply=""), "idea"),
        "words of a verdict": (ResidentVerdict.objects.exclude(words=""), "idea"),
    }
    for what, (found, idea) in rows.items():
        left = found.filter(Exists(_erasure(idea))).order_by("pk").values_list(f"{idea}__receipt", flat=True)
        for receipt in left.iterator(BATCH):
            yield f"{receipt}: erased, but {what} is left"


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
def every_merged_idea_leads_to_one_that_stands() -> Iterator[str]:
    for idea in followers_without_leader().select_related("merged_into").iterator(BATCH):
        leader = idea.merged_into
        yield f"{idea.receipt}: merged into {leader}, which is {leader and leader.status} and does not lead any more"


@invariant
def who_sees_an_idea_is_what_was_last_decided() -> Iterator[str]:
    """Restricted if, and only if, its last restriction was not lifted: neither may be lost or gained in silence."""
    decided = IdeaEvent.objects.filter(idea=OuterRef("pk"), action__in=(Action.RESTRICT, Action.UNRESTRICT))
    ideas = Idea.objects.annotate(decided=Subquery(decided.order_by("-number").values("action")[:1]))
    gained = Q(restricted=True) & (Q(decided=None) | Q(decided=Action.UNRESTRICT))
    for idea in ideas.filter(gained | Q(restricted=False, decided=Action.RESTRICT)).iterator(BATCH):
        yield f"{idea.receipt}: {'restricted' if idea.restricted else 'open'}, but last decided was {idea.decided}"


@invariant
def contacts_are_given_for_a_purpose() -> Iterator[str]:
    """Files that left before a purpose was asked for name no persons."""
    given = Q(act__in=GIVES_CONTACTS) | Q(act=OfficeAct.EXPORT, detail__has_key="persons")
    rows = OfficeEvent.objects.filter(given).order_by("pk").values_list("pk", "act", "detail", "purpose")
    for pk, act, detail, words in rows.iterator(BATCH):
        purpose = detail.get("purpose", "")
        if purpose not in ContactPurpose.values or (purpose == ContactPurpose.OTHER and not words):
            yield f"office log {pk}: {act} without a purpose"


@invariant
def topics_belong_to_the_campaign() -> Iterator[str]:
    for idea in Idea.objects.exclude(topic__campaign=F("campaign")).iterator(BATCH):
        yield f"{idea.receipt}: its topic is another campaign's"


@invariant
def every_list_has_exactly_its_places() -> Iterator[str]:
    for row in Shortlist.objects.annotate(n=Count("entries")).exclude(n=F("places")):
        yield f"list {row.pk}: {row.n} ideas for {row.places} places"


@invariant
def the_listed_ideas_are_those_with_the_status() -> Iterator[str]:
    for idea in Idea.objects.filter(status__in=ON_LIST, shortlist_entry=None).iterator(BATCH):
        yield f"{idea.receipt}: {idea.status} but on no list"
    wrong = Q(shortlist__released_at=None) & ~Q(idea__status=Status.SHORTLISTED)
    # A winner may be taken down on its resident's word; the list and its record stay as they were sealed.
    wrong |= Q(shortlist__released_at__isnull=False) & ~Q(idea__status__in=ON_RELEASED_LIST)
    wrong |= ~Q(idea__campaign=F("shortlist__campaign"))
    for entry in ShortlistEntry.objects.filter(wrong).select_related("idea"):
        yield f"{entry.idea.receipt}: on the list, but {entry.idea.status}"


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
def winners_appear_after_two_people_and_a_hold() -> Iterator[str]:
    """Lists that were released before there was a hold name nobody who confirmed it."""
    alone = Q(release_at__isnull=False) & (Q(release_confirmed_by=None) | Q(release_asked_by=None))
    early = Q(released_at__isnull=False, release_confirmed_by__isnull=False) & ~Q(released_at=F("release_at"))
    for row in Shortlist.objects.filter(alone | early):
        yield f"list {row.pk}: not released by two people at the end of its hold"


@invariant
def a_sealed_list_is_its_record() -> Iterator[str]:
    """Ranks, tiers and figures of the picks are those of the last record, and the record is as it was hashed."""
    for kept in SealedRecord.objects.order_by("id").iterator(1):
        if not kept.is_as_hashed():
            yield f"record {kept.campaign_id}/{kept.number} ({kept.edition}): not what was hashed"
    for row in Shortlist.objects.filter(sealed_at__isnull=False).exclude(candidates=[]):
        kept_last = latest_record(row.campaign, Edition.ARCHIVE)
        if kept_last is None or facts_in(kept_last).get("list") != list_of(row):
            yield f"list {row.pk}: not the list of its record"


@invariant
def exchanges_and_openings_are_by_two_people() -> Iterator[str]:
    alone = Q(decided_by=F("proposed_by")) | Q(decided_by=None, minutes_on__isnull=False)
    for exchange in Exchange.objects.made().filter(alone):
        yield f"exchange {exchange.pk}: made by one person"
    open_again = Q(consented_by=F("asked_by")) | Q(consented_by=None, campaign__shortlist__sealed_at=None)
    for opened in Unsealing.objects.filter(open_again):
        yield f"unsealing {opened.pk}: by one person"


@invariant
def every_winner_has_a_published_text() -> Iterator[str]:
    bare = Q(published_title="") | Q(published_text="")
    for idea in Idea.objects.filter(bare, status=Status.AWARDED).iterator(BATCH):
        yield f"{idea.receipt}: a winner without a published text"


@invariant
def what_must_stay_private_is_not_released() -> Iterator[str]:
    for photo in Photo.objects.exclude(shown_at=None).filter(is_slip=True).iterator(BATCH):
        yield f"photo {photo.key}: of a slip, but released"
    covered = Photo.objects.filter(copy_of=OuterRef("pk"))
    for photo in Photo.objects.exclude(shown_at=None).filter(Exists(covered)).iterator(BATCH):
        yield f"photo {photo.key}: released beside its covered copy"


@invariant
def covered_copies_and_their_photos_belong_to_one_idea() -> Iterator[str]:
    same = Q(copy_of__idea=F("idea")) | Q(copy_of__place=F("place"), copy_of__stage=F("stage"))
    for photo in Photo.objects.exclude(copy_of=None).exclude(same).iterator(BATCH):
        yield f"photo {photo.key}: covers a photo of another idea"


@invariant
def ratings_are_complete_and_by_the_campaigns_own_panel() -> Iterator[str]:
    foreign = Assignment.objects.exclude(idea__campaign=F("panellist__campaign"))
    for pk in foreign.values_list("id", flat=True).iterator(BATCH):
        yield f"assignment {pk}: the idea is another campaign's"
    strange = Mark.objects.exclude(criterion__campaign=F("rating__assignment__panellist__campaign"))
    for pk in strange.values_list("id", flat=True).iterator(BATCH):
        yield f"mark {pk}: the criterion is another campaign's"
    required = Q(criteria__is_optional=False)
    needed = dict(Campaign.objects.annotate(n=Count("criteria", filter=required)).values_list("id", "n"))
    given = Count("marks", filter=Q(marks__criterion__is_optional=False))
    ratings = Rating.objects.annotate(n=given, any=Count("marks"))
    columns = ("id", "assignment__panellist__campaign_id", "n", "any", "abstained")
    for pk, campaign, number, marks, abstained in ratings.values_list(*columns).iterator(BATCH):
        if abstained and marks:
            yield f"rating {pk}: abstained, but with marks"
        elif not abstained and number != needed[campaign]:
            yield f"rating {pk}: {number} marks instead of {needed[campaign]}"


@invariant
def ratings_stay_with_who_gave_them() -> Iterator[str]:
    """An assignment that was given to another user took marks along that somebody else had given."""
    moved = Rating.objects.exclude(given_by=F("assignment__panellist__user")) | Rating.objects.filter(given_by=None)
    names = ("id", "assignment__idea__receipt", "given_by__username", "assignment__panellist__user__username")
    for pk, receipt, giver, now in moved.values_list(*names).iterator(BATCH):
        yield f"rating {pk} of {receipt}: given by {giver}, but on the desk of {now}"


@invariant
def nobody_who_sees_names_sits_on_a_panel() -> Iterator[str]:
    running = Panellist.objects.filter(is_active=True, campaign__released_at=None)
    for member in running.filter(user__in=people_who_see_names()).select_related("user", "campaign"):
        yield f"panel of {member.campaign.slug}: {member.user.username} has a role that shows names"


@invariant
def a_list_rests_on_decided_marks() -> Iterator[str]:
    """A conflict noted before the proposal was decided of; what was left out is in no record since."""
    idea, noted = "assignment__idea", "assignment__panellist__conflicts"
    listed = Q(
        **{f"{noted}__idea": F(idea), f"{noted}__at__lte": F(f"{idea}__shortlist_entry__shortlist__proposed_at")}
    )
    for receipt in Rating.objects.given().filter(listed, decision=None).values_list(f"{idea}__receipt", flat=True):
        yield f"{receipt}: on the list by a mark given in conflict, and nobody decided whether it counts"
    for row in Shortlist.objects.exclude(sealed_at=None).select_related("campaign"):
        kept = latest_record(row.campaign, Edition.ARCHIVE)
        recorded = Counter(review["idea"] for review in facts_in(kept).get("reviews", ())) if kept else Counter()
        counting = Count("pk", filter=Q(decision=None) | Q(decision__counts=True))
        given = Rating.objects.given().filter(assignment__panellist__campaign=row.campaign_id)
        for receipt, number in given.values_list(f"{idea}__receipt").annotate(n=counting):
            if recorded[receipt] > number:
                yield f"{receipt}: its record holds a mark that was left out"


@invariant
def nobody_rated_an_idea_they_stood_aside_from() -> Iterator[str]:
    for assignment in Assignment.objects.exclude(recusal=None).exclude(rating=None):
        yield f"assignment {assignment.pk}: rated and recused"


@invariant
def ended_messages_hold_no_personal_data() -> Iterator[str]:
    """But for those that were given up and can still be sent again; the worker empties them in time."""
    kept = Q(state=MessageState.DEAD, kept_until__isnull=False)
    ended = Message.objects.exclude(state=MessageState.QUEUED).exclude(kept).exclude(payload={})
    for key, state in ended.values_list("key", "state").iterator(BATCH):
        yield f"message {key}: {state}, but not emptied"


@invariant
def a_draft_became_the_idea_of_its_form() -> Iterator[str]:
    for draft in Draft.objects.exclude(idea=None).exclude(idea__form_hash=F("form_hash")):
        yield f"draft {draft.form_hash}: its idea came from another form"


@invariant
def form_keys_are_kept_as_keyed_hashes_only() -> Iterator[str]:
    """Which keys a browser has made is not known; that none of these is one shows by its version."""
    for receipt, kept in Idea.objects.values_list("receipt", "form_hash").iterator(BATCH):
        if kept and kept.version != HASHED:
            yield f"{receipt}: holds a form key in the clear"
    for kept in Draft.objects.values_list("form_hash", flat=True).iterator(BATCH):
        if kept.version != HASHED:
            yield f"draft {kept.hex[:8]}…: stands under its form key in the clear"


@invariant
def suspicions_are_counted() -> Iterator[str]:
    """The queue is ordered by the count."""
    for receipt, names, count in Idea.objects.values_list("receipt", "suspicions", "suspicion_count").iterator(BATCH):
        if len(names) != count:
            yield f"{receipt}: {len(names)} suspicions, counted {count}"


@invariant
def a_returned_idea_has_a_day_by_which_to_answer() -> Iterator[str]:
    for idea in Idea.objects.filter(status=Status.RETURNED, due_at=None).iterator(BATCH):
        yield f"{idea.receipt}: returned, and never due"


@invariant
def the_index_of_ideas_alike_holds_every_text() -> Iterator[str]:
    ideas = Idea.objects.order_by("pk").values_list(
        "receipt", *ALL_TEXTS, "originalterms__terms", "originalterms__folded", "publishedterms__terms"
    )
    for receipt, title, problem, proposal, place, shown_title, shown_text, *kept in ideas.iterator(BATCH):
        original, written, published = kept
        text = Text(title, f"{problem}\n{proposal}", place)
        if (" ".join(terms_of(text)), folded(text)) != (original, written):
            yield f"{receipt}: its words are not those of the index (after an upgrade run manage.py reindex)"
        shown = " ".join(terms_of(Text(shown_title, shown_text, place))) if shown_title and shown_text else None
        if shown != published:
            yield f"{receipt}: its published words are not those of the index"
