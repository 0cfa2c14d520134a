from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import reenact
from reenact.agents.port import AgentReply, RequestedTool
from reenact.domain.agent import CallableTarget
from reenact.domain.fork_view import ForkTree, ForkView
from reenact.domain.run import RunOptions
from reenact.domain.run_view import RunView
from reenact.errors import UnknownId, UsageError
from reenact.keep.keeping import keep_row
from reenact.runs.fork_edits import Edits
from reenact.runs.fork_tree import fork_trees
from reenact.runs.forks import base_of_talk, make_fork
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.story import check_status, fixed, old, put
from support.talks import REFUND, agent, call, talk, user


def forked(fn: Any, settings: Settings, **options: Any) -> RunView:
    at = options.pop("at", 2)
    start = {} if "of" in options else {"talk": "s1"}
    return reenact.fork(fn, project="shop", at=at, settings=settings, **start, **options)


def tree_of(workspace: Workspace) -> ForkTree:
    (found,) = fork_trees(workspace, "shop", "sess:s1")
    return found


def the_fork(workspace: Workspace, name: str) -> ForkView:
    return next(fork for fork in tree_of(workspace).forks if fork.name == name)


@pytest.fixture(autouse=True)
def story(workspace: Workspace) -> None:
    put(workspace, REFUND)


