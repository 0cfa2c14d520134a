"""Answers that come in parts: server-sent events, JSON lines, plain text.

The parts are put together to one reply. The time to the first token is the time to the first
part that holds words.
"""

from __future__ import annotations

import codecs
import time
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from reenact.agents.answers import (
    MISSING,
    AnswerPaths,
    calls_in,
    excerpt,
    look,
    looked_for,
    model_in,
    paths,
    read_call,
    usage_in,
    words_in,
)
from reenact.agents.port import AgentFailed, AgentReply
from reenact.domain.conversation import Usage
from reenact.event_stream import Chunks, events_of, lines_of

StreamForm = Literal["sse", "jsonl", "text"]
_FINISHED = paths("choices.0.finish_reason")[0]
_MOST_CALLS = 1000


@dataclass(frozen=True, slots=True)
class StreamReader:
    """How to read the streamed answers of one agent.

    `strict_end`: the agent says when it is done (OpenAI's `[DONE]` or `finish_reason`), so a
    stream that ends without it was cut off.
    """

    form: StreamForm
    places: AnswerPaths
    strict_end: bool = False

    async def read(self, chunks: Chunks, *, started: float) -> AgentReply:
        """Return the reply that `chunks` make up; `started` is a `time.perf_counter()`.

        Raises:
            AgentFailed: `nonsense` for parts that cannot be read, `exception` where the agent
                reports an error or stops before its end.
        """
        answer = _Growing(places=self.places, started=started)
        if self.form == "text":
            await _read_text(chunks, answer)
        elif self.form == "jsonl":
            async for line in lines_of(chunks):
                if line.strip():
                    answer.take(decoded_part(line))
        else:
            async for event, data in events_of(chunks):
                if data == b"[DONE]":
                    answer.finished = True
                    break
                answer.take(decoded_part(data), failed=event == b"error")
        if self.strict_end and not answer.finished:
            raise AgentFailed("exception", "the stream ended before the agent said it was done")
        return answer.reply()


@dataclass(slots=True, kw_only=True)
class _CallParts:
    """A tool call that comes in parts: name and id once, the arguments piece by piece."""

    id: str | None = None
    name: str | None = None
    arguments: list[str] = field(default_factory=list)
    whole: Any = None

    def take(self, part: dict[str, Any]) -> None:
        function = part.get("function", part)
        function = function if isinstance(function, dict) else {}
        self.id = self.id or part.get("id")
        self.name = self.name or function.get("name")
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            self.arguments.append(arguments)
        elif arguments is not None:
            self.whole = arguments

    def call(self) -> dict[str, Any]:
        arguments = "".join(self.arguments) if self.whole is None else self.whole
        return {"id": self.id, "name": self.name, "arguments": arguments}


@dataclass(slots=True, kw_only=True)
class _Growing:
    """The reply as far as it has come."""

    places: AnswerPaths
    started: float
    words: list[str] = field(default_factory=list)
    first_ms: float | None = None
    by_index: dict[int, _CallParts] = field(default_factory=dict)
    usage: Usage | None = None
    model: str | None = None
    last: Any = None
    finished: bool = False

    def say(self, words: str) -> None:
        if words and self.first_ms is None:
            self.first_ms = (time.perf_counter() - self.started) * 1000
        self.words.append(words)

    def take(self, part: Any, *, failed: bool = False) -> None:
        if failed or (isinstance(part, dict) and part.get("error")):
            raise AgentFailed("exception", f"the agent reported an error: {excerpt(part)}")
        self.last = part
        words = words_in(part, self.places.text)
        if words is not None:
            self.say(words)
        for call in calls_in(part, self.places.tool_calls):
            self._take_call(call)
        self.usage = usage_in(part, self.places) or self.usage
        self.model = self.model or model_in(part, self.places)
        if look(part, _FINISHED) not in (MISSING, None):
            self.finished = True

    def _take_call(self, part: Any) -> None:
        if not isinstance(part, dict):
            raise AgentFailed("nonsense", f"a part of a tool call is no object: {excerpt(part)}")
        if len(self.by_index) >= _MOST_CALLS:
            raise AgentFailed("nonsense", f"more than {_MOST_CALLS} tool calls in one answer")
        index = part.get("index")
        # Some servers send each call whole and leave the index out.
        place = index if isinstance(index, int) else len(self.by_index)
        self.by_index.setdefault(place, _CallParts()).take(part)

    def reply(self) -> AgentReply:
        calls = tuple(read_call(parts.call()) for _, parts in sorted(self.by_index.items()))
        if not self.words and not calls:
            came = "nothing" if self.last is None else f"last {excerpt(self.last)}"
            looked = looked_for(self.places.text)
            raise AgentFailed(
                "nonsense", f"no text in the stream: looked for {looked}; {came} came"
            )
        return AgentReply(
            text="".join(self.words) if self.words else None,
            tool_calls=calls,
            usage=self.usage,
            model=self.model,
            time_to_first_token_ms=self.first_ms,
            streamed=True,
        )


async def _read_text(chunks: Chunks, answer: _Growing) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        async for chunk in chunks:
            answer.say(decoder.decode(chunk))
        answer.say(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        raise AgentFailed("nonsense", f"the stream is not UTF-8: {error.reason}") from None


def decoded_part(data: bytes) -> Any:
    """Return the JSON of one part; raises AgentFailed where it is none."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        shown = excerpt(data.decode(errors="replace"))
        raise AgentFailed("nonsense", f"a part of the stream is not JSON: {shown}") from None
