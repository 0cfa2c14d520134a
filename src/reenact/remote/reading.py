"""What a server holds, read under the names that the stores here have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from reenact import codec
from reenact.domain.agent import AgentDefinition
from reenact.domain.conversation import Conversation, ConversationKind
from reenact.domain.fork import Fork
from reenact.domain.fork_view import ForkTree
from reenact.domain.progress import RunProgress
from reenact.domain.recording import Recording
from reenact.domain.run_detail import RunLine
from reenact.domain.run_view import RunView
from reenact.domain.scenario import Scenario
from reenact.domain.selection import Filter, ProjectSummary, Retention, SessionSummary
from reenact.errors import UnknownId, UsageError
from reenact.remote.client import Params, Server
from reenact.runs.deleting import DeletedConversation

T = TypeVar("T")
_ANY = Filter()


class RemoteSpans:
    """Lists of what was captured."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def projects(self) -> tuple[ProjectSummary, ...]:
        """Return the projects, by name."""
        return tuple(_read(ProjectSummary, self._server.pages("/projects")))

    def sessions(
        self, project: str, filter: Filter = _ANY, *, limit: int | None = None
    ) -> tuple[SessionSummary, ...]:
        """Return the sessions that match, newest first."""
        return self._listed("/sessions", project, filter, limit)

    def traces(
        self, project: str, filter: Filter = _ANY, *, limit: int | None = None
    ) -> tuple[SessionSummary, ...]:
        """Return the traces that match, newest first."""
        return self._listed("/traces", project, filter, limit)

    def count_sessions(self, project: str, filter: Filter = _ANY) -> int:
        """Return how many sessions match."""
        return self._counted("/sessions", project, filter)

    def count_traces(self, project: str, filter: Filter = _ANY) -> int:
        """Return how many traces match."""
        return self._counted("/traces", project, filter)

    def retentions(self) -> tuple[tuple[str, Retention], ...]:
        """Return the projects of which not everything is kept."""
        found = self._server.get("/retentions")
        return tuple((one["project_id"], _retention(one)) for one in found)

    def set_retention(self, project: str, retention: Retention | None) -> None:
        """Say what is kept of a project; None for everything."""
        wanted = retention or Retention()
        keep = None if wanted.keep is None else wanted.keep / timedelta(days=1)
        body = {
            "project_id": project,
            "keep_days": keep,
            "share": wanted.share,
            "quiet_hours": wanted.quiet / timedelta(hours=1),
        }
        self._server.send("PUT", "/retention", body)

    def _listed(
        self, path: str, project: str, filter: Filter, limit: int | None
    ) -> tuple[SessionSummary, ...]:
        found = self._server.pages(path, _asked(project, filter), most=limit)
        return tuple(_read(SessionSummary, found))

    def _counted(self, path: str, project: str, filter: Filter) -> int:
        page = self._server.get(path, [*_asked(project, filter), ("limit", "1"), ("count", "true")])
        return int(page["total"])


