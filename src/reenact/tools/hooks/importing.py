"""Acts on a module once the program imports it, and never imports one by itself."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

Act = Callable[[ModuleType], Any]


def when_imported(name: str, act: Act) -> None:
    """Call `act` with the module `name`: now where it is imported already, else then."""
    module = sys.modules.get(name)
    if module is not None and not _half_made(module):
        act(module)
        return
    finder = next((one for one in sys.meta_path if isinstance(one, _Finder)), None)
    if finder is None:
        finder = _Finder()
        sys.meta_path.insert(0, finder)
    finder.waiting.setdefault(name, []).append(act)


def _half_made(module: ModuleType) -> bool:
    return bool(getattr(module.__spec__, "_initializing", False))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the other finders find, and puts its own loader before theirs."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Act]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.waiting:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    acts = self.waiting.pop(fullname)
                    spec.loader = _Loader(spec.loader, acts)
                return spec
        return None


class _Loader(importlib.abc.Loader):
    """Loads as the real loader does, then acts; the module keeps its real loader."""

    def __init__(self, real: importlib.abc.Loader, acts: Sequence[Act]):
        self._real = real
        self._acts = acts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)  # what reads sources and data

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        module.__loader__ = self._real
        self._real.exec_module(module)
        for act in self._acts:
            act(module)
