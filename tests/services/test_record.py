"""A sealing leaves a record that anybody can recompute; whatever is changed in it is found and named."""

import copy
import hashlib
import json
import subprocess
import sys

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ideas.choices import Edition
from ideas.errors import NotPermitted, Refusal
from ideas.exports import verify_record
from ideas.exports.record import SCRIPT, record_bytes
from ideas.models import Campaign, Idea, Mark, Quota, RecordPart, SealedRecord, Shortlist, Tier, Unit, Unsealing
from ideas.models.record import minutes_store
from ideas.queries.record import public_record
from ideas.rules import members, record
from ideas.services import record as services
from ideas.services.proposal import note_pair, propose_shortlist
from ideas.services.sealing import seal_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.RATING_UNTIL


@pytest.fixture(scope="module")
def told(people):
    """Eight ideas for four places: two tiers, a quota, a pair, one exchange from outside and one between tiers."""
    managers = people.manager, people.second
    campaign = factories.rated_campaign(people.moderator, ideas=8, places=4)
    Mark.objects.filter(criterion=campaign.criteria.first()).update(points=5)
    ideas = list(campaign.ideas.by_receipt())
    Idea.objects.filter(pk=ideas[6].pk).update(topic=campaign.topics.get(slug="night"))
    Quota.objects.create(campaign=campaign, topic=campaign.topics.get(slug="night"), least=1)
    Quota.objects.create(campaign=campaign, street="集美街道", most=4)
    for position, (name, places) in enumerate((("一等奖", 1), ("二等奖", 3))):
        Tier.objects.create(campaign=campaign, name=name, places=places, position=position)
    note_pair(campaign=campaign, one=ideas[0], other=ideas[1], reason="同一路口", manager=managers[0], at=AT)
    panellist = campaign.panellists.first().user
    panellist.unit = Unit.objects.create(name="交警中队")
    panellist.save()
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=AT)
    factories.exchange(shortlist, managers, ideas[2], ideas[4], reason="与在办项目重复")
    factories.exchange(shortlist, managers, ideas[0], ideas[3], reason="受益面更广")
    return shortlist.pk


@pytest.fixture
def row(told, db):
    return Shortlist.objects.get(pk=told)


def seal(row, managers):
    for manager in managers:
        version = Shortlist.objects.get(pk=row.pk).version
        row = seal_shortlist(shortlist=row, manager=manager, at=AT, expected_version=version)
    return row


@pytest.fixture
def files(row, managers):
    """The two editions as files."""
    seal(row, managers)
    return {kept.edition: json.loads(record_bytes(kept)) for kept in SealedRecord.objects.all()}


@pytest.fixture(scope="module")
def sealed_once(told, people, django_db_blocker):
    """The two editions of a sealing that is taken back: a file needs no row."""
    with django_db_blocker.unblock(), transaction.atomic():
        seal(Shortlist.objects.get(pk=told), (people.manager, people.second))
        files = {kept.edition: record_bytes(kept) for kept in SealedRecord.objects.all()}
        transaction.set_rollback(True)
    return {edition: json.loads(file) for edition, file in files.items()}


@pytest.fixture
def archive(sealed_once):
    return copy.deepcopy(sealed_once[Edition.ARCHIVE])


def fresh(row):
    return Shortlist.objects.get(pk=row.pk)


def unseal(row, manager, reason=""):
    return services.unseal_shortlist(
        shortlist=row, manager=manager, at=AT, expected_version=fresh(row).version, reason=reason
    )


def rehash(file):
    """As a careful forger would leave it: the digest fits again."""
    file["digest"] = hashlib.sha256(verify_record.canonical(file["record"])).hexdigest()
    return file


def verdict(file):
    """What the self-contained program says: "holds" or the first difference."""
    try:
        verify_record.check(file)
    except verify_record.Difference as difference:
        return str(difference)
    return "holds"


def test_both_editions_hold_for_both_programs(files):
    assert [verdict(file) for file in files.values()] == ["holds", "holds"]
    assert [record.first_difference(file) for file in files.values()] == [None, None]


def test_the_list_of_the_record_is_what_proposal_exchanges_and_tiers_make(archive):
    facts, ideas = archive["record"], archive["record"]["ideas"]
    assert facts["proposal"]["list"] == [ideas[0], ideas[2], ideas[3], ideas[6]]
    assert [(one["idea"], one["tier"]) for one in facts["list"]] == [
        (ideas[3], "一等奖"),
        (ideas[0], "二等奖"),
        (ideas[4], "二等奖"),
        (ideas[6], "二等奖"),
    ]