class RemoteConversations:
    """Whole conversations."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def get(self, project: str, id: str) -> Recording:
        """Return a conversation; raises UnknownId."""
        told = self._server.get("/recording", [("project_id", project), ("id", id)])
        return codec.from_data(Recording, told, where=self._server.url)

    def list(
        self, project: str, *, kind: ConversationKind | None = None, filter: Filter = _ANY
    ) -> tuple[Recording, ...]:
        """Return those that match, newest first."""
        chosen = [("kind", kind)] if kind else []
        lines = self._server.lines("/recordings", [*_asked(project, filter), *chosen])
        return tuple(codec.from_json(Recording, line, where=self._server.url) for line in lines)


class RemoteRecords:
    """What replays have made."""

    def __init__(self, server: Server, spans: RemoteSpans) -> None:
        self._server = server
        self._spans = spans

    def scenario(self, id: str) -> Scenario:
        """Return a scenario; raises UnknownId."""
        told = self._server.get(f"/scenarios/{_quoted(id)}/whole")
        return codec.from_data(Scenario, told, where=self._server.url)

    def scenarios(self, project: str | None = None) -> tuple[Scenario, ...]:
        """Return the scenarios of a project (None: of all), newest first."""
        found = [self.scenario(one["id"]) for one in self._of("/scenarios", project)]
        return tuple(sorted(found, key=lambda one: one.created_at, reverse=True))

    def agents(self, project: str | None = None) -> tuple[AgentDefinition, ...]:
        """Return the agents of a project (None: of all)."""
        return tuple(_read(AgentDefinition, self._of("/agents", project)))

    def runs(self, project: str | None = None, *, limit: int | None = None) -> tuple[RunLine, ...]:
        """Return the runs of a project (None: of all), newest first, `limit` at most."""
        found = _read(RunLine, self._of("/runs", project, most=limit))
        return tuple(sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)[:limit])

    def latest(self) -> str | None:
        """Return the id of the newest run; None where there is none."""
        return next((one.id for one in self.runs(limit=1)), None)

    def report(self, run_id: str) -> RunView:
        """Return all of a run; raises UnknownId."""
        told = self._server.get(f"/runs/{_quoted(run_id)}/report")
        return codec.from_data(RunView, told, where=self._server.url)

    def progress(self, run_id: str) -> RunProgress:
        """Return where a run stands; raises UnknownId."""
        told = self._server.get(f"/runs/{_quoted(run_id)}/progress")
        return codec.from_data(RunProgress, told, where=self._server.url)

    def cancel(self, run_id: str) -> RunProgress:
        """Ask a run to stop; return where it stands."""
        told = self._server.send("POST", f"/runs/{_quoted(run_id)}/cancel")
        return codec.from_data(RunProgress, told, where=self._server.url)

    def forks(self, project: str | None = None) -> tuple[Fork, ...]:
        """Return the forks of a project (None: of all), newest first."""
        told: list[Any] = []
        for name in self._projects(project):
            told += self._server.get("/forks/flat", [("project_id", name)])
        found = _read(Fork, told)
        return tuple(sorted(found, key=lambda one: one.created_at, reverse=True))

    def fork(self, name: str, *, project: str | None = None) -> Fork:
        """Return the fork of that name or id.

        Raises:
            UnknownId: where there is none.
            UsageError: where several projects have one.
        """
        found = [one for one in self.forks(project) if name in (one.id, one.name)]
        if not found:
            raise UnknownId("fork", [name], next_step="reenact forks list")
        if len(found) > 1:
            projects = ", ".join(sorted(fork.project_id for fork in found))
            raise UsageError(f"{name} is in several projects: {projects}", next_step="--project")
        return found[0]

    def trees(self, project: str, conversation: str) -> tuple[ForkTree, ...]:
        """Return the trees of a conversation's forks."""
        params = [("project_id", project), ("conversation", conversation)]
        return tuple(_read(ForkTree, self._server.get("/forks", params)))

    def _of(self, path: str, project: str | None, *, most: int | None = None) -> list[Any]:
        return [
            one
            for name in self._projects(project)
            for one in self._server.pages(path, [("project_id", name)], most=most)
        ]

    def _projects(self, project: str | None) -> Sequence[str]:
        return [project] if project is not None else [one.id for one in self._spans.projects()]


class RemoteDesk:
    """All that commands look up, of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.spans = RemoteSpans(server)
        self.conversations = RemoteConversations(server)
        self.made = RemoteRecords(server, self.spans)

    def delete(self, talk: Conversation, *, recordings: bool) -> DeletedConversation:
        """Remove a conversation for good, and with `recordings` those made of it."""
        told = self.server.send(
            "POST",
            "/deletions",
            {"project_id": talk.project, "conversations": [talk.id], "recordings": recordings},
        )
        return DeletedConversation(
            id=talk.id,
            project=talk.project,
            traces=told["traces"],
            spans=told["spans"],
            recordings=told["recordings"],
            scenarios=tuple(told["scenarios"]),
        )


def query_of(filter: Filter) -> Params:
    """Return `filter` as parameters of a query."""
    told = codec.to_data(filter)
    labels = [("label", label) for label in told.pop("labels") or ()]
    plain = [
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in told.items()
        if value is not None
    ]
    return [*plain, *labels]


def _asked(project: str, filter: Filter) -> Params:
    return [("project_id", project), *query_of(filter)]


def _read(kind: type[T], found: Any) -> list[T]:
    return [codec.from_data(kind, one, where="the server's answer") for one in found]


def _retention(told: dict[str, Any]) -> Retention:
    keep = told["keep_days"]
    return Retention(
        keep=None if keep is None else timedelta(days=keep),
        share=told["share"],
        quiet=timedelta(hours=told["quiet_hours"]),
    )


def _quoted(id: str) -> str:
    from urllib.parse import quote

    return quote(id, safe="")
