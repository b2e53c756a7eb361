"""Keeping what staff had typed when they were logged out meanwhile, until they are back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ideas.models import KeptPost, User
from ideas.services.transactions import in_one_transaction

LIFE = timedelta(days=1)
MOST_CHARACTERS = 300_000
MOST_FORMS = 10  # of one person; older ones make room
PASSWORDS = ("password", "old_password", "new_password")

Typed = Mapping[str, Sequence[str]]


@in_one_transaction
def keep_post(*, user: User, path: str, page: str, typed: Typed, at: datetime) -> bool:
    """Keep a form for its writer; False for one that is longer than any form of ours can be. Passwords are left out."""
    words = {
        name: list(values)
        for name, values in typed.items()
        if name != "csrfmiddlewaretoken" and not name.rpartition("-")[2].startswith(PASSWORDS)
    }
    if sum(len(name) + len(value) for name, values in words.items() for value in values) > MOST_CHARACTERS:
        return False
    rows = KeptPost.objects.filter(user=user)
    rows.filter(path=path).delete()
    rows.filter(pk__in=list(rows.order_by("-at", "-id").values_list("pk", flat=True)[MOST_FORMS - 1 :])).delete()
    KeptPost.objects.create(user=user, path=path[:500], page=page[:500], payload={"typed": words}, at=at)
    return True


def kept_for(user: User, at: datetime) -> list[KeptPost]:
    """What is still kept for somebody, the oldest first."""
    return list(KeptPost.objects.filter(user=user, at__gt=at - LIFE).order_by("at", "id"))


def drop_kept(*, user: User, path: str) -> None:
    """The form was sent, or its writer does not want it any more."""
    KeptPost.objects.filter(user=user, path=path).delete()


def drop_old_posts(*, at: datetime) -> int:
    return KeptPost.objects.filter(at__lte=at - LIFE).delete()[0]
