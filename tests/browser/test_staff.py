"""Moderators, panellists, managers and auditors at their desks."""

import pytest
from playwright.sync_api import Page, expect

from ideas.choices import Channel, DeclineReason, Phase, Role, Status
from ideas.models import Idea, Mark, Panellist, Recusal, Shortlist
from ideas.services.screening import return_idea
from tests import factories
from tests.browser import scenes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]

QUEUE = "/admin/ideas/idea/"
SECRETS = {"name": "林小满", "net_name": "海边的风", "phone": "+8612012345678", "email": "resident@example.com"}


def address(row: Idea | Shortlist) -> str:
    return f"/admin/ideas/{row._meta.model_name}/{row.pk}/change/"


def press(page: Page, act: str) -> None:
    """Press the button that posts to an address with this end, e.g. "seal"."""
    scenes.press(page, f"form[action$='/{act}/'] button")


def status(idea: Idea) -> str:
    return Idea.objects.get(pk=idea.pk).status


# --- Log-in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "desk"), [(Role.MODERATOR, "/admin/"), (Role.MANAGER, "/admin/"), (Role.PANELLIST, "/panel/")]
)
def test_the_log_in_leads_to_the_own_desk(new_page, role, desk):
    page = new_page()
    scenes.log_in(page, factories.make_user(role))
    expect(page).to_have_url(desk)


def test_a_wrong_password_opens_no_desk(new_page, moderator):
    page = new_page()
    scenes.visit(page, "/login/")
    scenes.fill_in(page.locator("main form"), {"username": moderator.username, "password": "wrong"})
    scenes.press(page, "main form button")
    expect(page.locator(".error-summary")).to_be_focused()
    scenes.visit(page, "/admin/")
    assert "/login/" in page.url


def test_after_logging_out_the_desk_is_shut(new_page):
    page = new_page()
    scenes.log_in(page, factories.make_user(Role.PANELLIST))
    press(page, "logout")
    page.wait_for_url("**/login/")
    scenes.visit(page, "/panel/")
    assert "/login/" in page.url


# --- Moderators ----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(db) -> list[Idea]:
    """Two ideas in the queue, in the order of receipt."""
    return [sent.idea for sent in scenes.received(scenes.campaign(), 2)]


@pytest.fixture
def desk(new_page, moderator, waiting) -> Page:
    """The moderator looks at the first waiting idea."""
    page = new_page(meant=(409, 422))
    scenes.log_in(page, moderator, address(waiting[0]))
    return page


def decide(page: Page, action: str, **typed: str) -> None:
    """Open one of the decisions, fill it in and press its button."""
    form = page.locator(f"form[action$='/decide/{action}/']")
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").click()
    scenes.fill_in(form, {f"{action}-{name}": text for name, text in typed.items()})
    press(page, f"decide/{action}")


def test_the_queue_opens_the_idea(new_page, moderator, waiting):
    page = new_page()
    scenes.log_in(page, moderator, QUEUE)
    scenes.press(page, f"text={waiting[1].receipt}")
    expect(page.locator("h1")).to_have_text(waiting[1].title)


def test_after_accepting_the_next_idea_is_there(desk, waiting):
    decide(desk, "accept")
    expect(desk.locator("h1")).to_have_text(waiting[1].title)
    assert status(waiting[0]) == Status.ACCEPTED


def test_after_the_last_idea_the_queue_is_there(desk):
    decide(desk, "accept")
    decide(desk, "accept")
    expect(desk).to_have_url(QUEUE)


def test_a_question_returns_the_idea_and_reaches_the_resident(desk, new_page, campaign_sent):
    scenes.visit(desk, address(campaign_sent.idea))
    decide(desk, "return", question="路灯在哪一侧？")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    resident = new_page()
    scenes.track(resident, campaign_sent.idea.receipt, campaign_sent.code)
    expect(resident.locator(".said")).to_have_text("路灯在哪一侧？")


@pytest.fixture
def campaign_sent(db):
    """An idea whose query code we know."""
    return scenes.received(scenes.campaign())[0]


