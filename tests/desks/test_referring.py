"""The form of a new referral: the ways that lead to it and back, and the days that it begins with."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import Role, Status
from ideas.models import CampaignDays, Idea, Referral, ReferralRule
from ideas.services.duplicates import compare_new
from ideas.services.referrals import acknowledge, ask_return, recall
from ideas.services.screening import accept_idea, merge_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
WORDS = {"problem": "乐天路中央公园路段晚上没有路灯，老人散步看不清台阶。", "proposal": "请在乐天路增设六盏路灯。"}


@pytest.fixture(autouse=True)
def monday(client, moderator):
    client.force_login(moderator)
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def accepted(campaign, moderator):
    idea = factories.make_idea(campaign)
    accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    return idea


@pytest.fixture
def alike(campaign):
    """Three residents write of the same lamps."""
    given = {"title": "建议在乐天路增设路灯", **WORDS}
    ideas = [factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=n), **given) for n in range(3)]
    compare_new()
    return ideas


def form_of(answer):
    """(the ideas of a form that an answer leads to, where it leads back)."""
    assert answer.status_code == 200, answer
    return [idea.pk for idea in answer.context["ideas"]], answer.context["back"]


def send(client, ideas, to, back=""):
    data = {"acknowledge": 1, "answer": 3, "finish": 7, "instruction": "请现场核查。", "unit": to.pk, "back": back}
    seen = {f"seen-{idea.pk}": Idea.objects.get(pk=idea.pk).version for idea in ideas}
    return client.post(reverse("admin:ideas_referral_send"), {"idea": [idea.pk for idea in ideas], **seen, **data})


def test_an_idea_is_accepted_and_referred_from_the_triage_desk(client, campaign, unit):
    idea, desk = factories.make_idea(campaign), reverse("admin:ideas_idea_triage", args=[campaign.slug])
    pressed = {"idea": idea.pk, "seen": idea.version, "act": "accept", "refer": "1"}
    ideas, back = form_of(client.post(desk, pressed, follow=True))
    assert (ideas, back, Idea.objects.get().status) == ([idea.pk], desk, Status.ACCEPTED)
    assert send(client, [idea], unit, back).url == desk


def page_of(client, ideas):
    return client.get(reverse("admin:ideas_referral_send"), {"idea": [idea.pk for idea in ideas]})


def test_what_cannot_be_referred_is_named_before_anything_is_sent(client, campaign, accepted, unit, moderator):
    waiting, taken = factories.make_idea(campaign), factories.make_idea(campaign)
    factories.referred([taken], unit, moderator)
    answer = page_of(client, [waiting, accepted, taken])
    assert form_of(answer)[0] == [accepted.pk]
    why_not = {idea.pk: why[:4] for idea, why in answer.context["left_out"]}
    assert why_not == {waiting.pk: "尚未审核", taken.pk: "已交城管"}
    assert send(client, [accepted], unit).status_code == 302


def test_after_a_refusal_the_next_press_sends_the_others(client, campaign, accepted, unit, moderator):
    taken = factories.make_idea(campaign)
    factories.referred([taken], factories.make_unit(), moderator)
    answer = send(client, [accepted, taken], unit)
    assert (answer.status_code, [idea.pk for idea in answer.context["ideas"]]) == (422, [accepted.pk])
    assert answer.context["form"].non_field_errors()


def test_several_of_different_topics_are_told_that_they_become_one(client, campaign, moderator, unit):
    ideas = [factories.make_idea(campaign, topic=slug) for slug in ("road", "night", "road")]
    for idea in ideas:
        accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    answer = page_of(client, ideas)
    assert "合为一份交办单" in answer.content.decode()
    (first, two, address), (second, one, _other) = answer.context["by_topic"]
    assert (first, two, second, one) == (ideas[0].topic, 2, ideas[1].topic, 1)
    alone = client.get(address)
    assert (form_of(alone)[0], alone.context["by_topic"]) == ([ideas[0].pk, ideas[2].pk], [])


def test_what_was_sent_is_a_link_and_undoing_says_what_it_takes_off(client, campaign, unit):
    idea = factories.make_idea(campaign)
    client.post(reverse("admin:ideas_idea_decide", args=[idea.pk, "accept"]), {"accept-seen": idea.version})
    queue = reverse("admin:ideas_idea_changelist")
    where = f"{reverse('admin:ideas_referral_send')}?idea={idea.pk}&amp;back="
    assert where in client.get(queue).content.decode()
    answer = client.get(send(client, [idea], unit, queue).url).content.decode()
    page = reverse("admin:ideas_referral_change", args=[Referral.objects.get().pk])
    assert f'<a href="{page}">{Referral.objects.get().shown_number}</a>' in answer
    said = f"已交单位办理（{Referral.objects.get().shown_number}）"
    assert (said in answer, where in answer) == (True, False)
    assert said in client.get(reverse("admin:ideas_idea_change", args=[idea.pk])).content.decode()


def test_the_queue_finds_what_is_accepted_and_with_no_unit(client, campaign, accepted, unit, moderator):
    taken, recalled = factories.make_idea(campaign), factories.make_idea(campaign)
    factories.referred([taken], unit, moderator)
    recall(referral=factories.referred([recalled], unit, moderator), staff=moderator, at=MONDAY, reason="重复。")

    def listed(answer):
        page = client.get(reverse("admin:ideas_idea_changelist"), {"status": "accepted", "referred": answer})
        return {idea.pk for idea in page.context["cl"].result_list}

    assert (listed("no"), listed("yes")) == ({accepted.pk, recalled.pk}, {taken.pk})


def test_what_is_refused_on_the_triage_desk_leads_to_no_form(client, campaign):
    idea, desk = factories.make_idea(campaign), reverse("admin:ideas_idea_triage", args=[campaign.slug])
    pressed = {"idea": idea.pk, "seen": idea.version - 1, "act": "accept", "refer": "1"}
    answer = client.post(desk, pressed, follow=True)
    assert (answer.status_code, answer.context["idea"]) == (422, idea)


def test_after_accepting_the_triage_desk_offers_to_refer_it(client, campaign):
    idea, desk = factories.make_idea(campaign), reverse("admin:ideas_idea_triage", args=[campaign.slug])
    answer = client.post(desk, {"idea": idea.pk, "seen": idea.version, "act": "accept"}, follow=True)
    where = f"{reverse('admin:ideas_referral_send')}?idea={idea.pk}&amp;back={desk}"
    assert where in answer.content.decode()


def test_of_a_group_alike_the_accepted_ones_are_referred(client, campaign, alike, moderator, unit):
    accept_idea(idea=alike[0], moderator=moderator, at=clock.DURING)
    accept_idea(idea=alike[2], moderator=moderator, at=clock.DURING)
    page = reverse("admin:ideas_idea_clusters", args=[campaign.slug])
    assert 'value="refer"' in client.get(page).content.decode()
    ticked = {"act": "refer", "leader": alike[0].pk, "idea": [alike[1].pk, alike[2].pk]}
    ideas, back = form_of(client.post(page, ticked, follow=True))
    assert (ideas, back) == ([alike[0].pk, alike[2].pk], page)
    assert send(client, [alike[0], alike[2]], unit, back).url == page


def test_a_group_of_which_nothing_is_accepted_is_not_referred(client, campaign, alike):
    page = reverse("admin:ideas_idea_clusters", args=[campaign.slug])
    assert 'value="refer"' not in client.get(page).content.decode()
    answer = client.post(page, {"act": "refer", "leader": alike[0].pk, "idea": [alike[1].pk]}, follow=True)
    assert "请先通过其中一条" in answer.content.decode()


def test_a_merged_group_is_referred_by_the_idea_that_leads_it(client, campaign, accepted, moderator):
    follower = factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=1))
    merge_idea(idea=follower, into=accepted, moderator=moderator, at=MONDAY)
    page = f"{reverse('admin:ideas_idea_clusters', args=[campaign.slug])}?merged=1"
    ticked = {"act": "refer", "leader": accepted.pk, "idea": [follower.pk], "reason": ""}
    assert form_of(client.post(page, ticked, follow=True)) == ([accepted.pk], page)


def test_whoever_does_not_refer_is_offered_no_way(client, campaign, accepted):
    reader = factories.make_user(Role.AUDITOR)
    client.force_login(reader)
    text = client.get(reverse("admin:ideas_idea_change", args=[accepted.pk])).content.decode()
    assert reverse("admin:ideas_referral_send") not in text


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/admin/", "//example.org/admin/", "/track/", "javascript:alert(1)", "/admin"]
)
def test_the_form_leads_back_into_the_staffs_site_only(client, accepted, unit, elsewhere):
    where = reverse("admin:ideas_referral_send")
    assert client.get(where, {"idea": accepted.pk, "back": elsewhere}).context["back"] == ""
    answer = send(client, [accepted], unit, elsewhere)
    assert answer.url == reverse("admin:ideas_referral_change", args=[Referral.objects.get().pk])


def test_a_refused_form_still_knows_where_one_came_from(client, accepted, unit):
    data = {"idea": accepted.pk, "unit": unit.pk, "back": reverse("admin:ideas_idea_changelist")}
    answer = client.post(reverse("admin:ideas_referral_send"), data)
    assert (answer.status_code, answer.context["back"]) == (422, data["back"])


def test_the_form_begins_with_the_days_of_the_campaign(client, campaign, accepted):
    where, names = reverse("admin:ideas_referral_send"), ("acknowledge", "answer", "finish")
    shown = [client.get(where, {"idea": accepted.pk}).context["form"][name].value() for name in names]
    CampaignDays.objects.create(campaign=campaign, acknowledge=2, answer=5, finish=20)
    shown += [client.get(where, {"idea": accepted.pk}).context["form"][name].value() for name in names]
    assert shown == [1, 3, 7, 2, 5, 20]


def test_giving_it_to_another_unit_says_how_many_days_that_one_gets(client, campaign, accepted, unit, moderator):
    CampaignDays.objects.create(campaign=campaign, acknowledge=2, answer=5, finish=20)
    referral = factories.referred([accepted], unit, moderator)
    ask_return(referral=referral, officer=factories.officer_of(unit), at=MONDAY, reason="属交警。")
    text = client.get(reverse("admin:ideas_referral_change", args=[referral.pk])).content.decode()
    assert "签收2个、答复5个、办结20个" in text


def queries_of(client, ideas):
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("admin:ideas_referral_send"), {"idea": [idea.pk for idea in ideas]})
    return len(found)


def test_the_form_asks_as_much_for_many_ideas_as_for_one(client, campaign, accepted, moderator):
    others = [factories.make_idea(campaign) for _ in range(9)]
    for idea in others:
        accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    queries_of(client, [accepted])  # what a process keeps
    assert queries_of(client, [accepted, *others]) == queries_of(client, [accepted])


def picked(client, accepted, unit):
    """The form after somebody has typed, and then picked the suggested unit."""
    typed = {"instruction": "请现场核查。", "acknowledge": "2", "answer": "4", "finish": "9"}
    data = {"idea": accepted.pk, "pick": unit.pk, "back": "/admin/", **typed}
    return client.post(reverse("admin:ideas_referral_send"), data)


def test_a_suggested_unit_stands_with_its_reason_and_is_not_chosen_by_itself(client, accepted, unit):
    rule = ReferralRule.objects.create(topic="道路", street="集美街道", unit=unit)
    answer = client.get(reverse("admin:ideas_referral_send"), {"idea": accepted.pk})
    text = answer.content.decode()
    assert ("道路 · 集美街道 → 城管局" in text, answer.context["form"]["unit"].value()) == (True, None)
    assert reverse("admin:ideas_referralrule_change", args=[rule.pk]) in text


def test_picking_it_sends_nothing_and_keeps_what_was_typed(client, accepted, unit):
    ReferralRule.objects.create(topic="道路", unit=unit)
    answer = picked(client, accepted, unit)
    form = answer.context["form"]
    shown = [form[name].value() for name in ("unit", "instruction", "acknowledge", "answer", "finish")]
    assert (answer.status_code, shown) == (200, [str(unit.pk), "请现场核查。", "2", "4", "9"])
    assert (Referral.objects.exists(), answer.context["back"], form.errors) == (False, "/admin/", {})


def test_where_ideas_alike_went_is_linked(client, campaign, moderator, unit, alike):
    before = factories.referred([alike[0]], unit, moderator)
    acknowledge(referral=before, officer=factories.officer_of(unit), at=MONDAY)
    accept_idea(idea=alike[1], moderator=moderator, at=clock.DURING)
    text = client.get(reverse("admin:ideas_referral_send"), {"idea": alike[1].pk}).content.decode()
    assert "1件类似建议的交办单" in text
    assert reverse("admin:ideas_referral_change", args=[before.pk]) in text


def test_the_form_names_the_unit_that_a_merged_idea_is_with(client, campaign, accepted, moderator, unit):
    follower = factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=1))
    factories.referred([follower], unit, moderator, at=MONDAY)
    merge_idea(idea=Idea.objects.get(pk=follower.pk), into=accepted, moderator=moderator, at=MONDAY)
    text = client.get(reverse("admin:ideas_referral_send"), {"idea": accepted.pk}).content.decode()
    assert f"{follower.receipt}已交城管局办理" in text
