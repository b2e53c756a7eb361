"""A restricted idea exists for named staff only: nothing of it in any list, search, figure or page of anybody else."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, override
from openpyxl import load_workbook

from ideas.choices import Role
from ideas.forms.panel import SecondForm
from ideas.models import Assignment, Idea, Mark, Message, OfficeEvent, Photo, User
from ideas.queries.campaigns import under_way
from ideas.queries.panel import members_of, undecided
from ideas.queries.ratings import next_assignment
from ideas.queries.restricted import Waiting, waiting
from ideas.services.contacts import show_contact
from ideas.services.duplicates import compare_new
from ideas.services.proposal import propose_shortlist
from ideas.services.restricted import hand_over, lift_restriction, restrict_idea
from ideas.services.screening import merge_idea, note_idea, undo_decision
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT, SECRET = clock.DURING, "举报某某收受好处"
LIST, HOUR = reverse("admin:ideas_idea_restricted"), timedelta(hours=1)


@pytest.fixture
def idea(moderator):
    """Restricted after everything else happened to it: accepted, published, rated, a message waiting, a contact shown,
    merged with another."""
    campaign = factories.make_campaign(show_ideas=True)
    [idea] = factories.published(campaign, moderator, title=SECRET)
    factories.accepted(campaign, moderator)
    follower = factories.make_idea(campaign, title=f"{SECRET}二")
    merge_idea(idea=follower, into=idea, moderator=moderator, at=AT)
    factories.make_panel(campaign)
    for assignment in factories.assigned(campaign):
        factories.rate(assignment)
    show_contact(idea=idea, staff=moderator, at=AT, purpose="question")
    parted = factories.make_idea(campaign, title="曾并入")
    merge_idea(idea=parted, into=idea, moderator=moderator, at=AT)
    undo_decision(idea=parted, moderator=moderator, at=AT)
    note_idea(idea=parted, moderator=moderator, at=AT, note=f"与{idea.receipt}相近")
    other = factories.make_idea(campaign, title="被并入")
    [led, alike] = [factories.make_idea(campaign, AT + clock.BLINK, title=f"{SECRET}{n}") for n in "三四"]
    factories.add_photo(led)
    merge_idea(idea=led, into=other, moderator=moderator, at=AT)
    for row in (idea, led, alike):
        restrict_idea(idea=row, staff=moderator, at=AT, reason="涉及线索")
    compare_new()
    idea.refresh_from_db()
    return idea


def pages(idea):
    """Lists, searches and filters of the admin, every page of a row of the idea, the public's lists and pages."""
    lists = ["idea", "message", "assignment", "recusal", "officeevent", "shortlist", "campaign", "panellist"]
    found = [reverse(f"admin:ideas_{name}_changelist") for name in lists]
    queue = reverse("admin:ideas_idea_changelist")
    queries = ("status=all", f"q={idea.receipt}", f"q={SECRET}", "status=accepted", "status=merged",
               f"status=all&topic={idea.topic.slug}", "photos=no&status=all")  # fmt: skip
    found += [f"{queue}?{query}" for query in queries]
    for row in Idea.objects.all():
        names = ("ideas_idea_change", "ideas_idea_publish")
        found += [reverse(f"admin:{name}", args=[row.pk]) for name in names]
    found += [f"{queue}?q={words}" for words in ("收受好处", "举报", "好处四")]
    found += [reverse("admin:ideas_idea_clusters", args=[idea.campaign.slug])]
    found += [reverse("admin:ideas_pendingtext_changelist"), reverse("admin:ideas_idea_import")]
    found += [reverse("admin:ideas_message_change", args=[m.pk]) for m in Message.objects.filter(idea=idea)]
    found += [reverse("admin:ideas_assignment_change", args=[a.pk]) for a in Assignment.objects.filter(idea=idea)]
    found += [reverse("admin:index"), reverse("admin:ideas_officeevent_mergers"), LIST]
    slug = idea.campaign.slug
    found += [
        reverse("admin:ideas_idea_triage", args=[slug]),
        reverse("admin:ideas_campaign_change", args=[idea.campaign_id]),
    ]
    found += [reverse("admin:ideas_idea_triage", args=[slug]) + f"?idea={idea.pk}"]
    found += [reverse("home"), reverse("campaign", args=[slug]), reverse("ideas", args=[slug])]
    return [*found, reverse("idea", args=[slug, idea.receipt])]


