"""All tables, one file per topic."""

from ideas.models.campaigns import Area, Campaign, Topic
from ideas.models.ideas import Draft, Idea
from ideas.models.messages import Message
from ideas.models.panel import Assignment, Panellist, Recusal
from ideas.models.people import Unit, User
from ideas.models.ratings import Criterion, Mark, Rating
from ideas.models.residents import Resident
from ideas.models.shortlist import Exchange, Pick, Shortlist
from ideas.models.workflow import IdeaEvent

__all__ = [
    "Area",
    "Assignment",
    "Campaign",
    "Criterion",
    "Draft",
    "Exchange",
    "Idea",
    "IdeaEvent",
    "Mark",
    "Message",
    "Panellist",
    "Pick",
    "Rating",
    "Recusal",
    "Resident",
    "Shortlist",
    "Topic",
    "Unit",
    "User",
]
