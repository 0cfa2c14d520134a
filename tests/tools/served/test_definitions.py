"""What is offered: definitions of the recording, schemas mined from calls, hints from effects."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from reenact.domain.conversation import ToolDefinition
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.tools.served.definitions import Catalogue, ServedTool
from reenact.tools.served.results import mcp_tool
from support.talks import REFUND, agent, call, talk, user


def offered(*conversations: Any, **known: Any) -> dict[str, ServedTool]:
    catalogue = Catalogue(known)
    for conversation in conversations:
        catalogue.add(conversation)
    return {tool.name: tool for tool in catalogue.tools()}


def test_a_mined_schema_tells_no_recorded_value() -> None:
    tool = offered(REFUND)["issue_refund"]
    assert tool.mined
    assert tool.parameters == {
        "type": "object",
        "properties": {"order_id": {"type": "string"}, "amount": {"type": "number"}},
        "required": ["order_id", "amount"],
    }
    assert "A-1003" not in json.dumps(mcp_tool(tool))


def test_an_argument_that_some_calls_leave_out_is_not_required() -> None:
    found = offered(talk(user("a"), call("find", {"id": 1, "page": 2}), call("find", {"id": "x"})))
    assert found["find"].parameters["required"] == ["id"]
    assert found["find"].parameters["properties"]["id"] == {"type": ["integer", "string"]}


def test_a_definition_of_the_recording_goes_before_what_is_mined() -> None:
    schema = {"type": "object", "properties": {"order_id": {"type": "string", "minLength": 6}}}
    known = ToolDefinition(name="check_status", description="Look it up.", parameters=schema)
    idle = ToolDefinition(name="never_called", parameters={"type": "object"})
    found = offered(replace(REFUND, tools=(known, idle)))
    assert found["check_status"].parameters == schema
    assert found["check_status"].description == "Look it up."
    assert not found["check_status"].mined
    assert sorted(found) == ["check_status", "issue_refund", "never_called"]


def test_a_definition_without_a_schema_of_an_object_is_completed_from_calls() -> None:
    known = ToolDefinition(name="check_status", description="Look.", parameters={"type": "string"})
    found = offered(replace(REFUND, tools=(known, ToolDefinition(name="bare"))))
    assert found["check_status"].mined
    assert found["check_status"].parameters["required"] == ["order_id"]
    assert found["bare"].parameters == {"type": "object"}


def test_hints_are_given_only_for_effects_that_are_known() -> None:
    found = offered(
        talk(user("a"), call("read_it", effect="read"), call("pay", effect="write"), call("odd")),
        told="read",
    )
    assert mcp_tool(found["read_it"])["annotations"] == {"readOnlyHint": True}
    assert mcp_tool(found["pay"])["annotations"] == {
        "readOnlyHint": False,
        "destructiveHint": True,
    }
    assert "annotations" not in mcp_tool(found["odd"])


def test_a_tool_that_wrote_once_writes_and_a_declared_effect_fills_in() -> None:
    mixed = talk(user("a"), call("it", effect="read"), call("it", effect="write"), call("odd"))
    assert {n: t.effect for n, t in offered(mixed, odd="read").items()} == {
        "it": "write",
        "odd": "read",
    }


def test_a_rule_goes_before_what_code_says_of_an_effect() -> None:
    rule = ToolRules(tool="pay", effect="write")
    catalogue = Catalogue({"pay": "read"}, rules=[rule])
    catalogue.add(talk(user("a"), call("pay")))
    assert [tool.effect for tool in catalogue.tools()] == ["write"]


def test_calls_of_the_users_side_are_not_offered_and_declared_ones_are() -> None:
    theirs = replace(call("reboot_phone"), requestor="user")
    catalogue = Catalogue()
    catalogue.add(talk(user("a"), theirs, agent("b")))
    catalogue.declare([DeclaredResult(tool="find", arguments={"id": 7}, result="x")])
    (tool,) = catalogue.tools()
    assert (tool.name, tool.parameters["properties"]) == ("find", {"id": {"type": "integer"}})