def test_an_answer_brings_a_returned_idea_back(desk, waiting, moderator):
    return_idea(idea=waiting[0], moderator=moderator, at=waiting[0].received_at, question="在哪一侧？")
    scenes.visit(desk, address(waiting[0]))
    decide(desk, "answer", answer="在东侧。")
    expect(desk.locator("h1")).to_have_text(waiting[0].title)  # first in the queue again
    assert status(waiting[0]) == Status.RECEIVED


def test_declining_without_a_reason_shows_an_error_and_keeps_the_page(desk, waiting):
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR)
    expect(desk.locator("details[open] .field-error")).to_be_visible()
    expect(desk.locator("h1")).to_have_text(waiting[0].title)
    expect(desk.locator("[name=decline-declined_as]")).to_have_value(DeclineReason.UNCLEAR)
    assert status(waiting[0]) == Status.RECEIVED


def test_declining_with_a_reason_works(desk, waiting):
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR)
    decide(desk, "decline", reason="没有写明地点。")
    expect(desk.locator("h1")).to_have_text(waiting[1].title)
    assert status(waiting[0]) == Status.DECLINED


def test_a_duplicate_is_merged_by_the_receipt_number_of_the_earlier_one(desk, waiting):
    scenes.visit(desk, address(waiting[1]))
    decide(desk, "merge", into=waiting[0].receipt.lower().replace("-", " "))
    scenes.visit(desk, address(waiting[1]))
    expect(desk.locator(".sheet a")).to_have_text(f"{waiting[0].receipt} {waiting[0].title}")
    assert status(waiting[1]) == Status.MERGED


def test_an_earlier_idea_is_not_merged_into_a_later_one(desk, waiting):
    decide(desk, "merge", into=waiting[1].receipt)
    expect(desk.locator(".messagelist .error")).to_contain_text(waiting[1].receipt)
    assert status(waiting[0]) == Status.RECEIVED


def test_an_idea_is_passed_to_another_channel(desk, waiting):
    decide(desk, "transfer", channel=Channel.HOTLINE, reason="属于个人诉求。")
    expect(desk.locator("h1")).to_have_text(waiting[1].title)
    assert status(waiting[0]) == Status.TRANSFERRED


