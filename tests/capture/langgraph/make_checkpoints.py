"""Makes `checkpoints.sqlite` with LangGraph itself: run it where langgraph is installed.

    pip install langgraph langgraph-checkpoint-sqlite
    python make_checkpoints.py

Made with langgraph 1.2.24, langgraph-checkpoint 4.3.2, langgraph-checkpoint-sqlite 3.1.2 and
langchain-core 1.8.3. The model is a script; everything else is the real thing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, SystemMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import interrupt

HERE = Path(__file__).parent


class State(MessagesState):
    shop: str


@tool
def check_status(order_id: str) -> dict[str, Any]:
    """Say where an order is."""
    if order_id.startswith("Z"):
        raise ValueError(f"no order {order_id}")
    return {"order_id": order_id, "status": "shipped", "total": 34.5}


@tool
def issue_refund(order_id: str, amount: float) -> str:
    """Refund an order."""
    interrupt({"ask": f"refund {amount} for {order_id}?"})
    return "refunded"


def says(text: str = "", *calls: dict[str, Any], tokens: tuple[int, int] = (40, 8)) -> AIMessage:
    return AIMessage(
        content=text,
        name="desk",
        tool_calls=[{**call, "type": "tool_call"} for call in calls],
        usage_metadata={
            "input_tokens": tokens[0],
            "output_tokens": tokens[1],
            "total_tokens": sum(tokens),
            "input_token_details": {"cache_read": 16},
        },
        response_metadata={"model_name": "gpt-4o-mini-2024-07-18", "model_provider": "openai"},
    )


def asks(name: str, id: str, **args: Any) -> dict[str, Any]:
    return {"name": name, "args": args, "id": id}


SCRIPT: dict[str, list[AIMessage | Exception]] = {
    "tuesday": [
        says("", asks("check_status", "call_1", order_id="A-1001")),
        says("A-1001 has shipped."),
        says("", *(asks("check_status", f"call_{n}", order_id=f"A-100{n}") for n in (2, 3))),
        says("Both have shipped."),
    ],
    "failing": [
        says("", asks("check_status", "call_4", order_id="Z-9")),
        says("There is no order Z-9."),
        RuntimeError("the model is overloaded"),
    ],
    "waiting": [says("One moment.", asks("issue_refund", "call_5", order_id="A-1", amount=9.5))],
    "forked": [says("Wrong answer."), says("Right answer.")],
    "summed-up": [says("First answer."), says("Second answer.")],
}


def graph(script: list[AIMessage | Exception], saver: SqliteSaver) -> Any:
    def model(state: State) -> dict[str, Any]:
        said = script.pop(0)
        if isinstance(said, Exception):
            raise said
        return {"messages": [said]}

    made = StateGraph(State)
    made.add_node("model", model)
    made.add_node("tools", ToolNode([check_status, issue_refund], handle_tool_errors=True))
    made.add_edge(START, "model")
    made.add_conditional_edges("model", tools_condition)
    made.add_edge("tools", "model")
    return made.compile(checkpointer=saver)


def main() -> None:
    path = HERE / "checkpoints.sqlite"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        for thread in SCRIPT:
            run(thread, saver)
        connection.executescript(
            "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;"
            "PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL;"
        )


def run(thread: str, saver: SqliteSaver) -> None:
    agent = graph(list(SCRIPT[thread]), saver)
    config = {"configurable": {"thread_id": thread}, "metadata": {"user_id": f"user-{thread}"}}

    def ask(text: str, *before: Any, at: Any = None) -> None:
        said = {"messages": [*before, HumanMessage(text)], "shop": "Kettle & Co"}
        agent.invoke(said, at or config)

    if thread == "tuesday":
        ask("Where is A-1001?", SystemMessage("You help the customers of Kettle & Co."))
        ask("And A-1002 and A-1003?")
    elif thread == "failing":
        ask("Where is Z-9?")
        with suppress(RuntimeError):
            ask("Try again.")
    elif thread == "waiting":
        ask("Refund A-1.")
    elif thread == "forked":
        ask("Which one?")
        states = list(agent.get_state_history(config))
        asked = next(s for s in states if s.next == ("model",))
        agent.invoke(None, asked.config)
    elif thread == "summed-up":
        ask("First question.")
        state = agent.get_state(config).values["messages"]
        summary = HumanMessage("Here is a summary: they asked the first question.")
        kept = [RemoveMessage(REMOVE_ALL_MESSAGES), summary, state[-1]]
        agent.update_state(config, {"messages": kept}, as_node="model")
        ask("Second question.")


if __name__ == "__main__":
    main()
