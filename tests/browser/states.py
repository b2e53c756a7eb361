"""Every public page in every state that looks different. A new public address must join: test_states compares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import Page

from ideas.choices import DeclineReason, Phase
from ideas.demo.campaigns import make_campaign
from ideas.demo.score_card import make_score_card
from ideas.demo.texts import texts_of
from ideas.models import Campaign, Certificate, Idea, NoticeTerm, OpenData, Referral
from ideas.queries import access
from ideas.services.answers import release_answer
from ideas.services.campaigns import refresh_figures, vouch_campaign
from ideas.services.certificates import issue_certificates, withdraw_certificate
from ideas.services.intake import Sent
from ideas.services.publishing import edit_published
from ideas.services.questions import ask, pass_on
from ideas.services.referrals import acknowledge
from ideas.services.screening import accept_idea, decline_idea, return_idea
from ideas.services.sealing import publish_originals
from tests import factories
from tests.browser import scenes

MEANT = (400, 403, 404, 405, 409, 410, 422, 429, 500, 503)
# Addresses that answer no page: they redirect, give a file or a fragment, or speak to machines.
NO_PAGE = {
    "record-file",
    "record-script",
    "preferences",
    "data-file",
    "data-package",
    "feed",
    "feed-milestones",
    "robots",
    "sitemap",
    "sitemap-section",
    "favicon",
    "manifest",
    "healthz",
    "readyz",
    "add-photos",
    "photo",
    "photo-thumb",
    "track-export",
}


class Story:
    """What the states show; each part is made when the first state asks for it."""

    def __init__(self, moderator, managers, monkeypatch, settings) -> None:
        self.moderator, self.managers, self.monkeypatch, self.settings = moderator, managers, monkeypatch, settings
        settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"

    def campaign(self, kind: str, slug: str, phase: Phase, **overrides: Any) -> Campaign:
        return make_campaign(kind, slug=slug, at=timezone.now(), **scenes.dates(phase), **overrides)

    @cached_property
    def soon(self) -> Campaign:
        return self.campaign("liveable", "soon", Phase.UPCOMING)

    @cached_property
    def open(self) -> Campaign:
        return self.campaign("liveable", "open", Phase.COLLECTING)

    @cached_property
    def closed(self) -> Campaign:
        return self.campaign("liveable", "closed", Phase.REVIEWING)

    @cached_property
    def published(self) -> Campaign:
        row = self.campaign("safer", "published", Phase.REVIEWING, places=4, publish_record=True)
        names = ("title", "topic", "area", "place", "problem", "proposal")
        texts = [{name: getattr(text, name) for name in names} for text in texts_of("safer")[:6]]
        scenes.rated(row, self.moderator, texts=texts)
        refresh_figures(campaign=row, at=timezone.now())
        shortlist = scenes.signed(scenes.proposed(row, self.managers[0]), *self.managers)
        scenes.released(shortlist, self.managers[0])
        return row

    @cached_property
    def scored(self) -> bool:
        """The demo's score card is there."""
        make_score_card(self.published)
        return True

    @cached_property
    def certificates(self) -> list[Certificate]:
        """Those of the published campaign; the first is withdrawn."""
        about = {"manager": self.managers[0], "at": timezone.now()}
        issue_certificates(campaign=self.published, **about)
        first, *others = Certificate.objects.order_by("pk")
        withdrawn = withdraw_certificate(certificate=first, expected_version=1, reason="填错了", **about)
        return [withdrawn, *others]

    @cached_property
    def noticed(self) -> Campaign:
        """Its list is on public notice."""
        row = self.campaign("safer", "noticed", Phase.REVIEWING, places=3)
        NoticeTerm.objects.create(campaign=row, days=5)
        vouch_campaign(campaign=row)
        names = ("title", "topic", "area", "place", "problem", "proposal")
        texts = [{name: getattr(text, name) for name in names} for text in texts_of("safer")[:5]]
        scenes.rated(row, self.moderator, texts=texts)
        shortlist, at = scenes.proposed(row, self.managers[0]), timezone.now()
        given = {"manager": self.managers[0], "at": at, "expected_version": shortlist.version}
        publish_originals(shortlist=shortlist, **given)
        shortlist.refresh_from_db()
        factories.put_on_notice(scenes.signed(shortlist, *self.managers), self.managers[0], at)
        return row

    @cached_property
    def shown(self) -> Idea:
        """An accepted idea that everybody can read."""
        [sent] = scenes.accepted(self.open, self.moderator, texts=[{"topic": "green"}])
        words = {"title": sent.idea.title, "text": f"{sent.idea.problem}\n\n{sent.idea.proposal}"}
        edit_published(idea=sent.idea, editor=self.moderator, at=timezone.now(), **words)
        return sent.idea

    @cached_property
    def pictured(self) -> Sent:
        """A shown idea with two released photos."""
        [sent] = scenes.accepted(self.open, self.moderator, texts=[{"topic": "green"}])
        edit_published(
            idea=sent.idea, editor=self.moderator, at=timezone.now(), title="公开的标题", text="公开的正文。"
        )
        for _photo in range(2):
            factories.add_photo(sent.idea, shown_at=timezone.now())
        return sent

    @cached_property
    def waiting(self) -> Sent:
        [sent] = scenes.received(self.open, texts=[{"topic": "green"}])
        return sent

    @cached_property
    def asked(self) -> Sent:
        [sent] = scenes.received(self.open, texts=[{"topic": "green"}])
        return_idea(idea=sent.idea, moderator=self.moderator, at=timezone.now(), question="请写明是哪个路口。")
        return sent

    @cached_property
    def declined(self) -> Sent:
        [sent] = scenes.received(self.open, texts=[{"topic": "green"}])
        decline_idea(
            idea=sent.idea,
            moderator=self.moderator,
            at=timezone.now(),
            declined_as=DeclineReason.UNCLEAR,
            reason="没有写明地点。",
        )
        return sent

    def _referred(self) -> tuple[Sent, Referral]:
        """An idea whose unit works at it."""
        [sent] = scenes.accepted(self.open, self.moderator, texts=[{"topic": "green"}])
        at = timezone.now()
        referral = factories.referred([sent.idea], factories.make_unit(), self.moderator, at=at)
        acknowledge(referral=referral, officer=factories.officer_of(referral.unit), at=at)
        return sent, referral

    @cached_property
    def asked_by_unit(self) -> Sent:
        sent, referral = self._referred()
        at, officer = timezone.now(), factories.officer_of(referral.unit)
        ask(referral=referral, officer=officer, at=at, words="请问是哪一盏路灯？", idea=sent.idea)
        pass_on(referral=referral, staff=self.moderator, at=at, words="请问是哪一盏路灯？")
        return sent

    @cached_property
    def closed_by_unit(self) -> Sent:
        sent, referral = self._referred()
        factories.reported(referral, timezone.now())
        release_answer(referral=referral, staff=self.moderator, at=timezone.now(), public="两盏路灯已亮。")
        factories.closed(referral, self.moderator, timezone.now())
        return sent

    @cached_property
    def form(self) -> str:
        return f"/campaigns/{self.open.slug}/submit/"

    @property
    def answers(self) -> dict[str, Any]:
        """Others each time: the same words sent again would lead to the same receipt."""
        return {**factories.form_data(), "topic": "green", "area": "350211001005"}


