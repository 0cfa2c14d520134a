from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from reenact.capture.importers.tau import conversations_in
from reenact.domain.conversation import Conversation
from reenact.domain.scenario import Graph
from reenact.domain.turn import turns_of
from reenact.scenario.graph import END, START, mine
from support.talks import agent, call, talk, user

RETAIL = "tau2_runs/retail_gpt-4.1_baseline.json"
FILES = (
    RETAIL,
    "tau2_runs/retail_gpt-4.1_sft_changed.json",
    "tau2_runs/airline_gpt-4.1_baseline.json",
    "tau2_runs/airline_gpt-4.1_sft_changed.json",
    "tau2_runs/telecom_gpt-4o.json",
    "tau_bench/gpt-4o-airline.even_tasks.json",
)


def conversations(shared: Path, name: str) -> tuple[Conversation, ...]:
    rejected: list[str] = []
    path = shared / "data/conversations" / name
    found = tuple(conversations_in(path, project="p", on_reject=rejected.append))
    assert rejected == []
    return found


def labels(graph: Graph) -> dict[str, str]:
    return {node.id: node.label for node in graph.nodes}


@pytest.mark.parametrize("name", FILES)
def test_every_real_talk_is_a_path_over_existing_edges(name: str, shared: Path) -> None:
    talks = conversations(shared, name)
    graph = mine(talks)
    edges = {(edge.source, edge.target) for edge in graph.edges}
    assert set(graph.paths) == {found.id for found in talks}
    for found in talks:
        path = graph.paths[found.id]
        assert (path[0], path[-1]) == (START, END)
        assert len(path) == len(turns_of(found)) + 2
        assert set(pairwise(path)) <= edges


@pytest.mark.parametrize("name", FILES)
def test_counts_of_edges_and_nodes_are_those_of_the_real_talks(name: str, shared: Path) -> None:
    talks = conversations(shared, name)
    graph = mine(talks)
    walked = Counter(pair for path in graph.paths.values() for pair in pairwise(path))
    visited = Counter(node for path in graph.paths.values() for node in path)
    assert {(e.source, e.target): e.count for e in graph.edges} == walked
    assert {node.id: node.count for node in graph.nodes} == visited
    transitions = sum(len(turns_of(found)) + 1 for found in talks)
    assert sum(edge.count for edge in graph.edges) == transitions


@pytest.mark.parametrize("name", FILES)
def test_there_are_at_most_a_quarter_as_many_nodes_as_agent_turns(name: str, shared: Path) -> None:
    talks = conversations(shared, name)
    graph = mine(talks)
    turns = [t for found in talks for t in turns_of(found) if t.user and t.assistant]
    assert len(graph.nodes) <= len(turns) / 4
    assert len(graph.nodes) >= 20


def test_no_node_swallows_the_flow(shared: Path) -> None:
    graph = mine(conversations(shared, RETAIL))
    steps = sum(node.count for node in graph.nodes if node.kind in ("say", "tools"))
    assert max(node.count for node in graph.nodes) <= steps / 4
    rest = [n for n in graph.nodes if n.label.endswith(("else", "other tools"))]
    assert sum(node.count for node in rest) <= steps / 10


def test_a_person_recognises_the_retail_flow(shared: Path) -> None:
    graph = mine(conversations(shared, RETAIL))
    shown = labels(graph)
    flow = {(shown[e.source], shown[e.target]): e for e in graph.edges}
    greeting = "Hi! How can I help you today?"
    email = "Could you please provide the email address associated with your account?"
    name_zip = "find_user_id_by_name_zip + get_user_details"
    assert flow["start", greeting].count == 40
    assert flow[greeting, email].count >= 30
    assert flow[email, "find_user_id_by_email + get_user_details"].label.startswith("Sure, it")
    assert flow[name_zip, "get_order_details"].count >= 15
    for done in ("exchange", "return"):
        assert (f"{done}_delivered_order_items", "end") in flow


def test_talks_that_go_the_same_way_share_their_nodes() -> None:
    def order(id: str, name: str) -> Conversation:
        return talk(
            user("Where is my order?"),
            agent("What is the number of your order?"),
            user(f"{id}, I am {name}"),
            call("check_status", {"order_id": id}, {"status": "lost"}),
            agent(f"Your order {id} is lost, {name}."),
            id=f"sess:{id}",
        )

    graph = mine([order("A-1003", "Ana"), order("A-2007", "Bo")])
    assert [node.label for node in graph.nodes] == [
        "start",
        "What is the number of your order?",
        "check_status",
        "end",
    ]
    assert {(edge.label, edge.count) for edge in graph.edges} == {
        ("Where is my order?", 2),
        ("A-2007, I am Bo", 2),
        ("", 2),
    }
    assert graph.paths["sess:A-1003"] == graph.paths["sess:A-2007"]


def test_ids_numbers_and_addresses_do_not_tell_steps_apart() -> None:
    def asked(email: str, amount: str) -> Conversation:
        text = f"May I send the {amount} to {email} now?"
        return talk(user("Pay me"), agent(text), id=f"sess:{email}")

    graph = mine([asked("a@example.com", "$12.50"), asked("b@example.com", "$7")])
    (node,) = (node for node in graph.nodes if node.kind == "say")
    assert (node.label, node.count) == ("May I send the … to … now?", 2)


def test_asking_for_a_yes_is_another_step_than_asking_for_facts() -> None:
    graph = mine(
        [
            talk(user("Cancel it"), agent("Which order number is it?"), id="sess:1"),
            talk(user("Cancel it"), agent("Shall I proceed with order number 7?"), id="sess:2"),
        ]
    )
    assert len([node for node in graph.nodes if node.kind == "say"]) == 2


def test_calls_of_the_user_make_no_tool_node() -> None:
    own = replace(call("run_speed_test"), requestor="user")
    graph = mine([talk(user("It is slow"), own, agent("I see."))])
    assert [node.kind for node in graph.nodes] == ["start", "say", "end"]


def test_a_turn_without_an_answer_is_a_step_that_says_so() -> None:
    graph = mine([talk(user("Anyone there?"))])
    assert [node.label for node in graph.nodes] == ["start", "no answer", "end"]


def test_a_talk_in_which_nothing_was_said_goes_from_start_to_end() -> None:
    empty = Conversation(id="trace:1", project="p", kind="trace")
    graph = mine([empty])
    assert graph.paths == {"trace:1": (START, END)}
    assert [(edge.source, edge.target, edge.count) for edge in graph.edges] == [(START, END, 1)]


def test_without_talks_there_are_only_start_and_end() -> None:
    graph = mine([])
    assert [(node.id, node.count) for node in graph.nodes] == [(START, 0), (END, 0)]
    assert graph.edges == ()


def test_two_talks_of_one_id_are_both_walked() -> None:
    one = talk(user("Hi"), agent("Hello."))
    graph = mine([one, one])
    assert set(graph.paths) == {one.id, f"{one.id} (2)"}
    assert graph.nodes[0].count == 2


def test_a_talk_in_japanese_has_a_graph_too() -> None:
    asked = "ご注文番号を教えていただけますか？"  # noqa: RUF001
    graph = mine([talk(user("注文"), agent(asked), id=f"sess:{n}") for n in range(2)])
    assert [(n.label, n.count) for n in graph.nodes if n.kind == "say"] == [(asked, 2)]


def test_an_endless_answer_is_read_in_bounded_time() -> None:
    text = "please " + "x1" * 200_000 + "?" * 100_000
    (node,) = (n for n in mine([talk(user("Hi"), agent(text))]).nodes if n.kind == "say")
    assert len(node.label) <= 90
