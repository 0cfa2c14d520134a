"""Hooks wait for their framework, know it from others of its name, and say where it has moved."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reenact.tools.hooks.families import living, wrap_family
from reenact.tools.hooks.frameworks import HOOKS

TOOL = """
from dataclasses import dataclass

@dataclass
class FunctionTool:
    name: str
    on_invoke_tool: object
"""
HOOKED = "from agents.tool import FunctionTool; print('on_invoke_tool' in vars(FunctionTool))"


def installed(folder: Path, *, version: str | None, source: str = TOOL) -> None:
    """Put a package `agents` into `folder`; with a version it is that of openai-agents."""
    (folder / "agents").mkdir()
    (folder / "agents" / "__init__.py").touch()
    (folder / "agents" / "tool.py").write_text(source)
    if version is not None:
        about = folder / f"openai_agents-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: openai-agents\nVersion: {version}\n"
        )


def run(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", "\n".join(["import reenact", *lines])],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "lines",
    [("reenact.instrument()", HOOKED), ("import agents.tool", "reenact.instrument()", HOOKED)],
    ids=["imported later", "imported before"],
)
def test_a_framework_is_hooked_whenever_it_is_imported(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    installed(tmp_path, version="0.30.1")
    done = run(tmp_path, *lines)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_hooked_module_keeps_its_own_loader(tmp_path: Path) -> None:
    installed(tmp_path, version="0.30.1")
    done = run(
        tmp_path,
        "reenact.instrument()",
        "import agents.tool, inspect",
        "print(type(agents.tool.__loader__).__name__, type(agents.tool.__spec__.loader).__name__)",
        "print('class FunctionTool' in inspect.getsource(agents.tool))",
    )
    assert done.stdout == "SourceFileLoader SourceFileLoader\nTrue\n"


def test_instrumenting_imports_no_framework_and_nothing_heavy(tmp_path: Path) -> None:
    installed(tmp_path, version="0.30.1")
    done = run(
        tmp_path,
        "import sys",
        "reenact.instrument()",
        "reenact.instrument()",
        "heavy = ('agents', 'pydantic', 'sqlalchemy', 'aiohttp', 'opentelemetry')",
        "print([name for name in heavy if name in sys.modules])",
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("framework_too", [False, True])
def test_somebody_elses_package_of_that_name_is_left_alone(
    tmp_path: Path, framework_too: bool
) -> None:
    own, site = tmp_path / "own", tmp_path / "site"
    own.mkdir()
    site.mkdir()
    installed(own, version=None)
    if framework_too:
        installed(site, version="0.30.1")
    done = run(own, "import sys", f"sys.path.append({str(site)!r})", "reenact.instrument()", HOOKED)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_place_that_has_moved_is_named_with_the_versions_that_are_known(tmp_path: Path) -> None:
    installed(tmp_path, version="0.30.1", source="class FunctionTool:\n    name: str = ''\n")
    done = run(tmp_path, "reenact.instrument()", "import agents.tool")
    assert done.returncode == 0
    assert (
        "HookWarning: reenact: The OpenAI Agents SDK's tools are not intercepted: FunctionTool "
        "has no field on_invoke_tool, in openai-agents 0.30.1. Known are versions 0.2 up to, "
        "without, 1. Replays of its tools are refused" in done.stderr
    )


def test_a_version_that_nobody_tried_is_hooked_and_warned_of(tmp_path: Path) -> None:
    installed(tmp_path, version="1.0.0rc1")
    done = run(tmp_path, "reenact.instrument()", HOOKED)
    assert done.stdout == "True\n"
    assert "openai-agents 1.0.0rc1 is untried" in done.stderr


def test_every_hook_says_which_versions_it_knows() -> None:
    assert [(hook.distribution, hook.since, hook.until) for hook in HOOKS] == [
        ("langchain-core", "0.3", "2"),
        ("openai-agents", "0.2", "1"),
        ("pydantic-ai-slim", "1", "3"),
        ("smolagents", "1.20", "2"),
        ("google-adk", "1", "3"),
        ("starlette", "0.27", "2"),
        ("flask", "2", "4"),
    ]


def test_a_family_is_wrapped_once_with_the_classes_that_come_later() -> None:
    class Parent:
        def speak(self) -> str:
            return "parent"

    class Child(Parent):
        def speak(self) -> str:
            return "child of " + super().speak()

    heard = []
    wrap_family(Parent, "speak", lambda self, speak, args, kwargs: heard.append(self) or speak())

    class Later(Child):
        def speak(self) -> str:
            return "later " + super().speak()

    later = Later()
    assert later.speak() == "later child of parent"
    assert heard == [later, later, later]
    assert Child().speak() == "child of parent"


def test_a_wrapped_coroutine_is_still_known_as_one() -> None:
    class Parent:
        async def speak(self) -> str:
            return "parent"

    wrap_family(Parent, "speak", lambda self, speak, args, kwargs: speak())

    assert inspect.iscoroutinefunction(Parent().speak)
    assert asyncio.run(Parent().speak()) == "parent"


def test_the_living_are_found_without_asking_proxies() -> None:
    class Thing:
        pass

    class Proxy:
        @property
        def __class__(self) -> type:
            raise AssertionError("a proxy was asked")

    one, _proxy = Thing(), Proxy()
    assert list(living([Thing])) == [one]
    assert list(living([])) == []
