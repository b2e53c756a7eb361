"""Sentences that follow each other in a template stand as their language has it."""

import pytest
from django.template import Context, Template

TWO = "{%% load pages %%}{%% sentences %%}\n  <b>%s</b>\n  <i>%s</i>\n{%% endsentences %%}"


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("尚未提交。", "征集截至周五。", "<b>尚未提交。</b><i>征集截至周五。</i>"),
        ("Not sent yet.", "Open until Friday.", "<b>Not sent yet.</b> <i>Open until Friday.</i>"),
    ],
)
def test_a_space_stands_between_sentences_in_english_only(one, other, shown):
    assert " ".join(Template(TWO % (one, other)).render(Context()).split()) == shown
