"""Every text that residents and staff write is read by one rule: what shows nothing is missing."""

import re
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from ideas import forms as package
from ideas.forms.fields import DayField, MomentField, WideEmailField
from ideas.forms.ideas import IdeaForm
from ideas.models import User
from tests import factories

BLANK = "\u200b\u3164\u2800"
NOT_WORDS = (
    forms.UUIDField,
    forms.RegexField,
    forms.SlugField,
    forms.JSONField,
    ReadOnlyPasswordHashField,
)  # keys, short names, a password's hash


def all_forms() -> list[type[forms.BaseForm]]:
    """Every form class of ours, as far as its fields stand in the class; those of tables are the admin's."""
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    found, waiting = [], [forms.BaseForm]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found += [form for form in below if form.__module__.startswith("ideas.forms") and hasattr(form, "base_fields")]
    return sorted(set(found), key=lambda form: f"{form.__module__}.{form.__name__}")


def texts_of(fields) -> dict[str, forms.CharField]:
    texts = {name: field for name, field in fields.items() if isinstance(field, forms.CharField)}
    return {
        name: field
        for name, field in texts.items()
        if not isinstance(field, NOT_WORDS) and not isinstance(field.widget, forms.PasswordInput)
    }


TEXTS = [
    pytest.param(field, id=f"{form.__module__}.{form.__name__}.{name}")
    for form in all_forms()
    if not issubclass(form, forms.ModelForm)
    for name, field in texts_of(form.base_fields).items()  # type: ignore[attr-defined]
]


def refuses_blank(field: forms.CharField) -> bool:
    try:
        return field.clean(BLANK) == "" and not field.required
    except ValidationError as error:
        return error.error_list[0].code == "required"


def test_the_enumeration_finds_the_forms_of_residents_and_staff():
    names = {param.id.removeprefix("ideas.forms.") for param in TEXTS}
    assert {
        "ideas.IdeaForm.title", "ideas.IdeaForm.name", "ideas.IdeaForm.net_name", "ideas.IdeaForm.phone",
        "entry.EntryForm.without_photo", "tracking.ReviewForm.reasons", "ratings.RecusalForm.reason",
        "screening.DeclineForm.reason", "shortlist.ExchangeForm.minutes_number", "people.StaffLoginForm.username",
    } <= names  # fmt: skip


@pytest.mark.parametrize("field", TEXTS)
def test_a_text_that_shows_nothing_is_missing(field):
    assert refuses_blank(field)


@pytest.mark.parametrize("field", [param for param in TEXTS if not isinstance(param.values[0], forms.EmailField)])
def test_a_nul_is_dropped_and_not_answered_with_something_else(field):
    with pytest.raises(ValidationError) if field.required else nullcontext() as refusal:
        field.clean("\x00" * 3)
    assert refusal is None or refusal.value.error_list[0].code == "required"


def test_no_form_goes_around_the_rule():
    for path in Path(package.__path__[0]).glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert path.name == "fields.py" or "forms.CharField" not in source, path.name


@pytest.mark.django_db
def test_the_admins_own_forms_read_texts_alike(db):
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root", password="x")
    seen = set()
    for model, desk in admin.site._registry.items():
        shown = [
            desk.get_form(request),
            *(inline.get_formset(request).form for inline in desk.get_inline_instances(request)),
        ]
        for form in shown:
            for name, field in texts_of(form.base_fields).items():
                if name != "username":
                    assert refuses_blank(field), f"{model.__name__}.{name}"
                    seen.add(name)
    assert {"title", "name", "words", "hint", "summary"} <= seen


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["title", "problem", "proposal"])
def test_an_idea_of_nothing_is_asked_for_its_words(campaign, name):
    form = IdeaForm(
        factories.form_data(**{name: "\u3164\ufe0f\u200b", "form_key": factories.uuid4()}), campaign=campaign
    )
    assert set(form.errors) == {name}


@pytest.mark.django_db
def test_a_name_of_nothing_is_no_name(campaign):
    given = factories.form_data(naming="real", name="\u2800\u3164", form_key=factories.uuid4())
    assert set(IdeaForm(given, campaign=campaign).errors) == {"name"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("lin@邮件.中国", "lin@邮件.中国"),
        ("lin@xn--fiq228c.xn--fiqs8s", "lin@中文.中国"),  # as a browser's e-mail field hands it over
        ("LIN@Example.COM", "LIN@Example.COM"),
        ("lin＠example。com", "lin@example.com"),
        ("lin@xn--zzzzzzzz99.com", "lin@xn--zzzzzzzz99.com"),  # no such word: as it came
        ("\u202elin@example.com\u200b", "lin@example.com"),
    ],
)
def test_an_address_is_kept_as_its_owner_writes_it(typed, kept):
    assert WideEmailField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["lin", "lin@", "@例子.中国", "lin@例 子.中国"])
def test_what_is_no_address_is_not_taken(typed):
    with pytest.raises(ValidationError):
        WideEmailField().clean(typed)


FORMS = Path(package.__path__[0])


def test_every_day_and_moment_of_our_forms_is_asked_for_its_year():
    bare = r"forms\.(DateField|DateTimeField|SplitDateTimeField)\(\s"
    assert [path.name for path in FORMS.glob("*.py") if re.search(bare, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9000-01-01", "9999-12-31"])
@pytest.mark.parametrize("field", [DayField(), MomentField()])
def test_a_day_of_no_calendar_is_refused_in_words(field, day):
    with pytest.raises(ValidationError) as refused:
        field.clean([day, "00:00"] if isinstance(field, MomentField) else day)
    assert refused.value.messages == ["请核对年份。"]
