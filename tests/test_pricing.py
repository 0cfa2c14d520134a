"""The price of a model call is known, or it is None; it is never 0 by default."""

from __future__ import annotations

import pytest

from reenact.domain.conversation import Usage
from reenact.pricing import cost_of

USED = Usage(input_tokens=100, output_tokens=18)


def test_a_known_model_has_a_computed_price():
    cost = cost_of(USED, model="gpt-4o-mini-2024-07-18", provider="openai")

    assert cost is not None
    assert (cost.amount, cost.currency, cost.source) == (2.58e-05, "USD", "computed")


def test_a_provider_that_the_list_does_not_know_is_no_hindrance():
    assert cost_of(USED, model="gpt-4o-mini", provider="my-gateway") == cost_of(
        USED, model="gpt-4o-mini"
    )


def test_cached_tokens_cost_less():
    cached = Usage(input_tokens=100, output_tokens=18, cached_input_tokens=90)

    assert cost_of(cached, model="gpt-4o-mini").amount < cost_of(USED, model="gpt-4o-mini").amount


@pytest.mark.parametrize(
    ("usage", "model"),
    [
        (USED, "a-model-of-our-own"),
        (USED, None),
        (Usage(input_tokens=100), "gpt-4o-mini"),
        (Usage(), "gpt-4o-mini"),
        (Usage(input_tokens=1, output_tokens=1, cached_input_tokens=5), "gpt-4o-mini"),
    ],
)
def test_what_is_not_known_has_no_price(usage: Usage, model: str | None):
    assert cost_of(usage, model=model) is None
