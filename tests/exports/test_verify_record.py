"""The self-contained program and the portal's rules are two programs for one rulebook: they must agree everywhere."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.exports import verify_record
from ideas.rules import calibration, ratings
from ideas.rules.shortlist import Quota, Swap, arrange, propose


def reviews(seed, ideas=40, reviewers=7, per_idea=3):
    """Random marks of strict and mild, sure and unsure reviewers, some ideas with a single review."""
    dice = Random(seed)
    style = [(dice.gauss(0, 1), dice.uniform(0, 1.5), dice.uniform(0.3, 2)) for _ in range(reviewers)]
    rows = []
    for idea in range(ideas):
        truth = dice.gauss(6, 1.2)
        for number in dice.sample(range(reviewers), dice.randint(1, per_idea)):
            bias, spread, noise = style[number]
            points = [round(max(1, min(10, bias + 6 + spread * (truth - 6) + dice.gauss(0, noise)))) for _ in range(4)]
            mark = sum(w * p for w, p in zip((35, 30, 20, 15), points, strict=True)) / 100
            rows.append((idea, f"reviewer-{number}", mark))
    return sorted(rows)


@pytest.mark.parametrize("seed", range(25))
def test_both_give_the_same_calibrated_means_to_nine_decimals(seed):
    rows = reviews(seed, ideas=10 + 4 * seed, reviewers=3 + seed % 9)
    own = {score.idea: score.score for score in ratings.calibrated(calibration.fit(rows))}
    alone = verify_record.calibrated(rows)
    assert max(abs(own[idea] - alone[idea]) for idea in own) < 1.1e-9
    order = sorted(alone, key=lambda idea: (-round(alone[idea], 9), -verify_record.plain(rows)[idea], idea))
    assert order[:5] == ratings.rank(rows, 5)


def test_both_give_the_same_when_all_marks_are_equal():
    rows = [(idea, f"reviewer-{number}", 7.0) for idea in range(6) for number in range(3)]
    own = {score.idea: score.score for score in ratings.calibrated(calibration.fit(rows))}
    assert verify_record.calibrated(rows) == pytest.approx(own, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_both_give_the_same_plain_means(seed):
    rows = reviews(seed)
    own = {score.idea: score.score for score in ratings.scores(rows)}
    assert verify_record.plain(rows) == pytest.approx(own, abs=1e-9)


MARKS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 10))


@pytest.mark.parametrize("seed", range(5))
def test_both_give_the_same_trimmed_means(seed):
    rows = reviews(seed, per_idea=6)
    own = {score.idea: score.score for score in ratings.scores(rows, trimmed=True)}
    assert verify_record.trimmed(rows) == pytest.approx(own, abs=1e-9)


def test_both_know_the_same_methods():
    assert set(verify_record.METHODS) == set(ratings.VERSIONS.values())


@given(MARKS, st.lists(st.integers(1, 60), min_size=4, max_size=4))
def test_both_weigh_marks_alike(marks, weights):
    weight = dict(zip("abcd", weights, strict=True))
    assert verify_record.weighted(marks, weight) == pytest.approx(ratings.weighted_mark(marks, weight))


@st.composite
def cases(draw):
    count = draw(st.integers(1, 12))
    ideas = [f"i{number}" for number in range(count)]
    groups = [{"topic": draw(st.sampled_from("abc")), "street": draw(st.sampled_from("xy"))} for _ in ideas]
    named = draw(st.sets(st.sampled_from([("topic", n) for n in "abc"] + [("street", n) for n in "xy"])))
    limits = {one: (draw(st.integers(0, 3)), draw(st.none() | st.integers(0, 5))) for one in sorted(named)}
    possible = list(combinations(ideas, 2))
    pairs = draw(st.lists(st.sampled_from(possible), max_size=5)) if possible else []
    return ideas, groups, limits, sorted(set(pairs)), draw(st.integers(1, count))


@given(cases())
def test_both_propose_the_same_list(case):
    ideas, groups, limits, pairs, places = case
    ranking = [ratings.Score(idea, 9.0 - n, 9.0 - n, 2) for n, idea in enumerate(ideas)]
    quotas = [
        Quota(kind, name, frozenset(i for i, g in zip(ideas, groups, strict=True) if g[kind] == name), least, most)
        for (kind, name), (least, most) in limits.items()
    ]
    cell = {
        idea: tuple(group[kind] if (kind, group[kind]) in limits else None for kind in ("topic", "street"))
        for idea, group in zip(ideas, groups, strict=True)
    }
    own = [score.idea for score in propose(ranking, places, quotas, pairs).chosen]
    assert verify_record.propose(ideas, places, cell, limits, pairs) == own


@given(st.permutations(range(8)), st.integers(2, 5), st.data())
def test_both_arrange_the_same_list(order, places, data):
    chosen, swaps = list(order[:places]), []
    for _ in range(data.draw(st.integers(0, 5))):
        listed = {p.idea for p in arrange(order, chosen, [], swaps)}
        out = data.draw(st.sampled_from(sorted(listed)))
        put_in = data.draw(st.sampled_from(sorted(set(order) - {out})))
        swaps.append(Swap(out, put_in, is_tier=put_in in listed))
    tiers = [1, places - 1]
    facts = {
        "scores": [{"idea": idea} for idea in order],
        "proposal": {"list": chosen},
        "exchanges": [{"out": s.removed, "put_in": s.added, "is_tier": s.is_tier} for s in swaps],
        "tiers": [{"name": n, "places": p} for n, p in enumerate(tiers)],
    }
    own = [(placed.idea, placed.tier) for placed in arrange(order, chosen, tiers, swaps)]
    assert verify_record.final_list(facts) == own
