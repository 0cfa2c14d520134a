"""Where commands look things up: the stores of this machine, or a server's (`--server URL`)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from reenact.cli.console import notes, shown
from reenact.domain.selection import Filter
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace

if TYPE_CHECKING:
    from reenact.domain.agent import AgentDefinition
    from reenact.domain.conversation import Conversation, ConversationKind
    from reenact.domain.fork import Fork
    from reenact.domain.fork_view import ForkTree
    from reenact.domain.progress import RunProgress
    from reenact.domain.recording import Recording
    from reenact.domain.run_detail import RunLine
    from reenact.domain.run_view import RunView
    from reenact.domain.scenario import Scenario
    from reenact.domain.selection import ProjectSummary, Retention, SessionSummary
    from reenact.remote.client import Server
    from reenact.runs.deleting import DeletedConversation

SERVER = "REENACT_SERVER"
KEY = "REENACT_API_KEY"
_ANY = Filter()


class Spans(Protocol):
    """Lists of what was captured; the span store has them all."""

    def projects(self) -> Sequence[ProjectSummary]:
        """Return the projects, by name."""

    def sessions(
        self, project: str, filter: Filter = _ANY, *, limit: int | None = None
    ) -> Sequence[SessionSummary]:
        """Return the sessions that match, newest first."""

    def traces(
        self, project: str, filter: Filter = _ANY, *, limit: int | None = None
    ) -> Sequence[SessionSummary]:
        """Return the traces that match, newest first."""

    def count_sessions(self, project: str, filter: Filter = _ANY) -> int:
        """Return how many sessions match."""

    def count_traces(self, project: str, filter: Filter = _ANY) -> int:
        """Return how many traces match."""

    def retentions(self) -> Sequence[tuple[str, Retention]]:
        """Return the projects of which not everything is kept."""

    def set_retention(self, project: str, retention: Retention | None) -> None:
        """Say what is kept of a project; None for everything."""


class Talks(Protocol):
    """Whole conversations."""

    def get(self, project: str, id: str) -> Recording:
        """Return a conversation; raises UnknownId."""

    def list(
        self, project: str, *, kind: ConversationKind | None = None, filter: Filter = _ANY
    ) -> Sequence[Recording]:
        """Return those that match, newest first."""


class Made(Protocol):
    """What replays have made. Of all projects where none is named."""

    def scenario(self, id: str) -> Scenario:
        """Return a scenario; raises UnknownId."""

    def scenarios(self, project: str | None = None) -> Sequence[Scenario]:
        """Return the scenarios, newest first."""

    def agents(self, project: str | None = None) -> Sequence[AgentDefinition]:
        """Return the agents with their versions."""

    def runs(self, project: str | None = None, *, limit: int | None = None) -> Sequence[RunLine]:
        """Return the runs, newest first, `limit` at most."""

    def latest(self) -> str | None:
        """Return the id of the newest run; None where there is none."""

    def report(self, run_id: str) -> RunView:
        """Return all of a run; raises UnknownId."""

    def progress(self, run_id: str) -> RunProgress:
        """Return where a run stands; raises UnknownId."""

    def cancel(self, run_id: str) -> RunProgress:
        """Ask a run to stop; return where it stands. Raises UsageError if it has ended."""

    def forks(self, project: str | None = None) -> Sequence[Fork]:
        """Return the forks, newest first."""

    def fork(self, name: str, *, project: str | None = None) -> Fork:
        """Return the fork of that name or id; raises UnknownId, and UsageError for several."""

    def trees(self, project: str, conversation: str) -> Sequence[ForkTree]:
        """Return the trees of a conversation's forks."""


class Desk(Protocol):
    """Everything that commands look up."""

    @property
    def spans(self) -> Spans:
        """Lists of what was captured."""

    @property
    def conversations(self) -> Talks:
        """Whole conversations."""

    @property
    def made(self) -> Made:
        """What replays have made."""

    def delete(self, talk: Conversation, *, recordings: bool) -> DeletedConversation:
        """Remove a conversation for good, and with `recordings` those made of it."""


