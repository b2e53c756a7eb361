"""Whatever is published of a campaign holds nothing but what was published: no person, no original, nothing unreleased,
in no byte of any page, feed or file, in either language."""

import io
import zipfile
from datetime import timedelta
from itertools import product

import pytest
from django.core.cache import cache
from django.urls import reverse

from ideas import urls
from ideas.choices import AnswerKind, MilestoneState
from ideas.exports.open_data import FORMS, TABLES
from ideas.models import Idea, Milestone, OpenData
from ideas.services import answers
from ideas.services.publishing import edit_published
from ideas.services.ratings import save_rating
from ideas.services.referrals import acknowledge
from ideas.services.restricted import restrict_idea
from ideas.services.screening import note_idea
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
AT = clock.LATER
PERSON = {
    "name": "欧阳秘名",
    "phone": "+8612087654321",
    "email": "planted@secret.example",
    "net_name": "潜水的秘密",
    "naming": "anonymous",
}
ORIGINAL = {"title": "原文标题秘语", "problem": "原文问题秘语，晚上很黑。", "proposal": "原文办法秘语，加路灯。"}
INSIDE = ("评审意见秘语", "交办说明秘语", "内部意见秘语", "未放行节点秘语", "审核备注秘语", "待核公开稿秘语")
RESTRICTED = ("限看标题秘语", "限看公开秘语", "限看正文秘语", "限看节点秘语")
UNPUBLISHED = ("未发布地点秘语", "未发布标题秘语", "未发布正文秘语，夜里太黑。")
SECRETS = (
    *(PERSON[name] for name in ("name", "phone", "email", "net_name")),
    "12087654321",
    *(text.partition("，")[0] for text in ORIGINAL.values()),
    *INSIDE,
    *RESTRICTED,
    *(text.partition("，")[0] for text in UNPUBLISHED),
)
PUBLIC = "公开的标题"


@pytest.fixture
def campaign(moderator, managers):
    """Eight ideas of eight people with public texts, released; beside them what must not be read anywhere."""
    cache.clear()
    campaign = factories.make_campaign(show_ideas=True, publish_record=True, places=3)
    OpenData.objects.create(campaign=campaign, is_on=True)
    people = [{**ORIGINAL, **PERSON, "phone": f"+861208765432{number}"} for number in range(8)]
    made = [factories.make_idea(campaign, **person) for person in people]
    unit = factories.make_unit("公开的单位")
    _hide_some(campaign, unit, moderator)
    for number, idea in enumerate(made):
        referral = factories.referred([idea], unit, moderator, instruction=INSIDE[1])
        _answer(referral, moderator)
        given = {"referral": referral, "unit": unit, "planned_on": AT.date() + timedelta(days=30)}
        Milestone.objects.create(**given, words=INSIDE[3])
        Milestone.objects.create(**given, words="公开的节点", state=MilestoneState.RELEASED, released_at=clock.DURING)
        words = {"title": f"{PUBLIC}{number}", "text": f"公开的正文{number}。"}
        edit_published(idea=idea, editor=moderator, at=clock.DURING, **words)
        note_idea(idea=idea, moderator=moderator, at=clock.DURING, note=INSIDE[4])
    _rate(campaign)
    factories.release(campaign, managers)
    factories.change_campaign(campaign, two_checks=True)
    edit_published(idea=made[0], editor=moderator, at=clock.LATER, title=INSIDE[5], text=INSIDE[5])
    return campaign


def _hide_some(campaign, unit, moderator):
    """One without a published text, which the panel thinks little of, and a restricted one with everything."""
    words = {"title": UNPUBLISHED[1], "place": UNPUBLISHED[0], "problem": UNPUBLISHED[2]}
    [unpublished] = factories.accepted(campaign, moderator, **PERSON, **words)
    hidden = factories.make_idea(campaign, **PERSON, title=RESTRICTED[0])
    referral = factories.referred([hidden], unit, moderator, instruction=RESTRICTED[0])
    given = {"state": MilestoneState.RELEASED, "released_at": clock.DURING}
    Milestone.objects.create(referral=referral, unit=unit, planned_on=AT.date(), words=RESTRICTED[3], **given)
    edit_published(idea=hidden, editor=moderator, at=clock.DURING, title=RESTRICTED[1], text=RESTRICTED[2])
    restrict_idea(idea=hidden, staff=moderator, at=clock.DURING, reason=RESTRICTED[0])
    assert (unpublished.published_title, hidden.restricted) == ("", True)


