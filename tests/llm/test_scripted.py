from __future__ import annotations

import asyncio

import pytest

from reenact.errors import ModelFailed
from reenact.llm.port import Prompt
from reenact.llm.scripted import ScriptedModel

ASK = Prompt(messages=({"role": "user", "content": "Well?"},))
SHAPED = Prompt(messages=ASK.messages, shape={"type": "object"})


def test_a_script_answers_in_order_and_then_fails() -> None:
    model = ScriptedModel(["Yes.", "No."])
    assert asyncio.run(model.complete(ASK)).text == "Yes."
    assert asyncio.run(model.complete(ASK)).text == "No."
    with pytest.raises(ModelFailed, match="no further answer"):
        asyncio.run(model.complete(ASK))
    assert model.asked == [ASK, ASK, ASK]


def test_a_script_fails_where_it_is_told_to() -> None:
    with pytest.raises(ModelFailed, match="busy"):
        asyncio.run(ScriptedModel([ModelFailed("busy")]).complete(ASK))


def test_an_answer_in_a_shape_is_parsed() -> None:
    assert asyncio.run(ScriptedModel(['{"choice": 2}']).complete(SHAPED)).data == {"choice": 2}
    with pytest.raises(ModelFailed, match="no JSON"):
        asyncio.run(ScriptedModel(["perhaps"]).complete(SHAPED))
