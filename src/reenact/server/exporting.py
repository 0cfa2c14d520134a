"""The lines that let an agent's exporter send its traces here."""

from __future__ import annotations


def exporter_lines(url: str, *, keyed: bool) -> tuple[str, ...]:
    """Return what to put into the environment of an agent, and the same in Python.

    `url` is the server's, `keyed` whether senders must show a key.
    """
    lines = (
        f"OTEL_EXPORTER_OTLP_ENDPOINT={url}",
        f'BatchSpanProcessor(OTLPSpanExporter(endpoint="{url}/v1/traces"))  # in Python',
    )
    if not keyed:
        return lines
    # Values of this variable are percent-encoded; the Python exporter reads it as well.
    return (*lines, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20rnk_YOUR_KEY")
