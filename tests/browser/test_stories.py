"""The pages in a real browser over a real server: each story is a file in `web/browser`.

With REENACT_PICTURES=FOLDER they leave pictures there; `make pictures` renews those of the guide.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from browser.conftest import send_hostile, tell
from support.processes import Server

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def pictures() -> Path | None:
    named = os.environ.get("REENACT_PICTURES")
    return Path(named).absolute() if named else None


@pytest.mark.parametrize("story", ["tuesday", "keyboard", "select_all", "every_page"])
def test_the_story(
    story: str, server: Server, node: Path, chromium: str, pictures: Path | None
) -> None:
    tell(story, server=server, node=node, chromium=chromium, pictures=pictures)


@pytest.mark.usefixtures("a_thousand")
def test_a_run_of_a_thousand_rows(
    a_thousand: None, server: Server, node: Path, chromium: str
) -> None:
    tell("thousand", server=server, node=node, chromium=chromium, pictures=None)


def test_hostile_spans_never_act(server: Server, node: Path, chromium: str) -> None:
    send_hostile(server)
    tell("hostile", server=server, node=node, chromium=chromium, pictures=None)
