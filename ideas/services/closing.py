"""Places reported done, looked at and closed one by one: a referral is closed with its last place."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import AnswerState, MessageTemplate, ReferralAct, ReferralState
from ideas.errors import Lacking, Refusal, lacking
from ideas.models import Idea, Referral, ReferralIdea, User
from ideas.queries.access import require
from ideas.queries.referral_photos import after_photos
from ideas.queries.referrals import answer_to_release, open_places, told_referrals
from ideas.queries.verdicts import reopenings_of
from ideas.rules.referrals import Look, what_lacks_to_close
from ideas.rules.verdicts import last_day
from ideas.rules.visible import required
from ideas.services.messages import tell_resident
from ideas.services.referrals import held, move_referral, note_answer
from ideas.services.transactions import in_one_transaction

LACKS = {
    "looked_on": _(
        "Give the day on site: not before it was sent, not after today. If nobody looked, leave it all out."
    ),
    "looked_by": _("Write who looked on site."),
    "found": _("Write what was found on site."),
    "reason": _("Without a look on site and a photo after, write why."),
}


def report_done(referral: Referral, named: Collection[ReferralIdea], *, head: User, at: datetime) -> None:
    """The report that the unit's head has let go: these places are done, all that are open where none is named. The
    referral is reported done with its last place."""
    places = open_places(referral)
    done = [row for row in places if not named or row in named]
    for row in done:
        row.done_at = at
        row.save(update_fields=["done_at"])
    is_all = all(row.done_at for row in places)
    note_answer(referral, at)
    if is_all:
        referral.done_at, referral.done_in_time = at, localdate(at) <= referral.finish_by
    act = ReferralAct.REPORT if is_all else ReferralAct.REPORT_PLACE
    move_referral(referral, act, actor=head, at=at, detail=_named(referral, done))


@in_one_transaction
def not_yet(
    *,
    referral: Referral,
    staff: User,
    finish_by: date,
    at: datetime,
    words: str,
    places: Collection[ReferralIdea] = (),
    expected_version: int | None = None,
) -> None:
    """The office has looked, and it is not done: these places, or all that were reported, go back with a new day."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    words = required(words, _("Write what is not done yet."))
    if finish_by < localdate(at):
        raise lacking("finish_by", _("%(day)s is over already.") % {"day": finish_by.isoformat()})
    reported = _reported(referral)
    back = [row for row in reported if not places or row in places]
    if back == reported:  # nothing of what the unit said is so
        referral.answers.filter(state=AnswerState.APPROVED).update(state=AnswerState.REPLACED)
    ReferralIdea.objects.filter(pk__in=[row.pk for row in back]).update(done_at=None)
    detail = {"after": [finish_by.isoformat()], **_named(referral, back)}
    referral.finish_by, referral.done_at, referral.done_in_time = finish_by, None, None
    move_referral(referral, ReferralAct.NOT_YET, actor=staff, at=at, words=words, detail=detail)


@in_one_transaction
def close(
    *,
    referral: Referral,
    staff: User,
    at: datetime,
    place: ReferralIdea | None = None,
    looked_on: date | None = None,
    looked_by: str = "",
    found: str = "",
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """This place is done, says the office (None: the only one that was reported): somebody has looked on site and a
    photo shows it, or `reason` says why not. With its last place the referral is closed."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    row = _chosen(_reported(referral), place)
    if answer_to_release(referral):
        raise Refusal(_("Release the unit's answer first: who proposed it reads what was done before it is closed."))
    look = Look(looked_on, looked_by.strip(), found.strip())
    sent_on, today = localdate(referral.sent_at), localdate(at)
    photos = after_photos(row)
    if again := reopenings_of(row).last():  # what the work of today looks like, not that of then
        photos = photos.filter(added_at__gte=again.at)
    lacks = what_lacks_to_close(look, reason=reason, has_photo=photos.exists(), sent_on=sent_on, today=today)
    if lacks:
        fields = {name: words for name, words in LACKS.items() if name in lacks}
        raise Lacking(_("Not closed yet: something is missing."), fields)
    _close(referral, row, _told(look, reason.strip()), words=look.found or reason, staff=staff, at=at)


def _close(
    referral: Referral, row: ReferralIdea, detail: dict[str, Any], *, words: str, staff: User, at: datetime
) -> None:
    is_last = open_places(referral) == [row]
    if is_last:
        referral.closed_at = at
    act = ReferralAct.CLOSE if is_last else ReferralAct.CLOSE_PLACE
    detail = {"place": row.idea.receipt, **detail}
    row.closing = move_referral(referral, act, actor=staff, at=at, words=words.strip(), detail=detail)
    row.save(update_fields=["closing"])
    _ask(referral, row, at)


def _ask(referral: Referral, place: ReferralIdea, at: datetime) -> None:
    """Proposer and co-proposers are told once that they may say whether it is in order; what is held back while the
    winners are chosen stands on the tracking page after the release."""
    merged = Idea.objects.unrestricted().filter(merged_into=place.idea).by_receipt()
    variables = {"unit": referral.unit, "last_day": last_day(localdate(at)).isoformat()}
    for idea in (place.idea, *merged):
        if told_referrals(idea).filter(pk=referral.pk).exists():
            tell_resident(idea=idea, template=MessageTemplate.CLOSED, at=at, variables=variables)


def close_rest(referral: Referral, *, staff: User, at: datetime, detail: dict[str, Any]) -> None:
    """All that is still open of a held referral ends without being done: it is not adopted."""
    referral.closed_at = at
    event = move_referral(referral, ReferralAct.CLOSE, actor=staff, at=at, detail=detail)
    referral.places.standing().filter(closing=None).update(closing=event)


def _reported(referral: Referral) -> list[ReferralIdea]:
    rows = [row for row in open_places(referral) if row.done_at]
    if not rows or referral.state not in (ReferralState.PLANNED, ReferralState.DONE):
        raise Refusal(_("The unit has not reported it done yet."))
    return rows


def _chosen(reported: Sequence[ReferralIdea], place: ReferralIdea | None) -> ReferralIdea:
    found = [row for row in reported if place is None or row == place]
    if not found:
        raise Refusal(_("The unit has not reported it done yet."))
    if len(found) > 1:
        raise Lacking(_("Not closed yet: something is missing."), {"place": _("Choose the place.")})
    return found[0]


def _told(look: Look, reason: str) -> dict[str, Any]:
    """What an event keeps of a look beside its words."""
    if look.on is None:
        return {}
    without = {"reason": reason} if reason else {}
    return {"looked_on": look.on.isoformat(), "looked_by": look.by, **without}


def _named(referral: Referral, places: Collection[ReferralIdea]) -> dict[str, Any]:
    """Which places of several an act is about."""
    is_one = referral.places.count() == 1
    return {} if is_one else {"places": [row.idea.receipt for row in places]}
