"""Scenarios: rows to run, and the graph mined from the recorded talks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from reenact.domain.expectation import Expectation
from reenact.domain.tool_rules import ToolRules

ScenarioSource = Literal["replay", "synthetic", "dataset", "script"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredResult:
    """What a tool shall answer where the recording holds no such call."""

    tool: str
    arguments: Mapping[str, Any]
    result: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation to run: exact (a recording), or a variant of one."""

    id: str
    """Unique within its scenario and fit for a file name."""
    recording_hash: str | None
    turn: int | None = None
    """Run only this turn, with the turns before it as history; None runs the whole talk."""
    variant: bool = False
    tools: tuple[str, ...] | None = None
    """The tools that the agent called in the recording; None where that was not noted."""
    declared: tuple[DeclaredResult, ...] = ()
    tool_rules: tuple[ToolRules, ...] = ()
    """What is known of the tools: effects, key fields, fields that do not matter."""
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """Something the agent did or asked, merged over all talks; `count` of its visits."""

    id: str
    label: str
    kind: Literal["start", "say", "tools", "end"]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEdge:
    """What the user did next, and how often; `label` is an example of it."""

    source: str
    target: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The recorded talks as one graph. `paths` maps a conversation id to its nodes' ids."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    paths: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Rows and a graph. `asked` is the number of rows wanted, `len(rows)` what was made."""

    id: str
    project_id: str
    name: str
    source: ScenarioSource
    rows: tuple[Row, ...]
    graph: Graph
    asked: int
    description: str = ""
    agent_type: Literal["text"] = "text"
    created_at: datetime
