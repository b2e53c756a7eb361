"""What the portal itself writes into the office's log and the histories is shown in the reader's language."""

import re

import pytest
from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import override

from ideas.admin import office
from ideas.admin.announcing import told
from ideas.admin.queue import VIEWS, filters_in_words
from ideas.choices import OfficeAct
from ideas.models import Campaign, Idea, IdeaEvent
from ideas.models import workflow as events
from ideas.services.office import AS_THEY_STAND, CODES, FACTS, log_act
from ideas.services.panel import ON_COMMAND_LINE
from ideas.services.workflow import move_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
RAW = re.compile("[a-z_]{3,}")  # codes of ours are Latin; Chinese words for them are not


@pytest.fixture(autouse=True)
def chinese():
    with override("zh-hans"):
        yield


def raw(words):
    return [word for word in words if RAW.search(str(word)) or not str(word)]


def test_every_act_says_what_may_stand_with_it():
    assert FACTS.keys() == set(OfficeAct)
    assert raw(act.label for act in OfficeAct) == []


def test_every_fact_of_the_log_has_a_name():
    names = frozenset().union(*FACTS.values()) - {"purpose", "changes"}  # a column of its own, and words of their own
    assert names - office.FACTS.keys() == set()
    assert raw(office.FACTS[name] for name in names) == []


@pytest.mark.parametrize("name", CODES)
def test_every_code_of_the_log_is_shown_in_words(name):
    assert raw(office._said(name, code) for code in CODES[name].values) == []
    assert raw([office._said(name, list(CODES[name].values))]) == []


@pytest.mark.parametrize(
    ("act", "detail"),
    [
        (OfficeAct.SEAT, {"panellist": 1, "moved": 2}),
        (OfficeAct.SEAT, {"panellist": 1, "seat": "swapped"}),
        (OfficeAct.MARK_DECISION, {"grounds": ["unheard of"]}),
        (OfficeAct.IMPORT, {"rows": "many"}),
    ],
)
def test_nothing_is_logged_that_has_no_words(act, detail):
    with pytest.raises(ValueError, match=str(act)):
        log_act(act=act, at=clock.DURING, actor=None, detail=detail)


def test_the_log_page_shows_no_code(client, campaign, manager):
    for number, act in enumerate(OfficeAct):
        samples = {name: CODES[name].values[number % len(CODES[name].values)] for name in FACTS[act] & CODES.keys()}
        samples |= dict.fromkeys(FACTS[act] - CODES.keys() - AS_THEY_STAND, True)
        samples |= dict.fromkeys(FACTS[act] & AS_THEY_STAND - {"changes"}, "2026")
        samples |= {"changes": {"score_method": ["mean", "calibrated"]}} if "changes" in FACTS[act] else {}
        samples |= {"filters": "source__exact=import&status=all&q"} if "filters" in FACTS[act] else {}
        log_act(act=act, at=clock.DURING, actor=manager, campaign=campaign, purpose=ON_COMMAND_LINE, detail=samples)
    client.force_login(manager)
    with clock.at(clock.DURING):
        page = client.get(reverse("admin:ideas_officeevent_changelist")).content.decode()
    cells = re.findall(
        r'<td class="field-(?:act|why|facts)\b[^>]*>(.*?)</td>|<th class="field-act[^>]*>(.*?)</th>', page
    )
    words = [re.sub("<[^>]+>", "", one or other) for one, other in cells]
    assert (len(words), raw(words)) == (3 * len(OfficeAct), [])


def test_every_filter_of_the_queue_is_named_in_words():
    rows = admin.site.get_model_admin(Idea).list_filter
    values = {row: getattr(row, "words", dict)() for row in rows if not isinstance(row, str)}
    asked = [f"{row.parameter_name}={value}" for row, known in values.items() for value in known]
    asked += [f"source__exact={value}" for value, _label in Idea._meta.get_field("source").choices]
    asked += [query for _words, query in VIEWS if query] + ["area__street=集美街道", "q", "contact=7"]
    assert raw(filters_in_words(text) for text in asked) == []
    assert filters_in_words("source__exact=import&status=all&q") == "来源: 文件导入、状态: 全部、搜索"


def test_a_change_of_a_campaign_is_told_in_words():
    named = {name: [str(value) for value, _label in field.choices] for name, field in choices_of(Campaign)}
    switches = {field.name: ["True", "False"] for field in Campaign._meta.fields if is_switch(field)}
    assert {"score_method", "rounds"} <= named.keys()
    assert {"two_checks", "show_ideas"} <= switches.keys()
    assert raw(told({name: pair[:2] for name, pair in {**named, **switches}.items()})) == []


def choices_of(model):
    return [(field.name, field) for field in model._meta.fields if field.choices]


def is_switch(field):
    return field.get_internal_type() == "BooleanField" and field.editable


@pytest.mark.parametrize("name", events.CODES)
def test_every_code_of_a_history_is_shown_in_words(name):
    assert raw(word for code in events.CODES[name].values for word in IdeaEvent(detail={name: code}).detail_words) == []


def test_nothing_happens_to_an_idea_that_its_history_has_no_words_for(campaign, moderator):
    idea = factories.make_idea(campaign)
    with pytest.raises(ValueError, match="no words"):
        move_idea(idea=idea, action="note", actor=moderator, at=clock.DURING, detail={"source": "import"})


def test_the_history_of_a_row_names_its_fields_in_words(rf, manager):
    """Django writes the labels of the changed fields."""
    request = rf.get("/")
    request.user, request.at = manager, clock.DURING
    seen = {}
    desks = {model: desk for model, desk in admin.site._registry.items() if desk.has_change_permission(request)}
    assert Campaign in desks
    for model, desk in desks.items():
        form = desk.get_form(request)()
        shown = {name: field.label for name, field in form.fields.items() if not is_hidden(field)}
        seen |= {f"{model.__name__}.{name}": label for name, label in shown.items() if not label or raw([label])}
    assert seen == {}


def is_hidden(field):
    return isinstance(field.widget, forms.HiddenInput)
