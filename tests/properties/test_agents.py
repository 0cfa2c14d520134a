"""Laws of agents over HTTP: what goes in comes out, however it is written or cut."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reenact.agents.answers import answer_paths, parse_arguments, read_answer
from reenact.agents.port import AgentFailed, AgentReply
from reenact.agents.streams import StreamReader
from reenact.agents.templates import request_template
from reenact.domain.agent import HttpTarget
from support.http_agent import HISTORY, question

WORDS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
TARGET = HttpTarget(url="http://h")
OPENAI = HttpTarget(url="http://h/v1", template="openai", stream="sse")


async def cut(data: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


def read(data: bytes, sizes: list[int]) -> AgentReply:
    reader = StreamReader(form="sse", places=answer_paths(OPENAI, streamed=True), strict_end=True)
    return asyncio.run(reader.read(cut(data, sizes), started=time.perf_counter()))


def outcome_of(read_it: Callable[[], AgentReply]) -> str:
    """Return `answered`, or the kind of failure; anything else raised is an error of ours."""
    try:
        reply = read_it()
    except AgentFailed as failed:
        return failed.kind
    return "answered" if isinstance(reply.text, str) or reply.tool_calls else "empty"


@given(words=WORDS, session=WORDS, constant=JSON)
def test_any_words_arrive_as_they_are(words: str, session: str, constant: Any) -> None:
    quiet = json.loads(json.dumps(constant).replace("{{", "{ {"))
    body = {"a": "{{message}}", "b": 'x{{session_id}}"{{message}}', "c": quiet}
    template = request_template(HttpTarget(url="http://h", request=body))
    sent = json.loads(template.fill(question(words, session_id=session)))
    assert sent == {"a": words, "b": f'x{session}"{words}', "c": quiet}


@given(words=WORDS)
def test_the_ready_body_holds_the_whole_talk(words: str) -> None:
    sent = json.loads(request_template(TARGET).fill(question(words)))
    assert sent["messages"] == [*HISTORY, {"role": "user", "content": words}]


@given(answer=JSON)
def test_any_answer_is_read_or_called_nonsense(answer: Any) -> None:
    outcome = outcome_of(lambda: read_answer(answer, answer_paths(TARGET, streamed=False)))
    assert outcome in ("answered", "nonsense")


@given(arguments=JSON)
def test_arguments_survive_being_written_as_text(arguments: Any) -> None:
    text = json.dumps(arguments)
    assert parse_arguments(text) == arguments


@given(parts=st.lists(WORDS, min_size=1), sizes=st.lists(st.integers(0, 40)))
def test_a_stream_gives_the_same_words_however_it_is_cut(
    parts: list[str], sizes: list[int]
) -> None:
    chunks = [{"choices": [{"delta": {"content": part}}]} for part in parts]
    data = "".join(f"data: {json.dumps(c, ensure_ascii=False)}\n\n" for c in chunks).encode()
    reply = read(data + b"data: [DONE]\n\n", sizes)
    assert reply.text == "".join(parts)
    assert (reply.time_to_first_token_ms is None) == (not reply.text)


@given(data=st.binary(max_size=200), sizes=st.lists(st.integers(0, 40)))
def test_bytes_that_are_no_stream_are_a_failure_of_the_agent(data: bytes, sizes: list[int]) -> None:
    assert outcome_of(lambda: read(data, sizes)) in ("nonsense", "exception")
