import contextlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ideas.choices import Action, DeclineReason, Medium, MessageState, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Draft, Idea, Message, RateLimitCounter, Resident, ResidentStatement, UnsentInput
from ideas.models.photos import photo_store
from ideas.queries import access
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of
from ideas.rules.tracking import Act
from ideas.services import drafts, mergers, messages, proposal, screening, tracking
from ideas.services.publishing import edit_published
from tests import clock, factories

pytestmark = pytest.mark.django_db
HOME, SCHOOL = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


def fresh(idea):
    return Idea.objects.select_related("campaign", "topic", "area").get(pk=idea.pk)


def seen(idea, at=clock.DURING):
    return story_of(fresh(idea), at).version


def words(idea, **changes):
    now = fresh(idea)
    texts = {name: getattr(now, name) for name in ("title", "problem", "proposal", "place")}
    return {**texts, "topic": now.topic.slug, "area": now.area.code if now.area else "unknown", **changes}


def amend(idea, at=clock.DURING, **changes):
    tracking.amend_idea(idea=idea, words=words(idea, **changes), at=at, expected_version=seen(idea, at))


def answer(idea, text="", at=clock.DURING, **changes):
    tracking.answer_question(
        idea=idea, answer=text, words=words(idea, **changes), at=at, expected_version=seen(idea, at)
    )


def ask_review(idea, at=clock.DURING):
    tracking.ask_review(idea=idea, reasons="路口的情况不一样。", at=at, expected_version=seen(idea, at))


def withdraw(idea, at=clock.DURING):
    tracking.withdraw_idea(idea=idea, at=at, expected_version=seen(idea, at))


def erase(idea, at=clock.DURING):
    tracking.erase_person(idea=idea, at=at, expected_version=seen(idea, at))


def ask_back(idea, moderator, question="哪个路口？"):
    screening.return_idea(idea=idea, moderator=moderator, at=clock.DURING, question=question)


def decline(idea, moderator):
    screening.decline_idea(
        idea=idea, moderator=moderator, at=clock.DURING, declined_as=DeclineReason.UNCLEAR, reason="没有写明地点。"
    )


def merged(campaign, lead, moderator):
    later = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    screening.merge_idea(idea=later, into=lead, moderator=moderator, at=clock.DURING)
    return later


def actions(idea):
    return list(idea.events.order_by("number").values_list("action", flat=True))


def told(idea):
    return list(Message.objects.filter(idea=idea).order_by("id").values_list("template", flat=True))


# --- Opening an idea -----------------------------------------------------------------------------------------------


def open_idea(sent, code="00000000", address=HOME, at=clock.DURING):
    return tracking.open_idea(receipt=sent.idea.receipt, code=code, address=address, at=at)


def refused(act, *args, **kwargs):
    try:
        act(*args, **kwargs)
    except tracking.RateLimited:
        return True
    return False


def test_ten_wrong_codes_an_hour_are_looked_at(campaign):
    sent = factories.receive(campaign)
    assert [refused(open_idea, sent) for _ in range(12)] == [False] * 10 + [True] * 2


def test_the_right_code_is_refused_there_too_and_works_from_elsewhere(campaign):
    sent = factories.receive(campaign)
    for _ in range(10):
        open_idea(sent)
    assert refused(open_idea, sent, sent.code)
    assert open_idea(sent, sent.code, SCHOOL) == sent.idea


def test_after_an_hour_it_goes_on(campaign):
    sent = factories.receive(campaign)
    for _ in range(10):
        open_idea(sent)
    assert open_idea(sent, sent.code, at=clock.DURING + timedelta(hours=1)) == sent.idea


def test_right_codes_are_not_counted(campaign):
    sent = factories.receive(campaign)
    assert {open_idea(sent, sent.code).pk for _ in range(120)} == {sent.idea.pk}


def test_one_household_counts_as_one_sender(campaign):
    sent = factories.receive(campaign)
    for number in range(10):
        open_idea(sent, address=f"2001:db8::{number:x}")
    assert refused(open_idea, sent, address="2001:db8::ffff")


def test_wrong_codes_from_anywhere_sound_an_alarm_and_lock_nobody_out(campaign, caplog):
    sent = factories.receive(campaign)
    tries = [refused(open_idea, sent, address=f"203.0.113.{number}") for number in range(120)]
    assert tries == [False] * 120
    assert open_idea(sent, sent.code, SCHOOL) == sent.idea
    assert [record.levelname for record in caplog.records if "wrong query codes" in record.message] == ["WARNING"]


