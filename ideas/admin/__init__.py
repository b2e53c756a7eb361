"""The staff's desks in Django's admin, one file per desk."""

from ideas.admin import campaigns, messages, panel, people, screening, shortlist

__all__ = ["campaigns", "messages", "panel", "people", "screening", "shortlist"]
