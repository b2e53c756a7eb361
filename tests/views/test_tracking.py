import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ideas.choices import DeclineReason, Status
from ideas.models import Idea, IdeaVersion, Message, Photo, Resident, ResidentStatement, UnsentInput
from ideas.models.photos import photo_store
from ideas.rules.privacy import NOTICE_VERSION
from ideas.rules.tracking import Act
from ideas.services import screening, tracking
from ideas.services.drafts import DRAFT_LIFE, drop_expired_drafts
from ideas.views.tracking import ACTS
from tests import clock, factories
from tests.views.tracked import opened, seen, without_token, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(campaign):
    return factories.receive(campaign)


def track(client, sent, **change):
    return client.post("/track/", {"receipt": sent.idea.receipt, "code": sent.code, **change})


def ask_back(idea, moderator):
    screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question="哪个路口？")


def decline(idea, moderator):
    reason = {"declined_as": DeclineReason.OUTSIDE_AREA, "reason": "此处属于同安区。"}
    screening.decline_idea(idea=idea, moderator=moderator, at=clock.DURING, **reason)


# --- Number and code -------------------------------------------------------------------------------------------------


def test_a_right_pair_opens_the_idea(client, sent, during):
    answer = track(client, sent)
    assert (answer.status_code, answer.url) == (302, "/track/")
    assert sent.idea.title in client.get("/track/").content.decode()


def test_every_wrong_pair_gets_the_same_answer(client, sent, during):
    wrong = [track(client, sent, code="0" * 8), track(client, sent, receipt="JM26-22222222")]
    wrong.append(track(client, sent, receipt="nonsense"))
    texts = {answer.content.decode().split("</h2>")[1].split("<form")[0] for answer in wrong}
    assert ([answer.status_code for answer in wrong], len(texts)) == ([200] * 3, 1)


def test_a_wrong_pair_keeps_what_was_typed(client, sent, during):
    assert 'value="nonsense"' in track(client, sent, receipt="nonsense").content.decode()


def test_an_open_idea_closes_after_half_an_hour(client, sent):
    with clock.at(clock.DURING):
        track(client, sent)
    with clock.at(clock.DURING + timedelta(minutes=30)):
        assert sent.idea.title not in client.get("/track/").content.decode()


def test_an_idea_can_be_left(client, sent, during):
    track(client, sent)
    client.post("/track/", {"close": "1"})
    assert sent.idea.title not in client.get("/track/").content.decode()


def test_the_offices_words_are_shown(client, sent, moderator, during):
    screening.decline_idea(
        idea=sent.idea,
        moderator=moderator,
        at=clock.DURING,
        declined_as=DeclineReason.OUTSIDE_AREA,
        reason="此处属于同安区。",
    )
    track(client, sent)
    body = client.get("/track/").content.decode()
    assert "此处属于同安区。" in body
    assert moderator.name not in body


def test_the_address_in_the_qr_code_fills_the_number_in(client, during):
    assert 'value="JM26-ABC"' in client.get("/track/?receipt=JM26-ABC").content.decode()


def test_the_qr_code_of_another_idea_does_not_show_the_open_one(client, campaign, sent, during):
    other = factories.make_idea(campaign)
    opened(client, sent.idea)
    bodies = [client.get(f"/track/?receipt={idea.receipt}").content.decode() for idea in (sent.idea, other)]
    assert [sent.idea.title in body for body in bodies] == [True, False]


def test_success_gives_the_browser_a_new_session(client, sent, during):
    before = opened(client, sent.idea).session.session_key
    track(client, sent)
    assert client.session.session_key not in (None, before)


def test_wrong_codes_and_unknown_numbers_get_the_same_bytes(client, sent, during):
    wrong = [
        without_token(Client().post("/track/", {"receipt": number, "code": "00000000"})).replace(number, "…")
        for number in (sent.idea.receipt, "JM26-22222222", "nonsense")
    ]
    assert len(set(wrong)) == 1


