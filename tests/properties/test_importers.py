"""Whatever a file holds, an importer takes it, says why not, or names the file in an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reenact.capture.importers import messages, tau
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation
from reenact.errors import DecodeError, UsageError

KEYS = st.sampled_from(
    (
        "messages", "traj", "simulations", "info", "task_id", "trial", "reward", "role", "content",
        "tool_calls", "tool_call_id", "id", "function", "name", "arguments", "timestamp", "usage",
        "cost", "error", "type", "text", "input", "session_id", "environment_info", "domain_name",
    )
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        (
            "user", "assistant", "tool", "system", "text", "tool_use", "tool_result",
            "###STOP###", "Error: no", "2025-08-01T16:00:00", '{"a": 1}', "\ud800", "1e999",
        )
    ),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(("user", "assistant", "tool", "system")), "content": JSON},
    optional={
        "tool_calls": JSON,
        "tool_call_id": SCALARS,
        "timestamp": SCALARS,
        "usage": JSON,
        "name": SCALARS,
    },
)
TALKS = st.lists(st.lists(MESSAGE, max_size=4), max_size=4)
RUNS = TALKS.map(lambda talks: [{"task_id": n, "trial": 0, "traj": t} for n, t in enumerate(talks)])
TAU2 = TALKS.map(
    lambda talks: {
        "info": {"environment_info": {"domain_name": "retail"}},
        "simulations": [{"task_id": n, "trial": 0, "messages": t} for n, t in enumerate(talks)],
    }
)
FILES = st.one_of(
    st.binary(max_size=60),
    st.one_of(JSON, TALKS, RUNS, TAU2).map(lambda data: json.dumps(data).encode()),
)
READERS = (
    ("x.json", tau.conversations_in),
    ("x.json", messages.conversations_in),
    ("x.jsonl", messages.conversations_in),
)


@pytest.mark.parametrize(("name", "conversations_in"), READERS, ids=["tau", "json", "jsonl"])
@given(content=FILES, cut=st.integers(0, 200))
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_bytes_are_taken_or_refused_with_a_reason(
    name: str,
    conversations_in: Callable[..., Iterator[Conversation]],
    content: bytes,
    cut: int,
    tmp_path: Path,
) -> None:
    path = tmp_path / name
    path.write_bytes(content if cut > 100 else content[: len(content) - cut])
    rejected: list[str] = []
    taken: list[Conversation] = []
    place = str(path)
    try:
        taken.extend(conversations_in(path, project="p", on_reject=rejected.append))
    except (DecodeError, UsageError) as error:
        place = error.where or ""
    assert place == str(path)
    assert all(": " in reason for reason in rejected)
    for talk in taken:
        assert conversation_from(spans_of(talk)) == talk
