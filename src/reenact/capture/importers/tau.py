"""Result files of tau-bench (a list of runs) and of tau2 (an object with `simulations`).

tau-bench: session `tb-{domain}-{task}-{trial}`. The file does not name its domain: it is taken
from the system prompt's heading ("# Airline Agent Policy"), else from the file's name, else it
is "unknown". tau2: session `tau2-{domain}-{file}-{task}-{trial}`, the domain as the file states
it and `file` its name without ".json", because runs of one task are told apart by file only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reenact.capture.importers.fields import below, list_of, name_of, object_of, optional, text_of
from reenact.capture.importers.json_places import (
    Unusable,
    elements,
    file_text,
    first_place,
    member_places,
    safe,
    value_at,
)
from reenact.capture.importers.said import Said, Speakers, items_of
from reenact.capture.importers.tau_messages import tau2_said, tau_bench_said
from reenact.capture.items import identified
from reenact.capture.wire.chat import tools_of
from reenact.domain.conversation import Conversation, SessionScore, ToolDefinition
from reenact.errors import DecodeError

MAX_MESSAGES = 20_000
"""Messages of one talk at most."""

_HEADING = re.compile(r"^#\s*(\w+) agent policy", re.IGNORECASE | re.MULTILINE)
_DOMAIN = re.compile(r"(airline|retail|telecom)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What all talks of one file share."""

    path: Path
    project: str
    domain: str | None = None
    speakers: Speakers = field(default_factory=Speakers)
    tools: tuple[ToolDefinition, ...] = ()


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the talks of a tau-bench or tau2 result file.

    A user message that holds a marker such as `###STOP###` ends the talk and is no turn; its
    other words are `metadata["closing"]`. The reward is the score `task_success`. tau-bench has
    no clock: its times are made up, one second a message. tau2's times are UTC; a cost of 0 for
    a call that used tokens means that its model had no known price, so it is None.

    Raises:
        DecodeError: where the file is of neither format.
        UsageError: where it cannot be read or is too large.
    """
    text = file_text(path)
    at = first_place(text)
    if text[at : at + 1] == "[":
        source = _Source(path=path, project=project)
        yield from _each(elements(text, at), _tau_bench_talk, source, on_reject)
        return
    places = member_places(text, at) if text[at : at + 1] == "{" else {}
    start = places.get("simulations")
    if start is None or text[start : start + 1] != "[":
        raise DecodeError(
            "not a tau-bench list and not a tau2 object with a list of `simulations`",
            where=str(path),
            next_step="give the results file as the benchmark wrote it, or use another --format",
        )
    source = _tau2_source(path, project, text, places)
    yield from _each(elements(text, start), _tau2_talk, source, on_reject)


def _each(
    simulations: Iterator[Any],
    talk: Callable[[dict[str, Any], _Source], Conversation],
    source: _Source,
    on_reject: Callable[[str], None],
) -> Iterator[Conversation]:
    seen: dict[str, int] = {}
    number = 0
    while True:
        place = f"simulation {number}"
        try:
            found = next(simulations)
        except StopIteration:
            return
        except Unusable as error:
            on_reject(f"{place}: {error}; nothing after it is read")
            return
        try:
            conversation = talk(object_of(safe(found), "the simulation"), source)
            earlier = seen.setdefault(conversation.id, number)
            if earlier != number:
                raise Unusable(f"the same task and trial as simulation {earlier}")
            yield conversation
        except Unusable as error:
            on_reject(f"{place}: {error}")
        number += 1


def _tau_bench_talk(run: dict[str, Any], source: _Source) -> Conversation:
    task, trial = name_of(run, "task_id"), name_of(run, "trial")
    messages = _messages(run, "traj")
    places = [place for place, raw in enumerate(messages) if raw.get("role") == "system"]
    prompts = [text_of(messages[place], "content", f"traj.{place}") for place in places]
    prompt = "\n".join(text for text in prompts if text) or None
    said, closing = tau_bench_said(messages)
    speakers = Speakers(prompt=prompt, user_id=optional(run, "info", "task", "user_id"))
    return _conversation(
        source,
        session=f"tb-{_domain(prompt, source.path)}-{task}-{trial}",
        said=said,
        speakers=speakers,
        reward=run.get("reward"),
        metadata={"task_id": run["task_id"], "trial": run["trial"], **closing},
        time_synthetic=True,
    )


def _tau2_talk(run: dict[str, Any], source: _Source) -> Conversation:
    task, trial = name_of(run, "task_id"), name_of(run, "trial")
    messages = _messages(run, "messages")
    said, closing = tau2_said(messages)
    about: dict[str, Any] = {
        key: run[key] for key in ("id", "termination_reason", "seed") if key in run
    }
    complaints = [raw["errors"] for raw in messages if raw.get("errors")]
    if complaints:
        about["invalid_answers"] = complaints
    return _conversation(
        source,
        session=f"tau2-{source.domain}-{source.path.stem}-{task}-{trial}",
        said=said,
        speakers=source.speakers,
        reward=below(run, "reward_info", "reward"),
        metadata={"task_id": run["task_id"], "trial": run["trial"], **about, **closing},
        time_synthetic=False,
    )


def _conversation(
    source: _Source,
    *,
    session: str,
    said: list[Said],
    speakers: Speakers,
    reward: Any,
    metadata: Mapping[str, Any],
    time_synthetic: bool,
) -> Conversation:
    scored = isinstance(reward, (int, float)) and not isinstance(reward, bool)
    items = items_of(said, speakers=speakers, by_order=True)
    if not items:
        raise Unusable("nothing was said in it")
    return identified(
        Conversation(
            id=f"sess:{session}",
            project=source.project,
            kind="session",
            session_id=session,
            agent_name=speakers.agent,
            items=items,
            tools=source.tools,
            metadata=metadata,
            scores=(SessionScore(name="task_success", value=float(reward)),) if scored else (),
            started_at=said[0].at,
            ended_at=said[-1].at,
            time_synthetic=time_synthetic,
        )
    )


def _tau2_source(path: Path, project: str, text: str, places: Mapping[str, int]) -> _Source:
    try:
        info = safe(value_at(text, places["info"])[0]) if "info" in places else {}
    except Unusable as error:
        raise DecodeError(f"key info: {error}", where=str(path)) from error
    domain = optional(info, "environment_info", "domain_name")
    if domain is None:
        raise DecodeError(
            "key info.environment_info.domain_name is missing",
            where=str(path),
            next_step="give the results file as tau2 wrote it",
        )
    return _Source(
        path=path,
        project=project,
        domain=domain,
        speakers=Speakers(
            prompt=optional(info, "environment_info", "policy"),
            model=optional(info, "agent_info", "llm"),
            agent=optional(info, "agent_info", "implementation"),
        ),
        tools=_definitions(below(info, "environment_info", "tool_defs")),
    )


def _definitions(found: Any) -> tuple[ToolDefinition, ...]:
    """Return tool definitions, which tau2 writes as a list or by name."""
    return tools_of(list(found.values()) if isinstance(found, dict) else found)


def _domain(prompt: str | None, path: Path) -> str:
    found = _HEADING.search(prompt or "") or _DOMAIN.search(path.stem)
    return found.group(1).lower() if found else "unknown"


def _messages(run: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = list_of(run.get(key), f"key {key}")
    if not found:
        why = below(run, "info", "error") or run.get("termination_reason")
        raise Unusable(f"key {key} is empty{f' ({why})' if why else ''}")
    if len(found) > MAX_MESSAGES:
        raise Unusable(f"key {key} holds more than {MAX_MESSAGES} messages")
    return [object_of(raw, f"key {key}.{place}") for place, raw in enumerate(found)]
