"""What somebody typed is kept from the first post on, and found again from any page of the form."""

import re
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.models import Draft, Idea, Photo
from ideas.queries import access
from ideas.services.drafts import DRAFT_LIFE
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(campaign):
    """The three addresses of a submission."""
    return [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]


def data(**overrides):
    return factories.form_data(form_key=str(uuid4()), **overrides)


def typed(answer):
    """What stands in the text fields of a form page."""
    form = answer.context["form"]
    return {name: form[name].value() or "" for name in ("title", "problem", "proposal", "place", "name", "phone")}


def words(posted):
    return {name: posted[name] for name in ("title", "problem", "proposal", "place", "name", "phone")}


@pytest.mark.slow
@pytest.mark.parametrize("change", [{}, {"title": ""}, {"email": "nonsense"}, {"save": ""}], ids=repr)
def test_whatever_is_posted_is_kept_and_offered(client, steps, during, change):
    posted = data(**change)
    client.post(steps[0], posted)
    [offered] = client.get(steps[0]).context["unfinished"]
    again = client.get(f"{steps[0]}?change={offered.form_key.hex[:8]}")
    assert typed(again) == words(posted)


def test_what_is_kept_is_encrypted(client, steps, during):
    client.post(steps[0], data(title="秘密的标题"))
    raw = Draft.objects.extra(select={"raw": "payload"}).values_list("raw", flat=True).get()
    assert raw.startswith("aesgcm:")


def test_a_fresh_form_stays_fresh_beside_an_unfinished_one(client, steps, during):
    client.post(steps[0], data(title=""))
    form = client.get(steps[0]).context["form"]
    assert (form["problem"].value(), str(form["form_key"].value())) != ("", str(Draft.objects.get().form_key))


def test_saving_for_later_shows_no_errors_and_gives_a_private_link(client, steps, during):
    answer = client.post(steps[0], {"form_key": str(uuid4()), "title": "只写了标题", "save": ""})
    assert (answer.status_code, answer.context["form"].errors) == (200, {})
    assert answer.context["link"].endswith(f"/submit/resume/{Draft.objects.get().pk}/")


def test_the_private_link_brings_the_form_to_another_browser(client, steps, during):
    posted = data(save="")
    link = client.post(steps[0], posted).context["link"]
    other = Client()
    answer = other.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert (typed(answer), answer.redirect_chain[-1][0].startswith(steps[0])) == (words(posted), True)


def test_the_address_with_the_key_is_left_at_once(client, steps, campaign, during):
    draft = factories.make_draft(campaign)
    answer = client.get(reverse("resume", args=[campaign.slug, draft.form_key]))
    assert (answer.status_code, str(draft.form_key) in answer.url) == (302, False)


@pytest.mark.parametrize("late", [False, True], ids=["unknown", "expired"])
def test_a_link_that_no_longer_works_says_so(client, campaign, late):
    draft = factories.make_draft(campaign)
    key = draft.form_key if late else uuid4()
    campaign.closes_at = clock.LATER
    campaign.save()
    with clock.at(clock.DURING + (DRAFT_LIFE if late else 0 * DRAFT_LIFE)):
        answer = client.get(reverse("resume", args=[campaign.slug, key]))
    assert (answer.status_code, draft.content.typed["title"] in answer.content.decode()) == (410, False)


def test_the_link_of_a_sent_form_never_shows_the_query_code(client, steps, campaign, during):
    draft = factories.make_draft(campaign)
    Client().post(steps[1], {"form_key": str(draft.form_key)})
    answer = client.get(reverse("resume", args=[campaign.slug, draft.form_key]))
    assert (answer.status_code, "query-code" in answer.content.decode(), dict(client.cookies)) == (410, False, {})


def test_a_draft_of_another_browser_cannot_be_opened_by_its_tag(client, steps, campaign, during):
    draft = factories.make_draft(campaign)
    answer = client.get(f"{steps[0]}?change={draft.form_key.hex[:8]}")
    assert typed(answer)["title"] == ""


