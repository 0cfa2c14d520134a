"""What a kept file says, as data: from a case to plain data, and from parsed YAML to a case."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NoReturn, cast, get_args

from reenact.domain.expectation import Expectation, ExpectationKind
from reenact.domain.run import UserPolicy
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError
from reenact.keep.case import MAX_REPEATS, KeptCase, is_name
from reenact.keep.yaml_text import Spot, refuse
from reenact.tools import rule_data

FORMAT = 1
"""The version of the file format that is written and read."""
KINDS: tuple[ExpectationKind, ...] = get_args(ExpectationKind)
POLICIES: tuple[UserPolicy, ...] = get_args(UserPolicy)

_KEYS = (
    "reenact name description recording turn agent user_policy repeats declared tool_rules "
    "expectations baseline"
)
_NAME_NEXT = "use letters, digits, dots, dashes and underscores, at most 80"


def data_of(case: KeptCase, *, recording_file: str) -> dict[str, Any]:
    """Return `case` as the plain data of its file, in the order of the file."""
    data: dict[str, Any] = {"reenact": FORMAT, "name": case.name}
    if case.description:
        data["description"] = case.description
    data["recording"] = {"file": recording_file, "hash": case.recording_hash}
    if case.turn is not None:
        data["turn"] = case.turn
    if case.agent is not None:
        data["agent"] = case.agent
    data |= {"user_policy": case.user_policy, "repeats": case.repeats}
    if case.declared:
        data["declared"] = [_declared_data(declared) for declared in case.declared]
    if case.tool_rules:
        data["tool_rules"] = {rules.tool: rule_data.data_of(rules) for rules in case.tool_rules}
    data["expectations"] = [_expectation_data(expectation) for expectation in case.expectations]
    if case.baseline is not None:
        data["baseline"] = case.baseline
    return data


def case_from(root: Spot, *, where: str) -> KeptCase:
    """Return the case that a parsed file describes.

    Raises:
        KeptFileError: naming the line, what is wrong there and what is allowed.
    """
    return _File(where).case(root)


def _declared_data(declared: DeclaredResult) -> dict[str, Any]:
    data: dict[str, Any] = {"tool": declared.tool, "arguments": dict(declared.arguments)}
    if declared.error is None:
        return {**data, "result": declared.result}
    return {**data, "error": declared.error}


def _expectation_data(expectation: Expectation) -> dict[str, Any]:
    about_tool = expectation.kind in ("must_call", "must_not_call")
    data: dict[str, Any] = {expectation.kind: expectation.tool if about_tool else expectation.text}
    for name in ("turn", "arguments", "reason"):
        if (value := getattr(expectation, name)) is not None:
            data[name] = dict(value) if name == "arguments" else value
    return data


class _File:
    """Reads the parts of one file; knows its name for the errors."""

    def __init__(self, where: str):
        self._where = where

    def case(self, root: Spot) -> KeptCase:
        top = self._mapping(root, "a kept file", _KEYS.split())
        self._format(root, top)
        name = self._text(self._needed(root, "name", "a kept file"), "name")
        if not is_name(name):
            self._refuse(top["name"].line, f"name {name[:100]!r} does not fit", _NAME_NEXT)
        recording = self._needed(root, "recording", "a kept file")
        self._mapping(recording, "recording", ["file", "hash"])
        return KeptCase(
            name=name,
            description=self._optional_text(top, "description") or "",
            recording_file=self._text(self._needed(recording, "file", "recording"), "file"),
            recording_hash=self._text(self._needed(recording, "hash", "recording"), "hash"),
            turn=self._optional_turn(top),
            agent=self._optional_text(top, "agent"),
            user_policy=self._policy(top),
            repeats=self._repeats(top),
            declared=tuple(map(self._declared, self._list(top, "declared"))),
            tool_rules=self._tool_rules(top),
            expectations=tuple(map(self._expectation, self._list(top, "expectations"))),
            baseline=self._optional_text(top, "baseline"),
        )

    def _format(self, root: Spot, top: dict[str, Spot]) -> None:
        version = self._needed(root, "reenact", "a kept file")
        if version.value != FORMAT or isinstance(version.value, bool):
            newer = isinstance(version.value, int) and version.value > FORMAT
            self._refuse(
                version.line,
                f"format {version.plain()!r} is not known; this version reads {FORMAT}",
                "update reenact" if newer else f"write reenact: {FORMAT}",
            )

    def _policy(self, top: dict[str, Spot]) -> UserPolicy:
        policy = self._optional_text(top, "user_policy")
        if policy is None:
            return "verbatim"
        if policy not in POLICIES:
            self._unknown(top["user_policy"].line, "user_policy", policy, POLICIES)
        return policy

    def _repeats(self, top: dict[str, Spot]) -> int:
        if "repeats" not in top:
            return 1
        return self._whole(top["repeats"], "repeats", most=MAX_REPEATS)

    def _declared(self, spot: Spot) -> DeclaredResult:
        what = "a declared result"
        entry = self._mapping(spot, what, ["tool", "arguments", "result", "error"])
        tool = self._name(self._needed(spot, "tool", what), "tool")
        arguments = self._data(self._needed(spot, "arguments", what), "arguments")
        if ("result" in entry) == ("error" in entry):
            self._refuse(spot.line, "a declared result needs either result or error")
        return DeclaredResult(
            tool=tool,
            arguments=arguments,
            result=entry["result"].plain() if "result" in entry else None,
            error=self._optional_text(entry, "error"),
        )

    def _tool_rules(self, entry: dict[str, Spot]) -> tuple[ToolRules, ...]:
        if "tool_rules" not in entry:
            return ()
        spot = entry["tool_rules"]
        try:
            return rule_data.rules_from(spot.plain(), where="")
        except UsageError as error:
            place = (error.where or "").removeprefix(": ")
            self._refuse(spot.line, f"{place}: {error.what}", error.next_step)

    def _expectation(self, spot: Spot) -> Expectation:
        known = [*KINDS, "turn", "arguments", "reason"]
        entry = self._mapping(spot, "an expectation", known)
        kinds = [kind for kind in KINDS if kind in entry]
        if len(kinds) != 1:
            self._refuse(
                spot.line,
                f"an expectation says one thing; this one says {', '.join(kinds) or 'nothing'}",
                f"use one of {', '.join(KINDS)}",
            )
        kind = kinds[0]
        about_tool = kind in ("must_call", "must_not_call")
        if "arguments" in entry and not about_tool:
            self._refuse(entry["arguments"].line, f"{kind} has no arguments", "leave them out")
        arguments = self._data(entry["arguments"], "arguments") if "arguments" in entry else None
        return Expectation(
            kind=kind,
            turn=self._optional_turn(entry),
            tool=self._name(entry[kind], kind) if about_tool else None,
            arguments=arguments,
            text=None if about_tool else self._wanted_text(entry[kind], kind),
            reason=self._optional_text(entry, "reason"),
        )

    def _wanted_text(self, spot: Spot, kind: str) -> str:
        text = self._text(spot, kind)
        if not text.strip() and kind != "text_equals":
            self._refuse(spot.line, f"{kind} needs words: every text holds the empty one")
        return text

    def _optional_turn(self, entry: dict[str, Spot]) -> int | None:
        return self._whole(entry["turn"], "turn") if "turn" in entry else None

    def _whole(self, spot: Spot, key: str, *, most: int = 1_000_000) -> int:
        value = spot.value
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self._refuse(
                spot.line,
                f"{key} is {_shown(spot)}; it must be a whole number from 1 to {most}",
            )
        return value

    def _name(self, spot: Spot, key: str) -> str:
        name = self._text(spot, key)
        if not name.strip():
            self._refuse(spot.line, f"{key} names no tool")
        return name

    def _text(self, spot: Spot, key: str) -> str:
        if not isinstance(spot.value, str):
            hint = f'{key}: "{spot.value}"' if isinstance(spot.value, (int, float)) else None
            self._refuse(
                spot.line, f"{key} is {_shown(spot)}; it must be text", hint and f"write {hint}"
            )
        return spot.value

    def _optional_text(self, entry: dict[str, Spot], key: str) -> str | None:
        return self._text(entry[key], key) if key in entry else None

    def _data(self, spot: Spot, key: str) -> dict[str, Any]:
        if not isinstance(spot.value, dict):
            self._refuse(spot.line, f"{key} is {_shown(spot)}; it must be keys and values")
        return cast("dict[str, Any]", spot.plain())

    def _list(self, entry: dict[str, Spot], key: str) -> list[Spot]:
        if key not in entry:
            return []
        spot = entry[key]
        if not isinstance(spot.value, list):
            self._refuse(
                spot.line, f"{key} is {_shown(spot)}; it must be a list", 'begin entries with "- "'
            )
        return spot.value

    def _mapping(self, spot: Spot, what: str, known: Iterable[str]) -> dict[str, Spot]:
        if not isinstance(spot.value, dict):
            self._refuse(spot.line, f"{what} holds keys and values, not {_shown(spot)}")
        for key in spot.value:
            if key not in known:
                self._unknown(spot.key_lines[key], f"key of {what}", key, known)
        return spot.value

    def _needed(self, spot: Spot, key: str, what: str) -> Spot:
        if key not in spot.value:
            self._refuse(spot.line, f"{what} needs the key {key}", f"write {key}: …")
        return cast("Spot", spot.value[key])

    def _unknown(self, line: int, what: str, found: str, known: Iterable[str]) -> NoReturn:
        near = difflib.get_close_matches(found, list(known), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        self._refuse(line, f"unknown {what}: {found[:100]!r}", f"{hint}use {', '.join(known)}")

    def _refuse(self, line: int, what: str, next_step: str | None = None) -> NoReturn:
        refuse(self._where, line, what, next_step)


def _shown(spot: Spot) -> str:
    if isinstance(spot.value, dict):
        return "keys and values"
    if isinstance(spot.value, list):
        return "a list"
    return "empty" if spot.value is None else repr(spot.value)[:100]
