"""The tool server's own spans: there are none, for they would look like tools that were run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.served import NO_MCP

PROGRAM = """
from functools import partial
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)

from reenact.tools.recorded import RecordedTools
from reenact.tools.served.by_hand import ByHand
from reenact.tools.served.running import running
from support.served import mcp_call
from support.talks import REFUND

tooling = ByHand(partial(RecordedTools, REFUND), tools=())
with running(tooling, host="127.0.0.1", port=0, token="t" * 20, where="-") as urls:
    assert not mcp_call(urls.mcp, "check_status", order_id="A-1001").failed
print(sorted({span.kind.name for span in spans.get_finished_spans()} - {"CLIENT"}))
"""


def test_serving_a_call_makes_no_span() -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr
