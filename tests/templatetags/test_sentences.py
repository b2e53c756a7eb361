"""Sentences that follow each other in a template stand as their language has it."""

from datetime import datetime
from zoneinfo import ZoneInfo

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


def test_no_line_ends_inside_a_moment():
    context = Context({"at": datetime(2026, 4, 10, tzinfo=ZoneInfo("Asia/Shanghai"))})
    shown = Template("{% load words %}{{ at|when }}{{ at|until }}").render(context)
    assert shown == '<span class="keep">2026-04-10 00:00</span><span class="keep">2026-04-09 24:00</span>'
