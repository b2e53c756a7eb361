"""The staff's desks in Django's admin, one file per desk."""

import ideas.admin.texts  # noqa: F401 - before any desk is registered
from ideas.admin import (
    advice,
    campaigns,
    messages,
    notices,
    office,
    panel,
    people,
    publishing,
    referrals,
    referring,
    replies,
    score_card,
    screening,
    shortlist,
    workdays,
)

__all__ = [
    "advice",
    "campaigns",
    "messages",
    "notices",
    "office",
    "panel",
    "people",
    "publishing",
    "referrals",
    "referring",
    "replies",
    "score_card",
    "screening",
    "shortlist",
    "workdays",
]
