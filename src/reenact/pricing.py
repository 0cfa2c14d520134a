"""Prices of model calls, from the tokens and the price list of the genai-prices package."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from reenact.domain.conversation import Cost, Usage


def cost_of(
    usage: Usage, *, model: str | None, provider: str | None = None, at: datetime | None = None
) -> Cost | None:
    """Return what a model call cost in USD; None where tokens, model or price are unknown.

    The price list is the one that was installed; nothing is fetched.
    """
    if not model or usage.input_tokens is None or usage.output_tokens is None:
        return None
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    cached = usage.cached_input_tokens
    if cached is not None and cached > usage.input_tokens:
        return None
    tokens = Tokens(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=cached or 0,
    )
    for named in dict.fromkeys((provider, None)):
        if not _is_listed(model, named):
            continue
        try:
            price = calc_price(
                tokens, model_ref=model, provider_id=named, genai_request_timestamp=at
            )
        except (LookupError, ValueError):
            continue
        return Cost(amount=float(price.total_price), source="computed")
    return None


@lru_cache(maxsize=1024)
def _is_listed(model: str, provider: str | None) -> bool:
    """Tell whether the price list knows the model; it takes its time to say no, each time."""
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    try:
        calc_price(Tokens(input_tokens=0, output_tokens=0), model_ref=model, provider_id=provider)
    except LookupError:
        return False
    except ValueError:
        return True
    return True
