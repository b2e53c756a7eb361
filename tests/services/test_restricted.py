"""Restricting an idea, lifting it, handing it over, removing it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from ideas.choices import Action, Channel, MessageTemplate, OfficeAct, Role, Status
from ideas.errors import NotPermitted, Refusal, WrongRole
from ideas.management.commands.work import do_duties
from ideas.models import (
    Idea,
    IdeaVersion,
    Message,
    OfficeEvent,
    OriginalTerms,
    Photo,
    Resident,
    ResidentStatement,
    User,
)
from ideas.queries import access
from ideas.queries.invariants import violations
from ideas.queries.restricted import restricted_ideas
from ideas.queries.tracking import story_of
from ideas.services.campaigns import refresh_figures
from ideas.services.contacts import show_contact
from ideas.services.messages import close_given_up, render, send_again
from ideas.services.panel import assign_first_round
from ideas.services.photos import check_photo, cover_photo, release_photo
from ideas.services.proposal import propose_shortlist
from ideas.services.publishing import check_text, edit_published, release_text
from ideas.services.restricted import hand_over, lift_restriction, remind_keepers, remove_idea, restrict_idea
from ideas.services.screening import (
    accept_idea,
    classify_idea,
    merge_idea,
    note_idea,
    transfer_idea,
    undo_decision,
)
from ideas.services.withdrawal import withdraw_for_resident
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING


def restrict(idea, staff):
    restrict_idea(idea=idea, staff=staff, at=AT, reason="涉及线索")
    idea.refresh_from_db()


def given_over(idea, staff):
    """Restricted, passed to another channel, the hand-over noted."""
    restrict(idea, staff)
    transfer_idea(idea=idea, moderator=staff, at=AT, channel=Channel.DISCIPLINE, reason="已转交。")
    hand_over(idea=idea, staff=staff, at=AT, to="纪检监察", reference="2026-1")


def test_any_moderator_restricts_with_a_reason(campaign, moderator):
    idea = factories.make_idea(campaign)
    restrict(idea, moderator)
    event = idea.events.last()
    assert (idea.restricted, event.action, event.reason) == (True, Action.RESTRICT, "涉及线索")


def test_a_reason_is_required(campaign, moderator):
    idea = factories.make_idea(campaign)
    with pytest.raises(Refusal):
        restrict_idea(idea=idea, staff=moderator, at=AT, reason=" ")
    assert not Idea.objects.get().restricted


def test_only_named_staff_lift_it(campaign, moderator, keeper):
    idea = factories.make_idea(campaign)
    restrict(idea, moderator)
    with pytest.raises(NotPermitted):
        lift_restriction(idea=idea, staff=moderator, at=AT, reason="误判")
    lift_restriction(idea=idea, staff=keeper, at=AT, reason="误判")
    assert not Idea.objects.get().restricted


def acts_of_a_moderator(idea, photo, message):
    """Every verb by which somebody who screens acts on one idea."""
    at = {"at": AT}
    edit = {"title": "题目", "text": "正文。"}
    return {
        "accept": lambda who: accept_idea(idea=idea, moderator=who, **at),
        "sort": lambda who: classify_idea(idea=idea, moderator=who, topic=idea.topic, area=None, unit=None, **at),
        "note": lambda who: note_idea(idea=idea, moderator=who, note="备注", **at),
        "undo": lambda who: undo_decision(idea=idea, moderator=who, **at),
        "withdraw": lambda who: withdraw_for_resident(
            idea=idea, moderator=who, caller="telephone", called_at=AT, reason="来电", **at
        ),
        "contact": lambda who: show_contact(idea=idea, staff=who, purpose="question", **at),
        "text": lambda who: edit_published(idea=idea, editor=who, **edit, **at),
        "check text": lambda who: check_text(idea=idea, checker=who, **at),
        "release text": lambda who: release_text(idea=idea, releaser=who, **at),
        "check photo": lambda who: check_photo(photo=photo, checker=who, **at),
        "release photo": lambda who: release_photo(photo=photo, editor=who, shown=True, **at),
        "cover photo": lambda who: cover_photo(photo=photo, editor=who, covers=[], **at),
        "send again": lambda who: send_again(message=message, actor=who, **at),
        "close": lambda who: close_given_up(message=message, actor=who, **at),
    }


def test_no_verb_trusts_a_page_to_have_hidden_it(campaign, moderator, keeper):
    idea = factories.make_idea(campaign)
    photo, message = factories.add_photo(idea), Message.objects.get(idea=idea)
    restrict(idea, moderator)
    assert not moderator.has_perm("ideas.see_restricted")
    done = []
    for name, act in acts_of_a_moderator(idea, photo, message).items():
        try:
            act(moderator)
        except WrongRole:
            continue
        except Refusal:
            pass
        done.append(name)
    assert done == []


def test_those_merged_into_it_go_with_it_and_are_looked_at_each_for_itself(campaign, moderator, keeper):
    leader, other = factories.make_idea(campaign), factories.make_idea(campaign)
    merge_idea(idea=other, into=leader, moderator=moderator, at=AT)
    restrict(leader, moderator)
    other.refresh_from_db()
    assert (Idea.objects.unrestricted().count(), other.status, other.merged_into) == (0, Status.RECEIVED, None)
    assert list(Message.objects.filter(idea=other).values_list("template", flat=True)) == [
        *("receipt", "merged", "unmerged")
    ]
    lift_restriction(idea=other, staff=keeper, at=AT, reason="误判")
    assert (list(Idea.objects.unrestricted()), list(violations())) == ([other], [])


def test_a_merged_idea_that_is_restricted_leaves_the_merger(campaign, moderator, keeper):
    leader, other = factories.make_idea(campaign), factories.make_idea(campaign)
    merge_idea(idea=other, into=leader, moderator=moderator, at=AT)
    restrict(other, moderator)
    assert (other.status, other.merged_into, list(violations())) == (Status.RECEIVED, None, [])
    assert list(Idea.objects.unrestricted()) == [leader]


def test_an_idea_on_the_list_is_not_restricted(moderator, manager):
    campaign = factories.rated_campaign(moderator)
    picked = propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL).entries.first().idea
    with pytest.raises(Refusal):
        restrict(picked, moderator)


def test_public_figures_leave_it_out_at_once(campaign, moderator):
    refresh_figures(campaign=campaign, at=AT)
    idea, _other = factories.accepted(campaign, moderator, 2)
    restrict(idea, moderator)
    campaign.refresh_from_db()
    assert (campaign.figures["received"], campaign.figures["valid"]) == (1, 1)


def test_no_panellist_gets_it(campaign, moderator):
    [idea] = factories.accepted(campaign, moderator)
    factories.make_panel(campaign)
    restrict(idea, moderator)
    assert assign_first_round(campaign=campaign, per_idea=2, seed=1, at=clock.RATING_FROM).made == 0


def test_it_is_not_on_the_list_however_well_it_is_rated(moderator, manager):
    campaign = factories.rated_campaign(moderator)
    best = campaign.ideas.by_receipt().first()
    restrict(best, moderator)
    shortlist = propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    assert best.pk not in shortlist.entries.values_list("idea", flat=True)


def test_marks_for_it_are_refused(campaign, moderator):
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign)
    assignment = factories.assigned(campaign)[0]
    restrict(assignment.idea, moderator)
    with pytest.raises(Refusal):
        factories.rate(assignment)


def test_its_resident_reads_the_same_as_before(campaign, moderator):
    idea = factories.make_idea(campaign)
    before = story_of(idea, AT)
    restrict(idea, moderator)
    assert story_of(idea, AT) == before


def test_only_restricted_ideas_are_handed_over(campaign, keeper):
    with pytest.raises(Refusal):
        hand_over(idea=factories.make_idea(campaign), staff=keeper, at=AT, to="110", reference="1")


def test_a_hand_over_is_logged(campaign, keeper):
    idea = factories.make_idea(campaign)
    given_over(idea, keeper)
    event = OfficeEvent.objects.get(act=OfficeAct.HAND_OVER)
    assert (event.idea, event.detail) == (idea, {"to": "纪检监察", "reference": "2026-1"})


def test_nothing_is_removed_before_a_hand_over(campaign, keeper):
    idea = factories.make_idea(campaign)
    restrict(idea, keeper)
    transfer_idea(idea=idea, moderator=keeper, at=AT, channel=Channel.POLICE, reason="已转交。")
    with pytest.raises(Refusal):
        remove_idea(idea=idea, staff=keeper, at=AT)


def test_nothing_is_removed_while_the_idea_is_being_screened(campaign, keeper):
    idea = factories.make_idea(campaign)
    restrict(idea, keeper)
    hand_over(idea=idea, staff=keeper, at=AT, to="110", reference="1")
    with pytest.raises(Refusal):
        remove_idea(idea=idea, staff=keeper, at=AT)


def test_removal_leaves_receipt_and_trail_only(campaign, keeper):
    idea = factories.make_idea(campaign, title="某人的线索")
    IdeaVersion.objects.create(idea=idea, number=1, replaced_at=AT, title="x", problem="x", proposal="x",
                               topic=idea.topic)  # fmt: skip
    Photo.objects.create(idea=idea, added_at=AT, width=1, height=1, size=1)
    given_over(idea, keeper)
    remove_idea(idea=idea, staff=keeper, at=AT)
    row = Idea.objects.get()
    assert (row.receipt, row.title, row.problem, row.proposal, row.place) == (idea.receipt, "—", "—", "—", "")
    left = (Resident, IdeaVersion, Photo, ResidentStatement)
    assert [model.objects.count() for model in left] == [0, 0, 0, 0]
    assert not Message.objects.exclude(payload={}).exists()
    assert OriginalTerms.objects.get().terms == ""
    assert list(violations()) == []


def test_a_removed_idea_is_not_removed_again(campaign, keeper):
    idea = factories.make_idea(campaign)
    given_over(idea, keeper)
    remove_idea(idea=idea, staff=keeper, at=AT)
    with pytest.raises(Refusal):
        remove_idea(idea=idea, staff=keeper, at=AT)


def mailed():
    return Message.objects.filter(template=MessageTemplate.RESTRICTED)


def test_keepers_are_told_that_something_waits_and_nothing_of_it(campaign, moderator, keeper):
    named = factories.make_user(Role.MANAGER, email="named@example.com")
    named.user_permissions.add(Permission.objects.get(codename="see_restricted"))
    factories.make_user(Role.KEEPER, email="gone@example.com", is_active=False)
    factories.make_user(Role.AUDITOR, email="auditor@example.com")
    User.objects.create(username="root", email="root@example.com", is_superuser=True)
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    factories.make_keeper()  # without an address: the first page says it
    leader, other = (factories.make_idea(campaign, title="某人的线索") for _ in range(2))
    merge_idea(idea=other, into=leader, moderator=moderator, at=AT)
    restrict(leader, moderator)
    assert sorted(row.payload["address"] for row in mailed()) == ["keeper@example.com", "named@example.com"]
    for row in mailed():
        words = render(row)
        said = f"{words.subject} {words.body}"
        assert (row.idea, row.state, "/admin/" in said, "限制查看" in said) == (None, "queued", True, True)
        for secret in (leader.receipt, other.receipt, "某人的线索", "涉及线索", campaign.title, moderator.name):
            assert secret not in said
    assert list(violations()) == []


def test_who_restricts_is_not_told_and_lifting_tells_nobody(campaign, keeper):
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    idea = factories.make_idea(campaign)
    restrict(idea, keeper)
    lift_restriction(idea=idea, staff=keeper, at=AT, reason="误判")
    assert not mailed().exists()


def test_what_was_refused_tells_nobody(moderator, manager, keeper):
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    campaign = factories.rated_campaign(moderator)
    picked = propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL).entries.first().idea
    with pytest.raises(Refusal):
        restrict(picked, moderator)
    assert not mailed().exists()


def test_an_office_without_e_mail_restricts_all_the_same(campaign, moderator, keeper, settings):
    settings.IDEAS_EMAIL_GATEWAY = ""
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    idea = factories.make_idea(campaign)
    restrict(idea, moderator)
    assert (idea.restricted, mailed().exists()) == (True, False)


def reminded():
    return Message.objects.filter(template=MessageTemplate.RESTRICTED_WAITS)


def test_keepers_are_reminded_of_what_waits_once_in_a_period(campaign, moderator, keeper, settings):
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    idea = factories.make_idea(campaign, title="某人的线索")
    restrict(idea, moderator)
    due = AT + timedelta(days=3)
    assert remind_keepers(at=due - clock.BLINK) == 0
    assert [remind_keepers(at=due + timedelta(hours=hour)) for hour in (0, 1, 24, 71)] == [1, 0, 0, 0]
    [row] = reminded()
    words = render(row)
    said = f"{words.subject} {words.body}"
    assert (row.payload["address"], row.idea, "1件" in said, "3天" in said) == ("keeper@example.com", None, True, True)
    for word in (idea.receipt, "某人的线索", "涉及线索", campaign.title, moderator.name):
        assert word not in said
    assert remind_keepers(at=due + timedelta(days=3)) == 1
    settings.IDEAS_RESTRICTED_REMIND_DAYS = 0
    assert remind_keepers(at=due + timedelta(days=30)) == 0


def test_nobody_is_reminded_of_what_was_handed_over_or_lifted(campaign, moderator, keeper):
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    given_over(factories.make_idea(campaign), keeper)
    lifted = factories.make_idea(campaign)
    restrict(lifted, moderator)
    lift_restriction(idea=lifted, staff=keeper, at=AT, reason="误判")
    assert remind_keepers(at=AT + timedelta(days=30)) == 0


def test_the_worker_reminds_keepers_and_only_they_see_the_message(campaign, moderator, keeper):
    User.objects.filter(pk=keeper.pk).update(email="keeper@example.com")
    restrict(factories.make_idea(campaign), moderator)
    later = AT + timedelta(days=4)
    with clock.at(later):
        assert do_duties(later) == []
    assert (reminded().count(), list(violations())) == (1, [])
    rows = [access.outbox(user).filter(template="restricted_waits") for user in (keeper, moderator)]
    assert [found.count() for found in rows] == [1, 0]


def test_the_role_alone_lets_somebody_do_all_that_a_restricted_idea_needs(campaign, moderator):
    """As a moderator to whom the right was given by name; and the role is taken away as easily."""
    user = factories.make_user(Role.KEEPER)
    named = factories.make_user(Role.MODERATOR)
    named.user_permissions.add(Permission.objects.get(codename="see_restricted"))
    assert user.get_all_permissions() == named.get_all_permissions()
    idea = factories.make_idea(campaign)
    restrict(idea, moderator)
    transfer_idea(idea=idea, moderator=user, at=AT, channel=Channel.DISCIPLINE, reason="已转交。")
    hand_over(idea=idea, staff=user, at=AT, to="纪检监察", reference="1")
    remove_idea(idea=idea, staff=user, at=AT)
    user.groups.clear()
    assert list(restricted_ideas(User.objects.get(pk=user.pk))) == []
