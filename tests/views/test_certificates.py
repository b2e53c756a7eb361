"""The page of a code: real, withdrawn or unknown; names as consented for publication, and gone with the consent."""

import pytest
from django.urls import reverse

from ideas.choices import Naming
from ideas.models import Campaign, Certificate, Idea
from ideas.queries.tracking import story_of
from ideas.services import tracking
from ideas.services.certificates import issue_certificates, note_handover, withdraw_certificate
from ideas.services.restricted import restrict_idea
from tests import clock, factories
from tests.test_finished import now  # noqa: F401

pytestmark = pytest.mark.django_db
REAL, WITHDRAWN, UNKNOWN = "该证书真实有效", "该证书已作废", "没有查到这个编号"
SECRETS = ("林小满", "12012345678", "resident@example.com", "老林的儿子", "纸面有误", "周主任")
QUERIES = 3


@pytest.fixture(autouse=True)
def later():
    with clock.at(clock.LATER):
        yield


@pytest.fixture(scope="module")
def told(people):
    with clock.at(clock.LATER):
        campaign = factories.certified_campaign(people.moderator, (people.manager, people.second))
        issue_certificates(campaign=campaign, manager=people.manager, at=clock.LATER)
    return campaign.pk


@pytest.fixture
def campaign(told, db):
    return Campaign.objects.get(pk=told)


@pytest.fixture
def lead(campaign):
    return Certificate.objects.select_related("idea__resident").get(idea=campaign.ideas.earliest("pk"))


@pytest.fixture
def joint(campaign):
    """Of the co-proposer."""
    return Certificate.objects.select_related("idea__resident").get(idea=campaign.ideas.get(status="merged"))


def page(client, code):
    return client.get(reverse("certificate", args=[code]))


def body(client, row):
    return page(client, row.shown_code).content.decode()


def rename(idea, naming, may_publish):
    given = {"naming": naming, "name": "林小满", "net_name": "海边的风", "may_publish": may_publish}
    version = story_of(Idea.objects.get(pk=idea.pk), clock.LATER).version
    tracking.change_naming(idea=idea, at=clock.LATER, expected_version=version, **given)


def test_a_real_one_says_for_what_and_to_whom(client, lead, campaign):
    answer = page(client, lead.shown_code)
    shown = answer.content.decode()
    told = (REAL, "海边的风", lead.winner.published_title, campaign.title, campaign.organiser, lead.shown_code)
    assert (answer.status_code, [words for words in told if words not in shown]) == (200, [])


def test_a_co_proposer_is_named_as_consented_beside_the_winners_title(client, joint):
    shown = body(client, joint)
    assert ("山上的云" in shown, "海边的风" in shown, joint.winner.published_title in shown) == (True, False, True)
    assert joint.idea.title not in shown


def test_it_tells_nothing_else_of_a_person_nor_of_the_register(client, lead, manager):
    about = {"certificate": lead, "manager": manager, "at": clock.LATER, "expected_version": lead.version}
    row = note_handover(**about, handed_on=clock.LATER.date(), handed_by="周主任", to="老林的儿子")
    shown = body(client, row)
    withdraw_certificate(**{**about, "expected_version": row.version}, reason="纸面有误")
    shown += body(client, row)
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize(("naming", "may_publish"), [(Naming.ANONYMOUS, True), (Naming.REAL, False)])
def test_a_name_that_is_not_consented_to_is_not_there(client, lead, naming, may_publish):
    rename(lead.idea, naming, may_publish)
    shown = body(client, lead)
    assert (REAL in shown, "林小满" in shown, "海边的风" in shown) == (True, False, False)


def test_a_name_taken_back_is_gone_within_ten_seconds(client, lead, settings, now):  # noqa: F811
    settings.IDEAS_PAGE_SECONDS = 1
    assert "海边的风" in body(client, lead)
    rename(lead.idea, Naming.NET_NAME, may_publish=False)
    now[0] += 10
    assert "海边的风" not in body(client, lead)


def test_a_withdrawn_one_says_that_and_no_more(client, lead, manager):
    withdraw_certificate(
        certificate=lead, manager=manager, at=clock.LATER, expected_version=lead.version, reason="纸面有误"
    )
    answer = page(client, lead.shown_code)
    shown = answer.content.decode()
    assert (answer.status_code, WITHDRAWN in shown, REAL in shown) == (200, True, False)
    assert [words for words in ("海边的风", lead.winner.published_title) if words in shown] == []


def without_address(answer, code):
    return answer.content.decode().replace(code, "…")


def test_unknown_and_malformed_codes_look_the_same(client, lead):
    codes = ["0000-0000-0000-0000", "abc", "' OR 1=1", f"{lead.code}0", lead.code[:-1], "证书"]
    answers = [page(client, code) for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    assert all(UNKNOWN in answer.content.decode() for answer in answers)
    contents = {answer.context["found"] for answer in answers}
    mains = {answer.content.decode().partition("<main")[2].partition("</main>")[0] for answer in answers}
    assert (contents, len(mains)) == ({None}, 1)


def test_a_code_is_read_without_hyphens_and_in_small_letters(client, lead):
    assert REAL in page(client, lead.code.lower()).content.decode()


def test_what_is_restricted_is_not_told(client, joint, keeper):
    restrict_idea(idea=joint.idea, staff=keeper, at=clock.LATER, reason="线索")
    shown = body(client, joint)
    assert ("山上的云" in shown, joint.winner.published_title in shown) == (False, False)


def test_it_costs_few_queries_known_or_not(client, lead, django_assert_max_num_queries):
    for code in (lead.code, "0" * 16):
        with django_assert_max_num_queries(QUERIES):
            page(client, code)
