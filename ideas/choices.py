"""Closed lists, each with its values and its official wording (docs/glossary.md)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

UNKNOWN_AREA = "unknown"  # answered instead of a community: several, or not known


class Phase(TextChoices):
    """Where a campaign stands at a moment; computed from its dates, never stored."""

    UPCOMING = "upcoming", _("not open yet")
    COLLECTING = "collecting", _("open for ideas")
    REVIEWING = "reviewing", _("under review")
    PUBLISHED = "published", _("results published")


class TopicMark(TextChoices):
    """A line drawing that stands for a topic, by its name in static/ideas/marks.svg."""

    IDEA = "idea", pgettext_lazy("mark", "lamp (any topic)")
    ROAD = "road", pgettext_lazy("mark", "road")
    PARKING = "parking", pgettext_lazy("mark", "parking")
    SCHOOL = "school", pgettext_lazy("mark", "school")
    NIGHT = "night", pgettext_lazy("mark", "night")
    FIRE = "fire", pgettext_lazy("mark", "fire")
    NET = "net", pgettext_lazy("mark", "net and fraud")
    NEIGHBOURS = "neighbours", pgettext_lazy("mark", "neighbours")
    ORDER = "order", pgettext_lazy("mark", "public order")
    GANGS = "gangs", pgettext_lazy("mark", "gangs")
    PUBLICITY = "publicity", pgettext_lazy("mark", "publicity")
    GREEN = "green", pgettext_lazy("mark", "green")
    HOME = "home", pgettext_lazy("mark", "home")
    ACCESS = "access", pgettext_lazy("mark", "barrier-free")


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
    AMEND = "amend", _("text changed by the resident")
    APPEAL = "ask_review", _("review asked for")
    UNMERGE = "unmerge", _("merger undone")
    NAME = "name", _("naming changed by the resident")
    NEW_CODE = "new_code", _("new query code sent")
    ERASE = "erase", _("personal data erased")
    SHOW_PHOTO = "show_photo", _("photo released")
    HIDE_PHOTO = "hide_photo", _("photo taken back")
    EDIT_PUBLISHED = "edit_published", _("published text edited")
    SHORTLIST = "shortlist", _("proposed for the list")
    UNLIST = "unlist", _("taken off the list")
    AWARD = "award", _("released as a winner")
    CLASSIFY = "sort", _("topic, community or unit assigned")
    NOTE = "note", _("note of the office")
    UNDO = "undo", _("decision undone")
    LAPSE = "lapse", _("not answered in time")
    RESTRICT = "restrict", _("restricted to named staff")
    UNRESTRICT = "unrestrict", _("restriction lifted")
    REMOVE = "remove", _("text and person removed after the hand-over")
    CHECK_TEXT = "check_text", _("published text checked")
    RELEASE_TEXT = "release_text", _("published text released")
    CHECK_PHOTO = "check_photo", _("photo checked")
    COVER_PHOTO = "cover_photo", _("parts of a photo covered")


class OfficeAct(TextChoices):
    """What staff do with data beyond one idea's trail; each leaves one line in the office's log."""

    SHOW_CONTACT = "show_contact", _("contact shown")
    RELEASE_CONTACT = "release_contact", _("contact released to a unit")
    CONTACT_BACK = "contact_back", _("contact taken back from a unit")
    SEARCH_CONTACT = "search_contact", _("ideas looked for by a contact")
    MANY_CONTACTS = "many_contacts", _("unusually many contacts given out")
    EXPORT = "export", _("list exported")
    IMPORT = "import", _("file imported")
    HAND_OVER = "hand_over", _("restricted idea handed over")
    EARLY_RATING = "early_rating", _("rating begun before screening was over")
    PANEL_ASSIGNED = "panel_assigned", _("ideas assigned to the panel")
    SEAT = "seat", _("seat on the panel changed by hand")
    PANELLIST_LEFT = "panellist_left", _("panellist replaced")
    PANEL_REMINDED = "panel_reminded", _("panel reminded")
    PAPER_BACK = "paper_back", _("marks from paper sent back")
    PAPER_AWAY = "paper_away", _("unconfirmed marks from paper taken away")
    PAPER_ASIDE = "paper_aside", _("standing aside typed in from paper")
    MARK_DECISION = "mark_decision", _("decided whether a mark counts")
    CAMPAIGN_CHANGED = "campaign_changed", _("campaign changed under way")
    RELEASE_ASKED = "release_asked", _("release asked for")
    RELEASE_CONFIRMED = "release_confirmed", _("release confirmed")
    RELEASE_STOPPED = "release_stopped", _("release stopped")
    MESSAGE_AGAIN = "message_again", _("message given up is sent again")
    MESSAGE_CLOSED = "message_closed", _("message given up is closed")
    CERTIFICATES = "certificates", _("certificates issued")
    CERTIFICATE_GIVEN = "certificate_given", _("certificate handed over")
    CERTIFICATE_OFF = "certificate_off", _("certificate withdrawn")
    NOTICE_STARTED = "notice_started", _("provisional list put on notice")
    OBJECTION_DECIDED = "objection_decided", _("objection decided")
    OBJECTION_ERASED = "objection_erased", _("person of an objection erased")


class ReferralState(TextChoices):
    """Where a referral stands; written by services.referrals only, and never in Idea.status."""

    SENT = "sent", pgettext_lazy("referral", "waiting to be acknowledged")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("referral", "acknowledged")
    RETURNED = "returned", pgettext_lazy("referral", "return asked for")
    ASKED = "asked", pgettext_lazy("referral", "waiting for the resident")
    PLANNED = "planned", pgettext_lazy("referral", "being carried out")
    DONE = "done", pgettext_lazy("referral", "reported done")
    CLOSED = "closed", pgettext_lazy("referral", "closed")
    RECALLED = "recalled", pgettext_lazy("referral", "recalled")


class ReferralAct(TextChoices):
    """What can happen to a referral; each leaves one event."""

    SEND = "send", pgettext_lazy("referral", "sent to the unit")
    ACKNOWLEDGE = "acknowledge", pgettext_lazy("referral", "acknowledged")
    ASK_RETURN = "ask_return", pgettext_lazy("referral", "return asked for")
    REASSIGN = "reassign", pgettext_lazy("referral", "given to another unit")
    KEEP = "keep", pgettext_lazy("referral", "stays with the unit")
    ASK = "ask", pgettext_lazy("referral", "question asked")
    PASS_ON = "pass_on", pgettext_lazy("referral", "question passed on to the resident")
    REPLY = "reply", pgettext_lazy("referral", "question answered by the resident")
    LAPSE = "lapse", pgettext_lazy("referral", "question not answered by the resident")
    SETTLE = "settle", pgettext_lazy("referral", "question answered by the office")
    HAND_IN = "hand_in", pgettext_lazy("referral", "answer handed in")
    PASS_BACK = "pass_back", pgettext_lazy("referral", "answer passed back")
    PLAN = "plan", pgettext_lazy("referral", "answered by the unit")
    REPORT = "report", pgettext_lazy("referral", "reported done by the unit")
    REPORT_PLACE = "report_place", pgettext_lazy("referral", "some places reported done by the unit")
    RELEASE = "release", pgettext_lazy("referral", "answer released")
    CLOSE_PLACE = "close_place", pgettext_lazy("referral", "a place closed")
    CLOSE = "close", pgettext_lazy("referral", "closed")
    NOT_YET = "not_yet", pgettext_lazy("referral", "not done yet, in the eyes of the office")
    REOPEN = "reopen", pgettext_lazy("referral", "taken up again")
    CHANGE_DUE = "change_due", pgettext_lazy("referral", "days changed")
    SUPERVISE = "supervise", pgettext_lazy("referral", "supervision order issued")
    RECALL = "recall", pgettext_lazy("referral", "recalled")
    TAKE_OFF = "take_off", pgettext_lazy("referral", "an idea taken off")
    PUT_BACK = "put_back", pgettext_lazy("referral", "an idea given back")
    ADD = "add", pgettext_lazy("referral", "an idea joined")
    HIDE = "hide", pgettext_lazy("referral", "only for named people")
    NAME = "name", pgettext_lazy("referral", "people named")
    SHOW = "show", pgettext_lazy("referral", "for the whole unit again")
    ADD_PHOTO = "add_photo", pgettext_lazy("referral", "photos added")
    DROP_PHOTO = "drop_photo", pgettext_lazy("referral", "photo removed")
    # The same words as of an idea's photos (Action).
    CHECK_PHOTO = "check_photo", _("photo checked")
    COVER_PHOTO = "cover_photo", _("parts of a photo covered")
    SHOW_PHOTO = "show_photo", _("photo released")
    HIDE_PHOTO = "hide_photo", _("photo taken back")
    PLAN_STEP = "plan_step", pgettext_lazy("referral", "milestone planned")
    REPORT_STEP = "report_step", pgettext_lazy("referral", "milestone reported done")
    PASS_STEP = "pass_step", pgettext_lazy("referral", "milestones approved by the unit")
    SHOW_STEP = "show_step", pgettext_lazy("referral", "milestones released")
    BACK_STEP = "back_step", pgettext_lazy("referral", "milestone taken back")


class PhotoStage(TextChoices):
    """What a unit's photo of a place shows."""

    BEFORE = "before", pgettext_lazy("photo", "before")
    DURING = "during", pgettext_lazy("photo", "at a milestone")
    AFTER = "after", pgettext_lazy("photo", "after")