def test_over_the_limit_every_number_gets_the_same_page(client, sent, during):
    pages = set()
    for number in (sent.idea.receipt, "JM26-22222222", "nonsense"):
        for _ in range(10):
            assert client.post("/track/", {"receipt": number, "code": "00000000"}).status_code == 200
        answer = client.post("/track/", {"receipt": number, "code": sent.code})
        pages.add((answer.status_code, answer.headers["Retry-After"], without_token(answer)))
    [(status, wait, body)] = pages
    assert (status, wait, "/track/lost/" in body, "0592-000-0000" in body) == (429, "3600", True, True)


def test_the_right_code_works_from_another_address(client, sent, during):
    for _ in range(10):
        track(client, sent, code="00000000")
    assert track(client, sent).status_code == 429
    right = {"receipt": sent.idea.receipt, "code": sent.code}
    assert Client(REMOTE_ADDR="203.0.113.9").post("/track/", right).status_code == 302


def test_the_days_limit_says_a_day(client, sent, during, settings):
    settings.IDEAS_LIMIT_CODE_DAY = 0
    answer = track(client, sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "86400")


@pytest.mark.slow
@pytest.mark.parametrize("number", ["JM26-22222222", "nonsense"])
def test_a_wrong_code_and_an_unknown_number_cost_the_same_queries(sent, during, number):
    counts = []
    for receipt in (sent.idea.receipt, number):
        for _ in range(11):
            with CaptureQueriesContext(connection) as queries:
                Client().post("/track/", {"receipt": receipt, "code": "00000000"})
            counts.append(len(queries))
    assert counts[:11] == counts[11:]


# --- The idea's page -------------------------------------------------------------------------------------------------


WITH = {
    "received": (lambda idea, moderator: None, "the moderators"),
    "declined": (decline, "nobody"),
    "accepted": (
        lambda idea, moderator: screening.accept_idea(idea=idea, moderator=moderator, at=clock.DURING),
        "the panel and the office",
    ),
    "withdrawn": (lambda idea, _: tracking.withdraw_idea(idea=idea, at=clock.DURING, expected_version=1), "nobody"),
}


@pytest.mark.parametrize("step", WITH)
def test_the_page_says_who_has_the_idea(client, sent, moderator, during, step):
    act, who = WITH[step]
    act(sent.idea, moderator)
    client.cookies["language"] = "en"
    assert f"Now with: {who}" in opened(client, sent.idea).get("/track/").content.decode()


def test_a_review_lies_with_another_moderator(client, sent, moderator, during):
    decline(sent.idea, moderator)
    tracking.ask_review(idea=sent.idea, reasons="x", at=clock.DURING, expected_version=2)
    client.cookies["language"] = "en"
    assert "Now with: another moderator" in opened(client, sent.idea).get("/track/").content.decode()


def test_a_question_and_its_answer_stand_in_the_time_line(client, sent, moderator, during):
    ask_back(sent.idea, moderator)
    opened(client, sent.idea).post("/track/answer/", words(sent.idea, answer="学校北门。"))
    body = client.get("/track/").content.decode()
    assert body.index("哪个路口？") < body.index("学校北门。")


def test_an_earlier_wording_can_be_read(client, sent, during):
    opened(client, sent.idea).post("/track/amend/", words(sent.idea, title="改过的标题"))
    body = client.get("/track/").content.decode()
    assert (f"<strong>{sent.idea.title}</strong>" in body, "改过的标题" in body) == (True, True)


def test_only_what_is_possible_is_offered(client, sent, moderator, during):
    offered = {}
    opened(client, sent.idea)
    for step in ("received", "returned", "declined"):
        if step == "returned":
            ask_back(sent.idea, moderator)
        if step == "declined":
            decline(sent.idea, moderator)
        body = client.get("/track/").content.decode()
        offered[step] = {act for act in ("amend", "answer", "review", "withdraw") if f'"/track/{act}/?' in body}
    assert offered == {
        "received": {"amend", "withdraw"},
        "returned": {"answer", "withdraw"},
        "declined": {"review"},
    }


