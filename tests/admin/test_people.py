"""People get their role and can work; nobody ticks anything beside it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Panellist, User
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
