"""What staff write about something that is taken out of their reach meanwhile comes back, and tells nothing of it."""

import sys

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from ideas.choices import Role
from ideas.forms.fields import TextField
from ideas.models import Assignment, KeptPost, Rating, Reply, UnsentMarks
from ideas.services.restricted import lift_restriction, restrict_idea
from ideas.services.screening import decline_idea
from ideas.views.pages import WORDS as SHOWN
from tests import clock, factories

pytestmark = pytest.mark.django_db
WORDS = "这一句话写了很久，不能丢。"
TITLE, LEFT = "您现在无法再查看这项内容", "以下内容没有发出"


@pytest.fixture
def idea(campaign, during):
    return factories.make_idea(campaign, title="谁也不该再看到的标题")


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    return client


def restrict(idea):
    idea.refresh_from_db()
    restrict_idea(
        idea=idea, staff=factories.make_keeper(), reason="涉密", at=clock.DURING, expected_version=idea.version
    )


def decide(idea, act="decline"):
    return reverse("admin:ideas_idea_decide", args=[idea.pk, act])


def comes_back(answer, *untold, status=404):
    """Whether a page gives the words back, says so, and says nothing of what they were about."""
    text = answer.content.decode()
    said = {"status": answer.status_code, "words": WORDS in text, "why": TITLE in text or "不再有" in text}
    return said == {"status": status, "words": True, "why": True} and not [each for each in untold if each in text]


@pytest.mark.parametrize(("act", "field"), [("decline", "reason"), ("return", "question"), ("transfer", "reason")])
def test_a_reason_about_an_idea_that_is_restricted_meanwhile_comes_back(desk, idea, act, field):
    restrict(idea)
    answer = desk.post(decide(idea, act), {f"{act}-{field}": WORDS, f"{act}-seen": "1"})
    assert comes_back(answer, idea.title, idea.receipt, "限制")


def test_it_reads_the_same_for_what_has_never_been(desk, idea):
    restrict(idea)
    typed = {"decline-reason": WORDS, "decline-seen": "1"}
    addresses = [decide(idea), decide(idea).replace(f"/{idea.pk}/", "/999999/")]
    pages = [desk.post(address, typed).content.decode().replace(address, "") for address in addresses]
    assert pages[0] == pages[1]


def test_at_the_triage_desk_words_about_one_idea_are_not_put_into_the_drawer_of_the_next(desk, idea, campaign):
    following = factories.make_idea(campaign)
    restrict(idea)
    page = reverse("admin:ideas_idea_triage", args=[campaign.slug])
    answer = desk.post(page, {"idea": idea.pk, "seen": 1, "act": "decline", "words": WORDS})
    assert comes_back(answer, idea.title, idea.receipt, following.title)


def test_nor_where_a_colleague_has_decided_the_idea_meanwhile(desk, idea, campaign):
    following = factories.make_idea(campaign)
    colleague = factories.make_user(Role.MODERATOR)
    decline_idea(
        idea=idea,
        moderator=colleague,
        declined_as="unclear",
        reason="请补充。",
        at=clock.DURING,
        expected_version=idea.version,
    )
    page = reverse("admin:ideas_idea_triage", args=[campaign.slug])
    answer = desk.post(page, {"idea": idea.pk, "seen": 1, "act": "decline", "declined_as": "insult", "words": WORDS})
    text = answer.content.decode()
    assert (WORDS in text, LEFT in text, following.title in text) == (True, True, False)
    assert reverse("admin:ideas_idea_change", args=[idea.pk]) in text


def test_without_words_the_desk_goes_on_with_nothing_of_the_other_idea(desk, idea, campaign):
    following = factories.make_idea(campaign)
    restrict(idea)
    page = reverse("admin:ideas_idea_triage", args=[campaign.slug])
    answer = desk.post(page, {"idea": idea.pk, "seen": 1, "act": "merge", "into": following.receipt})
    text = answer.content.decode()
    assert ("您现在无法再查看这条建议" in text, following.title in text, "<details" in text) == (True, True, True)
    assert f'value="{following.receipt}" autocomplete' not in text


def test_once_it_can_be_seen_again_the_words_are_in_its_form(desk, idea, moderator):
    restrict(idea)
    desk.post(decide(idea), {"decline-reason": WORDS, "decline-seen": "1"})
    idea.refresh_from_db()
    lift_restriction(
        idea=idea, staff=factories.make_keeper(), reason="不涉密", at=clock.DURING, expected_version=idea.version
    )
    text = desk.get(reverse("admin:ideas_idea_change", args=[idea.pk])).content.decode()
    assert (WORDS in text, "您填写的内容已恢复在下面" in text) == (True, True)


def test_words_in_a_row_of_the_admin_that_is_deleted_come_back(client, manager, during):
    reply = Reply.objects.create(kind="decline", name="太笼统", words="请补充。", position=1)
    client.force_login(manager)
    address = reverse("admin:ideas_reply_change", args=[reply.pk])
    reply.delete()
    typed = {"kind": "decline", "name": "太笼统", "words": WORDS, "position": "1"}
    assert comes_back(client.post(address, typed))