def test_two_tabs_are_two_forms(client, steps, during):
    first, second = data(title="第一个标签页"), data(title="第二个标签页")
    to_first = client.post(steps[0], first)
    to_second = client.post(steps[0], second)
    assert to_first.url == steps[1]
    assert to_second.url == f"{steps[1]}?form={UUID(second['form_key']).hex[:8]}"
    shown = [
        client.get(f"{steps[1]}?form={UUID(post['form_key']).hex[:8]}").content.decode() for post in (first, second)
    ]
    assert ["第一个标签页" in shown[0], "第二个标签页" in shown[1]] == [True, True]


def test_what_another_tab_changed_is_shown_before_it_is_sent(client, steps, during):
    posted = data()
    client.post(steps[0], posted)
    first = {"form_key": posted["form_key"], "seen": seen_on(client.get(steps[1]))}
    with clock.at(clock.DURING + clock.BLINK):
        client.post(steps[0], {**posted, "title": "另一个标签页改过"})
        refused = client.post(steps[1], first)
        again = client.post(steps[1], {**first, "seen": seen_on(refused)})
    assert (refused.status_code, "另一个标签页改过" in refused.content.decode(), again.url) == (422, True, steps[2])


def seen_on(answer):
    return re.search(r'name="seen" value="([^"]+)"', answer.content.decode())[1]


@pytest.mark.slow
def test_two_tabs_get_two_receipts_and_each_finds_the_other(client, steps, during):
    for posted in (data(), data()):
        client.post(steps[0], posted)
    keys = [draft.form_key for draft in Draft.objects.order_by("created_at")]
    pages = [client.post(steps[1], {"form_key": str(key)}, follow=True).content.decode() for key in keys]
    receipts = [Draft.objects.get(pk=access.form_hashes(key)[0]).idea.receipt for key in keys]
    assert [f'id="receipt">{receipt}<' in page for receipt, page in zip(receipts, pages, strict=True)] == [True, True]
    assert receipts[0] in pages[1]


@pytest.mark.slow
def test_other_words_under_a_sent_key_become_an_idea_of_their_own(client, steps, during):
    """Back to the form, changed, sent again: the browser still holds the key of the first idea."""
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    answer = client.post(steps[0], {**posted, "title": "另一条建议"})
    page = client.get(answer.url)
    client.post(steps[1], {"form_key": str(page.context["draft"].form_key)})
    assert sorted(Idea.objects.values_list("title", flat=True)) == sorted([posted["title"], "另一条建议"])


def test_the_same_words_under_a_sent_key_lead_to_the_receipt_where_the_cookie_was_lost(client, steps, during):
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    client.cookies.clear()
    client.post(steps[0], data(title="另一份"))  # this browser has a form of its own by now
    answer = client.post(steps[0], {**posted, "photos": [factories.photo_file()]})
    page = client.get(answer.url)
    assert (answer.status_code, answer.url, page.context["idea"]) == (302, steps[2], Idea.objects.get())
    assert [message.level_tag for message in page.context["messages"]] == ["error"]  # the photo came too late


def test_a_form_posted_again_long_after_it_was_sent_loses_nothing(client, steps, campaign, during):
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    Draft.objects.all().delete()
    answer = Client().post(steps[0], {**posted, "title": "另一条建议"})
    form = answer.context["form"]
    assert (answer.status_code, form["title"].value()) == (410, "另一条建议")
    assert form["form_key"].value() != posted["form_key"]


def test_an_unchecked_draft_cannot_be_sent(client, steps, during):
    posted = data(title="")
    client.post(steps[0], posted)
    answer = client.post(steps[1], {"form_key": posted["form_key"]})
    assert (answer.url.startswith(f"{steps[0]}?change="), Idea.objects.count()) == (True, 0)


def test_the_check_page_of_an_unchecked_draft_leads_back_to_the_form(client, steps, during):
    client.post(steps[0], data(title=""))
    assert client.get(steps[1]).url.startswith(f"{steps[0]}?change=")


