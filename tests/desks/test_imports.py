"""The page that takes in a file: looked through first, kept for the confirmation, and taken in once."""

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse

from ideas.choices import OfficeAct
from ideas.desks import imports
from ideas.models import Idea, Message, OfficeEvent, Topic
from ideas.services import imports as services
from tests import clock, factories

pytestmark = pytest.mark.django_db
URL = reverse("admin:ideas_idea_import")
HEAD = "标题,类别,问题,姓名,电话,邮箱,收到日期"
GOOD = f"{HEAD}\n增设路灯,道路,晚上很黑。,陈䶮,,a@example.com,2026-03-18\n补种行道树,夜间,树死了。,,,,2026-03-18\n"


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


@pytest.fixture
def desk(client, campaign, manager):
    client.force_login(manager)
    return client


def give(desk, campaign, text=GOOD, **given):
    file = SimpleUploadedFile("table.csv", text.encode())
    return desk.post(URL, {"campaign": campaign.pk, "file": file, **given})


def kept_of(answer):
    """The key of the file that the page keeps, where it may be taken in."""
    found = re.search(r'name="kept" value="([^"]+)"', answer.content.decode())
    return found and answer.context["may_take"] and found[1]


def press(desk, campaign, kept, **given):
    """A press without choosing the file once more."""
    return desk.post(URL, {"campaign": campaign.pk, "kept": kept, **given})


def take(desk, campaign, text=GOOD, **given):
    return press(desk, campaign, kept_of(give(desk, campaign, text)), take="1", **given)


def test_looking_through_says_how_many_rows_and_takes_in_nothing(desk, campaign):
    answer = give(desk, campaign)
    assert (answer.status_code, answer.context["rows"], bool(kept_of(answer))) == (200, 2, True)
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (0, 0)


def test_the_same_file_is_taken_in_and_logged(desk, campaign, manager):
    assert take(desk, campaign).status_code == 302
    assert {idea.entered_by for idea in Idea.objects.all()} == {manager}
    assert OfficeEvent.objects.get().act == OfficeAct.IMPORT
    assert (Idea.objects.count(), Message.objects.count()) == (2, 0)


def test_residents_are_told_when_ticked(desk, campaign):
    take(desk, campaign, tell="on")
    assert [message.template for message in Message.objects.all()] == ["receipt"]


def test_another_file_is_looked_through_first(desk, campaign):
    kept = kept_of(give(desk, campaign))
    answer = give(desk, campaign, GOOD.replace("树死了", "树倒了"), take="1", kept=kept)
    assert (answer.status_code, Idea.objects.count(), kept_of(answer) not in (None, kept)) == (200, 0, True)


def test_the_same_file_chosen_once_more_is_taken_in(desk, campaign):
    assert give(desk, campaign, take="1", kept=kept_of(give(desk, campaign))).status_code == 302


@pytest.mark.parametrize("kept", ["", "x", "6f2c1d1e-0000-4000-8000-000000000001"])
def test_a_file_that_was_not_looked_through_is_not_taken_in(desk, campaign, kept):
    assert press(desk, campaign, kept, take="1").status_code == 422
    assert not Idea.objects.exists()


def test_a_file_looked_through_for_another_campaign_is_shown_for_this_one_first(desk, campaign):
    kept = kept_of(give(desk, factories.make_campaign()))
    assert press(desk, campaign, kept, take="1").status_code == 200
    assert not Idea.objects.exists()
    assert press(desk, campaign, kept, take="1").status_code == 302


def test_what_somebody_else_looked_through_is_not_taken_in(desk, campaign, managers):
    kept = kept_of(give(desk, campaign))
    desk.force_login(managers[1])
    assert press(desk, campaign, kept, take="1").status_code == 422
    assert not Idea.objects.exists()


def test_pressing_again_takes_in_nothing_twice(desk, campaign):
    kept = kept_of(give(desk, campaign))
    for _time in range(3):
        assert press(desk, campaign, kept, take="1").status_code == 302
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (2, 1)


def test_a_file_that_is_in_is_not_taken_in_by_another_tab_or_manager(desk, campaign, managers):
    here, there = kept_of(give(desk, campaign)), kept_of(give(desk, campaign))
    desk.force_login(managers[1])
    colleagues = kept_of(give(desk, campaign))
    press(desk, campaign, colleagues, take="1")
    later = kept_of(give(desk, campaign))
    press(desk, campaign, later, take="1")
    desk.force_login(managers[0])
    for kept in (here, there):
        answer = desk.get(press(desk, campaign, kept, take="1").headers["Location"])
        assert "这个文件先前已经录入，没有重复录入" in answer.content.decode()
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (2, 1)


