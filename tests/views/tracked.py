"""An own idea as its resident has it open, and the fields of its forms."""

import re
from datetime import timedelta

from ideas.models import Idea
from ideas.queries.access import code_fingerprint
from ideas.queries.tracking import story_of
from tests import clock


def opened(client, idea, at=clock.DURING):
    """As after number and code."""
    session = client.session
    session["opened"] = [idea.pk, (at + timedelta(minutes=30)).isoformat(), code_fingerprint(idea)]
    session.save()
    client.cookies["session"] = session.session_key
    return client


def without_token(answer):
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())


def seen(idea, at=clock.DURING):
    return story_of(Idea.objects.select_related("campaign").get(pk=idea.pk), at).version


def words(idea, **changes):
    texts = {name: getattr(idea, name) for name in ("title", "problem", "proposal", "place")}
    return {**texts, "topic": idea.topic.slug, "area": idea.area.code, "seen": seen(idea), **changes}
