"""Every route, asked with whatever its schema allows and forbids, over a real server.

More examples find more: `REENACT_EXAMPLES=200 pytest tests/server/test_schemathesis.py -s`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2
import pytest

from support.one_of_each import fill
from support.processes import serving
from support.workspaces import workspace_in

CONFIG = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
EXAMPLES = os.environ.get("REENACT_EXAMPLES", "4")

# A stream of events lasts as long as its run does; schemathesis waits for the end of an answer.
STREAMS = "/events$"
PLACES = {
    "projects": ("query.project_id", "body.project_id"),
    "conversations": ("query.conversation", "body.conversation"),
    "traces": ("query.trace_id",),
    "runs": ("body.run_id",),
    "replay-sessions": ("body.replay_session_id",),
    "calls": ("body.call_id",),
}
"""Where a request names a thing of each kind, besides the `id` in paths and queries."""


@pytest.mark.timeout(1200)
def test_every_route_answers_as_its_schema_says_whatever_it_is_asked(tmp_path: Path) -> None:
    with workspace_in(tmp_path) as workspace:
        things = fill(workspace)
    config = tmp_path / "schemathesis.toml"
    config.write_text("\n".join([CONFIG.read_text(), *names_of(things)]))
    with serving(tmp_path) as server:
        ended = subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis",
                *("--config-file", config, "run", f"{server.url}/api/v1/openapi.json"),
                *("--checks", "all", "--max-examples", EXAMPLES, "--exclude-path-regex", STREAMS),
                "--no-color",
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,  # it leaves a cache behind
            env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)},
        )
        sys.stdout.write(ended.stdout)
        documented = httpx2.get(f"{server.url}/api/v1/openapi.json").json()["paths"]
        assert httpx2.get(f"{server.url}/healthz").json()["status"] == "ok"
    assert ended.returncode == 0, ended.stdout[-10_000:] + ended.stderr
    operations = sum(
        len(methods) for path, methods in documented.items() if not re.search(STREAMS, path)
    )
    assert f"Tested: {operations}\n" in ended.stdout


def names_of(things: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of schemathesis' settings that name `things` where requests name such.

    Half of the requests then ask for what is there. Only those that read: started runs would
    take minutes.
    """
    yield "[dictionaries]"
    yield from (f"{kind} = {{ values = [{json.dumps(id)}] }}" for kind, id in things.items())
    yield "[parameters]"
    for kind, places in PLACES.items():
        yield from (_names(place, kind) for place in places)
    for kind in things:
        one = kind.removesuffix("s")
        yield "[[operations]]"
        yield 'include-method = "GET"'
        yield f'include-path-regex = "^/api/v1/({kind}/|{one}$|{one}/)"'
        yield "[operations.parameters]"
        yield from (_names(f"{where}.{name}", kind) for where, name in _NAMES)


_NAMES = (("path", "id"), ("query", "id"), ("query", "other"))


def _names(place: str, kind: str) -> str:
    return f'"{place}" = {{ dictionary = "{kind}", probability = 0.5 }}'