def test_a_file_that_is_in_says_so_and_is_taken_in_once_more_by_who_means_it(desk, campaign):
    take(desk, campaign)
    answer = give(desk, campaign)
    page = answer.content.decode()
    assert all(words in page for words in ("这个文件已经录入过", "共2行", "再录入一次"))
    [turn] = re.findall(r'name="take" value="(\d+)"', page)
    for _time in range(3):
        press(desk, campaign, kept_of(answer), take=turn)
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (4, 2)


def test_looking_through_again_keeps_the_file_and_what_was_said_of_it(desk, campaign):
    first = give(desk, campaign, GOOD.replace("电话", "建议人手机号"))
    assert (first.context["may_take"], [column.likely for column in first.context["columns"]]) == (False, ["phone"])
    kept = first.context["kept"]
    answer = press(desk, campaign, kept, **{"column-4": "phone"})
    assert (answer.context["may_take"], answer.context["kept"]) == (True, kept)
    again = press(desk, campaign, kept)
    assert [column.field for column in again.context["columns"]] == ["phone"]
    assert press(desk, campaign, kept, take="1", **{"column-4": "phone"}).status_code == 302


def test_other_columns_than_those_shown_are_shown_before_they_are_taken_in(desk, campaign):
    kept = give(desk, campaign, GOOD.replace("电话", "手机")).context["kept"]
    press(desk, campaign, kept, **{"column-4": ""})
    answer = press(desk, campaign, kept, take="1", **{"column-4": "phone"})
    assert (answer.status_code, Idea.objects.count(), answer.context["may_take"]) == (200, 0, True)


def test_a_column_that_means_nothing_does_not_hold_the_import_up(desk, campaign):
    text = GOOD.replace("\n", ",7\n").replace("收到日期,7", "收到日期,序号")
    answer = give(desk, campaign, text)
    assert any("序号" in note for note in answer.context["notes"])
    assert press(desk, campaign, kept_of(answer), take="1", **{"column-7": ""}).status_code == 302


@pytest.mark.parametrize("place", ["²", "９９", "9" * 40, "", "-1", "４"])
def test_what_names_no_column_says_nothing_of_any(desk, campaign, place):
    kept = give(desk, campaign, GOOD.replace("电话", "手机")).context["kept"]
    answer = press(desk, campaign, kept, **{f"column-{place}": "phone"})
    assert (answer.status_code, [column.field for column in answer.context["columns"]]) == (200, [None])


def test_rows_without_a_date_need_one(desk, campaign):
    first = give(desk, campaign, GOOD.replace("2026-03-18", ""))
    assert [fault.column for fault in first.context["faults"]] == ["收到日期"] * 2
    answer = press(desk, campaign, first.context["kept"], day="2026-03-15")
    assert (answer.context["may_take"], any("2026-03-15" in note for note in answer.context["notes"])) == (True, True)
    press(desk, campaign, first.context["kept"], day="2026-03-15", take="1")
    assert {str(idea.slip_on) for idea in Idea.objects.all()} == {"2026-03-15"}


def test_the_kept_file_is_sealed(desk, campaign):
    give(desk, campaign)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM ideas_importfile")
        [(kept,)] = cursor.fetchall()
    assert kept.startswith("aesgcm:")


def test_faults_are_named_by_line_and_column_and_close_the_way(desk, campaign):
    answer = give(desk, campaign, GOOD.replace("夜间", "天气"))
    assert (answer.status_code, kept_of(answer)) == (422, False)
    assert [(fault.line, fault.column) for fault in answer.context["faults"]] == [(3, "类别")]


def test_of_very_many_faults_the_first_are_shown_and_the_rest_counted(desk, campaign):
    answer = give(desk, campaign, HEAD + "\n路灯,天气,黑。,,,,2026-03-18" * 230)
    assert (len(answer.context["faults"]), answer.context["more_faults"]) == (200, 30)


def test_rows_with_the_words_of_an_earlier_idea_are_named(desk, campaign):
    take(desk, campaign)
    earlier = Idea.objects.get(title="增设路灯")
    answer = give(desk, campaign)
    duplicate = answer.context["alike"][0]
    assert (duplicate.line, duplicate.receipt, duplicate.percent) == (2, earlier.receipt, 100)
    assert all(words in answer.content.decode() for words in (earlier.receipt, "100 %"))


