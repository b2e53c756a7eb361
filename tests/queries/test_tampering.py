"""A database writer without keys, and a damaged disk: whatever they change is named by `check_invariants`.

Each case tampers with plain SQL, triggers lifted, as somebody with the database's password would.
"""

import io
import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from ideas import conf
from ideas.choices import Action, OfficeAct
from ideas.management.commands.work import do_duties
from ideas.models import (
    AuditStamp,
    Campaign,
    Exchange,
    Idea,
    IdeaEvent,
    IncompatiblePair,
    Message,
    OfficeEvent,
    Photo,
    Rating,
    Resident,
    SealedRecord,
    Shortlist,
    ShortlistEntry,
    Tier,
    append_only,
)
from ideas.models.photos import photo_store
from ideas.models.record import minutes_store
from ideas.queries import stamps as queries
from ideas.queries.invariants import violations
from ideas.rules import stamps as rules
from ideas.services import stamps as services
from ideas.services import tracking
from ideas.services.campaigns import vouch_campaign
from ideas.services.office import log_act
from ideas.services.paper import enter_rating, take_away
from ideas.services.privacy import rotate_keys
from ideas.services.proposal import note_pair, propose_shortlist
from ideas.services.record import attach_minutes
from ideas.services.referrals import acknowledge
from ideas.services.stamps import note_heads, stamp
from ideas.services.workflow import move_idea
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AT = clock.RATING_UNTIL


@pytest.fixture(scope="module")
def told(people):
    factories.released_campaign(people.moderator, (people.manager, people.second))
    campaign = factories.make_campaign()
    for number in range(2):
        idea = factories.make_idea(campaign, at=clock.DURING + number * clock.BLINK)
        move_idea(idea=idea, action=Action.NOTE, at=clock.DURING, actor=people.moderator, reason="电话核实")
        factories.add_photo(idea)
        log_act(act=OfficeAct.EXPORT, at=clock.DURING + number * clock.BLINK, actor=people.manager, campaign=campaign)
    referral = factories.referred([Idea.objects.valid().first()], factories.make_unit(), people.moderator, at=AT)
    acknowledge(referral=referral, officer=factories.officer_of(referral.unit), at=AT)
    stamp(at=AT)
    return campaign.pk


@pytest.fixture
def story(told, db):
    """A released campaign, two open ideas with photos, acts of the office, all of it stamped."""
    names = [name for row in Photo.objects.all() for name in (row.file_name, row.thumb_name)]
    files = {Path(photo_store().path(name)): Path(photo_store().path(name)).read_bytes() for name in names}
    yield Campaign.objects.get(pk=told)
    for path, content in files.items():
        path.write_bytes(content)


