"""The spans of an instrumented agent come home from a replay, and stay out of production."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from reenact.demo.stub_model import stub_server
from support.processes import COMMAND, reenact, serving

DEMO = Path(__file__).parents[2] / "src" / "reenact" / "demo" / "captured"
AGENT = """
import json, os

from openai import OpenAI
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from reenact.demo.agents import PROMPT, TOOLS

provider = TracerProvider(resource=Resource({"openinference.project.name": "northlight"}))
exporter = OTLPSpanExporter(os.environ["RECEIVER"] + "/v1/traces")
provider.add_span_processor(SimpleSpanProcessor(exporter))
OpenAIInstrumentor().instrument(tracer_provider=provider)
client = OpenAI(base_url=os.environ["MODEL"], api_key="none", max_retries=0)


def answer(messages, message):
    talk = [{"role": "system", "content": PROMPT}, *messages, {"role": "user", "content": message}]
    while True:
        said = client.chat.completions.create(model="scripted", messages=talk).choices[0].message
        if not said.tool_calls:
            return said.content
        talk.append(said.model_dump(exclude_none=True))
        for call in said.tool_calls:
            result = TOOLS[call.function.name](**json.loads(call.function.arguments))
            talk.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "traced_desk.py").write_text(AGENT)
    home = tmp_path / "home"
    reenact(home, "import", str(DEMO), "--project", "northlight")
    return home


def test_the_spans_of_a_replayed_agent_are_linked_to_their_turns_and_nowhere_else(
    home: Path, tmp_path: Path
) -> None:
    sessions = reenact(home, "sessions", "--project", "northlight")
    before = reenact(home, "conversations", "--project", "northlight")
    with serving(home) as receiver, stub_server() as model:
        environ = {
            **os.environ,
            "REENACT_HOME": str(home),
            "RECEIVER": receiver.url,
            "MODEL": f"{model.url}/v1",
        }
        replayed = subprocess.run(
            [*COMMAND[:1], "-c", COMMAND[-1], "replay", "--session", "chat-1184",
             "--agent", "traced_desk:answer", "--json"],
            cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert replayed.returncode == 0, replayed.stderr
    run = json.loads(replayed.stdout)
    (call,) = run["calls"]
    assert len(call["turns"]) == 5
    for turn in call["turns"]:
        assert turn["spans"], f"no span came back for turn {turn['index']}"
        assert len(turn["spans"]) == len(turn["model_calls"])
        assert all(said["input_tokens"] for said in turn["model_calls"])
    metrics = {metric["name"]: metric for metric in call["comparison"]["metrics"]}
    for name in ("input_tokens", "output_tokens", "latency_ms"):
        assert metrics[name]["baseline"] is not None
        assert metrics[name]["replay"] is not None
    assert reenact(home, "sessions", "--project", "northlight") == sessions
    assert reenact(home, "conversations", "--project", "northlight") == before
    assert [p["id"] for p in reenact(home, "projects")["projects"]] == ["northlight"]
