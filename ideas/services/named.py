"""Referrals of restricted ideas: for people of the unit whom a keeper names one by one, and nobody else there.

As long as nobody is named, nobody of the unit can act and no day runs; the naming gives the days back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, ReferralAct
from ideas.errors import Refusal
from ideas.models import Idea, Referral, Unit, User
from ideas.queries.access import require
from ideas.queries.named import is_restricted, people_of, referrals_of, unnamed_since
from ideas.queries.referrals import people_with
from ideas.rules.referrals import WITH_UNIT, Days
from ideas.services.referrals import give_back, held, move_referral, send_referral
from ideas.services.transactions import in_one_transaction


@in_one_transaction
def send_to_named(
    *,
    ideas: Sequence[Idea],
    unit: Unit,
    people: Collection[User],
    staff: User,
    at: datetime,
    instruction: str,
    days: Days | None = None,
    expected_versions: Mapping[int, int | None] | None = None,
) -> Referral:
    """Give restricted ideas to named people of a unit: no unrestricted idea goes with them, and no unit helps."""
    require(staff, "ideas.see_restricted")
    _require_able(unit, people)
    referral = send_referral(
        ideas=ideas,
        unit=unit,
        staff=staff,
        at=at,
        instruction=instruction,
        days=days,
        expected_versions=expected_versions,
        for_named=True,
    )
    _name(referral, people, staff=staff, at=at)
    return referral


@in_one_transaction
def name_people(
    *, referral: Referral, people: Collection[User], staff: User, at: datetime, expected_version: int | None = None
) -> None:
    """From now on the referral of a restricted idea is for these people of its unit, and for nobody else there."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    require(staff, "ideas.see_restricted")
    if not is_restricted(referral):
        raise Refusal(_("None of its ideas is restricted: it is for the whole unit."))
    _require_able(referral.unit, people)
    _name(referral, people, staff=staff, at=at)


def _require_able(unit: Unit, people: Collection[User]) -> None:
    keys = {person.pk for person in people}
    if unit.by_letter:
        raise Refusal(_("Nobody of %(unit)s can log in; restricted ideas go to named people only.") % {"unit": unit})
    if not keys or set(people_of(unit).filter(pk__in=keys).values_list("pk", flat=True)) != keys:
        raise Refusal(_("Choose officers and heads of %(unit)s.") % {"unit": unit})
    if not unit.one_person and not people_with("approve_referral").filter(pk__in=keys).exists():
        raise Refusal(_("Choose a head of %(unit)s as well, who approves what leaves it.") % {"unit": unit})


def _name(referral: Referral, people: Collection[User], *, staff: User, at: datetime) -> None:
    detail: dict[str, Any] = {"named": sorted(person.pk for person in people), **_days_of_waiting(referral, at)}
    referral.named.set(people)
    names = "、".join(str(person) for person in people)
    move_referral(referral, ReferralAct.NAME, actor=staff, at=at, words=names, detail=detail)


def follow_restriction(
    ideas: Sequence[Idea], *, before: Collection[int], action: Action, at: datetime, actor: User | None
) -> None:
    """Part of restricting ideas, or lifting it: their referrals (`before` are the keys of those that were restricted)
    are for nobody of the unit until somebody is named, or for the whole unit again."""
    for row in referrals_of(ideas):
        hides = is_restricted(row)
        if hides == (row.pk in before):
            continue
        referral = held(row)
        days = {} if hides else _days_of_waiting(referral, at)
        referral.named.clear()
        act = ReferralAct.HIDE if hides else ReferralAct.SHOW
        move_referral(referral, act, actor=actor, at=at, detail={"why": action.value, **days})


def _days_of_waiting(referral: Referral, at: datetime) -> dict[str, list[str]]:
    """Set later the days that ran while nobody was named; where they stood still anyhow, another act gives them
    back."""
    since = unnamed_since(referral)
    return give_back(referral, since, at) if since and referral.state in WITH_UNIT else {}