def test_a_row_alike_is_named_with_receipt_title_and_likeness_and_taken_in_all_the_same(desk, campaign):
    idea = factories.make_idea(campaign, title="集美大道增设路灯", problem="集美大道晚上很黑，看不清台阶。")
    text = f"{HEAD}\n集美大道多设路灯,道路,集美大道到了晚上很黑，台阶看不清。,,,,2026-03-18\n"
    answer = give(desk, campaign, text)
    [duplicate] = answer.context["alike"]
    assert (duplicate.line, duplicate.receipt, duplicate.title, 20 <= duplicate.percent < 100) == (
        2,
        idea.receipt,
        idea.title,
        True,
    )
    assert all(words in answer.content.decode() for words in (idea.receipt, idea.title, f"{duplicate.percent} %"))
    assert press(desk, campaign, kept_of(answer), take="1").status_code == 302


def test_every_state_of_the_page_has_one_filled_button_and_no_bare_one(desk, campaign):
    states = [desk.get(URL), give(desk, campaign, GOOD.replace("夜间", "天气")), give(desk, campaign, "\0\1")]
    states += [give(desk, campaign), take(desk, campaign) and give(desk, campaign)]
    pages = [answer.content.decode() for answer in states]
    buttons = [re.findall(r'<button class="([^"]+)"', page.partition('"import-desk"')[2]) for page in pages]
    assert buttons == [["act act-accept"]] * 3 + [["act act-accept", "act"]] * 2
    assert [page.count("<button>") for page in pages] == [0] * 5
    assert re.search(r'<div class="option"><input type="checkbox" name="tell"[^>]*><label', pages[-1])


def test_nothing_personal_stands_on_the_page(desk, campaign):
    body = give(desk, campaign).content.decode()
    assert not any(words in body for words in ("陈䶮", "a@example.com"))


def test_what_is_no_table_is_refused_in_words(desk, campaign):
    assert give(desk, campaign, "\0\1").status_code == 422


def test_the_template_can_be_looked_through_as_it_is(desk, campaign):
    answer = desk.get(reverse("admin:ideas_idea_import_template", args=[campaign.slug]))
    assert give(desk, campaign, answer.content.decode("utf-8-sig")).context["rows"] == 1


def test_a_moderator_imports_nothing(client, campaign, moderator):
    client.force_login(moderator)
    assert (client.get(URL).status_code, give(client, campaign).status_code) == (403, 403)


# --- Very many rows ------------------------------------------------------------------------------------------------

MANY = HEAD + "".join(f"\n路灯{n},道路,第{n}处很黑。,,,,2026-03-18" for n in range(7))


@pytest.fixture
def in_steps(monkeypatch):
    """Seven rows are many."""
    monkeypatch.setattr(services, "CHUNK", 2)
    monkeypatch.setattr(imports, "AT_ONCE", 3)
    monkeypatch.setattr(imports, "EVERY_SECONDS", 0)


def give_many(desk, campaign, text=MANY, **given):
    """The page that grew while a long file was looked through."""
    answer = give(desk, campaign, text, **given)
    assert (answer.status_code, answer.streaming) == (200, True)
    return answer.getvalue().decode()


def kept_in(page):
    return re.search(r'name="kept" value="([^"]+)"', page)[1]


def take_many(desk, campaign):
    return press(desk, campaign, kept_in(give_many(desk, campaign)), take="1")


def bars(page, words="共7行，已录入"):
    """How far the page said it was, of the step with these words."""
    return [int(done) for done in re.findall(rf'<progress max="\d" value="(\d)"[^>]*></progress>\s*[^<]*{words}', page)]


def test_the_page_says_how_far_a_long_look_is_and_then_what_was_found(desk, campaign, in_steps):
    take_many(desk, campaign).getvalue()
    page = give_many(desk, campaign, MANY.replace("路灯6", "补种行道树"))
    assert bars(page, "共7行，已检查") == [0, 1, 2, 3, 4, 5, 6, 7]
    assert bars(page, "共.行，已与先前的金点子比对") == [0, 7]
    assert all(words in page for words in ("可以录入7行", "100 %", 'name="take" value="1"', "</html>"))
    assert Idea.objects.count() == 7


def test_a_long_file_with_faults_names_them_where_it_grew(desk, campaign, in_steps):
    page = give_many(desk, campaign, MANY.replace("道路", "天气"))
    assert (page.count('<td class="nowrap">类别</td>'), 'name="take"' in page) == (7, False)


