"""Tool rules in kept files: written, read back, and refused where they do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from reenact.domain.tool_rules import ToolRules
from reenact.errors import KeptFileError
from reenact.keep.case import row_of
from reenact.keep.file import read_case, write_case
from reenact.keep.updating import with_before
from support.kept import CASE, RECORDING, case

RULES = (
    ToolRules(
        tool="find_order",
        effect="read",
        key_fields=("id",),
        learnt=("request_id",),
        normalise={"id": ("letter_case",)},
    ),
    ToolRules(tool="think", key_fields=(), constant=True),
)


def test_rules_are_written_and_read_back_and_reach_the_row(tmp_path: Path) -> None:
    path = write_case(case(tool_rules=RULES), tmp_path, recording=RECORDING)
    assert "tool_rules:\n  find_order:\n    effect: read\n" in path.read_text()
    found = read_case(path)
    assert found.tool_rules == RULES
    assert row_of(found).tool_rules == RULES


def test_a_rule_that_does_not_fit_is_refused_with_its_line_and_tool(tmp_path: Path) -> None:
    path = write_case(case(tool_rules=RULES), tmp_path, recording=RECORDING)
    path.write_text(path.read_text().replace("effect: read", "effect: reads"))
    with pytest.raises(KeptFileError, match=r"yaml:\d+: tool_rules.find_order") as caught:
        read_case(path)
    assert "did you mean read?" in caught.value.render()


def test_what_people_wrote_of_a_tool_stays_when_a_case_is_kept_again() -> None:
    before = case(tool_rules=(ToolRules(tool="find_order", effect="write"),))
    again = with_before(case(tool_rules=RULES), before)
    assert {rules.tool: rules.effect for rules in again.tool_rules} == {
        "find_order": "write",
        "think": None,
    }
    assert with_before(CASE, None) == CASE
