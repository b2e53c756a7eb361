import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ideas.choices import Edition
from ideas.models import Quota, SealedRecord, Shortlist, SignedMinutes
from ideas.services.proposal import note_pair, propose_shortlist
from ideas.services.screening import classify_idea
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db
QUERIES = 26


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING_UNTIL):
        yield


@pytest.fixture
def shortlist(moderator, manager):
    campaign = factories.rated_campaign(moderator)
    return propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


def fresh(shortlist):
    return Shortlist.objects.get(pk=shortlist.pk)


def press(client, shortlist, act, version=None):
    address = reverse("admin:ideas_shortlist_press", args=[shortlist.pk, act])
    return client.post(address, {"version": version or fresh(shortlist).version}, follow=True).content.decode()


def release(client, shortlist, step, **given):
    """Press a step of the release as the preview offers it."""
    seen = client.get(reverse("admin:ideas_shortlist_preview", args=[shortlist.pk])).context["release_form"].initial
    address = reverse("admin:ideas_shortlist_release", args=[shortlist.pk, step])
    return client.post(address, {**seen, **given}, follow=True).content.decode()


def exchange(client, shortlist, out, put_in, reason):
    address = reverse("admin:ideas_shortlist_exchange", args=[shortlist.pk])
    data = {"version": fresh(shortlist).version, "out": out.receipt, "put_in": put_in.receipt, "reason": reason}
    return client.post(address, {**data, **factories.MINUTES})


def decide(client, shortlist, answer):
    asked = shortlist.exchanges.get()
    address = reverse("admin:ideas_shortlist_decide", args=[shortlist.pk, asked.pk, answer])
    return client.post(address, {"version": fresh(shortlist).version}, follow=True)


def page(client, shortlist):
    return client.get(reverse("admin:ideas_shortlist_change", args=[shortlist.pk])).content.decode()


def test_the_page_shows_the_list_and_who_is_next(desk, shortlist):
    body = page(desk, shortlist)
    assert all(idea.receipt in body for idea in shortlist.campaign.ideas.all())


def test_it_shows_no_proposer(desk, shortlist):
    body = page(desk, shortlist)
    assert [word in body for word in ("林小满", "林**", "海边的风", "120****")] == [False] * 4


def test_an_exchange_is_shown_with_its_reason(desk, shortlist):
    ideas = list(shortlist.campaign.ideas.by_receipt())
    exchange(desk, shortlist, ideas[0], ideas[4], "第3次会议纪要")
    assert "第3次会议纪要" in page(desk, shortlist)


def test_an_exchange_without_reason_keeps_what_was_typed(desk, shortlist):
    ideas = list(shortlist.campaign.ideas.by_receipt())
    answer = exchange(desk, shortlist, ideas[0], ideas[4], "")
    assert (answer.status_code, f'value="{ideas[4].receipt}"' in answer.content.decode()) == (422, True)
    assert re.findall(r'<li><a href="#id_reason">[^<]*调整理由', answer.content.decode())
    assert shortlist.entries.filter(idea=ideas[0]).exists()


def test_signing_releasing_and_publishing(client, managers, shortlist):
    client.force_login(managers[0])
    press(client, shortlist, "seal")
    press(client, shortlist, "seal")
    assert not fresh(shortlist).is_sealed
    client.force_login(managers[1])
    press(client, shortlist, "seal")
    assert fresh(shortlist).is_sealed
    assert "尚无公开稿" in release(client, shortlist, "ask")
    press(client, shortlist, "texts")
    release(client, shortlist, "ask")
    client.force_login(managers[0])
    release(client, shortlist, "confirm")
    winners = f"/campaigns/{shortlist.campaign.slug}/winners/"
    with clock.at(fresh(shortlist).release_at - clock.BLINK):
        assert client.get(winners).status_code == 404
    with clock.at(fresh(shortlist).release_at):
        assert client.get(winners).status_code == 200
    assert fresh(shortlist).released_by == managers[0]


def test_the_one_who_signed_finds_no_button(desk, shortlist):
    press(desk, shortlist, "seal")
    assert "/press/seal/" not in page(desk, shortlist)


def test_an_auditor_sees_the_list_and_presses_nothing(client, auditor, shortlist):
    client.force_login(auditor)
    assert 'class="act' not in page(client, shortlist)
    press(client, shortlist, "seal")
    assert fresh(shortlist).first_seal_by is None


