"""Supervision 督办: telling units, the office and the named leader of due days; the office's own orders.

Each step is taken once, whatever happens to a worker: the row that says so and the messages are one transaction, and
the referrals are locked before it is looked whether the step was taken already.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import translation
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Language, Medium, MessageTemplate, ReferralAct, SupervisionStep
from ideas.errors import lacking
from ideas.models import Campaign, Referral, Supervision, SupervisionOrder, Unit, User
from ideas.queries.access import require
from ideas.queries.supervision import Running, running, taken, to_be_told
from ideas.queries.workdays import calendar_of
from ideas.rules.privacy import takes_sms
from ideas.rules.supervision import escalation_of, steps_due
from ideas.rules.visible import required
from ideas.rules.workdays import Calendar, due_day, is_workday
from ideas.services.health import for_each
from ideas.services.messages import queue_for_staff
from ideas.services.referrals import held, move_referral
from ideas.services.transactions import in_one_transaction

FROM_HOUR = 8  # local time: nobody is woken by a reminder
YEAR = timedelta(days=366)  # what is overdue longer has had all its steps
AHEAD = timedelta(days=31)  # further than any holiday
NAMED_IN_SMS = 3
UNIT_DESK, OFFICE_DESK = "/unit/", "/admin/ideas/referral/"
Taken = tuple[Running, SupervisionStep]
Address = tuple[str, str]  # medium, address
Told = dict[tuple[int, SupervisionStep], list[Address]]  # by the key of the referral, and the step


def supervise(*, at: datetime) -> int:
    """Take every step whose day has come, unit by unit; returns at how many units there was one. On days off, and
    before the office opens, nothing happens."""
    today = localdate(at)
    calendar = calendar_of(today - YEAR, today + AHEAD)
    if not is_workday(today, calendar) or localtime(at).hour < FROM_HOUR:
        return 0
    rows = running(Referral.objects.followed(), until=due_day(today, 1, calendar))
    units = {item.referral.unit for item, _step in _to_take(rows, today, calendar)}
    return for_each(
        sorted(units, key=lambda unit: unit.pk),
        lambda unit: supervise_unit(unit=unit, at=at, calendar=calendar),
        what="supervision of unit",
    )


def _to_take(rows: list[Running], today: date, calendar: Calendar) -> list[Taken]:
    escalation, done = escalation_of(conf.escalation()), taken(rows)
    steps = ((row, step) for row in rows for step in steps_due(row.due_on, today, calendar, escalation))
    return [(row, step) for row, step in steps if row.key(step) not in done]


@in_one_transaction
def supervise_unit(*, unit: Unit, at: datetime, calendar: Calendar) -> int:
    """The steps about one unit's referrals, each person told once of all of them; returns how many were taken.

    Whoever acts on one of them meanwhile, or another worker, comes before or after it.
    """
    today, until = localdate(at), due_day(localdate(at), 1, calendar)
    own = Referral.objects.followed().filter(unit=unit)
    found = {item.referral.pk for item in running(own, until=until)}
    rows = Referral.objects.select_for_update(of=("self",)).filter(pk__in=found).order_by("pk")
    now = Referral.objects.followed().filter(pk__in=[row.pk for row in rows if row.unit_id == unit.pk])
    steps = _to_take(running(now, until=until), today, calendar)
    told = _told(unit, steps, set(now.restricted().values_list("pk", flat=True)))
    Supervision.objects.bulk_create(
        Supervision(
            referral=item.referral,
            unit=unit,
            order=item.order,
            runs=item.runs,
            due_on=item.due_on,
            step=step,
            version=item.referral.version,
            told=len(told[item.referral.pk, step]),
            at=at,
        )
        for item, step in steps
    )
    queue_for_staff(_messages(unit, steps, told, today), template=MessageTemplate.SUPERVISION, at=at)
    return len(steps)


def _told(unit: Unit, steps: Iterable[Taken], restricted: set[int]) -> Told:
    """Whom each step about each referral is told: all of one step the same, but for those of restricted ideas."""
    same: dict[tuple[int | None, SupervisionStep], list[Address]] = {}
    told: Told = {}
    for item, step in steps:
        alone = item.referral if item.referral.pk in restricted else None
        key = (alone.pk if alone else None, step)
        if key not in same:
            same[key] = _addresses(unit, step, alone)
        told[item.referral.pk, step] = same[key]
    return told


def _addresses(unit: Unit, step: SupervisionStep, restricted: Referral | None) -> list[Address]:
    if step == SupervisionStep.LEADER and not restricted:
        reached = [("" if word.startswith("+") else word, word) for word in conf.leaders()]
    else:
        reached = list(to_be_told(unit, step, restricted).order_by("pk").values_list("email", "phone"))
    return list(dict.fromkeys(address for pair in reached for address in reached_at(*pair)))


def reached_at(email: str, phone: str) -> Iterator[Address]:
    """By e-mail, or by SMS where somebody has no e-mail address or the office sends none; maybe by neither."""
    number = f"+86{phone}" if phone and not phone.startswith("+") else phone
    if email and conf.gateway(Medium.EMAIL) is not None:
        yield Medium.EMAIL, email
    elif takes_sms(number, conf.sms_countries()) and conf.gateway(Medium.SMS) is not None:
        yield Medium.SMS, number


def _messages(unit: Unit, steps: Iterable[Taken], told: Told, today: date) -> list[tuple[str, str, dict[str, str]]]:
    """(medium, address, variables) of one message to everybody who is told anything: each line a day with its
    number, and nothing of the idea."""
    lines: dict[Address, dict[tuple[Referral, date], str]] = defaultdict(dict)
    desks: dict[Address, str] = {}
    with translation.override(Language.CHINESE):
        for item, step in steps:
            for address in told[item.referral.pk, step]:
                lines[address][item.referral, item.due_on] = _line(item, today)
                is_offices = unit.by_letter or step in (SupervisionStep.OFFICE, SupervisionStep.LEADER)
                desks[address] = OFFICE_DESK if is_offices else desks.get(address, UNIT_DESK)
        return [
            (medium, to, _variables(unit, list(lines[medium, to].values()), desks[medium, to])) for medium, to in lines
        ]


def _line(item: Running, today: date) -> str:
    number = str(item.order or item.referral)
    days = (today - item.due_on).days
    if days > 0:
        how = ngettext("%d day overdue", "%d days overdue", days) % days
    else:
        how = gettext("due today") if days == 0 else gettext("due soon")
    return f"{number} {item.runs.label} {item.due_on.isoformat()} {how}"


def _variables(unit: Unit, lines: list[str], desk: str) -> dict[str, str]:
    numbers = "、".join(line.split()[0] for line in lines[:NAMED_IN_SMS])
    more = gettext("and more") if len(lines) > NAMED_IN_SMS else ""
    return {
        "unit": unit.name,
        "count": str(len(lines)),
        "lines": "\n".join(lines),
        "numbers": numbers + more,
        "link": f"{conf.site_url()}{desk}",
    }


@in_one_transaction
def issue_order(
    *, referral: Referral, staff: User, at: datetime, words: str, due_on: date, expected_version: int | None = None
) -> SupervisionOrder:
    """The office asks for a referral by words and a day of its own, which is supervised like any other; it replaces the
    order before it."""
    Campaign.objects.select_for_update(no_key=True).get(pk=referral.campaign_id)  # no number twice
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    words = required(words, _("Write what the unit is to do."))
    if due_on < localdate(at):
        raise lacking("due_on", _("%(day)s is over already.") % {"day": due_on.isoformat()})
    detail = {"due_on": due_on.isoformat()}
    move_referral(referral, ReferralAct.SUPERVISE, actor=staff, at=at, words=words, detail=detail)
    last = SupervisionOrder.objects.filter(campaign=referral.campaign).aggregate(last=Max("number"))["last"] or 0
    return SupervisionOrder.objects.create(
        campaign=referral.campaign,
        number=last + 1,
        referral=referral,
        unit=referral.unit,
        version=referral.version,
        words=words,
        due_on=due_on,
        issued_by=staff,
        issued_at=at,
    )
