from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.importers.tau import conversations_in
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.turn import turns_of
from reenact.errors import DecodeError, UsageError

TAU2 = (
    "retail_gpt-4.1_baseline",
    "retail_gpt-4.1_sft_changed",
    "airline_gpt-4.1_baseline",
    "airline_gpt-4.1_sft_changed",
    "telecom_gpt-4o",
)


def taken(path: Path) -> tuple[Conversation, ...]:
    """Return the talks of a file of which nothing may be rejected."""
    rejected: list[str] = []
    found = tuple(conversations_in(path, project="p", on_reject=rejected.append))
    assert rejected == []
    return found


@pytest.fixture(scope="module")
def bench_file(shared: Path) -> Path:
    return shared / "data/conversations/tau_bench/gpt-4o-airline.even_tasks.json"


@pytest.fixture(scope="module")
def bench(bench_file: Path) -> dict[str, Conversation]:
    return {talk.session_id or "": talk for talk in taken(bench_file)}


@pytest.fixture(scope="module")
def tau2(shared: Path) -> Callable[[str], tuple[Conversation, ...]]:
    found: dict[str, tuple[Conversation, ...]] = {}

    def read(name: str) -> tuple[Conversation, ...]:
        if name not in found:
            found[name] = taken(shared / f"data/conversations/tau2_runs/{name}.json")
        return found[name]

    return read


def test_all_hundred_airline_talks_are_taken(bench: dict[str, Conversation]) -> None:
    assert set(bench) == {f"tb-airline-{task}-{trial}" for task in TASKS for trial in range(4)}


TASKS = range(0, 50, 2)


def test_rewards_are_scores(bench: dict[str, Conversation]) -> None:
    scores = Counter(score.value for talk in bench.values() for score in talk.scores)
    assert scores == {1.0: 49, 0.0: 51}
    assert {score.name for talk in bench.values() for score in talk.scores} == {"task_success"}


def test_every_call_of_tau_bench_has_its_own_answer(
    bench: dict[str, Conversation], bench_file: Path
) -> None:
    """Ids repeat inside a talk: pairing by id alone gives some calls the answer of another."""
    wrong_by_id = total = 0
    for run in json.loads(bench_file.read_text()):
        talk = bench[f"tb-airline-{run['task_id']}-{run['trial']}"]
        answers = [m for m in run["traj"] if m["role"] == "tool"]
        by_id = {m["tool_call_id"]: m["content"] for m in answers}
        assert len(talk.tool_calls) == len(answers)
        for call, answer in zip(talk.tool_calls, answers, strict=True):
            assert call.name == answer["name"]
            assert answer_text(call) == canonical(answer["content"])
            wrong_by_id += canonical(by_id[call.id]) != canonical(answer["content"])
            total += 1
    assert total == 577
    assert wrong_by_id == 38


def canonical(text: str) -> str:
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text


def answer_text(call: ToolCall) -> str:
    if call.error is not None:
        return call.error
    return call.result if isinstance(call.result, str) else json.dumps(call.result)


def test_a_text_that_starts_with_error_is_a_failed_call(bench: dict[str, Conversation]) -> None:
    failed = [c for talk in bench.values() for c in talk.tool_calls if c.error is not None]
    assert len(failed) == 21
    assert all(call.result is None and call.error.startswith("Error") for call in failed)


def test_arguments_and_results_are_parsed(bench: dict[str, Conversation]) -> None:
    call = bench["tb-airline-0-0"].tool_calls[0]
    assert (call.name, call.arguments) == ("get_user_details", {"user_id": "mia_li_3668"})
    assert call.result["name"] == {"first_name": "Mia", "last_name": "Li"}