@pytest.mark.parametrize(("act", "typed"), [("exchange", {}), ("exchange", {"reason": "换"}), ("pair", {})])
def test_what_an_auditor_forges_is_refused_before_it_is_read(client, auditor, shortlist, act, typed):
    client.force_login(auditor)
    out, put_in = picked(shortlist)
    whole = {"version": shortlist.version, "out": out.receipt, "put_in": put_in.receipt, **factories.MINUTES}
    data = {**whole, **typed} if typed else {}
    answer = client.post(reverse(f"admin:ideas_shortlist_{act}", args=[shortlist.pk]), data)
    assert (answer.status_code, shortlist.exchanges.count()) == (403, 0)


def test_a_signature_that_an_auditor_forges_is_refused(client, auditor, shortlist):
    client.force_login(auditor)
    address = reverse("admin:ideas_shortlist_press", args=[shortlist.pk, "seal"])
    assert client.post(address, {"version": shortlist.version}).status_code == 403


def picked(shortlist):
    ideas = list(shortlist.campaign.ideas.by_receipt())
    return ideas[0], ideas[4]


def test_the_preview_is_the_page_as_it_would_be(desk, shortlist):
    press(desk, shortlist, "texts")
    body = desk.get(reverse("admin:ideas_shortlist_preview", args=[shortlist.pk])).content.decode()
    assert all(entry.idea.title in body for entry in shortlist.entries.select_related("idea"))


def test_an_unknown_button_is_404(desk, shortlist):
    assert desk.post(reverse("admin:ideas_shortlist_press", args=[shortlist.pk, "nonsense"])).status_code == 404


