"""What stands on a publishing page, and which texts and photos wait for somebody to check them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from ideas.models import Idea, PendingText, Photo
from ideas.queries import access
from ideas.rules.workflow import VALID

MOST = 100


def photos_of(idea: Idea, user: access.AnyUser) -> list[Photo]:
    """The photos on an idea's publishing page: its own, and those of the ideas merged into it, each with its copies."""
    rows = Photo.objects.filter(Q(idea=idea) | Q(idea__merged_into=idea)).order_by("idea__received_at", "id")
    rows = access.without_slips(user, access.visible_to(user, rows, "idea__restricted"))
    return list(rows.select_related("idea__campaign", "checked_by").prefetch_related("copies"))


def texts_to_check(user: access.AnyUser) -> QuerySet[PendingText]:
    """The texts that wait for a check, the longest waiting first."""
    rows = PendingText.objects.filter(idea__in=access.screened_ideas(user)).order_by("edited_at", "id")
    return rows.select_related("idea__campaign", "edited_by", "checked_by")[:MOST]


def photos_to_check(user: access.AnyUser) -> list[tuple[Idea, list[Photo]]]:
    """Photos that are not released, of published ideas and of those merged into them, by the published idea.

    A photo with a covered copy does not wait: its copy does.
    """
    published = Q(idea__status__in=VALID) & ~Q(idea__published_text="")
    published |= Q(idea__merged_into__status__in=VALID) & ~Q(idea__merged_into__published_text="")
    copies = Photo.objects.filter(copy_of=OuterRef("pk"))
    rows = Photo.objects.unrestricted().filter(published, ~Exists(copies), shown_at=None, is_slip=False)
    rows = rows.filter(idea__in=access.screened_ideas(user)).select_related("idea__merged_into").order_by("id")
    found: dict[int, tuple[Idea, list[Photo]]] = {}
    for photo in rows[:MOST]:
        idea = photo.idea and (photo.idea.merged_into or photo.idea)
        if idea:
            found.setdefault(idea.pk, (idea, []))[1].append(photo)
    return list(found.values())