Show = Callable[[Page, Story], None]


@dataclass(frozen=True)
class State:
    """A page by the name of its address (or what it says instead of one), and how a visitor gets to see it so."""

    url: str
    name: str
    show: Show


def at(address: str | Callable[[Story], str], status: int = 200) -> Show:
    """By its address."""
    return lambda page, story: scenes.visit(page, address if isinstance(address, str) else address(story), status)


def of(campaign: str, end: str = "", status: int = 200) -> Show:
    """A page of one of the story's campaigns."""
    return at(lambda story: f"/campaigns/{getattr(story, campaign).slug}/{end}", status)


def objection_errors(page: Page, story: Story) -> None:
    scenes.visit(page, f"/campaigns/{story.noticed.slug}/notice/object/")
    scenes.press(page, "#objection-form .acts .button")
    page.wait_for_selector(".error-summary")


def objection_sent(page: Page, story: Story) -> None:
    scenes.visit(page, f"/campaigns/{story.noticed.slug}/notice/object/")
    page.select_option("[name=about]", "list")
    page.check("[name=ground][value=unfair]")
    for name, words in (("words", "评委名单没有公开。"), ("name", "林小满"), ("phone", "0592-606 0000")):
        page.fill(f"#objection-form [name={name}]", words)
    page.check("[name=consent]")
    scenes.press(page, "#objection-form .acts .button")


