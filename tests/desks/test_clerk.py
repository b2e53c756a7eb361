from datetime import date, timedelta

import pytest
from django.urls import reverse

from ideas.choices import Action, Role
from ideas.models import Draft, Idea, Photo
from ideas.queries.invariants import violations
from ideas.services.entry import code_to_print
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    """Xu types in slips."""
    user = factories.make_user(Role.CLERK)
    client.force_login(user)
    return user


def typed(**overrides):
    data = {"source": "paper", "slip_on": "2026-03-18", "form_key": "0b6c0f3e-6f1c-4c3d-9f0e-0d5d8f3f1a11"}
    return {**factories.form_data(), **data, "slip": factories.photo_file(), **overrides}


def post(client, campaign, at=clock.DURING, **overrides):
    with clock.at(at):
        return client.post(reverse("entry-new", args=[campaign.slug]), typed(**overrides))


def test_a_slip_becomes_an_idea_with_both_dates_and_its_photo(client, clerk, campaign):
    post(client, campaign)
    idea = Idea.objects.get()
    assert (idea.source, idea.slip_on, idea.entered_by, idea.entered_at) == (
        "paper",
        date(2026, 3, 18),
        clerk,
        clock.DURING,
    )
    assert idea.received_at.astimezone(clock.SHANGHAI).date() == date(2026, 3, 18)
    assert [photo.is_slip for photo in idea.photos.all()] == [True]
    assert list(violations()) == []


def test_the_receipt_shows_the_code_for_an_hour_only(client, clerk, campaign):
    address = post(client, campaign).url
    with clock.at(clock.DURING):
        assert b'id="query-code"' in client.get(address).content
    with clock.at(clock.DURING + timedelta(hours=1)):
        client.force_login(clerk)
        assert b'id="query-code"' not in client.get(address).content


def test_nobody_else_is_handed_the_code(client, clerk, campaign):
    post(client, campaign)
    idea, other = Idea.objects.get(), factories.make_user(Role.CLERK)
    codes = [code_to_print(idea, clerk=who, at=clock.DURING) for who in (clerk, other)]
    assert [bool(code) for code in codes] == [True, False]


def test_a_receipt_is_its_clerks_own(client, clerk, campaign):
    post(client, campaign)
    address = reverse("entry-receipt", args=[Idea.objects.get().pk])
    with clock.at(clock.DURING):
        own = client.get(address).status_code
        client.force_login(factories.make_user(Role.CLERK))
        assert (own, client.get(address).status_code) == (200, 404)


def test_the_same_form_twice_is_one_idea(client, clerk, campaign):
    given = typed()
    assert (
        post(client, campaign, **given).url == post(client, campaign, **{**given, "slip": factories.photo_file()}).url
    )
    assert Idea.objects.count() == 1


def test_another_clerks_entry_does_not_exist(client, clerk, campaign):
    address = post(client, campaign).url
    client.force_login(factories.make_user(Role.CLERK))
    with clock.at(clock.DURING):
        assert client.get(address).status_code == 404
        assert Idea.objects.get().receipt not in client.get(reverse("entry")).content.decode()


def test_the_photo_of_a_slip_is_not_for_another_clerk(client, clerk, campaign):
    post(client, campaign)
    address = reverse("photo", args=[Photo.objects.get().key])
    with clock.at(clock.DURING):
        assert client.get(address).status_code == 200
        client.force_login(factories.make_user(Role.CLERK))
        assert client.get(address).status_code == 404


def test_a_clerk_in_the_admin_is_led_to_the_own_desk_and_told_why(client, clerk):
    page = client.get("/admin/ideas/idea/", follow=True)
    assert page.redirect_chain[-1][0] == "/entry/"
    assert "您的角色不能打开该页面" in page.content.decode()


def test_a_clerk_does_not_enter_the_admin(client, clerk):
    assert client.get(reverse("admin:index")).status_code == 302


def test_what_is_refused_stays_in_the_form_and_the_photo_too(client, clerk, campaign):
    response = post(client, campaign, at=clock.CLOSES, title="不能丢的标题")
    assert (response.status_code, Idea.objects.count()) == (422, 0)
    assert "不能丢的标题" in response.content.decode()
    assert Draft.objects.get().photos.count() == 1


def test_a_slip_dated_in_time_is_taken_until_the_later_closing(client, clerk):
    campaign = factories.make_campaign(entry_until=clock.CLOSES + timedelta(days=3))
    post(client, campaign, at=clock.CLOSES + timedelta(days=1), slip_on="2026-04-09")
    assert Idea.objects.get().received_at < clock.CLOSES


def test_who_comes_too_late_is_told_before_anything_is_typed(client, clerk):
    campaign = factories.make_campaign()
    client.force_login(clerk)
    with clock.at(campaign.closes_at):
        page = client.get(f"/entry/new/{campaign.slug}/", follow=True)
    assert page.redirect_chain[-1][0] == "/entry/"
    assert "补录时间已过" in page.content.decode()


def test_a_slip_without_a_photo_needs_a_reason(client, clerk, campaign):
    assert post(client, campaign, slip="").status_code == 422
    post(client, campaign, slip="", without_photo="相机坏了")
    assert Idea.objects.get().events.get(action=Action.NOTE).reason == "相机坏了"


def test_on_paper_a_name_is_enough(client, clerk, campaign):
    nobody = {"phone": "", "email": ""}
    assert post(client, campaign, **nobody, name="").status_code == 422
    assert post(client, campaign, **nobody, source="phone").status_code == 422
    assert post(client, campaign, **nobody).status_code == 302


def test_source_day_and_community_stay_for_the_next_one(client, clerk, campaign):
    post(client, campaign, source="wechat")
    with clock.at(clock.DURING):
        form = client.get(reverse("entry-new", args=[campaign.slug])).context["form"]
    assert {name: form.initial[name] for name in ("source", "slip_on", "area")} == {
        "source": "wechat",
        "slip_on": "2026-03-18",
        "area": factories.AREA["code"],
    }


def test_the_blank_slip_is_gone_once_the_campaign_is_closed(client, campaign):
    with clock.at(clock.CLOSES):
        assert client.get(reverse("slip", args=[campaign.slug])).status_code == 404
