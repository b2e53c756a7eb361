"""The way from a form to an idea: what somebody typed is kept under the form's key, checked, and sent once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import UNKNOWN_AREA, Phase, Suspicion
from ideas.errors import Refusal
from ideas.models import Campaign, Draft, Idea, ImportFile, Photo, Resident, UnsentInput, UnsentMarks
from ideas.models.drafts import DraftContent
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.models.sealed import keyring
from ideas.queries.access import form_hashes
from ideas.rules.telephones import line_of
from ideas.rules.throttle import sender_of
from ideas.services.intake import Prepared, Sent, prepare_idea, take_in
from ideas.services.photos import attach_photos, delete_photos
from ideas.services.throttle import consume, consume_all, counted, sender_key
from ideas.services.transactions import in_one_transaction

DRAFT_LIFE = timedelta(days=7)  # of what is not sent, since it was last kept
CROWDED_LIFE = timedelta(hours=1)  # of what a sender keeps unsent beyond the budget of texts
CEILING = 3  # times the budget: beyond that nothing more is kept of this sender
RECEIPT_LIFE = timedelta(hours=24)  # so long the receipt page can be opened again in the sender's browser
# Asked at every keeping: written out, it costs a tenth of what the same costs when it is put together each time.
HELD = """
SELECT COALESCE(SUM(size), 0) FROM (
    SELECT LENGTH(payload) AS size FROM {drafts}
    WHERE sender IN ({senders}) AND expires_at > %s AND idea_id IS NULL AND (form_hash IN ({forms})) IS NOT TRUE
    UNION ALL
    SELECT LENGTH(words) FROM {acts} WHERE sender IN ({senders}) AND expires_at > %s AND id <> %s
) AS held
"""
Life = Callable[[], timedelta]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class CampaignClosed(Refusal):
    """The campaign takes no ideas at this moment."""


class DraftGone(Refusal):
    """There is no such draft (any more)."""


class DraftChanged(Refusal):
    """The draft was kept from another page since this one was shown."""


class DraftUnchecked(Refusal):
    """What was typed last has not passed the form's checks."""


class PhoneUnverified(Refusal):
    """The office asks for telephone numbers to be verified, and this one is not yet."""


class NoRoom(Refusal):
    """So much lies here unsent from this sender that no more is kept."""


class TooMany(Refusal):
    """This contact has sent as many ideas as may come in a day."""


def keep_draft(
    *,
    key: UUID,
    campaign: Campaign,
    typed: Mapping[str, str],
    at: datetime,
    answers: Mapping[str, Any] | None = None,
    suspicions: Iterable[Suspicion] | None = (),
    page: str = "",
    expected_version: str = "",
    address: str = "",
) -> Draft:
    """Keep what stands in a form: `typed` as it is, `answers` if it passed the checks.

    A draft that has become an idea is left alone. `suspicions` about the first time stay with it; None is no judgement.
    `page` names the page that was posted and `expected_version` the version that it showed (`version_of`): words that
    were kept from another page since then are not written over. What comes from one `address` is kept for an hour
    instead of a week once it is much, and refused (NoRoom) once it is very much; the office's own ("") is not counted.
    """
    content = DraftContent(
        form_key=key,
        typed=dict(typed),
        page=page,
        answers=None if answers is None else dict(answers),
        suspicions=None if suspicions is None else tuple(sorted({*suspicions})),
    )
    require_open(campaign, at)
    held = held_of(address, at=at, but=form_hashes(key))
    return _keep(content, campaign, at=at, address=address, held=held, expected_version=expected_version)


@in_one_transaction
def _keep(
    content: DraftContent, campaign: Campaign, *, at: datetime, address: str, held: int, expected_version: str
) -> Draft:
    draft, is_new = _make(content, campaign, at=at, address=address, life=lambda: life_of(held))
    if is_new or draft.idea_id is not None:
        return draft
    before = draft.content
    if _is_changed(before, content, expected_version, version_of(draft)):
        raise DraftChanged(_("This form was changed in another window."))
    draft.content = replace(
        before,
        typed=content.typed,
        page=content.page,
        answers=content.answers,
        suspicions=content.suspicions if before.suspicions is None else before.suspicions,
    )
    draft.expires_at = at + life_of(held)
    draft.sender = sender_key(address) if address else ""
    draft.save(update_fields=["payload", "expires_at", "sender"])
    return draft