def form_errors(page: Page, story: Story) -> None:
    scenes.visit(page, story.form)
    scenes.press(page, "#idea-form .acts .button")
    page.wait_for_selector(".error-summary")


def form_filled(page: Page, story: Story) -> None:
    scenes.visit(page, story.form)
    scenes.fill_in(page.locator("#idea-form"), story.answers)


def check(page: Page, story: Story) -> None:
    form_filled(page, story)
    scenes.press(page, "#idea-form .acts .button")
    page.wait_for_url("**/check/**")


def receipt(page: Page, story: Story) -> None:
    check(page, story)
    scenes.press(page, "main form .acts .button")
    page.wait_for_url("**/done/**")


def receipts(page: Page, story: Story) -> None:
    """Several ideas were sent from this browser."""
    receipt(page, story)
    receipt(page, story)
    page.wait_for_selector("main .plain-list")


def form_with_photos(page: Page, story: Story) -> None:
    """Saved for later: the private link, photos, and a file that is none."""
    form_filled(page, story)
    named = (("one.jpg", "teal"), ("two.jpg", "navy"), ("three.txt", "teal"))
    files = [factories.photo_file(name, colour=colour) for name, colour in named]
    files[2].file = BytesIO(b"no photo")
    page.set_input_files(
        "[name=photos]", [{"name": f.name, "mimeType": "image/jpeg", "buffer": f.file.getvalue()} for f in files]
    )
    page.wait_for_selector("#photos-kept .field-error")
    scenes.press(page, "[name=save]")
    page.wait_for_selector("#private-link")


def form_unfinished(page: Page, story: Story) -> None:
    form_with_photos(page, story)
    scenes.visit(page, story.form)


def check_alike(page: Page, story: Story) -> None:
    """The check page shows an idea alike."""
    words = {"title": story.shown.published_title, "problem": story.shown.published_text[:80]}
    scenes.visit(page, story.form)
    scenes.fill_in(page.locator("#idea-form"), {**story.answers, **words})
    scenes.press(page, "#idea-form .acts .button")
    page.wait_for_selector("main .similar")


def check_unverified(page: Page, story: Story) -> None:
    """Where the office verifies telephones, before the code is sent."""
    story.settings.IDEAS_VERIFY_PHONE = True
    scenes.visit(page, story.form)
    scenes.fill_in(page.locator("#idea-form"), {**story.answers, "phone": "13800138000"})
    scenes.press(page, "#idea-form .acts .button")
    page.wait_for_selector("[name=send_code]")
    story.settings.IDEAS_VERIFY_PHONE = False


def check_verify(page: Page, story: Story) -> None:
    """The code was sent and a wrong one typed."""
    check_unverified(page, story)
    story.settings.IDEAS_VERIFY_PHONE = True
    scenes.press(page, "[name=send_code]")
    page.fill("[name=sms_code]", "nonsense")
    scenes.press(page, "main form .acts .button")
    page.wait_for_selector(".error-summary")
    story.settings.IDEAS_VERIFY_PHONE = False


