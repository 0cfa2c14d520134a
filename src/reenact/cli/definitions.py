"""`reenact scenarios` and `reenact agents`: what replays have made."""

from __future__ import annotations

from cyclopts import App
from rich.table import Table

from reenact.cli import console
from reenact.cli.desk import Made, opened
from reenact.domain.agent import AgentDefinition
from reenact.domain.scenario import Scenario
from reenact.errors import UnknownId

scenarios = App(name="scenarios", help="List scenarios, or show one with its rows and graph.")
agents = App(name="agents", help="List agent definitions with their versions.")


@scenarios.command(name="list")
def list_scenarios(*, project: str | None = None, json: bool = False) -> None:
    """List the scenarios, newest first.

    Args:
        project: Only those of this project.
        json: Print JSON, rows and graphs included.
    """
    with opened() as desk:
        found = desk.made.scenarios(project)
    if json:
        console.print_json(list(found), kind=list[Scenario])
        return
    table = _table("id", "project", "name", "rows", "nodes", "edges")
    for one in found:
        sizes = (len(one.rows), len(one.graph.nodes), len(one.graph.edges))
        texts = (one.id, console.shown(one.project_id), console.shown(one.name))
        table.add_row(*texts, *(str(size) for size in sizes))
    console.data().print(table if found else "no scenarios yet: reenact replay --help")


@scenarios.command
def show(scenario: str, *, json: bool = False) -> None:
    """Show a scenario: its rows, and the graph mined from the recorded talks.

    Args:
        scenario: The scenario's id or name; of a name, the newest.
        json: Print the whole of it as JSON.
    """
    with opened() as desk:
        found = _found(desk.made, scenario)
    if json:
        console.print_json(found)
        return
    out = console.data()
    exact = sum(not row.variant for row in found.rows)
    out.print(f"[bold]{console.shown(found.name)}[/]  {console.shown(found.description)}")
    out.print(f"{found.asked} rows asked, {len(found.rows)} made: {exact} exact")
    for row in found.rows:
        out.print(f"  row {row.id}", soft_wrap=True)
    labels = {node.id: node.label for node in found.graph.nodes}
    for edge in found.graph.edges:
        said = console.one_line(edge.label, 60)
        way = f"{labels[edge.source]} -> {labels[edge.target]}"
        out.print(f"  {edge.count:4} x {console.shown(way)}  [dim]{console.shown(said)}[/]")


def _found(made: Made, scenario: str) -> Scenario:
    try:
        return made.scenario(scenario)
    except UnknownId as unknown:
        named = [one for one in made.scenarios() if one.name == scenario]
        if not named:
            raise UnknownId("scenario", unknown.ids, next_step="reenact scenarios list") from None
        return named[0]


@agents.default
def list_agents(*, project: str | None = None, json: bool = False) -> None:
    """List the agent definitions and what changed between their versions.

    Args:
        project: Only those of this project.
        json: Print JSON, snapshots included.
    """
    with opened() as desk:
        found = desk.made.agents(project)
    if json:
        console.print_json(list(found), kind=list[AgentDefinition])
        return
    table = _table("agent", "project", "version", "model", "made (UTC)", "note")
    for one in found:
        for version in one.versions:
            made = f"{version.created_at:%Y-%m-%d %H:%M}"
            model = console.shown(version.snapshot.model or "-")
            names = (console.shown(one.name), console.shown(one.project_id))
            table.add_row(*names, str(version.number), model, made, version.note)
    console.data().print(table if found else "no agents yet: reenact replay --help")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name)
    return table