class Runs(TextChoices):
    """What a due day is about: a step of the unit's, or an order of the office's."""

    ACKNOWLEDGE = "acknowledge", pgettext_lazy("due", "to acknowledge")
    ANSWER = "answer", pgettext_lazy("due", "to answer")
    FINISH = "finish", pgettext_lazy("due", "to be done")
    ORDER = "order", pgettext_lazy("due", "supervision order")


class SupervisionStep(TextChoices):
    """Who is told of a due day, one after the other: each once."""

    REMIND = "remind", pgettext_lazy("supervision", "reminded before the day")
    NOTICE = "notice", pgettext_lazy("supervision", "reminded on the day")
    OFFICER = "officer", pgettext_lazy("supervision", "supervised: officer")
    HEAD = "head", pgettext_lazy("supervision", "supervised: head of the unit")
    OFFICE = "office", pgettext_lazy("supervision", "supervised: office")
    LEADER = "leader", pgettext_lazy("supervision", "supervised: named leader")


class QuestionState(TextChoices):
    """Where a unit's question stands."""

    OFFICE = "office", pgettext_lazy("question", "waiting for the office")
    RESIDENT = "resident", pgettext_lazy("question", "waiting for the resident")
    REPLIED = "replied", pgettext_lazy("question", "answered by the resident")
    SETTLED = "settled", pgettext_lazy("question", "answered by the office")
    LAPSED = "lapsed", pgettext_lazy("question", "not answered by the resident")
    DROPPED = "dropped", pgettext_lazy("question", "not needed any more")