def test_a_fork_hears_the_recorded_talk_and_the_other_words_and_goes_on_live(
    settings: Settings,
) -> None:
    heard: list[tuple[list[str], str]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(([one["content"] for one in messages], message))
        return f"live {len(heard)}"

    run = forked(listening, settings, user="Never mind.")
    before = ["Hi, my order is A-1001.", "It has shipped."]
    assert heard == [
        (before, "Never mind."),
        ([*before, "Never mind.", "live 1"], "What?! I did not ask for a refund."),
    ]
    (one,) = run.calls
    assert (one.mode, one.first_turn) == ("fork", 2)
    assert [turn.index for turn in one.comparison.turns] == [2, 3]
    assert [turn.provenance for turn in one.turns] == ["declared", "recorded"]


def test_an_edited_result_is_what_the_agent_gets_and_is_marked(settings: Settings) -> None:
    run = forked(old, settings, at=3, tool_results={"check_status": {"status": "lost"}})
    (turn,) = run.calls[0].turns
    assert turn.assistant == "I am sorry. A-1003 is lost."
    assert turn.tool_calls[0].provenance == "declared"
    assert run.calls[0].comparison.turns[0].status == "text_changed"


def test_an_edited_result_of_an_earlier_turn_is_told_as_history(settings: Settings) -> None:
    told: list[Any] = []

    def returning(messages: list[dict[str, Any]], message: str) -> AgentReply:
        told.extend(one["content"] for one in messages if one["role"] == "tool")
        return AgentReply(text="ok")

    forked(returning, settings, at=3, tools="returned", tool_results={"1.1": "gone"})
    assert told == ["gone", '{"ok": true}']


def test_a_call_may_fail_instead(settings: Settings) -> None:
    def careful(messages: list[dict[str, Any]], message: str) -> str:
        try:
            return str(check_status("A-1003"))
        except reenact.ToolFailed as error:
            return f"failed: {error}"

    run = forked(careful, settings, at=3, tool_errors={"3.1": "the depot is closed"})
    assert run.calls[0].turns[0].assistant == "failed: the depot is closed"


def test_a_system_prompt_is_told_first_and_stays_for_a_fork_of_the_fork(
    settings: Settings,
) -> None:
    firsts: list[dict[str, Any]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        firsts.append(messages[0])
        return "ok"

    forked(listening, settings, system="Be brief.", name="brief")
    forked(listening, settings, of="brief", at=3, name="still-brief")
    assert firsts == [{"role": "system", "content": "Be brief."}] * 3


def test_words_behind_the_last_turn_go_on_with_the_talk(
    settings: Settings, workspace: Workspace
) -> None:
    run = forked(lambda messages, message: f"{len(messages)}", settings, at=4, user="Bye.")
    (turn,) = run.calls[0].turns
    assert (turn.user, turn.assistant) == ("Bye.", "6")
    assert run.calls[0].comparison.turns[0].status == "extra"


def test_a_fork_of_a_fork_goes_on_from_what_its_parent_came_to(
    settings: Settings, workspace: Workspace
) -> None:
    heard: list[list[str]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append([one["content"] for one in messages])
        return "child"

    forked(fixed, settings, name="asked", user="Where is A-1003? No refund, please.")
    forked(listening, settings, of="asked", at=3, name="child", user="Thank you.")
    assert heard == [
        [
            "Hi, my order is A-1001.",
            "It has shipped.",
            "Where is A-1003? No refund, please.",
            "A-1003 is in transit.",
        ]
    ]
    tree = tree_of(workspace)
    assert [(f.name, f.parent, f.depth) for f in tree.forks] == [
        ("asked", None, 1),
        ("child", "asked", 2),
    ]
    child = tree.forks[1]
    assert [turn.index for turn in child.against_parent.turns] == [3]
    assert [turn.index for turn in child.against_recording.turns] == [2, 3]
    acted = child.against_recording.first_other_act
    assert acted is not None
    assert acted.sentence.startswith("Turn 2: issue_refund(order_id='A-1003', amount=49.9) became")


def test_a_fork_of_a_fork_may_still_ask_what_only_the_recording_holds(
    settings: Settings, workspace: Workspace
) -> None:
    def silent(messages: list[dict[str, Any]], message: str) -> str:
        return "I shall see."

    forked(silent, settings, name="silent", user="Hello?")
    run = forked(old, settings, of="silent", at=3, user="And A-1003?", name="asks")
    (turn,) = run.calls[0].turns
    assert turn.tool_calls[0].name == "issue_refund"
    assert turn.tool_calls[0].provenance == "recorded"


def test_branches_stand_behind_what_they_leave(settings: Settings, workspace: Workspace) -> None:
    forked(old, settings, name="a", user="one")
    forked(old, settings, name="b", user="two")
    forked(old, settings, of="a", at=3, name="a1")
    forked(old, settings, of="a", at=2, name="a2", user="three")
    assert [(f.name, f.depth) for f in tree_of(workspace).forks] == [
        ("a", 1),
        ("a1", 2),
        ("a2", 2),
        ("b", 1),
    ]


def test_nothing_that_is_there_is_changed_by_a_fork(
    settings: Settings, workspace: Workspace
) -> None:
    replayed = reenact.replay(old, project="shop", sessions="s1", settings=settings)
    test = workspace.records.run_test(replayed.run_test_id)
    before = (
        workspace.records.scenario(test.scenario_ids[0]),
        workspace.records.agents("shop")[0].versions[0],
        workspace.conversations.session("shop", "s1"),
    )
    forked(old, settings, name="a", user="one")
    forked(old, settings, of="a", at=3, name="b", system="x")
    assert before == (
        workspace.records.scenario(test.scenario_ids[0]),
        workspace.records.agents("shop")[0].versions[0],
        workspace.conversations.session("shop", "s1"),
    )
    assert workspace.spans.count_sessions("shop") == 1


def test_a_fork_that_only_runs_again_from_there_is_the_same(
    settings: Settings, workspace: Workspace
) -> None:
    forked(old, settings, name="again")
    assert the_fork(workspace, "again").against_parent.status == "same"


def test_strict_stops_where_the_words_after_the_edit_no_longer_fit(settings: Settings) -> None:
    run = forked(fixed, settings, user="Where is A-1003?", user_policy="strict")
    assert run.calls[0].ended_reason == "diverged"
    assert [turn.status for turn in run.calls[0].comparison.turns] == ["tools_changed", "missing"]


def test_an_interrupted_fork_goes_on(workspace: Workspace) -> None:
    from reenact.runs.replay import reach
    from reenact.runs.running import execute

    target, options = CallableTarget(path="story:old"), RunOptions()
    asked: list[str] = []

    def stops(messages: list[dict[str, Any]], message: str) -> str:
        asked.append(message)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return "ok"

    base = base_of_talk(workspace.conversations.session("shop", "s1"))
    edits = Edits(user="Never mind.")
    made = make_fork(workspace, base, at=2, edits=edits, target=target, options=options)
    with pytest.raises(KeyboardInterrupt):
        execute(workspace, made.run, agent=reach(target, options, function=stops))
    run = workspace.records.run(made.run.id)
    execute(workspace, run, agent=reach(target, options, function=stops))
    assert asked == ["Never mind.", *["What?! I did not ask for a refund."] * 2]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"at": 0}, "the talk has no turn 0"),
        ({"at": 4}, "the talk has no turn 4"),
        ({"at": 9, "user": "Hello"}, "the talk has no turn 9"),
        ({"user": "  "}, "the user says nothing"),
        ({"tool_results": {"7.1": 1}}, "no tool call of the talk is named 7.1"),
        ({"at": 2, "tool_results": {"check_status": 1}}, "several calls are named check_status"),
        ({"tool_results": {"2.1": 1}, "tool_errors": {"2.1": "x"}}, "a result and an error"),
        ({"name": "../../etc"}, "is no name for a fork"),
    ],
)
def test_what_cannot_be_forked_is_said_and_nothing_is_made(
    workspace: Workspace, settings: Settings, options: dict[str, Any], what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        forked(old, settings, **options)
    assert workspace.forks.list() == ()
    assert workspace.records.runs() == ()


def test_a_name_is_taken_once(workspace: Workspace, settings: Settings) -> None:
    forked(old, settings, name="mine")
    with pytest.raises(UsageError, match="there is a fork called mine"):
        forked(old, settings, name="mine")
    forked(old, settings)
    assert [fork.name for fork in workspace.forks.list("shop")] == ["fork-1", "mine"]


def test_an_agent_that_keeps_the_talk_cannot_be_forked(workspace: Workspace) -> None:
    base = base_of_talk(workspace.conversations.session("shop", "s1"))
    target = CallableTarget(path="story:old", stateless=False)
    with pytest.raises(UsageError, match="a fork tells the agent the recorded turns before"):
        make_fork(workspace, base, at=2, edits=Edits(), target=target, options=RunOptions())


def test_an_unknown_talk_or_fork_is_an_error(settings: Settings) -> None:
    with pytest.raises(UnknownId):
        reenact.fork(old, project="shop", talk="s9", at=1, settings=settings)
    with pytest.raises(UnknownId):
        reenact.fork(old, project="shop", of="nobody", at=1, settings=settings)
    with pytest.raises(UsageError, match="one of the two"):
        reenact.fork(old, project="shop", at=1, settings=settings)


def test_a_fork_is_not_kept_as_a_case(
    workspace: Workspace, settings: Settings, tmp_path: Any
) -> None:
    run = forked(fixed, settings, name="mine")
    with pytest.raises(UsageError, match="a fork cannot be kept"):
        keep_row(workspace, workspace.records.run(run.id), "mine", folder=tmp_path / "kept")


def test_several_lines_of_the_user_become_the_one_that_was_given(
    workspace: Workspace, settings: Settings
) -> None:
    twice = talk(user("Hi"), user("Anyone?"), agent("Yes"), id="sess:s2")
    put(workspace, replace(twice, project="shop"))
    heard: list[str] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(message)
        return "ok"

    reenact.fork(listening, project="shop", talk="s2", at=1, user="Hello", settings=settings)
    assert heard == ["Hello"]


def test_the_first_of_parallel_calls_can_be_named_by_its_number(
    workspace: Workspace, settings: Settings
) -> None:
    both = talk(
        user("two orders"),
        call("check_status", {"order_id": "A"}, "one"),
        call("check_status", {"order_id": "B"}, "two"),
        agent("done"),
        id="sess:s3",
    )
    put(workspace, both)

    def asking(messages: list[dict[str, Any]], message: str) -> AgentReply:
        if messages and messages[-1]["role"] == "tool":
            return AgentReply(text=" ".join(m["content"] for m in messages if m["role"] == "tool"))
        names = [RequestedTool("check_status", {"order_id": order}) for order in "AB"]
        return AgentReply(tool_calls=names)

    run = reenact.fork(
        asking,
        project="shop",
        talk="s3",
        at=1,
        tools="returned",
        tool_results={"1.2": "other"},
        settings=settings,
    )
    assert run.calls[0].turns[0].assistant == "one other"
