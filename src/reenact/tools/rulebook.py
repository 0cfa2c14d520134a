"""What is known of every tool of one talk: its effect, and when two of its calls are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reenact.codec import canonical
from reenact.domain.conversation import Effect
from reenact.domain.tool_rules import ToolRules, merged
from reenact.matching.arguments import Normaliser, normalised
from reenact.matching.fields import picked
from reenact.matching.normalisers import normaliser_of

MAX_RUNG = 5
KEYED_RUNGS = 3
"""On the rungs up to this, calls are alike where a text made of their arguments is equal."""

_NO_RULES = ToolRules(tool="")


class Rulebook:
    """The rules of tools, from code, from data and from the recording.

    Args:
        rules: Rules by tool; of several for one tool the later goes first.
        effects: What tools do, as code declares it. Rules go before it.
        normalisers: What code does to a tool's arguments before they are compared. One that
            raises leaves them as they are, and is noted in `failures`.
    """

    def __init__(
        self,
        rules: Iterable[ToolRules] = (),
        *,
        effects: Mapping[str, Effect] | None = None,
        normalisers: Mapping[str, Normaliser] | None = None,
    ):
        self.failures: dict[str, str] = {}
        """Why a normaliser of a tool failed, the first time; a miss of that tool tells it."""
        self._rules = merged(rules)
        self._effects = dict(effects or {})
        self._normalisers: dict[str, tuple[Normaliser, ...]] = {
            name: (normalise,) for name, normalise in (normalisers or {}).items()
        }
        for name, rule in self._rules.items():
            if normalise := normaliser_of(rule):
                self._normalisers[name] = (*self._normalisers.get(name, ()), normalise)

    def of(self, name: str) -> ToolRules:
        """Return the rules of the tool `name`."""
        return self._rules.get(name, _NO_RULES)

    def effect(self, name: str, recorded: Effect = "unknown") -> Effect:
        """Return what the tool does: as its rules say, else the gravest that anything states."""
        if (declared := self.of(name).effect) is not None:
            return declared
        stated = {recorded, self._effects.get(name)}
        return "write" if "write" in stated else "read" if "read" in stated else "unknown"

    def key(self, name: str, arguments: Any, *, rung: int) -> str | None:
        """Return the text that calls alike on `rung` (1 to 3) share; None where there is none."""
        if rung == 1:
            return canonical(arguments)
        arguments = self.normalise(name, arguments)
        if rung == 2:
            return normalised(arguments)
        fields = self.of(name).key_fields
        values = None if fields is None else picked(arguments, fields)
        return None if values is None else normalised(values)

    def normalise(self, name: str, arguments: Any) -> Any:
        """Return `arguments` without what the tool's rules say does not matter."""
        for normalise in self._normalisers.get(name, ()):
            try:
                arguments = normalise(arguments)
            except Exception as error:  # the user's code met arguments it does not know
                self.failures.setdefault(name, f"{type(error).__name__}: {error}")
        return arguments