def test_a_long_file_changed_since_is_looked_through_first(desk, campaign, in_steps):
    kept = kept_in(give_many(desk, campaign))
    page = give_many(desk, campaign, MANY.replace("很黑", "太黑"), take="1", kept=kept)
    assert ("这与刚才检查的不同" in page, Idea.objects.count(), kept_in(page) != kept) == (True, 0, True)


def test_a_look_that_stops_says_so_and_goes_on_without_choosing_the_file_again(desk, campaign, in_steps):
    answer = give(desk, campaign, MANY)
    parts = iter(answer.streaming_content)
    page = (next(parts) + next(parts)).decode()
    with connection.execute_wrapper(lost):
        page += b"".join(parts).decode()
    assert all(words in page for words in ("检查中断", "数据库没有响应", "</html>"))
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition("检查中断")[2]))
    assert "可以录入7行" in desk.post(URL, form).getvalue().decode()


def lost(*_args):
    raise OperationalError


def test_the_page_says_how_far_a_long_import_is(desk, campaign, in_steps):
    answer = take_many(desk, campaign)
    assert (answer.status_code, answer.streaming, Idea.objects.count()) == (200, True, 0)
    page = answer.getvalue().decode()
    assert (bars(page, "共7行，已检查"), bars(page), Idea.objects.count()) == ([*range(8)], [0, 2, 4, 6, 7], 7)
    assert all(words in page for words in ("共7行，已录入4行", "已录入7条金点子", "</html>"))


def test_the_page_speaks_the_language_of_its_reader_to_the_end(desk, campaign, in_steps):
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = give_many(desk, campaign)
    assert all(words in page for words in ("4 of 7 rows are looked through", "7 rows can be taken in"))
    page = press(desk, campaign, kept_in(page), take="1").getvalue().decode()
    assert all(words in page for words in ("4 of 7 rows are in", "7 ideas were taken in"))


def test_what_is_sent_grows_with_the_rows_and_nobody_on_the_way_collects_it(desk, campaign, in_steps):
    kept = kept_in(give_many(desk, campaign))
    answer = press(desk, campaign, kept, take="1", headers={"accept-encoding": "gzip"})
    assert (answer["X-Accel-Buffering"], answer["Content-Encoding"]) == ("no", "identity")
    sent = [(bars(part.decode()), Idea.objects.count()) for part in answer.streaming_content]
    assert [(bar, rows) for bar, rows in sent if bar] == [([0], 0), ([2], 2), ([4], 4), ([6], 6), ([7], 7)]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_page_that_was_closed_is_gone_on_with_from_the_same_file(desk, campaign, managers, in_steps, is_kept):
    kept = kept_in(give_many(desk, campaign))
    answer = press(desk, campaign, kept, take="1")
    for part in answer.streaming_content:
        if bars(part.decode()) == [2]:
            break
    del answer  # nobody reads on: it is closed
    assert Idea.objects.count() == 2
    desk.force_login(managers[0 if is_kept else 1])
    anew = press(desk, campaign, kept).getvalue().decode() if is_kept else give_many(desk, campaign)
    assert "7 行中已录入 2 行" in anew
    assert bars(anew, "共.行，已与先前的金点子比对")[-1] == 5
    press(desk, campaign, kept_in(anew), take="1").getvalue()
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (7, 1)


def test_a_long_file_that_is_in_goes_in_once(desk, campaign, in_steps):
    kept = kept_in(give_many(desk, campaign))
    pages = [press(desk, campaign, kept, take="1").getvalue().decode() for _time in range(2)]
    assert ["这个文件先前已经录入，没有重复录入" in page for page in pages] == [False, True]
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (7, 1)


def test_an_import_that_stops_says_why_and_offers_to_go_on(desk, campaign, in_steps):
    parts, page = iter(take_many(desk, campaign).streaming_content), ""
    while not bars(page):
        page += next(parts).decode()
    Topic.objects.filter(campaign=campaign, name="道路").update(slug="other")
    page += b"".join(parts).decode()
    assert all(words in page for words in ("录入中断", "继续录入", "</html>"))
    Topic.objects.filter(campaign=campaign, name="道路").update(slug="road")
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition("录入中断")[2]))
    assert desk.post(URL, {**form, "take": "1"}).getvalue()
    assert (Idea.objects.count(), OfficeEvent.objects.count()) == (7, 1)