def test_requests_of_a_new_code_from_elsewhere_keep_nobody_from_one(campaign):
    sent = factories.receive(campaign)
    for number in range(30):
        refused(
            tracking.send_new_code, receipt=sent.idea.receipt, phone="+8613900139000", email="",
            address=f"203.0.113.{number}", at=clock.DURING,
        )  # fmt: skip
    before = Message.objects.filter(template="new_code").count()
    tracking.send_new_code(
        receipt=sent.idea.receipt, phone="", email="resident@example.com", address=SCHOOL, at=clock.DURING
    )
    assert (before, Message.objects.filter(template="new_code").count()) == (0, 1)


def test_a_contact_gets_only_so_many_new_codes_a_day_and_the_last_one_stays_good(campaign):
    sent = factories.receive(campaign)
    for number in range(9):
        tracking.send_new_code(
            receipt=sent.idea.receipt, phone="", email="resident@example.com", address=f"203.0.113.{number}",
            at=clock.DURING,
        )  # fmt: skip
    told = Message.objects.filter(template="new_code")
    code = told.latest("id").payload["variables"]["code"].replace("-", "")
    assert (told.count(), open_idea(sent, code, HOME)) == (5, sent.idea)


def test_a_try_that_the_day_refuses_is_not_counted_in_the_hour(campaign, settings):
    settings.IDEAS_LIMIT_CODE_DAY = 0
    sent = factories.receive(campaign)
    for _ in range(11):
        refused(open_idea, sent)
    settings.IDEAS_LIMIT_CODE_DAY = 100
    RateLimitCounter.objects.filter(scope=tracking.CODE_DAY).delete()
    assert open_idea(sent, sent.code) == sent.idea


