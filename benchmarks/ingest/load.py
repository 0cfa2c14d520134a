"""The load: sessions of agent telemetry in gzip posts of 512 spans, by the shared generator."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workload import GENERATOR, generator

PROJECT = "bench"
NEEDLE = "xylophone-warranty"
"""What one of 1,000 user turns says: the text that is searched for."""
SPANS_PER_SESSION = 25
SPANS_PER_POST = 512

_HEAD = struct.Struct("<III")
_RAW_HEAD = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Post:
    """One export request as an exporter sends it."""

    number: int
    body: bytes
    """Protobuf, gzip."""
    spans: int


def write_load(path: Path, *, sessions: int, seed: int = 1) -> None:
    """Write the posts of `sessions` sessions; another seed gives other sessions and traces."""
    command = [sys.executable, GENERATOR, "--sessions", sessions, "--seed", seed, "--out", path]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def read_posts(path: Path, *, limit: int | None = None, first: int = 0) -> list[Post]:
    """Return the posts of a load, numbered from `first` on."""
    posts: list[Post] = []
    with path.open("rb") as file:
        while (limit is None or len(posts) < limit) and (head := file.read(_HEAD.size)):
            raw, packed, spans = _HEAD.unpack(head)
            file.seek(raw, 1)
            posts.append(Post(first + len(posts), file.read(packed), spans))
    return posts


def generated(*, sessions: int, seeds: range) -> Iterator[bytes]:
    """Yield plain protobuf posts, made in a process of its own while they are read."""
    command = [sys.executable, "-m", "benchmarks.ingest.load", str(sessions)]
    command += [str(seeds.start), str(seeds.stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while head := process.stdout.read(_RAW_HEAD.size):
            yield process.stdout.read(_RAW_HEAD.unpack(head)[0])
    if process.returncode:
        raise RuntimeError(f"the generator ended with {process.returncode}")


def main() -> None:
    """Write plain posts to standard output: sessions of each seed, first seed, last seed + 1."""
    sessions, first, beyond = map(int, sys.argv[1:])
    for seed in range(first, beyond):
        for request, spans in generator().iter_requests(sessions=sessions, seed=seed):
            raw = request.SerializeToString()
            sys.stdout.buffer.write(_RAW_HEAD.pack(len(raw), spans) + raw)


if __name__ == "__main__":
    main()
