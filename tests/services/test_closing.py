"""Places reported done and closed one by one; a referral ends with its last place."""

from datetime import date, datetime, timedelta

import pytest

from ideas.choices import AnswerKind, ReferralAct, ReferralState
from ideas.errors import Lacking, Refusal, Stale, WrongRole
from ideas.models import Message, Referral
from ideas.queries.invariants import violations
from ideas.queries.referrals import answer_to_release
from ideas.queries.tracking import story_of, whole_way
from ideas.services import closing as services
from ideas.services.answers import approve, hand_in, release_answer, save_draft
from ideas.services.referrals import ask_return, reassign
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
LOOK = {"looked_on": AT.date(), "looked_by": "周某", "found": "已亮灯。"}
NO_PHOTO = "井下不便拍照。"


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    return factories.referred([factories.make_idea(campaign)], unit, moderator)


@pytest.fixture
def three(campaign, unit, moderator):
    """One problem at three places."""
    return factories.referred([factories.make_idea(campaign) for _ in range(3)], unit, moderator)


def close(referral, staff, place=None, **given):
    services.close(referral=referral, staff=staff, at=AT, place=place, **(given or {**LOOK, "reason": NO_PHOTO}))


def reported(referral, staff, places=(), **more):
    """Reported by the unit, and what it says released."""
    factories.reported(referral, AT, places, **more)
    factories.released(referral, staff, AT)


def state(referral):
    return Referral.objects.get(pk=referral.pk).state


def acts(referral):
    return [event.act for event in referral.events.all()]


def photographed(referral, stage="after", at=AT):
    for place in referral.places.all():
        factories.photo_of_place(place, factories.officer_of(referral.unit), stage, at)


def test_what_is_done_is_closed_with_a_photo_after_and_a_look_on_site(referral, moderator):
    photographed(referral)
    reported(referral, moderator)
    close(referral, moderator, **LOOK)
    row = Referral.objects.get()
    place = row.places.get()
    assert (row.state, row.closed_at, place.closing) == (ReferralState.CLOSED, AT, row.events.last())
    assert place.closing.words == "已亮灯。"
    assert place.closing.detail == {"place": place.idea.receipt, "looked_on": "2026-03-23", "looked_by": "周某"}
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({**LOOK, "looked_on": date(2026, 3, 19)}, ["looked_on"]),
        ({**LOOK, "looked_on": date(2026, 3, 24)}, ["looked_on"]),
        ({**LOOK, "looked_by": " "}, ["looked_by"]),
        ({"looked_on": AT.date()}, ["looked_by", "found"]),
        ({"found": "已亮灯。"}, ["looked_on", "looked_by"]),
        ({"reason": " "}, ["reason"]),
    ],
)
def test_what_a_closing_lacks_is_said_at_its_fields(referral, moderator, given, lacks):
    photographed(referral)
    reported(referral, moderator)
    with pytest.raises(Lacking) as lacking:
        close(referral, moderator, **given)
    assert ([*lacking.value.fields], state(referral)) == (lacks, ReferralState.DONE)


@pytest.mark.parametrize("stage", ["", "before"])
def test_without_a_photo_after_it_takes_a_reason_beside_the_look(referral, moderator, stage):
    if stage:
        photographed(referral, stage)
    reported(referral, moderator)
    with pytest.raises(Lacking) as lacking:
        close(referral, moderator, **LOOK)
    assert [*lacking.value.fields] == ["reason"]
    close(referral, moderator, **LOOK, reason=NO_PHOTO)
    assert (referral.events.last().words, referral.events.last().detail["reason"]) == ("已亮灯。", NO_PHOTO)


def test_without_a_look_it_takes_a_reason(referral, moderator):
    reported(referral, moderator)
    close(referral, moderator, reason="照片清楚，不必到场。")
    assert (state(referral), referral.events.last().words) == (ReferralState.CLOSED, "照片清楚，不必到场。")


def test_what_is_not_reported_done_is_not_closed(referral, moderator):
    with pytest.raises(Refusal):
        close(referral, moderator)


def test_what_was_done_is_read_before_it_is_closed(referral, moderator):
    factories.reported(referral, AT)
    with pytest.raises(Refusal, match="请先公开单位的答复"):
        close(referral, moderator)
    assert state(referral) == ReferralState.DONE
    factories.released(referral, moderator, AT)
    close(referral, moderator)
    assert state(referral) == ReferralState.CLOSED


def test_only_the_office_closes(referral, unit):
    factories.reported(referral, AT)
    with pytest.raises(WrongRole):
        close(referral, factories.head_of(unit))


def test_each_place_is_closed_by_itself_and_the_referral_with_the_last(three, moderator):
    places = list(three.places.all())
    reported(three, moderator)
    for place, then in zip(places, [ReferralState.DONE, ReferralState.DONE, ReferralState.CLOSED], strict=True):
        close(three, moderator, place)
        assert (state(three), list(violations())) == (then, [])
    assert acts(three)[-3:] == [ReferralAct.CLOSE_PLACE, ReferralAct.CLOSE_PLACE, ReferralAct.CLOSE]
    assert [event.about for event in three.events.all()][-3:] == [[place.idea.receipt] for place in places]


