"""Every command that the pages show is one that the command line takes; every link leads on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from reenact.cli.app import build_app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
    ]
)
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")


def commands_in(page: Path) -> Iterator[str]:
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            words = line.strip().removeprefix("$ ")
            if words.startswith("reenact "):
                yield re.split(r"\s{2,}#|\s#\s|;|\s{4,}", words)[0]


SHOWN = [
    pytest.param(command, id=f"{page.relative_to(ROOT)}: {command}")
    for page in PAGES
    for command in dict.fromkeys(commands_in(page))
]


@pytest.mark.parametrize("command", SHOWN)
def test_a_shown_command_is_understood(command: str) -> None:
    app = build_app()
    words = shlex.split(command)[1:]
    if words and words[0] == "--help":
        return

    found, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)

    assert found is not None
    assert bound is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_pages_show_commands() -> None:
    assert len(SHOWN) > 30
