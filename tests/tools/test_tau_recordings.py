"""Every recorded call of the tau talks is answered as it should be, as it was and perturbed."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.importers.tau import conversations_in
from reenact.codec import canonical
from reenact.domain.conversation import Conversation, Effect
from reenact.domain.tool_rules import ToolRules
from reenact.tools.answer import ToolAnswer
from reenact.tools.calls import RecordedCall, recorded_calls
from reenact.tools.learning import learnt_rules
from reenact.tools.recorded import RecordedTools

FILES = {
    "tau_bench/gpt-4o-airline.even_tasks.json": 577,
    "tau2_runs/airline_gpt-4.1_baseline.json": 148,
    "tau2_runs/airline_gpt-4.1_sft_changed.json": 147,
    "tau2_runs/retail_gpt-4.1_baseline.json": 299,
    "tau2_runs/retail_gpt-4.1_sft_changed.json": 292,
    "tau2_runs/telecom_gpt-4o.json": 90,
}
READS = re.compile(r"(get|find|search|list)_\w+|think|calculate")


def effect(name: str) -> Effect:
    return "read" if READS.fullmatch(name) else "write"


@pytest.fixture(scope="module", params=FILES)
def talks(request: pytest.FixtureRequest, shared: Path) -> Sequence[Conversation]:
    path = shared / "data/conversations" / request.param
    found = list(conversations_in(path, project="tau", on_reject=pytest.fail))
    assert sum(len(calls_of(talk)) for talk in found) == FILES[request.param]
    return found


def calls_of(talk: Conversation) -> list[RecordedCall]:
    return list(recorded_calls(talk))


def tools_of(talk: Conversation, *rules: ToolRules) -> RecordedTools:
    return RecordedTools(talk, effects=effects_of(talk), rules=rules)


def effects_of(talk: Conversation) -> Mapping[str, Effect]:
    return {call.name: effect(call.name) for call in talk.tool_calls}


@pytest.mark.parametrize("declared", [True, False], ids=["effects", "unknown"])
def test_every_call_is_answered_by_itself_in_recorded_order(
    talks: Sequence[Conversation], declared: bool
) -> None:
    for talk in talks:
        tools = RecordedTools(talk, effects=effects_of(talk) if declared else {})
        for one in calls_of(talk):
            answer = tools.answer(one.call.name, one.call.arguments, turn=one.turn)
            assert (answer.served.rung, answer.served.recorded_call) == (1, one.place)
            assert (answer.result, answer.error) == (one.call.result, one.call.error)
        assert tools.unused() == ()


def test_reads_are_answered_on_rung_one_in_any_order(talks: Sequence[Conversation]) -> None:
    for talk in talks:
        reads = [one for one in calls_of(talk) if effect(one.call.name) == "read"]
        results = Counter((one.call.name, canonical(one.call.arguments)) for one in reads)
        for seed in range(3):
            random.Random(seed).shuffle(reads)
            tools = tools_of(talk)
            for one in reads:
                answer = tools.answer(one.call.name, one.call.arguments, turn=one.turn)
                assert answer.served.rung == 1
                if results[one.call.name, canonical(one.call.arguments)] == 1:
                    assert answer.result == one.call.result


def test_in_any_order_nothing_is_served_from_before_a_write_on_the_same_thing(
    talks: Sequence[Conversation],
) -> None:
    for talk in talks:
        by_place = calls_of(talk)
        calls = random.Random(7).sample(by_place, len(by_place))
        tools, served = tools_of(talk), []
        for one in calls:
            answer = tools.answer(one.call.name, one.call.arguments, turn=99)
            place = answer.served.recorded_call
            if place is None:
                continue
            if effect(one.call.name) == "write":
                assert by_place[place] not in served
                served.append(by_place[place])
                continue
            later = [write for write in served if write.place > place]
            assert not [write for write in later if shared_ids(write, one)]


def shared_ids(one: RecordedCall, other: RecordedCall) -> set[Any]:
    """The ids that both calls were given, under the names that tau gives them."""
    keys = ("reservation_id", "order_id", "user_id", "customer_id", "line_id")
    given = ({c.call.arguments[k] for k in keys if k in c.call.arguments} for c in (one, other))
    return set.intersection(*given)


def ask(talk: Conversation, one: RecordedCall, arguments: Any, *rules: ToolRules) -> ToolAnswer:
    return asked_of(tools_of(talk, *rules), one, arguments)


def asked_of(tools: RecordedTools, one: RecordedCall, arguments: Any) -> ToolAnswer:
    """A call that is refused leaves its tools as they were, so that they can be asked again."""
    return tools.answer(one.call.name, arguments, turn=one.turn)


def named(answer: ToolAnswer, one: RecordedCall, key: str, says: str) -> bool:
    """Tell whether a miss names a call of the tool as the nearest, and the key that differs."""
    miss = answer.served.miss or ""
    nearest = f"the nearest recorded call is {one.call.name}("
    return answer.provenance == "refused" and nearest in miss and f"{key}: {says}" in miss


def test_a_number_as_a_string_and_a_string_as_a_number_are_answered_on_rung_two(
    talks: Sequence[Conversation],
) -> None:
    for talk in talks:
        for one in calls_of(talk):
            arguments = one.call.arguments
            other = {
                key: int(v) if isinstance(v, str) and re.fullmatch("[1-9][0-9]{0,9}", v) else v
                for key, v in arguments.items()
            }
            other = {
                k: str(v) if type(v) in (int, float) and arguments[k] is v else v
                for k, v in other.items()
            }
            if canonical(other) != canonical(arguments):
                assert ask(talk, one, other).served.rung == 2


def test_a_volatile_id_is_left_out_where_it_is_known_and_named_where_it_is_not(
    talks: Sequence[Conversation],
) -> None:
    for talk in talks:
        for one in calls_of(talk):
            sent = {**one.call.arguments, "request_id": "0a1b2c3d-0000-4000-8000-000000000001"}
            known = ToolRules(tool=one.call.name, volatile=("request_id",))
            assert ask(talk, one, sent, known).served.rung == 2
            assert named(ask(talk, one, sent), one, "request_id", "not recorded, asked")


def test_a_dropped_argument_is_a_miss_that_names_it(talks: Sequence[Conversation]) -> None:
    for talk in talks:
        tools = tools_of(talk)
        for one in calls_of(talk):
            for key in one.call.arguments:
                less = {k: v for k, v in one.call.arguments.items() if k != key}
                answer = asked_of(tools, one, less)
                if key == "limit":  # how much is wanted, not what
                    assert answer.served.rung == 4
                else:
                    assert named(answer, one, key, "recorded ")


def test_a_key_in_another_style_is_near_for_reads_and_a_miss_for_writes(
    talks: Sequence[Conversation],
) -> None:
    for talk in talks:
        for one in calls_of(talk):
            other = {camel(key): value for key, value in one.call.arguments.items()}
            if other == one.call.arguments:
                continue
            answer = ask(talk, one, other)
            if effect(one.call.name) == "read":
                assert answer.served.rung == 4
                assert canonical(answer.result) in results_of(talk, one)
            else:
                key = next(key for key in one.call.arguments if camel(key) != key)
                assert named(answer, one, key, f"asked as {camel(key)}")


def test_a_key_of_another_name_is_a_miss_that_names_both(talks: Sequence[Conversation]) -> None:
    for talk in talks:
        tools = tools_of(talk)
        for one in calls_of(talk):
            for key in list(one.call.arguments)[:1]:
                rest = {k: v for k, v in one.call.arguments.items() if k != key}
                other = {f"the_{key}": one.call.arguments[key], **rest}
                assert named(asked_of(tools, one, other), one, key, f"asked as the_{key}")


def test_another_id_is_never_answered_on_rungs_one_to_four(talks: Sequence[Conversation]) -> None:
    for talk in talks:
        tools = tools_of(talk)
        known = {canonical([c.call.name, c.call.arguments]) for c in calls_of(talk)}
        for one in calls_of(talk):
            for key, value in one.call.arguments.items():
                other = {**one.call.arguments, key: changed(value)}
                if canonical([one.call.name, other]) not in known:
                    rung = asked_of(tools, one, other).served.rung
                    assert rung == (4 if key == "limit" else None)


def test_nothing_is_taken_for_volatile_in_these_talks(talks: Sequence[Conversation]) -> None:
    assert learnt_rules(talks) == ()


def camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.title() for word in rest)


def results_of(talk: Conversation, one: RecordedCall) -> set[str]:
    return {
        canonical(other.call.result)
        for other in calls_of(talk)
        if other.call.name == one.call.name
        and canonical(other.call.arguments) == canonical(one.call.arguments)
    }


def changed(value: Any) -> Any:
    if isinstance(value, str):
        return value[:-1] + ("X" if value[-1:] != "X" else "Y")
    if isinstance(value, list):
        return [*value[:-1], changed(value[-1])] if value else ["X"]
    if isinstance(value, dict):
        key = next(iter(value))
        return {**value, key: changed(value[key])}
    return value + 1
