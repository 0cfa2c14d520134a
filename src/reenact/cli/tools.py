"""`reenact tools`: serve one recording's tools to a client that is driven by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from reenact.cli import console
from reenact.cli.declared import Declared, declared_in
from reenact.cli.desk import LocalDesk
from reenact.cli.finding import find_conversation
from reenact.cli.outcome import check_writable
from reenact.cli.served_text import announced, call_line, report_lines
from reenact.domain.conversation import Conversation, Effect, ToolCall
from reenact.domain.run import MissPolicy
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import read_settings
from reenact.tools.recorded import RecordedTools
from reenact.tools.served.by_hand import ByHand, HandTalk
from reenact.tools.served.definitions import Catalogue, ServedTool
from reenact.tools.served.running import parse_address, run_until_stopped
from reenact.tools.served.token import checked_token, new_token

app = App(name="tools", help="Serve one recording's tools, without a run.")


@app.command
def serve(
    *,
    session: str | None = None,
    trace: str | None = None,
    project: str | None = None,
    stdio: bool = False,
    http: str | None = None,
    declared: Path | None = None,
    on_miss: MissPolicy = "refuse",
    read: Annotated[list[str] | None, Parameter(negative="")] = None,
    write: Annotated[list[str] | None, Parameter(negative="")] = None,
    report: Path | None = None,
) -> int:
    """Serve one recording's tools to an MCP client, over stdio or HTTP. No tool is ever run.

    At the end it says what was served, what missed and why, and what was never asked for.
    Needs the extra: pip install 'reenact[mcp]'; the plain endpoint that --http adds does not.

    Args:
        session: The session id of the recording.
        trace: A trace id, instead of a session.
        project: The project; not needed where there is only one.
        stdio: Speak MCP over stdin and stdout, as a client starts its servers.
        http: Listen at [HOST:]PORT for MCP's streamable HTTP and the plain endpoint.
        declared: A YAML file of results for calls that the recording lacks, and of tool rules.
        on_miss: What a read gets that nothing recorded answers.
        read: A tool that only reads, where the recording does not say it.
        write: A tool that writes: each recorded call of it is served once.
        report: Write what was served to this file, as JSON.
    """
    if (session is None) == (trace is None):
        raise UsageError("name one recording", next_step="--session ID, or --trace ID")
    if stdio == (http is not None):
        raise UsageError("serve in one way", next_step="--stdio, or --http PORT")
    check_writable(report, option="--report")
    known = declared_in(declared) if declared else Declared()
    with Workspace() as workspace:
        id = session if session is not None else f"trace:{(trace or '').removeprefix('trace:')}"
        conversation = find_conversation(LocalDesk(workspace), id, project=project).conversation
    effects: dict[str, Effect] = dict.fromkeys(read or (), "read")
    effects |= dict.fromkeys(write or (), "write")
    offered = _offered(conversation, known, effects)
    tooling = ByHand(
        partial(
            RecordedTools,
            conversation,
            declared=known.results,
            rules=known.rules,
            effects=effects,
            on_miss=on_miss,
        ),
        tools=offered,
        on_call=_say,
    )
    console.notes().print(announced(conversation, offered), soft_wrap=True, style="dim")
    with suppress(KeyboardInterrupt):
        _serve(tooling, http)
    _report(tooling.served(), report)
    return 0


def _offered(
    conversation: Conversation,
    known: Declared,
    effects: Mapping[str, Effect],
) -> tuple[ServedTool, ...]:
    catalogue = Catalogue(effects, rules=known.rules)
    catalogue.add(conversation)
    catalogue.declare(known.results)
    offered = catalogue.tools()
    if not offered:
        raise UsageError(
            "this recording names no tool", where=conversation.id, next_step="choose another one"
        )
    if unknown := sorted(set(effects) - {tool.name for tool in offered}):
        raise UsageError(
            f"the recording names no tool {', '.join(unknown)}",
            where=conversation.id,
            next_step=f"it names {', '.join(tool.name for tool in offered)}",
        )
    return offered


def _serve(tooling: ByHand, http: str | None) -> None:
    if http is None:
        from reenact.tools.served.mcp_server import require_mcp

        require_mcp()
        from reenact.tools.served.stdio import serve_stdio

        asyncio.run(serve_stdio(tooling))
        return
    from reenact.listening.sockets import bind

    host, port = parse_address(http, where="--http")
    token = read_settings().tools_token
    with bind(host, port, keyed=True, where="--http") as bound:
        run_until_stopped(
            tooling,
            bound,
            token=new_token() if token is None else checked_token(token),
            host=host,
            on_ready=lambda urls: _say_where(urls.mcp, urls.tools),
        )


def _say_where(mcp: str, tools: str) -> None:
    from reenact.tools.served.mcp_server import is_available

    out, notes = console.data(), console.notes()
    if is_available():
        out.print(f"MCP: {mcp}", soft_wrap=True, markup=False)
    else:
        notes.print("no MCP here: pip install 'reenact[mcp]'", markup=False)
    out.print(f"HTTP: {tools}", soft_wrap=True, markup=False)
    out.file.flush()
    notes.print("Ctrl-C stops, and tells what was served.", style="dim")


def _say(talk: str, call: ToolCall) -> None:
    console.notes().print(call_line(call), soft_wrap=True)


def _report(served: Sequence[HandTalk], path: Path | None) -> None:
    notes = console.notes()
    for line in report_lines(served):
        notes.print(line, soft_wrap=True)
    if path is not None:
        from reenact import codec

        path.write_bytes(codec.to_json(tuple(served), kind=tuple[HandTalk, ...], indent=2))
        notes.print(f"report: {console.shown(str(path))}", soft_wrap=True)
