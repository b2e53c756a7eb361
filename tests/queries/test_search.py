import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ideas.forms.search import contacts_in
from ideas.models import Idea, OriginalTerms, PendingComparison, PublishedTerms
from ideas.queries.invariants import violations
from ideas.queries.search import contact_hashes, find, with_contact
from ideas.rules.characters import FOLD, fold, ways_to_write
from ideas.rules.duplicates import RUN
from ideas.services.duplicates import refold, reindex
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


def by_contact(typed):
    phone, email = contacts_in(typed)
    return list(with_contact(Idea.objects.all(), contact_hashes(phone=phone, email=email)))


@pytest.mark.parametrize(
    "typed", ["12012345678", "+86 120 1234 5678", "Resident@example.com", "ｒｅｓｉｄｅｎｔ＠example.com"]
)
def test_a_whole_contact_finds_its_ideas_for_those_who_may_have_it_shown(campaign, typed):
    other = factories.make_idea(campaign, phone="+8613800138000", email="other@example.com")
    idea = factories.make_idea(campaign, phone="+8613900139000", email="resident@example.com")
    typed = typed.replace("12012345678", "13900139000").replace("120 1234 5678", "139 0013 9000")
    assert by_contact(typed) == [idea]
    assert other.pk != idea.pk


@pytest.mark.parametrize("typed", ["1390013900", "0013 9000", "resident@", "@example.com", "example"])
def test_a_part_of_a_contact_finds_nobody(campaign, typed):
    factories.make_idea(campaign, phone="+8613900139000", email="resident@example.com")
    assert by_contact(typed) == []


def test_among_words_a_contact_is_only_a_word(campaign):
    factories.make_idea(campaign, phone="+8613900139000")
    assert list(find(Idea.objects.all(), "13900139000")) == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("⻓⻔⻋站", "长门车"),
        ("长门车站", "⻓⻔⻋站"),
        ("⾞站⼈⾏道", "车站人行道"),
        ("龜山路燈", "龟山路灯"),
        ("龟山路灯", "龜山路燈"),
        ("路\u200b灯太\u00ad暗", "路灯太暗"),
        ("ＢＲＴ　站台", "brt 站台"),
        ("Café 门口", "CAFE 门口"),
        ("㎡計算錯", "m2计算错"),
        ("㍿門口", "株式会社门口"),
        ("3号楼", "3号"),
        ("第3号楼门", "3 号"),
    ],
)
@pytest.mark.parametrize("field", ["title", "problem", "proposal", "place"])
def test_a_word_is_found_in_whatever_form_it_was_written(campaign, field, written, typed):
    found = factories.make_idea(campaign, **{field: f"甲{written}乙"})
    factories.make_idea(campaign, title="别的", problem="别的事情", proposal="别的办法", place="别处")
    assert list(find(Idea.objects.all(), typed)) == [found]


@pytest.mark.parametrize("typed", ["车", "⻋", "⾞", "車"])
def test_a_single_character_is_found_in_titles_in_whatever_form(campaign, typed):
    ideas = {factories.make_idea(campaign, title=f"公交{written}站").pk for written in "车⻋⾞車"}
    assert {idea.pk for idea in find(Idea.objects.all(), typed)} == ideas


LETTERS = st.sampled_from("路灯燈车⻋⾞車龜龟长⻓門门aＡbé9９①㎡㍿ 。，\n\u200b\u00ad\u0301\u3164ｶﾞが豈豈Ⅳ")


def whole(text, start, end):
    """The part widened so that it cuts no Latin word: of those only whole ones are found."""
    marks = [bool(RUN.fullmatch(fold(each) or " ")) and fold(each).isascii() for each in text]
    seen = [mark or not fold(each) for mark, each in zip(marks, text, strict=True)]
    while 0 < start < len(text) and seen[start - 1]:
        start -= 1
    while 0 < end < len(text) and seen[end]:
        end += 1
    return text[start:end]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_part_of_any_text_in_any_disguise_finds_it(campaign, data):
    text = "".join(data.draw(st.lists(LETTERS, min_size=6, max_size=30), label="text"))
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), label="part"))
    part = whole(text, start, end)
    typed = "".join(data.draw(st.sampled_from(_disguises(each))) for each in part)
    runs = RUN.findall(fold(typed))
    if not any(run.isascii() or len(run) > 1 for run in runs):
        return  # nothing, or single characters, which are looked for in titles
    idea = factories.make_idea(campaign, title="甲乙", problem=text)
    assert idea in find(Idea.objects.all(), typed)


def _disguises(character):
    """The character as it is, folded, or in another form that folds to the same."""
    ways = ways_to_write(fold(character)) if len(fold(character)) == 1 else ""
    return [character, fold(character), *(way for way in ways if fold(way) == fold(character))]


def test_what_an_earlier_fold_wrote_is_named_and_written_anew_without_being_compared_again(campaign, moderator):
    factories.published(campaign, moderator, 3)
    PendingComparison.objects.all().delete()
    OriginalTerms.objects.update(terms="old", folded=None, fold=None)
    PublishedTerms.objects.update(fold=FOLD - 1)
    assert {name for name, _line in violations()} == {"the index of ideas alike holds every text"}
    assert [refold(at=clock.DURING, most=2), refold(at=clock.DURING, most=2), refold(at=clock.DURING)] == [2, 1, 0]
    assert (list(violations()), PendingComparison.objects.count()) == ([], 0)
    assert {row.fold for row in PublishedTerms.objects.all()} == {FOLD}
