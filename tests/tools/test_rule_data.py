from __future__ import annotations

from typing import Any

import pytest

from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError
from reenact.tools.rule_data import data_of, rules_from

FULL = {
    "find": {
        "effect": "read",
        "key_fields": ["email"],
        "volatile": ["request_id"],
        "learnt": ["sent_at"],
        "normalise": {"email": ["letter_case"], "*": ["key_style", "list_order"]},
        "constant": True,
    }
}


def test_rules_are_read_and_written_the_same() -> None:
    (rules,) = rules_from(FULL, where="f.yaml")
    assert rules == ToolRules(
        tool="find",
        effect="read",
        key_fields=("email",),
        volatile=("request_id",),
        learnt=("sent_at",),
        normalise={"email": ("letter_case",), "*": ("key_style", "list_order")},
        constant=True,
    )
    assert {rules.tool: data_of(rules)} == FULL


def test_the_annotations_of_an_mcp_server_can_be_pasted() -> None:
    (rules,) = rules_from({"find": {"annotations": {"readOnlyHint": True}}}, where="f.yaml")
    assert rules.effect == "read"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "holds a mapping by tool"),
        ({"find": "read"}, "needs keys and values"),
        ({"find": {"efect": "read"}}, "did you mean effect?"),
        ({"find": {"effect": "reads"}}, "did you mean read?"),
        ({"find": {"key_fields": "email"}}, "key_fields is a list"),
        ({"find": {"volatile": [1]}}, "volatile is a list"),
        ({"find": {"normalise": {"email": "lower"}}}, "unknown normaliser 'lower'"),
        ({"find": {"normalise": ["digits"]}}, "by argument"),
        ({"find": {"constant": "yes"}}, "must be true or false"),
    ],
)
def test_what_does_not_fit_is_named_with_its_tool(data: Any, says: str) -> None:
    with pytest.raises(UsageError, match=r"f\.yaml") as caught:
        rules_from(data, where="f.yaml")
    assert says in caught.value.render()
    if isinstance(data, dict):
        assert "tool_rules.find" in caught.value.render()
