"""An officer and a head ask for every address by every key there is, and follow every link: nobody's person, no other
unit's referral, no mark, no list, no restricted idea is in any byte of any answer."""

import re
from itertools import product

import pytest
from django.urls import NoReverseMatch, reverse

from ideas.choices import AnswerKind, ContactPurpose, Role
from ideas.models import Assignment, Campaign, Idea, OfficeEvent, Photo, Referral, Shortlist, Unit, UnitQuestion, User
from ideas.services import answers, questions
from ideas.services.contact_releases import release_contact
from ideas.services.proposal import propose_shortlist
from ideas.services.ratings import save_rating
from ideas.services.restricted import restrict_idea
from ideas.services.tracking import answer_unit
from tests import clock, factories
from tests.addresses import names
from tests.test_blind_round import leaks
from tests.views.tracked import seen

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]
AT = clock.LATER
PERSON = ("林小满", "12012345678", "120 1234 5678", "120****", "resident@", "海边的风", "林*")
OTHERS = ("只交给别的单位的要求", "别的单位的内部意见", "别的单位想了解的事", "别的单位办理的建议")
IN_GENERAL = {("/privacy/", "拟入选")}  # says what a notice shows, of no idea
CHOICE = ("邻桌写下的评语", "拟入选的那一条建议", "拟入选")
RESTRICTED = "只给指定人员看的线索"
NAMED = "只给同单位另外两人的线索"
SECRETS = (*PERSON, *OTHERS, *CHOICE, RESTRICTED, NAMED)
TEXT = {
    "title": "林小满建议加装路灯",
    "problem": "我是海边的风，这里很黑，打我电话 120 1234 5678。",
    "proposal": "加两盏灯，联系 resident@example.com，微信同号12012345678。",
}
TABLES = (Assignment, Campaign, Idea, OfficeEvent, Referral, Shortlist, UnitQuestion, User)
ACTS = ("acknowledge", "ask", "save", "hand-in", "approve", "pass-back", "return")


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def own(unit, moderator, manager):
    """The own unit's referral, in a campaign that is rated and listed; beside it whatever is not for the unit."""
    campaign = factories.make_campaign(show_ideas=True, places=1)
    ideas = factories.accepted(campaign, moderator, 1, **TEXT)
    listed, theirs, hidden = (
        factories.accepted(campaign, moderator, 1, title=title)[0] for title in (CHOICE[1], OTHERS[3], RESTRICTED)
    )
    rate(campaign, listed)
    own = factories.referred(ideas, unit, moderator)
    other = factories.make_unit("别的局")
    of_other(factories.referred([theirs], other, moderator, instruction=OTHERS[0]), other, moderator, theirs)
    answered(own, unit, moderator, ideas[0])
    restricted = factories.referred([hidden], unit, moderator, instruction=RESTRICTED)
    restrict_idea(idea=hidden, staff=moderator, at=clock.DURING, reason=RESTRICTED)
    assert restricted.unit == unit
    colleagues = [factories.make_user(role, unit=unit) for role in (Role.OFFICER, Role.HEAD)]
    known = factories.make_idea(campaign, title=NAMED)
    factories.referred_to_named(known, unit, factories.make_keeper(), colleagues, instruction=NAMED)
    propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    return own


def rate(campaign, listed):
    factories.make_panel(campaign, 2)
    for assignment in factories.assigned(campaign):
        criteria = campaign.criteria.values_list("id", flat=True)
        points = dict.fromkeys(criteria, 9 if assignment.idea_id == listed.pk else 3)
        person = assignment.panellist.user
        save_rating(assignment=assignment, panellist=person, points=points, comment=CHOICE[0], at=clock.RATING)


def of_other(referral, other, moderator, idea):
    """Another unit's draft, question and released contact."""
    officer = factories.officer_of(other)
    words = {"adoption": "adopted", "public": "", "internal": OTHERS[1], "finish_on": None}
    about = {"referral": referral, "at": clock.DURING}
    answers.save_draft(**about, officer=officer, kind=AnswerKind.PLAN, words=words)
    questions.ask(**about, officer=officer, words=OTHERS[2], idea=idea)
    until = clock.DURING.date()
    release_contact(**about, idea=idea, staff=moderator, purpose=ContactPurpose.PLACE, until=until)


