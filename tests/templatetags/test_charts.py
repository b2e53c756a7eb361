"""Where the points and bars of pictures stand, drawn from plain figures."""

import pytest

from ideas.queries.ranking import Line
from ideas.rules.ratings import Score
from ideas.templatetags.charts import RANKED, funnel, percent_done, ranking_picture


def ranked(*scores, error=None, places=1):
    return [
        Line(rank, Score(idea=rank, score=score, mean=score, reviews=1, error=error), [], rank <= places)
        for rank, score in enumerate(scores, 1)
    ]


@pytest.mark.parametrize(("done", "total", "percent"), [(0, 0, 0), (1, 2, 50), (2999, 3000, 99), (3, 3, 100)])
def test_a_bar_is_full_when_all_is_done_and_not_before(done, total, percent):
    assert percent_done(done, total) == percent


@pytest.mark.parametrize(
    ("figures", "widths"),
    [
        ({}, []),
        ({"at": "2026-03-19T09:30:00+08:00", "received": 0, "valid": 0}, [0, 0]),
        ({"at": "2026-03-19T09:30:00+08:00", "received": 3, "valid": 2}, [100.0, 66.7]),
        ({"at": "2026-03-19T09:30:00+08:00", "received": 3000, "valid": 280, "chosen": 1}, [100.0, 9.3, 0.5]),
    ],
)
def test_a_funnels_lines_are_as_long_as_their_share_and_one_idea_leaves_a_trace(figures, widths):
    assert [bar["width"] for bar in funnel(figures)["bars"]] == widths


def test_a_ranking_goes_down_from_left_to_right_inside_its_margins():
    picture = ranking_picture(ranked(8.0, 6.0, 4.0), places=1, score=8.0)["picture"]
    assert [(point["x"], point["y"], point["chosen"]) for point in picture["points"]] == [
        (161.7, 20.0, True),
        (413.0, 120.0, False),
        (664.3, 220.0, False),
    ]
    assert (picture["low"], picture["high"], picture["cut"], picture["score"]) == (4.0, 8.0, 287.3, 8.0)


def test_error_bars_widen_the_scale():
    picture = ranking_picture(ranked(7.0, 5.0, error=1.0), places=2, score=None)["picture"]
    assert [(point["top"], point["foot"]) for point in picture["points"]] == [(20.0, 120.0), (120.0, 220.0)]
    assert picture["cut"] is None


def test_one_idea_is_no_picture_and_of_many_the_leading_are_drawn():
    assert ranking_picture(ranked(8.0), places=1, score=None) == {"picture": None}
    assert ranking_picture(ranked(*[5.0] * 100), places=1, score=5.0)["picture"]["count"] == RANKED
