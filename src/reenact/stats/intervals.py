"""How sure a pass rate is: the Wilson interval, and pass^k."""

from __future__ import annotations

from math import comb, sqrt
from statistics import NormalDist


def wilson(passed: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of the rate `passed` / `total`, within 0 and 1.

    Without the continuity correction: Wilson, "Probable inference, the law of succession, and
    statistical inference", JASA 22 (1927). With p the observed rate, n the total and z the
    normal quantile of the confidence:
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Raises:
        ValueError: unless 0 <= passed <= total, 0 < total and 0 < confidence < 1.
    """
    if total < 1 or not 0 <= passed <= total:
        raise ValueError(f"{passed} of {total} is no rate")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = passed / total
    middle = rate + z * z / (2 * total)
    spread = z * sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if passed == 0 else max(0.0, (middle - spread) / scale)
    high = 1.0 if passed == total else min(1.0, (middle + spread) / scale)
    return low, high


def pass_hat_k(passed: int, total: int, k: int) -> float | None:
    """Return the unbiased estimate that `k` independent runs all pass; None with fewer runs.

    C(passed, k) / C(total, k): Yao et al., "τ-bench" (2024), section 4.

    Raises:
        ValueError: unless 0 <= passed <= total and k >= 1.
    """
    if k < 1 or not 0 <= passed <= total:
        raise ValueError(f"{passed} of {total} at k = {k} is no estimate")
    return comb(passed, k) / comb(total, k) if k <= total else None