def test_of_several_places_one_must_be_chosen(three, moderator):
    reported(three, moderator)
    with pytest.raises(Lacking) as lacking:
        close(three, moderator)
    assert [*lacking.value.fields] == ["place"]


def test_a_place_is_closed_once_and_only_of_its_own_referral(three, referral, moderator):
    first = three.places.first()
    for row in (three, referral):
        reported(row, moderator)
    close(three, moderator, first)
    for place in (first, referral.places.get()):
        with pytest.raises(Refusal):
            close(three, moderator, place)


def test_an_outdated_page_closes_nothing(three, moderator):
    reported(three, moderator)
    seen = Referral.objects.get(pk=three.pk).version
    close(three, moderator, three.places.first())
    with pytest.raises(Stale):
        close(three, moderator, three.places.last(), **LOOK, reason=NO_PHOTO, expected_version=seen)


def test_a_unit_reports_some_places_and_goes_on_with_the_others(three, moderator):
    first, *others = three.places.all()
    factories.reported(three, AT, [first])
    assert (state(three), three.events.last().about) == (ReferralState.PLANNED, [first.idea.receipt])
    factories.released(three, moderator, AT)
    with pytest.raises(Refusal):
        close(three, moderator, others[0])
    close(three, moderator, first)
    assert (state(three), acts(three)[-1]) == (ReferralState.PLANNED, ReferralAct.CLOSE_PLACE)
    reported(three, moderator)
    assert (state(three), list(violations())) == (ReferralState.DONE, [])


def test_the_places_of_a_plan_are_those_of_no_report(three, unit):
    officer = factories.officer_of(unit)
    plan = {
        "adoption": "adopted",
        "public": "五月底前装好。",
        "finish_on": date(2026, 5, 31),
        "places": three.places.all()[:1],
    }
    save_draft(referral=three, officer=officer, at=AT, kind=AnswerKind.PLAN, words=plan)
    assert hand_in(referral=three, officer=officer, at=AT).places.count() == 0


def test_one_of_several_places_goes_back_with_a_new_day(three, moderator):
    first, second, _third = three.places.all()
    reported(three, moderator)
    close(three, moderator, first)
    services.not_yet(
        referral=three, staff=moderator, finish_by=date(2026, 4, 10), at=AT, words="只亮了一盏。", places=[second]
    )
    row = Referral.objects.get()
    assert (row.state, row.due_on, row.done_at) == (ReferralState.PLANNED, date(2026, 4, 10), None)
    assert [bool(place.done_at) for place in row.places.all()] == [True, False, True]
    assert list(violations()) == []


def test_a_report_of_what_is_not_done_is_not_released(three, moderator):
    factories.reported(three, AT)
    services.not_yet(referral=three, staff=moderator, finish_by=date(2026, 4, 10), at=AT, words="只亮了一盏。")
    assert answer_to_release(three) is None


def test_what_was_not_reported_does_not_go_back(three, moderator):
    with pytest.raises(Refusal):
        services.not_yet(referral=three, staff=moderator, finish_by=date(2026, 4, 10), at=AT, words="没做。")


def test_what_is_not_adopted_ends_all_places_that_are_open(three, unit, moderator):
    first = three.places.first()
    reported(three, moderator, [first])
    close(three, moderator, first)
    words = {"adoption": "not_adopted", "public": "另两处不属本区。", "internal": "", "finish_on": None}
    officer = factories.officer_of(unit)
    save_draft(referral=three, officer=officer, at=AT, kind=AnswerKind.PLAN, words=words)
    hand_in(referral=three, officer=officer, at=AT)
    approve(referral=three, head=factories.head_of(unit), at=AT)
    release_answer(referral=three, staff=moderator, at=AT, public=words["public"])
    assert (state(three), list(violations())) == (ReferralState.CLOSED, [])
    told = Message.objects.filter(template="answered").values_list("idea", flat=True)
    assert sorted(told) == sorted(place.idea_id for place in three.places.all())  # the first once, of what was done


def test_what_one_unit_reported_the_next_one_reports_anew(three, unit, moderator):
    reported(three, moderator, [three.places.first()])
    ask_return(referral=three, officer=factories.officer_of(unit), at=AT, reason="其余不属本单位。")
    reassign(referral=three, unit=factories.make_unit(), staff=moderator, at=AT, words="请办理。")
    assert [place.done_at for place in three.places.all()] == [None] * 3


def story(place):
    steps, to_come = whole_way(place.idea, story_of(place.idea, AT), today=AT.date())
    return [step.title for step in steps if "办" in step.title], [step.title for step in to_come]


def test_each_resident_reads_of_the_own_place(three, moderator):
    first, second, _third = three.places.all()
    reported(three, moderator, [first], words="北门已装好。")
    factories.closed(three, moderator, AT + timedelta(hours=1), first)
    told = ["已交城管局办理", "城管局报告已办完", "主办方确认办结"]
    assert (story(first), story(second)) == ((told, []), (told[:1], ["办结"]))


def test_the_end_of_the_others_is_no_end_of_a_place_that_was_closed_before(three, moderator):
    first, second, third = three.places.all()
    reported(three, moderator)
    later = AT + timedelta(hours=1)
    for place, at in ((first, AT), (second, later), (third, later)):
        factories.closed(three, moderator, at, place)
    assert [story(place)[0].count("主办方确认办结") for place in (first, second, third)] == [1, 1, 1]
