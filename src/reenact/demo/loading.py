"""The demo's captured talks into a store, for who has none of their own yet."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

from reenact.capture.importing import import_paths
from reenact.demo.talks import PROJECT, TUESDAY
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLoaded:
    """Where the story of the demo begins."""

    project_id: str
    conversation_id: str
    """The session in which the agent paid where it should have looked."""


def load(workspace: Workspace) -> DemoLoaded:
    """Store the talks that the package ships; those that are there already stay as they are."""
    with as_file(files("reenact.demo") / "captured") as captured:
        import_paths(
            [captured],
            store=workspace.spans,
            replays_among=workspace.journal.replays_among,
        )
    return DemoLoaded(project_id=PROJECT, conversation_id=f"sess:{TUESDAY}")


def is_loaded(workspace: Workspace) -> bool:
    """Tell whether the session that the story is about is there."""
    return bool(workspace.spans.spans_of_session(PROJECT, TUESDAY))