def leaks(client, idea):
    """Pages that name it, apart from a search's own words and the address that was asked for."""
    words = [SECRET, *Idea.objects.filter(restricted=True).values_list("receipt", flat=True)]
    found = []
    with clock.at(AT):
        for page in pages(idea):
            body = client.get(page).content.decode()
            for part in (f'value="{SECRET}"', f'value="{idea.receipt}"', f"q={idea.receipt}", f"/{idea.receipt}/"):
                body = body.replace(part, "")
            found += [page for word in words if word in body]
        found += [f"{query} as {form}" for query in ("", *QUERIES) for form in ("csv", "xlsx")
                  if any(word in exported(client, query, form) for word in words)]  # fmt: skip
        for other in Idea.objects.filter(restricted=False, status="received"):
            page = reverse("admin:ideas_idea_triage", args=[idea.campaign.slug]) + f"?idea={other.pk}"
            found += [page for word in words if word in client.get(page).content.decode()]
    return found


QUERIES = ("status=all", f"status=all&q={SECRET}")


def exported(client, query, form):
    """All words of the file of a view; "" where none is given."""
    answer = client.post(f"{reverse('admin:ideas_idea_export')}?{query}", {"form": form})
    if answer.status_code != 200:
        return ""
    content = b"".join(answer.streaming_content)
    if form == "csv":
        return content.decode()
    return "\n".join(str(cell) for row in load_workbook(io.BytesIO(content)).active.values for cell in row)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MANAGER, Role.AUDITOR])
def test_nobody_else_meets_it_anywhere(client, idea, role):
    client.force_login(factories.make_user(role))
    assert leaks(client, idea) == []


def test_the_public_does_not_meet_it(client, idea):
    assert leaks(client, idea) == []


def test_named_staff_meet_it(client, idea, keeper):
    client.force_login(keeper)
    assert len(set(leaks(client, idea))) > 5


def test_no_panellist_has_it_on_the_desk(client, idea):
    assignment = Assignment.objects.filter(idea=idea).select_related("panellist__user").first()
    client.force_login(assignment.panellist.user)
    with clock.at(clock.RATING):
        desk, page = client.get(reverse("panel")), client.get(reverse("rate", args=[assignment.pk]))
    assert (SECRET in desk.content.decode(), idea.receipt in desk.content.decode(), page.status_code) == (
        False,
        False,
        404,
    )


def test_a_panellist_is_not_led_to_it_from_another_idea(client, idea, moderator):
    """The next seat is the next one that exists for the panellist."""
    other = Assignment.objects.exclude(idea=idea).select_related("panellist__user", "panellist__campaign").first()
    restricted = Assignment.objects.get_or_create(
        panellist=other.panellist, idea=idea, defaults={"assigned_at": clock.RATING_FROM}
    )[0]
    if hasattr(restricted, "rating"):
        Mark.objects.filter(rating=restricted.rating).delete()
        restricted.rating.delete()
    assert next_assignment(other) is None


def press(client, idea, act, **data):
    return client.post(reverse("admin:ideas_idea_guard", args=[idea.pk, act]), data)


def test_a_moderator_restricts_by_a_button_and_is_led_to_the_list(client, campaign, moderator):
    idea = factories.make_idea(campaign)
    client.force_login(moderator)
    answer = press(client, idea, "restrict", reason="线索", seen=idea.event_count)
    assert (answer.url, Idea.objects.get().restricted) == (reverse("admin:ideas_idea_changelist"), True)


def test_a_page_that_is_outdated_restricts_nothing(client, campaign, moderator):
    idea = factories.make_idea(campaign)
    client.force_login(moderator)
    press(client, idea, "restrict", reason="线索", seen=7)
    assert not Idea.objects.get().restricted


def test_a_moderator_cannot_lift_it(client, idea, moderator):
    client.force_login(moderator)
    assert press(client, idea, "lift", reason="误判", seen=idea.event_count).status_code == 404


def test_its_resident_reads_an_ordinary_status(client, campaign, moderator):
    sent = factories.receive(campaign)
    restrict_idea(idea=sent.idea, staff=moderator, at=AT, reason="涉及线索")
    with clock.at(AT):
        page = client.post(reverse("track"), {"receipt": sent.idea.receipt, "code": sent.code}, follow=True)
    body = page.content.decode()
    assert (sent.idea.title in body, "涉及线索" in body) == (True, False)