def held_of(address: str, *, at: datetime, but: Sequence[UUID] | UnsentInput | None) -> int:
    """How many characters of this sender lie here unsent, without the forms or the act that are being replaced."""
    if not address:
        return 0
    senders = keyring().digests(sender_of(address).encode(), "sender")
    act = but.pk if isinstance(but, UnsentInput) else 0
    forms = [] if but is None or isinstance(but, UnsentInput) else but
    names = {model: connection.ops.quote_name(model._meta.db_table) for model in (Draft, UnsentInput)}
    sql = HELD.format(
        drafts=names[Draft],
        acts=names[UnsentInput],
        senders=", ".join(["%s"] * len(senders)),
        forms=", ".join(["%s"] * len(forms)) or "NULL",
    )
    moment = connection.ops.adapt_datetimefield_value(at)
    keys = [Draft._meta.pk.get_db_prep_value(form, connection) for form in forms]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*senders, moment, *keys, *senders, moment, act])
        return int(cursor.fetchone()[0])


def life_of(held: int) -> timedelta:
    """How long one more text is kept of a sender of whom so much lies here."""
    if held > CEILING * conf.draft_bytes():
        raise NoRoom(_("Very much was typed from your network and not sent yet. Please try again in an hour."))
    return DRAFT_LIFE if held <= conf.draft_bytes() else CROWDED_LIFE


def version_of(draft: Draft | None) -> str:
    """Which keeping of its words a draft holds; "" where there are none."""
    return date_format(draft.expires_at, "U.u") if draft and draft.content.typed is not None else ""


def _is_changed(before: DraftContent, content: DraftContent, expected_version: str, version: str) -> bool:
    """Whether other words lie here than those that the page showed, or sent itself before somebody went back to it."""
    is_own = not content.page or content.page == before.page or expected_version == version
    return before.typed is not None and not is_own and before.typed != content.typed


@in_one_transaction
def copy_draft(*, source: Draft, key: UUID, at: datetime, address: str = "") -> Draft:
    """A form of its own with the words of another one. What proves a person (a verified number) is not copied, and of
    what is added in one of them the other learns nothing. Its photos: services.photos.copy_photos."""
    held = source.content
    content = DraftContent(form_key=key, typed=held.typed, answers=held.answers, suspicions=held.suspicions)
    draft, _made = lock_draft(campaign=source.campaign, at=at, content=content)
    draft.sender = sender_key(address) if address else ""
    draft.save(update_fields=["sender"])
    return draft


@in_one_transaction
def drop_draft(*, key: UUID, campaign: Campaign) -> None:
    """Delete what was typed and uploaded in a form that is not sent; one that is not there (any more) is no error."""
    unsent = Draft.objects.filter(form_hash__in=form_hashes(key), campaign=campaign, idea=None)
    delete_photos(Photo.objects.filter(draft__in=unsent))
    unsent.delete()


@in_one_transaction
def make_draft(*, key: UUID, campaign: Campaign, at: datetime, address: str = "") -> Draft:
    """The locked draft of a form key, made if there is none."""
    return _make(DraftContent(form_key=key), campaign, at=at, address=address)[0]


def _make(
    content: DraftContent, campaign: Campaign, *, at: datetime, address: str, life: Life = lambda: DRAFT_LIFE
) -> tuple[Draft, bool]:
    """The locked draft of the content's form key, and whether it had to be made, with this content."""
    require_open(campaign, at)
    sender = sender_key(address) if address else ""
    draft, is_new = lock_draft(campaign=campaign, at=at, content=content, sender=sender, life=life)
    if draft.campaign_id != campaign.pk:
        raise DraftGone(_("This form belongs to another campaign."))
    if is_new and Idea.objects.filter(form_hash__in=form_hashes(content.form_key)).exists():
        raise DraftGone(_("The idea of this form came in some time ago."))
    return draft, is_new


def lock_draft(
    *, campaign: Campaign, at: datetime, content: DraftContent, sender: str = "", life: Life = lambda: DRAFT_LIFE
) -> tuple[Draft, bool]:
    """The locked draft of a form key whatever its campaign, and whether it had to be made (with this content)."""
    newest, *older = form_hashes(content.form_key)
    drafts = Draft.objects.select_for_update()
    if older and (found := drafts.filter(form_hash__in=older).first()):
        return found, False
    new: dict[str, Any] = {"campaign": campaign, "created_at": at, "sender": sender}
    new |= {"expires_at": lambda: at + life(), "payload": content.sealed}  # asked only where there is none
    return drafts.get_or_create(form_hash=newest, defaults=new)


def send_draft(*, key: UUID, campaign: Campaign, at: datetime, address: str = "", seen: Draft | None = None) -> Sent:
    """Make a draft an idea, once: every further call with the same key gives the same receipt and code.

    Idea, resident, first event, receipt message and the draft's end are one transaction; what can be done before it
    is. `address` is where it comes from; many from one address look suspicious and are taken all the same. `seen` is
    the draft as the caller has just read it.
    """
    sent = None
    while sent is None:
        draft, seen = seen or _own(key, campaign, at).first(), None
        if draft is None:
            raise DraftGone(_("We no longer have this form. Please fill it in again."))
        if draft.idea is not None:
            return Sent(draft.idea, draft.content.code)
        require_open(campaign, at)
        answers = draft.content.answers
        if answers is None:
            raise DraftUnchecked(_("This form has not been checked yet."))
        if conf.verify_phone() and not _is_verified(draft):
            raise PhoneUnverified(_("First write the code that we sent to your telephone."))
        contacts = list(filter(None, (line_of(answers["phone"]), answers["email"].casefold())))
        prepared = prepare_idea(
            campaign=campaign,
            answers={**answers, "phone_verified": _is_verified(draft)},
            at=at,
            form_hash=draft.form_hash,
            suspicions=sorted({*(draft.content.suspicions or ()), *_crowds(address, contacts, at)}),
        )
        sent = _send(draft, prepared, contacts, at=at, address=address)
    return sent


