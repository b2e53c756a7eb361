"""The pages of restricted ideas at a unit: a keeper chooses the people; nobody else finds a byte of it anywhere."""

from datetime import datetime
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ideas.choices import ReferralState, Role
from ideas.models import Idea, Referral
from ideas.services.named import name_people
from ideas.services.restricted import restrict_idea
from ideas.services.screening import accept_idea
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
SECRET, TASK = "举报某处违建的线索", "请两位当面核查线索。"


@pytest.fixture(autouse=True)
def monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def pair(unit):
    return [factories.officer_of(unit), factories.head_of(unit)]


@pytest.fixture
def idea(campaign, moderator):
    idea = factories.make_idea(campaign, title=SECRET)
    accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    restrict_idea(idea=idea, staff=moderator, at=clock.DURING, reason="线索")
    return Idea.objects.get(pk=idea.pk)


@pytest.fixture
def referral(idea, unit, pair, keeper):
    return factories.referred_to_named(idea, unit, keeper, pair, instruction=TASK)


def send(client, idea, unit, **given):
    version = Idea.objects.get(pk=idea.pk).version
    days = {"acknowledge": 1, "answer": 3, "finish": 7, "instruction": TASK}
    data = {"idea": idea.pk, f"seen-{idea.pk}": version, "unit": unit.pk, **days, **given}
    return client.post(reverse("admin:ideas_referral_send_named"), data)


def text_of(answer):
    return answer.content.decode()


def test_a_keeper_comes_from_the_idea_over_the_unit_to_its_people(client, idea, unit, pair, keeper):
    client.force_login(keeper)
    page, form = reverse("admin:ideas_idea_change", args=[idea.pk]), reverse("admin:ideas_referral_send_named")
    assert f"{form}?idea={idea.pk}" in text_of(client.get(page))
    first = text_of(client.get(form, {"idea": idea.pk}))
    assert (SECRET in first, unit.name in first, pair[0].name in first) == (True, True, False)
    second = text_of(client.get(form, {"idea": idea.pk, "unit": unit.pk}))
    assert all(person.name in second for person in pair)
    answer = send(client, idea, unit, people=[person.pk for person in pair])
    sent = Referral.objects.get()
    assert (answer.url, set(sent.named.all())) == (reverse("admin:ideas_referral_change", args=[sent.pk]), set(pair))
    assert all(person.name in text_of(client.get(answer.url)) for person in pair)


def test_what_is_refused_keeps_its_words_and_sends_nothing(client, idea, unit, pair, keeper):
    client.force_login(keeper)
    answer = send(client, idea, unit, people=[pair[0].pk])  # nobody approves
    assert (answer.status_code, TASK in text_of(answer), Referral.objects.exists()) == (422, True, False)
    answer = send(client, idea, unit, people=[pair[0].pk, factories.officer_of(factories.make_unit()).pk])
    assert (answer.status_code, Referral.objects.exists()) == (422, False)


def test_a_unit_without_log_in_is_not_offered_and_found_by_no_key(client, idea, keeper):
    letter = factories.make_unit("某公司", by_letter=True)
    client.force_login(keeper)
    form = reverse("admin:ideas_referral_send_named")
    assert letter.name not in text_of(client.get(form, {"idea": idea.pk}))
    assert client.get(form, {"idea": idea.pk, "unit": letter.pk}).status_code == 404


def test_the_common_form_takes_no_restricted_idea(client, idea, unit, keeper):
    client.force_login(keeper)
    days = {"acknowledge": 1, "answer": 3, "finish": 7, "instruction": TASK, "unit": unit.pk}
    seen = {f"seen-{idea.pk}": idea.version}
    client.post(reverse("admin:ideas_referral_send"), {"idea": idea.pk, **seen, **days})
    assert not Referral.objects.exists()


def outsiders(unit):
    """Whoever must not find it: of its unit, of one that helps with others, of the office."""
    other = factories.make_unit("别的局")
    colleagues = [factories.make_user(role, unit=unit) for role in (Role.OFFICER, Role.HEAD)]
    office = [factories.make_user(role) for role in (Role.MANAGER, Role.MODERATOR, Role.AUDITOR)]
    return [*colleagues, factories.officer_of(other), factories.head_of(other), *office]


def addresses(referral, idea):
    """Every page and button that names it."""
    admin = ("change", "sheet", "order", "milestones", "contact", "named", "photos")
    single = ["unit-referral", "unit-milestones", *(f"admin:ideas_referral_{name}" for name in admin)]
    acts = [reverse(name, args=[referral.pk, "acknowledge"]) for name in ("unit-act", "admin:ideas_referral_act")]
    return [*(reverse(name, args=[referral.pk]) for name in single), *acts]


LISTS = ["unit", "admin:ideas_referral_changelist", "admin:ideas_referral_board", "admin:ideas_referral_figures"]