def test_words_come_back_where_the_role_is_taken_away(desk, idea, moderator):
    moderator.groups.set([factories.make_user(Role.AUDITOR).groups.get()])
    answer = desk.post(decide(idea), {"decline-reason": WORDS, "decline-seen": "1"})
    assert comes_back(answer, status=403)


def test_strangers_keep_nothing_here(idea):
    Client().post(decide(idea), {"decline-reason": WORDS})
    assert KeptPost.objects.count() == 0


def is_written(form):
    """Not made by the admin for one of its pages, which gives back what was typed by itself."""
    return getattr(sys.modules[form.__module__], form.__name__, None) is form


def test_every_long_text_of_a_form_is_among_those_that_pages_give_back():
    """Django's registry of subclasses knows every form that is imported, and the addresses import them all."""
    reverse("panel")

    def under(kind):
        for each in kind.__subclasses__():
            yield each
            yield from under(each)

    names = {
        name
        for form in under(forms.BaseForm)
        if form.__module__.startswith("ideas.") and is_written(form)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, TextField)
    }
    assert names
    assert names - set(SHOWN) == set()


# --- The rating desk -------------------------------------------------------------------------------------------------


@pytest.fixture
def assignment(campaign, moderator):
    factories.accepted(campaign, moderator, 3)
    factories.make_panel(campaign, 3)
    factories.assigned(campaign)
    return Assignment.objects.order_by("id").first()


@pytest.fixture
def juror(client, assignment):
    client.force_login(assignment.panellist.user)
    with clock.at(clock.RATING):
        yield client


def marks(assignment, value="7"):
    return {f"criterion-{pk}": value for pk in assignment.panellist.campaign.criteria.values_list("pk", flat=True)}


def take_away(assignment):
    assignment.delete()


def stand_aside_elsewhere(assignment):
    other = Client()
    other.force_login(assignment.panellist.user)
    assert other.post(reverse("recuse", args=[assignment.pk]), {"reason": "认识建议人"}).status_code == 302


def restrict_its_idea(assignment):
    restrict(assignment.idea)


@pytest.mark.parametrize("change", [take_away, stand_aside_elsewhere, restrict_its_idea])
@pytest.mark.parametrize(("act", "field"), [("rate", "comment"), ("abstain", "reason"), ("recuse", "reason")])
def test_what_a_panellist_wrote_comes_back_where_the_idea_left_the_desk(juror, assignment, change, act, field):
    title, receipt = assignment.idea.title, assignment.idea.receipt
    pk, typed = assignment.pk, {**marks(assignment), field: WORDS}
    change(assignment)
    assert comes_back(juror.post(reverse(act, args=[pk]), typed), title, receipt)
    assert Rating.objects.count() == 0


def test_marks_given_too_late_are_shown_with_the_comment(juror, assignment):
    with clock.at(clock.LATER):
        text = juror.post(
            reverse("rate", args=[assignment.pk]), {**marks(assignment, "9"), "comment": WORDS}
        ).content.decode()
    assert (WORDS in text, text.count("<dd>9</dd>")) == (True, 4)


def half(assignment):
    """The first two marks and a comment."""
    return {**dict(list(marks(assignment, "8").items())[:2]), "comment": WORDS}


def value_of(page, name):
    return page.context["form"][name].value()


def test_half_typed_marks_wait_with_the_idea_that_is_put_off(juror, assignment):
    given = half(assignment)
    answer = juror.post(reverse("skip", args=[assignment.pk]), given, follow=True)
    assert "会保留到那时" in "".join(map(str, answer.context["messages"]))
    page = juror.get(reverse("rate", args=[assignment.pk]))
    assert {name: value_of(page, name) for name in given} == given
    assert "保存后才生效" in page.content.decode()
    assert page.content.decode().count(" checked") == 2
    assert Rating.objects.count() == 0


def test_put_off_again_they_wait_again_and_saved_they_are_gone(juror, assignment):
    page = reverse("rate", args=[assignment.pk])
    juror.post(reverse("skip", args=[assignment.pk]), half(assignment))
    juror.post(reverse("skip", args=[assignment.pk]), {**half(assignment), "comment": "改过的话"})
    assert value_of(juror.get(page), "comment") == "改过的话"
    assert juror.post(page, marks(assignment)).status_code == 302
    shown = juror.get(page)
    assert (value_of(shown, "comment"), shown.context["is_unsaved"]) == ("", False)


def test_an_untouched_idea_is_put_off_with_nothing(juror, assignment):
    answer = juror.post(reverse("skip", args=[assignment.pk]), {"comment": ""}, follow=True)
    assert "会保留到那时" not in "".join(map(str, answer.context["messages"]))
    assert not juror.get(reverse("rate", args=[assignment.pk])).context["is_unsaved"]


def test_what_waits_is_its_panellists_alone_and_ends_with_the_rating(juror, assignment):
    juror.post(reverse("skip", args=[assignment.pk]), half(assignment))
    other = Assignment.objects.filter(idea=assignment.idea).exclude(pk=assignment.pk).get()
    colleague = Client()
    colleague.force_login(other.panellist.user)
    assert WORDS not in colleague.get(reverse("rate", args=[other.pk])).content.decode()
    kept = UnsentMarks.objects.get()
    assert kept.expires_at == assignment.panellist.campaign.rating_until