def test_the_limits_are_settings(campaign, settings):
    settings.IDEAS_LIMIT_CODE_HOUR = 2
    sent = factories.receive(campaign)
    assert [refused(open_idea, sent) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("number", ["JM26-22222222", "nonsense", "编号"])
def test_unknown_numbers_are_limited_alike(campaign, number):
    tries = [refused(tracking.open_idea, receipt=number, code="0", address=HOME, at=clock.DURING) for _ in range(11)]
    assert tries == [False] * 10 + [True]


@pytest.mark.parametrize("number", ["JM26-22222222", "nonsense", ""])
def test_unknown_numbers_cost_the_same_queries(campaign, number):
    sent, counts = factories.receive(campaign), []
    for receipt in (sent.idea.receipt, number):
        for _ in range(11):  # the first opens the windows, the last is refused
            with CaptureQueriesContext(connection) as queries:
                refused(tracking.open_idea, receipt=receipt, code="0", address=HOME, at=clock.DURING)
            counts.append(len(queries))
    assert counts[:11] == counts[11:]


# --- Amending and answering ------------------------------------------------------------------------------------------


def test_amending_keeps_the_earlier_wording(idea):
    before = fresh(idea)
    amend(idea, title="新标题", topic="night", area="unknown", place="")
    after, version = fresh(idea), idea.versions.get()
    assert (after.title, after.topic.slug, after.area, after.place) == ("新标题", "night", None, "")
    assert (version.number, version.title, version.topic, version.area, version.place, version.replaced_at) == (
        1, before.title, before.topic, before.area, before.place, clock.DURING,
    )  # fmt: skip
    assert (actions(idea), idea.events.last().detail) == ([Action.SUBMIT, Action.AMEND], {"version": 1})


def test_each_amendment_has_its_number(idea):
    for title in ("第二", "第三"):
        amend(idea, title=title)
    assert list(idea.versions.values_list("number", "title")) == [(1, idea.title), (2, "第二")]


def test_the_published_text_stays_when_the_original_is_changed(idea, moderator):
    edit_published(idea=idea, editor=moderator, at=clock.DURING, title="公开题目", text="公开正文")
    ask_back(idea, moderator)
    answer(idea, title="新标题")
    assert (fresh(idea).published_title, fresh(idea).title) == ("公开题目", "新标题")


def test_an_amendment_without_a_change_is_refused(idea):
    with pytest.raises(Refusal):
        amend(idea)
    assert (actions(idea), idea.versions.count()) == ([Action.SUBMIT], 0)


def test_an_idea_that_is_being_screened_is_not_amended(idea, moderator):
    edit_published(idea=idea, editor=moderator, at=clock.DURING, title="公开题目", text="公开正文")
    with pytest.raises(Refusal):
        amend(idea, title="新标题")
    assert fresh(idea).title == idea.title


@pytest.mark.parametrize(("at", "possible"), [(clock.CLOSES - clock.BLINK, True), (clock.CLOSES, False)])
def test_amending_ends_with_collecting(idea, at, possible):
    with contextlib.suppress(Refusal):
        amend(idea, at=at, title="新标题")
    assert (fresh(idea).title == "新标题") == possible


def test_an_answer_brings_the_idea_back_with_the_residents_words(idea, moderator):
    ask_back(idea, moderator)
    answer(idea, " 学校北门。 ", at=clock.CLOSES)
    event = idea.events.last()
    assert (fresh(idea).status, event.action, event.reason, event.statement.text) == (
        Status.RECEIVED, Action.ANSWER, "", "学校北门。",
    )  # fmt: skip


def test_a_changed_text_is_an_answer_too(idea, moderator):
    ask_back(idea, moderator)
    answer(idea, place="学校北门")
    assert actions(idea)[2:] == [Action.AMEND, Action.ANSWER]
    assert (fresh(idea).place, ResidentStatement.objects.count()) == ("学校北门", 0)


def test_an_answer_of_nothing_is_refused(idea, moderator):
    ask_back(idea, moderator)
    with pytest.raises(Refusal):
        answer(idea, "  ")
    assert fresh(idea).status == Status.RETURNED


def test_a_question_is_answered_once(idea, moderator):
    ask_back(idea, moderator)
    answer(idea, "北门")
    with pytest.raises(Refusal):
        answer(idea, "南门")
    assert ResidentStatement.objects.get().text == "北门"


# --- Acting on an outdated page --------------------------------------------------------------------------------------

STALE = {
    "amend": lambda idea, seen: tracking.amend_idea(
        idea=idea, words=words(idea, title="新"), at=clock.DURING, expected_version=seen
    ),
    "withdraw": lambda idea, seen: tracking.withdraw_idea(idea=idea, at=clock.DURING, expected_version=seen),
    "erase": lambda idea, seen: tracking.erase_person(idea=idea, at=clock.DURING, expected_version=seen),
    "naming": lambda idea, seen: tracking.change_naming(
        idea=idea, naming="real", name="林", net_name="", may_publish=True, at=clock.DURING, expected_version=seen
    ),
}


@pytest.mark.parametrize("act", STALE)
def test_an_act_on_an_outdated_page_changes_nothing(idea, act):
    old = seen(idea)
    amend(idea, title="另一个标签页里改的")
    with pytest.raises(Stale):
        STALE[act](idea, old)
    assert actions(idea) == [Action.SUBMIT, Action.AMEND]


# --- Review ----------------------------------------------------------------------------------------------------------


def test_a_declined_idea_comes_back_with_the_reasons(idea, moderator):
    decline(idea, moderator)
    ask_review(idea)
    assert (fresh(idea).status, ResidentStatement.objects.get().text) == (Status.RECEIVED, "路口的情况不一样。")


def test_a_merged_idea_stands_for_itself_when_reviewed(campaign, idea, moderator):
    later = merged(campaign, idea, moderator)
    ask_review(later)
    assert (fresh(later).status, fresh(later).merged_into, list(violations())) == (Status.RECEIVED, None, [])


def test_a_review_is_asked_for_once(idea, moderator):
    decline(idea, moderator)
    ask_review(idea)
    decline(idea, factories.make_user(Role.MODERATOR))
    with pytest.raises(Refusal):
        ask_review(idea)
    assert fresh(idea).status == Status.DECLINED


def test_a_review_needs_reasons(idea, moderator):
    decline(idea, moderator)
    with pytest.raises(Refusal):
        tracking.ask_review(idea=idea, reasons=" ", at=clock.DURING, expected_version=seen(idea))
    assert fresh(idea).status == Status.DECLINED


@pytest.mark.parametrize(
    ("at", "possible"), [(clock.RATING_UNTIL - clock.BLINK, True), (clock.RATING_UNTIL, False), (clock.LATER, False)]
)
def test_no_review_once_the_choice_of_winners_has_begun(idea, moderator, at, possible):
    decline(idea, moderator)
    with contextlib.suppress(Refusal):
        ask_review(idea, at=at)
    assert (fresh(idea).status == Status.RECEIVED) == possible


@pytest.mark.parametrize("name", ["accept", "decline", "return"])
def test_whoever_decided_does_not_review_the_own_decision(idea, moderator, name):
    services = {
        "accept": (screening.accept_idea, {}),
        "decline": (screening.decline_idea, {"declined_as": DeclineReason.UNCLEAR, "reason": "x"}),
        "return": (screening.return_idea, {"question": "x"}),
    }
    decline(idea, moderator)
    ask_review(idea)
    service, given = services[name]
    with pytest.raises(NotPermitted):
        service(idea=fresh(idea), moderator=moderator, at=clock.DURING, **given)
    service(idea=fresh(idea), moderator=factories.make_user(Role.MODERATOR), at=clock.DURING, **given)
    assert len(actions(idea)) == 4


def test_only_the_last_decision_before_the_request_counts(campaign, idea, moderator):
    """Whoever declined after the review may decide again; whoever was doubted may not."""
    later, second = merged(campaign, idea, moderator), factories.make_user(Role.MODERATOR)
    ask_review(later)
    ask_back(fresh(later), second)
    answer(later, "北门")
    decline(fresh(later), second)
    assert fresh(later).status == Status.DECLINED


# --- Withdrawing -----------------------------------------------------------------------------------------------------


def test_a_withdrawn_idea_is_told(idea):
    withdraw(idea)
    assert (fresh(idea).status, told(idea)) == (Status.WITHDRAWN, ["receipt", "withdrawn"])


def test_ideas_merged_into_a_withdrawn_one_stand_for_themselves_again(campaign, idea, moderator):
    others = [merged(campaign, idea, moderator) for _ in range(2)]
    withdraw(idea)
    for other in map(fresh, others):
        assert (other.status, other.merged_into) == (Status.RECEIVED, None)
        assert told(other) == ["receipt", "merged", "unmerged"]
    assert list(violations()) == []


def test_withdrawing_is_one_transaction(campaign, idea, moderator, monkeypatch):
    merged(campaign, idea, moderator)

    def broken(*, template, **_):
        if template == "unmerged":
            raise RuntimeError("power cut")

    monkeypatch.setattr(mergers, "tell_resident", broken)
    with pytest.raises(RuntimeError):
        withdraw(idea)
    assert (fresh(idea).status, idea.merged.count()) == (Status.RECEIVED, 1)


def test_an_accepted_idea_is_withdrawn_until_the_choice_begins(campaign, moderator):
    first, second = factories.accepted(campaign, moderator, 2)
    withdraw(first, at=clock.RATING_UNTIL - clock.BLINK)
    with pytest.raises(Refusal):
        withdraw(second, at=clock.RATING_UNTIL)
    assert (fresh(first).status, fresh(second).status) == (Status.WITHDRAWN, Status.ACCEPTED)


def test_a_listed_idea_is_refused_in_the_same_words_as_every_other(moderator):
    campaign = factories.rated_campaign(moderator)
    proposal.propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    # As if rating had no end: nothing but the list says that the choice has begun.
    type(campaign).objects.update(rating_from=None, rating_until=None)
    words_of = {}
    for idea in campaign.ideas.all():
        with pytest.raises(Refusal) as refusal:
            withdraw(idea, at=clock.RATING_UNTIL)
        words_of.setdefault(idea.status, set()).add(str(refusal.value))
    assert words_of[Status.SHORTLISTED] == words_of[Status.ACCEPTED]


def test_what_a_page_has_seen_does_not_tell_who_is_on_the_list(moderator):
    campaign = factories.rated_campaign(moderator)
    proposal.propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    assert {seen(idea) for idea in campaign.ideas.all()} == {2}


# --- Naming ----------------------------------------------------------------------------------------------------------


def name(idea, at=clock.LATER, **change):
    given = {"naming": "real", "name": "林大满", "net_name": "", "may_publish": True, **change}
    tracking.change_naming(idea=idea, at=at, expected_version=seen(idea, at), **given)


def test_naming_is_changed_and_the_consent_has_its_moment(idea):
    name(idea)
    person = factories.resident_of(idea)
    assert (person.public_name, person.publish_consented_at, person.contact["phone"]) == (
        "林大满", clock.LATER, "+8612012345678",
    )  # fmt: skip


def test_the_consent_can_be_withdrawn_after_the_release(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winner = campaign.ideas.filter(status=Status.AWARDED).first()
    name(winner, may_publish=False)
    assert factories.resident_of(winner).public_name == ""


def test_the_trail_holds_no_name(idea):
    name(idea)
    event = idea.events.last()
    assert (event.action, event.reason, event.detail) == (Action.NAME, "", {})


# --- Erasing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(campaign, moderator, settings, tmp_path):
    """An idea with everything that belongs to its person."""
    settings.STORAGES = {
        **settings.STORAGES,
        "photos": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    key = uuid4()
    factories.make_draft(campaign, key=key)
    idea = drafts.send_draft(key=key, campaign=campaign, at=clock.DURING).idea
    for shown_at in (None, clock.DURING):
        factories.add_photo(idea, shown_at=shown_at)
    ask_back(idea, moderator)
    answer(idea, "我是林小满，住在北门。")
    tracking.save_unsent_input(idea=idea, act=Act.NAMING, typed={"name": "林小"}, at=clock.DURING)
    return idea


def test_erasing_leaves_nothing_of_the_person(full, django_capture_on_commit_callbacks):
    photos = {bool(photo.shown_at): photo for photo in full.photos.all()}
    with django_capture_on_commit_callbacks(execute=True):
        erase(full)
    left = [
        Resident.objects.count(),
        ResidentStatement.objects.count(),
        Draft.objects.count(),
        UnsentInput.objects.count(),
        Message.objects.exclude(payload={}).count(),
    ]
    assert left == [0, 0, 0, 0, 0]
    assert [full.photos.get(), photo_store().exists(photos[True].file_name)] == [photos[True], True]
    gone = [photo_store().exists(file) for file in (photos[False].file_name, photos[False].thumb_name)]
    assert gone == [False, False]
    assert list(violations()) == []


def test_photos_stay_when_erasing_is_not_committed(full):
    with transaction.atomic():
        erase(full)
        transaction.set_rollback(True)
    assert (Resident.objects.count(), full.photos.count()) == (1, 2)
    assert all(photo_store().exists(photo.file_name) for photo in full.photos.all())


def test_waiting_messages_end_and_say_why(full):
    erase(full)
    assert set(Message.objects.values_list("state", "error")) == {(MessageState.DEAD, "erased")}


def test_a_message_in_the_workers_hands_does_not_come_back(full, settings):
    settings.IDEAS_EMAIL_GATEWAY = "tests.services.test_messages.Down"
    held = messages.claim(at=clock.DURING)
    erase(full)
    for message in held:
        messages.deliver(message, at=clock.DURING)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DEAD}
    assert list(violations()) == []


def test_the_idea_stays_and_opens_with_its_code(campaign):
    sent = factories.receive(campaign)
    erase(sent.idea)
    assert access.idea_by_code(sent.idea.receipt, sent.code).title == sent.idea.title


def test_an_erased_idea_can_still_be_withdrawn(idea):
    erase(idea)
    withdraw(idea)
    assert (fresh(idea).status, told(idea)) == (Status.WITHDRAWN, ["receipt"])


def test_nobody_is_erased_twice(idea):
    erase(idea)
    with pytest.raises(Refusal):
        erase(idea)
    assert actions(idea) == [Action.SUBMIT, Action.ERASE]


# --- A new code ------------------------------------------------------------------------------------------------------


def new_code(idea, phone="", email="resident@example.com", address=HOME, at=clock.DURING, receipt=""):
    tracking.send_new_code(receipt=receipt or idea.receipt, phone=phone, email=email, address=address, at=at)


def sent_code(idea):
    return Message.objects.get(idea=idea, template="new_code").payload["variables"]["code"]


def test_a_new_code_goes_to_the_contact_and_the_old_one_stops(campaign):
    sent = factories.receive(campaign)
    new_code(sent.idea)
    assert access.idea_by_code(sent.idea.receipt, sent.code) is None
    assert access.idea_by_code(sent.idea.receipt, sent_code(sent.idea)) == sent.idea


@pytest.mark.parametrize(
    ("typed", "medium", "address"),
    [
        ({"email": "Resident@Example.com"}, Medium.EMAIL, "Resident@Example.com"),
        ({"email": "", "phone": "+8612012345678"}, Medium.SMS, "+8612012345678"),
    ],
)
def test_it_goes_only_the_way_that_was_typed(idea, settings, typed, medium, address):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    new_code(idea, **typed)
    message = Message.objects.get(template="new_code")
    assert (message.medium, message.payload["address"]) == (medium, address)


@pytest.mark.parametrize(
    "typed",
    [{"email": "stranger@example.com"}, {"email": "", "phone": "+8612099999999"}, {"receipt": "JM26-22222222"}],
)
def test_a_wrong_contact_or_number_changes_nothing(campaign, settings, typed):
    settings.IDEAS_SMS_GATEWAY = "ideas.gateways.sms.FileSms"
    sent = factories.receive(campaign)
    new_code(sent.idea, **typed)
    assert access.idea_by_code(sent.idea.receipt, sent.code) == sent.idea
    assert (told(sent.idea), actions(sent.idea)) == (["receipt", "receipt"], [Action.SUBMIT])


def test_an_erased_person_gets_no_code(campaign):
    sent = factories.receive(campaign)
    factories.receive(campaign)
    erase(sent.idea)
    new_code(sent.idea)
    assert "new_code" not in Message.objects.values_list("template", flat=True)
    assert access.idea_by_code(sent.idea.receipt, sent.code) == sent.idea


def test_without_a_way_to_send_it_the_old_code_stays(campaign, settings):
    settings.IDEAS_SMS_GATEWAY = ""
    sent = factories.receive(campaign)
    new_code(sent.idea, email="", phone="+8612012345678")
    assert access.idea_by_code(sent.idea.receipt, sent.code) == sent.idea


def test_a_contact_is_found_under_an_older_key(campaign, settings):
    sent = factories.receive(campaign)
    settings.IDEAS_KEYS = ["t2:" + "B" * 43 + "=", *settings.IDEAS_KEYS]
    new_code(sent.idea)
    assert told(sent.idea) == ["receipt", "new_code"]


def test_a_new_code_forgets_the_wrong_ones(campaign):
    sent = factories.receive(campaign)
    for _ in range(11):
        refused(open_idea, sent)
    new_code(sent.idea)
    assert open_idea(sent, sent_code(sent.idea)) == sent.idea


def test_a_wrong_contact_forgets_nothing(campaign):
    sent = factories.receive(campaign)
    for _ in range(10):
        open_idea(sent)
    new_code(sent.idea, email="stranger@example.com")
    assert refused(open_idea, sent)


def test_three_requests_a_day_for_one_number(idea):
    tries = [refused(new_code, idea) for number in range(4)]
    assert tries == [False, False, False, True]
    assert not refused(new_code, idea, at=clock.DURING + timedelta(days=1))


def test_many_people_on_one_address_may_ask_for_codes(campaign):
    """A carrier or a school; what keeps codes safe is the limit for each receipt."""
    numbers = [f"JM26-2222{a}{b}2{c}" for a in "23456789" for b in "23456789" for c in "2"]
    assert [refused(new_code, None, receipt=number) for number in numbers] == [False] * 64


def test_requests_from_one_address_have_a_limit_all_the_same(campaign, settings):
    settings.IDEAS_LIMIT_NEW_CODE_HOUR = 10
    numbers = [f"JM26-{'2' * 7}{number}" for number in range(2, 9)] * 2
    tries = [refused(new_code, None, receipt=number) for number in numbers]
    assert tries == [False] * 10 + [True] * 4


@pytest.mark.parametrize("typed", [{"email": "stranger@example.com"}, {"receipt": "JM26-22222222"}])
def test_a_mismatch_costs_the_same_queries(campaign, typed):
    made, kinds = [factories.make_idea(campaign) for _ in range(2)], []
    for idea, given in ((made[0], {}), (made[1], typed)):
        with CaptureQueriesContext(connection) as queries:
            new_code(idea, address=f"203.0.113.{len(kinds)}", **given)
        statements = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
        kinds.append(statements)
    assert kinds[0] == kinds[1]
