"""OTLP request bodies on disk: captures with their headers beside them, and lone files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from reenact.capture.importers import HEAD_BYTES, format_by_looks
from reenact.capture.limits import Limits
from reenact.capture.otlp import Signal, signal_of
from reenact.capture.otlp.inflating import inflate
from reenact.errors import DecodeError

HEADERS = ".headers.json"
PROTOBUF = "application/x-protobuf"
JSON = "application/json"


class NotTraces(Exception):
    """Raised for a file that holds no traces; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request body."""

    file: str
    where: str
    """The file, and the line where it holds several."""
    body: bytes
    content_type: str
    content_encoding: str = "identity"
    signal: Signal = "traces"
    project: str | None = None
    """The project that all of it goes to; None where the order, or the resource, says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A file of a capture, with its headers where it has some."""

    file: Path
    headers: Path | None


def captured_files(path: Path) -> Iterator[Captured]:
    """Yield the files at or under `path`, by name, each with the headers beside it."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        if file.name.endswith(HEADERS):
            body = file.with_name(file.name.removesuffix(HEADERS))
            if path.is_dir() and body.exists():
                continue
            yield Captured(file=body, headers=file)
        else:
            headers = file.with_name(file.name + HEADERS)
            yield Captured(file=file, headers=headers if headers.exists() else None)


def posts_in(captured: Captured, *, lone: bool, limits: Limits) -> list[Post]:
    """Return the request bodies of a file: one, or one a line for JSON lines.

    A file without headers is read only where it is `lone`, that is named by itself.

    Raises:
        NotTraces: where the file is something else, too large, or not there.
    """
    file, where = captured.file, str(captured.file)
    if captured.headers is None and not lone:
        raise NotTraces("no .headers.json beside it")
    if not file.is_file():
        raise NotTraces("its headers are here, but not the body")
    if file.stat().st_size > limits.body_bytes:
        raise NotTraces(f"larger than {limits.body_bytes:,} bytes")
    if captured.headers is not None:
        return [_with_headers(file, captured.headers)]
    return _lone(file, where, limits)


def format_of(path: Path) -> str | None:
    """Tell by a path's looks what it holds; None where that is not clear.

    A folder is a capture where any file in it has its headers beside it.
    """
    headers = path.with_name(path.name + HEADERS)
    if headers.exists() or path.name.endswith(HEADERS):
        return "otlp"
    if path.is_dir():
        return "otlp" if any(path.rglob(f"*{HEADERS}")) else None
    if path.suffix.lower() == ".pb" or _holds_otlp(path):
        return "otlp"
    found = format_by_looks(path)
    if found is None and path.suffix.lower() == ".gz":
        return "otlp"
    return found.name if found else None


def _holds_otlp(path: Path) -> bool:
    if path.suffix.lower() not in (".json", ".jsonl"):
        return False
    with path.open("rb") as file:
        return b'"resourceSpans"' in file.read(HEAD_BYTES)


def _with_headers(file: Path, path: Path) -> Post:
    """Return a captured request by what its headers say of it."""
    try:
        told: Any = msgspec.json.decode(path.read_bytes())
        headers = {str(name).lower(): str(value) for name, value in told["headers"]}
        posted = str(told["path"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        raise NotTraces("its .headers.json does not hold path and headers") from None
    signal = signal_of(posted)
    if signal is None:
        raise NotTraces(f"posted to {posted}, which is not a path for traces")
    if signal == "metrics":
        raise NotTraces(f"posted to {posted}: nothing reads metrics")
    return Post(
        file=str(file),
        where=str(file),
        body=file.read_bytes(),
        content_type=headers.get("content-type", JSON if file.suffix == ".json" else PROTOBUF),
        content_encoding=headers.get("content-encoding", "identity"),
        signal=signal,
    )


def _lone(file: Path, where: str, limits: Limits) -> list[Post]:
    body = file.read_bytes()
    name = file.name.lower()
    if name.endswith(".gz"):
        try:
            body = inflate(body, encoding="gzip", limits=limits, where=where)
        except DecodeError as error:
            raise NotTraces(error.what) from None
        name = name.removesuffix(".gz")
    if name.endswith(".jsonl") or _is_lines(body):
        return [
            Post(file=where, where=f"{where}#{number}", body=line, content_type=JSON)
            for number, line in enumerate(body.splitlines(), 1)
            if line.strip()
        ]
    json = name.endswith(".json") or body.lstrip()[:1] == b"{"
    kind = JSON if json else PROTOBUF
    return [Post(file=where, where=where, body=body, content_type=kind)]


def _is_lines(body: bytes) -> bool:
    """Tell JSON lines by their looks: the collector's file exporter names them as it is told."""
    first, _, rest = body.strip().partition(b"\n")
    return first[:1] == b"{" and first.rstrip()[-1:] == b"}" and rest.lstrip()[:1] == b"{"
