from __future__ import annotations

from itertools import combinations
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reenact.stats.intervals import pass_hat_k, wilson

RATES = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I,
        # method 3: 81/263, 15/148, 0/20, 1/29.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (3, 3, 0.4385, 1.0000),
    ],
)
def test_the_interval_is_the_published_one(
    passed: int, total: int, low: float, high: float
) -> None:
    assert wilson(passed, total) == pytest.approx((low, high), abs=5e-5)


@given(RATES)
def test_the_ends_are_the_rates_whose_score_test_just_holds(rate: tuple[int, int]) -> None:
    passed, total = rate
    z = 1.959963984540054
    for end in wilson(passed, total):
        if 0 < end < 1:
            spread = sqrt(end * (1 - end) / total)
            assert abs(passed / total - end) / spread == pytest.approx(z, rel=1e-6)


@given(RATES)
def test_the_interval_holds_the_rate_and_its_mirror_is_that_of_the_failures(
    rate: tuple[int, int],
) -> None:
    passed, total = rate
    low, high = wilson(passed, total)
    assert 0 <= low <= passed / total <= high <= 1
    assert wilson(total - passed, total) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("passed", "total"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_rate_has_no_interval(passed: int, total: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        wilson(passed, total)


def test_pass_hat_k_is_the_share_of_groups_that_all_pass() -> None:
    for runs in ([True, True, False, True, False], [True] * 4, [False, False]):
        for k in range(1, len(runs) + 1):
            groups = list(combinations(runs, k))
            share = sum(all(group) for group in groups) / len(groups)
            assert pass_hat_k(sum(runs), len(runs), k) == pytest.approx(share)


def test_pass_hat_k_is_unknown_with_fewer_runs_than_k() -> None:
    assert pass_hat_k(2, 2, 3) is None