def _own(key: UUID, campaign: Campaign, at: datetime) -> models.QuerySet[Draft]:
    return Draft.objects.filter(form_hash__in=form_hashes(key), campaign=campaign, expires_at__gt=at)


@in_one_transaction
def _send(seen: Draft, prepared: Prepared, contacts: list[str], *, at: datetime, address: str) -> Sent | None:
    """Save what was prepared from a draft; None where it was kept anew or dropped meanwhile."""
    draft = Draft.objects.select_for_update().filter(pk=seen.pk).first()
    if draft is None or (draft.idea_id is None and draft.payload != seen.payload):
        return None
    if draft.idea is not None:
        return Sent(draft.idea, draft.content.code)
    _require_few(contacts, at)
    sent = take_in(prepared, address=address)
    attach_photos(draft=draft, idea=sent.idea)
    draft.idea, draft.expires_at = sent.idea, at + RECEIPT_LIFE
    draft.content = DraftContent(form_key=seen.content.form_key, code=sent.code)
    draft.save(update_fields=["idea", "payload", "expires_at"])
    _count(address, contacts, at)
    return sent


def _is_verified(draft: Draft) -> bool:
    content = draft.content
    return bool(content.verified and content.answers) and content.verified == line_of((content.answers or {})["phone"])


def _require_few(contacts: list[str], at: datetime) -> None:
    """Refuses if the office has set a limit for the ideas of one contact, and it is reached."""
    limit = conf.limit_contact_day()
    for contact in contacts if limit else ():
        if not consume("contact", contact, most=limit, per=DAY, at=at):
            raise TooMany(_("Many ideas came in with this contact today. Please send this one tomorrow."))


def _crowds(address: str, contacts: list[str], at: datetime) -> set[Suspicion]:
    """Whether many ideas come from here."""
    found = set()
    sender = [("idea-address", sender_of(address))] if address else []
    most = counted([*sender, *(("idea-contact", contact) for contact in contacts)], at=at)
    if most.get("idea-address", 0) >= conf.suspect_address_hour():
        found.add(Suspicion.ADDRESS)
    if most.get("idea-contact", 0) >= conf.suspect_contact_day():
        found.add(Suspicion.CONTACT)
    return found


def _count(address: str, contacts: list[str], at: datetime) -> None:
    """Count an idea that is in: last of all, so that those who share an address wait for each other's commit only."""
    sender = [("idea-address", sender_of(address), HOUR)] if address else []
    consume_all([*sender, *(("idea-contact", contact, DAY) for contact in contacts)], at=at)


def is_same(draft: Draft, answers: Mapping[str, Any]) -> bool:
    """Whether a draft has become an idea and these answers say nothing new: words, choices, contact and consent."""
    if draft.idea is None:
        return False
    return is_same_idea(draft.idea, answers)


def is_same_idea(idea: Idea, answers: Mapping[str, Any]) -> bool:
    resident = Resident.objects.filter(idea=idea).first()
    if resident is None:
        return False
    words = {name: getattr(idea, name) for name in ORIGINAL_TEXTS}
    words |= {"topic": idea.topic.slug, "area": idea.area.code if idea.area else UNKNOWN_AREA}
    person = {**resident.contact, "naming": resident.naming}
    consent = bool(answers.get("publish_consent")) == (resident.publish_consented_at is not None)
    return consent and all(answers[name] == value for name, value in {**words, **person}.items())


@in_one_transaction
def drop_expired_drafts(*, at: datetime) -> int:
    """Delete whatever is unsent and whose time is over, and sent drafts, with the photos that nobody sent.

    Returns the number of rows.
    """
    photos = Photo.objects.filter(draft__in=Draft.objects.expired(at).only("pk"))
    delete_photos(photos)
    gone = 0
    for model in (Draft, UnsentInput, UnsentMarks, ImportFile):
        # Never what they say: one whose key is gone must go too.
        gone += model.objects.expired(at).only("pk").delete()[1].get(model._meta.label, 0)
    return gone


def require_open(campaign: Campaign, at: datetime) -> None:
    if campaign.phase(at) != Phase.COLLECTING:
        raise CampaignClosed(_("This campaign is not taking ideas now."))
