"""All tables, one file per topic."""

from ideas.models.advice import WordList
from ideas.models.campaigns import Area, Campaign, Topic
from ideas.models.certificates import Certificate
from ideas.models.contact_releases import ContactRelease
from ideas.models.drafts import Draft, ImportFile, UnsentInput, UnsentMarks
from ideas.models.duplicates import DuplicateLink, OriginalTerms, PendingComparison, PublishedTerms, TermCount
from ideas.models.health import Heartbeat, KeyMark
from ideas.models.ideas import Idea, IdeaVersion
from ideas.models.kept import KeptPost
from ideas.models.messages import Message
from ideas.models.milestones import Milestone
from ideas.models.notices import Notice, NoticeTerm, Objection
from ideas.models.office import OfficeEvent
from ideas.models.once import UsedKey
from ideas.models.open_data import OpenData
from ideas.models.panel import Assignment, AssignmentRun, Conflict, Panellist, Recusal
from ideas.models.papers import CampaignPapers
from ideas.models.people import Unit, User
from ideas.models.photos import Photo
from ideas.models.publishing import PendingText
from ideas.models.questions import UnitQuestion
from ideas.models.ratings import Criterion, Mark, MarkDecision, Rating
from ideas.models.record import RecordPart, SealedRecord, SignedMinutes, Unsealing
from ideas.models.referrals import Referral, ReferralAnswer, ReferralEvent, ReferralIdea
from ideas.models.referring import CampaignDays, ReferralRule
from ideas.models.residents import Resident
from ideas.models.score_card import ScoreFigure
from ideas.models.screening import Claim, Reply
from ideas.models.shortlist import Exchange, IncompatiblePair, Quota, Shortlist, ShortlistEntry, Tier
from ideas.models.stamps import AuditStamp
from ideas.models.supervision import Supervision, SupervisionOrder
from ideas.models.throttle import RateLimitCounter
from ideas.models.verdicts import ResidentVerdict
from ideas.models.workdays import CalendarDay, CalendarYear
from ideas.models.workflow import IdeaEvent, ResidentStatement

__all__ = [
    "Area",
    "Assignment",
    "AssignmentRun",
    "AuditStamp",
    "CalendarDay",
    "CalendarYear",
    "Campaign",
    "CampaignDays",
    "CampaignPapers",
    "Certificate",
    "Claim",
    "Conflict",
    "ContactRelease",
    "Criterion",
    "Draft",
    "DuplicateLink",
    "Exchange",
    "Heartbeat",
    "Idea",
    "IdeaEvent",
    "IdeaVersion",
    "ImportFile",
    "IncompatiblePair",
    "KeptPost",
    "KeyMark",
    "Mark",
    "MarkDecision",
    "Message",
    "Milestone",
    "Notice",
    "NoticeTerm",
    "Objection",
    "OfficeEvent",
    "OpenData",
    "OriginalTerms",
    "Panellist",
    "PendingComparison",
    "PendingText",
    "Photo",
    "PublishedTerms",
    "Quota",
    "RateLimitCounter",
    "Rating",
    "RecordPart",
    "Recusal",
    "Referral",
    "ReferralAnswer",
    "ReferralEvent",
    "ReferralIdea",
    "ReferralRule",
    "Reply",
    "Resident",
    "ResidentStatement",
    "ResidentVerdict",
    "ScoreFigure",
    "SealedRecord",
    "Shortlist",
    "ShortlistEntry",
    "SignedMinutes",
    "Supervision",
    "SupervisionOrder",
    "TermCount",
    "Tier",
    "Topic",
    "Unit",
    "UnitQuestion",
    "Unsealing",
    "UnsentInput",
    "UnsentMarks",
    "UsedKey",
    "User",
    "WordList",
]
