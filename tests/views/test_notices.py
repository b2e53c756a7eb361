"""What everybody reads of a list on notice, and the form by which they object."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.models import Objection, Shortlist
from ideas.services.record import unseal_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL
DAY = timedelta(days=1)
OVER = AT + 7 * DAY


@pytest.fixture(scope="module")
def told(people):
    campaign = factories.noticed_campaign(people.moderator)
    return factories.seal(campaign, (people.manager, people.second)).pk


@pytest.fixture
def sealed(told, db):
    return Shortlist.objects.select_related("campaign").get(pk=told)


@pytest.fixture
def notice(sealed, manager):
    return factories.put_on_notice(sealed, manager)


def get(client, name, sealed, at=AT, query=""):
    with clock.at(at):
        return client.get(reverse(name, args=[sealed.campaign.slug]) + query)


def text_of(client, name, sealed, at=AT, query=""):
    return get(client, name, sealed, at, query).content.decode()


def shown(page):
    return re.findall(r'<li id="([^"]+)"', page)


def in_order_of_receipt(sealed):
    return list(sealed.entries.order_by("idea__received_at", "idea_id").values_list("idea__receipt", flat=True))


@pytest.mark.parametrize("name", ["notice", "notice-object"])
def test_before_the_notice_there_is_no_page(client, sealed, name):
    assert get(client, name, sealed).status_code == 404
    assert "拟入选" not in text_of(client, "campaign", sealed)


def test_the_list_is_shown_in_the_order_of_receipt_with_published_texts_only(client, notice, sealed):
    idea = sealed.entries.get(rank=1).idea
    page = text_of(client, "notice", sealed)
    assert shown(page) == in_order_of_receipt(sealed)
    assert (idea.published_title in page, idea.problem in page, idea.proposal in page) == (True, False, False)
    assert "2026-05-01" in page


def test_names_are_shown_as_consented_only(client, notice, sealed):
    ideas = [entry.idea for entry in sealed.entries.select_related("idea")]
    factories.resident_of(ideas[0]).__class__.objects.filter(idea=ideas[0]).update(publish_consented_at=None)
    page = text_of(client, "notice", sealed)
    assert (page.count("海边的风"), "林小满" in page, "12012345678" in page) == (2, False, False)


def test_what_of_an_idea_is_not_public_is_not_read(client, notice, sealed):
    page = text_of(client, "notice", sealed)
    entry = sealed.entries.get(rank=1)
    assert (f"{entry.score:.2f}" in page, "numeral" in page) == (False, False)


def test_the_campaign_leads_to_the_list(client, notice, sealed):
    assert reverse("notice", args=[sealed.campaign.slug]) in text_of(client, "campaign", sealed)


@pytest.mark.parametrize(("days", "words"), [(5, "公示5个工作日"), (0, "不设公示")])
def test_the_announcement_says_how_long_or_that_there_is_none(client, moderator, days, words):
    campaign = factories.noticed_campaign(moderator, days=days)
    with clock.at(clock.DURING):
        assert words in client.get(reverse("campaign", args=[campaign.slug])).content.decode()


def test_telephone_and_address_of_the_office_stand_there(client, notice, sealed, settings):
    settings.IDEAS_PHONE, settings.IDEAS_ADDRESS = "0592-606 0000", "某某路1号"
    page = text_of(client, "notice", sealed)
    assert ("0592-606 0000" in page, "某某路1号" in page) == (True, True)


def test_after_the_last_day_the_list_stays_and_nothing_is_taken(client, notice, sealed):
    form = reverse("notice-object", args=[sealed.campaign.slug])
    before, after = (text_of(client, "notice", sealed, at) for at in (OVER - clock.BLINK, OVER))
    assert (form in before, form in after, len(shown(after))) == (True, False, 3)
    assert get(client, "notice-object", sealed, OVER).status_code == 302


def test_an_opened_list_is_not_shown_any_more(client, notice, sealed, managers):
    for manager in managers:
        row = Shortlist.objects.get(pk=sealed.pk)
        unseal_shortlist(shortlist=row, manager=manager, at=AT + DAY, expected_version=row.version, reason="更正")
    page = text_of(client, "notice", sealed, AT + DAY)
    assert (shown(page), "解除封存" in page) == ([], True)


def test_after_the_release_it_leads_to_the_winners(client, notice, sealed, managers):
    factories.release_list(sealed, managers, OVER + DAY)
    page = text_of(client, "notice", sealed, OVER + DAY)
    assert (shown(page), reverse("winners", args=[sealed.campaign.slug]) in page) == ([], True)


# --- The form --------------------------------------------------------------------------------------------------------


def send(client, sealed, at=AT + timedelta(minutes=5), **overrides):
    page = text_of(client, "notice-object", sealed)
    key, opened = (re.search(rf'name="{name}"[^>]* value="([^"]+)"', page)[1] for name in ("form_key", "opened"))
    person = {"name": "林小满", "phone": "0592-606 0000", "email": "", "words": "我早就提过。", "consent": "on"}
    data = {"form_key": key, "opened": opened, "about": in_order_of_receipt(sealed)[0], "ground": "copied", **person}
    with clock.at(at):
        return client.post(reverse("notice-object", args=[sealed.campaign.slug]), {**data, **overrides})


def test_the_form_shows_a_number(client, notice, sealed):
    answer = send(client, sealed)
    objection = Objection.objects.get()
    assert (answer.status_code, objection.number in answer.content.decode()) == (200, True)
    assert (objection.idea.receipt, objection.suspicions, objection.source) == (
        in_order_of_receipt(sealed)[0],
        [],
        "web",
    )


def test_the_idea_of_the_link_is_chosen(client, notice, sealed):
    receipt = in_order_of_receipt(sealed)[1]
    page = text_of(client, "notice-object", sealed, query=f"?idea={receipt}")
    assert f'value="{receipt}" selected' in page


def test_the_list_as_a_whole_can_be_objected_to(client, notice, sealed):
    send(client, sealed, about="list")
    assert Objection.objects.get().idea is None


@pytest.mark.parametrize("lacks", ["about", "ground", "words", "name", "phone", "consent"])
def test_what_is_missing_is_said_and_what_was_typed_stays(client, notice, sealed, lacks):
    answer = send(client, sealed, **{lacks: ""})
    kept = "林小满" if lacks != "name" else "我早就提过。"
    assert (answer.status_code, kept in answer.content.decode(), Objection.objects.count()) == (422, True, 0)


def test_another_language_keeps_what_was_typed(client, notice, sealed):
    answer = send(client, sealed, language="en")
    page = answer.content.decode()
    assert ("我早就提过。" in page, "Send the objection" in page, Objection.objects.count()) == (True, True, 0)


def test_a_machine_is_marked_and_not_refused(client, notice, sealed):
    send(client, sealed, at=AT, website="http://example.com")
    assert sorted(Objection.objects.get().suspicions) == ["fast", "honeypot"]


def test_too_many_from_one_address_keep_their_words(client, notice, sealed, settings):
    settings.IDEAS_LIMIT_OBJECTIONS_HOUR = 0
    answer = send(client, sealed)
    assert (answer.status_code, "我早就提过。" in answer.content.decode()) == (429, True)


def test_sent_too_late_the_words_come_back(client, notice, sealed):
    answer = send(client, sealed, at=OVER)
    assert (answer.status_code, "我早就提过。" in answer.content.decode(), Objection.objects.count()) == (410, True, 0)


def test_the_answer_is_kept_by_nobody(client, notice, sealed):
    assert "no-store" in send(client, sealed)["Cache-Control"]