def test_the_archive_says_who_and_the_public_edition_does_not(files, managers):
    archive, public = (json.dumps(files[name], ensure_ascii=False) for name in ("archive", "public"))
    private = [
        managers[0].name,
        "交警中队",
        files["archive"]["record"]["panel"][0]["name"],
        '"reviewer-1"',
        '"staff-1"',
    ]
    assert [word in archive for word in private] == [True] * 5
    assert [word in public for word in private] == [False] * 5


def test_the_public_edition_has_no_seed_and_fresh_pseudonyms_each_time(row, managers, files):
    first = files["public"]["record"]
    unseal(row, managers[0], "笔误")
    unseal(row, managers[1])
    seal(row, managers)
    second = json.loads(SealedRecord.objects.get(number=2, edition=Edition.PUBLIC).text)
    assert set(first["assignments"]) == {"pairs"}
    assert {one["key"] for one in first["panel"]}.isdisjoint(one["key"] for one in second["panel"])


def test_a_restricted_idea_has_a_pseudonym_in_the_public_edition(row, managers):
    """It was restricted after the list had been proposed."""
    hidden = row.campaign.ideas.filter(shortlist_entry=None).by_receipt()[1]
    Idea.objects.filter(pk=hidden.pk).update(restricted=True)
    seal(row, managers)
    texts = {kept.edition: kept.text for kept in SealedRecord.objects.all()}
    assert (hidden.receipt in texts["archive"], hidden.receipt in texts["public"]) == (True, False)


@pytest.fixture
def in_parts(row, managers, monkeypatch):
    """The two editions of a sealing whose record does not fit into one value."""
    monkeypatch.setattr(SealedRecord, "PART", 500)
    seal(row, managers)
    return {kept.edition: kept for kept in SealedRecord.objects.all()}


@pytest.mark.parametrize("edition", Edition)
def test_a_large_record_is_kept_in_parts_of_its_canonical_form(in_parts, edition):
    kept = in_parts[edition]
    parts = list(kept.parts())
    text = record.canonical(json.loads("".join(parts)))
    assert "".join(parts).encode() == text
    assert hashlib.sha256(text).hexdigest() == kept.digest
    assert (parts[0], len(parts) > 5) == (kept.text, True)
    assert {500 <= len(part) < 1000 for part in parts[:-1]} == {True}


@pytest.mark.parametrize("edition", Edition)
def test_a_large_record_says_what_a_small_one_says(row, managers, in_parts, edition, monkeypatch):
    """But for who has which pseudonym, and for the opening between them."""
    unseal(row, managers[0], "笔误")
    unseal(row, managers[1])
    monkeypatch.setattr(SealedRecord, "PART", 10**6)
    seal(row, managers)
    small = SealedRecord.objects.get(number=2, edition=edition)
    large, whole = (json.loads("".join(kept.parts())) for kept in (in_parts[edition], small))
    assert (small.is_small, in_parts[edition].is_small) == (True, False)
    assert large.keys() == whole.keys()
    same = ("campaign", "places", "ideas", "groups", "scores", "tiers", "quotas", "list")
    assert [large[name] for name in same] == [whole[name] for name in same]
    if edition == Edition.ARCHIVE:
        assert (large["reviews"], large["assignments"]) == (whole["reviews"], whole["assignments"])