def test_the_history_tells_what_was_done_by_whom(desk, waiting, moderator):
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR, reason="没有写明地点。")
    scenes.visit(desk, address(waiting[0]))
    rows = desk.locator(".history tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(moderator.name)
    expect(rows.nth(1)).to_contain_text("没有写明地点。")


def test_a_decision_on_an_outdated_page_is_refused(desk, waiting, moderator):
    return_idea(idea=waiting[0], moderator=moderator, at=waiting[0].received_at, question="在哪一侧？")
    decide(desk, "decline", declined_as=DeclineReason.UNCLEAR, reason="没有写明地点。")
    expect(desk.locator(".messagelist .error")).to_be_visible()
    expect(desk.locator("[name=decline-reason]")).to_have_value("没有写明地点。")
    assert status(waiting[0]) == Status.RETURNED


def test_the_published_text_is_saved_beside_the_original(desk, waiting):
    desk.fill("#id_published-title", "增设路灯")
    desk.fill("#id_published-text", "在路口加灯。")
    press(desk, "published")
    expect(desk.locator("#id_published-text")).to_have_value("在路口加灯。")
    idea = Idea.objects.get(pk=waiting[0].pk)
    assert (idea.published_title, idea.published_text, idea.title) == ("增设路灯", "在路口加灯。", waiting[0].title)


def test_a_moderator_sees_the_contact_only_masked(desk):
    expect(desk.locator(".sheet")).to_contain_text("120****5678")
    assert [word for word in SECRETS.values() if word in desk.content()] == []


# --- Auditors ------------------------------------------------------------------------------------------------------


def test_an_auditor_reads_an_idea_and_has_no_buttons(new_page, auditor, waiting):
    page = new_page()
    scenes.log_in(page, auditor, address(waiting[0]))
    expect(page.locator(".history tbody tr")).to_have_count(1)
    assert page.locator("#content form, #content button, #content input").count() == 0


def test_an_auditor_reads_the_list_and_has_no_buttons(new_page, auditor, proposed):
    page = new_page()
    scenes.log_in(page, auditor, address(proposed))
    expect(page.locator("#content tbody tr").first).to_be_visible()
    assert page.locator("#content form, #content button, #content input").count() == 0


# --- The panel -----------------------------------------------------------------------------------------------------


@pytest.fixture
def panellist(moderator) -> Panellist:
    """One of three panellists; three ideas with two reviews each lie on their desks, two on each."""
    campaign = scenes.campaign()
    scenes.accepted(campaign, moderator, 3)
    return scenes.seated(campaign)[0].panellist


@pytest.fixture
def seats(panellist):
    return list(panellist.assignments.order_by("id"))


@pytest.fixture
def juror(new_page, panellist) -> Page:
    """The panellist with a telephone, at the desk."""
    page = new_page(360, language="en")
    scenes.log_in(page, panellist.user)
    return page


def give(page: Page, *points: int) -> None:
    """Give points for the criteria from the first on, and save."""
    for group, value in zip(page.locator("fieldset").all(), points, strict=False):
        group.get_by_role("radio", name=str(value), exact=True).check()
    scenes.press(page, "main form button.button")


def test_a_panellist_gives_points_for_all_four_criteria(juror, seats):
    scenes.press(juror, f"text={seats[0].idea.title}")
    give(juror, 9, 1, 10, 4)
    expect(juror.locator(".notice.good")).to_contain_text(seats[0].idea.receipt)
    marks = Mark.objects.filter(rating__assignment=seats[0]).order_by("criterion__position")
    assert [mark.points for mark in marks] == [9, 1, 10, 4]


def test_saving_leads_to_the_next_idea_and_counts(juror, seats):
    expect(juror.locator(".figures-face")).to_have_text("0 of 2 rated")
    scenes.press(juror, f"text={seats[0].idea.title}")
    give(juror, 9, 8, 7, 6)
    expect(juror.locator("h1")).to_have_text(seats[1].idea.title)
    expect(juror.locator(".figures-face")).to_have_text("1 of 2 rated")


def test_the_last_rating_leads_back_to_the_desk(juror, seats):
    for seat in seats:
        scenes.visit(juror, f"/panel/{seat.pk}/")
        give(juror, 5, 5, 5, 5)
    expect(juror).to_have_url("/panel/")
    expect(juror.locator(".figures-face")).to_have_text("2 of 2 rated")


def test_a_missing_mark_is_asked_for_and_the_others_are_kept(juror, seats):
    scenes.visit(juror, f"/panel/{seats[0].pk}/")
    give(juror, 9, 8, 7)
    expect(juror.locator(".error-summary li")).to_have_count(1)
    kept = juror.evaluate("[...document.querySelectorAll('.scale input:checked')].map(field => field.value)")
    assert kept == ["9", "8", "7"]


def test_a_rating_can_be_changed(juror, seats):
    for points in ((9, 8, 7, 6), (1, 2, 3, 4)):
        scenes.visit(juror, f"/panel/{seats[0].pk}/")
        give(juror, *points)
        juror.wait_for_url(f"**/panel/{seats[1].pk}/")
    scenes.visit(juror, f"/panel/{seats[0].pk}/")
    kept = juror.evaluate("[...document.querySelectorAll('.scale input:checked')].map(field => field.value)")
    assert kept == ["1", "2", "3", "4"]


def test_points_are_given_by_keyboard(juror, seats):
    scenes.visit(juror, f"/panel/{seats[0].pk}/")
    first = juror.locator("fieldset").first.get_by_role("radio")
    first.first.focus()
    juror.keyboard.press("Space")
    juror.keyboard.press("ArrowRight")
    expect(first.nth(1)).to_be_checked()


def test_standing_aside_takes_the_idea_off_the_desk(juror, seats):
    scenes.visit(juror, f"/panel/{seats[0].pk}/")
    juror.click("summary")
    juror.fill("#id_reason", "认识建议人。")
    press(juror, "recuse")
    expect(juror.locator("h1")).to_have_text(seats[1].idea.title)
    scenes.visit(juror, "/panel/")
    assert seats[0].idea.title not in juror.content()
    assert Recusal.objects.get().reason == "认识建议人。"


def test_standing_aside_needs_a_reason(juror, seats):
    scenes.visit(juror, f"/panel/{seats[0].pk}/")
    juror.click("summary")
    press(juror, "recuse")
    expect(juror.locator("details[open] .field-error")).to_be_visible()
    assert Recusal.objects.count() == 0


def test_a_panellist_sees_neither_name_nor_contact(juror, seats):
    kept = factories.resident_of(seats[0].idea).contact
    assert kept == SECRETS
    pages = [juror.content()]
    scenes.visit(juror, f"/panel/{seats[0].pk}/")
    pages.append(juror.content())
    give(juror, 9)
    expect(juror.locator(".error-summary")).to_be_visible()
    pages.append(juror.content())
    words = [*SECRETS.values(), "12012345678", "120****5678", "林*"]
    assert [word for word in words if any(word in page for page in pages)] == []


def test_the_idea_of_another_panellist_is_not_there(new_page, panellist, seats):
    other = panellist.campaign.panellists.exclude(pk=panellist.pk).first()
    seat = other.assignments.exclude(idea__in=[seat.idea for seat in seats]).first()
    page = new_page(meant=(404,))
    scenes.log_in(page, panellist.user)
    scenes.visit(page, f"/panel/{seat.pk}/", 404)


# --- Managers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def rated(moderator) -> list:
    """Five rated ideas (with their query codes) of a campaign with three places, the best one first."""
    return scenes.rated(scenes.campaign(Phase.REVIEWING), moderator)


@pytest.fixture
def campaign(rated):
    return rated[0].idea.campaign


@pytest.fixture
def proposed(campaign, manager) -> Shortlist:
    return scenes.proposed(campaign, manager)


@pytest.fixture
def sealed(proposed, managers) -> Shortlist:
    return scenes.signed(proposed, *managers)


@pytest.fixture
def chair(new_page, manager) -> Page:
    """The first manager, logged in."""
    page = new_page(meant=(422,))
    scenes.log_in(page, manager)
    return page


def listed(page: Page) -> list[str]:
    """The receipt numbers on the list, in the order of rank."""
    return page.locator("#content table").first.locator("tbody .quiet").all_inner_texts()


def receipts(rated: list, *places: int) -> list[str]:
    return [rated[place].idea.receipt for place in places]


def exchange(page: Page, out: str, put_in: str, reason: str) -> None:
    scenes.fill_in(page.locator("form[action$='/exchange/']"), {"out": out, "put_in": put_in, "reason": reason})
    press(page, "exchange")


def test_the_list_is_proposed_from_the_campaign_page(chair, campaign, rated):
    scenes.visit(chair, f"/admin/ideas/campaign/{campaign.pk}/change/")
    press(chair, "propose")
    chair.wait_for_url("**/admin/ideas/shortlist/**")
    assert listed(chair) == receipts(rated, 0, 1, 2)


def test_the_panel_is_filled_from_the_campaign_page(chair, moderator):
    campaign = scenes.campaign()
    scenes.accepted(campaign, moderator, 3)
    factories.make_panel(campaign)
    scenes.visit(chair, f"/admin/ideas/campaign/{campaign.pk}/change/")
    press(chair, "assign")
    expect(chair.locator(".messagelist li")).to_have_count(2)
    assert [seat.assignments.count() for seat in campaign.panellists.all()] == [2, 2, 2]


def test_an_exchange_with_a_reason_changes_the_list(chair, proposed, rated):
    scenes.visit(chair, address(proposed))
    exchange(chair, *receipts(rated, 0, 4), "评审会决定。")
    expect(chair.locator(".messagelist .success")).to_be_visible()
    assert listed(chair) == receipts(rated, 1, 2, 4)
    expect(chair.locator("#content")).to_contain_text("评审会决定。")


def test_an_exchange_without_a_reason_changes_nothing(chair, proposed, rated):
    scenes.visit(chair, address(proposed))
    exchange(chair, *receipts(rated, 0, 4), "")
    expect(chair.locator(".field-error")).to_be_visible()
    expect(chair.locator("[name=put_in]")).to_have_value(rated[4].idea.receipt)
    assert listed(chair) == receipts(rated, 0, 1, 2)


def test_who_has_signed_cannot_sign_again(chair, proposed, manager):
    scenes.visit(chair, address(proposed))
    press(chair, "seal")
    expect(chair.locator(".messagelist .success")).to_be_visible()
    expect(chair.locator("form[action$='/seal/']")).to_have_count(0)
    assert Shortlist.objects.get().first_seal_by == manager


def test_the_other_manager_signs_second_and_seals(new_page, proposed, managers):
    scenes.signed(proposed, managers[0])
    page = new_page()
    scenes.log_in(page, managers[1], address(proposed))
    press(page, "seal")
    expect(page.locator("form[action$='/release/']")).to_be_visible()
    expect(page.locator("form[action$='/exchange/']")).to_have_count(0)
    assert Shortlist.objects.get().sealed_by == managers[1]


def test_a_list_is_not_released_before_it_is_sealed(chair, proposed, manager):
    scenes.signed(proposed, manager)
    scenes.visit(chair, address(proposed))
    expect(chair.locator("h1")).to_be_visible()
    expect(chair.locator("form[action$='/release/']")).to_have_count(0)


def test_missing_published_texts_block_the_release(chair, sealed, rated):
    scenes.visit(chair, address(sealed))
    press(chair, "release")
    expect(chair.locator(".messagelist .error")).to_contain_text(rated[0].idea.receipt)
    assert Shortlist.objects.get().released_at is None


def test_the_originals_are_taken_where_no_text_is_written(chair, sealed, rated):
    scenes.visit(chair, address(sealed))
    press(chair, "texts")
    expect(chair.locator("form[action$='/texts/']")).to_have_count(0)
    idea = Idea.objects.get(pk=rated[0].idea.pk)
    assert (idea.published_title, idea.published_text) == (idea.title, f"{idea.problem}\n\n{idea.proposal}")


def test_the_preview_shows_the_winners_page(chair, sealed, rated):
    scenes.visit(chair, address(sealed))
    press(chair, "texts")
    scenes.press(chair, "a[href$='/preview/']")
    expect(chair.locator(".winners h2")).to_have_text([one.idea.title for one in rated[:3]])


def test_the_preview_is_for_staff_only(new_page, sealed):
    stranger = new_page()
    scenes.visit(stranger, f"/admin/ideas/shortlist/{sealed.pk}/preview/")
    assert "/login/" in stranger.url


def test_before_the_release_there_is_no_winners_page(new_page, campaign, sealed):
    stranger = new_page(meant=(404,))
    scenes.visit(stranger, f"/campaigns/{campaign.slug}/winners/", 404)


def test_before_the_release_a_listed_idea_is_under_review(new_page, rated, sealed):
    resident = new_page()
    scenes.track(resident, rated[0].idea.receipt, rated[0].code)
    expect(resident.locator(".tag")).to_have_text("评审中")
    assert "拟入选" not in resident.content()


def test_after_the_release_everybody_reads_the_winners(chair, new_page, campaign, sealed, rated):
    scenes.visit(chair, address(sealed))
    press(chair, "texts")
    press(chair, "release")
    expect(chair.locator(".messagelist .success")).to_be_visible()
    stranger = new_page()
    scenes.visit(stranger, f"/campaigns/{campaign.slug}/")
    scenes.press(stranger, "main a.button")
    expect(stranger.locator(".winners h2")).to_have_text([one.idea.title for one in rated[:3]])


@pytest.mark.parametrize(("place", "word"), [(0, "优秀金点子"), (4, "未入选")], ids=["first", "last"])
def test_after_the_release_residents_read_their_result(new_page, sealed, rated, manager, place, word):
    scenes.released(sealed, manager)
    resident = new_page()
    scenes.track(resident, rated[place].idea.receipt, rated[place].code)
    expect(resident.locator(".tag")).to_have_text(word)