def test_a_resident_who_comes_back_after_closing_can_copy_what_was_kept(client, steps, campaign):
    posted = data(title="")
    with clock.at(clock.CLOSES - clock.BLINK):
        client.post(steps[0], posted)
    with clock.at(clock.CLOSES):
        answer = client.get(steps[0])
    assert (answer.status_code, posted["problem"] in answer.content.decode()) == (410, True)
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_receipt_can_be_forgotten_on_a_shared_device(client, steps, during):
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    client.post(steps[2])
    assert Idea.objects.get().receipt not in client.get(steps[2]).content.decode()


def test_the_forms_script_learns_which_forms_were_forgotten_here(client, steps, during):
    """It drops its own copies then, also where the browser does not heed Clear-Site-Data."""
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    client.post(steps[2])
    assert client.get(steps[0]).context["sent"] == [UUID(posted["form_key"]).hex[:8]]
    client.post(steps[0], data())
    assert UUID(posted["form_key"]).hex[:8] in client.get(steps[0]).context["sent"]


def test_a_landline_alone_is_told_that_no_message_comes(client, steps, during, settings):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    client.cookies["language"] = "en"
    notes = []
    for phone in ("0592-606 0000", "13800138000"):
        posted = data(phone=phone, email="")
        client.post(steps[0], posted)
        page = client.post(steps[1], {"form_key": posted["form_key"]}, follow=True).content.decode()
        notes.append("No message goes to the contact" in page)
    assert notes == [True, False]


def test_a_name_without_its_consent_is_pointed_out_before_sending(client, steps, during):
    client.cookies["language"] = "en"
    notes = []
    for naming in ("net_name", "anonymous"):
        client.post(steps[0], data(publish_consent=False, naming=naming))
        notes.append("would be published without one" in client.get(steps[1]).content.decode())
    assert notes == [True, False]


def test_a_copy_of_the_receipt_is_promised_only_where_one_goes(client, steps, during):
    both = [data(email="lin@example.com"), data(email="")]
    for posted in both:
        client.post(steps[0], posted)
        client.post(steps[1], {"form_key": posted["form_key"]})
    pages = [client.get(f"{steps[2]}?form={UUID(posted['form_key']).hex[:8]}").content.decode() for posted in both]
    assert ["l***@example.com" in page for page in pages] == [True, False]
    assert not any("lin@example.com" in page for page in pages)


def test_the_receipt_says_when_residents_hear_from_us(client, steps, campaign, during):
    campaign.answer_days = 5
    campaign.save()
    posted = data()
    client.cookies["language"] = "en"
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    page = client.get(steps[2]).content.decode()
    end = 'from 2026-04-12 to <span class="keep">2026-04-24 24:00<'
    assert ("within 5 working days" in page, end in page) == (True, True)


def test_the_receipt_has_a_code_that_opens_the_tracking_page(client, steps, during):
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    page = client.get(steps[2])
    receipt = Idea.objects.get().receipt
    assert page.context["track_address"] == f"http://127.0.0.1:8000/track/?receipt={receipt}"
    assert '<svg role="img"' in page.content.decode()


def test_the_form_page_takes_few_queries(client, steps, during, django_assert_max_num_queries):
    client.post(steps[0], data(title=""))
    with django_assert_max_num_queries(6):
        client.get(steps[0])
    with django_assert_max_num_queries(6):
        client.get(f"{steps[0]}?change")


@pytest.mark.parametrize(("step", "kept", "leads_back"), [(0, False, False), (0, True, True), (1, False, True)])
def test_a_refused_post_leads_back_to_the_form_that_is_kept(campaign, steps, during, step, kept, leads_back):
    draft = factories.make_draft(campaign)
    posted = {"form_key": str(draft.form_key), **({"kept": ""} if kept else {})}
    answer = Client(enforce_csrf_checks=True).post(steps[step], posted)
    link = reverse("resume", args=[campaign.slug, draft.form_key])
    assert (answer.status_code, link in answer.content.decode()) == (403, leads_back)


def test_after_closing_the_posted_form_is_shown_and_not_another_of_this_browser(client, steps, campaign):
    first, second = data(title="", photos=[factories.photo_file()]), data(title="")
    with clock.at(clock.CLOSES - clock.BLINK):
        client.post(steps[0], first)
        client.post(steps[0], second)
    with clock.at(clock.CLOSES):
        answer = client.post(steps[0], {**first, "photos": []})
    assert (answer.status_code, [photo.draft_id for photo in answer.context["photos"]]) == (
        410,
        access.form_hashes(UUID(first["form_key"])),
    )