def test_photos_are_shown_small_and_lead_to_the_large_ones(client, sent, during):
    photo = Photo.objects.create(idea=sent.idea, added_at=clock.DURING, width=1, height=1, size=1)
    body = opened(client, sent.idea).get("/track/").content.decode()
    assert (f'href="/photos/{photo.key}/"' in body, f'src="/photos/{photo.key}/thumb/"' in body) == (True, True)


@pytest.mark.parametrize("address", ["/track/", "/track/naming/", "/track/erase/"])
def test_queries_do_not_grow_with_events(client, campaign, sent, moderator, address, during):
    counts = []
    for events in (1, 10):
        while sent.idea.events.count() < events:
            change = words(Idea.objects.get(pk=sent.idea.pk), title=f"第{sent.idea.events.count()}次")
            tracking.amend_idea(idea=sent.idea, words=change, at=clock.DURING, expected_version=change["seen"])
        opened(client, sent.idea)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert (counts[0] == counts[1], counts[0] <= 9) == (True, True)


# --- The result ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "word"), [("earliest", "优秀金点子"), ("latest", "未入选")])
def test_after_release_the_result_is_told(client, moderator, managers, place, word):
    campaign = factories.released_campaign(moderator, managers)
    idea = getattr(campaign.ideas, place)("id")
    with clock.at(clock.LATER):
        body = opened(client, idea, clock.LATER).get("/track/").content.decode()
    assert f'class="tag tag-{idea.public_status}">{word}' in body


# --- The acts --------------------------------------------------------------------------------------------------------


def test_every_act_but_the_download_is_in_the_table():
    assert set(ACTS) == set(Act) - {Act.EXPORT}


@pytest.mark.parametrize("act", [*ACTS, "export"])
def test_without_an_open_idea_every_page_leads_to_the_look_up(client, during, db, act):
    answer = client.get(f"/track/{act}/")
    assert (answer.status_code, answer.url) == (302, "/track/")


@pytest.mark.parametrize("act", ACTS)
def test_what_was_typed_is_kept_when_the_half_hour_is_over(client, sent, during, act):
    opened(client, sent.idea, clock.DURING - timedelta(hours=1))
    typed = {"answer": "我的补充", "reasons": "我的理由", "problem": "我的问题", "name": "我的名字", "seen": 1}
    answer = client.post(f"/track/{act}/", typed)
    body = answer.content.decode()
    assert (answer.status_code, 'name="code"' in body) == (403, True)
    assert all(text in body for name, text in typed.items() if name != "seen")


def test_amending(client, sent, during):
    opened(client, sent.idea)
    assert client.post("/track/amend/", words(sent.idea, title="改过的标题")).url == "/track/"
    assert "改过的标题" in client.get("/track/").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"title": ""}, "title"), ({"title": "长" * 61}, "title"), ({"topic": "x"}, "topic"), ({"problem": ""}, "problem"),
     ({"proposal": ""}, "proposal"), ({"area": "1"}, "area"), ({"place": "长" * 101}, "place")],
)  # fmt: skip
def test_the_text_is_checked_as_when_it_was_sent(client, sent, during, change, field):
    answer = opened(client, sent.idea).post("/track/amend/", words(sent.idea, **change))
    assert list(answer.context["form"].errors) == [field]
    assert IdeaVersion.objects.count() == 0


def test_answering(client, sent, moderator, during):
    ask_back(sent.idea, moderator)
    page = opened(client, sent.idea).get("/track/answer/").content.decode()
    client.post("/track/answer/", words(sent.idea, answer="学校北门。"))
    assert ("哪个路口？" in page, ResidentStatement.objects.get().text) == (True, "学校北门。")


def test_an_answer_may_be_a_changed_text_only(client, sent, moderator, during):
    ask_back(sent.idea, moderator)
    opened(client, sent.idea).post("/track/answer/", words(sent.idea, place="学校北门"))
    sent.idea.refresh_from_db()
    assert (sent.idea.status, sent.idea.place) == (Status.RECEIVED, "学校北门")


def test_an_empty_answer_is_named_at_its_field(client, sent, moderator, during):
    ask_back(sent.idea, moderator)
    answer = opened(client, sent.idea).post("/track/answer/", words(sent.idea))
    assert list(answer.context["form"].errors) == ["answer"]


