"""Words of staff that stay for good are asked about where they look private; one tick keeps what is meant."""

import importlib
from pathlib import Path

import pytest
from django import forms
from django.urls import reverse
from django.utils.html import escape

from ideas.forms.contacts import ContactForm
from ideas.forms.kept import KeptWords, private_in
from ideas.forms.shortlist import ReasonForm
from ideas.models import IdeaEvent, OfficeEvent
from tests import clock, factories

WORDS = "张三13800138000要求"
TOLD = "电话号码 13800138000"
# Text fields of forms of staff whose words do not stay, or are no free words, and why.
PASSING = {
    "advice.WordListForm.words": "a word list, which is changed at will",
    "ratings.RatingForm.comment": "a panellist's judgement, typed at a desk that shows nobody's name or number",
    "certificates.HandoverForm.to": "who received a certificate; sealed, and erased with the person",
    "ideas": "the resident's own words",
    "tracking": "the resident's own words; erased with the person",
    "verdicts.SaidForm.words": "the resident's own words; erased with the person",
    "verdicts.VerdictForm.words": "the same",
    "verdicts.HeardForm.words": "the same",
    "notices.ObjectionForm.words": "the words of whoever objects; sealed, and erased with the person",
    "notices.EnterForm.words": "the same",
    "referring.RuleForm.words": "words of a rule, which is changed at will",
    "triage.TriageForm.words": "asks by itself, beside the drawer whose words they are",
}
FREE = {"reason", "reasons", "question", "answer", "words", "to", "reference", "minutes_number", "why", "comment"}


def test_every_form_of_staff_asks_about_the_words_that_it_keeps():
    forgetful = set()
    for path in Path(importlib.import_module("ideas.forms").__path__[0]).glob("*.py"):
        module = importlib.import_module(f"ideas.forms.{path.stem}")
        for form in vars(module).values():
            if not isinstance(form, type) or not issubclass(form, forms.BaseForm) or form.__module__ != module.__name__:
                continue
            kept = form.kept if issubclass(form, KeptWords) else ()
            for name, field in form.base_fields.items():  # type: ignore[attr-defined]
                is_free = name in FREE and isinstance(field, forms.CharField) and "eceipt" not in str(field.label)
                if (
                    is_free
                    and "receipt" not in str(field.label)
                    and "编号" not in str(field.label)
                    and name not in kept
                ):
                    forgetful.add(f"{path.stem}.{form.__name__}.{name}")
    assert {name for name in forgetful if not {name, name.split(".")[0]} & set(PASSING)} == set()


@pytest.fixture
def office_phone(settings):
    settings.IDEAS_PHONE = "0592-606 0000"


def test_a_number_is_asked_about_at_the_field_and_kept_when_it_is_ticked():
    typed = {"version": "1", "reason": WORDS}
    asked = ReasonForm(typed)
    assert (asked.is_valid(), list(asked.errors), escape(TOLD) in asked.as_p()) == (False, ["sure"], True)
    kept = ReasonForm({**typed, "sure": TOLD})
    assert (kept.is_valid(), kept.cleaned_data) == (True, {"expected_version": 1, "reason": WORDS})


def test_a_tick_is_for_what_was_read_beside_it():
    assert not ReasonForm({"version": "1", "reason": f"{WORDS}，a@example.com", "sure": TOLD}).is_valid()


def test_the_offices_own_number_is_nobodys(office_phone):
    assert private_in(["请致电0592-6060000"]) == ""
    assert private_in(["请致电0592-6061111"]) == "电话号码 0592-6061111"


def test_nothing_is_asked_of_plain_words():
    form = ContactForm({"purpose": "question", "words": "回电，工单20221108350211001234"})
    assert (form.is_valid(), form.cleaned_data) == (
        True,
        {"purpose": "question", "words": "回电，工单20221108350211001234"},
    )


@pytest.mark.django_db
def test_no_contact_is_shown_for_words_that_tell_one(client, campaign, moderator):
    idea = factories.make_idea(campaign)
    client.force_login(moderator)
    address, typed = reverse("admin:ideas_idea_contact", args=[idea.pk]), {"purpose": "question", "words": WORDS}
    with clock.at(clock.DURING):
        answer = client.post(address, typed)
        assert (answer.status_code, TOLD in answer.content.decode()) == (422, True)
        assert not OfficeEvent.objects.exists()
        assert client.post(address, {**typed, "sure": TOLD}).status_code == 200


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("act", ["note", "return"])
def test_the_triage_desk_asks_in_the_drawer_and_takes_the_tick(client, campaign, moderator, act):
    idea = factories.make_idea(campaign)
    client.force_login(moderator)
    address = reverse("admin:ideas_idea_triage", args=[campaign.slug])
    typed = {"idea": idea.pk, "seen": idea.version, "act": act, "words": WORDS}
    with clock.at(clock.DURING):
        answer = client.post(address, typed)
        assert (answer.status_code, f'name="sure" value="{TOLD}"' in answer.content.decode()) == (422, True)
        assert WORDS in answer.content.decode()
        client.post(address, {**typed, "sure": TOLD})
    assert IdeaEvent.objects.filter(idea=idea, reason__contains=WORDS).exists()
