"""Importers: one file per foreign export of recorded talks.

Each module has one of two functions, called for one file at a time:

- `conversations_in(path, *, project, on_reject)` yields conversations;
- `spans_in(path, *, project, on_reject)` yields spans, for exports of tools that keep spans.

What a file holds that cannot be taken is handed to `on_reject` as one sentence that names the
place in the file and the reason, and the rest goes on. A file that as a whole is not of the
format raises DecodeError; one that cannot be read or is too large raises UsageError.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from reenact.capture.items import spans_of
from reenact.domain.span import Span
from reenact.errors import UsageError

HEAD_BYTES = 256 * 1024
"""How much of a file is looked at to tell its format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A foreign export: its name on the command line, and how a file of it looks."""

    name: str
    about: str
    """What it is, in a few words, for people."""
    suffixes: tuple[str, ...]
    marks: tuple[tuple[bytes, ...], ...]
    """A file is of this format where all marks of one group stand in its first bytes."""
    spans: bool = False
    """True for an export of spans: what it holds that cannot be taken is counted in spans."""

    def fits(self, suffix: str, head: bytes) -> bool:
        """Tell by its suffix and its first bytes whether a file is of this format."""
        return suffix in self.suffixes and any(
            all(mark in head for mark in group) for group in self.marks
        )


_SQLITE = (".sqlite", ".sqlite3", ".db")
_JSON = (".json", ".jsonl", ".ndjson")

FORMATS: tuple[Format, ...] = (
    Format(
        name="openai_agents",
        about="posts of the OpenAI Agents SDK's own tracing",
        suffixes=_JSON,
        marks=((b'"trace.span"', b'"span_data"'), (b'"workflow_name"', b'"group_id"')),
    ),
    Format(
        name="langgraph",
        about="checkpoints of LangGraph in SQLite",
        suffixes=_SQLITE,
        marks=((b"SQLite format 3\0", b"checkpoint_ns", b"checkpoint_id"),),
    ),
    Format(
        name="vapi",
        about="calls of Vapi",
        suffixes=_JSON,
        marks=(
            (b'"secondsFromStart"',),
            (b'"orgId"', b'"assistantId"'),
            (b'"orgId"', b'"endedReason"'),
            (b'"end-of-call-report"',),
        ),
    ),
    Format(
        name="retell",
        about="calls of Retell",
        suffixes=_JSON,
        marks=((b'"call_id"', b'"agent_id"', b'"call_status"'), (b'"transcript_with_tool_calls"',)),
    ),
    Format(
        name="tau",
        about="tau-bench and tau2 results",
        suffixes=(".json",),
        marks=((b'"traj"',), (b'"simulations"',)),
    ),
    Format(
        name="mlflow",
        about="traces of MLflow",
        suffixes=_JSON,
        marks=((b"mlflow.traceRequestId",),),
        spans=True,
    ),
    Format(
        name="langsmith",
        about="runs of LangSmith",
        suffixes=_JSON,
        marks=((b'"run_type"', b'"trace_id"'), (b'"run_type"', b'"dotted_order"')),
        spans=True,
    ),
    Format(
        name="langfuse",
        about="traces and observations of Langfuse",
        suffixes=_JSON,
        marks=(
            (b'"parentObservationId"',),
            (b'"parent_observation_id"',),
            (b'"bookmarked"', b'"timestamp"'),
            (b'"htmlPath"', b'"timestamp"'),
        ),
        spans=True,
    ),
    Format(
        name="phoenix",
        about="spans of Arize Phoenix",
        suffixes=_JSON,
        marks=(
            (b'"span_kind"', b'"context"'),
            (b'"context.trace_id"',),
            (b'"start_time_unix_nano"', b'"trace_id"'),
        ),
        spans=True,
    ),
    Format(
        name="sgd",
        about="dialogues of Schema-Guided Dialogue (dstc8)",
        suffixes=(".json",),
        marks=(
            (b'"dialogue_id"', b'"utterance"', b'"frames"'),
            (b'"service_name"', b'"intents"', b'"is_transactional"'),
        ),
    ),
    Format(
        name="abcd",
        about="chats of ABCD, between people",
        suffixes=(".json",),
        marks=((b'"convo_id"', b'"original"'),),
    ),
    Format(
        name="messages",
        about="lists of OpenAI or Anthropic messages",
        suffixes=_JSON,
        marks=((b'"messages"',),),
    ),
)
"""All foreign formats, in the order in which a file is tried: the surest marks first."""


def format_named(name: str) -> Format:
    """Return the format of that name; raises UsageError where there is none."""
    for one in FORMATS:
        if one.name == name:
            return one
    raise UsageError(
        f"no format is called {name!r}",
        next_step=f"use auto, otlp, {', '.join(one.name for one in FORMATS)}",
    )


def format_by_looks(path: Path) -> Format | None:
    """Return the format that a file looks to be of, None where that is not clear."""
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    try:
        with path.open("rb") if inner is path else gzip.open(path) as file:
            head = file.read(HEAD_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None
    return next((one for one in FORMATS if one.fits(inner.suffix.lower(), head)), None)


def talks_in(
    path: Path, one: Format, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Iterable[Span]]:
    """Yield the talks of a file, each as its spans.

    Raises:
        DecodeError: where the file as a whole is not of the format.
        UsageError: where it cannot be read, or is too large.
    """
    module = import_module(f"reenact.capture.importers.{one.name}")
    if hasattr(module, "spans_in"):
        for span in module.spans_in(path, project=project, on_reject=on_reject):
            yield (span,)
        return
    for conversation in module.conversations_in(path, project=project, on_reject=on_reject):
        yield spans_of(conversation)