def plain_words():
    with override("zh-hans"):
        return gettext("an idea that is restricted")


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MANAGER, Role.AUDITOR])
def test_another_ideas_history_says_in_plain_words_that_there_is_one(client, idea, role):
    client.force_login(factories.make_user(role))
    body = client.get(reverse("admin:ideas_idea_change", args=[Idea.objects.get(title="曾并入").pk])).content.decode()
    assert body.count(plain_words()) == 2  # in the merger that was undone, and in a colleague's note
    assert idea.receipt not in body


def test_named_staff_read_the_number_in_another_ideas_history(client, idea, keeper):
    client.force_login(keeper)
    body = client.get(reverse("admin:ideas_idea_change", args=[Idea.objects.get(title="曾并入").pk])).content.decode()
    assert body.count(idea.receipt) == 3  # there, and beside it among the ideas alike


@pytest.mark.parametrize("act", ["photo", "cover"])
def test_the_photo_of_a_restricted_idea_is_not_reached_through_the_one_that_leads_it(client, idea, moderator, act):
    """A merged idea that is restricted by itself leaves its leader; no address of the leader's reaches it."""
    photo = Photo.objects.get(idea__restricted=True)
    leader = Idea.objects.get(title="被并入")
    client.force_login(moderator)
    address = reverse(f"admin:ideas_idea_{act}", args=[leader.pk, photo.key])
    assert client.post(address, {"shown": "check", "seen": 1}).status_code == 404


@pytest.fixture
def listed(moderator, managers):
    """A list with a restricted idea among the ties, in what a pair changed, and among those exchanged out."""
    campaign = factories.rated_campaign(moderator)
    row = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    idea, other = row.entries.first().idea, campaign.ideas.filter(shortlist_entry=None)[0]
    factories.exchange(row, managers, removed=idea, added=other)
    row.refresh_from_db()
    restrict_idea(idea=idea, staff=managers[0], at=clock.RATING_UNTIL, reason="涉及线索")
    row.tied = [other.receipt, idea.receipt]
    row.moves = [{"idea": idea.receipt, "is_on": False, "rule": "incompatible", "other": other.receipt}]
    row.moves += [{"idea": other.receipt, "is_on": False, "rule": "incompatible", "other": idea.receipt}]
    row.save()
    return row, idea.receipt, other.receipt


@pytest.mark.parametrize("page", ["change", "minutes"])
def test_the_list_and_its_minutes_name_it_to_named_staff_only(client, listed, manager, auditor, page):
    row, receipt, other = listed
    for user in (manager, auditor):
        client.force_login(user)
        body = client.get(reverse(f"admin:ideas_shortlist_{page}", args=[row.pk])).content.decode()
        assert (receipt in body, other in body, plain_words() in body) == (False, True, True)
    manager.user_permissions.add(Permission.objects.get(codename="see_restricted"))
    client.force_login(type(manager).objects.get(pk=manager.pk))
    assert receipt in client.get(reverse(f"admin:ideas_shortlist_{page}", args=[row.pk])).content.decode()


def test_its_number_is_unknown_where_conflicts_of_interest_are_noted(campaign, moderator):
    idea, other = factories.make_idea(campaign), factories.make_idea(campaign)
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="涉及线索")
    forms = [SecondForm({"receipts": row.receipt}, campaign=campaign) for row in (idea, other)]
    assert ["receipts" in form.errors for form in forms] == [True, False]


def note(idea, who):
    note_idea(idea=idea, moderator=who, at=AT, note="x")


def note_hand_over(idea, who):
    hand_over(idea=idea, staff=who, at=AT, to="110", reference="1")


ACTS = [  # act, what is typed, what makes the page outdated
    ("restrict", {"reason": "涉及线索，很长的一句话"}, note),
    ("lift", {"reason": "误判，很长的一句话"}, note),
    ("hand-over", {"to": "纪检监察", "reference": "2026-77"}, note_hand_over),
    ("hand-over", {"to": "纪检监察", "reference": "2026-77"}, note),
]


def opened(client, idea, act):
    """The hidden fields that the form of the page carries, by name."""
    body = client.get(reverse("admin:ideas_idea_change", args=[idea.pk])).content.decode()
    return hidden(form_of(body, idea, act))


def form_of(body, idea, act):
    address = reverse("admin:ideas_idea_guard", args=[idea.pk, act])
    return re.search(rf'<form[^>]*action="{address}".*?</form>', body, re.DOTALL)[0]


