"""Scenarios: rows to run, and the graph mined from the recorded talks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from reenact.domain.conversation import ToolCall
from reenact.domain.expectation import Expectation
from reenact.domain.fork import ForkPoint
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
class RecordedSize:
    """What a row's turns took when they were recorded: what an estimate rests on.

    Each number is None where the capture lacks it for one of the turns.
    """

    turns: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    working_ms: float | None = None
    """The time of all turns without that of their tools, which a replay answers at once."""
    longest_turn_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation to run: exact (a recording), or a variant of one."""

    id: str
    """Unique within its scenario and fit for a file name."""
    recording_hash: str | None
    turn: int | None = None
    """Run only this turn, with the turns before it as history; None runs the whole talk."""
    variant: bool = False
    persona: str | None = None
    """Who a simulated user is, and how they talk; None as the recorded one."""
    situation: str | None = None
    """Why a simulated user talks to the agent."""
    outcome: str | None = None
    """What a simulated user wants to have reached at the end."""
    tools: tuple[str, ...] | None = None
    """The tools that the agent called in the recording; None where that was not noted."""
    declared: tuple[DeclaredResult, ...] = ()
    tool_rules: tuple[ToolRules, ...] = ()
    """What is known of the tools: effects, key fields, fields that do not matter."""
    expectations: tuple[Expectation, ...] = ()
    size: RecordedSize | None = None
    """None where it was not noted."""
    fork: ForkPoint | None = None
    """Where the talk is live from, and what is other there; None where nothing is."""

    spare: tuple[ToolCall, ...] = ()
    """Tool calls that the talk itself lacks and the recording behind it holds: they may answer."""

    @property
    def first_turn(self) -> int | None:
        """The first turn to run, where those before it are told as history."""
        return self.turn if self.fork is None else self.fork.turn


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
