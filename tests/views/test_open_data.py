"""Open data: nothing unless the campaign says so, stable names, files that programs read and nobody's name in them."""

import csv
import io
import json

import pytest
from django.core.cache import cache
from django.urls import reverse
from frictionless import Package, system
from openpyxl import load_workbook

from ideas.exports.open_data import FORMS, TABLES
from ideas.models import Campaign, Idea, OpenData, Resident
from tests import clock, factories

pytestmark = pytest.mark.django_db
NAMES = {
    "ideas": "receipt status title text topic topic_en street community community_code received_on address",
    "winners": "rank receipt title text topic topic_en street community community_code received_on address",
    "statistics": "table key name name_en count working_days",
    "record": "idea reviewer criterion points",
}


@pytest.fixture
def released(moderator, managers):
    """With its record, five ideas of five people and three winners."""
    cache.clear()
    campaign = factories.released_campaign(moderator, managers, 6)
    factories.change_campaign(campaign, publish_record=True, show_ideas=True)
    for number, row in enumerate(Resident.objects.order_by("pk")):
        Resident.objects.filter(pk=row.pk).update(phone_hash=f"person-{number}")
    OpenData.objects.create(campaign=campaign, is_on=True)
    return campaign


def get(client, name, *args, at=clock.LATER, **more):
    with clock.at(at):
        return client.get(reverse(name, args=args), **more)


def body(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def table(client, campaign, name, form="json"):
    content = body(get(client, "data-file", campaign.slug, name, form))
    if form == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if form == "xlsx":
        head, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]
    return json.loads(content)


@pytest.mark.parametrize("is_on", [None, False])
def test_it_is_off_unless_the_campaign_says_so(client, campaign, is_on):
    if is_on is not None:
        OpenData.objects.create(campaign=campaign, is_on=is_on)
    asked = [("data",), ("data-package",), *(("data-file", name, form) for name in TABLES for form in FORMS)]
    assert {get(client, name, campaign.slug, *more, at=clock.DURING).status_code for name, *more in asked} == {404}
    assert b"/data/" not in body(get(client, "campaign", campaign.slug, at=clock.DURING))


def test_before_the_announcement_there_is_none(client, campaign):
    OpenData.objects.create(campaign=campaign, is_on=True)
    moments = (clock.ANNOUNCED - clock.BLINK, clock.ANNOUNCED)
    assert [get(client, "data", campaign.slug, at=at).status_code for at in moments] == [404, 200]


def test_the_campaign_leads_to_it_and_the_page_to_each_file(client, released):
    page = reverse("data", args=[released.slug])
    assert page in body(get(client, "campaign", released.slug)).decode()
    text = body(get(client, "data", released.slug)).decode()
    files = [reverse("data-file", args=[released.slug, name, form]) for name in TABLES for form in FORMS]
    assert [file for file in (*files, reverse("data-package", args=[released.slug])) if file not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_column_is_private_until_it_is_named(client, released, name):
    """Whoever adds one says so here, too; whoever renames one breaks what others have built."""
    for form in FORMS:
        if (name, form) != ("record", "json"):
            rows = table(client, released, name, form)
            assert (list(rows[0]), len(rows) > 2) == (NAMES[name].split(), True)


def test_all_three_kinds_of_file_say_the_same(client, released):
    for name in ("ideas", "winners", "statistics"):
        as_json, as_csv, as_xlsx = (table(client, released, name, form) for form in ("json", "csv", "xlsx"))
        plain = [{key: "" if value is None else str(value) for key, value in row.items()} for row in as_json]
        assert plain == as_csv
        assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in as_xlsx] == as_csv


def test_winners_are_there_with_the_release(client, moderator, managers):
    campaign = factories.rated_campaign(moderator)
    OpenData.objects.create(campaign=campaign, is_on=True)
    for idea in campaign.ideas.all():
        factories.publish(idea, moderator)
    shortlist = factories.seal(campaign, managers)
    assert (table(client, campaign, "winners"), table(client, campaign, "ideas")) == ([], [])
    assert get(client, "data-file", campaign.slug, "record", "csv").status_code == 404
    factories.release_list(shortlist, managers)
    winners = table(client, campaign, "winners")
    assert [row["rank"] for row in winners] == [1, 2, 3]
    assert table(client, campaign, "ideas")[0]["address"].endswith(f"/winners/{winners[0]['receipt']}/")