class MilestoneState(TextChoices):
    """How far a milestone has come: planned, then reported done; each is approved by the unit's head and released by
    the office, and public only then."""

    PROPOSED = "proposed", pgettext_lazy("milestone", "waiting for the unit's head")
    APPROVED = "approved", pgettext_lazy("milestone", "waiting for the office")
    RELEASED = "released", pgettext_lazy("milestone", "to come")
    REPORTED = "reported", pgettext_lazy("milestone", "reported done, waiting for the unit's head")
    CONFIRMED = "confirmed", pgettext_lazy("milestone", "reported done, waiting for the office")
    DONE = "done", pgettext_lazy("milestone", "done")
    DROPPED = "dropped", pgettext_lazy("milestone", "taken back")


class FiguresBy(TextChoices):
    """What the rows of a sheet of figures are of."""

    UNIT = "unit", _("By unit")
    TOPIC = "topic", _("By topic")
    STREET = "street", _("By street")


class Measure(TextChoices):
    """A share by which units are put into lists."""

    PUNCTUALITY = "punctuality", _("share in time")
    RESPONSE = "response", _("share answered")
    SOLVED = "solved_share", _("share solved")
    SATISFIED = "satisfied_share", _("share satisfied")


class AnswerKind(TextChoices):
    """What a unit says of a referral."""

    PLAN = "plan", pgettext_lazy("answer", "answer with a plan")
    DONE = "done", pgettext_lazy("answer", "report that it is done")


class AnswerState(TextChoices):
    """How far an answer has come: the unit's head approves what leaves it, the office releases what is public."""

    DRAFT = "draft", pgettext_lazy("answer", "draft")
    HANDED_IN = "handed_in", pgettext_lazy("answer", "waiting for the unit's head")
    APPROVED = "approved", pgettext_lazy("answer", "waiting for the office")
    RELEASED = "released", pgettext_lazy("answer", "released")
    REPLACED = "replaced", pgettext_lazy("answer", "replaced by a later one")


class Adoption(TextChoices):
    """What a unit makes of an idea."""

    ADOPTED = "adopted", _("adopted")
    PARTLY = "partly", _("adopted in part")
    UNDER_WAY = "under_way", _("already under way")
    PLANNED = "planned", _("planned")
    NOT_ADOPTED = "not_adopted", _("not adopted")


class Satisfaction(TextChoices):
    """What a resident says of how an idea was dealt with."""

    SATISFIED = "satisfied", pgettext_lazy("verdict", "satisfied")
    MOSTLY = "mostly", pgettext_lazy("verdict", "mostly satisfied")
    NOT = "not", pgettext_lazy("verdict", "not satisfied")


