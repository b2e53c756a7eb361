"""Closed lists, each with its values and its official wording (docs/glossary.md)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Phase(TextChoices):
    """Where a campaign stands at a moment; computed from its dates, never stored."""

    UPCOMING = "upcoming", _("not open yet")
    COLLECTING = "collecting", _("open for ideas")
    REVIEWING = "reviewing", _("under review")
    PUBLISHED = "published", _("results published")


class Status(TextChoices):
    """Where an idea stands; written by services.workflow.move_idea() only."""

    RECEIVED = "received", _("awaiting screening")
    RETURNED = "returned", _("more information asked")
    ACCEPTED = "accepted", _("accepted as valid")
    DECLINED = "declined", _("not accepted")
    MERGED = "merged", _("merged")
    TRANSFERRED = "transferred", _("passed to another channel")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SHORTLISTED = "shortlisted", _("provisionally chosen")
    AWARDED = "awarded", _("winner")


class PublicStatus(TextChoices):
    """What residents and the public may know of a status (rules.workflow.public_status)."""

    RECEIVED = "received", _("awaiting screening")
    RETURNED = "returned", _("more information asked")
    DECLINED = "declined", _("not accepted")
    MERGED = "merged", _("merged")
    TRANSFERRED = "transferred", _("passed to another channel")
    WITHDRAWN = "withdrawn", _("withdrawn")
    UNDER_REVIEW = "under_review", _("under review")
    WINNER = "winner", _("winner")
    NOT_SELECTED = "not_selected", _("not selected")


class Action(TextChoices):
    """What can happen to an idea; each leaves one audit event."""

    SUBMIT = "submit", _("submitted")
    ACCEPT = "accept", _("accepted")
    RETURN = "return", _("returned with a question")
    ANSWER = "answer", _("question answered")
    DECLINE = "decline", _("declined")
    MERGE = "merge", _("merged into an earlier idea")
    TRANSFER = "transfer", _("passed to another channel")
    WITHDRAW = "withdraw", _("withdrawn by the resident")
    EDIT_PUBLISHED = "edit_published", _("published text edited")
    SHORTLIST = "shortlist", _("proposed for the list")
    UNLIST = "unlist", _("taken off the list")
    AWARD = "award", _("released as a winner")


class DeclineReason(TextChoices):
    """Why an idea is not valid; the wording is told to the resident."""

    PERSONAL_DISPUTE = "personal_dispute", _("a personal dispute")
    COURT_OR_PETITION = "court_or_petition", _("a matter for courts or petitions")
    EMERGENCY = "emergency", _("an emergency (110, 119 or 120)")
    OUTSIDE_AREA = "outside_area", _("outside this district")
    ALREADY_HANDLED = "already_handled", _("already being handled")
    PRIVATE_OR_SECRET = "private_or_secret", _("private data or secrets")
    ADVERTISING = "advertising", _("advertising")
    INSULT = "insult", _("insulting")
    UNCLEAR = "unclear", _("no workable suggestion")


class Channel(TextChoices):
    """Other public channels that an idea may be passed to."""

    POLICE = "110", _("110 police")
    HOTLINE = "12345", _("12345 citizens' hotline")
    ORGANISED_CRIME = "12337", _("12337 tips on organised crime")
    DISCIPLINE = "12388", _("12388 tips on officials")


class Source(TextChoices):
    """The way an idea came in."""

    WEB = "web", _("web form")
    PAPER = "paper", _("paper slip")
    PHONE = "phone", _("telephone")
    WECHAT = "wechat", _("WeChat")
    IMPORT = "import", _("imported file")


class Naming(TextChoices):
    """How a proposer wishes to be named if the idea wins."""

    REAL = "real", _("by real name")
    NET_NAME = "net_name", _("by a net name")
    ANONYMOUS = "anonymous", _("not named")


class Language(TextChoices):
    """Languages of messages; the same codes as settings.LANGUAGES."""

    CHINESE = "zh-hans", _("Chinese")
    ENGLISH = "en", _("English")


class Medium(TextChoices):
    """How a message travels."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")


class MessageTemplate(TextChoices):
    """What residents are told; the words are in templates/messages/<value>.*."""

    RECEIPT = "receipt", _("receipt")
    ACCEPTED = "accepted", _("accepted as valid")
    RETURNED = "returned", _("more information asked")
    DECLINED = "declined", _("not accepted")
    MERGED = "merged", _("merged")
    TRANSFERRED = "transferred", _("passed to another channel")
    WINNER = "winner", _("winner")
    NOT_SELECTED = "not_selected", _("not selected")


class MessageState(TextChoices):
    """Where an outbox row stands."""

    QUEUED = "queued", pgettext_lazy("message", "waiting")
    SENT = "sent", pgettext_lazy("message", "sent")
    DEAD = "dead", pgettext_lazy("message", "given up")


class Role(TextChoices):
    """Groups of staff; services.people.sync_roles() gives each its permissions."""

    MANAGER = "campaign-manager", _("campaign manager")
    MODERATOR = "moderator", _("moderator")
    CLERK = "community-clerk", _("community clerk")
    PANELLIST = "panellist", _("panellist")
    OFFICER = "unit-officer", _("unit officer")
    AUDITOR = "auditor", _("auditor")
