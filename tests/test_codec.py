from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reenact import codec
from reenact.domain.conversation import Conversation
from reenact.domain.fidelity import Fidelity
from reenact.domain.recording import Recording
from reenact.errors import RecordingTampered, UsageError
from support.talks import REFUND, agent, call, talk, user

NO_FIDELITY = Fidelity(score=None, axes=())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_equal_numbers_are_written_alike() -> None:
    assert codec.canonical({"b": 12.0, "a": True}) == codec.canonical({"a": True, "b": 12})
    assert codec.canonical(1) != codec.canonical(True)


@given(JSON)
@example(math.inf)
@example({"a": math.nan, "b": [math.inf, None]})
def test_a_recording_of_any_result_comes_back_under_its_hash(result: Any) -> None:
    recording = codec.record(talk(user("a"), call("get", {}, result), agent("b")), NO_FIDELITY)
    again = codec.from_json(Recording, codec.to_json(recording), where="here")
    assert codec.verified(again, where="here").hash == recording.hash


def test_a_changed_word_is_found_out() -> None:
    recording = codec.record(REFUND, NO_FIDELITY)
    changed = codec.to_json(recording).replace(b"It has shipped.", b"It is lost.")
    with pytest.raises(RecordingTampered, match="but its content gives"):
        codec.verified(codec.from_json(Recording, changed, where="x"), where="x")


def test_a_field_at_its_default_is_no_content() -> None:
    data = codec.to_data(codec.record(REFUND, NO_FIDELITY))
    defaults = {
        field.name
        for field in dataclasses.fields(Conversation)
        if field.default is not dataclasses.MISSING
        and data["conversation"][field.name] == field.default
    }
    assert "time_synthetic" in defaults
    for name in defaults:
        del data["conversation"][name]
    again = codec.from_data(Recording, data, where="x")
    assert codec.verified(again, where="x") == codec.record(REFUND, NO_FIDELITY)


def test_what_does_not_fit_is_named_with_its_place() -> None:
    data = codec.to_data(REFUND)
    data["items"][1]["name"] = 4
    with pytest.raises(UsageError, match=r"talk\.json: items\.1\.tool_call\.name"):
        codec.from_data(Conversation, data, where="talk.json")
    del data["items"][0]["kind"]
    with pytest.raises(UsageError, match=r"items\.0: "):
        codec.from_data(Conversation, data, where="talk.json")


def test_what_json_has_no_number_for_is_null() -> None:
    assert codec.canonical([math.nan, math.inf]) == "[null,null]"
