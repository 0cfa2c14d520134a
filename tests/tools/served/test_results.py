from __future__ import annotations

from typing import Any

import pytest

from reenact.domain.conversation import Served
from reenact.tools.answer import ToolAnswer
from reenact.tools.served.results import json_answer, mcp_result


def recorded(result: Any = None, error: str | None = None) -> ToolAnswer:
    return ToolAnswer(provenance="recorded", result=result, error=error, served=Served(rung=1))


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"state": "sent", "größe": 3}, '{"state": "sent", "größe": 3}'),
        ("plain words", "plain words"),
        ([1, None], "[1, null]"),
        (None, "null"),
        ([], "[]"),
        ({"type": "text"}, '{"type": "text"}'),
        ({"content": "words"}, '{"content": "words"}'),
    ],
)
def test_a_result_is_one_text_as_the_model_read_it(result: Any, text: str) -> None:
    assert mcp_result(recorded(result)) == {
        "content": [{"type": "text", "text": text}],
        "isError": False,
    }


def test_mcp_content_of_the_recording_goes_out_as_it_was() -> None:
    block = {"type": "text", "text": "hi"}
    whole = {"content": [block], "structuredContent": {"a": 1}, "isError": True, "_meta": {"x": 1}}
    assert mcp_result(recorded(whole)) == {
        "content": [block],
        "structuredContent": {"a": 1},
        "isError": True,
    }
    assert mcp_result(recorded([block, block]))["content"] == [block, block]
    assert mcp_result(recorded(block))["content"] == [block]


def test_a_failure_and_a_refusal_are_errors_of_the_tool() -> None:
    refused = ToolAnswer(provenance="refused", error="refused: no", served=Served(miss="secret"))
    for answer, said in ((recorded(error="too late"), "too late"), (refused, "refused: no")):
        assert mcp_result(answer) == {
            "content": [{"type": "text", "text": said}],
            "isError": True,
        }
    # The nearest recorded call is for the engineer: an agent that read it would follow it.
    assert json_answer(refused) == {
        "result": None,
        "error": "refused: no",
        "provenance": "refused",
    }
