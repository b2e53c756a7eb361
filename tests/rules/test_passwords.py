import pytest

from ideas.rules.passwords import is_ones_name

NAMES = ("linxm", "林小满", "xiaoman.lin")


@pytest.mark.parametrize(
    "password",
    [
        "林小满林", "林小满2026", "ＬＩＮＸＩＡＯＭＡＮ８８", "linxiaoman", "Lin-Xiao-Man_1990", "xiaomanlin123456",
        "linxm!2026", "xiaoman.lin1", "林小滿123",
    ],
)  # fmt: skip
def test_a_password_that_is_little_more_than_the_name_is_found(password):
    assert is_ones_name(password, NAMES)


@pytest.mark.parametrize(
    "password", ["海边的灯塔很亮1", "linxiaoman-horse-battery", "correct horse battery", "mlxq-7731-kk", ""]
)
def test_a_good_password_may_hold_a_bit_of_the_name(password):
    assert not is_ones_name(password, NAMES)


def test_short_and_empty_names_stand_in_many_words():
    assert not is_ones_name("lighting", ("li", "", "李"))