def hidden(form):
    inputs = [tag for tag in re.findall(r"<input[^>]*>", form) if 'type="hidden"' in tag]
    found = {re.search(r'name="([^"]+)', tag)[1]: re.search(r'value="([^"]*)', tag)[1] for tag in inputs}
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


@pytest.mark.parametrize(("act", "typed", "meanwhile"), ACTS)
def test_whoever_was_slower_is_refused_and_keeps_the_words(client, campaign, keeper, act, typed, meanwhile):
    idea = factories.make_idea(campaign)
    if act != "restrict":
        restrict_idea(idea=idea, staff=keeper, at=AT, reason="线索")
    client.force_login(keeper)
    shown = opened(client, idea, act)
    meanwhile(idea, keeper)
    events = OfficeEvent.objects.count()
    answer = press(client, idea, act, **shown, **typed)
    form = form_of(answer.content.decode(), idea, act)
    assert (answer.status_code, Idea.objects.get().restricted) == (409, act != "restrict")
    assert OfficeEvent.objects.count() == events
    assert all(words in form for words in typed.values())
    assert press(client, idea, act, **hidden(form), **typed).status_code == 302  # once it was looked at, it is done


@pytest.mark.parametrize(("act", "typed"), [("restrict", {"reason": "字" * 301}), ("hand-over", {"to": "纪检监察"})])
def test_an_incomplete_form_comes_back_with_its_words(client, campaign, keeper, act, typed):
    idea = factories.make_idea(campaign)
    if act != "restrict":
        restrict_idea(idea=idea, staff=keeper, at=AT, reason="线索")
    client.force_login(keeper)
    answer = press(client, idea, act, **opened(client, idea, act), **typed)
    form = form_of(answer.content.decode(), idea, act)
    assert answer.status_code == 422
    assert all(words in form for words in typed.values())


def page_of(client, user, address, at=AT):
    client.force_login(user)
    with clock.at(at):
        return client.get(address)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MANAGER, Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_others_have_neither_the_list_nor_its_count_nor_a_way_to_it(client, idea, role):
    user = factories.make_user(role)
    assert page_of(client, user, LIST).status_code in (302, 403)
    for page in ("admin:index", "admin:ideas_idea_changelist"):
        assert LIST not in page_of(client, user, reverse(page)).content.decode()


def test_keepers_have_a_list_of_their_own_with_what_waits_first(client, campaign, moderator, keeper):
    given, late, early = (factories.make_idea(campaign, title=f"线索{n}") for n in "甲乙丙")
    free = factories.make_idea(campaign)
    restrict_idea(idea=given, staff=moderator, at=AT, reason="涉及线索")
    restrict_idea(idea=late, staff=moderator, at=AT + 3 * HOUR, reason="涉密")
    restrict_idea(idea=early, staff=moderator, at=AT + HOUR, reason="举报")
    hand_over(idea=given, staff=keeper, at=AT + 2 * HOUR, to="纪检监察", reference="1")
    page = page_of(client, keeper, LIST, AT + 4 * HOUR).content.decode()
    places = [page.index(row.receipt) for row in (early, late, given)]
    assert (places == sorted(places), free.receipt in page) == (True, False)
    assert all(words in page for words in ("举报", moderator.name, "已等待3.0 小时", "已等待1.0 小时"))
    assert page.count("已等待") == 2


def test_the_first_page_counts_for_keepers_what_waits_and_says_how_long(client, campaign, moderator, keeper):
    first, second = factories.make_idea(campaign), factories.make_idea(campaign)
    calm = page_of(client, keeper, reverse("admin:index")).content.decode()
    assert ("<strong>0</strong> 条限制查看的建议待移交" in calm, 'class="alert"' in calm) == (True, False)
    restrict_idea(idea=first, staff=moderator, at=AT, reason="涉及线索")
    restrict_idea(idea=second, staff=moderator, at=AT + HOUR, reason="涉及线索")
    told = page_of(client, keeper, reverse("admin:index"), AT + 50 * HOUR).content.decode()
    assert f'href="{LIST}"><strong>2</strong>' in told
    assert "有限制查看的建议已等待2.1 天" in told
    hand_over(idea=first, staff=keeper, at=AT + 51 * HOUR, to="110", reference="1")
    lift_restriction(idea=second, staff=keeper, at=AT + 51 * HOUR, reason="误判")
    done = page_of(client, keeper, reverse("admin:index"), AT + 52 * HOUR).content.decode()
    assert (f'href="{LIST}"><strong>0</strong>' in done, 'class="alert"' in done) == (True, False)


