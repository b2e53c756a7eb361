"""No contact reaches a unit but one that the office released: for a referral, a purpose, some days; looks are told."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from ideas.choices import ContactPurpose, OfficeAct, Role
from ideas.errors import NotPermitted, Refusal, WrongRole
from ideas.models import ContactRelease, OfficeEvent, Referral, Resident
from ideas.queries.contact_releases import in_force
from ideas.queries.invariants import violations
from ideas.services.contact_releases import release_contact, see_contact, take_contact_back
from ideas.services.referrals import ask_return, keep, reassign, recall
from ideas.services.restricted import lift_restriction, restrict_idea
from ideas.services.tracking import erase_person
from tests import clock, factories
from tests.views.tracked import seen

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
FRIDAY = date(2026, 3, 27)
SECRETS = ("林小满", "12012345678", "120 1234 5678", "resident@example.com", "海边的风")


@pytest.fixture(autouse=True)
def monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


@pytest.fixture
def helper(db):
    return factories.make_unit("园林中心")


@pytest.fixture
def referral(idea, unit, helper, moderator):
    return factories.referred([idea], unit, moderator, helping=[helper])


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


def release(referral, idea, staff, until=FRIDAY, **more):
    given = {"purpose": ContactPurpose.PLACE, "words": "一起看现场", **more}
    return release_contact(referral=referral, idea=idea, staff=staff, at=MONDAY, until=until, **given)


@pytest.fixture
def released(referral, idea, moderator):
    return release(referral, idea, moderator)


def press(client, released):
    return client.post(reverse("unit-contact", args=[released.referral_id]), {"release": released.pk})


def leaks(*answers):
    return [secret for answer in answers for secret in SECRETS if secret in answer.content.decode()]


def page(client, referral):
    return client.get(reverse("unit-referral", args=[referral.pk]))


def looks():
    return OfficeEvent.objects.filter(act=OfficeAct.SHOW_CONTACT).order_by("id")


def test_an_officer_sees_it_by_a_click_and_each_look_is_logged(client, officer, released, idea, referral):
    client.force_login(officer)
    before = page(client, referral)
    assert (leaks(before), reverse("unit-contact", args=[referral.pk]) in before.content.decode()) == ([], True)
    answers = [press(client, released), press(client, released)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {"林小满", "12012345678", "resident@example.com"} <= set(leaks(answers[0]))
    assert "no-store" in answers[0]["Cache-Control"]
    expected = {"purpose": "place", "unit": "城管局", "referral": referral.shown_number}
    assert [(row.actor, row.at, row.idea, row.purpose, row.detail) for row in looks()] == [
        (officer, MONDAY, idea, "一起看现场", expected)
    ] * 2
    assert leaks(page(client, referral)) == []


def test_the_log_says_who_gave_what_to_whom_for_what_and_until_when(released, moderator, idea, referral):
    row = OfficeEvent.objects.get(act=OfficeAct.RELEASE_CONTACT)
    detail = {"purpose": "place", "unit": "城管局", "referral": referral.shown_number, "until": "2026-03-27"}
    assert (row.actor, row.idea, row.purpose, row.detail) == (moderator, idea, "一起看现场", detail)
    assert list(violations()) == []


def test_whose_consent_names_no_units_is_asked_first(client, referral, idea, moderator):
    Resident.objects.update(consent_version="2026-07")
    client.force_login(moderator)
    address = reverse("admin:ideas_referral_contact", args=[referral.pk])
    assert f"{idea.receipt}需要" in client.get(address).content.decode()
    given = {
        "idea": idea.pk,
        "purpose": "place",
        "words": "一起看现场",
        "until": "2026-03-27",
        "seen": referral.version,
    }
    answer = client.post(address, given)
    assert (answer.status_code, [*answer.context["give_form"].errors]) == (422, ["agreed"])
    assert client.post(address, {**given, "agreed": "on"}).status_code == 302
    assert OfficeEvent.objects.get(act=OfficeAct.RELEASE_CONTACT).detail["agreed"] is True


def test_who_agreed_to_todays_notice_is_asked_nothing_anew(client, referral, moderator):
    client.force_login(moderator)
    page = client.get(reverse("admin:ideas_referral_contact", args=[referral.pk]))
    assert "agreed" not in page.context["give_form"].fields


@pytest.mark.parametrize("who", ["helper", "stranger"])
def test_no_other_unit_gets_a_byte_of_it(client, released, referral, helper, who):
    unit = helper if who == "helper" else factories.make_unit()
    person = factories.officer_of(unit)
    client.force_login(person)
    answers = [press(client, released), page(client, referral), client.get(reverse("unit"))]
    assert (leaks(*answers), looks().exists()) == ([], False)
    assert answers[0].status_code == (422 if who == "helper" else 404)
    with pytest.raises(NotPermitted):
        see_contact(release=released, officer=person, at=MONDAY)
    assert "查看联系方式" not in answers[1].content.decode()


@pytest.mark.parametrize("role", [Role.PANELLIST, Role.CLERK, Role.MODERATOR])
def test_nobody_without_the_role_sees_it(unit, released, role):
    with pytest.raises(WrongRole):
        see_contact(release=released, officer=factories.make_user(role, unit=unit), at=MONDAY)


def end_by_day(released, **_more):
    return datetime(2026, 3, 28, tzinfo=clock.SHANGHAI)


def end_by_recall(released, moderator, **_more):
    recall(referral=released.referral, staff=moderator, at=MONDAY, reason="发错单位。")


def end_by_giving_away(released, moderator, officer, helper, **_more):
    """And back again: it stays over."""
    later = MONDAY + timedelta(hours=1)
    ask_return(referral=released.referral, officer=officer, at=MONDAY, reason="不属本单位。")
    reassign(referral=released.referral, unit=helper, staff=moderator, at=later, words="请办理。")
    other = factories.officer_of(helper)
    ask_return(referral=released.referral, officer=other, at=later, reason="不属本单位。")
    reassign(referral=released.referral, unit=officer.unit, staff=moderator, at=later, words="请办理。")


def end_by_erasure(released, idea, **_more):
    erase_person(idea=idea, at=MONDAY, expected_version=seen(idea, MONDAY))


def end_by_restriction(released, moderator, idea, **_more):
    """Also when it is lifted again."""
    restrict_idea(idea=idea, staff=moderator, at=MONDAY, reason="线索")
    lift_restriction(idea=idea, staff=factories.make_keeper(), at=MONDAY, reason="不涉密")


def end_by_the_office(released, moderator, **_more):
    take_contact_back(release=released, staff=moderator, at=MONDAY)


ENDS = [
    end_by_day, end_by_recall, end_by_giving_away, end_by_erasure, end_by_restriction, end_by_the_office,
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_after_its_end_nobody_gets_a_byte_of_it(client, released, referral, moderator, officer, helper, idea, end):
    at = end(released, moderator=moderator, officer=officer, helper=helper, idea=idea) or MONDAY + timedelta(hours=2)
    client.force_login(officer)
    with clock.at(at):
        client.force_login(officer)
        answers = [press(client, released), page(client, referral)]
    assert (answers[0].status_code, leaks(*answers), looks().exists()) == (422, [], False)
    assert "查看联系方式" not in answers[1].content.decode()
    assert (in_force(at).exists(), list(violations())) == (False, [])


def test_until_the_last_moment_of_its_day_it_is_there(released, officer):
    see_contact(release=released, officer=officer, at=datetime(2026, 3, 28, tzinfo=clock.SHANGHAI) - clock.BLINK)
    assert looks().count() == 1


def test_a_return_that_is_refused_ends_nothing(released, officer, moderator, referral):
    ask_return(referral=referral, officer=officer, at=MONDAY, reason="不属本单位。")
    keep(referral=referral, staff=moderator, at=MONDAY, words="请办理。")
    assert see_contact(release=released, officer=officer, at=MONDAY).name == "林小满"


@pytest.mark.parametrize("until", [date(2026, 3, 22), date(2026, 4, 23)])
def test_the_days_are_bounded(referral, idea, moderator, until):
    with pytest.raises(Refusal):
        release(referral, idea, moderator, until)
    assert not ContactRelease.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"purpose": ""}, {"purpose": "other", "words": " "}, {"purpose": "curiosity", "words": "x"}]
)
def test_there_is_a_purpose(referral, idea, moderator, wrong):
    with pytest.raises(Refusal):
        release(referral, idea, moderator, **wrong)


def test_only_the_office_gives_a_contact(referral, idea, officer):
    for person in (officer, factories.make_user(Role.AUDITOR)):
        with pytest.raises(WrongRole):
            release(referral, idea, person)


def test_what_is_not_of_the_referral_erased_or_for_a_letter_is_not_given(campaign, referral, idea, moderator):
    letter = factories.make_unit(by_letter=True)
    other = factories.make_idea(campaign)
    by_letter = factories.referred([other], letter, moderator)
    erase_person(idea=idea, at=MONDAY, expected_version=seen(idea, MONDAY))
    for row, one in ((referral, other), (referral, idea), (by_letter, other)):
        with pytest.raises(Refusal):
            release(row, one, moderator)


def test_it_is_given_once_and_anew_when_it_is_over(released, referral, idea, moderator):
    with pytest.raises(Refusal):
        release(referral, idea, moderator)
    take_contact_back(release=released, staff=moderator, at=MONDAY)
    with pytest.raises(Refusal):
        take_contact_back(release=released, staff=moderator, at=MONDAY)
    assert release(referral, idea, moderator).pk != released.pk


def test_nothing_of_the_person_is_stored_with_it(released, officer):
    see_contact(release=released, officer=officer, at=MONDAY)
    rows = [*ContactRelease.objects.values(), *OfficeEvent.objects.values(), *Referral.objects.values()]
    assert [secret for secret in SECRETS if secret in str(rows)] == []


def test_the_office_gives_and_takes_back_on_a_page_of_its_own(client, referral, idea, moderator):
    client.force_login(moderator)
    address = reverse("admin:ideas_referral_contact", args=[referral.pk])
    typed = {"idea": idea.pk, "purpose": "place", "words": "一起看现场", "seen": referral.version}
    refused = client.post(address, {**typed, "until": "2026-12-31"})
    assert (refused.status_code, "一起看现场" in refused.content.decode()) == (422, True)
    assert client.post(address, {**typed, "until": "2026-03-27"}).url == address
    shown = client.get(address)
    assert (leaks(shown), "2026-03-27" in shown.content.decode()) == ([], True)
    client.post(address, {"take_back": ContactRelease.objects.get().pk})
    assert ContactRelease.objects.get().ended_at == MONDAY


def test_the_officers_look_stands_in_the_log_in_words(client, released, officer, manager):
    see_contact(release=released, officer=officer, at=MONDAY)
    client.force_login(manager)
    text = client.get(reverse("admin:ideas_officeevent_changelist")).content.decode()
    assert (officer.name in text, "城管局" in text, released.referral.shown_number in text) == (True, True, True)
