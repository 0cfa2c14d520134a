"""Simulated results: a model makes up what a read would have given, in the recorded shape.

Only reads are simulated, never a write and never a call of unknown effect. A result that does not
have the shape of the tool's recorded results, or is not about the thing that was asked for, is
asked for once more and then refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reenact.domain.conversation import Conversation
from reenact.domain.scenario import DeclaredResult
from reenact.errors import ModelFailed
from reenact.llm.blocking import complete_now
from reenact.llm.port import LanguageModel, Prompt
from reenact.llm.prompts import prompt
from reenact.matching.identifiers import names_in
from reenact.matching.shapes import Schema, fits, schema_of
from reenact.tools.calls import RecordedCall
from reenact.tools.entities import Entities

TRIES = 2
TIMEOUT_S = 60.0
_EXAMPLES = 5
_CHARACTERS = 4_000
"""Of one recorded result in a prompt."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A made-up result and the model that made it up; `failed` says why there is none."""

    result: Any = None
    model: str | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """Asks a model for results that the recording lacks."""

    model: LanguageModel
    conversation: Conversation
    recorded: Sequence[RecordedCall]
    entities: Entities
    declared: Sequence[DeclaredResult] = ()

    def result(self, name: str, arguments: Any) -> Simulated:
        """Return what the model says that `name(arguments)` would have given."""
        examples = self._examples(name)
        if not examples:
            return Simulated(failed=f"no recorded result of {name} shows what one looks like")
        shape = schema_of([result for _, result in examples])
        prompt = self._prompt(name, arguments, examples, shape)
        failed = ""
        for _ in range(TRIES):
            try:
                completion = complete_now(self.model, prompt, timeout_s=TIMEOUT_S)
            except ModelFailed as error:
                return Simulated(failed=f"the model failed: {error.what}")
            result, failed = self._checked(name, arguments, completion.data, shape)
            if not failed:
                return Simulated(result, completion.model or self.model.name)
        return Simulated(failed=failed)

    def _examples(self, name: str) -> list[tuple[Any, Any]]:
        """Return arguments and results of the tool, as recorded and declared."""
        recorded = [
            (one.call.arguments, one.call.result)
            for one in self.recorded
            if one.call.name == name and one.servable and one.call.error is None
        ]
        declared = [
            (dict(one.arguments), one.result)
            for one in self.declared
            if one.tool == name and one.error is None
        ]
        return recorded + declared

    def _prompt(
        self, name: str, arguments: Any, examples: Sequence[tuple[Any, Any]], shape: Schema
    ) -> Prompt:
        asked = names_in(arguments)
        about = [
            one.call
            for one in self.recorded
            if one.servable and asked & names_in([one.call.arguments, one.call.result])
        ]
        tool = next((tool for tool in self.conversation.tools if tool.name == name), None)
        told = {
            "tool": name,
            "description": tool.description if tool else None,
            "arguments": arguments,
            "recorded results of this tool": [
                {"arguments": before, "result": _clipped(result)}
                for before, result in examples[-_EXAMPLES:]
            ],
            "recorded results that name the same things": [
                {"tool": call.name, "arguments": call.arguments, "result": _clipped(call.result)}
                for call in about[-_EXAMPLES:]
            ],
        }
        content = json.dumps(told, ensure_ascii=False, indent=1, default=str)
        return Prompt(
            messages=(
                {"role": "system", "content": prompt("reenact.tools.prompts", "simulated_result")},
                {"role": "user", "content": content},
            ),
            shape={
                "type": "object",
                "properties": {"result": shape},
                "required": ["result"],
                "additionalProperties": False,
            },
            temperature=0.0,
        )

    def _checked(self, name: str, arguments: Any, data: Any, shape: Schema) -> tuple[Any, str]:
        """Return the result that a model gave, and what is wrong with it ("" for nothing)."""
        if not isinstance(data, Mapping) or "result" not in data:
            return None, "the model gave no result"
        result = data["result"]
        if not fits(result, shape):
            return None, f"the model gave a result that no recorded result of {name} looks like"
        if not self.entities.is_about(name, arguments, result):
            return None, "the model gave a result that is about another thing"
        return result, ""


def _clipped(result: Any) -> Any:
    text = json.dumps(result, ensure_ascii=False, default=str)
    return result if len(text) <= _CHARACTERS else text[:_CHARACTERS] + " (cut short)"