def test_an_idea_that_is_restricted_again_waits_again(campaign, moderator, keeper):
    idea = factories.make_idea(campaign)
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="涉及线索")
    hand_over(idea=idea, staff=keeper, at=AT + HOUR, to="110", reference="1")
    lift_restriction(idea=idea, staff=keeper, at=AT + 2 * HOUR, reason="误判")
    restrict_idea(idea=idea, staff=moderator, at=AT + 3 * HOUR, reason="新线索")
    assert waiting(keeper) == Waiting(1, AT + 3 * HOUR)
    assert waiting(moderator) is None


def test_list_and_first_page_cost_the_same_for_few_and_for_many(client, campaign, moderator, keeper):
    counts = []
    for many in (1, 8):
        for _ in range(many):
            restrict_idea(idea=factories.make_idea(campaign), staff=moderator, at=AT, reason="涉及线索")
        costs = []
        for page in (LIST, reverse("admin:index")):
            page_of(client, keeper, page)
            with CaptureQueriesContext(connection) as queries:
                page_of(client, keeper, page)
            costs.append(len(queries))
        counts.append(costs)
    assert counts[0] == counts[1]
    assert counts[0][0] <= 20


def test_a_keeper_sees_in_the_queue_which_ideas_are_restricted(client, campaign, moderator, keeper):
    restrict_idea(idea=factories.make_idea(campaign), staff=moderator, at=AT, reason="涉及线索")
    factories.make_idea(campaign)
    body = page_of(client, keeper, reverse("admin:ideas_idea_changelist")).content.decode()
    assert body.count('<span class="tag tag-declined">限制查看</span>') == 1


def test_word_to_keepers_stands_in_no_other_outbox(client, campaign, moderator, keeper):
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    restrict_idea(idea=factories.make_idea(campaign), staff=moderator, at=AT, reason="涉及线索")
    outbox = reverse("admin:ideas_message_changelist")
    row = reverse("admin:ideas_message_change", args=[Message.objects.get(template="restricted").pk])
    for user, seen in ((moderator, False), (keeper, True)):
        body = page_of(client, user, outbox).content.decode()
        assert (f"{row}?" in body or f'"{row}"' in body) == seen
        assert page_of(client, user, row).status_code == (200 if seen else 302)


def test_whoever_restricts_where_nobody_is_named_is_told_so(client, campaign, moderator):
    client.force_login(moderator)
    said = []
    for keepers in (0, 1):
        if keepers:
            factories.make_keeper()
        idea = factories.make_idea(campaign)
        address = reverse("admin:ideas_idea_guard", args=[idea.pk, "restrict"])
        page = client.post(address, {"reason": "线索", "seen": idea.version}, follow=True).content.decode()
        said.append("目前还没有人有权查看" in page)
    assert (said, Idea.objects.filter(restricted=True).count()) == ([True, False], 2)


def test_it_is_in_no_figure_of_the_panel_and_of_a_change(idea):
    """The fixture's open ideas are one accepted and rated, two that wait, and what was merged into one of them."""
    campaign, open_ones = idea.campaign, Idea.objects.unrestricted()
    assignments = [(member.total, member.done) for member in members_of(campaign)]
    met = under_way(campaign, AT)
    assert (met.received, met.waiting) == (open_ones.count(), open_ones.filter(status="received").count())
    assert met.ratings == sum(done for _total, done in assignments) == sum(total for total, _done in assignments)
    assert met.ratings == Assignment.objects.filter(idea__restricted=False).count() < Assignment.objects.count()
    assert undecided(campaign) == met.waiting < Idea.objects.filter(status="received").count()


def test_an_empty_hand_over_names_its_fields_on_top(client, idea):
    client.force_login(factories.make_keeper())
    answer = client.post(reverse("admin:ideas_idea_guard", args=[idea.pk, "hand-over"]), {"seen": "1", "noted": "0"})
    body = answer.content.decode()
    found = dict(re.findall(r'<li><a href="#(hand_over_\w+)">([^<]+)</a>', body))
    assert found.keys() == {"hand_over_to", "hand_over_reference"}
    assert [words for words in found.values() if words.startswith("这个字段")] == []
    assert re.search(r'class="error-summary"[^>]*autofocus', body)
    assert not [one for one in answer.context["messages"] if "这个字段是必填项。 这个字段" in str(one)]
