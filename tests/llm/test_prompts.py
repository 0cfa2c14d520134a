from __future__ import annotations

import re
from pathlib import Path

import pytest

import reenact
from reenact.llm.prompts import prompt

PACKAGE = Path(reenact.__file__).parent


def test_a_prompt_is_a_file_with_places() -> None:
    text = prompt("reenact.llm", "repair", problem="it holds {{schema}}", schema="{}")
    assert "it holds {{schema}}." in text
    assert text.endswith("{}")


def test_a_caller_that_does_not_fit_its_prompt_is_told() -> None:
    with pytest.raises(ValueError, match="do not agree on: problem"):
        prompt("reenact.llm", "repair", schema="{}")
    with pytest.raises(ValueError, match="do not agree on: tone"):
        prompt("reenact.llm", "shape", schema="{}", tone="kind")


def test_every_prompt_file_is_named_by_the_code_beside_it() -> None:
    for file in PACKAGE.rglob("*.md"):
        near = (*file.parent.glob("*.py"), *file.parent.parent.glob("*.py"))
        code = "\n".join(module.read_text() for module in near)
        assert re.search(rf'"{file.stem}"', code), f"nobody uses {file.relative_to(PACKAGE)}"