class _LocalMade:
    """What replays have made, out of the records of this machine."""

    def __init__(self, workspace: Workspace):
        self._workspace = workspace

    def scenario(self, id: str) -> Scenario:
        return self._workspace.records.scenario(id)

    def scenarios(self, project: str | None = None) -> Sequence[Scenario]:
        return self._workspace.records.scenarios(project)

    def agents(self, project: str | None = None) -> Sequence[AgentDefinition]:
        return self._workspace.records.agents(project)

    def runs(self, project: str | None = None, *, limit: int | None = None) -> Sequence[RunLine]:
        from reenact.runs.overview import line_of

        found = self._workspace.records.runs(project, limit=limit)
        return [line_of(self._workspace, run) for run in found]

    def latest(self) -> str | None:
        newest = self._workspace.records.latest_run()
        return None if newest is None else newest.id

    def report(self, run_id: str) -> RunView:
        from reenact.runs.views import run_view

        return run_view(self._workspace, self._workspace.records.run(run_id))

    def progress(self, run_id: str) -> RunProgress:
        return self._workspace.control.progress(self._workspace.records.run(run_id))

    def cancel(self, run_id: str) -> RunProgress:
        from reenact.runs.executor import LocalExecutor
        from reenact.runs.replay import reach

        return LocalExecutor(self._workspace, reach=reach).cancel(run_id)

    def forks(self, project: str | None = None) -> Sequence[Fork]:
        return self._workspace.forks.list(project)

    def fork(self, name: str, *, project: str | None = None) -> Fork:
        return self._workspace.forks.named(name, project=project)

    def trees(self, project: str, conversation: str) -> Sequence[ForkTree]:
        from reenact.runs.fork_tree import fork_trees

        return fork_trees(self._workspace, project, conversation)


class LocalDesk:
    """The stores of this machine."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.made: Made = _LocalMade(workspace)

    @property
    def spans(self) -> Spans:
        """The span store."""
        return self.workspace.spans

    @property
    def conversations(self) -> Talks:
        """The conversations assembled from the spans."""
        return self.workspace.conversations

    def delete(self, talk: Conversation, *, recordings: bool) -> DeletedConversation:
        """Remove a conversation for good."""
        from reenact.runs.deleting import delete_conversation

        return delete_conversation(self.workspace, talk, recordings=recordings)

    def compact(self) -> None:
        """Give room back to the disk."""
        self.workspace.spans.compact()


def run_id_of(made: Made, id: str) -> str:
    """Return the id of the run called `id`, or of the newest one for `latest`.

    Raises:
        UsageError: when there is no run yet.
    """
    if id != "latest":
        return id
    newest = made.latest()
    if newest is None:
        raise UsageError("there is no run yet", next_step="reenact replay --help")
    return newest


def server() -> str | None:
    """Return the address of the server that commands shall work against; None for none."""
    return os.environ.get(SERVER) or None


def here_only(what: str, *, why: str, instead: str) -> None:
    """Raise UsageError where commands work against a server: `what` is not done from afar."""
    if server() is not None:
        raise UsageError(why, where=f"{what} with --server", next_step=instead)


@contextmanager
def opened() -> Iterator[Desk]:
    """Give the server's desk where one is named, or else this machine's."""
    url = server()
    if url is None:
        with Workspace() as workspace:
            yield LocalDesk(workspace)
        return
    from reenact.remote.reading import RemoteDesk

    with connected(url) as found:
        yield RemoteDesk(found)


def connected(url: str) -> Server:
    """Return the server at `url`, with the API key of the environment.

    Raises:
        UsageError: where `url` is no address.
    """
    from reenact.listening.names import is_loopback
    from reenact.remote.client import Server

    key = os.environ.get(KEY)
    found = Server(url, key=key)
    if key and found.url.startswith("http:") and not is_loopback(found.host):
        said = f"the key goes to {shown(found.host)} in the clear: use https"
        notes().print(said, style="yellow")
    return found