def similar(page: Page, story: Story) -> None:
    """The form's script has found ideas alike."""
    scenes.visit(page, story.form)
    page.fill("[name=title]", story.shown.published_title)
    page.fill("[name=problem]", story.shown.published_text[:80])
    page.wait_for_selector("#alike .similar")


def gone(page: Page, story: Story) -> None:
    scenes.visit(page, f"{story.form}resume/{uuid4()}/", 410)


def idea(page: Page, story: Story) -> None:
    scenes.visit(page, f"/campaigns/{story.open.slug}/ideas/{story.shown.receipt}/")


def idea_with_photos(page: Page, story: Story) -> None:
    scenes.visit(page, f"/campaigns/{story.open.slug}/ideas/{story.pictured.idea.receipt}/")
    page.wait_for_selector("main img")


def track_with_photos(page: Page, story: Story) -> None:
    act("", "pictured")(page, story)
    page.wait_for_selector("main img")


def winner_with_photos(page: Page, story: Story) -> None:
    idea = Idea.objects.filter(campaign=story.published, status="awarded").last()
    factories.add_photo(idea, shown_at=timezone.now())
    scenes.visit(page, f"/campaigns/{story.published.slug}/winners/{idea.receipt}/")
    page.wait_for_selector("main img")


def act(name: str, sent: str = "waiting") -> Show:
    """A page of the tracking desk, as it is opened."""

    def show(page: Page, story: Story) -> None:
        one = getattr(story, sent)
        page.context.clear_cookies(name="session")
        scenes.track(page, one.idea.receipt, one.code)
        scenes.visit(page, f"/track/{name}/" if name else "/track/")

    return show


def act_errors(page: Page, story: Story) -> None:
    act("amend")(page, story)
    page.fill("[name=title]", "")
    scenes.press(page, "#act-form .button")
    page.wait_for_selector(".error-summary")


def too_often(page: Page, story: Story) -> None:
    story.settings.IDEAS_LIMIT_CODE_HOUR = 0
    page.context.clear_cookies(name="session")
    scenes.visit(page, "/track/")
    scenes.fill_in(page.locator("main form"), {"receipt": "JM26-22222222", "code": "0000-0000"})
    scenes.press(page, "main form .button")
    story.settings.IDEAS_LIMIT_CODE_HOUR = 10


def track_wrong(page: Page, story: Story) -> None:
    scenes.track(page, "JM26-00000000", "0000-0000")
    page.wait_for_selector(".error-summary")


def track_found(page: Page, story: Story) -> None:
    receipt(page, story)
    scenes.track(page, page.inner_text("#receipt"), page.inner_text("#query-code"))
    page.wait_for_selector(".steps")


def winner(page: Page, story: Story) -> None:
    idea = Idea.objects.filter(campaign=story.published, status="awarded").first()
    scenes.visit(page, f"/campaigns/{story.published.slug}/winners/{idea.receipt}/")


def certificate(*, standing: bool) -> Show:
    def show(page: Page, story: Story) -> None:
        rows = story.certificates
        row = next(row for row in rows if row.is_standing == standing)
        scenes.visit(page, f"/certificates/{row.shown_code}/")

    return show


def broken(page: Page, story: Story) -> None:
    """The form breaks when it is sent; the page shows what was typed."""
    form_filled(page, story)
    with story.monkeypatch.context() as patch:
        patch.setattr(access, "public_campaigns", _raise)
        scenes.press(page, "#idea-form .acts .button")


def closed_typed(page: Page, story: Story) -> None:
    """The campaign closed while somebody was typing."""
    form_filled(page, story)
    kept, story.open.closes_at = story.open.closes_at, timezone.now()
    rating, story.open.rating_from = story.open.rating_from, None
    until, story.open.rating_until = story.open.rating_until, None
    story.open.save()
    scenes.press(page, "#idea-form .acts .button")
    page.wait_for_selector("textarea.copy")
    story.open.closes_at, story.open.rating_from, story.open.rating_until = kept, rating, until
    story.open.save()


