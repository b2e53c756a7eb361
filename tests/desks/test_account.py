import pytest

from ideas.choices import Role
from ideas.models import User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "target"),
    [
        (Role.MANAGER, "/admin/"),
        (Role.MODERATOR, "/admin/"),
        (Role.KEEPER, "/admin/"),
        (Role.AUDITOR, "/admin/"),
        (Role.PANELLIST, "/panel/"),
        (Role.CLERK, "/entry/"),
    ],
)
def test_everybody_comes_to_the_own_desk(client, role, target):
    client.force_login(factories.make_user(role))
    assert client.get("/desk/").url == target


def test_whoever_has_no_role_yet_is_told_so(client):
    client.force_login(factories.make_user())
    assert client.get("/desk/").status_code == 200


def test_logging_in_leads_to_the_desk(client):
    user = factories.make_user(Role.PANELLIST)
    user.set_password("a-good-password")
    user.save()
    assert client.post("/login/", {"username": user.username, "password": "a-good-password"}).url == "/desk/"


def test_the_admin_has_no_log_in_of_its_own(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=/admin/"


def test_logging_out_needs_a_post(client, moderator):
    client.force_login(moderator)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").url == "/login/"


def test_a_deactivated_user_cannot_log_in(client):
    user = factories.make_user(Role.MODERATOR, is_active=False)
    user.set_password("a-good-password")
    user.save()
    assert client.post("/login/", {"username": user.username, "password": "a-good-password"}).status_code == 200


@pytest.mark.parametrize("role", Role)
def test_everybody_changes_the_own_password(client, role):
    user = factories.make_user(role)
    user.set_password("a-good-password")
    user.save()
    client.force_login(user)
    given = {
        "old_password": "a-good-password",
        "new_password1": "another-good-one",
        "new_password2": "another-good-one",
    }
    assert client.post("/account/password/", given).url == "/desk/"
    assert User.objects.get(pk=user.pk).check_password("another-good-one")


@pytest.mark.parametrize("wrong", [{"old_password": "guessed"}, {"new_password1": "12345678"}, {"new_password1": ""}])
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(client, wrong):
    user = factories.make_user(Role.CLERK)
    user.set_password("a-good-password")
    user.save()
    client.force_login(user)
    given = {"old_password": "a-good-password", "new_password1": "another-good-one", **wrong}
    assert client.post("/account/password/", {**given, "new_password2": given["new_password1"]}).status_code == 200
    assert User.objects.get(pk=user.pk).check_password("a-good-password")


@pytest.mark.parametrize(
    ("role", "desk"), [(Role.PANELLIST, "/panel/"), (Role.CLERK, "/entry/"), (Role.OFFICER, "/unit/")]
)
def test_each_desk_links_to_the_own_password(client, role, desk):
    client.force_login(factories.make_user(role))
    assert 'href="/account/password/"' in client.get(desk).content.decode()


def wrong(client, **head):
    return client.post("/login/", {"username": "nobody", "password": "wrong"}, **head)


def test_too_many_wrong_passwords_are_told_when_it_helps_to_try_again(client):
    answers = [wrong(client) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1]["Retry-After"] == "3600"


@pytest.mark.parametrize("hop", ["unknown", "_hidden", "<script>", "999.1.2.3", "203.0.113.7, unknown"])
def test_a_log_in_from_an_address_that_cannot_be_read_is_refused(client, moderator, settings, hop):
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    moderator.set_password("a-good-password")
    moderator.save()
    data = {"username": moderator.username, "password": "a-good-password"}
    assert client.post("/login/", data, HTTP_X_FORWARDED_FOR=hop).status_code == 200
    assert client.post("/login/", data, HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 302


@pytest.mark.parametrize("hop", ["203.0.113.7:51234", "[2001:db8::1]:443", "2001:db8::1", "::ffff:203.0.113.7"])
def test_what_proxies_write_beside_an_address_is_understood(client, moderator, settings, hop):
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    moderator.set_password("a-good-password")
    moderator.save()
    data = {"username": moderator.username, "password": "a-good-password"}
    assert client.post("/login/", data, HTTP_X_FORWARDED_FOR=hop).status_code == 302
