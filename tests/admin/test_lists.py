"""A list of the admin is narrowed by what its filters offer, and by nothing else; and no parameter breaks a page."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.urls import get_resolver, reverse

from ideas.admin.lists import DeskAdmin, _is_moment
from ideas.models import Campaign, Idea
from ideas.requests import row_key
from tests import clock, factories

pytestmark = pytest.mark.django_db

LOOKUPS = ("", "__startswith", "__regex", "__a__b")
STRANGE = [
    "abc",
    "9" * 30,
    "²",
    "\x00",
    "\ud800",
    "x" * 300,
    "2026-13-45",
    "0001-01-01",
    "9999-12-31 23:59:59+08:00",
    "1,2",
]
SITE = admin.site._registry.items()
DESKS = [pytest.param(model_admin, id=model.__name__) for model, model_admin in SITE]


@pytest.fixture
def admin_client(client, during):
    """Somebody with every right there is."""
    client.force_login(get_user_model().objects.create_superuser("root", name="Root"))
    return client


@pytest.fixture
def ask(rf, admin_client, admin_user_of):
    def ask(model_admin, **parameters):
        request = rf.get("/", parameters)
        request.user, request.at = admin_user_of, clock.DURING
        return model_admin.get_changelist_instance(request)

    return ask


@pytest.fixture
def admin_user_of(admin_client):
    return get_user_model().objects.get(username="root")


def paths(model):
    """Every field of the table by every kind of look-up, and every field of the tables that hang on it."""
    for field in model._meta.get_fields(include_hidden=True):
        yield from (field.name + lookup for lookup in LOOKUPS)
        if field.is_relation and field.related_model:
            yield from (f"{field.name}__{other.name}" for other in field.related_model._meta.get_fields())


def test_there_is_no_other_kind_of_list():
    assert [name for name, desk in SITE if not isinstance(desk, DeskAdmin)] == []


@pytest.mark.parametrize("desk", DESKS)
def test_no_list_is_filtered_by_what_its_filters_do_not_offer(desk, ask, campaign):
    empty = {getattr(kind, "parameter_name", "") for kind in desk.list_filter}  # read, and offering nothing as yet
    offered = empty | {str(name) for spec in ask(desk).filter_specs for name in spec.expected_parameters()}
    asked = set(paths(desk.model)) - offered
    answered = set()
    for name in asked:
        try:
            ask(desk, **{name: "1"})
        except (IncorrectLookupParameters, DisallowedModelAdminLookup):
            continue
        answered.add(name)
    assert (len(asked) > 15, answered) == (True, set())


@pytest.mark.parametrize("desk", DESKS)
def test_a_bad_value_of_an_offered_filter_leads_to_the_plain_list(desk, ask, admin_client, campaign):
    factories.receive(campaign)
    admin_client.raise_request_exception = False
    names = [str(name) for spec in ask(desk).filter_specs for name in spec.expected_parameters()]
    address = reverse(f"admin:ideas_{desk.opts.model_name}_changelist")
    for name in names:
        for value in STRANGE:
            answer = admin_client.get(address, {name: value.encode("utf-8", "surrogatepass")})
            assert answer.headers.get("Location", "").endswith("?e=1") or _is_moment(value), (name, value)


@pytest.mark.parametrize("name", ["q", "o", "p", "_facets", "_to_field", "_popup", "_changelist_filters"])
def test_a_bad_value_of_what_every_list_reads_breaks_none(name, admin_client, campaign):
    factories.receive(campaign)
    admin_client.raise_request_exception = False
    lists = [reverse(f"admin:ideas_{model}_changelist") for model in ("idea", "user", "officeevent")]
    values = [value.encode("utf-8", "surrogatepass") for value in (*STRANGE, "-1.2.x", "a " * 2000)]
    codes = {admin_client.get(address, {name: value}).status_code for address in lists for value in values}
    assert codes <= {200, 302, 400}


def test_an_auditor_cannot_ask_for_a_hash_letter_by_letter(client, auditor, campaign, during):
    """What was found: a form's key, and with it the query code, in some hundred requests."""
    idea = factories.receive(campaign).idea
    client.force_login(auditor)
    queue = reverse("admin:ideas_idea_changelist")
    for parameter in (
        "form_hash__startswith",
        "code_hash__contains",
        "draft__form_hash",
        "shortlist_entry",
        "problem__regex",
    ):
        answer = client.get(queue, {parameter: "1", "status": "all"})
        assert (answer.status_code, idea.receipt in answer.content.decode()) in ((302, False), (400, False))


def test_a_topic_of_two_campaigns_is_offered_once_and_finds_the_ideas_of_both(ask, admin_client, campaign):
    other = factories.make_campaign(slug="other")
    both = [factories.make_idea(row, topic="road") for row in (campaign, other)]
    factories.make_idea(campaign, topic="night")
    queue = reverse("admin:ideas_idea_changelist")
    cl = admin_client.get(queue).context["cl"]
    [topics] = [spec for spec in cl.filter_specs if spec.expected_parameters() == ["topic"]]
    assert [slug for slug, _name in topics.lookup_choices] == list(campaign.topics.values_list("slug", flat=True))
    assert set(admin_client.get(f"{queue}?topic=road").context["cl"].queryset) == set(both)
    of_one = admin_client.get(f"{queue}?topic=road&campaign__id__exact={other.pk}").context["cl"]
    assert set(of_one.queryset) == {both[1]}