def figures(client):
    """What the file of figures says, in words."""
    answer = client.get(reverse("admin:ideas_referral_figures_file"))
    if answer.status_code != 200:
        return ""
    rows = load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True)
    return str(list(rows))


@pytest.mark.parametrize("way", ["sent to named people", "restricted later", "restricted later and named"])
def test_nobody_else_finds_a_byte_of_it(client, campaign, unit, pair, keeper, moderator, way):
    strangers = outsiders(unit)
    idea = factories.make_idea(campaign, title=SECRET)
    if way == "sent to named people":
        referral = factories.referred_to_named(idea, unit, keeper, pair, instruction=TASK)
    else:
        helping = [strangers[2].unit]
        referral = factories.referred([idea], unit, moderator, instruction=TASK, helping=helping)
        restrict_idea(idea=Idea.objects.get(pk=idea.pk), staff=moderator, at=clock.DURING, reason="线索")
    if way == "restricted later and named":
        name_people(referral=referral, people=pair, staff=keeper, at=clock.DURING)
    for person in strangers:
        client.force_login(person)
        for address in addresses(referral, idea):
            for answer in (client.get(address), client.post(address, {"seen": 1})):
                assert answer.status_code in (302, 403, 404, 405), address  # 302: to the log-in, or from a button
                assert (SECRET in text_of(answer), TASK in text_of(answer)) == (False, False)
        for name in LISTS:
            answer = client.get(reverse(name))
            text = text_of(answer)
            assert [word for word in (SECRET, TASK, referral.shown_number) if word in text] == [], name
            assert "referral_board" not in name or unit.name not in text
        assert unit.name not in figures(client)


def test_keepers_reach_its_page_and_find_it_on_no_list(client, referral, unit, keeper):
    client.force_login(keeper)
    page = text_of(client.get(reverse("admin:ideas_referral_change", args=[referral.pk])))
    assert (SECRET in page, TASK in page) == (True, True)
    assert reverse("admin:ideas_referral_contact", args=[referral.pk]) not in page
    for name in LISTS[1:]:
        assert referral.shown_number not in text_of(client.get(reverse(name)))
    assert unit.name not in figures(client)


def test_its_named_people_have_it_on_their_desk_and_bring_it_to_the_office(client, referral, pair, keeper):
    officer, head = pair
    client.force_login(officer)
    assert SECRET in text_of(client.get(reverse("unit")))
    page = text_of(client.get(reverse("unit-referral", args=[referral.pk])))
    assert all(word in page for word in (SECRET, TASK, head.name))
    words = {
        "kind": "plan",
        "adoption": "adopted",
        "public": "四月底前查清。",
        "finish_on": "2026-04-30",
        "internal": "",
    }
    press(client, referral, "hand-in", draft="", **words)
    client.force_login(head)
    press(client, referral, "approve")
    assert Referral.objects.get().state == ReferralState.PLANNED
    client.force_login(keeper)
    act = reverse("admin:ideas_referral_act", args=[referral.pk, "release"])
    client.post(act, {"seen": Referral.objects.get().version, "public": "四月底前查清。", "finish_by": "2026-04-30"})
    assert referral.answers.get().released_by == keeper


def press(client, referral, act, **data):
    seen = {"seen": Referral.objects.get(pk=referral.pk).version}
    answer = client.post(reverse("unit-act", args=[referral.pk, act]), {**seen, **data})
    assert answer.status_code == 302


def test_a_named_officer_can_ask_about_it(client, referral, pair, idea):
    client.force_login(pair[0])
    press(client, referral, "ask", words="在哪一栋？", idea=idea.pk)
    assert referral.questions.get().words == "在哪一栋？"


def test_a_keeper_names_people_for_what_was_with_the_unit_before(client, campaign, unit, pair, keeper, moderator):
    idea = factories.make_idea(campaign, title=SECRET)
    referral = factories.referred([idea], unit, moderator)
    restrict_idea(idea=Idea.objects.get(pk=idea.pk), staff=moderator, at=clock.DURING, reason="线索")
    client.force_login(keeper)
    address = reverse("admin:ideas_referral_named", args=[referral.pk])
    assert address in text_of(client.get(reverse("admin:ideas_referral_change", args=[referral.pk])))
    assert SECRET in text_of(client.get(address))
    version = Referral.objects.get().version
    chosen = [person.pk for person in pair]
    for seen, given, status in [(version, [], 422), (1, chosen, 422), (version, chosen, 302)]:
        assert client.post(address, {"seen": seen, "people": given}).status_code == status
    assert set(referral.named.all()) == set(pair)


def test_the_desk_asks_no_more_for_restricted_ones(client, referral, pair, campaign, unit, moderator, keeper):
    client.force_login(pair[0])
    client.get(reverse("unit"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("unit"))
    for _ in range(3):
        factories.referred_to_named(factories.make_idea(campaign), unit, keeper, pair)
        factories.referred([factories.make_idea(campaign)], unit, moderator)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("unit"))
    assert len(one) == len(many) <= 12
