"""The staff's desks in Django's admin, one file per desk."""

from ideas.admin import advice, campaigns, messages, office, panel, people, publishing, replies, screening, shortlist

__all__ = [
    "advice",
    "campaigns",
    "messages",
    "office",
    "panel",
    "people",
    "publishing",
    "replies",
    "screening",
    "shortlist",
]
