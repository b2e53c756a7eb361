"""The calibrated mean 校准均分: marks of differently strict reviewers on one scale.

Each reviewer's marks are put on a common scale by removing how much stricter, and how much wider or narrower, that
reviewer marks than colleagues do on the same ideas; reviewers who agree with colleagues count more. An idea's score is
the weighted average of its calibrated marks, pulled towards the middle when reviews are few.

The model (a random-effects model with a slope for each reviewer, fitted by variational EM):

    y_ij = m_j + s_j·q_i + e_ij    q ~ N(0, Sq)   m ~ N(mu, Sb)   s ~ N(1, 0.25²)   e_ij ~ N(0, v_j)

y is the weighted mark of reviewer j for idea i. Everything is in the unit of the marks; only ratios matter, so that a
scale of 100 gives the same list. Pure numpy; the same reviews in any order give the same figures to the last decimal.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Indices = NDArray[np.intp]

VERSION = "calibrated-mean-1"
STARTS, SWEEPS = 10, 100
SLOPE_PRECISION = 16.0  # 1 / 0.25²
NOISE_PRIOR = 6.0  # a reviewer's own noise is trusted as if six reviews of the average noise came with it
FULL_MARKS_SHARE = 0.5  # above it the marks hardly tell ideas apart
TINY = 1e-9


@dataclass(frozen=True)
class Fit:
    """What the reviews say. Arrays by idea: score, error (standard error), mean (plain), count. By reviewer: severity
    (m_j − mu, negative is strict), spread (s_j, 1 is usual), noise (standard deviation of one mark), reviews.

    `parts` is how many groups of reviewers share no idea, even by way of others; their scales cannot be compared.
    """

    ideas: tuple[Any, ...]
    score: Reals
    error: Reals
    mean: Reals
    count: Indices
    reviewers: tuple[Any, ...]
    severity: Reals
    spread: Reals
    noise: Reals
    reviews: Indices
    middle: float
    signal: float  # variance of true quality between ideas
    parts: int

    @property
    def tells_apart(self) -> bool:
        """Whether the marks differ at all; if not, a chance of being among the best says nothing."""
        return bool(np.ptp(self.score) > TINY) if len(self.score) else False


def fit(ratings: Iterable[tuple[Hashable, Hashable, float]]) -> Fit:
    """Fit the model to (idea, reviewer, mark). At least one review; a pair occurs once."""
    rows = sorted(ratings)
    ideas, i = _numbered([row[0] for row in rows])
    reviewers, j = _numbered([row[1] for row in rows])
    y = np.array([row[2] for row in rows], dtype=float)
    n, r = len(ideas), len(reviewers)
    count, load = np.bincount(i, minlength=n), np.bincount(j, minlength=r)
    mean = np.bincount(i, y, n) / count
    floor = TINY * max(float(np.var(y)), TINY)

    # Start: a plain two-way fit, shrunk.
    mu, q, b = float(y.mean()), np.zeros(n), np.zeros(r)
    for _ in range(STARTS):
        b = np.bincount(j, y - mu - q[i], r) / (load + 2)
        q = np.bincount(i, y - mu - b[j], n) / (count + 1.5)
        mu += float((y - mu - b[j] - q[i]).mean())
    left = y - mu - b[j] - q[i]
    freedom = max(len(y) - n - r + 1, len(y) / 3)
    v0 = max(float(left @ left) / freedom, floor)
    m, s, v = mu + b, np.ones(r), np.full(r, v0)
    sq, sb = v0 / 1.5, v0 / 2
    vs, vm, c = np.zeros(r), np.zeros(r), np.zeros(r)
    p = np.zeros(n)
    for _ in range(SWEEPS):
        # (1) the ideas, given the reviewers
        precision = 1 / sq + np.bincount(i, ((s**2 + vs) / v)[j], n)
        q = np.bincount(i, (s[j] * (y - m[j]) - c[j]) / v[j], n) / precision
        p = 1 / precision
        # (2) the reviewers, given the ideas
        qi, pi = q[i], p[i]
        a11, a12 = load / v + 1 / sb, np.bincount(j, qi, r) / v
        a22 = np.bincount(j, qi**2 + pi, r) / v + SLOPE_PRECISION
        r1 = np.bincount(j, y, r) / v + mu / sb
        r2 = np.bincount(j, qi * y, r) / v + SLOPE_PRECISION
        d = a11 * a22 - a12**2
        m, s = (a22 * r1 - a12 * r2) / d, np.maximum(0.0, (a11 * r2 - a12 * r1) / d)
        vm, vs, c = a22 / d, a11 / d, -a12 / d
        trust = 1 / (sb + vm)
        mu = float(m @ trust / trust.sum())
        # (3) the noise of each reviewer
        square = (y - m[j] - s[j] * qi) ** 2 + pi * (s**2 + vs)[j] + vm[j] + 2 * c[j] * qi + vs[j] * qi**2
        v0 = max(float(square.mean()), floor)
        v = (np.bincount(j, square, r) + NOISE_PRIOR * v0) / (load + NOISE_PRIOR)
        # (4) how much ideas and reviewers differ
        sq = max(float((q**2 + p).mean()), floor)
        sb = max(float((((m - mu) ** 2 + vm).sum() + sb) / (r + 1)), floor)
    return Fit(
        ideas=ideas,
        score=mu + q,
        error=np.sqrt(p),
        mean=mean,
        count=count,
        reviewers=reviewers,
        severity=m - mu,
        spread=s,
        noise=np.sqrt(v),
        reviews=load,
        middle=mu,
        signal=sq,
        parts=_parts(i, j, n, r),
    )


def chances(found: Fit, top: int) -> Reals:
    """For each idea the chance of being among the best `top`, by its score and error; they add up to `top`.

    P_i = Φ((q_i − c) / error_i), with c found by halving.
    """
    if top >= len(found.ideas):
        return np.ones(len(found.ideas))
    low, high = float((found.score - 12 * found.error).min()), float((found.score + 12 * found.error).max())
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):  # no number lies between them any more
            break
        if _normal((found.score - middle) / found.error).sum() > top:
            low = middle
        else:
            high = middle
    return _normal((found.score - (low + high) / 2) / found.error)


def _normal(x: Reals) -> Reals:
    """The distribution function of the normal distribution."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in x.tolist()])


def _numbered(keys: Sequence[Any]) -> tuple[tuple[Any, ...], Indices]:
    """The different keys in order, and for each row the place of its key."""
    order = sorted(set(keys))
    place = {key: number for number, key in enumerate(order)}
    return tuple(order), np.array([place[key] for key in keys], dtype=np.intp)


def _parts(i: Indices, j: Indices, n: int, r: int) -> int:
    """How many connected parts the reviewers form by the ideas that they share."""
    root = list(range(n + r))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for idea, reviewer in zip(i.tolist(), j.tolist(), strict=True):
        root[find(idea)] = find(n + reviewer)
    return len({find(n + reviewer) for reviewer in range(r)})
