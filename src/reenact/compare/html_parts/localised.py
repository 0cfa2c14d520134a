"""Which turn of a row changed: the sentence, and the samples of each turn."""

from __future__ import annotations

from reenact.compare.html_parts.element import Html, badge, clipped, element
from reenact.compare.html_parts.status_names import STATUS_NAMES
from reenact.domain.comparison import Localised, TurnSamples


def localised_section(found: Localised) -> Html:
    """Return what turn mode found for one row."""
    whole = "divergence" if found.first_changed else "divergence none"
    return element(
        "section",
        element("h2", clipped(found.row_id, 200)),
        element("div", element("p", clipped(found.sentence, 1500)), class_=whole),
        element("h3", "Each turn, after the recorded ones before it"),
        element("table", element("tbody", (_turn(turn) for turn in found.turns)), class_="axes"),
        class_="call",
    )


def _turn(turn: TurnSamples) -> Html:
    statuses = [
        badge(f"{count} {STATUS_NAMES[status]}", f"status {status}")
        for status, count in turn.statuses.items()
    ]
    return element(
        "tr",
        element("th", f"Turn {turn.turn}", scope="row"),
        element("td", statuses or "not run"),
        element("td", clipped((turn.sentence or "").removeprefix(f"Turn {turn.turn}: "), 600)),
    )
