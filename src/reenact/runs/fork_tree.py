"""The tree of a talk's forks, each compared with what it left and with the recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reenact.agents.targets import describe_target
from reenact.compare.compare import compare
from reenact.domain.conversation import Conversation
from reenact.domain.fork import Fork
from reenact.domain.fork_view import ForkTree, ForkView
from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, TurnRecord
from reenact.domain.turn import Turn, turns_of
from reenact.domain.view import TurnView, turn_view, view_of
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Branch:
    """A fork with what its run did; of several repeats, the first."""

    fork: Fork
    depth: int
    first_live: int
    """The first turn that it, or a fork on the way to it, made live."""
    parent: Fork | None
    base: Conversation
    call: CallExecution
    turns: tuple[TurnRecord, ...]


def fork_trees(workspace: Workspace, project: str, conversation_id: str) -> tuple[ForkTree, ...]:
    """Return the trees of a recorded talk: one for each of its recordings that was forked."""
    forks = workspace.forks.of_talk(project, conversation_id)
    return tuple(
        _tree(workspace, hash, [fork for fork in forks if fork.recording_hash == hash])
        for hash in dict.fromkeys(fork.recording_hash for fork in forks)
    )


def _tree(workspace: Workspace, hash: str, forks: Sequence[Fork]) -> ForkTree:
    recording = workspace.records.recording(hash)
    branches = _branches(workspace, forks, parent=None)
    return ForkTree(
        project=recording.conversation.project,
        recording_hash=hash,
        recording=view_of(recording.conversation, recording.fidelity),
        forks=tuple(_view(workspace, branch, recording) for branch in branches),
    )


def _branches(
    workspace: Workspace, forks: Sequence[Fork], *, parent: _Branch | None
) -> Iterator[_Branch]:
    """Yield the branches that leave `parent`, each followed by its own."""
    parent_id = parent.fork.id if parent else None
    for fork in forks:
        if fork.parent_id != parent_id:
            continue
        (call, *_) = workspace.records.calls(fork.run_id)
        branch = _Branch(
            fork=fork,
            depth=parent.depth + 1 if parent else 1,
            first_live=min(fork.point.turn, parent.first_live if parent else fork.point.turn),
            parent=parent.fork if parent else None,
            base=workspace.records.recording(fork.base_hash).conversation,
            call=call,
            turns=tuple(workspace.journal.turns(call.id, call.attempt)),
        )
        yield branch
        yield from _branches(workspace, forks, parent=branch)


def _view(workspace: Workspace, branch: _Branch, recording: Recording) -> ForkView:
    fork, call = branch.fork, branch.call
    run = workspace.records.run(fork.run_id)
    test = workspace.records.run_test(run.run_test_id)
    agent = workspace.records.agent(test.agent_id)
    return ForkView(
        id=fork.id,
        name=fork.name,
        parent=branch.parent.name if branch.parent else None,
        depth=branch.depth,
        turn=fork.point.turn,
        edits=fork.point.edits,
        agent=f"{agent.name} v{test.agent_version}, {describe_target(test.target)}",
        run_id=run.id,
        status=call.status,
        ended_reason=call.ended_reason,
        error=call.error,
        created_at=fork.created_at,
        turns=tuple(_shown(record) for record in branch.turns),
        against_parent=compare(
            branch.base,
            branch.turns,
            ended=call.ended_reason,
            error=call.error,
            from_turn=fork.point.turn,
        ),
        against_recording=compare(
            recording.conversation,
            (*_inherited(branch), *branch.turns),
            ended=call.ended_reason,
            error=call.error,
            from_turn=branch.first_live,
        ),
    )


def _inherited(branch: _Branch) -> list[TurnRecord]:
    """Return the turns that the forks on the way made live, as this fork was told them."""
    return [
        TurnRecord(
            call_id=branch.call.id,
            attempt=branch.call.attempt,
            index=turn.index,
            items=turn.items,
        )
        for turn in turns_of(branch.base)
        if branch.first_live <= turn.index < branch.fork.point.turn
    ]


def _shown(record: TurnRecord) -> TurnView:
    shown = turn_view(Turn(index=record.index, items=record.items))
    return replace(
        shown,
        trace_id=record.trace_id,
        after_divergence=record.after_divergence,
        misfit=record.misfit,
    )