@pytest.mark.parametrize("edition", Edition)
def test_a_large_record_as_a_file_holds_for_both_programs(in_parts, edition, tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(b"".join(in_parts[edition].file()))
    assert record.first_difference(members.read(in_parts[edition].file)) is None
    assert verdict(verify_record.read(path)) == "holds"


def test_the_parts_of_a_record_cannot_be_changed_or_deleted(in_parts):
    for act in (lambda: RecordPart.objects.update(text="x"), lambda: RecordPart.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_of_a_list_that_does_not_get_sealed_no_part_stays(row, managers, monkeypatch):
    monkeypatch.setattr(SealedRecord, "PART", 500)
    Shortlist.objects.update(tied=row.candidates[:1])  # only recomputing finds that
    with pytest.raises(Refusal, match="tied"):
        seal(row, managers)
    assert (RecordPart.objects.count(), SealedRecord.objects.count()) == (0, 0)


def _swap(rows):
    rows[0], rows[1] = rows[1], rows[0]


def _change(rows, **fields):
    rows[0].update(fields)


def _recusal(facts):
    return {"idea": facts["ideas"][0], "reviewer": "nobody", "reason": "亲属", "at": facts["seals"][0]["at"]}


def _opening(facts):
    seal = facts["seals"][0]
    one = {"asked_by": seal["by"], "asked_at": seal["at"], "consented_by": seal["by"], "consented_at": seal["at"]}
    return {"number": 1, "reason": "误封", **one}


# what is changed in the record -> a word of what both programs say
FORGERIES = {
    "a mark": (lambda f: f["reviews"][0]["marks"].update({"criterion-1": 1}), "the marks give a mean"),
    "a lost review": (lambda f: f["reviews"].pop(), "reviews"),
    "a review twice": (lambda f: f["reviews"].append(f["reviews"][0]), "reviews"),
    "a mark out of range": (lambda f: f["reviews"][0]["marks"].update({"criterion-1": 11}), "is not a mark"),
    "a review nobody was asked for": (lambda f: f["assignments"]["pairs"].pop(0), "review of"),
    "a weight": (lambda f: f["rubric"][0].update(weight=90), None),
    "a score": (lambda f: _change(f["scores"], score="9.900000000"), "the marks give a score"),
    "a mean": (lambda f: _change(f["scores"], mean="9.900000000"), "the marks give a mean"),
    "two places of the standing": (lambda f: _swap(f["scores"]), "standing|stands before"),
    "the method": (lambda f: f["method"].update(name="dice"), "the method"),
    "a quota": (lambda f: _change(f["quotas"], least=0), "proposal"),
    "a street's quota": (lambda f: f["quotas"][1].update(most=2), "proposal"),
    "a lost pair": (lambda f: f["incompatible"].clear(), "proposal"),
    "the proposal": (lambda f: _swap(f["proposal"]["list"]), "proposal"),
    "the cut": (lambda f: f["proposal"].update(cut="1.000000000"), "cut"),
    "a removed exchange": (lambda f: f["exchanges"].pop(0), "belongs to|its tier"),
    "an invented exchange": (lambda f: f["exchanges"].append(f["exchanges"][0]), "exchange 3"),
    "two exchanged exchanges": (lambda f: f["exchanges"][0].update(put_in=f["exchanges"][0]["out"]), "exchange 1"),
    "an exchange by one": (lambda f: f["exchanges"][0].update(consented_by="staff-1"), "one person"),
    "an exchange without a reason": (lambda f: f["exchanges"][0].update(reason=" "), "reason"),
    "two ranks": (lambda f: _swap(f["list"]), "rank 1"),
    "an idea of the list": (lambda f: f["list"][0].update(idea=f["scores"][-1]["idea"]), "rank 1"),
    "a tier": (lambda f: f["list"][0].update(tier="二等奖"), "tier|rank 1"),
    "the places": (lambda f: f.update(places=5), "places"),
    "one sealer": (lambda f: f["seals"][1].update(by=f["seals"][0]["by"]), "two people"),
    "a quota's count": (lambda f: _change(f["quotas"], listed=4), "quota"),
    "a lost topic": (lambda f: f["groups"].pop(f["ideas"][0]), "topic and street"),
    "a recusal from nothing": (lambda f: f["recusals"].append(_recusal(f)), "was not assigned to"),
    "a lost score": (lambda f: f["scores"].pop(), "with a score|scores"),
    "a proposal too short": (lambda f: f["proposal"]["list"].pop(), "as many ideas as there are places"),
    "a list too short": (lambda f: f["list"].pop(), "3 ideas for 4 places"),
    "an opening by one": (lambda f: f.update(number=2, unsealings=[_opening(f)]), "opened by one person"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FORGERIES)
def test_a_changed_fact_is_found_and_named_by_both_programs(archive, what):
    act, words = FORGERIES[what]
    forged = copy.deepcopy(archive)
    act(forged["record"])
    own, alone = record.first_difference(rehash(forged)), verdict(forged)
    assert own is not None
    assert alone != "holds"
    assert words is None or all(any(word in said for word in words.split("|")) for said in (own, alone)), (own, alone)


# what is changed in the public edition alone -> a word of what both programs say
PUBLIC_FORGERIES = {
    "a mark": FORGERIES["a mark"],
    "one name for two reviewers": (lambda f: f["panel"][1].update(key=f["panel"][0]["key"]), "panel"),
    "a signer whom nobody knows": (lambda f: f["staff"].pop(), "staff"),
    "the words of a review": (lambda f: f["reviews"][0].update(comment="太贵"), "comment"),
}


@pytest.mark.parametrize("what", PUBLIC_FORGERIES)
def test_a_public_edition_that_alone_does_not_hold_is_noticed_by_both_programs(sealed_once, what):
    act, words = PUBLIC_FORGERIES[what]
    forged = copy.deepcopy(sealed_once[Edition.PUBLIC])
    act(forged["record"])
    said = record.first_difference(rehash(forged)) or "holds", verdict(forged)
    assert [words in each for each in said] == [True, True], said
    assert verdict(sealed_once[Edition.ARCHIVE]) == "holds"


def test_a_list_whose_public_edition_alone_does_not_hold_is_not_sealed(row, managers, monkeypatch):
    monkeypatch.setattr(services.secrets, "token_hex", lambda _bytes: "0000000a")  # by chance all get one name
    with pytest.raises(Refusal, match="panel"):
        seal(row, managers)
    assert (SealedRecord.objects.count(), fresh(row).is_sealed) == (0, False)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["edition", "number", "campaign", "staff", "unsealings", "recusals"])
def test_whatever_else_is_changed_does_not_fit_the_digest(archive, part):
    archive["record"][part] = "something else"
    assert "digest" in verdict(archive)
    assert "digest" in record.first_difference(archive)


def test_a_changed_digest_is_found(archive):
    archive["digest"] = "0" * 64
    assert "digest" in verdict(archive)


def test_the_program_runs_alone(archive, tmp_path):
    """Plain Python, isolated from everything that is installed."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(archive), encoding="utf-8")

    def run():
        return subprocess.run([sys.executable, "-I", "-S", SCRIPT, path], capture_output=True, text=True, check=False)

    good = run()
    archive["record"]["list"].pop()
    path.write_text(json.dumps(archive), encoding="utf-8")
    bad = run()
    assert (good.returncode, good.stdout[:5], bad.returncode, bad.stdout[:14]) == (0, "holds", 1, "does not hold:")


def test_something_else_is_no_record(tmp_path, capsys):
    path = tmp_path / "record.json"
    path.write_text("[]", encoding="utf-8")
    assert (verify_record.main(path), "no whole record" in capsys.readouterr().out) == (2, True)


def test_a_record_cannot_be_changed_or_deleted(row, managers):
    seal(row, managers)
    for act in (lambda: SealedRecord.objects.update(digest="x"), lambda: SealedRecord.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_rules_that_changed_after_the_proposal_do_not_get_sealed(row, managers):
    row.campaign.quotas.all().delete()
    with pytest.raises(Refusal):
        seal(row, managers)
    assert (SealedRecord.objects.count(), fresh(row).is_sealed) == (0, False)


def test_a_seal_is_taken_off_by_two_with_a_reason_and_the_record_stays(row, managers):
    sealed = seal(row, managers)
    with pytest.raises(Refusal):
        unseal(sealed, managers[0])
    unseal(sealed, managers[0], "名单有笔误")
    with pytest.raises(NotPermitted):
        unseal(sealed, managers[0])
    assert fresh(row).is_sealed
    unseal(sealed, managers[1])
    assert (fresh(row).is_sealed, SealedRecord.objects.count()) == (False, 2)


def test_the_next_sealing_makes_a_second_record_that_names_the_opening(row, managers):
    seal(row, managers)
    unseal(row, managers[0], "名单有笔误")
    unseal(row, managers[1])
    seal(row, managers)
    facts = json.loads(SealedRecord.objects.get(number=2, edition=Edition.ARCHIVE).text)
    assert [(one["number"], one["reason"]) for one in facts["unsealings"]] == [(1, "名单有笔误")]


def test_the_database_itself_refuses_an_opening_by_one(row, managers):
    seal(row, managers)
    unseal(row, managers[0], "名单有笔误")
    with pytest.raises(IntegrityError), transaction.atomic():
        Unsealing.objects.update(consented_by=managers[0])


@pytest.mark.slow
def test_after_the_release_the_seal_stays(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    with pytest.raises(Refusal):
        unseal(campaign.shortlist, managers[0], "晚了")


@pytest.mark.slow
def test_a_record_is_public_when_released_and_switched_on(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    assert public_record(campaign) is None
    campaign.publish_record = True
    assert public_record(campaign).edition == Edition.PUBLIC
    assert public_record(Campaign(pk=campaign.pk, publish_record=True)) is None


PDF = b"%PDF-1.7 scan"


def attach(row, manager, content=PDF):
    return services.attach_minutes(shortlist=row, content=content, manager=manager, at=AT)


def test_a_scan_of_the_signed_minutes_is_kept(row, managers):
    scan = attach(seal(row, managers), managers[0])
    with minutes_store().open(scan.file_name) as file:
        assert (file.read(), scan.kind, scan.number) == (PDF, "pdf", 1)


@pytest.mark.parametrize("content", [b"<html>%PDF-", b"", b"GIF89a", b"%PDF-" + bytes(record.MOST_SCAN_BYTES)])
def test_what_is_no_scan_is_refused(row, managers, content):
    with pytest.raises(Refusal):
        attach(seal(row, managers), managers[0], content)


def test_minutes_are_attached_to_a_sealed_list_only(row, managers):
    with pytest.raises(Refusal):
        attach(row, managers[0])
