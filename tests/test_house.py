"""The house: what the package offers, what importing it costs, and that imports point down."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import reenact

PROJECT = Path(__file__).parents[1]
HEAVY = ("pydantic", "sqlalchemy", "fastapi", "aiohttp", "rich", "cyclopts", "opentelemetry")


def test_the_shop_window_holds_these_names_and_every_one_is_there() -> None:
    assert reenact.__all__ == [
        "AgentReply",
        "Filter",
        "ReenactError",
        "RequestedTool",
        "ToolFailed",
        "ToolRefused",
        "__version__",
        "fork",
        "instrument",
        "mcp_url",
        "replay",
        "tool",
    ]
    assert all(getattr(reenact, name) is not None for name in reenact.__all__)


def test_importing_a_room_does_not_hide_the_verb_of_its_name() -> None:
    import reenact.replay.conversation as room

    assert room.run_conversation
    assert callable(reenact.replay)


def test_importing_the_package_and_decorating_a_tool_loads_nothing_heavy() -> None:
    program = (
        "import sys, reenact\n"
        "reenact.tool(lambda order_id: order_id)('A-1')\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_the_contract_breaks_when_the_domain_imports_the_server(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "src", tmp_path / "src")
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    assert _contract(tmp_path).returncode == 0
    with (tmp_path / "src" / "reenact" / "domain" / "span.py").open("a") as code:
        code.write("\nimport reenact.server.app\n")
    broken = _contract(tmp_path)
    assert broken.returncode == 1
    assert "reenact.domain is not allowed to import reenact.server" in broken.stdout


def _contract(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_no_file_of_the_package_is_longer_than_a_person_reads_at_once() -> None:
    longer = {
        str(file.relative_to(PROJECT)): lines
        for file in (PROJECT / "src").rglob("*.py")
        if (lines := len(file.read_text().splitlines())) > 300
    }
    assert longer == {}
