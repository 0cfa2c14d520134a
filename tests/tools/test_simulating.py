"""A model makes up what a read would have given: in the recorded shape, marked, reads only."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

import reenact
from reenact.domain.conversation import Effect
from reenact.errors import ModelFailed, UsageError
from reenact.llm.port import Completion, Prompt
from reenact.llm.scripted import ScriptedModel
from reenact.tools.desk import ToolDesk, at_desk
from reenact.tools.recorded import RecordedTools
from support.talks import agent, call, talk, user

EFFECTS: Mapping[str, Effect] = {"get": "read", "cancel": "write"}
SHOP = talk(
    user("where is A1?"),
    call("get", {"order_id": "A1"}, {"order_id": "A1", "status": "open"}),
    call("cancel", {"order_id": "A1"}, {"ok": True}),
    agent("on its way"),
)


def made_up(id: str, status: Any = "late") -> str:
    return json.dumps({"result": {"order_id": id, "status": status}})


def tools(model: ScriptedModel, **more: Any) -> RecordedTools:
    return RecordedTools(SHOP, effects=EFFECTS, on_miss="simulate", model=model, **more)


def test_a_read_that_misses_is_made_up_and_marked() -> None:
    model = ScriptedModel([made_up("A2")])
    answer = tools(model).answer("get", {"order_id": "A2"}, turn=1)
    assert (answer.provenance, answer.result) == ("simulated", {"order_id": "A2", "status": "late"})
    assert answer.served.model == "scripted"
    assert "what differs: order_id" in (answer.served.miss or "")


def test_the_model_is_told_what_the_recording_knows_and_the_shape() -> None:
    model = ScriptedModel([made_up("A2")])
    tools(model).answer("get", {"order_id": "A2"}, turn=1)
    (prompt,) = model.asked
    assert "never" in prompt.messages[0]["content"].lower()
    told = json.loads(prompt.messages[1]["content"])
    assert told["arguments"] == {"order_id": "A2"}
    assert told["recorded results of this tool"][0]["result"]["status"] == "open"
    result = (prompt.shape or {})["properties"]["result"]
    assert result["required"] == ["order_id", "status"]
    assert result["additionalProperties"] is False


def test_the_same_read_gets_the_same_made_up_result_until_a_write() -> None:
    model = ScriptedModel([made_up("A2"), made_up("A2", "gone")])
    known = tools(model)
    first = known.answer("get", {"order_id": "A2"}, turn=1)
    first.result["status"] = "changed by the agent"
    assert known.answer("get", {"order_id": "A2"}, turn=2).result["status"] == "late"
    known.answer("cancel", {"order_id": "A1"}, turn=2)
    assert known.answer("get", {"order_id": "A2"}, turn=2).result["status"] == "gone"


def test_a_resumed_talk_gives_the_same_made_up_result_without_asking_again() -> None:
    answer = tools(ScriptedModel([made_up("A2")])).answer("get", {"order_id": "A2"}, turn=1)
    resumed = tools(ScriptedModel([]))
    noted = replace(
        call("get", {"order_id": "A2"}, answer.result),
        served=answer.served,
        provenance=answer.provenance,
    )
    resumed.restore([noted])
    assert resumed.answer("get", {"order_id": "A2"}, turn=2) == answer


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([made_up("A2", 5)] * 2, "looks like"),
        ([made_up("A3")] * 2, "another thing"),
        (['{"other": 1}'] * 2, "no result"),
        ([ModelFailed("no answer", where="m")], "the model failed: no answer"),
    ],
    ids=["shape", "other thing", "nothing", "failed"],
)
def test_what_does_not_fit_is_refused_with_the_reason(answers: list[Any], says: str) -> None:
    answer = tools(ScriptedModel(answers)).answer("get", {"order_id": "A2"}, turn=1)
    assert answer.provenance == "refused"
    assert says in (answer.error or "")


def test_a_result_that_does_not_fit_is_asked_for_once_more() -> None:
    model = ScriptedModel([made_up("A2", None), made_up("A2")])
    assert tools(model).answer("get", {"order_id": "A2"}, turn=1).provenance == "simulated"


def test_a_tool_without_a_recorded_result_has_no_shape_and_is_refused() -> None:
    known = RecordedTools(
        SHOP, effects={"find": "read"}, on_miss="simulate", model=ScriptedModel([made_up("A2")])
    )
    answer = known.answer("find", {"q": "x"}, turn=1)
    assert "no recorded result of find" in (answer.error or "")


@pytest.mark.parametrize("effect", ["write", "unknown"])
def test_a_write_or_an_unknown_effect_is_never_made_up(effect: Effect) -> None:
    model = ScriptedModel([made_up("A2")])
    known = RecordedTools(SHOP, effects={"get": effect}, on_miss="simulate", model=model)
    assert known.answer("get", {"order_id": "A2"}, turn=1).provenance == "refused"
    assert model.asked == []


def test_without_a_model_the_error_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="language model") as caught:
        RecordedTools(SHOP, on_miss="simulate")
    assert "error_result" in caught.value.render()


class SlowModel:
    """Answers when it is let go."""

    name = "slow"

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    async def complete(self, prompt: Prompt) -> Completion:
        self.asked.set()
        if not await asyncio.to_thread(self.go.wait, 20):
            raise ModelFailed("nobody let it go", where=self.name)
        return Completion(text="", data=json.loads(made_up("A2")))

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        yield (await self.complete(prompt)).text


def test_other_talks_of_the_loop_go_on_while_a_model_is_asked() -> None:
    model = SlowModel()

    @reenact.tool(name="get", effect="read")
    async def get(order_id: str) -> Any:
        raise AssertionError("run for real")

    async def both() -> Any:
        known = RecordedTools(SHOP, effects=EFFECTS, on_miss="simulate", model=model)
        with at_desk(ToolDesk(known, turn=1)):
            waiting = asyncio.create_task(get("A2"))
            await asyncio.to_thread(model.asked.wait, 20)
            model.go.set()  # the loop is free: were it not, the model would give up first
            return await waiting

    assert asyncio.run(both()) == {"order_id": "A2", "status": "late"}


def test_a_turn_can_close_while_a_model_is_asked_and_what_comes_later_is_refused() -> None:
    model = SlowModel()
    desk = ToolDesk(RecordedTools(SHOP, effects=EFFECTS, on_miss="simulate", model=model), turn=1)
    late: list[Any] = []
    thread = threading.Thread(target=lambda: late.append(desk.ask("get", {"order_id": "A2"})))
    thread.start()
    assert model.asked.wait(20)
    assert desk.close() == ()
    model.go.set()
    thread.join(20)
    assert late[0].provenance == "refused"
    assert desk.close() == ()
