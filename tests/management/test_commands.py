import io
from uuid import UUID

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from ideas.choices import MessageState, Role
from ideas.exports.record import record_bytes
from ideas.management.commands import work
from ideas.models import Assignment, Draft, Idea, Message, OriginalTerms, SealedRecord, Shortlist
from ideas.queries.invariants import INVARIANTS
from ideas.services import drafts
from ideas.services.roles import PERMISSIONS, sync_roles
from portal.env import on_or_off
from tests import clock, factories

pytestmark = pytest.mark.django_db


def test_assign_panel_and_propose_shortlist(campaign, moderator, capsys):
    ideas = factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign)
    call_command("assign_panel", campaign.slug, per_idea=3, seed=2)
    assert Assignment.objects.count() == 12
    for assignment in Assignment.objects.all():
        factories.rate(assignment, 9 - ideas.index(assignment.idea))
    call_command("propose_shortlist", campaign.slug)
    printed = capsys.readouterr().out
    assert all(idea.receipt in printed for idea in ideas[:3])
    assert Shortlist.objects.get().entries.count() == 3


@pytest.mark.parametrize("command", ["assign_panel", "propose_shortlist"])
def test_an_unknown_campaign_is_named(command):
    with pytest.raises(CommandError, match="nowhere"):
        call_command(command, "nowhere")


@pytest.mark.parametrize("command", ["assign_panel", "propose_shortlist"])
def test_a_refusal_becomes_the_commands_answer(command, campaign):
    with pytest.raises(CommandError):
        call_command(command, campaign.slug)


def test_the_worker_sends_what_waits(campaign):
    factories.make_idea(campaign)
    with clock.at(clock.DURING):
        call_command("work", once=True)
    assert (Message.objects.get().state, len(mail.outbox)) == (MessageState.SENT, 1)


def test_the_workers_duties(campaign):
    factories.make_draft(campaign, key=UUID("6f2c1d1e-0000-4000-8000-000000000002"))
    factories.make_idea(campaign)
    work.do_duties(clock.DURING + drafts.DRAFT_LIFE)
    campaign.refresh_from_db()
    assert (Draft.objects.count(), campaign.figures["received"]) == (0, 1)


def test_check_invariants_says_what_is_wrong(campaign, capsys):
    idea = factories.make_idea(campaign)
    call_command("check_invariants")
    assert f"{len(INVARIANTS)} invariants hold." in capsys.readouterr().out
    Idea.objects.filter(pk=idea.pk).update(status="accepted")
    with pytest.raises(CommandError, match="1 violations"):
        call_command("check_invariants")
    assert idea.receipt in capsys.readouterr().out


def test_reindex_says_how_many_and_writes_what_was_lost(campaign, capsys):
    idea = factories.make_idea(campaign)
    OriginalTerms.objects.all().delete()
    call_command("reindex")
    assert capsys.readouterr().out == "1 ideas indexed.\n"
    assert OriginalTerms.objects.get().idea == idea


def test_sync_roles_gives_exactly_the_permissions_of_the_table():
    user = factories.make_user(Role.MODERATOR)
    group = user.groups.get()
    group.permissions.clear()
    call_command("sync_roles")
    codenames = set(group.permissions.values_list("codename", flat=True))
    assert codenames == set(PERMISSIONS[Role.MODERATOR])


def test_a_misspelt_permission_is_named(monkeypatch):
    monkeypatch.setitem(PERMISSIONS, Role.CLERK, ("view_nonsense",))
    with pytest.raises(LookupError, match="view_nonsense"):
        sync_roles()


def test_rotate_keys_counts_what_it_did(campaign, settings, capsys):
    factories.make_idea(campaign)
    settings.IDEAS_KEYS = ["t2:" + "B" * 43 + "=", *settings.IDEAS_KEYS]
    call_command("rotate_keys")
    assert "residents: 1 rows sealed anew." in capsys.readouterr().out


def test_a_record_is_verified_by_its_file(moderator, managers, tmp_path, capsys):
    factories.released_campaign(moderator, managers)
    path = tmp_path / "record.json"
    path.write_bytes(record_bytes(SealedRecord.objects.get(edition="archive")))
    call_command("verify_record", path)
    said = capsys.readouterr().out
    assert "Holds: record 1, archive edition.\nKept here as" in said
    assert f"Compare with the signed minutes: {SealedRecord.objects.get(edition='archive').digest}" in said


