"""Puts the hooks in place as Python starts: `reenact run` puts this folder before all others.

Python imports one `sitecustomize` by itself; the one that it would have found is run as well.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _hook() -> None:
    try:
        import reenact
    except ImportError as error:
        sys.stderr.write(
            f"reenact run: no tool is intercepted: {sys.executable} cannot import reenact "
            f"({error})\n  -> install reenact into the environment of the program\n"
        )
        if os.environ.get("REENACT_RUN") == str(os.getpid()):
            os._exit(2)  # the very program that was to be run; what it starts may be another Python
        return
    reenact.instrument()


def _go_on() -> None:
    """Run the `sitecustomize` that this one stands before."""
    others = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_hook()
_go_on()