def answered(referral, unit, moderator, idea):
    """What its resident answered, with a name and a number in it."""
    about = {"referral": referral, "at": clock.DURING}
    questions.ask(**about, officer=factories.officer_of(unit), words="哪盏灯不亮？", idea=idea)
    questions.pass_on(**about, staff=moderator, words="请问是哪盏灯？")
    version = seen(idea, clock.DURING)
    answer_unit(idea=idea, answer="问林小满，12012345678。", at=clock.DURING, expected_version=version)


def keys():
    """Every key of a row that an address could name."""
    numbers = {pk for table in TABLES for pk in table.objects.values_list("pk", flat=True)}
    return sorted(numbers), list(Photo.objects.values_list("key", flat=True)), list(Campaign.objects.all())


def addresses(only=""):
    numbers, photos, campaigns = keys()
    slugs = [campaign.slug for campaign in campaigns]
    receipts = list(Idea.objects.values_list("receipt", flat=True))
    single = [*numbers, *slugs, *photos]
    double = [*product(slugs, receipts), *product(numbers, ACTS)]
    for name in sorted(name for name in names() if name.startswith(only)):
        for given in [(), *((key,) for key in single), *double]:
            try:
                yield reverse(name, args=given)
            except NoReverseMatch:
                continue


def linked(client, starts):
    """Every address that a link, a form or a picture leads to, from page to page."""
    found, waiting = set(), list(starts)
    while waiting:
        page = waiting.pop()
        if page in found or page.startswith("/logout"):
            continue
        found.add(page)
        answer = client.get(page)
        if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
            continue
        text = answer.content.decode()
        links = re.findall(r'(?:href|src|action|formaction)="(/[^"#]*)', text)
        waiting += [link.replace("&amp;", "&") for link in links if not link.startswith("/static/")]
    return found


def posted(client):
    """The answers to every press on every referral."""
    for pk, act in product(Referral.objects.values_list("pk", flat=True), ACTS):
        yield client.post(reverse("unit-act", args=[pk, act]), {"seen": 1, "words": "x", "reason": "x"})
    for pk, release in product(Referral.objects.values_list("pk", flat=True), range(1, 4)):
        yield client.post(reverse("unit-contact", args=[pk]), {"release": release})


@pytest.mark.parametrize("person", [factories.officer_of, factories.head_of])
def test_a_unit_finds_nothing_that_is_not_its_own_at_any_address(client, unit, own, person):
    with clock.at(AT):
        client.force_login(person(unit))
        pages = linked(client, [reverse("unit"), reverse("home")]) | set(addresses())
        assert {reverse("unit-referral", args=[own.pk]), reverse("unit") + "?ended"} <= pages
        found = leaks(client, sorted(pages), SECRETS)
        assert [leak for leak in found if leak not in IN_GENERAL] == []
        presses = [answer.content.decode() + str(answer.headers) for answer in posted(client)]
    assert [secret for secret in SECRETS if any(secret in text for text in presses)] == []


def test_the_crawl_finds_each_of_them_where_they_are_shown(client, own):
    """To an administrator, and a draft to its own unit, at a part of the same addresses."""
    administrator = factories.make_user(is_superuser=True)
    User.objects.filter(pk=administrator.pk).update(is_staff=True)
    head = factories.head_of(Unit.objects.get(name="别的局"))
    parts = {administrator: [f"admin:ideas_{model}_" for model in ("idea", "referral", "campaign")], head: ["unit"]}
    found = set()
    with clock.at(AT):
        for person, prefixes in parts.items():
            client.force_login(person)
            pages = {page for prefix in prefixes for page in addresses(prefix)}
            found |= {secret for _page, secret in leaks(client, sorted(pages), SECRETS)}
    assert set(SECRETS) - found == set()
