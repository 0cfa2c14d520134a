"""The report of a run as one HTML file: no script, no request to anywhere, safe to mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files

from reenact.compare.html_parts.calls import (
    call_section,
    divergence_text,
    mode_text,
    verdict_badge,
)
from reenact.compare.html_parts.element import Html, badge, clipped, css, element, group, moment
from reenact.compare.html_parts.localised import localised_section
from reenact.compare.html_parts.metrics import metrics_table
from reenact.compare.html_parts.status_names import STATUS_NAMES
from reenact.domain.comparison import STATUS_ORDER
from reenact.domain.run_view import CallView, RunView

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may load or run for this page: its own style sheet and nothing else."""


_MODES = {
    "turn": "turn by turn, after the recorded history",
    "both": "end to end, and turn by turn",
}


def render(run: RunView) -> str:
    """Return the report of `run` as a whole HTML document.

    Text from telemetry is only ever text in it: never HTML, a link or a style.
    """
    page = element("html", _head(run), element("body", _body(run)), lang="en")
    return f"<!doctype html>\n{page.markup}\n"


def _head(run: RunView) -> Html:
    style = files("reenact.compare.html_parts").joinpath("report.css").read_text("utf-8")
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Replay of {clipped(run.scenario, 100)}, {clipped(run.agent, 100)}"),
        css(style),
    )


def _body(run: RunView) -> Html:
    several = len(run.calls) > 1
    return element(
        "main",
        _header(run),
        (localised_section(found) for found in run.localised),
        _index(run.calls) if several else None,
        group(element("h2", "All calls, mean"), metrics_table(run.summary.metrics))
        if several
        else None,
        (call_section(call, number=number) for number, call in enumerate(run.calls, start=1)),
        element("footer", f"Reenact · run {clipped(run.id, 100)}"),
    )


def _header(run: RunView) -> Html:
    facts: Mapping[str, str | None] = {
        "Project": run.project,
        "Scenario": run.scenario,
        "Agent": f"{run.agent}, version {run.agent_version}",
        "Reached at": run.target,
        "User": run.user_policy,
        "Mode": _MODES.get(run.mode),
        "Repeats": str(run.repeats) if run.repeats > 1 else None,
        "When": moment(run.started_at or run.created_at),
        "Status": f"{run.status}: {run.reason}" if run.reason else run.status,
    }
    return element(
        "header",
        element("p", "Replay report", class_="kicker"),
        element("h1", clipped(run.scenario, 200)),
        element("div", _verdicts(run), class_="verdicts"),
        _bar(run.summary.turn_status),
        element("dl", (_fact(name, value) for name, value in facts.items() if value)),
    )


def _fact(name: str, value: str) -> Html:
    return element("div", element("dt", name), element("dd", clipped(value, 300)))


def _verdicts(run: RunView) -> Iterable[Html]:
    for verdict, count in run.summary.verdicts.items():
        yield badge(f"{count} {verdict.replace('_', ' ')}", f"verdict {verdict}")
    done = f"{run.summary.completed} of {run.summary.total} calls completed"
    failed = f", {run.summary.failed} failed" if run.summary.failed else ""
    cancelled = f", {run.summary.cancelled} cancelled" if run.summary.cancelled else ""
    yield element("span", f"{done}{failed}{cancelled}", class_="quiet")


def _bar(counts: Mapping[str, int]) -> Html | None:
    """Return how many turns are what, as labels from same to worst."""
    shown = [(status, counts.get(status, 0)) for status in reversed(STATUS_ORDER)]
    labels = [
        badge(f"{count} {STATUS_NAMES[status]}", f"status {status}")
        for status, count in shown
        if count
    ]
    return element("p", "Turns: ", labels, class_="statuses") if labels else None


def _index(calls: Iterable[CallView]) -> Html:
    rows = (
        element(
            "tr",
            element(
                "td",
                element("a", clipped(call.row, 120), href=f"#call-{number}"),
                element("span", mode_text(call), class_="quiet"),
            ),
            element("td", verdict_badge(call)),
            element("td", clipped(divergence_text(call), 300)),
        )
        for number, call in enumerate(calls, start=1)
    )
    return element("table", element("tbody", rows), class_="index")
