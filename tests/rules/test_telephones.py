import pytest

from ideas.rules.telephones import NotAPhone, PhoneFault, kept, line_of, plain_phone, read_phone, show_phone

MOBILE, LANDLINE, SERVICE = "+8613800138000", "+865926060000", "+864008100000"
HONEST = {
    "13800138000": MOBILE,
    "138 0013 8000": MOBILE,
    "138-0013-8000": MOBILE,
    "138.0013.8000": MOBILE,
    "+86 13800138000": MOBILE,
    "0086 13800138000": MOBILE,
    "86-13800138000": MOBILE,
    "（+86）13800138000": MOBILE,
    "１３８００１３８０００": MOBILE,
    "＋８６　１３８００１３８０００": MOBILE,
    "手机：13800138000": MOBILE,
    "13800138000（晚上打）": f"{MOBILE};note=晚上打",
    "13800138000(晚上打": f"{MOBILE};note=晚上打",
    "13800138000【微信同号】": f"{MOBILE};note=微信同号",
    "13800138000 晚上七点以后": f"{MOBILE};note=晚上七点以后",
    "林女士 13800138000": f"{MOBILE};note=林女士",
    "13800138000（林女士）（晚上打）": f"{MOBILE};note=林女士 晚上打",
    "0592-6060000": LANDLINE,
    "(0592)6060000": LANDLINE,
    "（０５９２）６０６００００": LANDLINE,
    "+86 592 606 0000": LANDLINE,
    "0592—6060000": LANDLINE,
    "0592-6060000转801": f"{LANDLINE};ext=801",
    "0592-6060000 转 分机 801": f"{LANDLINE};ext=801",
    "0592 6060000分机号801": f"{LANDLINE};ext=801",
    "0592-6060000（转801）": f"{LANDLINE};ext=801",
    "0592-6060000-8001": f"{LANDLINE};ext=8001",
    "05926060000 ext. 12": f"{LANDLINE};ext=12",
    "05926060000 Ext12": f"{LANDLINE};ext=12",
    "05926060000x12": f"{LANDLINE};ext=12",
    "05926060000#12": f"{LANDLINE};ext=12",
    "0592-6060000转801（上班时间）": f"{LANDLINE};ext=801;note=上班时间",
    "400-810-0000": SERVICE,
    "400 810 0000 转 2": f"{SERVICE};ext=2",
    "+852 2123 4567": "+85221234567",
    "010-65250000": "+861065250000",
}


@pytest.mark.parametrize(("typed", "number"), HONEST.items())
def test_what_people_write_is_kept(typed, number):
    assert str(read_phone(typed)) == number


@pytest.mark.parametrize("typed", HONEST)
def test_what_is_shown_and_exported_reads_back_as_the_same(typed):
    number = read_phone(typed)
    assert read_phone(show_phone(str(number))) == number
    assert read_phone(plain_phone(str(number))).line == number.line or number.line == "+85221234567"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("6060000", LANDLINE),
        ("606 0000", LANDLINE),
        ("606-0000", LANDLINE),
        ("６０６００００", LANDLINE),
        ("6060000转801", f"{LANDLINE};ext=801"),
        ("6060000-801", f"{LANDLINE};ext=801"),
        ("6060000（晚上打）", f"{LANDLINE};note=晚上打"),
        ("13800138000", MOBILE),
        ("010-65250000", "+861065250000"),
    ],
)
def test_a_local_number_is_completed_with_the_offices_area_code(typed, number):
    assert str(read_phone(typed, area_code="0592")) == number


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("6060000", PhoneFault.AREA),
        ("606-0000", PhoneFault.AREA),
        ("6060000转801", PhoneFault.AREA),
        ("6060000-801", PhoneFault.AREA),
        ("65250000", PhoneFault.AREA),
        ("1380013800", PhoneFault.MOBILE_LENGTH),
        ("138001380001", PhoneFault.MOBILE_LENGTH),
        ("+86 1380013800", PhoneFault.MOBILE_LENGTH),
        ("10000000000", PhoneFault.MOBILE),
        ("13800138000/13900139000", PhoneFault.SEVERAL),
        ("13800138000 13900139000", PhoneFault.SEVERAL),
        ("13800138000、0592-6060000", PhoneFault.SEVERAL),
        ("13800138000或13900139000", PhoneFault.SEVERAL),
        ("13800138000（或13900139000）", PhoneFault.SEVERAL),
        ("12345", PhoneFault.SHORT),
        ("110", PhoneFault.SHORT),
        ("晚上打", PhoneFault.NO_DIGITS),
        ("（晚上打）", PhoneFault.NO_DIGITS),
        ("----", PhoneFault.NO_DIGITS),
        ("0592-606000", PhoneFault.SHORT),
        ("059260600001234567", PhoneFault.LONG),
        ("23800138000", PhoneFault.UNKNOWN),
    ],
)
def test_what_is_wrong_is_said(typed, fault):
    with pytest.raises(NotAPhone) as refusal:
        read_phone(typed)
    assert refusal.value.fault == fault


def test_the_parts_come_apart_again():
    assert kept(f"{LANDLINE};ext=801;note=上班;时间") == (LANDLINE, "801", "上班;时间")
    assert (line_of(f"{LANDLINE};ext=801"), line_of("")) == (LANDLINE, "")


@pytest.mark.parametrize(
    "typed", ["1" * 100_000, "(" * 100_000, "转1" * 50_000, "13800138000 " * 10_000, "-1" * 50_000]
)
def test_a_long_text_is_no_work(typed):
    with pytest.raises(NotAPhone):
        read_phone(typed)