def test_queries_do_not_grow_with_the_places(desk, moderator, managers, django_assert_num_queries):
    for places in (2, 8):
        campaign = factories.rated_campaign(moderator, ideas=2 * places, places=places)
        shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
        for topic in campaign.topics.all():
            Quota.objects.create(campaign=campaign, topic=topic, most=places)
        ideas = list(campaign.ideas.by_receipt())
        for number in range(places // 2):
            exchange(desk, shortlist, ideas[number], ideas[-1 - number], "会议决定")
        with django_assert_num_queries(QUERIES):
            page(desk, shortlist)


def test_list_and_preview_work_for_an_erased_person(desk, shortlist):
    idea = shortlist.entries.first().idea
    erase_person(idea=idea, at=clock.RATING_UNTIL, expected_version=2)
    pages = [desk.get(reverse(f"admin:ideas_shortlist_{name}", args=[shortlist.pk])) for name in ("change", "preview")]
    assert [page.status_code for page in pages] == [200, 200]


def seal(client, shortlist, managers):
    for manager in managers:
        client.force_login(manager)
        press(client, shortlist, "seal")
    return fresh(shortlist)


def test_an_exchange_is_made_by_a_second_person_on_the_page(client, managers, shortlist):
    best, *_, worst = shortlist.campaign.ideas.by_receipt()
    client.force_login(managers[0])
    exchange(client, shortlist, best, worst, "会议决定")
    assert "/consent/" not in page(client, shortlist)
    client.force_login(managers[1])
    assert "/consent/" in page(client, shortlist)
    decide(client, shortlist, "consent")
    assert [entry.idea for entry in shortlist.entries.all()][-1] == worst


def test_a_waiting_exchange_shows_what_it_does_to_quotas(desk, shortlist):
    best, *_, worst = shortlist.campaign.ideas.by_receipt()
    type(worst).objects.filter(pk=worst.pk).update(topic=shortlist.campaign.topics.get(slug="night"))
    Quota.objects.create(campaign=shortlist.campaign, topic=shortlist.campaign.topics.get(slug="night"), most=0)
    exchange(desk, shortlist, best, worst, "会议决定")
    assert "夜间: 0 → 1" in page(desk, shortlist)


def test_an_exchange_that_became_impossible_offers_its_end_and_the_signature(client, managers, shortlist):
    first, _, _, fourth, fifth = shortlist.campaign.ideas.by_receipt()
    client.force_login(managers[0])
    for put_in in (fourth, fifth):
        exchange(client, shortlist, first, put_in, "与在办项目重复")
    client.force_login(managers[1])
    one, late = shortlist.exchanges.all()
    address = reverse("admin:ideas_shortlist_decide", args=[shortlist.pk, one.pk, "consent"])
    client.post(address, {"version": fresh(shortlist).version})
    body = page(client, shortlist)
    acts = re.findall(r'action="[^"]*/((?:decide/\d+|press)/\w+)/"', body)
    assert [f"decide/{late.pk}/consent" in acts, f"decide/{late.pk}/refuse" in acts, "press/seal" in acts] == [0, 1, 1]
    assert "不能再执行" in body


def test_a_meeting_that_cannot_have_been_is_named_at_its_field(desk, shortlist):
    ideas = list(shortlist.campaign.ideas.by_receipt())
    version = {
        "version": fresh(shortlist).version,
        "out": ideas[0].receipt,
        "put_in": ideas[4].receipt,
        "reason": "重复",
    }
    address = reverse("admin:ideas_shortlist_exchange", args=[shortlist.pk])
    answer = desk.post(address, {**version, **factories.MINUTES, "minutes_on": "2036-01-01"})
    assert (answer.status_code, list(answer.context["exchange_form"].errors)) == (409, ["minutes_on"])
    assert 'value="2036-01-01"' in answer.content.decode()


def test_an_exchange_is_taken_back(desk, shortlist):
    best, *_, worst = shortlist.campaign.ideas.by_receipt()
    exchange(desk, shortlist, best, worst, "会议决定")
    decide(desk, shortlist, "refuse")
    assert shortlist.exchanges.get().state == "taken_back"


def test_an_unknown_answer_is_404(desk, shortlist):
    best, *_, worst = shortlist.campaign.ideas.by_receipt()
    exchange(desk, shortlist, best, worst, "会议决定")
    assert decide(desk, shortlist, "perhaps").status_code == 404


def test_a_pair_is_noted_and_dropped(desk, shortlist):
    one, other, *_ = shortlist.campaign.ideas.by_receipt()
    data = {"version": 1, "one": one.receipt, "other": other.receipt, "reason": "同一路口"}
    desk.post(reverse("admin:ideas_shortlist_pair", args=[shortlist.pk]), data)
    assert "同一路口" in page(desk, shortlist)
    pair = shortlist.campaign.incompatible.get()
    desk.post(reverse("admin:ideas_shortlist_drop_pair", args=[shortlist.pk, pair.pk]), {"version": 2})
    assert not shortlist.campaign.incompatible.exists()


def test_a_list_is_dropped_so_that_the_panel_can_go_on(desk, shortlist):
    press(desk, shortlist, "withdraw")
    assert not Shortlist.objects.exists()


def test_the_seal_is_taken_off_by_two(client, managers, shortlist):
    seal(client, shortlist, managers)
    for manager in managers:
        client.force_login(manager)
        data = {"version": fresh(shortlist).version, "reason": "笔误"}
        client.post(reverse("admin:ideas_shortlist_unseal", args=[shortlist.pk]), data)
    assert not fresh(shortlist).is_sealed


def test_the_minutes_have_the_list_and_lines_to_sign(desk, shortlist, manager):
    one, other, *_ = shortlist.campaign.ideas.by_receipt()
    note_pair(campaign=shortlist.campaign, one=one, other=other, reason="同一路口", manager=manager, at=clock.RATING)
    body = desk.get(reverse("admin:ideas_shortlist_minutes", args=[shortlist.pk])).content.decode()
    listed = [entry.idea.receipt for entry in shortlist.entries.select_related("idea")]
    assert [word in body for word in (*listed, "同一路口", "评审组组长", "经办人", "审核人", "审定人", "监督员")] == [
        True
    ] * 9


def test_the_minutes_print_no_internal_address(desk, shortlist):
    page = reverse("admin:ideas_shortlist_minutes", args=[shortlist.pk])
    foot = desk.get(page).content.decode().split("<footer")[1]
    assert (page in foot, "print-only" in foot) == (False, False)


def test_a_scan_is_attached_and_downloaded_by_those_who_see_the_list(client, managers, auditor, moderator, shortlist):
    seal(client, shortlist, managers)
    scan = SimpleUploadedFile("scan.exe", b"%PDF-1.7 signed", "application/x-msdownload")
    client.post(reverse("admin:ideas_shortlist_scan", args=[shortlist.pk]), {"scan": scan})
    address = reverse("admin:ideas_shortlist_scan_file", args=[shortlist.pk, SignedMinutes.objects.get().key])
    client.force_login(auditor)
    answer = client.get(address)
    assert (b"".join(answer.streaming_content), answer["Content-Type"]) == (b"%PDF-1.7 signed", "application/pdf")
    client.force_login(moderator)
    assert client.get(address).status_code == 404


def test_a_scan_needs_the_form_of_this_portal(managers, shortlist):
    client = Client(enforce_csrf_checks=True)
    client.force_login(managers[0])
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 signed")
    address = reverse("admin:ideas_shortlist_scan", args=[shortlist.pk])
    answer = client.post(address, {"scan": scan})  # led back to the form, which has a token of this portal
    assert (answer.status_code, answer["Location"], SignedMinutes.objects.count()) == (302, address, 0)


def test_what_is_no_scan_is_told(client, managers, shortlist):
    seal(client, shortlist, managers)
    scan = SimpleUploadedFile("scan.pdf", b"<script>")
    address = reverse("admin:ideas_shortlist_scan", args=[shortlist.pk])
    assert "PDF" in client.post(address, {"scan": scan}, follow=True).content.decode()
    assert not SignedMinutes.objects.exists()


def test_the_archive_edition_is_for_those_who_see_the_list(client, managers, auditor, moderator, shortlist):
    seal(client, shortlist, managers)
    address = reverse("admin:ideas_shortlist_record", args=[shortlist.pk, 1, "archive"])
    client.force_login(auditor)
    assert client.get(address).json()["digest"] == SealedRecord.objects.get(edition=Edition.ARCHIVE).digest
    client.force_login(moderator)
    assert client.get(address).status_code == 404


def test_a_large_edition_comes_part_by_part(client, managers, shortlist, monkeypatch):
    monkeypatch.setattr(SealedRecord, "PART", 500)
    seal(client, shortlist, managers)
    answer = client.get(reverse("admin:ideas_shortlist_record", args=[shortlist.pk, 1, "archive"]))
    parts = list(answer.streaming_content)
    assert len(parts) > 5
    assert json.loads(b"".join(parts))["digest"] == SealedRecord.objects.get(edition=Edition.ARCHIVE).digest


def test_the_page_says_that_a_list_no_longer_follows_before_anybody_signs(client, moderator, managers):
    campaign = factories.rated_campaign(moderator)
    fourth = list(campaign.ideas.by_receipt())[3]
    topics = {topic.slug: topic for topic in campaign.topics.all()}
    type(fourth).objects.filter(pk=fourth.pk).update(topic=topics["night"])
    Quota.objects.create(campaign=campaign, topic=topics["night"], least=1)
    row = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    client.force_login(managers[0])
    page = reverse("admin:ideas_shortlist_change", args=[row.pk])
    assert not client.get(page).context["board"].strays
    fourth.refresh_from_db()
    where = {"topic": topics["road"], "area": fourth.area, "unit": None}
    classify_idea(idea=fourth, moderator=moderator, at=clock.RATING_UNTIL, **where)
    board = client.get(page).context["board"]
    assert (board.strays, board.anew) == (True, [fourth.receipt])


WORDS = "这一句理由写了很久，不能丢。"


def hidden(body, action):
    """The form of an address on the page, and what its hidden fields carry."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', body, re.DOTALL)[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        if 'type="hidden"' in tag and "csrf" not in tag:
            found[re.search(r'name="([^"]+)', tag)[1]] = re.search(r'value="([^"]*)', tag)[1]
    return form, found


def test_a_pair_is_refused_on_a_list_that_has_changed_and_its_words_stay(desk, managers, shortlist):
    one, other, *_ = shortlist.campaign.ideas.by_receipt()
    address = reverse("admin:ideas_shortlist_pair", args=[shortlist.pk])
    typed = {"one": one.receipt, "other": other.receipt, "reason": WORDS}
    shown = hidden(page(desk, shortlist), address)[1]
    note_pair(campaign=shortlist.campaign, one=one, other=list(shortlist.campaign.ideas.all())[-1], reason="同一路口",
              manager=managers[1], at=clock.RATING)  # fmt: skip
    answer = desk.post(address, shown | typed)
    form, again = hidden(answer.content.decode(), address)
    assert (answer.status_code, WORDS in form, shortlist.campaign.incompatible.count()) == (409, True, 1)
    assert (desk.post(address, again | typed).status_code, shortlist.campaign.incompatible.count()) == (302, 2)


def test_a_pair_is_not_dropped_from_a_page_that_is_outdated(desk, managers, shortlist):
    one, other, third, *_ = shortlist.campaign.ideas.by_receipt()
    pair = note_pair(
        campaign=shortlist.campaign, one=one, other=other, reason="x", manager=managers[1], at=clock.RATING
    )
    address = reverse("admin:ideas_shortlist_drop_pair", args=[shortlist.pk, pair.pk])
    shown = hidden(page(desk, shortlist), address)[1]
    note_pair(campaign=shortlist.campaign, one=one, other=third, reason="x", manager=managers[1], at=clock.RATING)
    desk.post(address, shown)
    desk.post(address, {})
    assert shortlist.campaign.incompatible.count() == 2


def test_a_list_that_somebody_has_worked_on_is_not_replaced_unseen(desk, managers, shortlist):
    address = reverse("admin:ideas_campaign_propose", args=[shortlist.campaign_id])
    shown = hidden(page(desk, shortlist), address)[1]
    best, *_, worst = shortlist.campaign.ideas.by_receipt()
    exchange(desk, shortlist, best, worst, "会议决定")
    for typed in (shown, {}, {"seen": ""}):
        desk.post(address, typed)
        assert list(Shortlist.objects.all()) == [shortlist]
    desk.post(address, hidden(page(desk, shortlist), address)[1])
    assert not Shortlist.objects.filter(pk=shortlist.pk).exists()


def test_a_refused_exchange_can_be_sent_again_with_what_the_page_showed(desk, managers, shortlist):
    best, *_, worst = shortlist.campaign.ideas.by_receipt()
    address = reverse("admin:ideas_shortlist_exchange", args=[shortlist.pk])
    typed = {"out": best.receipt, "put_in": worst.receipt, "reason": WORDS, **factories.MINUTES}
    shown = hidden(page(desk, shortlist), address)[1]
    note_pair(campaign=shortlist.campaign, one=best, other=worst, reason="x", manager=managers[1], at=clock.RATING)
    answer = desk.post(address, shown | typed)
    form, again = hidden(answer.content.decode(), address)
    assert (answer.status_code, WORDS in form) == (409, True)
    assert desk.post(address, again | typed).status_code == 302


@pytest.mark.parametrize("act", ["unseal", "stop"])
def test_a_reason_for_opening_or_stopping_stays_when_somebody_was_faster(client, managers, shortlist, act):
    seal(client, shortlist, managers)
    client.force_login(managers[0])
    if act == "stop":
        press(client, shortlist, "texts")
        release(client, shortlist, "ask")
    name, *more = ("ideas_shortlist_unseal",) if act == "unseal" else ("ideas_shortlist_release", "stop")
    address = reverse(f"admin:{name}", args=[shortlist.pk, *more])
    shown = hidden(page(client, shortlist), address)[1]
    Shortlist.objects.update(version=shown["version"] + "0")
    answer = client.post(address, shown | {"reason": WORDS})
    form, again = hidden(answer.content.decode(), address)
    assert (answer.status_code, WORDS in form, 'class="field-error"' in form) == (409, True, True)
    assert client.post(address, again | {"reason": WORDS}).status_code == 302


def test_words_whose_form_is_gone_stand_above_the_page(client, managers, shortlist):
    seal(client, shortlist, managers)
    address = reverse("admin:ideas_shortlist_unseal", args=[shortlist.pk])
    client.force_login(managers[0])
    shown = hidden(page(client, shortlist), address)[1]
    other = Client()
    other.force_login(managers[1])
    other.post(address, shown | {"reason": "笔误"})
    answer = client.post(address, shown | {"reason": WORDS})
    assert (answer.status_code, WORDS in answer.content.decode()) == (409, True)


def test_an_auditor_reads_the_preview_without_names(desk, client, shortlist, auditor):
    address = reverse("admin:ideas_shortlist_preview", args=[shortlist.pk])
    managers = desk.get(address).content.decode()
    client.force_login(auditor)
    answer = client.get(address)
    own = answer.content.decode()
    assert (answer.status_code, "海边的风" in managers, "海边的风" in own, "release/ask" in own) == (
        200,
        True,
        False,
        False,
    )
    assert [entry.idea.published_title in own for entry in shortlist.entries.select_related("idea")] == [True] * 3


def test_the_campaigns_page_leads_to_the_list_whoever_may_read_it(client, shortlist, moderator, auditor):
    list_, page = (
        reverse("admin:ideas_shortlist_change", args=[shortlist.pk]),
        reverse("admin:ideas_campaign_change", args=[shortlist.campaign_id]),
    )
    found = {}
    for user in (moderator, auditor):
        client.force_login(user)
        found[user] = list_ in client.get(page).content.decode()
    assert found == {moderator: False, auditor: True}
