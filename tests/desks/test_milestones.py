"""The page of a referral's milestones, for the unit and for the office; and where residents read of them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ideas.models import CampaignDays, Milestone, Photo, Referral
from ideas.services import milestones
from ideas.services.referrals import acknowledge
from tests import clock, factories
from tests.desks.test_units import MONDAY
from tests.views.tracked import opened

pytestmark = pytest.mark.django_db
WORDS = "灯杆基础完工"


@pytest.fixture(autouse=True)
def monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    row = factories.referred([factories.make_idea(campaign)], unit, moderator)
    acknowledge(referral=row, officer=factories.officer_of(unit), at=MONDAY)
    return row


@pytest.fixture
def officer(client, unit):
    client.force_login(factories.officer_of(unit))


@pytest.fixture
def milestone(referral, unit, moderator):
    """A released one."""
    given = {"referral": referral, "at": MONDAY}
    milestones.plan_milestone(**given, officer=factories.officer_of(unit), planned_on=MONDAY.date(), words=WORDS)
    milestones.approve_milestones(**given, head=factories.head_of(unit))
    milestones.release_milestones(**given, staff=moderator)
    return Milestone.objects.get()


def address(referral, name="unit-milestones"):
    return reverse(name, args=[referral.pk])


def press(client, referral, act, name="unit-milestones", **given):
    seen = Referral.objects.get(pk=referral.pk).version
    return client.post(address(referral, name), {"seen": seen, "act": act, **given})


def state():
    return Milestone.objects.get().state


def test_a_milestone_is_planned_approved_and_released_by_three_presses(client, unit, referral, moderator):
    found = []
    people = [("plan", factories.officer_of(unit)), ("approve", factories.head_of(unit)), ("release", moderator)]
    for act, person in people:
        client.force_login(person)
        name = "admin:ideas_referral_milestones" if act == "release" else "unit-milestones"
        press(client, referral, act, name, **({"day": "2026-04-10", "words": WORDS} if act == "plan" else {}))
        found.append(state())
    assert found == ["proposed", "approved", "released"]


def test_a_day_that_is_over_is_said_at_its_field_and_the_words_stay(client, officer, referral):
    answer = press(client, referral, "plan", day="2026-03-01", words=WORDS)
    text = answer.content.decode()
    assert (answer.status_code, WORDS in text, Milestone.objects.count()) == (409, True, 0)
    field = text.partition('for="plan_day"')[2].partition('for="plan_words"')[0]
    assert "2026-03-01已经过去。" in field or "2026-03-01" in field.partition('class="field-error"')[2]


def test_no_day_and_no_words_are_said_too(client, officer, referral):
    answer = press(client, referral, "plan", day="", words="")
    assert (answer.status_code, answer.content.decode().count('class="field-error"')) == (422, 2)


def test_one_is_reported_done_with_photos(client, officer, referral, milestone):
    given = {"milestone": milestone.pk, "day": "2026-03-23", "words": "已浇筑。", "place": referral.places.get().pk}
    press(client, referral, "report", **given, photos=[factories.photo_file()])
    photo = Photo.objects.get()
    assert (state(), photo.milestone, photo.stage) == ("reported", milestone, "during")


def test_a_file_that_is_no_photo_costs_no_words(client, officer, referral, milestone):
    given = {"milestone": milestone.pk, "day": "2026-03-23", "words": "已浇筑。", "place": referral.places.get().pk}
    bad = SimpleUploadedFile("notes.txt", b"no photo", "text/plain")
    answer = press(client, referral, "report", **given, photos=[bad, factories.photo_file()])
    text = answer.content.decode()
    assert (answer.status_code, "不是照片" in text, "已浇筑。" in text) == (422, True, True)
    assert (state(), Photo.objects.count()) == ("released", 1)


def test_an_act_that_is_not_offered_is_refused_in_words(client, officer, referral):
    answer = press(client, referral, "approve")
    assert (answer.status_code, "现在不能这样做" in answer.content.decode()) == (409, True)
    assert press(client, referral, "explode").status_code == 404


def test_another_units_milestones_are_not_there(client, referral, campaign, moderator, milestone):
    other = factories.make_unit()
    own = factories.referred([factories.make_idea(campaign)], other, moderator)
    client.force_login(factories.officer_of(other))
    assert client.get(address(referral)).status_code == 404
    acknowledge(referral=own, officer=factories.officer_of(other), at=MONDAY)
    press(client, own, "back", milestone=milestone.pk, words="误")
    assert state() == "released"


def test_the_office_takes_one_back_with_a_reason(client, referral, milestone, moderator):
    client.force_login(moderator)
    name = "admin:ideas_referral_milestones"
    answer = press(client, referral, "back", name, milestone=milestone.pk, words="")
    assert (answer.status_code, state()) == (422, "released")
    press(client, referral, "back", name, milestone=milestone.pk, words="日期有误。")
    assert state() == "dropped"


def test_both_pages_of_the_referral_lead_there(client, officer, referral, milestone, moderator):
    unit_page = client.get(address(referral, "unit-referral")).content.decode()
    client.force_login(moderator)
    office_page = client.get(address(referral, "admin:ideas_referral_change")).content.decode()
    assert [WORDS in unit_page, address(referral) in unit_page] == [True, True]
    assert [WORDS in office_page, address(referral, "admin:ideas_referral_milestones") in office_page] == [True, True]


def test_the_resident_reads_what_is_to_come_and_that_it_is_late(client, referral, milestone):
    idea = referral.places.get().idea
    found = []
    for day in (23, 24):
        at = MONDAY.replace(day=day)
        with clock.at(at):
            text = opened(client, idea, at).get(reverse("track")).content.decode()
        found.append([WORDS in text, "超期" in text])
    assert found == [[True, False], [True, True]]


def test_with_a_shown_idea_everybody_reads_it_where_the_campaign_says_so(client, unit, moderator):
    campaign = factories.make_campaign(show_ideas=True)
    [idea] = factories.published(campaign, moderator)
    row = factories.referred([idea], unit, moderator)
    acknowledge(referral=row, officer=factories.officer_of(unit), at=MONDAY)
    given = {"referral": row, "at": MONDAY}
    milestones.plan_milestone(**given, officer=factories.head_of(unit), planned_on=MONDAY.date(), words=WORDS)
    found = []
    for shown in (False, True):
        CampaignDays.objects.update_or_create(campaign=campaign, defaults={"show_way": shown})
        text = client.get(reverse("idea", args=[campaign.slug, idea.receipt])).content.decode()
        found.append(["城管局" in text, WORDS in text])
    milestones.release_milestones(**given, staff=moderator)
    text = client.get(reverse("idea", args=[campaign.slug, idea.receipt])).content.decode()
    assert (found, WORDS in text) == ([[False, False], [True, False]], True)


def test_the_page_asks_as_much_for_ten_milestones_as_for_one(
    client, officer, unit, referral, milestone, django_assert_max_num_queries
):
    for number in range(2):
        with django_assert_max_num_queries(19):
            assert client.get(address(referral)).status_code == 200
        if not number:
            for n in range(9):
                person, day = factories.officer_of(unit), MONDAY.date()
                given = {"officer": person, "at": MONDAY, "planned_on": day, "words": f"第{n}处"}
                milestones.plan_milestone(referral=referral, **given)