def test_forgetting_the_receipt_clears_what_the_browser_stored(client, steps, during):
    answer = client.post(steps[2])
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "已清除本机上的回执" in client.get(answer.headers["Location"]).content.decode()


# --- One form in two tabs --------------------------------------------------------------------------------------------


def fields_of(answer):
    """What a form page carries along."""
    return {name: str(answer.context[name]) for name in ("page", "seen")}


@pytest.fixture
def two_tabs(client, steps, during):
    """A kept form with a photo, opened in two tabs by its change link; the second one was then changed."""
    posted = data(photos=[factories.photo_file()])
    client.post(steps[0], posted)
    posted.pop("photos")
    first, second = ({**posted, **fields_of(client.get(f"{steps[0]}?change"))} for _ in range(2))
    with clock.at(clock.DURING + clock.BLINK):
        client.post(steps[0], {**second, "title": "第二个标签页"})
    return first, second


@pytest.mark.slow
@pytest.mark.parametrize("button", [{}, {"save": ""}, {"elder": "on"}], ids=repr)
def test_an_outdated_tab_does_not_write_over_the_other(client, steps, two_tabs, button):
    first, _second = two_tabs
    with clock.at(clock.DURING + 2 * clock.BLINK):
        answer = client.post(steps[0], {**first, "title": "第一个标签页", **button})
    assert answer.status_code == 409
    assert {row.content.typed["title"] for row in Draft.objects.all()} == {"第一个标签页", "第二个标签页"}
    assert [row.photos.count() for row in Draft.objects.all()] == [1, 1]
    assert f"?change={UUID(first['form_key']).hex[:8]}" in answer.content.decode()


def test_who_goes_back_in_one_tab_changes_the_same_form(client, steps, two_tabs):
    _first, second = two_tabs
    with clock.at(clock.DURING + 2 * clock.BLINK):
        answer = client.post(steps[0], {**second, "title": "改了又改"})
    assert (answer.status_code, [row.content.typed["title"] for row in Draft.objects.all()]) == (302, ["改了又改"])


def test_an_outdated_tab_with_the_same_words_is_no_other_form(client, steps, two_tabs):
    first, _second = two_tabs
    with clock.at(clock.DURING + 2 * clock.BLINK):
        client.post(steps[0], {**first, "title": "第二个标签页"})
    assert Draft.objects.count() == 1


# --- Deleting, being late --------------------------------------------------------------------------------------------


def test_a_form_can_be_deleted_with_its_photos(client, steps, during):
    posted = data(title="", photos=[factories.photo_file()])
    client.post(steps[0], posted)
    answer = client.post(steps[0], {"form_key": posted["form_key"], "discard": ""}, follow=True)
    assert (Draft.objects.count(), Photo.objects.count(), answer.context["unfinished"]) == (0, 0, [])
    assert answer.context["sent"] == [UUID(posted["form_key"]).hex[:8]]  # for the script's own copy


def test_a_sent_form_cannot_be_deleted(client, steps, campaign, during):
    draft = factories.make_draft(campaign)
    client.post(steps[1], {"form_key": str(draft.form_key)})
    client.post(steps[0], {"form_key": str(draft.form_key), "discard": ""})
    assert Draft.objects.get().idea == Idea.objects.get()