class SeatMove(TextChoices):
    """What a manager did by hand with a seat on the panel."""

    ADDED = "added", _("put on the desk")
    REMOVED = "removed", _("taken off the desk")


class ContactPurpose(TextChoices):
    """Why a member of staff has contacts shown, looks for one, or takes them away in a file."""

    QUESTION = "question", _("to ask about the idea")
    ANSWER = "answer", _("to tell what became of it")
    PLACE = "place", _("to look at the place together")
    AWARD = "award", _("for the award")
    OTHER = "other", _("other")


class Caller(TextChoices):
    """Who asked the office to withdraw an idea, and how."""

    TELEPHONE = "telephone", _("the resident, by telephone")
    COUNTER = "counter", _("the resident, in person")
    LETTER = "letter", _("the resident, in writing")
    GUARDIAN = "guardian", _("somebody who may speak for the resident")


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


class Suspicion(TextChoices):
    """Why an idea looks like junk. It is told to moderators only; nothing is refused for it."""

    HONEYPOT = "honeypot", _("a field was filled in that people do not see")
    FAST = "fast", _("sent faster than anybody types")
    ADDRESS = "address", _("many ideas from one network address")
    CONTACT = "contact", _("many ideas from one contact")


class ReplyKind(TextChoices):
    """The decisions for which moderators keep ready-made words."""

    RETURN = "return", _("returned with a question")
    DECLINE = "decline", _("declined")
    TRANSFER = "transfer", _("passed to another channel")


class WordCategory(TextChoices):
    """What a word list warns of. It is advice to moderators; nothing is refused for it."""

    INSULT = "insult", _("insulting")
    ADVERTISING = "advertising", _("advertising")
    TIP = "tip", _("a tip about crime or officials")
    SECRET = "secret", _("secrets")
    OTHER = "other", _("other")


class Disguise(TextChoices):
    """How a word of a list was written so that it does not look like itself."""

    SPACED = "spaced", _("with signs or spaces between")
    STYLED = "styled", _("in full-width or other unusual letters")
    TRADITIONAL = "traditional", _("in traditional characters")
    PINYIN = "pinyin", _("in pinyin")
    SOUND = "sound", _("with characters that sound alike")


class PrivateKind(TextChoices):
    """Private data inside a text, which the published text leaves out."""

    PHONE = "phone", _("telephone number")
    ID_NUMBER = "id_number", _("identity number")
    PLATE = "plate", _("number plate")
    EMAIL = "email", _("e-mail address")
    BANK_CARD = "bank_card", _("bank card number")
    NAME = "name", _("the proposer's name")
    HOME = "home", _("the number of a flat")
    ACCOUNT = "account", _("WeChat or QQ number")


class Verdict(TextChoices):
    """What a moderator said of two ideas that look alike."""

    SAME = "same", _("the same")
    DIFFERENT = "different", _("not the same")


class ScoreMethod(TextChoices):
    """How the marks of an idea become its score (rules.ratings)."""

    CALIBRATED = "calibrated", _("calibrated mean")
    MEAN = "mean", _("plain mean")
    TRIMMED = "trimmed", _("mean without the highest and the lowest mark")


class RunKind(TextChoices):
    """Why assignments were filled."""

    ROUND = "round", _("a round for all ideas")
    LEADERS = "leaders", _("second round, leading ideas by score")
    CHOSEN = "chosen", _("second round, ideas that the manager chose")
    REPLACE = "replace", _("seats of a panellist who left")


