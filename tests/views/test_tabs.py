"""The tab decides, not the session: with several own ideas open, every page and every post is of the idea it names."""

import io
import re
import zipfile
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from ideas.choices import Status
from ideas.models import Idea
from ideas.views.tracking import ACTS, MOST
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(campaign):
    return factories.receive(campaign)


@pytest.fixture
def second(campaign):
    return factories.receive(campaign)


def opened(client, *sent):
    for one in sent:
        assert client.post("/track/", {"receipt": one.idea.receipt, "code": one.code}).status_code == 302
    return client


def hidden(answer):
    """What the act's form in a page sends along."""
    form = re.search(r'<form method="post"[^>]*id="act-form".*?</form>', answer.content.decode(), re.S)[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def page(client, sent, act=""):
    return client.get(f"/track/{act}?receipt={sent.idea.receipt}")


def test_the_first_tab_acts_on_its_own_idea_after_another_was_opened(client, first, second, during):
    opened(client, first)
    tab = hidden(client.get("/track/withdraw/"))
    opened(client, second)
    answer = client.post("/track/withdraw/", tab)
    assert answer.status_code == 302
    assert [Idea.objects.get(pk=each.idea.pk).status for each in (first, second)] == [Status.WITHDRAWN, Status.RECEIVED]
    assert client.get(answer.url).context["idea"] == first.idea


@pytest.mark.parametrize("turn", [False, True])
def test_each_tab_reads_and_acts_for_itself(client, first, second, during, turn):
    one, other = (second, first) if turn else (first, second)
    opened(client, first, second)
    words = hidden(page(client, one, "amend/"))
    answer = client.post("/track/amend/", {**factories.form_data(title="改过的标题"), **words})
    assert answer.url.endswith(one.idea.receipt)
    assert [Idea.objects.get(pk=each.idea.pk).title for each in (one, other)] == ["改过的标题", other.idea.title]


@pytest.mark.slow
def test_the_pages_show_the_idea_that_their_address_names(client, first, second, during):
    opened(client, first, second)
    for each in (first, second, first):
        assert page(client, each).context["idea"] == each.idea
        for act in ("amend/", "withdraw/", "naming/", "erase/"):
            assert page(client, each, act).context["form"].idea == each.idea
        names = zipfile.ZipFile(io.BytesIO(page(client, each, "export/").content)).read("data.json").decode()
        assert each.idea.receipt in names


def test_every_link_of_a_page_names_its_idea(client, first, second, during):
    opened(client, first, second)
    links = re.findall(r'href="(/track/\w+/[^"]*)"', page(client, first).content.decode())
    assert links
    assert all(link.endswith(f"?receipt={first.idea.receipt}") for link in links)


@pytest.mark.slow
@pytest.mark.parametrize("act", [act for act in ACTS if act not in ("answer", "review")])
def test_an_act_on_an_idea_that_is_not_open_is_refused_with_the_words_kept(client, first, second, during, act):
    opened(client, first)
    data = {**factories.form_data(title="不能丢的标题"), "seen": 1, "idea": second.idea.receipt}
    answer = client.post(f"/track/{act}/", data)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "不能丢的标题" in text
    assert f'value="{second.idea.receipt}"' in text  # only the code is asked for
    assert Idea.objects.get(pk=first.idea.pk).event_count == Idea.objects.get(pk=second.idea.pk).event_count == 1


def test_the_words_go_on_with_their_own_idea_once_it_is_opened(client, first, second, during):
    opened(client, first)
    data = {**factories.form_data(title="不能丢的标题"), "seen": 1, "idea": second.idea.receipt}
    client.post("/track/amend/", data)
    answer = client.post("/track/", {**data, "receipt": second.idea.receipt, "code": second.code, "act": "amend"})
    assert answer.url == f"/track/amend/?receipt={second.idea.receipt}"
    assert client.get(answer.url).context["form"]["title"].value() == "不能丢的标题"
    assert page(client, first, "amend/").context["form"]["title"].value() == first.idea.title


def test_a_post_without_a_name_is_taken_for_the_only_idea_and_for_none_of_several(client, first, second, during):
    opened(client, first, second)
    assert client.post("/track/withdraw/", {"seen": 1}).status_code == 403
    client.post("/track/", {"close": "1"})
    opened(client, first)
    assert client.post("/track/withdraw/", {"seen": 1}).status_code == 302


def test_an_address_without_a_name_lets_choose_among_several(client, first, second, during):
    opened(client, first, second)
    text = client.get("/track/").content.decode()
    assert all(f"?receipt={each.idea.receipt}" in text for each in (first, second))
    assert client.get("/track/withdraw/").url == "/track/"


def test_each_idea_has_its_own_half_hour(client, first, second):
    with clock.at(clock.DURING):
        opened(client, first)
    with clock.at(clock.DURING + timedelta(minutes=20)):
        opened(client, second)
    with clock.at(clock.DURING + timedelta(minutes=31)):
        assert page(client, second).context["idea"] == second.idea
        answer = page(client, first, "amend/")
        assert answer.url == f"/track/?receipt={first.idea.receipt}&over="
        assert client.get(answer.url).context["is_over"]


def test_a_wrong_code_in_one_tab_closes_no_other(client, first, second, during):
    opened(client, first)
    client.post("/track/", {"receipt": second.idea.receipt, "code": "0" * 8})
    assert page(client, first).context["idea"] == first.idea


def test_leaving_closes_all_on_a_device_that_may_not_be_ones_own(client, first, second, during):
    opened(client, first, second)
    client.post("/track/", {"close": "1"})
    assert "idea" not in page(client, first).context
    assert "idea" not in page(client, second).context


@pytest.mark.slow
def test_a_browser_keeps_a_handful_open(client, campaign, during):
    many = [factories.receive(campaign) for _ in range(MOST + 1)]
    opened(client, *many)
    assert "idea" not in page(client, many[0]).context
    assert page(client, many[1]).context["idea"] == many[1].idea


def test_the_photos_of_every_open_idea_are_shown(client, first, second, during):
    photos = [factories.add_photo(each.idea) for each in (first, second)]
    opened(client, first, second)
    assert [client.get(f"/photos/{photo.key}/").status_code for photo in photos] == [200, 200]


def test_without_its_cookie_an_act_says_so_and_keeps_the_words(client, first, during):
    data = {**factories.form_data(title="不能丢的标题"), "seen": 1, "idea": first.idea.receipt}
    text = client.post("/track/amend/", data, headers={"accept-language": "zh"}).content.decode()
    assert "Cookie" in text
    assert "半小时" not in text
    assert "不能丢的标题" in text


# --- Forms and receipts of several tabs ------------------------------------------------------------------------------


@pytest.fixture
def steps(campaign):
    form = f"/campaigns/{campaign.slug}/submit/"
    return form, f"{form}check/", f"{form}done/"


def posted(title):
    return {**factories.form_data(form_key=str(uuid4())), "title": title}


def tag(data):
    return UUID(data["form_key"]).hex[:8]


def test_a_check_page_whose_address_names_no_form_says_which_it_shows(client, steps, during):
    tabs = [posted(title) for title in ("第一个标签页", "第二个标签页", "第三个标签页")]
    addresses = [client.post(steps[0], data).url for data in tabs]
    assert addresses[0] == steps[1]  # it was the only one
    for address in (steps[1], f"{steps[1]}?form=ffffffff"):
        text = client.get(address).content.decode()
        said = re.search(r'<div class="notice warn".*?</div>', text, re.S)[0]
        assert re.search(r"<strong[^>]*>([^<]+)", said)[1] == "第三个标签页"
        links = re.findall(r'href="([^"]+)"><span[^>]*>([^<]+)', said)
        assert links == [(f"{steps[1]}?form={tag(data)}", data["title"]) for data in reversed(tabs[:2])]
        assert f'name="form_key" value="{tabs[2]["form_key"]}"' in text
    for data in tabs:
        text = client.get(f"{steps[1]}?form={tag(data)}").content.decode()
        assert ("notice warn" in text, f'name="form_key" value="{data["form_key"]}"' in text) == (False, True)


def test_a_form_that_is_half_done_is_among_the_others(client, steps, during):
    half, whole = posted("写了一半"), posted("写完了")
    client.post(steps[0], {**half, "problem": ""})
    client.post(steps[0], whole)
    assert f"?form={tag(half)}" in client.get(steps[1]).content.decode()
    assert client.get(f"{steps[1]}?form={tag(half)}").url == f"{steps[0]}?change={tag(half)}"


def test_the_only_form_and_the_only_receipt_say_nothing_of_others(client, steps, during):
    data = posted("唯一的一个")
    client.post(steps[0], data)
    assert "notice warn" not in client.get(steps[1]).content.decode()
    assert client.post(steps[1], {"form_key": data["form_key"]}).url == steps[2]
    assert "notice warn" not in client.get(steps[2]).content.decode()
    client.post(steps[0], posted("另一个"))
    assert "notice warn" not in client.get(steps[1]).content.decode()  # the other one is sent


def waiting_on(answer):
    """The addresses and titles of unsent forms that a page names in a warning."""
    said = re.findall(r'<div class="notice warn[^"]*".*?</div>', answer.content.decode(), re.S)
    return [link for each in said for link in re.findall(r'href="([^"]+)"><span[^>]*>([^<]+)', each)]


def test_a_bare_check_address_after_sending_tells_of_the_form_that_still_waits(client, steps, during):
    written, half, sent = posted("还没交的建议"), posted("写了一半"), posted("交了的建议")
    for data in (written, {**half, "problem": ""}, sent):
        client.post(steps[0], data)
    client.post(steps[1], {"form_key": sent["form_key"]})
    answer = client.get(steps[1], follow=True)
    assert answer.context["idea"].title == sent["title"]
    assert waiting_on(answer) == [(f"{steps[1]}?form={tag(data)}", data["title"]) for data in (half, written)]
    links = [client.get(link, follow=True).content.decode() for link, _title in waiting_on(answer)]
    assert ["写了一半" in links[0], "还没交的建议" in links[1]] == [True, True]


def test_every_receipt_names_what_waits_also_where_its_address_names_it_or_it_is_gone(client, steps, during):
    waits, sent = posted("还没交的建议"), posted("交了的建议")
    client.post(steps[0], waits)
    assert waiting_on(client.get(steps[2])) == [(f"{steps[1]}?form={tag(waits)}", waits["title"])]
    client.post(steps[0], sent)
    answer = client.post(steps[1], {"form_key": sent["form_key"]}, follow=True)
    named = client.get(f"{steps[2]}?form={tag(sent)}")
    for page_ in (answer, named):
        assert waiting_on(page_) == [(f"{steps[1]}?form={tag(waits)}", waits["title"])]
        assert "没有提交的表单也会一并清除" in page_.content.decode()


def test_a_form_whose_address_names_none_says_which_it_shows(client, steps, during):
    tabs = [posted("先写的建议"), posted("后写的建议")]
    for data in tabs:
        client.post(steps[0], data)
    for address in ("?change", "?change=ffffffff"):
        answer = client.get(f"{steps[0]}{address}")
        assert answer.context["form"]["title"].value() == tabs[1]["title"]
        assert waiting_on(answer) == [(f"{steps[1]}?form={tag(tabs[0])}", tabs[0]["title"])]
    assert waiting_on(client.get(f"{steps[0]}?change={tag(tabs[0])}")) == []


def test_the_address_of_a_form_that_is_sent_leads_to_its_receipt_and_to_no_other_form(client, steps, during):
    waits, sent = posted("还没交的建议"), posted("交了的建议")
    for data in (waits, sent):
        client.post(steps[0], data)
    client.post(steps[1], {"form_key": sent["form_key"]})
    for address in (f"{steps[0]}?change={tag(sent)}", f"{steps[1]}?form={tag(sent)}"):
        answer = client.get(address, follow=True)
        assert answer.context["idea"].title == sent["title"]
        assert waiting_on(answer) == [(f"{steps[1]}?form={tag(waits)}", waits["title"])]


@pytest.mark.slow
def test_a_receipt_whose_address_names_no_form_says_so_and_leads_to_the_others(client, steps, during):
    tabs = [posted("先交的建议"), posted("后交的建议")]
    for data in tabs:
        client.post(steps[0], data)
        client.post(steps[1], {"form_key": data["form_key"]})
    text = client.get(steps[2]).content.decode()
    assert "notice warn" in text
    assert f"{steps[2]}?form={tag(tabs[0])}" in text
    for data in tabs:
        text = client.get(f"{steps[2]}?form={tag(data)}").content.decode()
        assert ("notice warn" in text, data["title"] in text) == (False, True)