def carried_by(answer):
    """What the buttons in the head of the page would send along."""
    page = answer.content.decode()
    return {
        **dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.split('id="late-form"')[1])),
        **dict(re.findall(r'<textarea class="copy" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page)),
    }


@pytest.mark.parametrize("button", [{"elder": "on"}, {"language": "en"}], ids=repr)
def test_too_late_the_buttons_in_the_head_keep_the_words(client, steps, campaign, button):
    with clock.at(clock.CLOSES):
        carried = carried_by(client.post(steps[0], data()))
        answer = client.post(steps[0], {**carried, **button})
        texts = [carried[name] for name in ("title", "problem", "proposal", "place")]
        page = answer.content.decode()
    assert (answer.status_code, [text for text in texts if text not in page]) == (410, [])
    assert ('class="elder' in page, 'lang="en"' in page.split(">")[1]) == ("elder" in button, "language" in button)


def test_too_late_a_photo_is_spoken_of(client, steps, campaign):
    client.cookies["language"] = "en"
    with clock.at(clock.CLOSES):
        pages = [
            client.post(steps[0], data(**photos)).content.decode()
            for photos in ({}, {"photos": [factories.photo_file()]})
        ]
    assert ["photos that you had chosen" in page for page in pages] == [False, True]


def test_a_photo_added_to_the_form_of_a_sent_idea_is_not_dropped_without_a_word(client, steps, during):
    client.cookies["language"] = "en"
    posted = data()
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    page = client.post(steps[0], {**posted, "photos": [factories.photo_file()]}, follow=True).content.decode()
    assert ("could not be taken any more" in page, "query-code" in page) == (True, True)


def test_a_photo_uploaded_by_script_after_sending_is_refused_in_words(client, steps, campaign, during):
    draft = factories.make_draft(campaign)
    client.post(steps[1], {"form_key": str(draft.form_key)})
    posted = {"form_key": str(draft.form_key), "photos": [factories.photo_file()]}
    answer = client.post(reverse("add-photos", args=[campaign.slug]), posted)
    assert (answer.status_code, answer.headers["Content-Type"], bool(answer.content)) == (410, "text/plain", True)


@pytest.mark.parametrize("takes", [True, False])
def test_the_form_names_the_kinds_of_photos_that_it_takes(client, steps, during, monkeypatch, takes):
    monkeypatch.setattr("ideas.forms.photos.takes_heic", lambda: takes)
    page = client.get(steps[0]).content.decode()
    fault = client.post(steps[0], data(photos=[SimpleUploadedFile("notes.txt", b"x" * 100)])).content.decode()
    assert ["HEIC" in text for text in (page, fault)] == [takes, takes]


@pytest.mark.parametrize(
    ("typed_number", "shown"), [("13800138000", "138 0013 8000"), ("+44 20 7946 0958", "+44 20 7946 0958")]
)
def test_the_check_page_shows_a_number_as_people_write_it(client, steps, during, typed_number, shown):
    client.post(steps[0], data(phone=typed_number))
    page = client.get(steps[1]).content.decode()
    assert (shown in page, "+86" in page) == (True, False)


def test_check_page_and_receipt_take_few_queries(client, steps, during, django_assert_max_num_queries):
    posted = data()
    client.post(steps[0], posted)
    with django_assert_max_num_queries(8):
        client.get(steps[1])
    client.post(steps[1], {"form_key": posted["form_key"]})
    with django_assert_max_num_queries(8):
        client.get(steps[2])


@pytest.mark.slow
def test_queries_do_not_grow_with_the_forms_of_a_browser(client, steps, during):
    counts = []
    for _form in range(3):
        client.post(steps[0], data(photos=[factories.photo_file()]))
        counts.append([count_queries(client, page) for page in (steps[0], steps[1], "/track/lost/", "/")])
    assert counts[1:] == counts[:1] * 2


def count_queries(client, page):
    with CaptureQueriesContext(connection) as found:
        client.get(page)
    return len(found)


def rows_of_the_database():
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield from (repr((table, row)) for row in cursor.fetchall())


def test_no_row_of_the_database_holds_a_form_key(client, steps, campaign, during):
    """Neither while the form is open nor when it is sent: whoever reads the tables opens no draft and no query code."""
    first, second = data(), data()
    client.post(steps[0], {**first, "photos": [factories.photo_file()]})
    client.post(steps[0], second)
    client.post(steps[1], {"form_key": second["form_key"]})
    keys = [UUID(posted["form_key"]) for posted in (first, second)]
    forms = [text for key in keys for text in (str(key), key.hex, repr(key.bytes))]
    assert [row for row in rows_of_the_database() if any(text in row for text in forms)] == []
    assert Draft.objects.count() == 2
