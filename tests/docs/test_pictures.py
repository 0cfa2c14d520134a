"""The guide shows what the browser tests have seen, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"


def test_every_picture_of_the_guide_is_taken_by_the_story_and_shown() -> None:
    shown = set(
        re.findall(r"\(pictures/([\w-]+)\.png\)", (GUIDE / "in-the-browser.md").read_text())
    )
    story = (ROOT / "web" / "browser" / "tuesday.ts").read_text()
    taken = set(re.findall(r"picture\(page, '([\w-]+)'\)", story))
    kept = {file.stem for file in (GUIDE / "pictures").glob("*.png")}
    assert shown == taken == kept
