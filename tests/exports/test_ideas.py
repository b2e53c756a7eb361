import gc
import io
import sqlite3
from weakref import WeakSet

import pytest
from django.db import connection
from django.db.models.signals import post_init
from openpyxl import load_workbook

from ideas.choices import OfficeAct
from ideas.errors import NotPermitted, Refusal
from ideas.exports.ideas import export_rows, harmless
from ideas.models import Idea, OfficeEvent
from tests import clock, factories

pytestmark = pytest.mark.django_db


def file_of(user, **more):
    return b"".join(export_rows(Idea.objects.all(), user=user, at=clock.DURING, **more).streaming_content)


UNSEEN = [
    "\u200b",
    "\u200d",
    "\u00a0",
    "\ufeff",
    "\u00ad",
    "\u2060",
    "\u202e",
    "\u3164",
    "\u2800",
    "\ufe0f",
    "\u034f",
    "\u3000",
]
FORMULAS = ["=1+1", "+1", "-1", "@a", "\t=1", "\ra", " =1", "　＝1", "＋1", "＠a", "－1", "﹦1", "⁺1", "−1"]


@pytest.mark.parametrize("text", [*FORMULAS, *(f"{unseen}=1+1" for unseen in UNSEEN), "\u200b\u00a0\ufeff＝1"])
def test_formulas_are_disarmed(text):
    assert harmless(text) == f"'{text}"


def test_plain_words_stay_as_they_are():
    """The honest cases: signs inside, a number sign before a house, a title of an unseen mark and words."""
    for text in ("路灯 = 安全", "#3 楼路灯", "#REFUSE", "1-1", "a@b", "\u200b路灯", "", "\u200b", "《=》"):
        assert harmless(text) == text


def test_a_csv_begins_with_a_mark_and_names_the_idea(campaign, moderator):
    idea = factories.make_idea(campaign)
    text = file_of(moderator, form="csv").decode()
    assert text.startswith("\ufeff")
    assert text.splitlines()[1].startswith(idea.receipt)


def test_an_xlsx_holds_texts_and_no_formulas(campaign, moderator):
    factories.make_idea(campaign, title="=HYPERLINK(1)")
    sheet = load_workbook(io.BytesIO(file_of(moderator))).active
    assert [cell.value for cell in sheet[2] if "HYPER" in str(cell.value)] == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("title", ["#REF!", "#N/A", " #div/0!", "\u200b#NAME?", "＃ＲＥＦ！"])
def test_a_csv_holds_no_error_value(campaign, moderator, title):
    factories.make_idea(campaign, title=title)
    assert f",'{title}," in file_of(moderator, form="csv").decode()


@pytest.mark.parametrize("title", ["#REF!", "#N/A", "#DIV/0!", "=1+1", "\u200b=1+1", "123", "2026-01-01", "TRUE"])
def test_a_title_stays_a_text_cell(campaign, moderator, title):
    """A title that reads like an error value was one in the file, and #REF! lost the words for good."""
    factories.make_idea(campaign, title=title)
    sheet = load_workbook(io.BytesIO(file_of(moderator))).active
    assert {(cell.data_type, title in str(cell.value)) for cell in sheet[2] if cell.column == 7} == {("s", True)}


def test_restricted_ideas_are_in_no_file(campaign, moderator):
    idea = factories.make_idea(campaign)
    Idea.objects.filter(pk=idea.pk).update(restricted=True)
    assert idea.receipt not in file_of(moderator, form="csv").decode()


def test_contacts_are_for_those_who_may_export_them(campaign, moderator, manager):
    factories.make_idea(campaign, phone="+8612012345678")
    with pytest.raises(NotPermitted):
        file_of(moderator, form="csv", contacts=True, purpose="award")
    assert "12012345678" in file_of(manager, form="csv", contacts=True, purpose="award").decode()
    assert "12012345678" not in file_of(manager, form="csv").decode()


@pytest.mark.parametrize("given", [{}, {"purpose": ""}, {"purpose": "fun"}, {"purpose": "other", "words": "\u200b"}])
def test_no_contacts_leave_without_a_purpose(campaign, manager, given):
    factories.make_idea(campaign)
    with pytest.raises(Refusal):
        file_of(manager, form="csv", contacts=True, **given)
    assert not OfficeEvent.objects.exists()


def test_an_auditor_exports_nothing(campaign, auditor):
    with pytest.raises(NotPermitted):
        file_of(auditor)


def test_the_log_is_written_before_the_first_byte(campaign, moderator):
    factories.make_idea(campaign)
    export_rows(Idea.objects.all(), user=moderator, at=clock.DURING, form="csv", filters="status=all")
    line = OfficeEvent.objects.get(act=OfficeAct.EXPORT)
    assert line.detail == {"rows": 1, "contacts": False, "form": "csv", "filters": "status=all"}


def test_many_rows_cost_as_many_queries_as_few(campaign, moderator, django_assert_num_queries):
    factories.make_idea(campaign)
    for _ in range(4):
        factories.make_idea(campaign)
    moderator = type(moderator).objects.get(pk=moderator.pk)
    moderator.has_perm("ideas.export_idea")
    with django_assert_num_queries(3):  # which rows, the one reading of them, log
        file_of(moderator, form="csv")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rows_are_read_a_few_at_a_time(campaign, moderator, monkeypatch, form):
    """A hundred thousand rows must not stand in memory together: a chunk is gone before the next one comes."""
    for _ in range(6):
        factories.make_idea(campaign)
    monkeypatch.setattr("ideas.exports.ideas.CHUNK", 2)
    living, most = WeakSet(), []

    def made(instance, **rest):
        gc.collect()  # idea and resident hold each other
        living.add(instance)
        most.append(len(living))

    post_init.connect(made, sender=Idea)
    try:
        file_of(moderator, form=form)
    finally:
        post_init.disconnect(made, sender=Idea)
    assert len(most) == 6
    assert max(most) <= 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the write-ahead log of SQLite")
def test_a_download_that_is_fetched_slowly_holds_no_reading(campaign, moderator, monkeypatch):
    """As long as somebody reads, the write-ahead log only grows."""
    monkeypatch.setattr("ideas.exports.ideas.CHUNK", 1)
    for _ in range(3):
        factories.make_idea(campaign)
    answer = export_rows(Idea.objects.all(), user=moderator, at=clock.DURING, form="csv")
    fetched = iter(answer.streaming_content)
    assert next(fetched)
    other = sqlite3.connect(connection.settings_dict["NAME"])
    other.execute("UPDATE ideas_idea SET place = 'elsewhere'")
    other.commit()
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0  # 1: somebody reads
    other.close()
    answer.close()
