"""Agents that ask our tool server: it runs beside them, and each request says where it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from reenact.agents.outside import AgentBefore
from reenact.agents.port import Agent, AgentFailed, AgentReply, AgentRequest
from reenact.domain.agent import ToolsMode
from reenact.domain.run import RunOptions
from reenact.errors import UsageError
from reenact.tools.desk import ToolDesk, current_desk
from reenact.tools.served.caller import caller_of
from reenact.tools.served.definitions import ServedTool
from reenact.tools.served.open_turns import OpenTurn, OpenTurns
from reenact.tools.served.running import LOOPBACK, ServerUrls, parse_address, running
from reenact.tools.served.token import checked_token, new_token
from reenact.tools.served.told import telling

MCP_HEADER = "reenact-mcp-url"
TOOLS_HEADER = "reenact-tools-url"
OPTION = "--serve-tools"


def tools_mode(tools: ToolsMode | None, *, serve_tools: str | None) -> ToolsMode | None:
    """Return who runs the tools: who names where they are served says that they are.

    Raises:
        UsageError: where somebody else is named, or the address is none.
    """
    if serve_tools is None:
        return tools
    parse_address(serve_tools, where=OPTION)
    if tools not in (None, "served"):
        raise UsageError(
            f"tools that are {tools} are not asked for at an address",
            where=OPTION,
            next_step="say --tools served, or leave one of the two out",
        )
    return "served"


class ServedAgent(AgentBefore):
    """An agent whose tool calls come to our server, turn by turn to the desk of that turn."""

    def __init__(
        self, agent: Agent, urls: ServerUrls, turns: OpenTurns, *, recorded: Collection[str]
    ) -> None:
        super().__init__(agent)
        self.tools = "served"
        self._turns = turns
        self._recorded = frozenset(recorded)
        self.urls = urls

    @property
    def intercepted(self) -> frozenset[str]:
        """All recorded tools: the server answers each of them, and those decorated here."""
        return self._recorded | super().intercepted

    @property
    def silent(self) -> bool:
        """True where it never asked, though the recordings hold tool calls."""
        return bool(self._recorded) and self._turns.asked == 0

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Ask the agent, with the addresses of this turn's tools, and take its calls meanwhile.

        Raises:
            AgentFailed: as the port says.
        """
        urls = self.urls.of(request.session_id, request.turn)
        desk = current_desk("a tool")
        if not isinstance(desk, ToolDesk):
            raise RuntimeError("a served agent is asked outside of a turn")
        turn = OpenTurn(
            desk=desk,
            session_id=request.session_id,
            turn=request.turn,
            trace_id=caller_of(request.headers).trace_id,
        )
        told = replace(
            request,
            mcp_url=urls.mcp,
            tools_url=urls.tools,
            headers={**request.headers, MCP_HEADER: urls.mcp, TOOLS_HEADER: urls.tools},
        )
        with self._turns.open(turn), telling(urls.mcp):
            try:
                return await self._agent.reply(told)
            except AgentFailed as failed:  # an agent may tell of its address; a run is kept
                text = str(failed).replace(self.urls.token, "•••")
                raise AgentFailed(failed.kind, text) from failed


@contextmanager
def serving(
    agent: Agent,
    options: RunOptions,
    *,
    recorded: Collection[str],
    tools: Callable[[], Sequence[ServedTool]],
    token: str | None,
    on_serving: Callable[[ServerUrls], Any] = lambda urls: None,
) -> Iterator[Agent]:
    """Serve the tools of a run meanwhile, where the agent is one that asks for them there.

    Args:
        agent: Any agent; one that is not `served` is yielded as it is.
        options: `serve_tools` says where to listen; a free port of this machine by default.
        recorded: The names of all tools that the recordings call.
        tools: Lists the tools to offer; asked once, in a thread, when a client wants them.
        token: What callers must know; a fresh one by default.
        on_serving: Called with the addresses once calls are answered.

    Raises:
        UsageError: when the address cannot be had, or the token is none.
    """
    if agent.tools != "served":
        yield agent
        return
    address = options.serve_tools
    host, port = parse_address(address, where=OPTION) if address is not None else (LOOPBACK, 0)
    key = new_token() if token is None else checked_token(token)
    turns = OpenTurns(tools)
    with running(turns, host=host, port=port, token=key, where=OPTION) as urls:
        on_serving(urls)
        yield ServedAgent(agent, urls, turns, recorded=recorded)
