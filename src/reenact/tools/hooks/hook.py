"""What a hook in a framework is, and how it says that its place is gone."""

from __future__ import annotations

import importlib.metadata
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

_NUMBERS = re.compile(r"\d+")


class HookWarning(UserWarning):
    """Warns that the tools of a framework are not intercepted, or perhaps not all of them."""


class HookMoved(Exception):
    """Raised by a hook that does not find its place in the framework; says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A hook in one framework.

    The framework is never imported for it: a place is hooked when the program imports its
    module, or at once where that has happened.
    """

    hooked: str
    """What is intercepted, as a warning names it."""
    distribution: str
    """The name under which it is installed; a package of the same module name is another."""
    since: str
    """The first version that the hook is known to work with."""
    until: str
    """The first version that nobody has tried."""
    places: Mapping[str, Callable[[ModuleType], None]]
    """What to do with each module, once it is imported."""
    kinds: list[type]
    """The classes of what has tools or is one; filled once their modules are imported."""
    names_of: Callable[[Any], Iterable[Any]]
    """The names of the tools that an object of these classes is or has."""

    def install(self, module: ModuleType) -> bool:
        """Hook the place in `module`; False, with a warning, where it is not there."""
        version = _version(self.distribution, module)
        if version is None:
            return False  # somebody else's module of that name
        try:
            self.places[module.__name__](module)
        except HookMoved as moved:
            _warn(
                f"{self.hooked} are not intercepted: {moved}, in "
                f"{self.distribution} {version}. Known are versions {self._known()}. Replays of "
                "its tools are refused; outside a replay nothing is different"
            )
            return False
        if not _between(self.since, version, self.until):
            _warn(
                f"{self.distribution} {version} is untried: known are versions {self._known()}. "
                "Its tools are intercepted where those versions run them; see that a replay's "
                "report shows every call"
            )
        return True

    def _known(self) -> str:
        return f"{self.since} up to, without, {self.until}"


def attribute(module: ModuleType, name: str) -> type:
    """Return the class `name` of `module`.

    Raises:
        HookMoved: where it has none.
    """
    found = getattr(module, name, None)
    if not isinstance(found, type):
        raise HookMoved(f"{module.__name__} has no class {name}")
    return found


def _version(distribution: str, module: ModuleType) -> str | None:
    """Return the version of `distribution`; None where `module` is no part of it."""
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
    home = Path(str(found.locate_file(""))).resolve()
    file = getattr(module, "__file__", None)
    if file is None or not _inside(Path(file).resolve(), home, editable=found):
        return None
    return found.version


def _inside(file: Path, home: Path, *, editable: importlib.metadata.Distribution) -> bool:
    if file.is_relative_to(home):
        return True
    # An editable installation keeps its code elsewhere, and says so.
    return editable.read_text("direct_url.json") is not None


def _between(since: str, version: str, until: str) -> bool:
    return _numbers(since) <= _numbers(version) < _numbers(until)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the release numbers of a version: 1.2 of 1.2rc1."""
    release = re.split(r"[^0-9.]", version, maxsplit=1)[0]
    return tuple(int(number) for number in _NUMBERS.findall(release))


def _warn(text: str) -> None:
    warnings.warn(f"reenact: {text}", HookWarning, stacklevel=2)
