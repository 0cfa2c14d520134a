"""The source of a name, over a client."""

from __future__ import annotations

from reenact.capture.fetching.access import SourceName
from reenact.capture.fetching.client import Client
from reenact.capture.fetching.pages import Source
from reenact.errors import UsageError


def source_of(
    name: SourceName, client: Client, *, project: str, from_project: str | None
) -> Source:
    """Return the source that reads `from_project` of the tool `name`.

    Raises:
        UsageError: where a project must be named and is not, or cannot be.
    """
    if name == "langfuse":
        if from_project is not None:
            raise UsageError(
                "Langfuse's keys belong to one project: no other can be named",
                where="--from-project",
                next_step="leave it out, and set the keys of that project",
            )
        from reenact.capture.fetching.langfuse import Langfuse

        return Langfuse(client, project)
    if name == "phoenix":
        from reenact.capture.fetching.phoenix import Phoenix

        return Phoenix(client, project, name=from_project or "default")
    if name == "vapi":
        from reenact.capture.fetching.vapi import Vapi

        return Vapi(client, project, assistant=from_project)
    if name == "retell":
        from reenact.capture.fetching.retell import Retell

        return Retell(client, project, agent=from_project)
    if from_project is None:
        noun = "project" if name == "langsmith" else "experiment"
        raise UsageError(
            f"which {noun} of {name}?",
            where="--from-project",
            next_step=f"name the {noun} to fetch from",
        )
    if name == "langsmith":
        from reenact.capture.fetching.langsmith import LangSmith

        return LangSmith(client, project, name=from_project)
    from reenact.capture.fetching.mlflow import MLflow

    return MLflow(client, project, name=from_project)
