"""The `reenact` command: one file per verb, each imported when it is used."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    from reenact.cli.app import run

    sys.exit(run(sys.argv[1:]))
