"""Private data inside a text. All numbers are invented; their check digits are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.choices import PrivateKind
from ideas.rules.redaction import COVER, MARKS, covered, private_parts, without_private

PHONE, ID_NUMBER, PLATE, EMAIL, BANK_CARD, NAME, HOME, ACCOUNT = PrivateKind


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("请打13800138000找我", PHONE, "13800138000"),
        ("电话138 0013 8000。", PHONE, "138 0013 8000"),
        ("138-0013-8000", PHONE, "138-0013-8000"),
        ("１３８００１３８０００", PHONE, "１３８００１３８０００"),
        ("1 3 8 0 0 1 3 8 0 0 0", PHONE, "1 3 8 0 0 1 3 8 0 0 0"),
        ("+86 13800138000", PHONE, "+86 13800138000"),
        ("一三八零零一三八零零零", PHONE, "一三八零零一三八零零零"),
        ("幺三八〇〇幺三八〇〇〇", PHONE, "幺三八〇〇幺三八〇〇〇"),
        ("0592-6060000转8", PHONE, "0592-6060000"),
        ("（0592）6060000", PHONE, "（0592）6060000"),
        ("010-88886666", PHONE, "010-88886666"),
        ("+86 592 6060000", PHONE, "+86 592 6060000"),
        ("联系电话：606 0000", PHONE, "606 0000"),
        ("身份证11010519491231002X", ID_NUMBER, "11010519491231002X"),
        ("11010519491231002x号", ID_NUMBER, "11010519491231002x"),
        ("110105 19491231 002X", ID_NUMBER, "110105 19491231 002X"),
        ("老证110105491231002", ID_NUMBER, "110105491231002"),
        ("闽D12345乱停", PLATE, "闽D12345"),
        ("闽D·1234A", PLATE, "闽D·1234A"),
        ("闽DF12345占道", PLATE, "闽DF12345"),
        ("闽D12345F占道", PLATE, "闽D12345F"),
        ("闽d a1234", PLATE, "闽d a1234"),
        ("粤Z1234港", PLATE, "粤Z1234港"),
        ("闽D1234学", PLATE, "闽D1234学"),
        ("写信到a.b-c@example.com吧", EMAIL, "a.b-c@example.com"),
        ("ab＠example．com", EMAIL, "ab＠example．com"),
        ("卡号6222 0212 3456 7890 128", BANK_CARD, "6222 0212 3456 7890 128"),
        ("我叫林小满。", NAME, "林小满"),
        ("林 小满", NAME, "林 小满"),
        ("网名海边的风", NAME, "海边的风"),
        ("１３８.００１３.８０００", PHONE, "１３８.００１３.８０００"),
        ("打1.3.8.0.0.1.3.8.0.0.0", PHONE, "1.3.8.0.0.1.3.8.0.0.0"),
        ("打1，3，8，0，0，1，3，8，0，0，0", PHONE, "1，3，8，0，0，1，3，8，0，0，0"),
        ("138*0013*8000", PHONE, "138*0013*8000"),
        ("138 00 13 80 00", PHONE, "138 00 13 80 00"),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", PHONE, "①③⑧⓪⓪①③⑧⓪⓪⓪"),
        ("❶❸❽00138000", PHONE, "❶❸❽00138000"),
        ("一三八 零零一三 八零零零", PHONE, "一三八 零零一三 八零零零"),
        ("壹叁捌零零壹叁捌零零零", PHONE, "壹叁捌零零壹叁捌零零零"),
        ("零五九二六零六零零零零", PHONE, "零五九二六零六零零零零"),
        ("138\u200b0013\u20608000", PHONE, "138\u200b0013\u20608000"),
        ("请打13800138000一下", PHONE, "13800138000"),
        ("a.b(at)example.com", EMAIL, "a.b(at)example.com"),
        ("林\u200b小\u3164满", NAME, "林\u200b小\u3164满"),
        ("林·小·满", NAME, "林·小·满"),
        ("林　小　满", NAME, "林　小　满"),
        ("林小滿", NAME, "林小滿"),
        ("微信号: abc_123", ACCOUNT, "abc_123"),
        ("微信abc_123", ACCOUNT, "abc_123"),
        ("微信号是xiaomanl，", ACCOUNT, "xiaomanl"),
        ("微\u200b 信：ａｂ－ｃ１２３", ACCOUNT, "ａｂ－ｃ１２３"),
        ("加微 xiaomanl", ACCOUNT, "xiaomanl"),
        ("加我微信xiaomanl", ACCOUNT, "xiaomanl"),
        ("加V：abc12345", ACCOUNT, "abc12345"),
        ("vx：xiaomanl", ACCOUNT, "xiaomanl"),
        ("V信 lin_88xm", ACCOUNT, "lin_88xm"),
        ("薇信abc123x", ACCOUNT, "abc123x"),
        ("my WeChat is abc_123", ACCOUNT, "abc_123"),
        ("WeChat ID: xiaomanl", ACCOUNT, "xiaomanl"),
        ("微信号 a·b·c·1·2·3", ACCOUNT, "a·b·c·1·2·3"),
        ("微信号 abc _ 123", ACCOUNT, "abc _ 123"),
        ("微信12345678", ACCOUNT, "12345678"),
        ("abc_1234（微信）", ACCOUNT, "abc_1234"),
        ("QQ 12345678", ACCOUNT, "12345678"),
        ("ｑｑ号：１２３４５", ACCOUNT, "１２３４５"),
        ("QQ123 456 789", ACCOUNT, "123 456 789"),
        ("Q·Q 1-2-3-4-5-6-7-8", ACCOUNT, "1-2-3-4-5-6-7-8"),
        ("扣扣一二三四五六七八", ACCOUNT, "一二三四五六七八"),
        ("加q ①②③④⑤⑥⑦", ACCOUNT, "①②③④⑤⑥⑦"),
        ("12345678（QQ号）", ACCOUNT, "12345678"),
        ("QQ群123456789", ACCOUNT, "123456789"),
        ("微信同号13800138000", PHONE, "13800138000"),
        ("12345678@qq.com", EMAIL, "12345678@qq.com"),
        ("我是350211199901011239", ID_NUMBER, "350211199901011239"),  # a wrong check character, as in the next ones
        ("350211 1999 0101 1239", ID_NUMBER, "350211 1999 0101 1239"),
        ("３５０２１１ １９９９０１０１ １２３９", ID_NUMBER, "３５０２１１ １９９９０１０１ １２３９"),
        ("3 5 0 2 1 1 1 9 9 9 0 1 0 1 1 2 3 9", ID_NUMBER, "3 5 0 2 1 1 1 9 9 9 0 1 0 1 1 2 3 9"),
        ("5 350211199901011239 7", ID_NUMBER, "350211199901011239"),
        ("身份证号：35021119991301123", ID_NUMBER, "35021119991301123"),  # a digit short, and no month 13
        ("卡号6222 0212 3456 7890 123", BANK_CARD, "6222 0212 3456 7890 123"),  # a wrong check digit
        ("打到6222021234567890123", BANK_CARD, "6222021234567890123"),
        ("打到6222０２１２３４５６７８９０１２３", BANK_CARD, "6222０２１２３４５６７８９０１２３"),
        ("银行账号 35101587 0010 5000 12", BANK_CARD, "35101587 0010 5000 12"),
        ("wxid_a1b2c3d4e5f622", ACCOUNT, "wxid_a1b2c3d4e5f622"),
        ("加我wxid＿a1b2c3d4e5f622", ACCOUNT, "wxid＿a1b2c3d4e5f622"),
    ],
)
def test_private_data_are_found_at_their_place(text, kind, part):
    found = private_parts(text, ["林小满", "海边的风"])
    assert [(each.kind, text[each.start : each.end]) for each in found] == [(kind, part)]


@pytest.mark.parametrize(
    "text",
    [
        "打12345热线，急事打110、119、120",
        "举报电话12337和12388",
        "电话12345",
        "10086和95588的短信",
        "400-810-8888",
        "2026-11-25 08:30至2026年12月31日",
        "20261125",
        "第13、14、15、16、17号楼",
        "建设路1380号，距离路口138米",
        "车站到学校1380步，约10分钟",
        "13 2024 2025 123 人",
        "预算1234567890123元",
        "统计了350000000000000000次",  # eighteen digits without a birthday
        "受理编号350211202211080012",  # of a day in this century: no birthday of anybody who writes
        "订单号2022110812345678901，工单20221108350211001234",
        "微信支付单号4200001234202211081234567890",
        "快递YT6212345678901，中通75412345678901",
        "6000000000000001号公告",
        "6200000000000000元",
        "分别为1100 1050 2949 1231 0021元",
        "身份证要带好，2022年11月8日至2022年12月31日办理",
        "证件齐全，电话12345",
        "卡号是几位数？12位还是19位",
        "0.13800138000",
        "创新A座12345室",
        "川ABCDEF",
        "在@公园里",
        "小满来了",
        "分别补助150、2000、3000元",
        "单号1、3、5、7、9、11、13、15、17、19、21号楼",
        "一、三、五、七、九、十一、十三栋",
        "二〇二六年一月至二〇二七年三月",
        "下班后树林，小满园里",  # a clause ends between
        "建一个QQ群，再建一个微信群",
        "QQ群里已有50000人",
        "微信步数20000步，QQ会员10000人",
        "QQ奶茶店、QQ糖、企鹅超市",
        "QQ 2023年会",
        "微信公众号、微信小程序、微信视频号",
        "微信号召大家都来",
        "关注微信12345、95588",
        "支持微信、Alipay和云闪付",
        "WeChat payment and WeChat groups",
        "加V认证，加微波炉",
        "手机微信同号",
        "3号楼2单元502室",  # in a text, not where it says where
        "",
    ],
)
def test_public_numbers_dates_and_amounts_stay(text):
    assert private_parts(text, ["林小满"]) == []


def test_a_name_of_one_character_is_not_looked_for():
    assert private_parts("风很大", ["风", ""]) == []


def test_the_draft_has_a_mark_for_each_part():
    text = "我是林小满，电话13800138000，车闽D12345，信箱a@b.cn。12345不回。"
    assert (
        without_private(text, ["林小满"]) == "我是［姓名略］，电话［电话略］，车［车牌略］，信箱［邮箱略］。12345不回。"
    )


OWN = ["+865926060000", "resident@example.com"]


@pytest.mark.parametrize(
    "text",
    [
        "606 0000", "六零六零零零零", "6-0-6-0-0-0-0", "0592 606，0000", "（0592）6060000", "６０６００００",
        "resident @ example . com", "Resident at example dot com", "resident＠example．com",
        "r e s i d e n t@example.com",
    ],
)  # fmt: skip
def test_the_proposers_own_numbers_and_addresses_are_covered_however_they_are_parted(text):
    assert covered(f"找我：{text}。", [], OWN) == f"找我：{COVER}。"
    assert covered("路口有60盏灯、60个车位和0000号", [], OWN) == "路口有60盏灯、60个车位和0000号"


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("岑东社区3号楼2单元502室", f"岑东社区{COVER}"),
        ("12栋1201", COVER),
        ("12-3-502", COVER),
        ("５栋３０２室门口", f"{COVER}门口"),
        ("三单元502", COVER),
        ("林小满家楼下", f"{COVER}家楼下"),
        ("电话１３８００１３８０００", f"电话{COVER}"),
    ],
)
def test_the_line_that_says_where_tells_nobodys_flat(place, shown):
    assert covered(place, ["林小满"], is_place=True) == shown


@pytest.mark.parametrize("place", ["公交站旁", "学校1号门", "集美大道1380号", "201路公交站", "侨英路66号", "5号楼下"])
def test_a_place_that_is_nobodys_home_stays(place):
    assert covered(place, ["林小满"], is_place=True) == place


def test_a_short_latin_name_is_not_found_inside_words():
    assert private_parts("Lighting and Linden, please", ["Lin", "an"]) == []
    assert covered("Ask lin, or Ｌｉｎ.", ["Lin"]) == f"Ask {COVER}, or {COVER}."


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("林小满", "Lin Xiaoman"),
        ("林小满", "LIN XIAO-MAN"),
        ("林小满", "linxiaoman"),
        ("林小满", "Xiaoman Lin"),
        ("林小满", "Lin, Xiaoman"),
        ("林小滿", "lín xiǎomǎn"),
        ("林小满", "li\u0301n xia\u030coma\u030cn"),
        ("林小满", "lin2 xiao3 man3"),
        ("林小满", "ｌｉｎ　ｘｉａｏ\u200bｍａｎ"),
        ("欧阳春分", "Chunfen Ouyang"),
        ("吕晗", "Lü Han"),
        ("吕晗", "lvhan"),
        ("单婷婷", "Shan Tingting"),  # a surname read in its own way
        ("覃梓涵", "Qin Zihan"),
        ("吴涵", "Wu Han"),
        ("海边的风", "haibiandefeng"),
    ],
)
def test_a_name_is_covered_where_it_is_written_in_pinyin(name, written):
    assert covered(f"我是{written}，{written}88", [name]) == f"我是{COVER}，{COVER}88"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("林小满", "Berlin, xiaomans, linxiaomanager, Lin and Xiao Man, xiaoman"),
        ("吴涵", "Wuhan"),
        ("纪梅", "the Jimei district"),
        ("池娜", "in China"),
        ("李安", "Li An"),  # four letters stand in many words
        ("林龘龘", "lin weiwei"),  # nobody here knows how that is read
        ("海边的风吹过大榕树", "haibiandefengchuiguodarongshu"),  # a saying
    ],
)
def test_what_only_sounds_like_a_name_stays(name, text):
    assert covered(text, [name]) == text


UNSEEN = st.text(alphabet="\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u2800\ufe0f", max_size=2)
WIDTHS = st.sampled_from(
    ["0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨"]
)
GAPS = st.sampled_from(["", " ", "　", "-", ".", "·", "．", "－"])
AROUND = st.sampled_from(["", "请打", "（", "：", "路灯坏了，", "谢谢。"])


@given(st.integers(3_000_000_000, 9_999_999_999), WIDTHS, GAPS, UNSEEN, AROUND, AROUND)
def test_a_mobile_number_is_found_in_any_width_with_any_gap(number, digits, gap, unseen, before, after):
    written = f"{gap}{unseen}".join(digits[int(each)] for each in f"1{number}")
    assert covered(f"{before}{written}{after}", []) == f"{before}{COVER}{after}"


@given(st.sampled_from(["林小满", "欧阳春分", "海边的风", "Lin Xiaoman"]), GAPS, UNSEEN, AROUND, AROUND)
def test_a_name_is_found_with_any_gap(name, gap, unseen, before, after):
    written = f"{unseen}{gap}".join(name)
    assert covered(f"{before}{written}{after}", [name]) == f"{before}{COVER}{after}"


SPELT = st.sampled_from([("林小满", ("lin", "xiao", "man")), ("欧阳春分", ("ou", "yang", "chun", "fen"))])
LATIN_GAPS = st.sampled_from(["", " ", "　", "-", "·", "'", "．", "_"])


@given(SPELT, LATIN_GAPS, UNSEEN, AROUND, AROUND, st.sampled_from([str.lower, str.upper, str.title]))
def test_a_name_in_pinyin_is_found_with_any_gap(name, gap, unseen, before, after, case):
    character, syllables = name
    written = f"{unseen}{gap}".join(map(case, syllables))
    assert covered(f"{before}{written}{after}", [character]) == f"{before}{COVER}{after}"


LABELS = st.sampled_from(["微信号：", "微信", "QQ ", "扣扣号是", "加我QQ", "ＱＱ：", "V信", "vx:", "q q号"])


@given(LABELS, st.integers(100_000, 9_999_999_999), WIDTHS, GAPS, UNSEEN, AROUND)
def test_a_wechat_or_qq_number_is_found_in_any_width_with_any_gap(label, number, digits, gap, unseen, after):
    written = f"{gap}{unseen}".join(digits[int(each)] for each in str(number))
    assert written not in covered(f"找我{label}{written}{after}", [])


@given(
    st.sampled_from(["微信号：", "加微", "WeChat ID ", "微\u2060信号 "]),
    st.from_regex(r"[a-z][a-z0-9_-]{5,19}", fullmatch=True),
    UNSEEN,
    st.booleans(),
)
def test_a_wechat_name_is_found_in_any_width(label, account, unseen, is_wide):
    written = unseen.join(chr(ord(each) + 0xFEE0) if is_wide else each for each in account)
    assert covered(f"{label}{written}。", []) == f"{label}{COVER}。"


PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            "13800138000",
            "0592-6060000",
            "11010519491231002X",
            "闽D12345",
            "a@b.cn",
            "林小满",
            "110",
            " ",
            "QQ 12345678",
            "加微",
            "lin xiao",
            "man",
        ]
    ),
)


@given(st.lists(PIECES, max_size=8))
def test_parts_stand_in_order_inside_the_text_without_overlap(pieces):
    text = "".join(pieces)
    parts = private_parts(text, ["林小满"])
    edges = [0, *(edge for part in parts for edge in (part.start, part.end)), len(text)]
    assert edges == sorted(edges)
    assert all(part.start < part.end for part in parts)


@given(st.lists(PIECES, max_size=8))
def test_a_draft_says_nothing_private(pieces):
    draft = without_private("，".join(pieces), ["林小满"])
    assert (private_parts(draft, ["林小满"]), set(MARKS) == set(PrivateKind)) == ([], True)


@given(st.text(alphabet="零一二三四五六七八九 ，。路灯小区", max_size=40))
def test_a_text_without_anything_private_is_its_own_draft(text):
    if not private_parts(text):
        assert without_private(text) == text
