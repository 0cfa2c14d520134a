from __future__ import annotations

import json
from typing import Any

import pytest

from reenact.agents.templates import fill_variables, request_template, spoken
from reenact.domain.agent import HttpTarget
from reenact.errors import AgentNotLoaded
from support.http_agent import HISTORY, question


def filled(request: Any, message: str = "hi", **target: Any) -> Any:
    template = request_template(HttpTarget(url="http://h", request=request, **target))
    return json.loads(template.fill(question(message)))


@pytest.mark.parametrize(
    "message", ['say "no"', "back\\slash", "line\nbreak", "🙂", "{{turn}}", ""]
)
def test_a_message_arrives_as_it_is_alone_and_inside_other_words(message: str) -> None:
    body = filled({"alone": "{{message}}", "inside": "<{{message}}|{{turn}}>"}, message)
    assert body == {"alone": message, "inside": f"<{message}|3>"}


def test_a_list_inside_other_words_is_written_as_json_text() -> None:
    body = filled({"prompt": "History: {{messages}}"})
    history = json.loads(body["prompt"].removeprefix("History: "))
    assert history == [*HISTORY, {"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    "constant",
    [{}, [], {"a": [1, 2.5, None, True, {"b": "ü"}]}, 'quote " and {single} {{ }}', [[], [[]]]],
)
def test_what_is_no_placeholder_stays_as_it_is(constant: Any) -> None:
    assert filled({"x": constant}) == {"x": constant}


def test_a_whole_body_may_be_one_placeholder() -> None:
    assert filled("{{messages}}") == [*HISTORY, {"role": "user", "content": "hi"}]


def test_an_unknown_placeholder_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(AgentNotLoaded) as error:
        filled({"a": {"b": ["{{mesage}}"]}})
    assert "request.a.b.0: unknown placeholder {{mesage}}" in str(error.value)
    assert "did you mean {{message}}?" in str(error.value)


def test_a_model_that_nobody_named_is_refused() -> None:
    with pytest.raises(AgentNotLoaded, match="no model was given"):
        filled({"model": "{{model}}"})
    assert filled({"model": "{{model}}", "m": "x/{{model}}"}, model="m1") == {
        "model": "m1",
        "m": "x/m1",
    }


def test_the_openai_template_leaves_out_a_model_that_nobody_named() -> None:
    assert set(filled(None, template="openai")) == {"messages", "stream"}


def test_results_of_tools_are_the_last_words() -> None:
    results = [*HISTORY, {"role": "tool", "tool_call_id": "c", "content": "{}"}]
    assert spoken(question("", messages=results)) == results
    assert spoken(question("and?", messages=results))[-1] == {"role": "user", "content": "and?"}


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(AgentNotLoaded) as error:
        fill_variables({"Authorization": "Bearer ${SHOP_TOKEN}"}, {"OTHER": "x"})
    assert "header Authorization: the environment variable SHOP_TOKEN is not set" in str(
        error.value
    )
    assert error.value.next_step == "export SHOP_TOKEN=... and run again"


def test_a_value_with_a_line_break_is_refused_without_being_shown() -> None:
    with pytest.raises(AgentNotLoaded) as error:
        fill_variables({"X-Key": "${KEY}"}, {"KEY": "secret-value\r\nX-Evil: 1"})
    assert "header X-Key" in str(error.value)
    assert "secret-value" not in str(error.value)


def test_several_variables_and_plain_words_are_filled() -> None:
    headers = {"A": "${ONE}-${TWO}", "B": "plain $3 {x}"}
    assert fill_variables(headers, {"ONE": "1", "TWO": "2"}) == {"A": "1-2", "B": "plain $3 {x}"}
