"""What hangs on a unit and on who works there: no open referral may be left without somebody who can act."""

from ideas.models import Referral, Unit, User
from ideas.models.referrals import ReferralQuerySet
from ideas.queries.referrals import people_with

MOST_NAMED = 5
# What a referral needs of somebody at the unit that leads it.
NEEDED = ("work_referral", "approve_referral")


def open_at(unit: Unit) -> ReferralQuerySet:
    """What a unit leads and has not ended."""
    return Referral.objects.open().filter(unit=unit)


def open_numbers(unit: Unit) -> str:
    """The first of them by number, for a sentence; one that is restricted is not named."""
    rows = list(open_at(unit).unrestricted().select_related("campaign").order_by("id")[: MOST_NAMED + 1])
    names = [row.shown_number for row in rows[:MOST_NAMED]]
    return " ".join([*names, "…"] if len(rows) > MOST_NAMED or not rows else names)


def needed_of(unit: Unit) -> tuple[str, ...]:
    """The permissions that somebody of a unit must have, so that its referrals come to an end."""
    if unit.by_letter:
        return ()
    return NEEDED[:1] if unit.one_person else NEEDED


def only_one_with(user: User, unit: Unit) -> list[str]:
    """What nobody of a unit could do without this user, while the unit has open referrals, nor anybody of those whom
    one of them names; the permissions' names."""
    if not open_at(unit).exists():
        return []
    named = [set(row.named.all()) for row in open_at(unit).filter(named=user).prefetch_related("named")]
    able = {name: set(people_with(name).filter(unit=unit)) for name in needed_of(unit)}
    return [name for name, people in able.items() if any(people & among == {user} for among in (people, *named))]


def lacking(unit: Unit) -> list[str]:
    """What nobody of a unit can do, of what its open referrals need, were the unit as it stands in memory."""
    if not open_at(unit).exists():
        return []
    return [name for name in needed_of(unit) if not people_with(name).filter(unit=unit.pk).exists()]