def test_asking_for_a_review(client, sent, moderator, during):
    decline(sent.idea, moderator)
    opened(client, sent.idea).post("/track/review/", {"reasons": "其实在本区。", "seen": seen(sent.idea)})
    body = client.get("/track/").content.decode()
    assert ("其实在本区。" in body, Idea.objects.get().status) == (True, Status.RECEIVED)


def test_withdrawing(client, sent, during):
    opened(client, sent.idea)
    assert client.get("/track/withdraw/").status_code == 200
    client.post("/track/withdraw/", {"seen": 1})
    assert Idea.objects.get().status == Status.WITHDRAWN


def test_changing_how_to_be_named(client, sent, during):
    opened(client, sent.idea).post("/track/naming/", {"naming": "real", "name": "林大满", "net_name": "", "seen": 1})
    person = Resident.objects.get()
    assert (person.naming, person.contact["name"], person.publish_consented_at) == ("real", "林大满", None)


@pytest.mark.parametrize(
    ("consent", "warned"), [({}, True), ({"publish_consent": "on"}, False)], ids=["without", "with"]
)
def test_a_name_without_the_consent_to_publish_it_is_warned_about(client, sent, during, consent, warned):
    posted = {"naming": "net_name", "name": "", "net_name": "海风", "seen": 1, **consent}
    body = opened(client, sent.idea).post("/track/naming/", posted, follow=True).content.decode()
    assert ("署名方式已保存" in body, "notice warn" in body) == (True, warned)


def test_the_naming_page_shows_what_stands(client, sent, during):
    body = opened(client, sent.idea).get("/track/naming/").content.decode()
    assert ('value="海边的风"' in body, "12012345678" in body) == (True, False)


def test_a_real_name_must_be_written(client, sent, during):
    answer = opened(client, sent.idea).post("/track/naming/", {"naming": "real", "name": "", "seen": 1})
    assert list(answer.context["form"].errors) == ["name"]


def test_erasing(client, sent, during):
    opened(client, sent.idea)
    assert client.get("/track/erase/").status_code == 200
    client.post("/track/erase/", {"seen": 1})
    page = client.get("/track/")
    assert (Resident.objects.count(), page.status_code) == (0, 200)
    assert [f'"/track/{act}/?' in page.content.decode() for act in ("naming", "erase", "export")] == [
        False,
        False,
        True,
    ]


STALE = {
    "amend": {"title": "改过的标题"},
    "naming": {"naming": "real", "name": "林大满"},
    "withdraw": {},
    "erase": {},
}


@pytest.mark.parametrize("act", STALE)
def test_an_outdated_page_changes_nothing_and_keeps_the_words(client, sent, during, act):
    old = {**words(sent.idea), **STALE[act]}
    tracking.amend_idea(idea=sent.idea, words=words(sent.idea, place="别处"), at=clock.DURING, expected_version=1)
    answer = opened(client, sent.idea).post(f"/track/{act}/", old)
    body = answer.content.decode()
    assert (answer.status_code, sent.idea.events.count()) == (409, 2)
    assert all(text in body for name, text in STALE[act].items() if name != "naming")


def test_after_reading_what_is_new_the_same_words_are_taken(client, sent, during):
    old = words(sent.idea, title="改过的标题")
    tracking.amend_idea(idea=sent.idea, words=words(sent.idea, place="别处"), at=clock.DURING, expected_version=1)
    answer = opened(client, sent.idea).post("/track/amend/", old)
    again = {**old, "seen": answer.context["form"].data["seen"]}
    assert client.post("/track/amend/", again).status_code == 302


def test_words_for_an_act_that_is_no_longer_possible_are_shown_to_be_copied(client, sent, moderator, during):
    old = words(sent.idea, title="改过的标题")
    screening.accept_idea(idea=sent.idea, moderator=moderator, at=clock.DURING)
    answer = opened(client, sent.idea).post("/track/amend/", old)
    assert (answer.status_code, "改过的标题" in answer.content.decode()) == (409, True)