def parted(page: Page, story: Story) -> None:
    """Another tab has kept this form meanwhile: both are there."""
    form_filled(page, story)
    scenes.press(page, "[name=save]")
    other = page.context.new_page()
    scenes.visit(other, story.form)
    scenes.press(other, ".notice a[href*='change=']")
    other.fill("[name=title]", "另一个标签页")
    scenes.press(other, "[name=save]")
    other.close()
    page.fill("[name=title]", "这一个标签页")
    scenes.press(page, "[name=save]")


def ended(page: Page, story: Story) -> None:
    """The half hour was over when the act's form was sent."""
    act("amend")(page, story)
    page.context.clear_cookies(name="session")
    scenes.press(page, "#act-form .button")
    page.wait_for_selector("#kept-form [name=code]")


def no_more(page: Page, story: Story) -> None:
    """The act was not possible any more."""
    [one] = scenes.received(story.open, texts=[{"topic": "green"}])
    page.context.clear_cookies(name="session")
    scenes.track(page, one.idea.receipt, one.code)
    scenes.visit(page, "/track/amend/")
    page.fill("[name=title]", "改过的标题")
    accept_idea(idea=one.idea, moderator=story.moderator, at=timezone.now())
    scenes.press(page, "#act-form .button")
    page.wait_for_selector("textarea.copy")


def empty_act(name: str, sent: str) -> Show:
    def show(page: Page, story: Story) -> None:
        act(name, sent)(page, story)
        scenes.press(page, "#act-form .button")
        page.wait_for_selector(".error-summary")

    return show


def naming_errors(page: Page, story: Story) -> None:
    act("naming")(page, story)
    scenes.fill_in(page.locator("#act-form"), {"naming": "net_name", "net_name": ""})
    scenes.press(page, "#act-form .button")
    page.wait_for_selector(".error-summary")


def lost_errors(page: Page, story: Story) -> None:
    scenes.visit(page, "/track/lost/")
    scenes.press(page, "main form .button")
    page.wait_for_selector(".error-summary")


def lost_too_often(page: Page, story: Story) -> None:
    story.settings.IDEAS_LIMIT_NEW_CODE_HOUR = 0
    scenes.visit(page, "/track/lost/")
    scenes.fill_in(page.locator("main form"), {"receipt": "JM26-22222222", "contact": "name@example.com"})
    scenes.press(page, "main form .button")
    story.settings.IDEAS_LIMIT_NEW_CODE_HOUR = 300


def no_cookie(page: Page, story: Story) -> None:
    """The form needs a cookie that is gone; the page shows what was typed."""
    form_filled(page, story)
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    scenes.press(page, "#idea-form .acts .button")


def away(page: Page, story: Story) -> None:
    """The database does not answer."""
    with story.monkeypatch.context() as patch:
        patch.setattr(access, "public_campaigns", _away)
        scenes.visit(page, "/", 503)


def suspicious(page: Page, story: Story) -> None:
    """A request that no browser makes by itself."""
    with story.monkeypatch.context() as patch:
        patch.setattr(access, "public_campaigns", _suspect)
        scenes.visit(page, "/", 400)


def _suspect(*_args: Any) -> None:
    raise SuspiciousOperation("on purpose")


def _away(*_args: Any) -> None:
    raise OperationalError("on purpose")


def _raise(*_args: Any) -> None:
    raise RuntimeError("on purpose")


def open_data(page: Page, story: Story) -> None:
    OpenData.objects.get_or_create(campaign=story.published, defaults={"is_on": True})
    scenes.visit(page, "/campaigns/published/data/")