def test_turns_are_user_messages_without_the_closing_marker(
    bench: dict[str, Conversation], bench_file: Path
) -> None:
    for run in json.loads(bench_file.read_text()):
        talk = bench[f"tb-airline-{run['task_id']}-{run['trial']}"]
        said = [m["content"] for m in run["traj"] if m["role"] == "user"]
        closing = [text for text in said if "###" in text]
        turns = turns_of(talk)
        assert [turn.user for turn in turns] == [text for text in said if "###" not in text]
        assert len(closing) <= 1
        words = closing[0].replace("###STOP###", "").strip() if closing else ""
        assert talk.metadata.get("closing", "") == words


def test_a_talk_that_ends_on_a_tool_answer_has_no_assistant_there(
    bench: dict[str, Conversation], bench_file: Path
) -> None:
    ends = {
        f"tb-airline-{run['task_id']}-{run['trial']}": run["traj"][-1]["role"]
        for run in json.loads(bench_file.read_text())
    }
    on_tool = [turns_of(bench[id])[-1] for id, role in ends.items() if role == "tool"]
    assert len(on_tool) == 30
    assert all(turn.tool_calls for turn in on_tool)
    assert sum(turn.assistant is None for turn in on_tool) == 25
    assert sum(turns_of(talk)[-1].assistant is None for talk in bench.values()) == 26


def test_words_beside_tool_calls_are_an_answer_too(bench: dict[str, Conversation]) -> None:
    beside = 0
    for talk in bench.values():
        for before, item in pairwise(talk.items):
            beside += before.kind == "message" and item.kind == "tool_call"
    assert beside >= 29


def test_the_system_message_is_the_prompt_of_every_model_call(
    bench: dict[str, Conversation],
) -> None:
    for talk in bench.values():
        assert {c.system_prompt for c in talk.model_calls} == {talk.system_prompt}
        assert (talk.system_prompt or "").startswith("# Airline Agent Policy")
        assert {call.model for call in talk.model_calls} == {None}


def test_times_of_tau_bench_are_made_up_a_second_apart_and_say_so(
    bench: dict[str, Conversation],
) -> None:
    talk = bench["tb-airline-0-0"]
    assert all(found.time_synthetic for found in bench.values())
    assert talk.started_at == datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)
    times = [turn.started_at for turn in turns_of(talk)[:3] if turn.started_at]
    assert [(b - a).total_seconds() for a, b in pairwise(times)] == [2.0, 2.0]


@pytest.mark.parametrize("name", TAU2)
def test_every_tau2_talk_keeps_all_that_was_said_and_done(
    name: str, tau2: Callable[[str], tuple[Conversation, ...]], shared: Path
) -> None:
    raw = json.loads((shared / f"data/conversations/tau2_runs/{name}.json").read_text())
    domain = raw["info"]["environment_info"]["domain_name"]
    assert len(tau2(name)) == len(raw["simulations"])
    for run, talk in zip(raw["simulations"], tau2(name), strict=True):
        assert talk.session_id == f"tau2-{domain}-{name}-{run['task_id']}-{run['trial']}"
        assert [score.value for score in talk.scores] == [run["reward_info"]["reward"]]
        assert talk.system_prompt == raw["info"]["environment_info"]["policy"]
        answers = {m["id"]: m for m in run["messages"] if m["role"] == "tool"}
        asked = [c for m in run["messages"] for c in m.get("tool_calls") or ()]
        assert [c.id for c in talk.tool_calls] == [c["id"] for c in asked]
        for call, wanted in zip(talk.tool_calls, asked, strict=True):
            assert (call.name, call.arguments) == (wanted["name"], wanted["arguments"])
            assert call.requestor == ("user" if wanted["requestor"] == "user" else "agent")
            assert (call.error is not None) == answers[wanted["id"]]["error"]
            assert answer_text(call) == canonical(answers[wanted["id"]]["content"])