def _answer(referral, moderator):
    officer = factories.officer_of(referral.unit)
    acknowledge(referral=referral, officer=officer, at=clock.DURING)
    words = {"adoption": "planned", "public": "公开的答复。", "internal": INSIDE[2], "finish_on": referral.finish_by}
    answers.save_draft(referral=referral, officer=officer, at=clock.DURING, kind=AnswerKind.PLAN, words=words)
    answers.hand_in(referral=referral, officer=officer, at=clock.DURING)
    answers.approve(referral=referral, head=factories.head_of(referral.unit), at=clock.DURING)
    factories.released(referral, moderator, clock.DURING)


def _rate(campaign):
    factories.make_panel(campaign, 2)
    for assignment in factories.assigned(campaign):
        value = 9 if assignment.idea.published_title else 2
        points = dict.fromkeys(campaign.criteria.values_list("id", flat=True), value)
        person = assignment.panellist.user
        save_rating(assignment=assignment, panellist=person, points=points, comment=INSIDE[0], at=clock.RATING)


def addresses(campaign):
    """Every address that a campaign's public pages, feeds and files have, of every idea, and of nobody's own."""
    files = list(product(TABLES, FORMS))
    receipts = list(Idea.objects.values_list("receipt", flat=True))
    for pattern in urls.public:
        name, route = pattern.name, str(pattern.pattern)
        if name.startswith("track") or "submit" in route:
            continue
        if name == "data-file":
            yield from (reverse(name, args=[campaign.slug, *file]) for file in files)
        elif "receipt" in route:
            yield from (reverse(name, args=[campaign.slug, receipt]) for receipt in receipts)
        elif "code" in route:
            yield reverse(name, args=["0000-0000-0000-0000"])
        elif "section" in route:
            yield from (reverse(name, args=[section]) for section in ("campaigns", "ideas", "winners"))
        else:
            yield reverse(name, args=[campaign.slug] if "slug" in route else [])


def bytes_of(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:4] == b"PK\x03\x04":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    return body.decode() + str(answer.headers)


@pytest.fixture
def crawled(campaign, client):
    with clock.at(AT):
        pages = [page + query for page in addresses(campaign) for query in ("", "?lang=en")]
        return {page: (answer.status_code, bytes_of(answer)) for page in pages if (answer := client.get(page))}


def test_nothing_that_was_planted_is_in_any_byte(crawled):
    found = [(page, secret) for page, (_status, text) in crawled.items() for secret in SECRETS if secret in text]
    assert found == []
    assert sum(status == 200 for status, _text in crawled.values()) > 60


def test_the_crawl_reads_all_that_is_published(crawled, campaign):
    """Pages, feeds and each kind of file: what everybody may read is in them."""
    holding = {page.partition("?")[0] for page, (_status, text) in crawled.items() if PUBLIC in text}
    tables = product(("ideas", "winners"), FORMS)
    files = {reverse("data-file", args=[campaign.slug, *table]) for table in tables}
    pages = {reverse(name, args=[campaign.slug]) for name in ("ideas", "winners", "feed", "feed-milestones")}
    assert files | pages <= holding
    assert "公开的节点" in crawled[reverse("feed-milestones", args=[campaign.slug])][1]


def test_it_would_find_each_of_them(campaign, client):
    """Published by mistake, each text is found where ideas are given out."""
    [idea, *_others] = campaign.ideas.filter(published_title__startswith=PUBLIC)
    where = [reverse("data-file", args=[campaign.slug, "ideas", form]) for form in ("csv", "json", "xlsx")]
    where += [reverse("idea", args=[campaign.slug, idea.receipt])]
    text = "、".join(SECRETS)
    Idea.objects.filter(pk=idea.pk).update(published_text=text)
    with clock.at(AT):
        for page in where:
            told = bytes_of(client.get(page))
            assert [secret for secret in SECRETS if secret not in told] == [], page