def test_what_the_filters_offer_still_filters(admin_client, ask, campaign):
    """Every link of every filter of the queue, as staff press them."""
    factories.receive(campaign, source="paper")
    factories.make_campaign(slug="other")
    queue = reverse("admin:ideas_idea_changelist")
    page = admin_client.get(f"{queue}?status=all").content.decode()
    links = {link.replace("&amp;", "&") for link in re.findall(r'<a href="(\?[^"]+)"', page)}
    assert len(links) > 20
    assert {link: code for link in links if (code := admin_client.get(queue + link).status_code) != 200} == {}
    assert "e=1" not in "".join(links)


# --- Every parameter that is read as a number, a key or a date -------------------------------------------------------


def addresses():
    """Every address with rows' and with nobody's keys, and with what is no key, in each of its places.

    Not /readyz, which says 503 where no worker runs, as here.
    """
    idea, campaign = Idea.objects.first(), Campaign.objects.first()
    good = {"slug": campaign.slug, "receipt": idea.receipt}
    staff = get_resolver().namespace_dict["admin"][1].reverse_dict
    for prefix, names in (("/", get_resolver().reverse_dict), ("/admin/", staff)):
        for key in names:
            for template, arguments in names[key][0] if isinstance(key, str) else ():
                for value in ("7", str(idea.pk), "9" * 30, "abc", "a%00b"):
                    yield prefix + template % {argument: good.get(argument, value) for argument in arguments}


def test_no_address_breaks_whatever_stands_in_it(admin_client, campaign):
    factories.receive(campaign)
    admin_client.raise_request_exception = False
    asked = set(addresses()) - {reverse("readyz")}
    assert [address for address in asked if admin_client.get(address).status_code >= 500] == []


def posted_forms():
    """(address, fields) of the staff's hand-written posts, each field of which names a row or a version."""
    idea, slug = Idea.objects.first().pk, Campaign.objects.first().slug
    campaign = Campaign.objects.first().pk
    yield reverse("admin:ideas_idea_clusters", args=[slug]), {"idea": idea, "leader": idea, "act": "merge"}
    yield reverse("admin:ideas_idea_clusters", args=[slug]), {"idea": idea, "leader": idea, "act": "different"}
    for act in ("accept", "merge", "sort", "note", "undo", "skip"):
        fields = {
            "act": act,
            "idea": idea,
            "seen": "1",
            "into": idea,
            "topic": "1",
            "area": "1",
            "unit": "1",
            "reply": "1",
        }
        yield reverse("admin:ideas_idea_triage", args=[slug]), fields
    yield reverse("admin:ideas_idea_undo", args=[idea]), {"seen": "1"}
    yield reverse("admin:ideas_idea_acted", args=["6f2c1d1e"]), {"seen": "1"}
    for act in ("accept", "return", "merge"):
        yield reverse("admin:ideas_idea_decide", args=[idea, act]), {f"{act}-seen": "1", f"{act}-into": "1"}
    for name in ("ideas_idea_contact", "ideas_idea_publish"):
        yield reverse(f"admin:{name}", args=[idea]), {"seen": "1", "purpose": "call", "title": "x", "text": "y"}
    for act in ("restrict", "lift", "hand-over", "remove"):
        yield reverse("admin:ideas_idea_guard", args=[idea, act]), {"seen": "1", "reason": "x"}
    for act in ("assign", "second", "remind", "replace", "add", "remove", "conflict"):
        fields = dict.fromkeys(("panellist", "idea", "round", "by", "user", "seats", "out", "into"), "1")
        yield reverse("admin:ideas_campaign_panel", args=[campaign]), {"act": act, **fields}
    yield reverse("admin:ideas_idea_changelist"), {"action": "sort_many", "_selected_action": idea, "index": "0"}
    yield reverse("admin:ideas_idea_export"), {"form": "csv", "contacts": "on", "purpose": "award", "words": ""}
    yield reverse("admin:ideas_idea_find"), {"contact": "12012345678", "purpose": "question", "words": ""}


@pytest.mark.slow
def test_no_field_of_a_staff_form_breaks_its_page(admin_client, campaign):
    factories.receive(campaign)
    admin_client.raise_request_exception = False
    broken = set()
    for address, fields in posted_forms():
        for name in fields:
            for value in ("abc", "", "9" * 30, "²", "\x00"):
                if admin_client.post(address, {**fields, name: value}).status_code >= 500:
                    broken.add((address, fields.get("act"), name, value[:10]))
    assert broken == set()


def test_the_admin_leads_from_no_row_to_a_public_page(admin_client, campaign):
    """Django's address for it told which rows of which table there are, and broke."""
    assert [admin_client.get(f"/admin/r/{kind}/1/").status_code for kind in (1, 7, 99, "abc")] == [404] * 4


def test_a_key_is_a_number_that_a_column_can_hold():
    texts = ["12", "0", "", "abc", "-1", "²", "٣", "1.5", "9" * 18, "9" * 19, "9" * 5000]
    assert [row_key(text) for text in texts] == [12, 0, 0, 0, 0, 0, 0, 0, 10**18 - 1, 0, 0]