@pytest.mark.parametrize("name", TAU2)
def test_usage_and_cost_come_from_the_agents_messages(
    name: str, tau2: Callable[[str], tuple[Conversation, ...]], shared: Path
) -> None:
    raw = json.loads((shared / f"data/conversations/tau2_runs/{name}.json").read_text())
    for run, talk in zip(raw["simulations"], tau2(name), strict=True):
        told = [m for m in run["messages"] if m["role"] == "assistant" and m["usage"]]
        assert [c.usage.input_tokens for c in talk.model_calls] == [
            m["usage"]["prompt_tokens"] for m in told
        ]
        assert [c.usage.output_tokens for c in talk.model_calls] == [
            m["usage"]["completion_tokens"] for m in told
        ]
        costs = [c.cost.amount if c.cost else None for c in talk.model_calls]
        assert costs == [m["cost"] or None for m in told]
        assert {c.model for c in talk.model_calls} == {raw["info"]["agent_info"]["llm"]}


def test_the_greeting_of_tau2_is_turn_zero_without_usage_or_cost(
    tau2: Callable[[str], tuple[Conversation, ...]],
) -> None:
    greeting, first, *_ = turns_of(tau2("retail_gpt-4.1_baseline")[0])
    assert (greeting.index, greeting.user) == (0, None)
    assert greeting.assistant == "Hi! How can I help you today?"
    assert (greeting.usage.input_tokens, greeting.cost) == (None, None)
    assert first.latency_ms == 1130.577
    assert first.started_at == datetime(2025, 8, 1, 16, 16, 38, 281204, tzinfo=UTC)


def test_a_price_that_tau2_did_not_know_is_not_zero(
    tau2: Callable[[str], tuple[Conversation, ...]],
) -> None:
    changed = tau2("retail_gpt-4.1_sft_changed")
    assert {call.cost for talk in changed for call in talk.model_calls} == {None}


def test_calls_asked_for_in_one_answer_share_a_group(
    tau2: Callable[[str], tuple[Conversation, ...]],
) -> None:
    groups: Counter[int] = Counter()
    for talk in tau2("airline_gpt-4.1_baseline"):
        counted = Counter(c.group for c in talk.tool_calls if c.group is not None)
        groups.update(counted.values())
    assert groups == {2: 5, 3: 4, 4: 2, 5: 2, 6: 2, 11: 1, 12: 1}


def test_calls_of_the_user_stay_the_users(
    tau2: Callable[[str], tuple[Conversation, ...]],
) -> None:
    calls = Counter(c.requestor for talk in tau2("telecom_gpt-4o") for c in talk.tool_calls)
    assert calls == {"user": 125, "agent": 90}


def test_every_talk_survives_the_way_through_spans(
    bench: dict[str, Conversation], tau2: Callable[[str], tuple[Conversation, ...]]
) -> None:
    for talk in (*bench.values(), *(t for name in TAU2 for t in tau2(name))):
        assert conversation_from(spans_of(talk)) == talk


RUN: dict[str, Any] = {
    "task_id": 1,
    "trial": 0,
    "reward": 1.0,
    "traj": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ],
}


def attempt(folder: Path, text: str, name: str = "retail.json") -> tuple[list[str], list[str]]:
    path = folder / name
    path.write_text(text)
    rejected: list[str] = []
    found = [
        talk.session_id or ""
        for talk in conversations_in(path, project="p", on_reject=rejected.append)
    ]
    return found, rejected


