import pytest

from ideas.forms.search import contacts_in
from ideas.models import Idea
from ideas.queries.search import find
from ideas.services.duplicates import reindex
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea(campaign):
    factories.make_idea(campaign, title="遛狗请牵绳", problem="湖边公园。", proposal="巡查。", phone="", email="")
    return factories.make_idea(
        campaign,
        title="ＢＲＴ站加装路灯",
        problem="晚上很黑。",
        proposal="装太阳能灯。" + "很" * 900 + "岑头",
        place="侧门",
    )


@pytest.mark.parametrize(
    "words",
    ["路灯", "太阳能", "brt", "BRT 路灯", "侧门", "岑头", "装", "  路灯  ", "路灯，太阳能"],
    ids=["two", "three", "latin", "both", "place", "far-down", "one", "blanks", "sign"],
)
def test_words_of_an_idea_find_it(idea, words):
    assert list(find(Idea.objects.all(), words)) == [idea]


@pytest.mark.parametrize(
    "words",
    ["灯太阳", "路灯 遛狗", "！？", "br", "能太", '"', "' OR 1=1", "路灯*", "狗灯"],
    ids=["split", "of-two", "signs", "part", "reversed", "quote", "sql", "star-finds", "not-neighbours"],
)
def test_what_does_not_stand_there_does_not_find_it(idea, words):
    assert list(find(Idea.objects.all(), words)) == ([idea] if words == "路灯*" else [])


def test_the_pairs_of_a_longer_word_are_not_the_word(campaign):
    factories.make_idea(campaign, title="路灯灯光", problem="灯光太强。", proposal="光太强，换一盏。")
    assert list(find(Idea.objects.all(), "路灯光太强")) == []


def test_nothing_typed_narrows_nothing(idea):
    assert find(Idea.objects.all(), "  ").count() == 2


def test_a_receipt_number_is_found_in_any_spelling(idea):
    typed = idea.receipt.lower().replace("-", " ")
    assert list(find(Idea.objects.all(), typed)) == [idea]


def test_a_changed_text_is_found_by_its_new_words_only(idea):
    Idea.objects.filter(pk=idea.pk).update(title="古树挂牌")
    reindex(at=clock.DURING)
    assert (list(find(Idea.objects.all(), "古树")), list(find(Idea.objects.all(), "站加"))) == ([idea], [])


def test_only_given_ideas_are_searched(idea):
    assert list(find(Idea.objects.exclude(pk=idea.pk), "路灯")) == []


@pytest.mark.parametrize(
    "typed", ["12012345678", "+86 120 1234 5678", "Resident@example.com", "ｒｅｓｉｄｅｎｔ＠example.com"]
)
def test_a_whole_contact_finds_its_ideas_for_those_who_may_have_it_shown(campaign, typed):
    other = factories.make_idea(campaign, phone="+8613800138000", email="other@example.com")
    idea = factories.make_idea(campaign, phone="+8613900139000", email="resident@example.com")
    typed = typed.replace("12012345678", "13900139000").replace("120 1234 5678", "139 0013 9000")
    phone, email = contacts_in(typed)
    assert list(find(Idea.objects.all(), typed, phone=phone, email=email)) == [idea]
    assert other.pk != idea.pk


@pytest.mark.parametrize("typed", ["1390013900", "0013 9000", "resident@", "@example.com", "example"])
def test_a_part_of_a_contact_finds_nobody(campaign, typed):
    factories.make_idea(campaign, phone="+8613900139000", email="resident@example.com")
    phone, email = contacts_in(typed)
    assert list(find(Idea.objects.all(), typed, phone=phone, email=email)) == []


def test_without_the_right_a_contact_is_only_a_word(campaign):
    factories.make_idea(campaign, phone="+8613900139000")
    assert list(find(Idea.objects.all(), "13900139000")) == []
