"""Agents in a source file: `path/to/agent.py:function`, no package needed."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reenact.agents.callable import load
from reenact.errors import AgentNotLoaded


def load_function(path: str) -> Callable[..., Any]:
    """Import the file that `path` names and return the function.

    The folder of the file is searched for the modules that it imports. Two files of one name
    in different folders stay two modules.

    Raises:
        AgentNotLoaded: when the file is not there, does not import or has no such function.
    """
    source, _, function = path.rpartition(":")
    file = Path(source).resolve()
    if not file.is_file():
        raise AgentNotLoaded(
            "no such file", where=path, next_step="check the path; it starts at the working folder"
        )
    return load(f"{_imported(file, path)}:{function}")


def _imported(file: Path, path: str) -> str:
    """Return the name under which `file` is imported; import it where it is not yet."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == str(file) and name != "__main__":
            return name
    name = _free_name(file)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise AgentNotLoaded("not a Python source file", where=path)
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the agent's own file raises while it is imported
        del sys.modules[name]
        raise AgentNotLoaded(
            f"importing {file.name} failed: {type(error).__name__}: {error}",
            where=path,
            next_step=f"python {file.name} shows the whole traceback",
        ) from error
    return name


def _free_name(file: Path) -> str:
    """Return the stem of `file`, unless another module goes by that name."""
    if file.stem not in sys.modules and file.stem.isidentifier():
        found = importlib.util.find_spec(file.stem)
        if found is None or found.origin == str(file):
            return file.stem
    return f"agent_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