@pytest.mark.parametrize("content", ["[]", '{"record": {"format": "other"}}', "no json"])
def test_what_is_no_record_is_refused(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("verify_record", path)


def test_an_import_names_the_rows_alike_before_it_saves(campaign, tmp_path):
    idea = factories.make_idea(campaign, title="集美大道增设路灯", problem="集美大道晚上很黑，看不清台阶。")
    table, out = tmp_path / "rows.csv", io.StringIO()
    table.write_text("标题,类别,问题,收到日期\n集美大道多设路灯,道路,集美大道到了晚上很黑，台阶看不清。,2026-03-18\n")
    with clock.at(clock.DURING):
        call_command("import_ideas", table, campaign=campaign.slug, dry_run=True, quiet=True, stdout=out)
    *_notes, alike, last = out.getvalue().splitlines()
    assert alike.startswith("line 2: ")
    assert alike.endswith(f"% alike: {idea.receipt} {idea.title}")
    assert (last, Idea.objects.count()) == ("1 rows are good; nothing was imported.", 1)


def take_in(campaign, path, **options):
    out, given = io.StringIO(), {"campaign": campaign.slug, "quiet": True, **options}
    call_command("import_ideas", path, stdout=out, **given)
    return out.getvalue()


@pytest.fixture
def table(tmp_path):
    """A file with a head that is not known, rows without a date, and a column that means nothing."""
    path = tmp_path / "table.csv"
    path.write_text("标题,类别,问题,手机,备注\n路灯,道路,黑,13800138000,x\n", encoding="utf-8")
    return path


def test_the_command_says_what_the_page_says(campaign, table):
    with clock.at(clock.DURING):
        with pytest.raises(CommandError, match="faults"):
            take_in(campaign, table)
        day = clock.DURING.date()
        with pytest.raises(CommandError, match="手机=电话"):
            take_in(campaign, table, day=day)
        said = take_in(campaign, table, day=day, column=["手机=电话"])
    assert all(words in said for words in ("备注", str(day), "1 ideas imported."))


def test_the_command_takes_in_a_file_once(campaign, table):
    given = {"day": clock.DURING.date(), "column": ["手机="]}
    with clock.at(clock.DURING):
        take_in(campaign, table, **given)
        with pytest.raises(CommandError, match="twice"):
            take_in(campaign, table, **given)
        assert Idea.objects.count() == 1
        take_in(campaign, table, again=True, **given)
    assert Idea.objects.count() == 2


def test_unlocking_says_what_it_did_and_knows_its_people(moderator, capsys):
    call_command("unlock_login", moderator.username.upper())
    assert "may try to log in again" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("unlock_login", "nobody")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IDEAS_SMS_GATEWAY", "nope.X"), ("IDEAS_EMAIL_GATEWAY", "nope.Y"), ("IDEAS_PHOTOS", -3),
        ("IDEAS_KEYS_RETIRED", ["k1:2026-13-01"]), ("IDEAS_AREA_CODE", "abc"),
        ("TRUSTED_PROXY", ["nginx"]), ("TRUSTED_PROXY", ["10.0.0.1/8"]),
    ],
)  # fmt: skip
def test_the_check_names_a_setting_that_cannot_be(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(CommandError, match=name):
        call_command("check")


@pytest.mark.parametrize(("typed", "read"), [("on", True), ("Off", False), ("0", False), ("yes", True), (" ", True)])
def test_a_switch_is_on_or_off(monkeypatch, typed, read):
    monkeypatch.setenv("HTTPS", typed)
    assert on_or_off("HTTPS", default=True) is read


def test_a_switch_that_might_mean_either_is_refused(monkeypatch):
    monkeypatch.setenv("HTTPS", "maybe")
    with pytest.raises(ImproperlyConfigured, match="HTTPS=maybe"):
        on_or_off("HTTPS", default=False)


def test_the_check_finds_nothing_in_sound_settings(settings):
    call_command("check")
