"""The agent files and the declared results that the pages show are read as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reenact.agents.targets import parse_target
from reenact.domain.agent import HttpTarget

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_agent_file_of_the_guide_is_read(tmp_path: Path) -> None:
    (text,) = BLOCK.findall((DOCS / "guide/agents-over-http.md").read_text(encoding="utf-8"))
    (tmp_path / "agent.yaml").write_text(text, encoding="utf-8")

    target = parse_target(str(tmp_path / "agent.yaml"))

    assert isinstance(target, HttpTarget)
    assert target.tools == "returned"
    assert target.response["text"] == "output.text"


@pytest.mark.parametrize("page", ["guide/keep.md", "concepts/recorded-tools.md"])
def test_the_declared_result_of_a_page_can_be_pasted(page: str, tmp_path: Path) -> None:
    from reenact.keep.statements import case_from
    from reenact.keep.yaml_text import parse

    (declared,) = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    recording = f"recording:\n  file: pasted.recording.json\n  hash: sha256:{'0' * 64}\n"
    expected = "expectations:\n  - must_call: check_status\n"
    kept = f"reenact: 1\nname: pasted\n{recording}{declared}{expected}"

    case = case_from(parse(kept, where="pasted"), where="pasted")

    assert [result.tool for result in case.declared] == ["check_status"]
    assert case.declared[0].result == {"status": "in transit"}
