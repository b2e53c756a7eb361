"""A list is signed by two people, once it can be: it follows from the scores, and nothing about it is open."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import Bar
from ideas.errors import NotPermitted, Refusal
from ideas.models import Shortlist, User
from ideas.queries.access import require
from ideas.queries.advice import first_draft
from ideas.queries.notices import upheld_on
from ideas.queries.shortlist import (
    ranking_for,
    sorted_anew,
    still_follows,
    why_lapsed,
)
from ideas.rules.ratings import Score
from ideas.services.doubts import require_decided_marks
from ideas.services.proposal import number_entries
from ideas.services.publishing import edit_published
from ideas.services.record import keep_list, keep_record
from ideas.services.transactions import in_one_transaction


@in_one_transaction
def seal_shortlist(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int) -> Shortlist:
    """Sign the list as it stands. The first signature is a promise, the second, by somebody else, seals it.

    Then its figures are stored as they are, and the record from which it can be recomputed with them.
    """
    require(manager, "ideas.seal_shortlist")
    row = shortlist.locked(expected_version)
    if row.is_sealed:
        raise Refusal(_("The shortlist is sealed."))
    if row.first_seal_by_id == manager.pk:
        raise NotPermitted(_("You have signed already. The second signature must be somebody else's."))
    ranking = ranking_for(row)
    _require_ready(row, ranking)
    if row.first_seal_by is None or row.first_seal_at is None:
        row.first_seal_at, row.first_seal_by = at, manager
    else:
        row.sealed_at, row.sealed_by = at, manager
        number_entries(row, ranking)
        keep_record(shortlist=row, seals=[(row.first_seal_by, row.first_seal_at), (manager, at)], at=at)
    keep_list(row)
    return row


def _require_ready(row: Shortlist, ranking: Sequence[Score]) -> None:
    """Nothing is left open that a seal would close."""
    if not row.candidates:
        raise Refusal(_("This list was proposed before an upgrade. Propose it anew."))
    entries = {entry.idea_id: entry for entry in row.entries.all()}
    if not all(
        why_lapsed(exchange, entries) for exchange in row.exchanges.waiting().select_related("removed", "added")
    ):
        raise Refusal(_("An exchange is waiting for a second person. Decide it first."))
    if upheld := upheld_on(row):
        receipts = " ".join(idea.receipt for idea in upheld)
        raise Refusal(_("An objection was upheld; these ideas must leave the list: %(ideas)s") % {"ideas": receipts})
    require_decided_marks(row.campaign, but={Bar.DISABLED})  # guests' accounts are closed after the rating
    single = list(row.entries.filter(reviews__lt=2).values_list("idea__receipt", flat=True))
    if single:
        raise Refusal(
            _("These ideas have one review only and need a second one: %(ideas)s") % {"ideas": " ".join(single)}
        )
    listed = set(row.entries.values_list("idea_id", flat=True))
    for pair in row.campaign.incompatible.select_related("first", "second"):
        if {pair.first_id, pair.second_id} <= listed:
            raise Refusal(
                _("%(one)s and %(other)s solve the same problem; only one of them may be listed.")
                % {"one": pair.first.receipt, "other": pair.second.receipt}
            )
    _require_follows(row, ranking)


def _require_follows(row: Shortlist, ranking: Sequence[Score]) -> None:
    """Asked at both signatures: the second one must not fail of what stood there at the first."""
    if still_follows(row, ranking):
        return
    anew = sorted_anew(row)
    if anew:
        raise Refusal(
            _("The list no longer follows from scores and quotas, since these ideas were sorted anew: %(ideas)s. Sort "
              "them back, or propose the list anew.") % {"ideas": " ".join(anew)}
        )  # fmt: skip
    raise Refusal(_("The list no longer follows from its proposal and its exchanges. Propose it anew."))


@in_one_transaction
def publish_originals(*, shortlist: Shortlist, manager: User, at: datetime, expected_version: int) -> int:
    """Take the original words without private data as published text for every idea of the list that has none.

    Returns how many. Where the campaign takes two checks they wait for both.
    """
    require(manager, "ideas.edit_published")
    row = shortlist.locked(expected_version)
    entries = row.entries.filter(idea__pending_text=None).select_related("idea__campaign", "idea__resident")
    bare = [entry.idea for entry in entries if not entry.idea.is_ready_to_publish]
    for idea in bare:
        title, text = first_draft(idea)
        edit_published(idea=idea, editor=manager, at=at, title=title, text=text)
    return len(bare)