def test_the_domain_comes_from_the_file_name_where_the_prompt_has_none(tmp_path: Path) -> None:
    assert attempt(tmp_path, json.dumps([RUN]))[0] == ["tb-retail-1-0"]
    assert attempt(tmp_path, json.dumps([RUN]), "x.json")[0] == ["tb-unknown-1-0"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"trial": None}, "simulation 0: key trial is missing"),
        ({"traj": None}, "simulation 0: key traj is missing or no list"),
        ({"traj": []}, "simulation 0: key traj is empty"),
        ({"traj": [7]}, "simulation 0: key traj.0 is no object"),
        ({"traj": [{"role": "user"}]}, "simulation 0: key traj.0.content is missing"),
        (
            {"traj": [{"role": "judge", "content": ""}]},
            "simulation 0: key traj.0.role is 'judge', not user, assistant, tool or system",
        ),
        (
            {"traj": [{"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}]},
            "simulation 0: key traj.0.tool_calls.0.arguments is missing",
        ),
        (
            {"traj": [{"role": "tool", "content": "x"}]},
            "simulation 0: the tool answer without an id belongs to no call before it",
        ),
        ({"task_id": 2}, "simulation 1: the same task and trial as simulation 0"),
    ],
)
def test_a_bad_simulation_is_named_and_the_others_are_taken(
    change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    found, rejected = attempt(tmp_path, json.dumps([{**RUN, **change}, {**RUN, "task_id": 2}]))
    assert (found, rejected) == (["tb-retail-2-0"], [reason])


def test_of_a_file_cut_short_the_whole_simulations_are_taken(tmp_path: Path) -> None:
    text = json.dumps([RUN, {**RUN, "task_id": 2}], indent=1)
    found, (rejected,) = attempt(tmp_path, text[:-60])
    assert found == ["tb-retail-1-0"]
    assert rejected.startswith("simulation 1: broken JSON at line ")
    assert rejected.endswith("; nothing after it is read")


def test_info_may_come_after_the_simulations(tmp_path: Path) -> None:
    run = {**RUN, "messages": [{**m, "timestamp": "2025-08-01T16:00:00"} for m in RUN["traj"]]}
    info = {"environment_info": {"domain_name": "retail"}}
    found, rejected = attempt(tmp_path, json.dumps({"simulations": [run], "info": info}), "b.json")
    assert (found, rejected) == (["tau2-retail-b-1-0"], [])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "not a tau-bench list"),
        ("hello", "not a tau-bench list"),
        ('{"a": 1}', "not a tau-bench list"),
        ('{"simulations": {}}', "not a tau-bench list"),
        ('{"simulations": []}', r"key info\.environment_info\.domain_name is missing"),
        ('{"info": {"environment_info": {"domain_name": "r"}, "simulations": [', "not a tau"),
    ],
)
def test_a_file_of_another_format_is_an_error_that_names_it(
    text: str, what: str, tmp_path: Path
) -> None:
    with pytest.raises(DecodeError, match=what) as caught:
        attempt(tmp_path, text)
    assert caught.value.where == str(tmp_path / "retail.json")


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        taken(tmp_path / "none.json")


def test_bytes_that_are_no_text_are_an_error_that_says_where(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'["\xff"]')
    with pytest.raises(DecodeError, match="byte 2 is not UTF-8"):
        taken(path)


def test_data_nested_without_end_is_refused(tmp_path: Path) -> None:
    deep = "[" * 100_000
    found, (reason,) = attempt(tmp_path, f'[{{"task_id": {deep}')
    assert found == []
    assert "nested too deep" in reason
    nested = json.dumps([{**RUN, "task_id": 3, "info": json.loads("[" * 80 + "]" * 80)}, RUN])
    found, (reason,) = attempt(tmp_path, nested)
    assert found == ["tb-retail-1-0"]
    assert reason == "simulation 0: nested deeper than 64 levels"


def test_a_result_nested_without_end_stays_text(tmp_path: Path) -> None:
    result = "[" * 5000 + "]" * 5000
    asked = {"function": {"name": "f", "arguments": "{}"}, "id": "a"}
    run = {
        **RUN,
        "traj": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": None, "tool_calls": [asked]},
            {"role": "tool", "tool_call_id": "a", "name": "f", "content": result},
        ],
    }
    path = tmp_path / "airline.json"
    path.write_text(json.dumps([run]))
    (talk,) = taken(path)
    assert talk.tool_calls[0].result == result
    assert conversation_from(spans_of(talk)) == talk
