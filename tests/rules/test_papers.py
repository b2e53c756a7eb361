from ideas.rules.papers import title_size, width


def test_a_chinese_character_is_as_wide_as_two_letters():
    assert (width("金点子"), width("idea"), width("金a")) == (6, 4, 3)


def test_longer_titles_are_set_smaller():
    assert [title_size("金" * n) for n in (11, 20, 40)] == ["", "long", "longest"]
