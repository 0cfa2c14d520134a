"""Facts are kept in stores: whoever changes what is read of a span raises their version."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import asdict

from reenact.capture.facts import FACTS, facts_of
from reenact.codec import content_hash
from support.captures import spans_of_capture

LOCK = Path(__file__).with_name("facts_version.json")


def digest(shared: Path) -> str:
    """Return one hash over the facts of every span of every capture."""
    folders = sorted(f for f in (shared / "data" / "otlp").iterdir() if f.is_dir())
    return content_hash(
        {
            folder.name: [asdict(facts_of(span)) for span in spans_of_capture(folder)]
            for folder in folders
        }
    )


def test_facts_that_are_read_otherwise_have_another_version(shared: Path):
    locked = json.loads(LOCK.read_text())

    assert {"version": FACTS.version, "facts": digest(shared)} == locked, (
        "what is read of spans has changed: raise FACTS.version in capture/facts.py, so that "
        "`reenact reindex` reads stores again, and put the new version and hash into "
        f"{LOCK.name}"
    )
