"""People get their role and can work; nobody ticks anything beside it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Idea, Panellist, Referral, Unit, User
from ideas.queries.invariants import violations
from ideas.services.referrals import acknowledge, recall
from ideas.services.restricted import restrict_idea
from ideas.services.roles import sync_roles
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-77"


@pytest.fixture
def admin_client(client):
    client.force_login(User.objects.create_superuser("root", "root@example.com", PASSWORD, name="管理员"))
    return client


def add_user(client, **overrides):
    data = {
        "username": "sukang",
        "name": "苏小康",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    return client.post(reverse("admin:ideas_user_add"), {**data, **overrides})


def give(client, user, *roles, **overrides):
    groups = Group.objects.filter(name__in=[role.value for role in roles]).values_list("pk", flat=True)
    page = reverse("admin:ideas_user_change", args=[user.pk])
    return client.post(page, {**filled(client, page), "groups": list(groups), **overrides})


@pytest.mark.parametrize(
    ("role", "target"),
    [
        (Role.MANAGER, "/admin/"), (Role.MODERATOR, "/admin/"), (Role.KEEPER, "/admin/"),
        (Role.AUDITOR, "/admin/"), (Role.CLERK, "/entry/"),
        (Role.PANELLIST, "/panel/"),
    ],
)  # fmt: skip
def test_the_role_alone_is_enough_to_work(admin_client, role, target):
    add_user(admin_client)
    user = User.objects.get(username="sukang")
    assert give(admin_client, user, role).status_code == 302
    admin_client.logout()
    assert admin_client.post("/login/", {"username": "sukang", "password": PASSWORD}).url == "/desk/"
    assert admin_client.get("/desk/").url == target
    assert admin_client.get(target).status_code == 200


def test_roles_are_ticked_in_the_readers_words(admin_client, moderator):
    page = admin_client.get(reverse("admin:ideas_user_change", args=[moderator.pk])).content.decode()
    assert page.count('type="checkbox" name="groups"') == len(Role)
    assert ("角色" in page, "单位承办人" in page, "jsi18n" in page.partition("groups")[2]) == (True, True, False)


def test_who_loses_the_role_loses_the_admin(admin_client, moderator):
    assert give(admin_client, moderator).status_code == 302
    assert not User.objects.get(pk=moderator.pk).is_staff


def test_an_upgrade_mends_those_who_were_given_a_role_alone(moderator):
    User.objects.filter(pk=moderator.pk).update(is_staff=False)
    sync_roles()
    assert User.objects.get(pk=moderator.pk).is_staff


def test_no_role_that_shows_names_goes_to_somebody_on_a_running_panel(admin_client, campaign):
    member = factories.make_panel(campaign, 1)[0]
    answer = give(admin_client, member.user, Role.PANELLIST, Role.MODERATOR)
    assert (answer.status_code, str(campaign) in answer.content.decode()) == (200, True)
    assert set(member.user.groups.values_list("name", flat=True)) == {Role.PANELLIST.value}


def test_an_expert_becomes_a_moderator_once_replaced_or_when_the_winners_are_out(admin_client, campaign):
    left, over = factories.make_panel(campaign, 2)
    Panellist.objects.filter(pk=left.pk).update(is_active=False)
    assert give(admin_client, left.user, Role.MODERATOR).status_code == 302
    type(campaign).objects.filter(pk=campaign.pk).update(released_at=clock.LATER)
    assert give(admin_client, over.user, Role.MODERATOR).status_code == 302


@pytest.mark.parametrize("password", ["苏小康苏小康", "suxiaokang1990", "sukang123456", "xiaokangsu88"])
def test_ones_own_name_is_no_password(admin_client, password):
    answer = add_user(admin_client, password1=password, password2=password)
    assert (answer.status_code, User.objects.filter(username="sukang").exists()) == (200, False)
    add_user(admin_client)
    user = User.objects.get(username="sukang")
    data = {"password1": password, "password2": password, "usable_password": "true"}
    admin_client.post(reverse("admin:auth_user_password_change", args=[user.pk]), data)
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_a_manager_who_reads_a_user_is_offered_no_new_password(client, manager, moderator):
    client.force_login(manager)
    page = client.get(reverse("admin:ideas_user_change", args=[moderator.pk])).content.decode()
    assert (moderator.username in page, "password/" in page.partition('id="content"')[2]) == (True, False)


@pytest.fixture
def unit(campaign, moderator):
    """It has one officer, one head, and something to do."""
    unit = factories.make_unit("城管局")
    factories.referred([factories.make_idea(campaign)], unit, moderator)
    return unit


def words_of(answer):
    return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD])
def test_whoever_works_for_a_unit_has_one(admin_client, role):
    add_user(admin_client)
    user = User.objects.get(username="sukang")
    assert "请选择所属单位" in words_of(give(admin_client, user, role))
    assert give(admin_client, user, role, unit=factories.make_unit().pk).status_code == 302


LEAVING = {
    "is switched off": lambda client, user, roles: give(client, user, *roles, is_active=""),
    "goes to another unit": lambda client, user, roles: give(client, user, *roles, unit=factories.make_unit().pk),
    "loses the role": lambda client, user, _roles: give(client, user, Role.OFFICER),
}


@pytest.mark.parametrize("leave", LEAVING)
def test_the_last_head_of_a_unit_stays_while_something_is_open(admin_client, unit, leave):
    answer = LEAVING[leave](admin_client, factories.head_of(unit), [Role.HEAD])
    assert ("城管局再无他人可以审定" in words_of(answer), "JM26-J001" in words_of(answer)) == (True, True)
    assert factories.head_of(unit).is_active
    factories.make_user(Role.HEAD, unit=unit)
    head = User.objects.filter(unit=unit, groups__name=Role.HEAD.value).earliest("pk")
    assert LEAVING[leave](admin_client, head, [Role.HEAD]).status_code == 302
    assert list(violations()) == []


def test_the_last_who_can_work_there_stays_while_something_is_open(admin_client, unit):
    officer, head = factories.officer_of(unit), factories.head_of(unit)
    assert give(admin_client, officer, Role.OFFICER, is_active="").status_code == 302  # the head can do the same
    assert "城管局再无他人可以办理" in words_of(give(admin_client, head))
    assert list(violations()) == []


def test_nobody_is_kept_where_nothing_is_open(admin_client, unit, moderator):
    recall(referral=Referral.objects.get(), staff=moderator, at=clock.DURING, reason="发错单位。")
    assert give(admin_client, factories.head_of(unit)).status_code == 302


def change_unit(client, unit, **given):
    page = reverse("admin:ideas_unit_change", args=[unit.pk])
    data = {name: value for name, value in {**filled(client, page), **given}.items() if value is not False}
    return client.post(page, data, follow=True)


def test_a_unit_that_is_switched_off_ends_what_it_has_and_whoever_does_it_reads_what_that_is(
    client, manager, campaign, unit, moderator
):
    client.force_login(manager)
    text = change_unit(client, unit, is_active=False).content.decode()
    assert "不再接收新的交办单，已有的继续办结：JM26-J001" in text
    acknowledge(referral=Referral.objects.get(), officer=factories.officer_of(unit), at=clock.DURING)
    assert list(violations()) == []


def test_a_unit_with_nothing_open_is_switched_off_without_a_word(client, manager):
    client.force_login(manager)
    assert "不再接收" not in change_unit(client, factories.make_unit(), is_active=False).content.decode()


def test_a_unit_that_was_written_to_has_somebody_before_it_works_here_itself(client, manager, campaign, moderator):
    client.force_login(manager)
    bureau = factories.make_unit("市公交集团", by_letter=True)
    factories.referred([factories.make_idea(campaign)], bureau, moderator)
    assert "市公交集团尚无人可以登录" in change_unit(client, bureau, by_letter=False).content.decode()
    for role in (Role.OFFICER, Role.HEAD):
        factories.make_user(role, unit=bureau)
    change_unit(client, bureau, by_letter=False)
    assert not Unit.objects.get(pk=bureau.pk).by_letter


def test_a_unit_of_one_person_gets_a_head_before_two_are_needed(client, manager, campaign, moderator):
    client.force_login(manager)
    small = factories.make_unit("社区", one_person=True)
    User.objects.filter(pk=factories.head_of(small).pk).update(is_active=False)
    factories.referred([factories.make_idea(campaign)], small, moderator)
    assert "没有分管领导" in change_unit(client, small, one_person=False).content.decode()
    assert Unit.objects.get(pk=small.pk).one_person


def test_a_restricted_referral_keeps_its_people_and_is_not_named(admin_client, unit, moderator):
    restrict_idea(idea=Idea.objects.get(), staff=moderator, at=clock.DURING, reason="线索")
    text = words_of(give(admin_client, factories.head_of(unit)))
    assert ("城管局再无他人" in text, "JM26-J001" in text) == (True, False)
