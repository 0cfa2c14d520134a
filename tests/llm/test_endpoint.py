"""Models behind an OpenAI-compatible endpoint: a real server that answers, fails and breaks off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from reenact.domain.conversation import Usage
from reenact.errors import ModelFailed
from reenact.llm.asking import AskedModel
from reenact.llm.endpoint import Endpoint
from reenact.llm.port import Prompt
from support.model_endpoint import (
    CHOICE,
    QUESTION,
    SHAPED,
    Script,
    asked,
    half,
    pieces,
    refusal,
    said,
    silence,
    streamed,
)

KEY = "sk-very-secret-0123456789"


def test_an_answer_comes_with_its_model_and_tokens() -> None:
    script = Script([said("The second.")])
    prompt = Prompt(messages=QUESTION.messages, temperature=0, max_tokens=50)
    (answer,) = asked(script, prompt, key=KEY)
    assert answer.text == "The second."
    assert answer.model == "gpt-4.1-mini-2025-04-14"
    assert answer.usage == Usage(input_tokens=1000, output_tokens=100)
    assert script.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "Which one?"}],
            "temperature": 0,
            "max_tokens": 50,
        }
    ]
    assert script.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_a_cost_is_known_where_a_price_list_holds_and_only_there() -> None:
    (priced,) = asked(Script([said("x")]), prices="openai")
    assert priced.cost == pytest.approx(1000 * 0.4e-6 + 100 * 1.6e-6)
    (local,) = asked(Script([said("x")]))
    assert local.cost is None
    (silent,) = asked(Script([said("x", usage=None)]), prices="openai")
    assert silent.cost is None
    assert silent.usage == Usage()


def test_no_key_means_no_header() -> None:
    script = Script([said("x")])
    asked(script)
    assert "Authorization" not in script.headers[0]


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After_Ms": "1500", "Retry_After": "9"}, 1.5),
    ],
)
def test_a_busy_model_is_asked_again_when_it_says(headers: dict[str, str], pause: float) -> None:
    script = Script([refusal(429, **headers), said("Now.")])
    (answer,) = asked(script)
    assert answer.text == "Now."
    assert script.pauses == [pause]


def test_a_date_says_when_to_ask_again() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=40))
    script = Script([refusal(503, Retry_After=until), said("Now.")])
    asked(script)
    assert 30 < script.pauses[0] <= 40


def test_a_model_that_asks_to_wait_for_an_hour_is_given_up() -> None:
    script = Script([refusal(429, "slow down", Retry_After="3600")])
    with pytest.raises(ModelFailed, match="asks to wait 3600 s"):
        asked(script)
    assert script.pauses == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again_after_growing_pauses(status: int) -> None:
    script = Script([refusal(status, "try later")])
    with pytest.raises(ModelFailed, match=rf"answered {status}: .*try later.*\(tried 4 times\)"):
        asked(script, retries=3)
    first, second, third = script.pauses
    assert 0.25 <= first <= 0.5 <= second <= 1 <= third <= 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    script = Script([refusal(status, f"Incorrect API key provided: {KEY}")])
    with pytest.raises(ModelFailed, match=f"answered {status}") as error:
        asked(script, key=KEY, key_name="OPENAI_API_KEY")
    assert len(script.bodies) == 1
    assert KEY not in str(error.value)
    assert ("check OPENAI_API_KEY" in str(error.value)) == (status == 401)


def test_an_empty_purse_is_not_asked_again() -> None:
    script = Script([refusal(429, "insufficient_quota: check your plan")])
    with pytest.raises(ModelFailed, match="insufficient_quota"):
        asked(script)
    assert script.pauses == []


def test_a_server_that_is_not_there_is_tried_again_and_then_named() -> None:
    script = Script([])
    url = "http://127.0.0.1:9/v1"
    with pytest.raises(ModelFailed, match=r"no connection to http://127.0.0.1:9/v1.*tried 3 times"):
        asked(script, url=url)
    assert len(script.pauses) == 2


def test_a_silent_model_is_given_up() -> None:
    script = Script([silence])
    with pytest.raises(ModelFailed, match=r"no answer within 0.05 s \(tried once\)"):
        asked(script, timeout_s=0.05, retries=0)


@pytest.mark.parametrize("broken", [half, web.Response(text="<html>"), web.Response(text="")])
def test_an_answer_that_broke_off_is_asked_for_again(broken: object) -> None:
    script = Script([broken, said("Whole.")])
    (answer,) = asked(script)
    assert answer.text == "Whole."
    assert len(script.pauses) == 1


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ({"answer": 42}, "the answer is no chat completion: .*42"),
        (said(None), "answered no text"),
        (said(""), "answered no text"),
        ([], "the answer is no chat completion"),
    ],
)
def test_an_answer_without_words_is_a_failure(answer: object, part: str) -> None:
    with pytest.raises(ModelFailed, match=part):
        asked(Script([answer]))


def test_an_error_with_status_200_is_an_error() -> None:
    script = Script([{"error": {"code": 429, "message": "busy"}}, said("Now.")])
    assert asked(script)[0].text == "Now."
    with pytest.raises(ModelFailed, match="no such model"):
        asked(Script([{"error": {"code": 404, "message": "no such model"}}]))


def test_a_redirect_is_not_followed_with_the_key() -> None:
    async def moved(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"})

    with pytest.raises(ModelFailed, match="a redirect"):
        asked(Script([moved]), key=KEY)


def test_an_option_that_a_model_refuses_by_name_is_left_out_from_then_on() -> None:
    unknown = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    script = Script(
        [refusal(400, unknown), refusal(400, "Unsupported value: 'temperature'"), said("x")]
    )
    prompt = Prompt(messages=QUESTION.messages, temperature=0.2, max_tokens=9)
    asked(script, prompt, prompt)
    *_, first, second = script.bodies
    assert len(script.bodies) == 4
    assert first == second
    assert first["max_completion_tokens"] == 9
    assert "max_tokens" not in first
    assert "temperature" not in first


def test_a_refusal_to_answer_is_what_the_model_said() -> None:
    declined = said(None)
    declined["choices"][0]["message"]["refusal"] = "I cannot help with that."
    assert asked(Script([declined]))[0].text == "I cannot help with that."


def test_a_shape_is_asked_for_as_the_endpoint_knows_it() -> None:
    script = Script([said('{"choice": 2}')])
    (answer,) = asked(script, SHAPED)
    assert answer.data == {"choice": 2}
    assert script.bodies[0]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": CHOICE, "strict": True},
    }
    assert len(script.bodies[0]["messages"]) == 1


def test_an_endpoint_that_refuses_shapes_is_told_them_in_words_from_then_on() -> None:
    script = Script([refusal(400, "response_format is not supported"), said('{"choice": 2}')])
    first, second = asked(script, SHAPED, SHAPED)
    assert first.data == second.data == {"choice": 2}
    assert len(script.bodies) == 3
    for body in script.bodies[1:]:
        assert "response_format" not in body
        assert body["messages"][0]["role"] == "system"
        assert '"choice"' in body["messages"][0]["content"]


def test_a_request_that_is_wrong_otherwise_says_nothing_about_shapes() -> None:
    script = Script(
        [refusal(400, "context too long"), refusal(400, "context too long"), said('{"choice": 2}')]
    )

    async def twice(model: AskedModel, prompt: Prompt) -> object:
        with pytest.raises(ModelFailed, match="context too long"):
            await model.complete(prompt)
        return await model.complete(prompt)

    asked(script, SHAPED, ask=twice)
    assert "response_format" in script.bodies[2]


def test_an_answer_that_does_not_fit_is_sent_back_once() -> None:
    script = Script([said('{"choice": "two"}'), said('{"choice": 2}')])
    (answer,) = asked(script, SHAPED, prices="openai")
    assert answer.data == {"choice": 2}
    assert answer.usage == Usage(input_tokens=2000, output_tokens=200)
    assert answer.cost == pytest.approx(2 * (1000 * 0.4e-6 + 100 * 1.6e-6))
    *_, given, asked_for = script.bodies[1]["messages"]
    assert given == {"role": "assistant", "content": '{"choice": "two"}'}
    assert "`choice` is string, not integer" in asked_for["content"]


def test_an_answer_that_does_not_fit_twice_is_a_failure() -> None:
    script = Script([said("The second one, I think.")])
    with pytest.raises(
        ModelFailed, match=r"in the shape asked for, twice: it is no JSON.*The seco"
    ):
        asked(script, SHAPED)
    assert len(script.bodies) == 2


def test_a_stream_comes_in_pieces() -> None:
    script = Script([streamed("The ", "second", b": a comment\n\n", ".")])
    assert asked(script, ask=pieces) == [["The ", "second", "."]]
    assert script.bodies[0]["stream"] is True


def test_a_stream_that_fails_before_its_first_piece_is_tried_again() -> None:
    script = Script([refusal(429, Retry_After="3"), streamed("Now.")])
    assert asked(script, ask=pieces) == [["Now."]]
    assert script.pauses == [3.0]


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (streamed("Half", end=b""), "broke off after 4 characters: the stream ended before"),
        (streamed("Half", b"data: {oh\n\n"), "broke off after 4 characters: a part .* is no JSON"),
        (
            streamed("Half", b'data: {"error": {"message": "overheated"}}\n\n'),
            "broke off after 4 characters: .*overheated",
        ),
    ],
)
def test_a_stream_that_breaks_off_is_a_failure_and_not_begun_again(
    answer: object, part: str
) -> None:
    script = Script([answer])
    with pytest.raises(ModelFailed, match=part):
        asked(script, ask=pieces)
    assert len(script.bodies) == 1


def test_a_stream_that_falls_silent_is_given_up() -> None:
    async def stuck(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"choices": [{"delta": {"content": "Half"}}]}\n\n')
        await asyncio.sleep(3600)
        return response

    with pytest.raises(ModelFailed, match="after 4 characters: sent nothing for"):
        asked(Script([stuck]), ask=pieces, timeout_s=0.2)


def test_a_key_shows_nowhere() -> None:
    endpoint = Endpoint(url="http://h/v1", model="m", name="m at h", key=KEY)
    model = AskedModel(endpoint, timeout_s=1, retries=0)
    assert KEY not in repr(endpoint) + repr(model) + model.name