PAGES = [
    State("home", "empty", at("/")),
    State("home", "filled", lambda page, story: (story.soon, story.open, story.published) and scenes.visit(page, "/")),
    State("home", "score card", lambda page, story: story.scored and scenes.visit(page, "/")),
    State("campaign", "upcoming", of("soon")),
    State("campaign", "collecting", of("open")),
    State("campaign", "reviewing", of("closed")),
    State("campaign", "published", of("published")),
    State("submit", "empty", of("open", "submit/")),
    State("submit", "errors", form_errors),
    State("submit", "filled", form_filled),
    State("submit", "upcoming", of("soon", "submit/", 403)),
    State("submit", "closed", of("closed", "submit/", 410)),
    State("submit", "photos", form_with_photos),
    State("submit", "unfinished", form_unfinished),
    State("similar", "in the form", similar),
    State("resume", "gone", gone),
    State("check", "ideas alike", check_alike),
    State("check", "before the code", check_unverified),
    State("check", "verify", check_verify),
    State("done", "elsewhere", of("open", "submit/done/")),
    State("check", "filled", check),
    State("done", "filled", receipt),
    State("done", "several", receipts),
    State("track", "empty", at("/track/")),
    State("track", "wrong", track_wrong),
    State("track", "found", track_found),
    State("track", "too often", too_often),
    State("track", "asked", act("", "asked")),
    State("track", "declined", act("", "declined")),
    *(State(f"track-{name}", "empty", act(name)) for name in ("amend", "withdraw", "naming", "erase")),
    State("track-amend", "errors", act_errors),
    State("track-answer", "empty", act("answer", "asked")),
    State("track-review", "empty", act("review", "declined")),
    State("track", "closed by its unit", act("", "closed_by_unit")),
    State("track-reply", "empty", act("reply", "asked_by_unit")),
    State("track-verdict", "empty", act("verdict", "closed_by_unit")),
    State("track-lost", "empty", at("/track/lost/")),
    State("ideas", "filled", lambda page, story: story.shown and scenes.visit(page, "/campaigns/open/ideas/")),
    State("idea", "filled", idea),
    State("idea", "photos", idea_with_photos),
    State("track", "photos", track_with_photos),
    State("notice", "open", of("noticed", "notice/")),
    State("notice-object", "empty", of("noticed", "notice/object/")),
    State("notice-object", "errors", objection_errors),
    State("notice-object", "sent", objection_sent),
    State("winners", "filled", of("published", "winners/")),
    State("winner", "filled", winner),
    State("winner", "photos", winner_with_photos),
    State("certificate", "real", certificate(standing=True)),
    State("certificate", "withdrawn", certificate(standing=False)),
    State("certificate", "unknown", at("/certificates/0000-0000-0000-0000/", 404)),
    State("record", "filled", of("published", "record/")),
    State("statistics", "nothing yet", of("soon", "statistics/")),
    State("statistics", "filled", of("published", "statistics/")),
    State("data", "filled", open_data),
    State("slip", "blank", of("open", "slip/")),
    State("poster", "of an open campaign", of("open", "poster/")),
    State("privacy", "filled", at("/privacy/")),
    State("accessibility", "filled", at("/accessibility/")),
    State("submit", "closed while typing", closed_typed),
    State("submit", "kept on another page", parted),
    State("track-amend", "the half hour was over", ended),
    State("track-amend", "not possible any more", no_more),
    State("track-answer", "errors", empty_act("answer", "asked")),
    State("track-review", "errors", empty_act("review", "declined")),
    State("track-reply", "errors", empty_act("reply", "asked_by_unit")),
    State("track-verdict", "errors", empty_act("verdict", "closed_by_unit")),
    State("track-naming", "errors", naming_errors),
    State("track-lost", "errors", lost_errors),
    State("track-lost", "sent", at("/track/lost/?sent")),
    State("track-lost", "too often", lost_too_often),
    State("400", "suspicious", suspicious),
    State("403", "no cookie", no_cookie),
    State("405", "only posted to", at("/preferences/", 405)),
    State("503", "no database", away),
    State("404", "no page", at("/nowhere/", 404)),
    State("500", "typed", broken),
]


def walk(page: Page, story: Story) -> Iterator[str]:
    """Show one state after the other in the same browser, and name it."""
    for state in PAGES:
        state.show(page, story)
        yield f"{state.url}, {state.name}"
