"""Runs that are made of the refund story and not executed yet."""

from __future__ import annotations

from typing import Any

from reenact.agents.port import Agent
from reenact.domain.agent import CallableTarget
from reenact.domain.run import Run, RunOptions
from reenact.runs.choosing import selection
from reenact.runs.replay import prepare, reach
from reenact.runs.workspace import Workspace

TARGET = CallableTarget(path="story:old")


def made(workspace: Workspace, **options: Any) -> Run:
    """Return a pending run of every session of the shop."""
    chosen = selection("shop", (), (), all=True, filter=None, exclude=())
    return prepare(workspace, chosen, target=TARGET, options=RunOptions(**options)).run


def reached(function: Any) -> Agent:
    """Return `function` as the agent of such a run."""
    return reach(TARGET, RunOptions(), function=function)
