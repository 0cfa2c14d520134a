"""Every route, asked with whatever its schema allows and forbids, over a real server.

More examples find more: `REENACT_EXAMPLES=200 pytest tests/server/test_schemathesis.py -s`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from support.processes import serving

CONFIG = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
EXAMPLES = os.environ.get("REENACT_EXAMPLES", "4")

# A stream of events lasts as long as its run does; schemathesis waits for the end of an answer.
STREAMS = "/events$"


@pytest.mark.timeout(1200)
def test_every_route_answers_as_its_schema_says_whatever_it_is_asked(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert httpx2.post(f"{server.url}/api/v1/demo").status_code == 201
        ended = subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis",
                *("--config-file", CONFIG, "run", f"{server.url}/api/v1/openapi.json"),
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
