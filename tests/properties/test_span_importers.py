"""Whatever an export of spans holds, it is taken, rejected with a reason, or refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reenact.capture.dialects import read
from reenact.capture.importers import langfuse, langsmith, mlflow, phoenix
from reenact.codec import to_json
from reenact.domain.span import Span
from reenact.errors import DecodeError, UsageError

HEX = st.sampled_from(("01" * 16, "02" * 8, "fb" * 16, "AQEBAQEBAQE=", "tr-" + "01" * 16, "x", ""))
TIMES = st.one_of(
    st.none(),
    st.integers(-1, 2**70),
    st.floats(),
    st.sampled_from(
        (
            "2026-01-01T10:00:00Z",
            "2026-01-01 10:00:00.123",
            "1795419176118000001",
            "0001-01-01",
            "no",
        )
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), HEX,
    st.sampled_from(('{"a": 1}', "[[[", "\ud800", "ERROR", "llm", "GENERATION", "LLM", '"LLM"')),
)  # fmt: skip
KEYS = st.sampled_from(
    (
        "id", "traceId", "trace_id", "span_id", "parent_id", "parentObservationId", "parent_run_id",
        "type", "run_type", "startTime", "start_time", "endTime", "end_time", "timestamp", "input",
        "output", "inputs", "outputs", "metadata", "extra", "attributes", "context", "events",
        "observations", "data", "spans", "trace", "info", "trace_info", "tags", "usageDetails",
        "status", "error", "key", "value", "string_value", "kvlist_value", "values", "messages",
        "role", "content", "generations", "message", "kwargs", "lc", "attributes.metadata",
        "context.trace_id", "context.span_id", "mlflow.spanInputs", "mlflow.spanType", "a.b",
    )
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


def fixed(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(fields, optional={"x": JSON})


OBSERVATION = fixed(
    id=HEX, traceId=HEX, type=SCALARS, startTime=TIMES, endTime=TIMES, input=JSON, output=JSON,
    metadata=JSON, usageDetails=JSON, costDetails=JSON, level=SCALARS, completionStartTime=TIMES,
)  # fmt: skip
TRACE = fixed(id=HEX, timestamp=TIMES, observations=st.lists(OBSERVATION), metadata=JSON, tags=JSON)
RUN = fixed(
    id=HEX, trace_id=HEX, run_type=SCALARS, start_time=TIMES, end_time=TIMES, inputs=JSON,
    outputs=JSON, extra=JSON, error=SCALARS, tags=JSON, prompt_tokens=SCALARS,
    first_token_time=TIMES,
)  # fmt: skip
PHOENIX = fixed(
    context=fixed(trace_id=HEX, span_id=HEX), start_time=TIMES, end_time=TIMES, attributes=JSON,
    events=JSON, status_code=SCALARS, span_kind=SCALARS,
)  # fmt: skip
MLFLOW = fixed(
    info=JSON,
    data=fixed(
        spans=st.lists(
            fixed(
                trace_id=HEX, span_id=HEX, start_time_unix_nano=TIMES, attributes=JSON, events=JSON,
                status=JSON,
            ),
            max_size=3,
        )
    ),
)  # fmt: skip
READERS = (
    pytest.param(langfuse.spans_in, OBSERVATION | TRACE, id="langfuse"),
    pytest.param(langsmith.spans_in, RUN, id="langsmith"),
    pytest.param(phoenix.spans_in, PHOENIX, id="phoenix"),
    pytest.param(mlflow.spans_in, MLFLOW, id="mlflow"),
)
Reader = Callable[..., Iterator[Span]]


@pytest.mark.parametrize(("spans_in", "records"), READERS)
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
def test_any_export_is_taken_or_refused_with_a_reason(
    spans_in: Reader, records: st.SearchStrategy[object], data: st.DataObject
) -> None:
    found = data.draw(st.lists(records | JSON, max_size=3))
    text = data.draw(
        st.sampled_from(
            (
                json.dumps(found),
                json.dumps({"data": found, "runs": found, "traces": found}),
                "\n".join(map(json.dumps, found)),
            )
        )
    )
    cut = data.draw(st.integers(0, 300))
    content = text.encode("utf-8", "surrogatepass")[: None if cut > 100 else -cut or None]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_bytes(content)
        rejected: list[str] = []
        spans: list[Span] = []
        place = str(path)
        try:
            spans.extend(spans_in(path, project="p", on_reject=rejected.append))
        except (DecodeError, UsageError) as error:
            place = error.where or ""
    assert place == str(path)
    assert all(": " in reason for reason in rejected)
    for span in spans:
        assert len(span.trace_id) == 32
        assert len(span.span_id) == 16
        assert 0 <= span.start_ns <= span.end_ns
        to_json(dict(span.attributes), kind=dict)
        assert read(span).reader
        assert read(span, brief=True).reader
