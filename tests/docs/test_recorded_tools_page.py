"""What the page on recorded tools shows is what the code takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from reenact.cli.declared import declared_in

PAGE = (Path(__file__).resolve().parents[2] / "docs/guide/recorded-tools.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


SHOWN = """
import json
from reenact.tools.interceptor import interceptors
known = interceptors()
print(json.dumps({
    "effects": {name: one.effect for name, one in known.items()},
    "customer": [known["find_customer"].rules.key_fields, known["find_customer"].rules.volatile],
    "phone": known["find_by_phone"].normalise({"phone": "+31"}),
    "constant": known["list_countries"].rules.constant,
}))
"""


def test_the_decorators_on_the_page_are_taken() -> None:
    program = "\n".join([*blocks("python"), SHOWN])
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(shown.stdout) == {
        "effects": {
            "get_order": "read",
            "cancel_order": "write",
            "find_customer": "read",
            "find_by_phone": "read",
            "list_countries": "read",
        },
        "customer": [["email"], ["request_id"]],
        "phone": {"phone": "31"},
        "constant": True,
    }


def test_the_file_on_the_page_is_taken(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    (tmp_path / "tools.yaml").write_text(text)
    declared = declared_in(tmp_path / "tools.yaml")
    assert {rules.tool: rules.effect for rules in declared.rules} == {
        "find_customer": "read",
        "list_countries": "read",
        "cancel_order": "write",
    }
    assert [one.tool for one in declared.results] == ["get_order"]