class Bar(TextChoices):
    """Why somebody may not rate, or why a mark given earlier may not count (queries.eligibility)."""

    DISABLED = "disabled", _("the account is disabled")
    NAMES = "names", _("a role that shows who proposed what")
    CONFLICT = "conflict", _("a declared conflict of interest")
    UNIT = "unit", _("the idea belongs to the own unit")
    ADDRESS = "address", _("the idea came with the own e-mail address")
    KNOWN = "known", _("typed the idea in, or was shown who proposed it")


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
    """What residents, and a few of the staff, are told; the words are in templates/messages/<value>.*."""

    RECEIPT = "receipt", _("receipt")
    ACCEPTED = "accepted", _("accepted as valid")
    RETURNED = "returned", _("more information asked")
    DECLINED = "declined", _("not accepted")
    MERGED = "merged", _("merged")
    TRANSFERRED = "transferred", _("passed to another channel")
    WINNER = "winner", _("winner")
    NOT_SELECTED = "not_selected", _("not selected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    UNMERGED = "unmerged", _("merger undone")
    NEW_CODE = "new_code", _("new query code")
    VERIFY = "verify", _("check of the telephone number")
    LAPSED = "lapsed", _("not answered in time")
    PANEL_REMINDER = "panel_reminder", _("reminder to a panellist")
    AUDIT_HEAD = "audit_head", _("last stamp of the audit trail")
    ANSWERED = "answered", _("answer of a unit")
    CLOSED = "closed", _("closed, and a verdict asked for")
    REOPENED = "reopened", _("word to a unit's head that a problem is not solved")
    SUPERVISION = "supervision", _("referrals of a unit that are due or overdue")
    UNIT_ASKS = "unit_asks", _("question of a unit")
    MILESTONE = "milestone", _("milestones of a unit")
    RESTRICTED = "restricted", _("word to a keeper that a restricted idea waits")
    RESTRICTED_WAITS = "restricted_waits", _("reminder to a keeper that restricted ideas wait")
    OBJECTION = "objection", _("receipt of an objection")
    OBJECTION_DECIDED = "objection_decided", _("decision of an objection")


class MessageState(TextChoices):
    """Where an outbox row stands."""

    QUEUED = "queued", pgettext_lazy("message", "waiting")
    SENT = "sent", pgettext_lazy("message", "sent")
    DEAD = "dead", pgettext_lazy("message", "given up")


class FollowUp(TextChoices):
    """What became of a winner at the units, as everybody is told."""

    GIVEN = "given", pgettext_lazy("winner", "given to a unit")
    UNDER_WAY = "under_way", pgettext_lazy("winner", "being carried out")
    DONE = "done", pgettext_lazy("winner", "done")
    ANSWERED = "answered", pgettext_lazy("winner", "answered")


class ExchangeCategory(TextChoices):
    """Why the list differs from the scores; the reason says it in full."""

    SAME_PROBLEM = "same_problem", _("another idea on the list solves the same problem")
    UNDER_WAY = "under_way", _("already being carried out")
    NOT_ALLOWED = "not_allowed", _("not allowed by law or policy")
    WRONG_FACTS = "wrong_facts", _("its facts turned out to be wrong")
    BALANCE = "balance", _("balance of topics and communities")
    PROPOSER = "proposer", _("the proposer does not want it")
    OBJECTION = "objection", _("an objection was upheld")
    OTHER = "other", _("another reason")


class ObjectionGround(TextChoices):
    """Why somebody objects to a provisional list, or to one idea on it."""

    COPIED = "copied", pgettext_lazy("objection", "the idea is somebody else's")
    FACTS = "facts", pgettext_lazy("objection", "the facts are wrong")
    UNDER_WAY = "under_way", pgettext_lazy("objection", "it has been carried out already")
    UNFAIR = "unfair", pgettext_lazy("objection", "the choice was not fair")
    PRIVATE = "private", pgettext_lazy("objection", "it shows what is private")
    OTHER = "other", pgettext_lazy("objection", "another reason")


class ObjectionState(TextChoices):
    """Where an objection stands; decided once."""

    OPEN = "open", pgettext_lazy("objection", "waiting for a decision")
    UPHELD = "upheld", pgettext_lazy("objection", "upheld")
    REJECTED = "rejected", pgettext_lazy("objection", "rejected")


class ExchangeState(TextChoices):
    """Where an exchange stands: one person proposes it, a second one's consent makes it."""

    WAITING = "waiting", pgettext_lazy("exchange", "waiting for a second person")
    MADE = "made", pgettext_lazy("exchange", "made")
    REFUSED = "refused", pgettext_lazy("exchange", "refused")
    TAKEN_BACK = "taken_back", pgettext_lazy("exchange", "taken back")


class Edition(TextChoices):
    """The two forms of a sealed record: in full for the archive, and without persons for everybody."""

    ARCHIVE = "archive", _("archive edition")
    PUBLIC = "public", _("public edition")


class Role(TextChoices):
    """Groups of staff; services.roles.sync_roles() gives each its permissions."""

    MANAGER = "campaign-manager", _("campaign manager")
    MODERATOR = "moderator", _("moderator")
    CLERK = "community-clerk", _("community clerk")
    PANELLIST = "panellist", _("panellist")
    OFFICER = "unit-officer", _("unit officer")
    HEAD = "unit-head", _("head of a unit")
    AUDITOR = "auditor", _("auditor")
    KEEPER = "restricted-keeper", _("keeper of restricted ideas")
