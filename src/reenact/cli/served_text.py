"""What a tool server says to people: what it offers, each call, and a report at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reenact.cli.console import one_line, shown
from reenact.cli.run_text import shown_call
from reenact.domain.conversation import Conversation, ToolCall
from reenact.tools.served.by_hand import HandTalk
from reenact.tools.served.definitions import ServedTool


def announced(conversation: Conversation, tools: Sequence[ServedTool]) -> str:
    """Return the line that says which tools are served, and where their schemas come from."""
    names = ", ".join(tool.name for tool in tools)
    mined = sum(tool.mined for tool in tools)
    said = f"serving {len(tools)} tools of {conversation.id}: {names}"
    if mined:
        said += f"; schemas of {mined} made from recorded calls, the recording holds none"
    return shown(said)


def call_line(call: ToolCall) -> str:
    """Return one call and how it was answered, as rich markup."""
    asked = shown(one_line(shown_call(call), 200))
    if call.provenance == "refused":
        return f"[yellow]refused[/] {asked}"
    how = f"rung {call.served.rung}" if call.served and call.served.rung else call.provenance
    failed = " (a recorded failure)" if call.error is not None else ""
    return f"[dim]{call.provenance}, {how}{failed}[/] {asked}"


def report_lines(served: Sequence[HandTalk]) -> Iterator[str]:
    """Yield what every client was served, what missed and why, and what nobody asked for."""
    if not any(talk.calls for talk in served):
        yield "no tool was called"
    for talk in served:
        counts = Counter(_kind(call) for call in talk.calls)
        told = ", ".join(f"{n} {kind}" for kind, n in counts.items())
        yield f"{shown(one_line(talk.name, 40))}: {len(talk.calls)} calls: {told}"
        for call in talk.calls:
            if call.provenance == "refused":
                yield from _miss(call)
        if talk.unused:
            unused = "; ".join(one_line(shown_call(call), 80) for call in talk.unused)
            yield f"  never asked for: {shown(unused)}"


def _miss(call: ToolCall) -> Iterator[str]:
    yield f"  [yellow]miss[/] {shown(one_line(shown_call(call), 200))}"
    if call.served is None:
        return
    if call.served.miss:
        yield f"    {shown(one_line(call.served.miss, 400))}"
    if call.served.declare:
        yield "    to answer it, put this into a file for --declared:"
        yield from (f"      {shown(line)}" for line in call.served.declare.splitlines())


def _kind(call: ToolCall) -> str:
    rung = call.served.rung if call.served else None
    return f"{call.provenance} at rung {rung}" if rung else str(call.provenance)
