"""Nothing wrong is ever served: not another thing's result, not one from before a change.

A small shop is the truth. A talk is recorded by running random calls on it; then other random
calls are answered from the recording and held against the shop.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import reenact
from reenact.domain.conversation import Effect
from reenact.domain.run import MissPolicy
from reenact.llm.scripted import ScriptedModel
from reenact.tools.answer import ToolAnswer
from reenact.tools.desk import ToolDesk, at_desk
from reenact.tools.recorded import RecordedTools
from support.talks import agent, call, talk, user

EFFECTS: Mapping[str, Effect] = {
    "get": "read",
    "list": "read",
    "all": "read",
    "search": "read",
    "customer": "read",
    "update": "write",
    "move": "write",
    "create": "write",
    "rename": "write",
}
Call = tuple[str, dict[str, Any]]


@dataclass
class Shop:
    """Orders and customers; every call is a method, every answer plain data."""

    bare: bool
    """Lists say little and writes only that they went well."""
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def run(self, name: str, arguments: Mapping[str, Any]) -> Any:
        return copy.deepcopy(getattr(self, name)(**arguments))

    def get(self, order_id: int) -> Any:
        return self._shown(order_id)

    def list(self, customer_id: str) -> Any:
        mine = [id for id, order in self.orders.items() if order["customer_id"] == customer_id]
        return [self._row(id) for id in mine]

    def all(self) -> Any:
        return [self._row(id) for id in self.orders]

    def search(self, query: str) -> Any:
        return [self._row(id) for id, order in self.orders.items() if order["status"] in query]

    def customer(self, customer_id: str) -> Any:
        mine = sum(order["customer_id"] == customer_id for order in self.orders.values())
        return {"customer_id": customer_id, "name": self.names[customer_id], "orders": mine}

    def update(self, order_id: int, status: str) -> Any:
        self.orders[order_id]["status"] = status
        return {"ok": True} if self.bare else self._shown(order_id)

    def move(self, order_id: int, customer_id: str) -> Any:
        self.orders[order_id]["customer_id"] = customer_id
        return {"ok": True} if self.bare else self._shown(order_id)

    def create(self, customer_id: str) -> Any:
        id = 1001 + len(self.orders)
        self.orders[id] = {"customer_id": customer_id, "status": "open"}
        return {"order_id": id}

    def rename(self, customer_id: str, name: str) -> Any:
        self.names[customer_id] = name
        return {"ok": True} if self.bare else self.customer(customer_id)

    def _shown(self, order_id: int) -> Any:
        order = self.orders[order_id]
        return {"order_id": order_id, **order, "customer_name": self.names[order["customer_id"]]}

    def _row(self, order_id: int) -> Any:
        return {"order_id": order_id} if self.bare else self._shown(order_id)


def shop(*, bare: bool) -> Shop:
    made = Shop(bare=bare, names={"C-1": "Ana", "C-2": "Bob"})
    for customer_id in ("C-1", "C-2", "C-1"):
        made.create(customer_id)
    return made


ORDERS = st.sampled_from([1001, 1002, 1003])
CUSTOMERS = st.sampled_from(["C-1", "C-2"])
QUERIES = st.sampled_from(["the open orders of us", "what are the open orders of us", "late open"])
CALLS: st.SearchStrategy[Call] = st.one_of(
    st.tuples(st.just("get"), st.fixed_dictionaries({"order_id": ORDERS})),
    st.tuples(st.just("list"), st.fixed_dictionaries({"customer_id": CUSTOMERS})),
    st.tuples(st.just("customer"), st.fixed_dictionaries({"customer_id": CUSTOMERS})),
    st.tuples(st.just("all"), st.just({})),
    st.tuples(st.just("search"), st.fixed_dictionaries({"query": QUERIES})),
    st.tuples(
        st.just("update"),
        st.fixed_dictionaries({"order_id": ORDERS, "status": st.sampled_from(["late", "sent"])}),
    ),
    st.tuples(
        st.just("move"), st.fixed_dictionaries({"order_id": ORDERS, "customer_id": CUSTOMERS})
    ),
    st.tuples(st.just("create"), st.fixed_dictionaries({"customer_id": CUSTOMERS})),
    st.tuples(
        st.just("rename"),
        st.fixed_dictionaries({"customer_id": CUSTOMERS, "name": st.sampled_from(["Eva", "Kim"])}),
    ),
)


def as_sent(asked: Call, how: int) -> dict[str, Any]:
    """Return the arguments as another agent may send them; the things asked for stay."""
    arguments = dict(asked[1])
    if how == 1:
        return {key: str(value) for key, value in arguments.items()}
    if how == 2:
        return {**arguments, "note": None}
    if how == 3:
        return {**arguments, "verbose": False}
    return arguments


@dataclass
class Recorded:
    calls: list[Call]
    results: list[Any]
    before: list[Shop]
    """The shop as it was before each call."""


def recorded(calls: Sequence[Call], *, bare: bool) -> Recorded:
    made, truth = Recorded([], [], []), shop(bare=bare)
    for name, arguments in calls:
        made.before.append(copy.deepcopy(truth))
        made.calls.append((name, arguments))
        made.results.append(truth.run(name, arguments))
    return made


def tools_of(made: Recorded) -> RecordedTools:
    pairs = zip(made.calls, made.results, strict=True)
    items = [call(name, arguments, result) for (name, arguments), result in pairs]
    turns = [[user("and?"), item, agent("so")] for item in items]
    return RecordedTools(
        talk(*[item for turn in turns for item in turn] or [user("hi")]), effects=EFFECTS
    )


ASKED = st.lists(st.tuples(CALLS, st.integers(0, 4), st.integers(1, 8)), max_size=10)


MOVED: Call = ("move", {"order_id": 1003, "customer_id": "C-2"})
LOOKED: Call = ("customer", {"customer_id": "C-1"})
LISTED: Call = ("list", {"customer_id": "C-1"})
LATE: Call = ("update", {"order_id": 1001, "status": "late"})
GOT: Call = ("get", {"order_id": 1001})


@settings(max_examples=400, deadline=None)
@given(st.lists(CALLS, max_size=9), ASKED, st.booleans())
@example([LOOKED, MOVED], [(MOVED, 0, 1), (LOOKED, 0, 1)], False)
@example([LISTED, MOVED], [(MOVED, 0, 1), (LISTED, 0, 1)], True)
@example([GOT, LATE], [(LATE, 0, 1), (GOT, 0, 1)], True)
@example([GOT, LATE], [(GOT, 0, 1), (LATE, 0, 1), (GOT, 0, 1)], False)
@example([("all", {}), LATE], [(LATE, 0, 1), (("all", {}), 0, 1)], True)
def test_nothing_wrong_is_served(
    recording: list[Call], asked: list[tuple[Call, int, int]], bare: bool
) -> None:
    made = recorded(recording, bare=bare)
    tools, served = tools_of(made), []
    for one, how, turn in asked:
        name = one[0]
        answer = tools.answer(name, as_sent(one, how), turn=turn)
        if answer.provenance == "refused":
            continue
        assert answer.provenance == "recorded"
        place = answer.served.recorded_call
        assert place is not None
        if EFFECTS[name] == "write":
            assert (answer.served.rung or 9) <= 3
            assert place not in served, "a write is served once per recorded call"
            served.append(place)
        check(made, one, answer, served)


def check(made: Recorded, asked: Call, answer: ToolAnswer, served: Sequence[int]) -> None:
    """Hold a served read against the shop as it was then, changed by what was served since."""
    name, arguments = asked
    place = answer.served.recorded_call or 0
    if answer.served.rung == 5:
        truth, since = copy.deepcopy(made.before[0]), list(served)
    else:
        recorded_name, recorded_arguments = made.calls[place]
        assert recorded_name == name
        if name != "search":
            assert recorded_arguments == arguments, "it is about another thing"
        truth = copy.deepcopy(made.before[place])
        since = [write for write in served if write > place]
        arguments = recorded_arguments
    if EFFECTS[name] == "read":
        for write in since:
            if made.calls[write][0] != "create" or write >= place:
                truth.run(*made.calls[write])
        assert truth.run(name, arguments) == answer.result, "it comes from before a change"


@settings(max_examples=100, deadline=None)
@given(st.lists(CALLS, max_size=9), st.booleans())
def test_every_recorded_call_is_answered_by_itself_in_recorded_order(
    recording: list[Call], bare: bool
) -> None:
    made = recorded(recording, bare=bare)
    tools = tools_of(made)
    for place, (name, arguments) in enumerate(made.calls):
        answer = tools.answer(name, arguments, turn=place + 1)
        assert (answer.served.rung, answer.served.recorded_call) == (1, place)
        assert answer.result == made.results[place]
    assert tools.unused() == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(CALLS, max_size=9).flatmap(lambda c: st.tuples(st.just(c), st.permutations(c))))
def test_reads_are_answered_on_rung_one_in_any_order(two: tuple[list[Call], list[Call]]) -> None:
    reads, other_order = ([c for c in calls if EFFECTS[c[0]] == "read"] for calls in two)
    made = recorded(reads, bare=False)
    tools = tools_of(made)
    for name, arguments in other_order:
        answer = tools.answer(name, arguments, turn=99)
        assert (answer.served.rung, answer.result) == (1, shop(bare=False).run(name, arguments))


@settings(max_examples=100, deadline=None)
@given(st.lists(CALLS, max_size=9), ASKED, st.integers(0, 10))
def test_a_resumed_talk_answers_as_the_uninterrupted_one(
    recording: list[Call], asked: list[tuple[Call, int, int]], cut: int
) -> None:
    made = recorded(recording, bare=False)
    whole, resumed = tools_of(made), tools_of(made)
    sent = [(one[0], as_sent(one, how), turn) for one, how, turn in asked]
    answers = [whole.answer(name, arguments, turn=turn) for name, arguments, turn in sent]
    resumed.restore(
        [
            replace(
                call(name, arguments, answer.result, error=answer.error),
                served=answer.served,
                provenance=answer.provenance,
                answered=answer.provenance != "refused",
            )
            for (name, arguments, _), answer in list(zip(sent, answers, strict=True))[:cut]
        ]
    )
    rest = [resumed.answer(name, arguments, turn=turn) for name, arguments, turn in sent[cut:]]
    assert rest == answers[cut:]


@pytest.fixture(scope="module")
def decorated() -> Mapping[str, Any]:
    """Tools of an agent, each of which would do what must not happen."""

    def made(name: str, effect: Effect) -> Any:
        def run(**arguments: Any) -> Any:
            raise AssertionError(f"{name} was run for real")

        return reenact.tool(name=f"shop.{name}", effect=effect)(run)

    return {name: made(name, effect) for name, effect in EFFECTS.items()}


@settings(max_examples=100, deadline=None)
@given(
    recording=st.lists(CALLS, max_size=6),
    asked=st.lists(CALLS, max_size=8),
    on_miss=st.sampled_from(["refuse", "error_result", "simulate"]),
)
def test_no_tool_is_ever_run(
    decorated: Mapping[str, Any], recording: list[Call], asked: list[Call], on_miss: MissPolicy
) -> None:
    made = recorded(recording, bare=False)
    pairs = zip(made.calls, made.results, strict=True)
    items = [call(f"shop.{name}", arguments, result) for (name, arguments), result in pairs]
    tools = RecordedTools(
        talk(user("hi"), *items),
        effects={f"shop.{name}": effect for name, effect in EFFECTS.items()},
        on_miss=on_miss,
        model=ScriptedModel(['{"result": []}'] * 100),
    )
    with at_desk(ToolDesk(tools, turn=1)) as desk:
        for name, arguments in asked:
            try:
                decorated[name](**arguments)
            except (reenact.ToolRefused, reenact.ToolFailed):
                continue
    noted = desk.close()
    assert [(c.name, c.arguments) for c in noted] == [(f"shop.{n}", a) for n, a in asked]
    assert {c.provenance for c in noted} <= {"recorded", "simulated", "refused"}
    simulated = {
        EFFECTS[c.name.removeprefix("shop.")] for c in noted if c.provenance == "simulated"
    }
    assert simulated <= {"read"}
