"""The counters, as they are shown."""

from __future__ import annotations

from reenact.capture.retention import Swept
from reenact.server.meters import Meters


def test_a_key_reads_no_name_of_another_project() -> None:
    meters = Meters()
    meters.swept(
        Swept(project=name, expired=1, sampled_out=0, spans=3) for name in ("shop", "harbour")
    )
    assert b'project="harbour"' in meters.text()
    seen = meters.text(sees=lambda project: project == "shop")
    assert b'project="shop"' in seen
    assert b"harbour" not in seen
    assert b"reenact_commit_seconds_bucket" in seen
