"""Agent files: a target written down as YAML or JSON.

The keys are the fields of `HttpTarget` (`url`, `headers`, `request`, ...), of `CallableTarget`
(`path`, ...) or of `CommandTarget` (`command`, ...). A path such as `./agent.py:answer` starts at
the file's folder, and so does a program.
"""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from reenact.agents.address import endpoint
from reenact.codec import from_data
from reenact.domain.agent import AgentTarget, CallableTarget, CommandTarget, HttpTarget
from reenact.errors import AgentNotLoaded, UsageError

MOST_BYTES = 2**20
"""The largest agent file that is read."""
_Kind = type[HttpTarget] | type[CallableTarget] | type[CommandTarget]
_KINDS: Mapping[str, _Kind] = {
    "http": HttpTarget,
    "callable": CallableTarget,
    "command": CommandTarget,
}
_TOLD_BY = {"url": "http", "path": "callable", "command": "command"}
_FORMS = "write url: http://..., path: module:function or command: program"
_QUOTE = 'a placeholder needs quotes: message: "{{message}}"'


def read_agent_file(path: Path) -> AgentTarget:
    """Return the target that the file at `path` describes.

    Raises:
        AgentNotLoaded: naming the file, the key and what is wrong with it.
    """
    return agent_target(_data(path), where=str(path), folder=path.parent)


def agent_target(data: Any, *, where: str, folder: Path) -> AgentTarget:
    """Return the target that `data` describes; `folder` is where relative paths start.

    Raises:
        AgentNotLoaded: naming `where`, the key and what is wrong with it.
    """
    if not isinstance(data, dict):
        raise AgentNotLoaded(
            "an agent file holds keys and values",
            where=where,
            next_step=_FORMS,
        )
    kind = _kind(data, where)
    _refuse_unknown_keys(data, kind, where)
    if kind is CommandTarget and isinstance(data.get("command"), str):
        data = {**data, "command": _split(data["command"], where)}
    try:
        target: AgentTarget = from_data(kind, data, where=where)
    except UsageError as error:
        raise AgentNotLoaded(error.what, where=where, next_step="correct that key") from None
    if isinstance(target, HttpTarget):
        return _addressed(target, where)
    if isinstance(target, CommandTarget):
        return replace(target, folder=str(folder / (target.folder or ".")))
    return replace(target, path=_placed(target.path, folder))


def _split(command: str, where: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise AgentNotLoaded(
            f"command: {error}", where=where, next_step="close the quotes"
        ) from None


def _data(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise AgentNotLoaded(
            f"the agent file cannot be read: {error.strerror}",
            where=str(path),
            next_step="check the path; it starts at the working folder",
        ) from None
    if len(raw) > MOST_BYTES:
        raise AgentNotLoaded(f"larger than {MOST_BYTES >> 20} MB", where=str(path))
    try:
        text = raw.decode()
        return json.loads(text) if path.suffix.lower() == ".json" else _yaml(text)
    except (ValueError, RecursionError) as error:
        what = f"not readable as {path.suffix[1:].lower()}: {_first_line(error)}"
        raise AgentNotLoaded(what, where=str(path), next_step=_QUOTE) from None


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(line + str(getattr(error, "problem", error))) from None


def _kind(data: dict[Any, Any], where: str) -> _Kind:
    told = next((kind for key, kind in _TOLD_BY.items() if key in data), None)
    stated = data.get("kind", told)
    kind = _KINDS.get(stated) if isinstance(stated, str) else None
    if kind is None:
        what = "no url, path or command" if stated is None else f"unknown kind {stated!r}"
        raise AgentNotLoaded(what, where=where, next_step=_FORMS)
    return kind


def _refuse_unknown_keys(data: dict[Any, Any], kind: type[Any], where: str) -> None:
    known = [field.name for field in fields(kind)]
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            raise AgentNotLoaded(
                f"unknown key {key!r}",
                where=where,
                next_step=f"did you mean {near[0]}?" if near else f"use {', '.join(known)}",
            )


def _addressed(target: HttpTarget, where: str) -> HttpTarget:
    try:
        endpoint(target)
    except AgentNotLoaded as error:
        what = f"url: {error.what}"
        raise AgentNotLoaded(what, where=where, next_step=error.next_step) from None
    return target


def _placed(path: str, folder: Path) -> str:
    """Return `path` with the folder of the agent file before a relative source file."""
    source, _, function = path.rpartition(":")
    if not source.endswith(".py"):
        return path
    return f"{folder / source}:{function}"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
