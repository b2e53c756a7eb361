"""What proposers are told of a referral: everybody of one release once, and nothing that is held back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ideas.choices import MessageTemplate
from ideas.models import Idea, Referral, ReferralIdea
from ideas.queries.referrals import told_referrals
from ideas.services.messages import tell_resident


def tell_proposers(
    referral: Referral,
    places: Iterable[ReferralIdea],
    *,
    template: MessageTemplate,
    at: datetime,
    variables: dict[str, Any],
) -> None:
    """The proposers and co-proposers of these places, each of whom is told of one idea once; what is held back while
    the winners are chosen stands on the tracking page after the release."""
    leaders = [place.idea for place in places]
    merged = Idea.objects.unrestricted().filter(merged_into__in=leaders).exclude(pk__in=[idea.pk for idea in leaders])
    for idea in (*leaders, *merged.by_receipt()):
        if told_referrals(idea).filter(pk=referral.pk).exists():
            tell_resident(idea=idea, template=template, at=at, variables=variables)