def test_what_was_typed_is_carried_into_the_other_language(client, sent, during):
    answer = opened(client, sent.idea).post("/track/amend/", words(sent.idea, title="写了一半", language="en"))
    body = answer.content.decode()
    assert ("Change the text" in body, 'value="写了一半"' in body, client.cookies["language"].value) == (
        True,
        True,
        "en",
    )
    assert IdeaVersion.objects.count() == 0


@pytest.mark.parametrize("act", ["review", "answer"])
def test_an_act_that_is_not_possible_leads_back(client, sent, during, act):
    assert opened(client, sent.idea).get(f"/track/{act}/").url == "/track/"


# --- What was typed for an act is kept until it is done ---------------------------------------------------------------


def amending(client):
    return client.get("/track/amend/").context["form"]


def test_words_with_an_error_are_there_when_the_page_is_opened_again(client, sent, during):
    opened(client, sent.idea).post("/track/amend/", words(sent.idea, title="", problem="改过的问题"))
    assert (amending(client)["problem"].value(), amending(client)["title"].value()) == ("改过的问题", "")


def test_words_are_kept_when_the_act_breaks(client, sent, during, monkeypatch):
    client.raise_request_exception = False
    opened(client, sent.idea)
    monkeypatch.setitem(ACTS, "amend", replace(ACTS["amend"], service=broken))
    answer = client.post("/track/amend/", words(sent.idea, problem="改过的问题"))
    assert (answer.status_code, amending(client)["problem"].value()) == (500, "改过的问题")


def broken(**_about):
    raise RuntimeError("on purpose")


def test_words_that_were_taken_are_kept_no_longer(client, sent, during):
    opened(client, sent.idea).post("/track/amend/", words(sent.idea, title=""))
    client.post("/track/amend/", words(sent.idea, title="改过的标题"))
    assert (UnsentInput.objects.count(), amending(client)["title"].value()) == (0, "改过的标题")


def test_one_can_begin_afresh(client, sent, during):
    opened(client, sent.idea).post("/track/amend/", words(sent.idea, title=""))
    assert client.get("/track/amend/?fresh").context["form"]["title"].value() == sent.idea.title


def test_kept_words_are_encrypted_and_end_with_the_drafts(client, sent, during):
    opened(client, sent.idea).post("/track/amend/", words(sent.idea, title="", problem="秘密的问题"))
    raw = UnsentInput.objects.extra(select={"raw": "words"}).values_list("raw", flat=True).get()
    assert raw.startswith("aesgcm:")
    assert drop_expired_drafts(at=clock.DURING + DRAFT_LIFE) == 1


def test_kept_words_of_one_idea_are_not_shown_with_another(client, campaign, sent, during):
    opened(client, sent.idea).post("/track/amend/", words(sent.idea, title="", problem="别人的问题"))
    other = factories.make_idea(campaign)
    opened(client, other)
    assert amending(client)["problem"].value() == other.problem


def test_erasing_the_person_erases_the_kept_words(client, sent, during):
    opened(client, sent.idea).post("/track/naming/", {"naming": "real", "name": "", "seen": seen(sent.idea)})
    tracking.erase_person(idea=sent.idea, at=clock.DURING, expected_version=seen(sent.idea))
    assert UnsentInput.objects.count() == 0


