"""Lists of the office change under a waiting form: back to the form, naming what is gone, nothing lost."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ideas.choices import Role, Source
from ideas.models import Area, Campaign, Draft, Idea
from ideas.services.imports import Row, import_rows
from ideas.services.intake import ChoiceGone, receive_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
WORDS = {"title": "在侧门加一盏灯", "problem": "晚上很黑。", "proposal": "加一盏灯。", "place": "侧门"}


@pytest.fixture
def steps(campaign):
    return [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]


@pytest.fixture
def data():
    return factories.form_data(form_key=str(uuid.uuid4()), **WORDS)


def rename_topic(campaign):
    campaign.topics.filter(slug="road").update(slug="roads")


def drop_area(campaign):
    Area.objects.all().delete()


CHANGES = {"topic": rename_topic, "area": drop_area}
LABELS = {"topic": "道路", "area": "岑东社区"}


def shown_again(answer, field):
    form = answer.context["form"]
    return {name: form[name].value() for name in WORDS} == WORDS and field in form.errors


@pytest.mark.parametrize("field", CHANGES)
def test_a_checked_form_comes_back_naming_what_is_gone(client, campaign, steps, data, during, field):
    client.post(steps[0], data)
    label = {"topic": str(campaign.topics.get(slug="road")), "area": "岑东社区"}[field]
    CHANGES[field](campaign)
    for answer in (
        client.get(steps[1], follow=True),
        client.post(steps[1], {"form_key": data["form_key"]}, follow=True),
    ):
        assert answer.status_code == 200
        assert shown_again(answer, field)
        assert label in answer.content.decode()
    assert Idea.objects.count() == 0


@pytest.mark.parametrize("field", CHANGES)
def test_a_form_that_was_open_meanwhile_comes_back_with_everything(client, campaign, steps, data, during, field):
    client.get(steps[0])
    CHANGES[field](campaign)
    answer = client.post(steps[0], data)
    assert shown_again(answer, field)
    assert set(answer.context["form"].errors) == {field}


@pytest.mark.parametrize("field", CHANGES)
def test_after_choosing_anew_it_is_sent(client, campaign, steps, data, during, field):
    client.post(steps[0], data)
    CHANGES[field](campaign)
    client.post(steps[1], {"form_key": data["form_key"]})
    client.post(steps[0], {**data, **{"topic": {"topic": "roads"}, "area": {"area": "unknown"}}[field]})
    assert client.post(steps[1], {"form_key": data["form_key"]}).status_code == 302
    assert Idea.objects.get().title == WORDS["title"]


@pytest.mark.parametrize("field", CHANGES)
def test_the_service_refuses_rather_than_leave_out(campaign, field):
    answers = factories.answers()
    CHANGES[field](campaign)
    with pytest.raises(ChoiceGone) as refusal:
        receive_idea(campaign=campaign, answers=answers, at=clock.DURING)
    assert (refusal.value.fields, Idea.objects.count()) == ((field,), 0)


def test_several_or_unknown_is_an_answer_and_nothing_gone(campaign):
    assert receive_idea(campaign=campaign, answers=factories.answers(area="unknown"), at=clock.DURING).idea.area is None


@pytest.mark.parametrize("field", CHANGES)
def test_an_import_takes_nothing_if_a_row_names_what_is_gone(campaign, manager, field):
    rows = [Row(factories.answers(), Source.PAPER, clock.DURING.date()) for _ in range(2)]
    CHANGES[field](campaign)
    with pytest.raises(ChoiceGone):
        import_rows(campaign=campaign, rows=rows, manager=manager, at=clock.DURING)
    assert Idea.objects.count() == 0


def test_an_amendment_keeps_its_words(client, campaign, during):
    sent = factories.receive(campaign)
    client.post("/track/", {"receipt": sent.idea.receipt, "code": sent.code})
    rename_topic(campaign)
    answer = client.post("/track/amend/", {**factories.form_data(**WORDS), "seen": 1, "idea": sent.idea.receipt})
    assert shown_again(answer, "topic")
    assert Idea.objects.get().title == sent.idea.title


@pytest.mark.parametrize("field", CHANGES)
def test_the_clerks_form_keeps_its_words(client, campaign, during, field):
    client.force_login(factories.make_user(Role.CLERK))
    page = f"/entry/new/{campaign.slug}/"
    slip = {"form_key": str(uuid.uuid4()), "source": "phone", "slip_on": f"{clock.DURING:%Y-%m-%d}"}
    CHANGES[field](campaign)
    answer = client.post(page, {**factories.form_data(**WORDS), **slip})
    assert answer.status_code == 422
    assert shown_again(answer, field)


# --- After sending ---------------------------------------------------------------------------------------------------

LATER = {
    "title": "在正门加一盏灯",
    "place": "正门",
    "topic": "night",
    "area": "unknown",
    "naming": "anonymous",
    "publish_consent": False,
    "phone": "13800138000",
    "net_name": "山上的风",
}


def other_topic(campaign):
    return campaign.topics.exclude(slug="road").first().slug


@pytest.mark.parametrize("field", LATER)
def test_what_is_changed_after_sending_is_never_dropped_in_silence(client, campaign, steps, data, during, field):
    client.post(steps[0], data)
    client.post(steps[1], {"form_key": data["form_key"]})
    value = other_topic(campaign) if field == "topic" else LATER[field]
    changed = {**data, field: value}
    if value is False:
        del changed[field]
    answer = client.post(steps[0], changed, follow=True)
    text = answer.content.decode()
    assert Idea.objects.get().receipt in text  # it is said which idea is in
    assert "另一条" in text
    assert Draft.objects.filter(idea=None).count() == 1  # and what was typed is kept
    assert Idea.objects.get().title == WORDS["title"]


def test_the_same_form_again_is_the_same_receipt_without_a_warning(client, steps, data, during):
    client.post(steps[0], data)
    client.post(steps[1], {"form_key": data["form_key"]})
    answer = client.post(steps[0], data, follow=True)
    assert "另一条" not in answer.content.decode()
    assert (Idea.objects.count(), Draft.objects.count()) == (1, 1)


def test_a_photo_taken_out_after_sending_is_not_taken_out_in_silence(client, steps, data, during):
    client.post(steps[0], {**data, "photos": [factories.photo_file()]})
    client.post(steps[1], {"form_key": data["form_key"]})
    photo = Idea.objects.get().photos.get()
    answer = client.post(steps[0], {**data, "drop_photo": str(photo.key)})
    assert "另一条" in answer.content.decode()
    assert Idea.objects.get().photos.count() == 1


def test_a_clerk_who_goes_back_and_changes_something_is_asked(client, campaign, during):
    client.force_login(factories.make_user(Role.CLERK))
    page = f"/entry/new/{campaign.slug}/"
    slip = {"form_key": str(uuid.uuid4()), "source": "phone", "slip_on": f"{clock.DURING:%Y-%m-%d}"}
    given = {**factories.form_data(**WORDS), **slip}
    assert client.post(page, given).status_code == client.post(page, given).status_code == 302
    answer = client.post(page, {**given, "problem": "白天也黑。"})
    assert (answer.status_code, Idea.objects.count()) == (422, 1)
    assert Idea.objects.get().receipt in answer.content.decode()
    assert answer.context["form"]["problem"].value() == "白天也黑。"
    again = {**given, "problem": "白天也黑。", "form_key": answer.context["form"]["form_key"].value()}
    assert client.post(page, again).status_code == 302
    assert Idea.objects.count() == 2


def test_an_empty_file_is_called_empty(client, campaign, steps, data, during):
    answer = client.post(steps[0], {**data, "photos": [SimpleUploadedFile("a.jpg", b"", "image/jpeg")]})
    assert "空" in answer.content.decode()
    assert Campaign.objects.get() == campaign