def test_a_name_that_may_be_published_stands_on_the_page_and_in_no_file(client, released):
    """Consent was given to the page of winners."""
    for row in Resident.objects.all():
        row.naming, row.contact = "real", {**row.contact, "name": "林大满"}
        row.save()
    assert "林大满" in body(get(client, "winners", released.slug)).decode()
    files = [body(get(client, "data-file", released.slug, name, "json")).decode() for name in TABLES]
    assert not any("林大满" in text for text in files)


def test_the_record_is_the_published_one(client, released):
    record = body(get(client, "record-file", released.slug))
    assert body(get(client, "data-file", released.slug, "record", "json")) == record
    marks = [mark for review in json.loads(record)["record"]["reviews"] for mark in review["marks"].values()]
    assert sorted(row["points"] for row in table(client, released, "record", "csv")) == sorted(map(str, marks))


def test_small_figures_are_empty(client, released):
    rows = {(row["table"], row["key"]): row["count"] for row in table(client, released, "statistics")}
    assert (rows["step", "received"], rows["step", "chosen"]) == (6, None)


@pytest.mark.parametrize("text", ["=1+1", "+86", "@x", "-1"])
def test_no_spreadsheet_computes_a_text(client, released, text):
    Idea.objects.update(published_text=text)
    assert table(client, released, "ideas", "csv")[0]["text"] == f"'{text}"
    assert table(client, released, "ideas", "xlsx")[0]["text"] == f"'{text}"
    assert table(client, released, "ideas")[0]["text"] == text


def test_the_package_describes_all_files_as_its_standard_wants_it(client, released, settings, tmp_path):
    settings.IDEAS_DATA_LICENCE = "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/"
    Idea.objects.filter(pk=Idea.objects.earliest("pk").pk).update(published_text='两行，\n带"引号"。')
    descriptor = body(get(client, "data-package", released.slug))
    (tmp_path / "datapackage.json").write_bytes(descriptor)
    for name in TABLES:
        (tmp_path / f"{name}.csv").write_bytes(body(get(client, "data-file", released.slug, name, "csv")))
    with system.use_context(trusted=True):
        package = Package(str(tmp_path / "datapackage.json"))
        report = package.validate()
    assert (report.valid, report.flatten(["type", "message"])) == (True, [])
    assert [resource.name for resource in package.resources] == list(NAMES)
    read = json.loads(descriptor)
    assert read["licenses"] == [
        {"name": "CC-BY-4.0", "title": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    ]
    fields = [field for resource in read["resources"] for field in resource["schema"]["fields"]]
    assert all(field["title"] and field["title_en"] for field in fields)
    assert any(field["title"] != field["title_en"] for field in fields)


def test_without_a_licence_none_is_named(client, released):
    assert "licenses" not in json.loads(body(get(client, "data-package", released.slug)))
    assert "许可" not in body(get(client, "data", released.slug)).decode()


def test_what_is_no_table_and_no_kind_of_file_is_not_there(client, released):
    for name, form in (("residents", "csv"), ("ideas", "sql"), ("ideas", "py")):
        assert get(client, "data-file", released.slug, name, form).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_ideas(client, campaign, moderator, django_assert_num_queries):
    Campaign.objects.update(show_ideas=True)
    OpenData.objects.create(campaign=campaign, is_on=True)
    for _more in range(2):
        factories.published(campaign, moderator, 2)
        with django_assert_num_queries(3):
            assert len(table(client, campaign, "ideas")) > 1


def test_a_restricted_idea_is_gone_at_once(client, released, moderator):
    shown = table(client, released, "ideas")
    Idea.objects.filter(receipt=shown[-1]["receipt"]).update(restricted=True)
    assert len(table(client, released, "ideas")) == len(shown) - 1
