"""What was decided on an idea's page or on many ideas at once is undone by the rule of the triage desk."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.choices import Action, Role, Status
from ideas.models import Idea, IdeaEvent, Message, UsedKey
from ideas.queries.invariants import violations
from ideas.services import screening
from ideas.services.photos import release_photo
from ideas.services.restricted import restrict_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING + timedelta(hours=2)
LIST = reverse("admin:ideas_idea_changelist")
GIVEN = {
    "accept": {},
    "return": {"question": "哪一侧？"},
    "decline": {"declined_as": "outside_area", "reason": "不在本区。"},
    "transfer": {"channel": "12345", "reason": "请拨打12345。"},
}


@pytest.fixture(autouse=True)
def now():
    with clock.at(AT):
        yield


@pytest.fixture
def ideas(campaign):
    return [factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=number)) for number in range(4)]


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    return client


def row(idea):
    return Idea.objects.get(pk=idea.pk)


def statuses(ideas):
    return [row(idea).status for idea in ideas]


def told(template):
    return Message.objects.filter(template=template).count()


def ask(desk, act, ideas):
    """The page that asks for the words, as a form: every hidden field with its value."""
    body = desk.post(LIST, {"action": f"{act}_many", "_selected_action": [idea.pk for idea in ideas]}).content.decode()
    fields = {}
    for tag in re.findall(
        r'<input type="hidden"[^>]*>', re.search(r'<form method="post" novalidate>.*?</form>', body, re.DOTALL)[0]
    ):
        fields.setdefault(re.search(r'name="([^"]+)', tag)[1], []).append(re.search(r'value="([^"]*)', tag)[1])
    return fields


def many(desk, act, ideas, **given):
    return desk.post(LIST, {**ask(desk, act, ideas), **GIVEN[act], **given}, follow=True)


def undo_all(desk, answer):
    return desk.post(answer.request["PATH_INFO"], {"seen": answer.context["key"]}, follow=True)


def states(answer):
    return [result["state"] for result in answer.context["results"]]


@pytest.mark.parametrize("act", GIVEN)
def test_an_act_on_many_is_undone_as_a_whole(desk, ideas, act):
    answer = many(desk, act, ideas)
    assert (states(answer), answer.context["until"]) == (["done"] * 4, AT + timedelta(seconds=300))
    assert {Status.RECEIVED} & set(statuses(ideas)) == set()
    answer = undo_all(desk, answer)
    assert (states(answer), answer.context["until"], statuses(ideas)) == (["undone"] * 4, None, [Status.RECEIVED] * 4)
    assert Message.objects.exclude(template="receipt").count() == 0
    assert [event.action for event in row(ideas[0]).events.order_by("number")] == ["submit", act, "undo"]
    assert list(violations()) == []


def test_the_result_is_there_after_a_reload_and_the_same_form_acts_once(desk, ideas):
    fields = {**ask(desk, "accept", ideas), "csrfmiddlewaretoken": "x" * 64}
    first, second = desk.post(LIST, fields), desk.post(LIST, fields)
    assert (first.status_code, second["Location"]) == (302, first["Location"])
    page = first["Location"]
    assert [states(desk.get(page)) for _reload in range(2)] == [["done"] * 4] * 2
    undo = {"seen": "x", "csrfmiddlewaretoken": "y" * 64}
    assert [desk.post(page, undo)["Location"] for _press in range(2)] == [page] * 2
    assert states(desk.get(page)) == ["undone"] * 4
    assert IdeaEvent.objects.filter(action=Action.UNDO).count() == 4
    assert UsedKey.objects.filter(answer__isnull=False).count() == 2


def test_what_was_accepted_at_once_is_referred_at_once_from_the_page_of_results(desk, ideas):
    text = many(desk, "accept", ideas).content.decode()
    assert "".join(f"idea={idea.pk}&amp;" for idea in ideas) in text


def went_on(idea, moderator):
    factories.publish(idea, moderator)


def sent(idea, moderator):
    Message.objects.filter(idea=idea, template="accepted").update(tries=1)


def restricted(idea, moderator):
    restrict_idea(idea=idea, staff=factories.make_keeper(), at=AT, reason="线索")


@pytest.mark.parametrize(("meanwhile", "why"), [(went_on, "发生了其他"), (sent, "正在告知"), (restricted, "限制")])
def test_what_cannot_be_undone_is_named_and_the_others_are_undone(desk, ideas, moderator, meanwhile, why):
    answer = many(desk, "accept", ideas)
    meanwhile(ideas[1], moderator)
    answer = undo_all(desk, answer)
    assert states(answer) == ["undone", "stays", "undone", "undone"]
    assert statuses(ideas) == [Status.RECEIVED, Status.ACCEPTED, Status.RECEIVED, Status.RECEIVED]
    body = answer.content.decode()
    assert ideas[1].receipt in body
    assert answer.context["results"][1]["why"] in body
    assert (reverse("admin:ideas_idea_change", args=[ideas[1].pk]) in body) == (meanwhile is not restricted)
    assert told("accepted") == 1


def test_a_photo_that_was_released_since_is_no_hindrance(desk, ideas, moderator):
    photo = factories.add_photo(ideas[0])
    answer = many(desk, "accept", ideas[:1])
    release_photo(photo=photo, editor=moderator, at=AT, shown=True)
    assert states(undo_all(desk, answer)) == ["undone"]


def test_after_its_time_nothing_is_offered_and_nothing_undone(desk, ideas):
    answer = many(desk, "accept", ideas)
    with clock.at(AT + timedelta(seconds=299)):
        assert desk.get(answer.request["PATH_INFO"]).context["until"]
    with clock.at(AT + timedelta(seconds=300)):
        assert desk.get(answer.request["PATH_INFO"]).context["until"] is None
        assert desk.get(LIST).context["undoable"] is None
        assert states(undo_all(desk, answer)) == ["stays"] * 4
    assert statuses(ideas) == [Status.ACCEPTED] * 4


def test_the_leader_and_its_group_come_back(desk, ideas, moderator):
    screening.merge_idea(idea=ideas[2], into=ideas[0], moderator=moderator, at=clock.DURING + timedelta(hours=1))
    answer = many(desk, "decline", ideas[:2])
    assert (row(ideas[2]).status, row(ideas[2]).merged_into) == (Status.RECEIVED, None)
    undo_all(desk, answer)
    assert (row(ideas[2]).status, row(ideas[2]).merged_into) == (Status.MERGED, ideas[0])
    assert told("unmerged") == 0


def test_nobody_else_meets_the_act(desk, ideas):
    answer = many(desk, "accept", ideas)
    other = Client()
    other.force_login(factories.make_user(Role.MODERATOR))
    page = answer.request["PATH_INFO"]
    assert [ask(page).status_code for ask in (other.get, other.post)] == [404, 404]
    assert statuses(ideas) == [Status.ACCEPTED] * 4


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_who_may_not_decide_undoes_nothing(client, desk, ideas, role):
    many(desk, "accept", ideas[:1])
    other = Client()
    other.force_login(factories.make_user(role))
    answer = other.post(reverse("admin:ideas_idea_undo", args=[ideas[0].pk]), {"seen": row(ideas[0]).version})
    assert (answer.status_code in (302, 403, 404), status_of(ideas[0])) == (True, Status.ACCEPTED)


def status_of(idea):
    return row(idea).status


def test_assigning_many_is_no_decision_and_offers_no_undo(desk, ideas):
    fields = ask(desk, "sort", ideas)
    answer = desk.post(LIST, {**fields, "topic": ideas[0].campaign.topics.last().pk}, follow=True)
    assert (states(answer), answer.context["until"]) == (["done"] * 4, None)
    assert desk.get(LIST).context["undoable"] is None


def test_the_page_takes_the_same_queries_for_many(desk, ideas, campaign, django_assert_num_queries):
    for chosen in (ideas[:1], [factories.make_idea(campaign) for _ in range(12)]):
        page = many(desk, "accept", chosen).request["PATH_INFO"]
        desk.get(page)
        with django_assert_num_queries(5):
            desk.get(page)


# What somebody else did since the page was shown.


def test_rows_changed_since_are_named_and_left_out(desk, ideas, moderator):
    fields = ask(desk, "decline", ideas)
    screening.note_idea(idea=ideas[0], moderator=moderator, at=AT, note="先别处理，等街道回话。")
    screening.accept_idea(idea=ideas[1], moderator=moderator, at=AT)
    answer = desk.post(LIST, {**fields, **GIVEN["decline"]}, follow=True)
    assert statuses(ideas) == [Status.RECEIVED, Status.ACCEPTED, Status.DECLINED, Status.DECLINED]
    found = {result["receipt"]: result for result in answer.context["results"]}
    assert [found[idea.receipt]["state"] for idea in ideas] == ["refused", "refused", "done", "done"]
    assert found[ideas[1].receipt]["why"] == "您打开页面后，这条建议已有变动，本次操作未生效，请重新查看。"
    assert undo_all(desk, answer).context["undone"] == 2


def test_if_all_have_changed_the_words_stay_and_the_next_press_is_with_what_the_page_shows(desk, ideas, moderator):
    fields = ask(desk, "decline", ideas[:2])
    for idea in ideas[:2]:
        screening.note_idea(idea=idea, moderator=moderator, at=AT, note="x")
    words = {"declined_as": "insult", "reason": "写了很久的一句话"}
    answer = desk.post(LIST, {**fields, **words})
    body = answer.content.decode()
    assert (answer.status_code, "写了很久的一句话" in body, 'value="insult" selected' in body) == (409, True, True)
    assert statuses(ideas[:2]) == [Status.RECEIVED] * 2
    again = {**fields, **{f"seen-{idea.pk}": row(idea).version for idea in ideas[:2]}, **words}
    desk.post(LIST, again)
    assert statuses(ideas[:2]) == [Status.DECLINED] * 2


def test_a_row_without_its_version_is_not_decided(desk, ideas):
    answer = desk.post(LIST, {"action": "accept_many", "go": "1", "_selected_action": [ideas[0].pk]})
    assert (answer.status_code, status_of(ideas[0])) == (409, Status.RECEIVED)


def test_ideas_that_were_restricted_since_are_left_out_and_counted(desk, ideas):
    fields = ask(desk, "accept", ideas)
    restricted(ideas[0], None)
    body = desk.post(LIST, {**fields}, follow=True).content.decode()
    assert (statuses(ideas), "有1条您已不能查看" in body) == ([Status.RECEIVED] + [Status.ACCEPTED] * 3, True)


# On an idea's page.


def decide(desk, idea, act, **given):
    data = {
        f"{act}-{name}": value for name, value in {"seen": row(idea).version, **GIVEN.get(act, {}), **given}.items()
    }
    return desk.post(reverse("admin:ideas_idea_decide", args=[idea.pk, act]), data, follow=True)


def page_of(idea):
    return reverse("admin:ideas_idea_change", args=[idea.pk])


def undo(desk, idea, seen=None):
    return desk.post(reverse("admin:ideas_idea_undo", args=[idea.pk]), {"seen": seen or row(idea).version}, follow=True)


@pytest.mark.parametrize("act", [*GIVEN, "merge"])
def test_a_decision_on_an_ideas_page_is_undone_there(desk, ideas, act):
    idea = ideas[1]
    answer = decide(desk, idea, act, **({"into": ideas[0].receipt} if act == "merge" else {}))
    assert answer.context["undoable"]["receipt"] == idea.receipt  # on the page that follows
    assert reverse("admin:ideas_idea_undo", args=[idea.pk]) in answer.content.decode()
    page = desk.get(page_of(idea))
    assert (page.context["undo"]["until"], "撤销" in page.content.decode()) == (AT + timedelta(seconds=300), True)
    answer = undo(desk, idea)
    after = row(idea)
    assert (after.status, after.merged_into, after.due_at) == (Status.RECEIVED, None, None)
    assert (answer.context["undo"], answer.context["undoable"]) == (None, None)
    assert Message.objects.exclude(template="receipt").count() == 0
    assert list(violations()) == []


def test_it_is_offered_to_who_decided_and_to_managers_also_after_another_log_in(desk, ideas, moderator, manager):
    decide(desk, ideas[0], "accept")
    offered = {}
    for user in (moderator, manager, factories.make_user(Role.MODERATOR), factories.make_user(Role.AUDITOR)):
        client = Client()
        client.force_login(user)
        offered[user] = client.get(page_of(ideas[0])).context["undo"] is not None
    assert list(offered.values()) == [True, True, False, False]


def test_after_its_time_an_ideas_page_offers_nothing(desk, ideas):
    decide(desk, ideas[0], "accept")
    with clock.at(AT + timedelta(seconds=300)):
        answer = desk.get(page_of(ideas[0]))
        assert (answer.context["undo"], answer.context["undoable"]) == (None, None)
        undo(desk, ideas[0])
    assert status_of(ideas[0]) == Status.ACCEPTED


def test_a_message_that_is_leaving_ends_the_offer(desk, ideas):
    decide(desk, ideas[0], "accept")
    Message.objects.filter(template="accepted").update(tries=1)
    assert desk.get(page_of(ideas[0])).context["undo"] is None
    undo(desk, ideas[0])
    assert (status_of(ideas[0]), told("accepted")) == (Status.ACCEPTED, 1)


def test_what_happened_since_keeps_the_decision(desk, ideas, moderator):
    decide(desk, ideas[0], "accept")
    seen = row(ideas[0]).version
    screening.note_idea(idea=ideas[0], moderator=moderator, at=AT, note="x")
    undo(desk, ideas[0], seen)
    assert (status_of(ideas[0]), desk.get(page_of(ideas[0])).context["undo"]) == (Status.ACCEPTED, None)


def test_an_answer_that_was_noted_is_no_decision(desk, ideas):
    decide(desk, ideas[0], "return")
    answer = decide(desk, ideas[0], "answer", answer="北门。")
    assert (
        answer.context["undoable"]["status"] == Status.RETURNED
    )  # the older one; it is refused, as something came since
    undo(desk, ideas[0])
    assert status_of(ideas[0]) == Status.RECEIVED
    assert IdeaEvent.objects.filter(action=Action.UNDO).count() == 0


def test_the_triage_desk_offers_what_was_decided_on_the_other_pages(desk, ideas):
    triage = reverse("admin:ideas_idea_triage", args=[ideas[0].campaign.slug])
    decide(desk, ideas[0], "accept")
    assert desk.get(triage).context["undoable"]["receipt"] == ideas[0].receipt
    answer = many(desk, "accept", ideas[1:3])
    body = desk.get(triage).content.decode()
    assert answer.request["PATH_INFO"] in body
    undo_all(desk, answer)
    assert desk.get(triage).context["undoable"]["receipt"] == ideas[0].receipt


def test_an_ideas_page_asks_one_thing_more_while_there_is_something_to_undo(desk, ideas, moderator):
    screening.return_idea(idea=ideas[0], moderator=moderator, at=AT, question="哪里？")
    desk.get(page_of(ideas[0]))  # what is read once by each process
    asked = []
    for passed in (0, 300):
        with clock.at(AT + timedelta(seconds=passed)), CaptureQueriesContext(connection) as queries:
            assert bool(desk.get(page_of(ideas[0])).context["undo"]) == (passed == 0)
        asked.append(len(queries))
    assert asked[0] == asked[1] + 1


def test_the_session_keeps_a_few_acts_only(desk, ideas, campaign):
    for _ in range(5):
        many(desk, "accept", [factories.make_idea(campaign)])
    for _ in range(25):
        decide(desk, factories.make_idea(campaign), "accept")
    assert len(desk.session["decided"]) == 20
    for _ in range(5):
        many(desk, "accept", [factories.make_idea(campaign)])
    assert sum("rows" in act for act in desk.session["decided"]) == 3


def test_what_became_of_many_is_shown_to_whoever_did_it(desk, ideas):
    address = reverse("admin:ideas_idea_acted", args=[many(desk, "accept", ideas).context["key"]])
    own = desk.get(address).status_code
    desk.force_login(factories.make_user(Role.MODERATOR))
    assert (own, desk.get(address).status_code) == (200, 404)
