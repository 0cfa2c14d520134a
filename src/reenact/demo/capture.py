"""How the shipped capture was made: `python -m reenact.demo.capture OUT`.

A real OpenAI client, instrumented by a real library, talks to a scripted model on this
machine and exports its spans over OTLP/HTTP. What was posted is written down as
`wire/NNNN_post_v1_traces.pb`, each beside its headers.

Two things are changed on the way to disk, so that every run gives the same files: ids are
numbered, and times are the script's (a scripted model answers at once; a model call is made to
last 800 ms and a tool 50 ms). What names a machine or a process is left out. The libraries it
needs are development dependencies; nothing else in the demo does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reenact.demo.agents import MOST_TOOL_CALLS, PROMPT, TOOLS, as_text
from reenact.demo.stub_model import MODEL, TRACES, stub_server
from reenact.demo.talks import PROJECT, TALKS, Talk

if TYPE_CHECKING:
    from openai import OpenAI
    from openinference.instrumentation import OITracer
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

AGENT = "northlight-support"
MODEL_CALL_NS = 800_000_000
TOOL_NS = 50_000_000
OTHER_NS = 1_000_000
BETWEEN_TURNS = timedelta(seconds=40)
_KEPT_RESOURCE = ("service.name", "openinference.project.name", "telemetry.sdk.language")


def capture(out: Path) -> int:
    """Run the talks against the scripted model; write the posts under `out`; return how many."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    folder = out / "wire"
    folder.mkdir(parents=True, exist_ok=True)
    with stub_server() as server:
        starts = _talk_all(server.url)
        posts = list(server.posts)
    for number, (body, started_at) in enumerate(zip(posts, starts, strict=True), start=1):
        request = ExportTraceServiceRequest.FromString(body)
        _scrub(request)
        _retime(request, started_at)
        _write(folder / f"{number:04d}_post_v1_traces.pb", request.SerializeToString())
    return len(posts)


def _talk_all(url: str) -> list[datetime]:
    """Hold every talk, one post a turn; return when each turn began by the script."""
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    starts: list[datetime] = []
    with _tracing(url) as (tracer, flush), client:
        for talk in TALKS:
            history: list[dict[str, Any]] = []
            for place, words in enumerate(talk.lines):
                answer = _turn(client, tracer, talk, history, words)
                history += [
                    {"role": "user", "content": words},
                    {"role": "assistant", "content": answer},
                ]
                flush()
                starts.append(talk.started_at + place * BETWEEN_TURNS)
    return starts


@contextmanager
def _tracing(url: str) -> Iterator[tuple[OITracer, Any]]:
    from openinference.instrumentation import TracerProvider
    from openinference.instrumentation.openai import OpenAIInstrumentor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    names = {"service.name": AGENT, "openinference.project.name": PROJECT}
    provider = TracerProvider(resource=Resource(names), id_generator=_numbered_ids())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url + TRACES)))
    instrumentor = OpenAIInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        yield provider.get_tracer(AGENT), provider.force_flush
    finally:
        instrumentor.uninstrument()
        provider.shutdown()


def _numbered_ids() -> Any:
    """Return an id generator that counts, so that two captures have the same ids."""
    import hashlib
    from itertools import count

    from opentelemetry.sdk.trace.id_generator import IdGenerator

    class Numbered(IdGenerator):
        def __init__(self) -> None:
            self._spans, self._traces = count(1), count(1)

        def generate_span_id(self) -> int:
            return _digits(f"span {next(self._spans)}", 8)

        def generate_trace_id(self) -> int:
            return _digits(f"trace {next(self._traces)}", 16)

    def _digits(text: str, size: int) -> int:
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size])

    return Numbered()


def _turn(
    client: OpenAI, tracer: OITracer, talk: Talk, history: list[dict[str, Any]], words: str
) -> str:
    from openinference.instrumentation import using_attributes
    from opentelemetry.trace import StatusCode

    messages = [
        {"role": "system", "content": PROMPT},
        *history,
        {"role": "user", "content": words},
    ]
    with (
        using_attributes(session_id=talk.session_id, user_id=talk.user_id),
        tracer.start_as_current_span(AGENT, openinference_span_kind="agent") as span,
    ):
        span.set_input(words)
        answer = _answer(client, tracer, messages)
        span.set_output(answer)
        span.set_status(StatusCode.OK)
    return answer


def _answer(client: OpenAI, tracer: OITracer, messages: list[dict[str, Any]]) -> str:
    ask: Any = client.chat.completions.create  # plain dicts in place of its typed ones
    for _ in range(MOST_TOOL_CALLS):
        message = ask(model=MODEL, messages=messages, tools=_tool_schemas()).choices[0].message
        if not message.tool_calls:
            return str(message.content)
        messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls:
            arguments = json.loads(call.function.arguments)
            result = as_text(_run_tool(tracer, call.function.name, arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError(f"more than {MOST_TOOL_CALLS} tool calls in one turn")


def _run_tool(tracer: OITracer, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    from opentelemetry.trace import StatusCode

    with tracer.start_as_current_span(name, openinference_span_kind="tool") as span:
        span.set_tool(name=name, description=TOOLS[name].__doc__, parameters=arguments)
        span.set_input(arguments)
        result = TOOLS[name](**arguments)
        span.set_output(result)
        span.set_status(StatusCode.OK)
    return result


def _tool_schemas() -> list[dict[str, Any]]:
    amount = {"amount": {"type": "number"}}
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": tool.__doc__,
                "parameters": {
                    "type": "object",
                    "properties": {
                        "order_id": {"type": "string"},
                        **(amount if name == "issue_refund" else {}),
                    },
                    "required": ["order_id", *(amount if name == "issue_refund" else ())],
                },
            },
        }
        for name, tool in TOOLS.items()
    ]


def _scrub(request: ExportTraceServiceRequest) -> None:
    """Leave out of the resources whatever names a machine, a process or a version."""
    for resource_spans in request.resource_spans:
        attributes = resource_spans.resource.attributes
        kept = [one for one in attributes if one.key in _KEPT_RESOURCE]
        del attributes[:]
        attributes.extend(kept)


def _retime(request: ExportTraceServiceRequest, started_at: datetime) -> None:
    """Keep the order of all starts and ends, and set the time between them by the script."""
    spans = [span for rs in request.resource_spans for ss in rs.scope_spans for span in ss.spans]
    parents = {span.parent_span_id for span in spans}
    edges = sorted(
        [(span.start_time_unix_nano, False, place) for place, span in enumerate(spans)]
        + [(span.end_time_unix_nano, True, place) for place, span in enumerate(spans)]
    )
    now = int(started_at.timestamp()) * 1_000_000_000
    for _, ends, place in edges:
        span = spans[place]
        if not ends:
            now += OTHER_NS
            span.start_time_unix_nano = now
            continue
        now += OTHER_NS if span.span_id in parents else _lasts(span)
        span.end_time_unix_nano = now


def _lasts(span: Span) -> int:
    return TOOL_NS if span.name in TOOLS else MODEL_CALL_NS


def _write(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    about = {
        "file": path.name,
        "method": "POST",
        "path": TRACES,
        "bytes": len(body),
        "headers": [["content-type", "application/x-protobuf"], ["content-length", str(len(body))]],
    }
    headers = path.with_name(path.name + ".headers.json")
    headers.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m reenact.demo.capture OUT")
    sys.stdout.write(f"{capture(Path(sys.argv[1]))} posts written to {sys.argv[1]}\n")