def carried_by(answer):
    """What the form that opens the idea again sends along."""
    page = answer.content.decode().split('id="kept-form"')[1].split("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return dict([*hidden, *re.findall(r'<textarea class="copy" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page)])


@pytest.fixture
def over(client, sent, during):
    """The answer to an amendment that was sent after the half hour."""
    opened(client, sent.idea, clock.DURING - timedelta(hours=1))
    return client.post("/track/amend/", words(sent.idea, problem="改过的问题"))


def test_after_the_half_hour_the_words_go_along_into_the_opened_idea(client, sent, over):
    answer = track(client, sent, **carried_by(over))
    assert answer.url == "/track/amend/"
    assert amending(client)["problem"].value() == "改过的问题"


@pytest.mark.parametrize("change", [{"code": "0" * 8}, {"code": ""}, {"elder": "on"}, {"language": "en"}], ids=repr)
def test_after_the_half_hour_the_words_outlive_what_comes_first(client, sent, over, change):
    again = track(client, sent, **{**carried_by(over), **change})
    track(client, sent, **carried_by(again))
    assert amending(client)["problem"].value() == "改过的问题"


def test_larger_letters_after_the_half_hour_keep_the_words(client, sent, over):
    again = client.post("/track/amend/", {**words(sent.idea, problem="改过的问题"), "elder": "on"})
    assert ("改过的问题" in again.content.decode(), 'class="elder' in again.content.decode()) == (True, True)


def test_larger_letters_where_an_act_is_no_longer_possible_keep_the_words(client, sent, moderator, during):
    old = words(sent.idea, title="改过的标题")
    screening.accept_idea(idea=sent.idea, moderator=moderator, at=clock.DURING)
    answer = opened(client, sent.idea).post("/track/amend/", {**old, "elder": "on"})
    assert (answer.status_code, "改过的标题" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize(("act", "stored"), [("amend", True), ("naming", False), ("erase", False)])
def test_a_browser_may_store_only_pages_without_the_person(client, sent, during, act, stored):
    control = opened(client, sent.idea).get(f"/track/{act}/").headers["Cache-Control"]
    assert ("private" in control, "no-store" in control) == (True, not stored)


def test_leaving_the_idea_clears_what_the_browser_stored(client, sent, during):
    assert opened(client, sent.idea).post("/track/", {"close": "1"}).headers["Clear-Site-Data"] == '"cache"'


# --- All own data ----------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(client, sent, moderator, during, settings, tmp_path):
    """The resident's archive after a question, an answer with an amendment, and with a photo."""
    settings.STORAGES = {
        **settings.STORAGES,
        "photos": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    photo = Photo.objects.create(idea=sent.idea, added_at=clock.DURING, width=1, height=1, size=3)
    photo_store().save(photo.file_name, ContentFile(b"jpg"))
    ask_back(sent.idea, moderator)
    change = words(sent.idea, place="北门")
    tracking.answer_question(idea=sent.idea, answer="学校北门。", words=change, at=clock.DURING, expected_version=2)
    answer = opened(client, sent.idea).get("/track/export/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{sent.idea.receipt}.zip"'
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_the_archive_holds_everything_of_the_resident(archive, sent):
    data = json.loads(archive.read("data.json"))
    assert set(data) == {
        "exported_at", "campaign", "idea", "earlier_wordings", "person", "time_line", "verdicts", "messages", "photos",
    }  # fmt: skip
    assert (data["person"]["phone"], data["person"]["name"]) == ("+8612012345678", "林小满")
    assert [consent["version"] for consent in data["person"]["consents"]] == [NOTICE_VERSION, NOTICE_VERSION]
    assert (data["idea"]["place"], data["earlier_wordings"][0]["place"]) == ("北门", "公交站旁")
    assert [row["template"] for row in data["messages"]] == ["receipt", "returned"]
    assert [step["words"] for step in data["time_line"]] == ["", "哪个路口？", "", "学校北门。"]


def test_the_archive_holds_the_photos(archive, sent):
    photo = Photo.objects.get()
    assert archive.read(f"photos/{photo.key}.jpg") == b"jpg"


def test_the_archive_holds_nothing_of_the_office(archive, moderator):
    data = archive.read("data.json").decode()
    assert [word for word in (moderator.name, moderator.username, "hmac", "aesgcm", "shortlist") if word in data] == []


def test_an_erased_idea_has_an_archive_without_a_person(client, sent, during):
    tracking.erase_person(idea=sent.idea, at=clock.DURING, expected_version=1)
    answer = opened(client, sent.idea).get("/track/export/")
    assert json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("data.json"))["person"] is None


# --- A lost code -----------------------------------------------------------------------------------------------------


def lost(client, idea, contact, **change):
    return client.post("/track/lost/", {"receipt": idea.receipt, "contact": contact, **change})


@pytest.mark.parametrize("contact", ["resident@example.com", "ＲＥＳＩＤＥＮＴ＠example.com"])
def test_a_new_code_is_sent_by_email(client, sent, during, contact):
    assert lost(client, sent.idea, contact).url == "/track/lost/?sent"
    assert Message.objects.filter(template="new_code", medium="email").count() == 1


@pytest.mark.parametrize(
    "contact", ["138 0013 8000", "+86 13800138000", "１３８００１３８０００", "0086-138-0013-8000"]
)
def test_a_telephone_is_found_in_any_common_form(client, campaign, during, settings, contact):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    assert lost(client, factories.make_idea(campaign, phone="+8613800138000"), contact).status_code == 302
    assert Message.objects.filter(template="new_code", medium="sms").count() == 1


def test_the_answer_is_the_same_for_every_pair(client, sent, during):
    erased = factories.make_idea(sent.idea.campaign)
    tracking.erase_person(idea=erased, at=clock.DURING, expected_version=1)
    asked = [
        lost(client, sent.idea, "resident@example.com"),
        lost(client, sent.idea, "stranger@example.com"),
        lost(client, erased, "resident@example.com"),
        lost(client, sent.idea, "resident@example.com", receipt="JM26-22222222"),
    ]
    assert {(answer.status_code, answer.url, answer.content) for answer in asked} == {(302, "/track/lost/?sent", b"")}
    assert client.get("/track/lost/?sent").status_code == 200


@pytest.mark.parametrize("contact", ["", "12", "nonsense@", "你好"])
def test_an_unreadable_contact_is_named_at_its_field(client, sent, during, contact):
    assert list(lost(client, sent.idea, contact).context["form"].errors) == ["contact"]


def test_too_many_requests_are_told(client, sent, during):
    for _ in range(3):
        lost(client, sent.idea, "stranger@example.com")
    answer = lost(client, sent.idea, "resident@example.com")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "86400")


def test_the_old_code_stops_and_the_new_one_opens(client, sent, during):
    lost(client, sent.idea, "resident@example.com")
    code = Message.objects.get(template="new_code").payload["variables"]["code"]
    assert [track(client, sent).status_code, track(client, sent, code=code).status_code] == [200, 302]


def test_a_new_code_closes_what_the_old_one_opened(client, sent, during):
    visitor = opened(client, sent.idea)
    assert visitor.get("/track/naming/").status_code == 200
    post_lost = {"receipt": sent.idea.receipt, "contact": factories.resident_of(sent.idea).contact["email"]}
    client.post("/track/lost/", post_lost)
    assert [visitor.get(page).status_code for page in ("/track/naming/", "/track/export/")] == [302, 302]


def queries(act):
    with CaptureQueriesContext(connection) as found:
        act()
    return len(found)


def test_asking_for_a_new_code_takes_the_same_queries_whether_the_number_exists(client, sent, during):
    """Nothing in the work tells the asker: a match writes what a stranger's try writes and undoes."""
    other = factories.receive(sent.idea.campaign, email="lin@example.com")
    asked = [
        ("JM26-22222222", "a@example.com"),  # opens the window of the address
        ("JM26-33333333", "a@example.com"),
        (sent.idea.receipt, "stranger@example.com"),
        (other.idea.receipt, "lin@example.com"),
    ]
    counts = [
        queries(lambda number=number, contact=contact: ask_for_code(client, number, contact))
        for number, contact in asked
    ]
    assert len(set(counts[1:])) == 1


def ask_for_code(client, number, contact):
    return client.post("/track/lost/", {"receipt": number, "contact": contact})


# --- What the units do -----------------------------------------------------------------------------------------------


def test_the_page_says_who_has_it_and_what_is_to_come(client, campaign, sent, moderator, during):
    factories.referred([sent.idea], factories.make_unit("城管局"), moderator)
    opened(client, sent.idea)
    text = client.get("/track/").content.decode()
    assert ("已交城管局办理" in text, "待进行" in text, "2026-03-25" in text) == (True, True, True)
