"""A first set of ready replies, so that a new office does not begin with an empty desk."""

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from ideas.choices import Channel, DeclineReason, ReplyKind
from ideas.models import Reply

K, D, C = ReplyKind, DeclineReason, Channel
_ = gettext_noop

# (decision, reason or channel, name, words), in the order of their keys; both languages from the catalogue.
STARTER: list[tuple[str, str, str, str]] = [
    (
        K.RETURN,
        "",
        _("where exactly"),
        _("Please tell us the exact place, for example a crossing, bus stop, house number or lamp-post number."),
    ),
    (
        K.RETURN,
        "",
        _("what to do"),
        _("Please add what you propose to do; one or two sentences are enough."),
    ),
    (
        K.RETURN,
        "",
        _("one matter each"),
        _("This idea holds several matters. Please keep one here and send the others separately; each is looked at."),
    ),
    (
        K.DECLINE,
        D.OUTSIDE_AREA,
        _("outside the district"),
        _("The place lies outside our district. Please turn to the authority there."),
    ),
    (
        K.DECLINE,
        D.PERSONAL_DISPUTE,
        _("a personal matter"),
        _("This is a personal matter and not part of this campaign. Please call 12345."),
    ),
    (
        K.DECLINE,
        D.COURT_OR_PETITION,
        _("courts or petitions"),
        _("This matter belongs to courts, arbitration or petitions and is not part of this campaign."),
    ),
    (
        K.DECLINE,
        D.ALREADY_HANDLED,
        _("already being handled"),
        _("This is already being handled by the unit in charge. Thank you for caring."),
    ),
    (
        K.DECLINE,
        D.UNCLEAR,
        _("no workable suggestion"),
        _("We could not find a suggestion that can be carried out. You are welcome to send a more concrete one."),
    ),
    (
        K.DECLINE,
        D.ADVERTISING,
        _("advertising"),
        _("This is advertising and not part of this campaign."),
    ),
    (
        K.TRANSFER,
        C.HOTLINE,
        _("to 12345"),
        _("The 12345 hotline takes such requests. Please call 12345 or use its website."),
    ),
    (
        K.TRANSFER,
        C.POLICE,
        _("to 110"),
        _("In an emergency please call 110 directly."),
    ),
    (
        K.TRANSFER,
        C.ORGANISED_CRIME,
        _("to 12337"),
        _("Please give tips on organised crime through the 12337 platform, which protects you by law."),
    ),
    (
        K.TRANSFER,
        C.DISCIPLINE,
        _("to 12388"),
        _("Please give tips on officials through 12388."),
    ),
]


def starter_replies() -> int:
    """Put the first set where there is no reply at all; returns how many were made."""
    if Reply.objects.exists():
        return 0
    rows = [_reply(position, *row) for position, row in enumerate(STARTER)]
    return len(Reply.objects.bulk_create(rows))


def _reply(position: int, kind: str, code: str, name: str, words: str) -> Reply:
    with translation.override("zh-hans"):
        name_zh, words_zh = gettext(name), gettext(words)
    return Reply(
        kind=kind,
        declined_as=code if kind == K.DECLINE else "",
        channel=code if kind == K.TRANSFER else "",
        name=name_zh,
        name_en=name,
        words=words_zh,
        words_en=words,
        position=position,
    )
