"""What the models that speak for a user are told: one Markdown file each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def prompt(name: str) -> str:
    """Return the text of the prompt called `name`."""
    return files(__name__).joinpath(f"{name}.md").read_text("utf-8")
