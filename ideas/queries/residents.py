"""What a resident is shown of an own idea: its time line in the words of the glossary."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from ideas.choices import Action
from ideas.models import Idea, IdeaEvent
from ideas.rules.workflow import TOLD


@dataclass(frozen=True)
class Step:
    """One line: when, what, and the office's own words if there are some."""

    at: datetime
    title: str
    words: str


def time_line(idea: Idea) -> list[Step]:
    """What has happened, oldest first; what concerns the list shows only as its released result."""
    steps = [_step(event) for event in idea.events.filter(action__in=TOLD).order_by("number")]
    if idea.campaign.released_at and idea.public_status in ("winner", "not_selected"):
        steps.append(Step(idea.campaign.released_at, str(idea.public_status.label), ""))
    return steps


def _step(event: IdeaEvent) -> Step:
    words = event.reason
    if event.action == Action.MERGE:
        words = _("An earlier idea says the same. It leads, and you are kept as its co-proposer.")
    title = {
        Action.SUBMIT: _("We received your idea"),
        Action.ACCEPT: _("Accepted as valid; it goes to the panel"),
        Action.RETURN: _("We ask for more information"),
        Action.ANSWER: _("Your answer was received"),
        Action.DECLINE: _("Not accepted: %(detail)s"),
        Action.MERGE: _("Merged with an earlier idea"),
        Action.TRANSFER: _("Belongs to another channel: %(detail)s"),
        Action.WITHDRAW: _("Withdrawn by you"),
    }[Action(event.action)]
    return Step(event.at, title % {"detail": "".join(event.detail_words)}, words)