def sql(*statements):
    append_only.lift(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(*statement) if isinstance(statement, tuple) else cursor.execute(statement)
    append_only.install(connection)


def last_two():
    return Idea.objects.order_by("-pk")[:2]


def cut_tail():
    """The last event goes; count and head are set back to what was true before it."""
    idea = last_two()[0]
    last = IdeaEvent.objects.get(idea=idea, number=idea.event_count)
    sql(
        ("DELETE FROM ideas_ideaevent WHERE id = %s", [last.pk]),
        (
            "UPDATE ideas_idea SET event_count = %s, event_head = %s WHERE id = %s",
            [idea.event_count - 1, last.previous, idea.pk],
        ),
    )


def cut_referral():
    """Its last event goes; version, state and moment are set back to what was true before it."""
    sql(
        "DELETE FROM ideas_referralevent WHERE number = 2",
        "UPDATE ideas_referral SET version = 1, state = 'sent', acknowledged_at = NULL",
    )


def remove_idea():
    """With everything that hangs on it: no other invariant is left to speak."""
    pk = last_two()[0].pk
    tables = (
        "ideaevent",
        "message",
        "resident",
        "photo",
        "draft",
        "originalterms",
        "publishedterms",
        "pendingcomparison",
    )
    sql(*[(f"DELETE FROM ideas_{table} WHERE idea_id = %s", [pk]) for table in tables])
    sql(("DELETE FROM ideas_idea WHERE id = %s", [pk]))


def remove_rating():
    """Its seat is open again, and may be rated anew."""
    pk = Rating.objects.order_by("pk").first().pk
    sql(*[(f"DELETE FROM ideas_{table} WHERE rating_id = %s", [pk]) for table in ("mark", "markdecision")])
    sql(("DELETE FROM ideas_rating WHERE id = %s", [pk]))


def swap(table, column, key="id"):
    first, second = sorted(str(row) for row in values(f"SELECT {key} FROM {table} WHERE {column} <> ''"))[:2]
    one, other = (values(f"SELECT {column} FROM {table} WHERE {key} = '{row}'")[0] for row in (first, second))
    sql(
        (f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [other, first]),
        (f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [one, second]),
    )


def values(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def copy_office_entry():
    """A genuine entry a second time, its word with it."""
    event = OfficeEvent.objects.order_by("pk").last()
    event.pk = None
    event.save(force_insert=True)


def rewrite_record():
    """Text and digest belong together again."""
    kept = SealedRecord.objects.get(edition="public")
    facts = json.loads(kept.text)
    facts["campaign"]["title"] = "别的名单"
    from ideas.rules import record

    text = record.canonical(facts).decode()
    statement = "UPDATE ideas_sealedrecord SET text = %s, digest = %s WHERE id = %s"
    sql((statement, [text, record.digest_of(facts), kept.pk]))


def slip_in():
    """A row with a number that was passed over."""
    last = IdeaEvent.objects.order_by("pk").last()
    sql(("UPDATE ideas_ideaevent SET id = id + 5 WHERE id = %s", [last.pk]))


def move_stamp():
    covers = AuditStamp.objects.get().covers
    covers["events"]["count"] += 1
    sql(("UPDATE ideas_auditstamp SET covers = %s", [json.dumps(covers)]))


def weaken(body):
    def act():
        if connection.vendor == "sqlite":
            name = "ideas_ideaevent_no_update"
            statements = [f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} BEFORE UPDATE ON ideas_ideaevent {body[0]}"]
        else:
            statements = [body[1]]
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return act


HOLLOW = (
    "CREATE OR REPLACE FUNCTION ideas_ideaevent_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NULL; END $$"
)
RAISE = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
OFF = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE ideas_ideaevent DISABLE TRIGGER ideas_ideaevent_no_update"
ONLY_ONE = (
    "CREATE OR REPLACE TRIGGER ideas_ideaevent_no_update BEFORE UPDATE OF digest ON ideas_ideaevent "
    "FOR EACH ROW EXECUTE FUNCTION ideas_ideaevent_refuse()"
)


def another_trigger():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("CREATE TRIGGER first AFTER INSERT ON ideas_ideaevent BEGIN SELECT 1; END")
        else:
            cursor.execute(
                "CREATE TRIGGER first BEFORE INSERT ON ideas_ideaevent "
                "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            )


def damage_file(name):
    path = Path(photo_store().path(name))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def damage_minutes():
    shortlist = Shortlist.objects.get()
    scan = attach_minutes(shortlist=shortlist, content=b"%PDF-1.7 scan", manager=shortlist.sealed_by, at=AT)
    path = Path(minutes_store().path(scan.file_name))
    path.write_bytes(b"%PDF-1.7 scam")


def photo():
    return Photo.objects.order_by("pk").first()


def resident():
    return Resident.objects.order_by("pk").last()


def damage(table, column, key, value):
    """One letter of what stands there."""
    old = values(f"SELECT {column} FROM {table} WHERE {key} = '{value}'")[0]
    place = len(old) - 8
    new = old[:place] + ("a" if old[place] != "a" else "b") + old[place + 1 :]
    sql((f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [new, value]))


SEALED = "whatever is sealed opens in its own row"
IDEA = "every idea is sealed with its words and its last event"
STAMPS = "what only grows is as it was stamped"
OFFICE = "the offices log is as it was written"
RATINGS = "ratings are as they were given"
RECORDS = "sealed records are as they were sealed"
PHOTOS = "photos are as they were stored"
MINUTES = "signed minutes are as they were stored"
GUARDS = "the audit trail is guarded by triggers"
HASHES = "contacts are found by their own hashes"
TAMPERING = {
    "a tail is cut off, count and head set back": (cut_tail, IDEA),
    "an idea's words are changed": (lambda: sql("UPDATE ideas_idea SET proposal = '别的建议'"), IDEA),
    "a published text is changed": (lambda: sql("UPDATE ideas_idea SET published_text = '别的'"), IDEA),
    "a whole idea is gone": (remove_idea, STAMPS),
    "the last event of a referral is cut off, its version set back": (cut_referral, STAMPS),
    "an event changes its number": (slip_in, STAMPS),
    "a stamp is changed": (move_stamp, STAMPS),
    "the stamp is gone, with rows": (
        lambda: sql("UPDATE ideas_auditstamp SET number = 2"),
        STAMPS,
    ),
    "an entry of the office's log is edited": (
        lambda: sql("UPDATE ideas_officeevent SET purpose = 'x' WHERE id = (SELECT max(id) FROM ideas_officeevent)"),
        OFFICE,
    ),
    "an entry of the office's log is gone": (
        lambda: sql("DELETE FROM ideas_officeevent WHERE id = (SELECT max(id) FROM ideas_officeevent)"),
        STAMPS,
    ),
    "an entry of the office's log is there twice": (copy_office_entry, OFFICE),
    "a record is rewritten": (rewrite_record, RECORDS),
    "a small record goes on": (
        lambda: sql("INSERT INTO ideas_recordpart (campaign_id, number, edition, place, text)"
                    " SELECT campaign_id, number, edition, 1, ' ' FROM ideas_sealedrecord"), RECORDS),
    "a mark is changed": (
        lambda: sql("UPDATE ideas_mark SET points = 1 WHERE id = (SELECT min(id) FROM ideas_mark)"),
        RATINGS,
    ),
    "a rating is removed whole": (remove_rating, STAMPS),
    "a comment of a rating is changed": (lambda: sql("UPDATE ideas_rating SET comment = '好'"), RATINGS),
    "a desk gets another panellist": (
        lambda: sql("UPDATE ideas_panellist SET user_id = (SELECT min(id) FROM ideas_user)"
                    " WHERE id = (SELECT min(id) FROM ideas_panellist)"),
        RATINGS,
    ),
    "two contacts are swapped": (lambda: swap("ideas_resident", "contact"), SEALED),
    "two messages are swapped": (lambda: swap("ideas_message", "payload"), SEALED),
    "a contact is damaged": (lambda: damage("ideas_resident", "contact", "id", resident().pk), SEALED),
    "a contact is no longer found": (lambda: damage("ideas_resident", "email_hash", "id", resident().pk), HASHES),
    "a code's hash is damaged": (lambda: damage("ideas_idea", "code_hash", "id", last_two()[0].pk), IDEA),
    "a code's hash is another idea's": (lambda: swap("ideas_idea", "code_hash"), IDEA),
    "one byte of a photo": (lambda: damage_file(photo().file_name), PHOTOS),
    "one byte of a thumbnail": (lambda: damage_file(photo().thumb_name), PHOTOS),
    "a photo is gone": (lambda: photo_store().delete(photo().file_name), PHOTOS),
    "a photo's digest is gone": (lambda: sql("UPDATE ideas_photo SET digest = ''"), PHOTOS),
    "a scan of signed minutes is damaged": (damage_minutes, MINUTES),
    "a trigger does nothing": (weaken(("BEGIN SELECT 1; END", HOLLOW)), GUARDS),
    "a trigger is switched off": (weaken((f"WHEN 0 {RAISE}", OFF)), GUARDS),
    "a trigger looks at one column": (
        weaken((f"WHEN new.reason = '' {RAISE}", ONLY_ONE)),
        GUARDS,
    ),
    "another trigger stands on the trail": (another_trigger, GUARDS),
}  # fmt: skip


def test_an_untouched_story_holds(story):
    assert list(violations()) == []


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_named(story, what):
    act, name = TAMPERING[what]
    act()
    found = list(violations())
    assert name in {invariant for invariant, _ in found}, found
    assert not any("example" in line or "12012345678" in line for _, line in found), "personal data"


OTHER_PICK = (
    "UPDATE ideas_shortlistentry SET idea_id = (SELECT id FROM ideas_idea WHERE status = 'accepted'"
    " AND campaign_id = (SELECT max(id) FROM ideas_campaign) ORDER BY id LIMIT 1)"
    " WHERE id = (SELECT max(id) FROM ideas_shortlistentry)"
)
STATUSES = (
    "UPDATE ideas_idea SET status = CASE WHEN id IN (SELECT idea_id FROM ideas_shortlistentry) THEN 'shortlisted'"
    " ELSE 'accepted' END WHERE campaign_id = (SELECT max(id) FROM ideas_campaign)"
)


@pytest.mark.parametrize(
    ("statements", "name"),
    [
        (
            ["DELETE FROM ideas_shortlistentry WHERE id = (SELECT max(id) FROM ideas_shortlistentry)"],
            "every list has exactly its places",
        ),
        ([OTHER_PICK], "the listed ideas are those with the status"),
        ([OTHER_PICK, STATUSES], "the status is what the last event says"),
    ],
    ids=["a pick is gone", "another idea is picked", "another idea is picked and the statuses are made to fit"],
)
def test_who_is_on_a_list_that_is_not_sealed_yet_follows_from_the_events(story, moderator, manager, statements, name):
    propose_shortlist(campaign=factories.rated_campaign(moderator, 6), manager=manager, at=AT)
    assert list(violations()) == []
    sql(*statements)
    assert name in {invariant for invariant, _ in violations()}


def change(table, what, where="id = (SELECT max(id) FROM {table})"):
    return lambda: sql(f"UPDATE ideas_{table} SET {what} WHERE {where.format(table=f'ideas_{table}')}")


def copy_exchange():
    """A genuine exchange a second time."""
    row = Exchange.objects.get()
    row.pk = None
    row.save(force_insert=True)


def copy_pair():
    """A pair that nobody noted."""
    row = IncompatiblePair.objects.get()
    row.pk, row.second_id = None, Idea.objects.exclude(pk__in=(row.first_id, row.second_id)).latest("pk").pk
    row.save(force_insert=True)


IN_PARTS = {
    "a part is changed": "UPDATE ideas_recordpart SET text = replace(text, '1', '2') WHERE place = 2",
    "a part is gone": "DELETE FROM ideas_recordpart WHERE place = 2",
    "the last part is gone": "DELETE FROM ideas_recordpart WHERE id = (SELECT max(id) FROM ideas_recordpart)",
    "a part is moved": "UPDATE ideas_recordpart SET place = place + 100 WHERE place = 2",
    "a part is there twice": "INSERT INTO ideas_recordpart (campaign_id, number, edition, place, text)"
    " SELECT campaign_id, number, edition, place + 1, text FROM ideas_recordpart ORDER BY id DESC LIMIT 1",
    "a part of no record": "INSERT INTO ideas_recordpart (campaign_id, number, edition, place, text)"
    " SELECT campaign_id, 9, edition, place, text FROM ideas_recordpart LIMIT 1",
}


@pytest.mark.parametrize("what", IN_PARTS)
def test_a_record_in_parts_is_looked_at_whole(story, moderator, managers, monkeypatch, what):
    monkeypatch.setattr(SealedRecord, "PART", 500)
    factories.seal(factories.rated_campaign(moderator), managers)
    assert list(violations()) == []
    sql(IN_PARTS[what])
    assert RECORDS in {name for name, _line in violations()}


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_parts_of_records_are_guarded_and_that_is_looked_at(story, verb):
    suffix = "" if connection.vendor == "sqlite" else " ON ideas_recordpart"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER ideas_recordpart_no_{verb}{suffix}")
    assert (GUARDS, f"trigger ideas_recordpart_no_{verb} is missing") in set(violations())


CAMPAIGN, LIST = "campaigns are as they were saved", "lists are as they were kept"
UNSEALED = {
    "a rank": (change("shortlistentry", "rank = 9"), LIST),
    "a score by one bit": (change("shortlistentry", "score = score + 0.0000000001"), LIST),
    "a number of reviews": (change("shortlistentry", "reviews = 9"), LIST),
    "the reason of an exchange": (change("exchange", "reason = '别的理由'"), LIST),
    "the minutes of an exchange": (change("exchange", "minutes_number = '〔2022〕9号'"), LIST),
    "who proposed an exchange": (change("exchange", "proposed_by_id = (SELECT min(id) FROM ideas_user)"), LIST),
    "an exchange that nobody made": (copy_exchange, LIST),
    "a first signature that nobody gave": (
        change("shortlist", "first_seal_by_id = proposed_by_id, first_seal_at = proposed_at"), LIST),
    "the score at the cut": (change("shortlist", "cut = 1"), LIST),
    "another list's word": (
        change("shortlist", "seal = (SELECT seal FROM ideas_shortlist ORDER BY id LIMIT 1)"),
        LIST,
    ),
    "no word at all": (change("shortlist", "seal = ''"), LIST),
    "a deadline": (change("campaign", "closes_at = '2026-12-31 00:00:00+00:00'"), CAMPAIGN),
    "the places": (change("campaign", "places = 4"), CAMPAIGN),
    "the method": (change("campaign", "score_method = 'mean'"), CAMPAIGN),
    "an announcement's words": (change("campaign", "awards = '每人一辆汽车'"), CAMPAIGN),
    "a weight": (change("criterion", "weight = 99"), CAMPAIGN),
    "a criterion's words": (change("criterion", "low = '好'"), CAMPAIGN),
    "a topic": (change("topic", "name = '别的'"), CAMPAIGN),
    "a quota that nobody set": (
        lambda: sql("INSERT INTO ideas_quota (campaign_id, topic_id, street, least, most) VALUES"
                    " ((SELECT max(id) FROM ideas_campaign), NULL, '集美街道', 0, 1)"), CAMPAIGN),
    "a tier": (change("tier", "places = 1"), CAMPAIGN),
    "a pair that nobody noted": (copy_pair, CAMPAIGN),
    "another campaign's word": (
        change("campaign", "seal = (SELECT seal FROM ideas_campaign ORDER BY id LIMIT 1)"),
        CAMPAIGN,
    ),
}  # fmt: skip


@pytest.fixture(scope="class")
def listed(told, people, django_db_blocker):
    """A list with an exchange, not sealed yet; its campaign has tiers and a pair. Gone after the last of these."""
    managers = (people.manager, people.second)
    with django_db_blocker.unblock(), transaction.atomic():
        campaign = factories.rated_campaign(people.moderator, 6)
        Tier.objects.create(campaign=campaign, name="一等奖", places=3)
        vouch_campaign(campaign=campaign)
        first, *_others, last = campaign.ideas.by_receipt()
        note_pair(campaign=campaign, one=first, other=last, reason="同一问题", manager=managers[0], at=AT)
        row = propose_shortlist(campaign=campaign, manager=managers[0], at=AT)
        out, put_in = row.entries.last().idea, campaign.ideas.filter(shortlist_entry=None).exclude(pk=last.pk).first()
        factories.exchange(row, managers, removed=out, added=put_in)
        yield
        transaction.set_rollback(True)


class TestUnsealed:
    @pytest.mark.parametrize("what", UNSEALED)
    def test_tampering_with_a_campaign_or_a_list_that_is_not_sealed_is_named(self, story, listed, what):
        assert list(violations()) == []
        act, name = UNSEALED[what]
        act()
        assert name in {invariant for invariant, _ in violations()}


def test_a_campaign_changed_by_its_own_page_holds(story, client, people):
    """A date, a weight and a new topic, with the reason that a change under way needs."""
    client.force_login(people.manager)
    campaign = factories.make_campaign()
    page = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    with clock.at(clock.ANNOUNCED - timedelta(days=1)):
        data = filled(client, page)
        assert client.post(page, {**data, "places": "5", "criteria-0-hint": "能不能办成"}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.places, campaign.criteria.first().hint, list(violations())) == (5, "能不能办成", [])


def test_the_migration_vouches_for_what_the_portal_vouches_for(story, listed):
    """Rows from before the upgrade are not taken for tampered with; a new column needs a migration like it."""
    campaign, row = Campaign.objects.latest("pk"), Shortlist.objects.latest("pk")
    Campaign.objects.update(seal="")
    Shortlist.objects.update(seal="")
    then = MigrationLoader(connection).project_state(("ideas", "0023_vouched_lists")).apps
    for name, today in (("Pick", ShortlistEntry), ("Incompatible", IncompatiblePair)):  # renamed since
        then.get_model("ideas", name)._meta.db_table = today._meta.db_table
    import_module("ideas.migrations.0023_vouched_lists").fill(then, None)
    kept = [model.objects.get(pk=one.pk).seal for model, one in ((Campaign, campaign), (Shortlist, row))]
    assert (kept, list(violations())) == ([campaign.seal, row.seal], [])


def test_honest_work_is_not_taken_for_tampering(story, moderator, managers):
    """A new code, an answer, an erasure, marks given twice, all after a stamp; and rows between two stamps."""
    campaign = factories.rated_campaign(moderator)
    assignment = campaign.panellists.first().assignments.first()
    factories.rate(assignment, 3)
    idea = factories.make_idea(factories.make_campaign())
    tracking._replace_code(idea.resident, clock.DURING)
    other = factories.make_idea(idea.campaign, at=clock.DURING + clock.BLINK)
    tracking.erase_person(idea=other, at=clock.LATER, expected_version=1)
    assignment = factories.assigned(_with_panel(moderator))[0]
    clerk, points = managers[0], dict.fromkeys(assignment.panellist.campaign.criteria.values_list("id", flat=True), 5)
    enter_rating(assignment=assignment, clerk=clerk, points=points, comment="", at=clock.RATING)
    assert stamp(at=AT + timedelta(minutes=10)).number == 2
    assert stamp(at=AT + timedelta(minutes=20)) is None
    take_away(
        assignment=assignment,
        clerk=clerk,
        at=clock.RATING,
        expected_version=Rating.objects.get(assignment=assignment).version,
    )
    assert list(violations()) == []


def test_two_workers_that_stamp_at_once_make_one_stamp(story, monkeypatch):
    factories.make_idea(story, at=clock.DURING + clock.BLINK)
    reading = services.fresh_rows

    def meanwhile(table, at):
        """The other worker comes when this one has read something that is not stamped yet."""
        spans, count, digest = reading(table, at)
        if count:
            monkeypatch.setattr(services, "fresh_rows", reading)
            assert stamp(at=AT + timedelta(minutes=10)).number == 2
        return spans, count, digest

    monkeypatch.setattr(services, "fresh_rows", meanwhile)
    assert stamp(at=AT + timedelta(minutes=10)) is None
    assert (AuditStamp.objects.count(), list(violations())) == (2, [])


def _with_panel(moderator):
    campaign = factories.make_campaign()
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign, 2)
    return campaign


def test_a_row_kept_late_by_a_slow_transaction_is_stamped_later(story):
    """PostgreSQL gives numbers before it keeps rows: an import of some minutes leaves a gap for so long."""
    last = IdeaEvent.objects.order_by("pk").last()
    idea = factories.make_idea(story, at=clock.DURING + 5 * clock.BLINK)
    event = idea.events.get()
    late = last.pk + 500
    sql(("UPDATE ideas_ideaevent SET id = %s WHERE id = %s", [late, event.pk]))
    stamp(at=AT + timedelta(minutes=10))
    factories.make_idea(story, at=clock.DURING + 6 * clock.BLINK)
    newest = IdeaEvent.objects.exclude(pk=late).order_by("pk").last()
    sql(("UPDATE ideas_ideaevent SET id = %s WHERE id = %s", [last.pk + 300, newest.pk]))
    assert list(violations()) == []
    stamp(at=AT + timedelta(minutes=20))
    assert [row["rows"] for row in queries.AuditStamp.objects.values_list("covers__events", flat=True)][-1:] == [
        str(last.pk + 300)
    ]
    assert list(violations()) == []


def test_the_worker_stamps_and_notes_the_stamp_outside(campaign):
    factories.make_idea(campaign)
    with clock.at(AT):
        assert do_duties(AT) == []
    noted = json.loads(conf.heads_file().read_text(encoding="utf-8"))
    last = AuditStamp.objects.latest("number")
    assert (noted["number"], noted["events"], noted["digest"]) == (last.number, IdeaEvent.objects.count(), last.digest)


def test_what_is_noted_outside_shows_a_chain_that_was_cut(story, tmp_path, auditor):
    auditor.email = "auditor@example.com"
    auditor.save()
    path = tmp_path / "heads.jsonl"
    assert note_heads(at=AT, path=path)
    assert not note_heads(at=AT + timedelta(days=1), path=path)
    assert Message.objects.get(template="audit_head").payload["address"] == "auditor@example.com"
    call_command("check_invariants", against=path, stdout=io.StringIO())
    sql("DELETE FROM ideas_auditstamp")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_invariants", against=path, stdout=out)
    assert "stamp 1, noted on" in out.getvalue()


def test_a_retired_key_vouches_only_for_what_is_older(story, settings):
    """Rotated, everything holds; then the old key makes something new."""
    settings.IDEAS_KEYS = ["t2:" + "B" * 43 + "=", *settings.IDEAS_KEYS]
    settings.IDEAS_KEYS_RETIRED = [f"t1:{(AT + timedelta(hours=1)).isoformat()}"]
    assert "under the retired key t1" in " ".join(line for _, line in violations())
    rotate_keys()
    assert list(violations()) == []
    settings.IDEAS_KEYS = settings.IDEAS_KEYS[::-1]
    later = AT + timedelta(hours=2)
    log_act(act=OfficeAct.EXPORT, at=later, actor=None)
    move_idea(idea=last_two()[0], action=Action.NOTE, at=later, reason="x")
    settings.IDEAS_KEYS = settings.IDEAS_KEYS[::-1]
    named = {name for name, _ in violations()}
    assert {OFFICE, "every audit chain is whole", "nothing new is under a retired key"} <= named


def test_spans_are_read_as_they_are_written():
    spans = rules.spans_of([1, 2, 3, 7, 9, 10])
    assert (rules.written(spans), rules.read(rules.written(spans))) == ("1-3,7,9-10", spans)
    assert rules.gaps(spans, 0) == [(4, 6), (8, 8)]


def test_what_is_tampered_with_is_there(story):
    assert Photo.objects.count() == 2
    assert Rating.objects.exclude(seal="").count() == Rating.objects.count() > 0
